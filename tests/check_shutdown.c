/*
 * Shutting down: one, or all at once; who hears, who does not, who may not be
 * told.
 */
#define _GNU_SOURCE 1

#include "births.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/wait.h>

/* What comes on top of a grace. */
enum { SLACK_MS = 500 };

static int64_t begun;

static void
begin_clock(void)
{
	begun = clock_now_ms();
}

/* So long it took: least, and not much more. */
static void
expect_took(int64_t least)
{
	int64_t took = clock_now_ms() - begun;

	ck_assert_int_ge(took, least);
	ck_assert_int_lt(took, least +
	    (int64_t)(SLACK_MS * clock_multiplier()));
}

START_TEST(shutdown_of_one_that_hears_is_0_and_at_once)
{
	struct proclc_task *task = task_start(&task_waits, NULL);
	struct proclc_status status = PROCLC_STATUS_INIT;

	begin_clock();
	ck_assert_int_eq(proclc_task_shutdown(task, PROCLC_FOREVER,
	    &status), 0);
	expect_took(0);
	ck_assert_int_eq(status.kind, PROCLC_STATUS_KILLED);
	ck_assert_int_eq(status.signum, SIGTERM);
	proclc_task_free(task);
}
END_TEST

START_TEST(shutdown_of_a_stubborn_one_kills_after_the_grace)
{
	static const int64_t graces[] = { PROCLC_NOW, 150, 0 };
	static const int64_t least[] = { 0, 150, 3000 };
	struct proclc_task *task = task_start_stubborn();

	begin_clock();
	ck_assert_int_eq(proclc_task_shutdown(task, graces[_i], NULL), 1);
	expect_took(least[_i]);
	task_expect(task, PROCLC_STATUS_KILLED, SIGKILL);
	ck_assert_int_eq(proclc_task_shutdown(task, 0, NULL), 0);
	proclc_task_free(task);
}
END_TEST

/* It must go on to hear it. */
START_TEST(shutdown_of_a_stopped_one_is_heard)
{
	struct proclc_task *task = task_start(&task_waits, NULL);
	siginfo_t info;

	ck_assert_int_eq(proclc_task_kill(task, SIGSTOP), 0);
	ck_assert_int_eq(waitid(P_PID, (id_t)proclc_task_pid(task), &info,
	    WSTOPPED | WNOWAIT), 0);
	begin_clock();
	ck_assert_int_eq(proclc_task_shutdown(task, 2000, NULL), 0);
	expect_took(0);
	task_expect(task, PROCLC_STATUS_KILLED, SIGTERM);
	proclc_task_free(task);
}
END_TEST

START_TEST(shutdown_of_one_not_to_be_told_only_waits)
{
	struct proclc_task *task = task_make(&task_waits, NULL,
	    PROCLC_TASK_NO_TERMINATE_ON_SHUTDOWN);
	struct proclc_status status = PROCLC_STATUS_INIT;

	begin_clock();
	ck_assert_int_eq(proclc_task_shutdown(task, 60, &status),
	    PROCLC_ETIMEDOUT);
	expect_took(60);
	ck_assert_int_eq(status.kind, 0);
	ck_assert_int_eq(proclc_task_shutdown(task, PROCLC_NOW, NULL),
	    PROCLC_ETIMEDOUT);
	ck_assert_int_eq(proclc_shutdown_all(60), PROCLC_ETIMEDOUT);
	task_let_go(1);
	ck_assert_int_eq(proclc_task_shutdown(task, PROCLC_FOREVER,
	    &status), 0);
	ck_assert_int_eq(status.kind, PROCLC_STATUS_EXITED);
	ck_assert_int_eq(proclc_shutdown_all(0), 0);
	proclc_task_free(task);
}
END_TEST

/* Shut down with the default grace; a free may be all that is done. */
START_TEST(free_of_a_live_one_shuts_it_down)
{
	struct proclc_task *task = task_start(&task_waits, NULL);
	pid_t pid = (pid_t)proclc_task_pid(task);

	begin_clock();
	proclc_task_free(task);
	expect_took(0);
	ck_assert_int_eq(waitpid(pid, NULL, WNOHANG), -1);
}
END_TEST

/* Many at once. */

enum { MANY = 50 };

static struct proclc_task *tasks[4 * MANY];

static void
free_tasks(int n)
{
	while (n-- > 0)
		proclc_task_free(tasks[n]);
}

START_TEST(shutdown_all_of_stubborn_ones_takes_one_grace)
{
	int i;

	for (i = 0; i < MANY; i++)
		tasks[i] = task_start_stubborn();
	begin_clock();
	ck_assert_int_eq(proclc_shutdown_all(300), MANY);
	expect_took(300);
	for (i = 0; i < MANY; i++)
		ck_assert_int_eq(task_kind(tasks[i]), PROCLC_STATUS_KILLED);
	free_tasks(MANY);
}
END_TEST

START_TEST(shutdown_all_counts_those_that_were_killed)
{
	int i;

	for (i = 0; i < 10; i++)
		tasks[i] = i % 3 == 0 ? task_start_stubborn() :
		    task_start(&task_waits, NULL);
	begin_clock();
	ck_assert_int_eq(proclc_shutdown_all(100), 4);
	expect_took(100);
	for (i = 0; i < 10; i++)
		task_expect(tasks[i], PROCLC_STATUS_KILLED,
		    i % 3 == 0 ? SIGKILL : SIGTERM);
	free_tasks(10);
}
END_TEST

static int64_t
rest_long(void *unused)
{
	(void)unused;
	return 3600000;
}

START_TEST(shutdown_all_of_200_loops_is_done_in_a_second)
{
	static const struct proclc_loop_ops loop = {
		.size = sizeof(loop), .name = "loop", .loop = rest_long,
	};
	int i;

	for (i = 0; i < 4 * MANY; i++)
		ck_assert_int_eq(proclc_loop_new(&tasks[i], &loop, NULL, 0,
		    NULL), 0);
	begin_clock();
	ck_assert_int_eq(proclc_shutdown_all(0), 0);
	ck_assert(clock_now_ms() - begun <
	    (int64_t)(1000 * clock_multiplier()));
	for (i = 0; i < 4 * MANY; i++)
		task_expect(tasks[i], PROCLC_STATUS_EXITED, 0);
	free_tasks(4 * MANY);
}
END_TEST

/* One is not to be told, and lives: the others are shut down all the same. */
START_TEST(shutdown_all_with_a_survivor_is_ETIMEDOUT)
{
	struct proclc_error_detail detail = { .size = sizeof(detail) };

	tasks[0] = task_start(&task_waits, NULL);
	tasks[1] = task_make(&task_waits, NULL,
	    PROCLC_TASK_NO_TERMINATE_ON_SHUTDOWN);
	tasks[2] = task_start_stubborn();
	ck_assert_int_eq(proclc_shutdown_all(60), PROCLC_ETIMEDOUT);
	ck_assert_int_eq(proclc_error_detail(&detail), 0);
	ck_assert_int_eq(detail.pid, proclc_task_pid(tasks[1]));
	task_expect(tasks[0], PROCLC_STATUS_KILLED, SIGTERM);
	task_expect(tasks[2], PROCLC_STATUS_KILLED, SIGKILL);
	ck_assert_int_eq(task_kind(tasks[1]), PROCLC_STATUS_RUNNING);
	task_let_go(1);
	task_expect(tasks[1], PROCLC_STATUS_EXITED, 0);
	free_tasks(3);
}
END_TEST

/* Others at the same tasks. */

static void
free_it(struct proclc_task *task, const struct proclc_status *status,
    void *user)
{
	(void)status;
	(void)user;
	proclc_task_free(task);
	letter_put('f');
}

/* Each frees itself in its callback, while they are waited for. */
START_TEST(shutdown_all_beside_callbacks_that_free)
{
	int round, i;

	if (toolkit_skip_tsan(TSAN_FORK))
		return;
	letters_expect_library();
	for (round = 0; round < 20; round++) {
		for (i = 0; i < 10; i++) {
			tasks[i] = task_start(&task_waits, NULL);
			ck_assert_int_eq(proclc_task_on_exit(tasks[i],
			    free_it, NULL), 0);
		}
		ck_assert_int_eq(proclc_shutdown_all(0), 0);
		for (i = 0; i < 10; i++)
			ck_assert_int_eq(letter_get(0), 'f');
	}
}
END_TEST

static void *
shut_down(void *task)
{
	int rc = proclc_task_shutdown(task, 100, NULL);

	letter_put((char)('0' + rc));
	return NULL;
}

START_TEST(shutdown_in_several_threads_ends_in_all)
{
	struct proclc_task *task = task_start_stubborn();
	pthread_t threads[4];
	int i, killed = 0;

	for (i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, shut_down, task);
	for (i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	for (i = 0; i < 4; i++)
		killed += letter_get(0) == '1';
	ck_assert_int_ge(killed, 1);
	task_expect(task, PROCLC_STATUS_KILLED, SIGKILL);
	proclc_task_free(task);
}
END_TEST

/* It is just being started by another thread, which is held in fork: at the
 * gate, so the child must not wait there, too. */

static int
pause_for_ever(void *unused)
{
	(void)unused;
	while (pause() != 0)
		continue;
	return 0;
}

static const struct proclc_task_ops task_pauses = {
	.size = sizeof(task_pauses),
	.name = "pauses",
	.run = pause_for_ever,
};

static void
hold_starter(void)
{
	letter_put('h');
	task_wait_at_gate(NULL);
}

static void *
start_task(void *task)
{
	ck_assert_int_eq(proclc_task_start(task), 0);
	return NULL;
}

static void *
let_go_on(void *main_thread)
{
	int64_t deadline = clock_deadline(2000);

	while (process_state(*(pid_t *)main_thread) == 'R' &&
	    clock_left_ms(deadline) > 0)
		poll(NULL, 0, 1);
	task_let_go(1);
	return NULL;
}

START_TEST(shutdown_all_reaches_one_that_is_being_started)
{
	pthread_t starter, helper;
	struct proclc_task *task;
	pid_t self = getpid();

	if (toolkit_skip_tsan(TSAN_FORK))
		return;
	task = task_make(&task_pauses, NULL, PROCLC_TASK_EXPLICIT_START);
	birth_parent = hold_starter;
	pthread_create(&starter, NULL, start_task, task);
	ck_assert_int_eq(letter_get(0), 'h');
	begin_clock();
	pthread_create(&helper, NULL, let_go_on, &self);
	ck_assert_int_eq(proclc_shutdown_all(2000), 0);
	ck_assert(clock_now_ms() - begun <
	    (int64_t)(1500 * clock_multiplier()));
	pthread_join(starter, NULL);
	pthread_join(helper, NULL);
	task_expect(task, PROCLC_STATUS_KILLED, SIGTERM);
	proclc_task_free(task);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("shutdown");
	TCase *tcase = tcase_create("shutdown");

	tcase_add_checked_fixture(tcase, birth_setup, toolkit_teardown);
	tcase_add_test(tcase, shutdown_of_one_that_hears_is_0_and_at_once);
	tcase_add_loop_test(tcase,
	    shutdown_of_a_stubborn_one_kills_after_the_grace, 0, 3);
	tcase_add_test(tcase, shutdown_of_a_stopped_one_is_heard);
	tcase_add_test(tcase, shutdown_of_one_not_to_be_told_only_waits);
	tcase_add_test(tcase, free_of_a_live_one_shuts_it_down);
	tcase_add_test(tcase,
	    shutdown_all_of_stubborn_ones_takes_one_grace);
	tcase_add_test(tcase, shutdown_all_counts_those_that_were_killed);
	tcase_add_test(tcase,
	    shutdown_all_of_200_loops_is_done_in_a_second);
	tcase_add_test(tcase, shutdown_all_with_a_survivor_is_ETIMEDOUT);
	tcase_add_test(tcase, shutdown_all_beside_callbacks_that_free);
	tcase_add_test(tcase, shutdown_in_several_threads_ends_in_all);
	tcase_add_test(tcase,
	    shutdown_all_reaches_one_that_is_being_started);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
