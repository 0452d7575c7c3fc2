/*
 * Shutting down a set: those and no others, one grace, and who had to be
 * killed or lives all the same is told.
 */
#define _GNU_SOURCE 1

#include "tasks.h"

#include <proclc/atexit.h>

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

/* What comes on top of a grace. */
enum { SLACK_MS = 500, KILL_WAIT_MS = 2000 };

/* Ended by this signal, and by force or not. */
static void
expect_end(struct proclc_task *task, int signum, int forced)
{
	struct proclc_status status = PROCLC_STATUS_INIT;

	ck_assert_int_eq(proclc_task_wait(task, task_bound(), &status), 0);
	ck_assert_int_eq(status.kind, PROCLC_STATUS_KILLED);
	ck_assert_int_eq(status.signum, signum);
	ck_assert_int_eq(status.forced, forced);
}

/* The library's lines. */
static char lines[4096];

static void
keep_line(const char *line, void *unused)
{
	size_t n = strlen(lines);

	(void)unused;
	snprintf(lines + n, sizeof(lines) - n, "%s\n", line);
}

static void
setup(void)
{
	task_setup();
	lines[0] = '\0';
	proclc_set_log(keep_line, NULL);
}

static void
teardown(void)
{
	proclc_set_log(NULL, NULL);
	toolkit_teardown();
}

static void
expect_line(const struct proclc_task *task, const char *name,
    const char *rest)
{
	char line[128];

	snprintf(line, sizeof(line), "%s (pid %lld) %s", name,
	    (long long)proclc_task_pid(task), rest);
	ck_assert_msg(strstr(lines, line) != NULL, "no \"%s\" in\n%s", line,
	    lines);
}

START_TEST(shutdown_set_is_for_the_set)
{
	struct proclc_task *tasks[4];
	int64_t before;
	int i;

	for (i = 0; i < 4; i++)
		tasks[i] = i % 2 == 0 ? task_start_stubborn() :
		    task_start(&task_waits, NULL);
	before = clock_now_ms();
	ck_assert_int_eq(proclc_shutdown_set(tasks, 3, 100), 2);
	ck_assert_int_ge(clock_now_ms() - before, 100);
	ck_assert_int_lt(clock_now_ms() - before, 100 +
	    (int64_t)(SLACK_MS * clock_multiplier()));
	for (i = 0; i < 3; i++)
		expect_end(tasks[i], i % 2 == 0 ? SIGKILL : SIGTERM,
		    i % 2 == 0);
	ck_assert_int_eq(task_kind(tasks[3]), PROCLC_STATUS_RUNNING);
	expect_line(tasks[0], "stubborn", "had to be killed");
	expect_line(tasks[2], "stubborn", "had to be killed");
	ck_assert_ptr_null(strstr(lines, "waits"));
	/* Again, and it is over. */
	ck_assert_int_eq(proclc_shutdown_set(tasks, 3, 100), 0);
	for (i = 0; i < 4; i++)
		proclc_task_free(tasks[i]);
}
END_TEST

/* Killed by others than a shutdown, or in one that had not to. */
START_TEST(forced_is_what_a_shutdown_killed)
{
	struct proclc_task *task = task_start(&task_waits, NULL);

	ck_assert_int_eq(proclc_task_kill(task, SIGKILL), 0);
	ck_assert_int_eq(proclc_task_shutdown(task, 0, NULL), 0);
	expect_end(task, SIGKILL, 0);
	proclc_task_free(task);
	task = task_start(&task_waits, NULL);
	ck_assert_int_eq(proclc_task_shutdown(task, 0, NULL), 0);
	expect_end(task, SIGTERM, 0);
	proclc_task_free(task);
	ck_assert_str_eq(lines, "");
}
END_TEST

START_TEST(shutdown_set_names_one_that_may_not_be_killed)
{
	struct proclc_task *tasks[3] = {
		task_start_stubborn(),
		task_make(&task_waits, NULL,
		    PROCLC_TASK_NO_TERMINATE_ON_SHUTDOWN),
		task_start(&task_waits, NULL),
	};
	struct proclc_error_detail detail = { .size = sizeof(detail) };
	int i;

	ck_assert_int_eq(proclc_shutdown_set(tasks, 3, 50),
	    PROCLC_ETIMEDOUT);
	ck_assert_int_eq(proclc_error_detail(&detail), 0);
	ck_assert_int_eq(detail.pid, proclc_task_pid(tasks[1]));
	ck_assert_msg(strstr(proclc_errmsg(), "waits: pid ") != NULL,
	    "%s", proclc_errmsg());
	expect_end(tasks[0], SIGKILL, 1);
	expect_end(tasks[2], SIGTERM, 0);
	ck_assert_int_eq(task_kind(tasks[1]), PROCLC_STATUS_RUNNING);
	task_let_go(1);
	task_expect(tasks[1], PROCLC_STATUS_EXITED, 0);
	for (i = 0; i < 3; i++)
		proclc_task_free(tasks[i]);
}
END_TEST

START_TEST(shutdown_set_refuses_what_is_none)
{
	struct proclc_task *task = task_start(&task_waits, NULL);
	struct proclc_task *none[2] = { task, NULL };

	ck_assert_int_eq(proclc_shutdown_set(NULL, 0, 0), 0);
	ck_assert_int_eq(proclc_shutdown_set(NULL, 1, 0), PROCLC_EINVAL);
	ck_assert_int_eq(proclc_shutdown_set(none, 2, 0), PROCLC_EINVAL);
	ck_assert_int_eq(proclc_shutdown_set(none, 1, -7), PROCLC_EINVAL);
	ck_assert_int_eq(task_kind(task), PROCLC_STATUS_RUNNING);
	proclc_task_free(task);
}
END_TEST

static void
free_it(struct proclc_task *task, const struct proclc_status *status,
    void *user)
{
	(void)status;
	proclc_task_free(task);
	letter_put(*(char *)user);
}

START_TEST(shutdown_set_keeps_those_that_callbacks_free)
{
	struct proclc_task *tasks[10];
	int round, i;

	letters_expect_library();
	for (round = 0; round < 10; round++) {
		for (i = 0; i < 10; i++) {
			tasks[i] = i == 9 ? task_start_stubborn() :
			    task_start(&task_waits, NULL);
			ck_assert_int_eq(proclc_task_on_exit(tasks[i],
			    free_it, letter_name('f')), 0);
		}
		ck_assert_int_ge(proclc_shutdown_set(tasks, 10, 30), 1);
		for (i = 0; i < 10; i++)
			ck_assert_int_eq(letter_get(0), 'f');
	}
}
END_TEST

static void
free_at_end(struct proclc_task *task, const struct proclc_status *status,
    void *unused)
{
	(void)status;
	(void)unused;
	proclc_task_free(task);
}

/* The last one takes along what the exit handler goes by. */
START_TEST(exit_keeps_what_callbacks_free)
{
	struct proclc_task *task;
	int round, status;
	pid_t pid;

	if (toolkit_skip_tsan(TSAN_FORK))
		return;
	for (round = 0; round < 20; round++) {
		pid = fork();
		if (pid == 0) {
			task = task_start(&task_waits, NULL);
			proclc_task_on_exit(task, free_at_end, NULL);
			proclc_exit(7);
		}
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		ck_assert_int_eq(status, 7 << 8);
	}
}
END_TEST

static void
put_letter(int unused)
{
	(void)unused;
	letter_put('t');
}

static int
hear_and_stay(void *unused)
{
	signal(SIGTERM, put_letter);
	letter_put('r');
	return task_wait_at_gate(unused);
}

static const struct proclc_task_ops staying = {
	.size = sizeof(staying), .name = "staying", .run = hear_and_stay,
};

static void *
shut_down_all(void *rc)
{
	*(int *)rc = proclc_shutdown_all(PROCLC_FOREVER);
	return NULL;
}

/* Where one that hears and stays keeps that going. */
START_TEST(shutdown_all_spares_one_not_to_be_told_that_starts_meanwhile)
{
	struct proclc_task *tasks[2];
	pthread_t thread;
	int i, rc = -1;

	if (toolkit_skip_tsan(TSAN_FORK))
		return;
	tasks[0] = task_start(&staying, NULL);
	ck_assert_int_eq(letter_get(0), 'r');
	pthread_create(&thread, NULL, shut_down_all, &rc);
	ck_assert_int_eq(letter_get(0), 't');
	tasks[1] = task_make(&task_waits, NULL, PROCLC_TASK_WAIT_FOR_CHILD |
	    PROCLC_TASK_NO_TERMINATE_ON_SHUTDOWN);
	ck_assert_int_eq(proclc_task_wait(tasks[1], 300, NULL),
	    PROCLC_ETIMEDOUT);
	task_let_go(2);
	pthread_join(thread, NULL);
	ck_assert_int_eq(rc, 0);
	for (i = 0; i < 2; i++) {
		task_expect(tasks[i], PROCLC_STATUS_EXITED, 0);
		proclc_task_free(tasks[i]);
	}
}
END_TEST

/* Traces a process until it is let go; then dies, and with it the trace. */
static pid_t
start_tracer(pid_t pid, bool stop)
{
	pid_t tracer = fork();

	if (tracer != 0)
		return tracer;
	if (ptrace(stop ? PTRACE_ATTACH : PTRACE_SEIZE, pid, NULL, NULL) != 0)
		letter_put('-');
	else if (stop && waitpid(pid, NULL, __WALL) != pid)
		letter_put('?');
	else
		letter_put('T');
	_exit(task_wait_at_gate(NULL));
}

/* Why it lives, as far as the system can tell. */
static void
expect_reason(const struct proclc_task *task, pid_t tracer)
{
	char why[64] = "lives", words[96];

	if (backend_is("process", "pidfd"))
		snprintf(why, sizeof(why), "is held by its tracer, pid %d",
		    (int)tracer);
	snprintf(words, sizeof(words), "stubborn: pid %lld %s",
	    (long long)proclc_task_pid(task), why);
	ck_assert_msg(strstr(proclc_errmsg(), words) != NULL, "%s",
	    proclc_errmsg());
	snprintf(words, sizeof(words), "was killed and %s", why);
	expect_line(task, "stubborn", words);
}

/* Killed, it is not gone before its tracer has let it go: stopped or not. */
START_TEST(shutdown_names_who_is_held_by_a_tracer)
{
	struct proclc_task *task = task_start_stubborn();
	pid_t tracer = start_tracer((pid_t)proclc_task_pid(task), _i == 1);
	int64_t before = clock_now_ms();
	int letter = letter_get(0);

	if (letter == '-') {
		toolkit_skip("a traced task: it may not be");
	} else {
		ck_assert_int_eq(letter, 'T');
		ck_assert_int_eq(proclc_task_shutdown(task, 50, NULL),
		    PROCLC_ETIMEDOUT);
		ck_assert_int_ge(clock_now_ms() - before, 50 + KILL_WAIT_MS);
		ck_assert_int_lt(clock_now_ms() - before, 50 + KILL_WAIT_MS +
		    (int64_t)(SLACK_MS * clock_multiplier()));
		expect_reason(task, tracer);
	}
	ck_assert_int_eq(kill(tracer, SIGKILL), 0);
	ck_assert_int_eq(waitpid(tracer, NULL, 0), tracer);
	if (letter == 'T')
		expect_end(task, SIGKILL, 1);
	proclc_task_free(task);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("shutdown_set");
	TCase *tcase = tcase_create("shutdown_set");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, shutdown_set_is_for_the_set);
	tcase_add_test(tcase, forced_is_what_a_shutdown_killed);
	tcase_add_test(tcase, shutdown_set_names_one_that_may_not_be_killed);
	tcase_add_test(tcase, shutdown_set_refuses_what_is_none);
	tcase_add_test(tcase, shutdown_set_keeps_those_that_callbacks_free);
	tcase_add_test(tcase, exit_keeps_what_callbacks_free);
	tcase_add_test(tcase,
	    shutdown_all_spares_one_not_to_be_told_that_starts_meanwhile);
	tcase_add_loop_test(tcase, shutdown_names_who_is_held_by_a_tracer, 0,
	    2);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
