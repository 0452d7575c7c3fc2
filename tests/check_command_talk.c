/*
 * The pipes to a program, served until it is done.
 */
#define _GNU_SOURCE 1

#include "commands.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>

static const struct proclc_command_options plain =
    PROCLC_COMMAND_OPTIONS_INIT;

START_TEST(talk_gives_and_hears_both)
{
	struct proclc_command_options o = command_piped();

	ck_assert_str_eq(command_finish(command_start(&o, "sh", "-c",
	    "cat; echo err >&2; exit 3", NULL), "input", 3), "input");
	ck_assert_str_eq(command_err.bytes, "err\n");
}
END_TEST

START_TEST(talk_runs_a_pipeline)
{
	struct proclc_command_options o = command_piped();

	ck_assert_str_eq(command_finish(command_start(&o, "sh", "-c",
	    "sort | head -n 2 | tr a-z A-Z", NULL), "c\nb\na\n", 0), "A\nB");
}
END_TEST

START_TEST(talk_without_pipes_waits_for_the_end)
{
	command_finish(command_start(&plain, "true", NULL), NULL, 0);
	command_finish(command_start(&plain, "sh", "-c", "exit 2", NULL),
	    "nobody hears this", 2);
}
END_TEST

static void *
start_it(void *task)
{
	return proclc_task_start(task) == 0 ? task : NULL;
}

/* Its start waits for somebody who opens the other end of its stdin. */
START_TEST(talk_to_one_that_is_being_started_is_bounded)
{
	struct proclc_command_options o = plain;
	struct proclc_task *task;
	pthread_t thread;
	char path[512];
	void *started;
	int fd;

	toolkit_expect(TOOLKIT_FILES);
	snprintf(path, sizeof(path), "%s/fifo", toolkit_dir());
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	o.in.kind = PROCLC_STDIO_FILE;
	o.in.path = path;
	o.flags = PROCLC_TASK_EXPLICIT_START;
	task = command_start(&o, "cat", NULL);
	pthread_create(&thread, NULL, start_it, task);
	while (proclc_task_state(task) == PROCLC_TASK_NEW)
		poll(NULL, 0, 1);
	ck_assert_int_eq(proclc_command_talk(task, NULL, 50),
	    PROCLC_ETIMEDOUT);
	ck_assert_int_eq(proclc_command_talk(task, NULL, 0),
	    PROCLC_ETIMEDOUT);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	ck_assert_int_ge(fd, 0);
	pthread_join(thread, &started);
	ck_assert_ptr_eq(started, task);
	close(fd);
	command_finish(task, NULL, 0);
}
END_TEST

START_TEST(talk_to_nobody_drops_what_comes)
{
	struct proclc_command_options o = command_piped();
	struct proclc_task *task = command_start(&o, "sh", "-c",
	    "cat; head -c 300000 /dev/zero", NULL);

	ck_assert_int_eq(proclc_command_talk(task, NULL, task_bound()), 0);
	task_expect(task, PROCLC_STATUS_EXITED, 0);
	proclc_task_free(task);
}
END_TEST

/* A lot, both ways; what comes back is counted and summed. */
struct flood {
	size_t n;
	uint64_t sum;
};

static void
count_flood(const void *data, size_t n, void *user)
{
	const unsigned char *bytes = data;
	struct flood *flood = user;

	for (size_t i = 0; i < n; i++)
		flood->sum = flood->sum * 31 + bytes[i];
	flood->n += n;
}

START_TEST(talk_gives_64_mb_and_hears_them)
{
	const size_t size = 64u << 20;
	struct proclc_command_options o = command_piped();
	struct proclc_talk talk = PROCLC_TALK_INIT;
	struct flood heard = { 0, 0 }, given = { 0, 0 };
	unsigned char *much = malloc(size);
	struct proclc_task *task;

	ck_assert_ptr_nonnull(much);
	for (size_t i = 0; i < size; i++)
		much[i] = (unsigned char)(i * 7 + (i >> 12));
	count_flood(much, size, &given);
	talk.in = much;
	talk.in_size = size;
	talk.out = count_flood;
	talk.user = &heard;
	task = command_start(&o, "cat", NULL);
	ck_assert_int_eq(proclc_command_talk(task, &talk, 6 * task_bound()),
	    0);
	task_expect(task, PROCLC_STATUS_EXITED, 0);
	proclc_task_free(task);
	free(much);
	ck_assert_uint_eq(heard.n, given.n);
	ck_assert(heard.sum == given.sum);
}
END_TEST

static volatile sig_atomic_t pipes_broken;

static void
count_sigpipe(int unused)
{
	(void)unused;
	pipes_broken++;
}

/* It reads nothing, and no SIGPIPE comes: caught, ignored or neither. */
START_TEST(talk_to_who_closes_stdin_is_no_error)
{
	struct proclc_command_options o = command_piped();
	char much[300000];
	struct sigaction action = { .sa_handler = _i == 0 ? SIG_DFL :
	    _i == 1 ? SIG_IGN : count_sigpipe }, before;
	sigset_t pending;

	memset(much, 'x', sizeof(much) - 1);
	much[sizeof(much) - 1] = '\0';
	sigaction(SIGPIPE, &action, &before);
	ck_assert_str_eq(command_finish(command_start(&o, "sh", "-c",
	    "exec <&-; echo on; exec >&-; sleep 0.05", NULL), much, 0), "on");
	sigpending(&pending);
	sigaction(SIGPIPE, &before, NULL);
	ck_assert_int_eq(pipes_broken, 0);
	ck_assert_int_eq(sigismember(&pending, SIGPIPE), 0);
}
END_TEST

/* Its daemon keeps the pipes; that does not keep us. */
START_TEST(talk_is_bounded_when_a_daemon_keeps_the_pipes)
{
	struct proclc_command_options o = command_piped();
	struct proclc_talk talk = command_talk("");
	struct proclc_task *task = command_start(&o, "sh", "-c",
	    "setsid sh -c 'echo $$; exec sleep 1000' & exec sleep 0", NULL);
	int64_t began = clock_now_ms();
	pid_t daemon;

	talk.linger_ms = 300;
	ck_assert_int_eq(proclc_command_talk(task, &talk, task_bound()), 1);
	ck_assert_int_ge(clock_now_ms() - began, 300);
	ck_assert_int_lt(clock_now_ms() - began, task_bound());
	daemon = (pid_t)atoi(command_out.bytes);
	ck_assert_int_gt(daemon, 1);
	ck_assert(process_alive(daemon));
	proclc_task_free(task);
	ck_assert_int_eq(kill(daemon, SIGKILL), 0);
	process_wait_gone(daemon, 0);
}
END_TEST

/* One that says more and more is not heard for ever, nor for no time. */
START_TEST(talk_is_bounded_when_a_daemon_floods_us)
{
	struct proclc_command_options o = command_piped();
	struct proclc_talk talk = PROCLC_TALK_INIT;
	struct proclc_task *task = command_start(&o, "sh", "-c",
	    "setsid yes & echo $! >&2", NULL);

	command_err.n = 0;
	talk.err = command_hear_err;
	talk.linger_ms = _i == 0 ? PROCLC_NOW : 50;
	ck_assert_int_eq(proclc_command_talk(task, &talk, task_bound()), 1);
	/* That it is gone with the last reader. */
	proclc_task_free(task);
	process_wait_gone((pid_t)atoi(command_err.bytes), 0);
}
END_TEST

START_TEST(talk_that_lingers_now_hears_what_was_said)
{
	struct proclc_command_options o = command_piped();
	struct proclc_talk talk = command_talk("");
	struct proclc_task *task = command_start(&o, "sh", "-c",
	    "head -c 60000 /dev/zero; echo $$ >&2; setsid sleep 1000 &"
	    " echo $! >&2", NULL);
	int pids[2];

	/* It has ended before we hear it. */
	task_expect(task, PROCLC_STATUS_EXITED, 0);
	talk.linger_ms = PROCLC_NOW;
	ck_assert_int_eq(proclc_command_talk(task, &talk, task_bound()), 1);
	ck_assert_uint_eq(command_out.n, 60000);
	ck_assert_int_eq(sscanf(command_err.bytes, "%d %d", &pids[0],
	    &pids[1]), 2);
	proclc_task_free(task);
	kill(pids[1], SIGKILL);
	process_wait_gone(pids[1], 0);
}
END_TEST

START_TEST(talk_that_timed_out_goes_on)
{
	struct proclc_command_options o = command_piped();
	struct proclc_talk talk;
	struct proclc_task *task;
	static char much[100009];
	int rc, rounds = 0;

	task = command_start(&o, "sh", "-c",
	    "read a; echo $a; " COMMAND_WAIT "cat | wc -c", NULL);
	memset(much, 'x', sizeof(much) - 1);
	memcpy(much, "first\n", 6);
	talk = command_talk(much);
	while ((rc = proclc_command_talk(task, &talk, 20)) ==
	    PROCLC_ETIMEDOUT && rounds++ < 1000)
		if (rounds == 3)
			task_let_go(1);
	ck_assert_int_eq(rc, 0);
	ck_assert_int_ge(rounds, 3);
	ck_assert_str_eq(command_out.bytes, "first\n100002\n");
	proclc_task_free(task);
}
END_TEST

START_TEST(talk_with_no_time_takes_what_is_there)
{
	struct proclc_command_options o = command_piped();
	struct proclc_talk talk = command_talk("a\nb\n");
	struct proclc_task *task = command_start(&o, "sh", "-c",
	    "read a; echo $a; read b; echo $b; exec sleep 1000", NULL);
	int64_t due = clock_deadline(0);

	while (command_out.n < 4 && clock_now_ms() < due)
		ck_assert_int_eq(proclc_command_talk(task, &talk, 0),
		    PROCLC_ETIMEDOUT);
	ck_assert_str_eq(command_out.bytes, "a\nb\n");
	ck_assert_int_eq(proclc_task_shutdown(task, 0, NULL), 0);
	ck_assert_int_eq(proclc_command_talk(task, &talk, 0), 0);
	proclc_task_free(task);
}
END_TEST

/* It waits, and does not look all the time: its processor time is next to
 * none. */
START_TEST(talk_that_waits_does_nothing)
{
	struct proclc_command_options o = command_piped();
	struct proclc_talk talk = command_talk("");
	struct proclc_task *task = command_start(&o, "sh", "-c",
	    "exec <&- >&-; exec sleep 1000", NULL);
	struct timespec before, after;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &before);
	ck_assert_int_eq(proclc_command_talk(task, &talk, 300),
	    PROCLC_ETIMEDOUT);
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &after);
	ck_assert_int_lt((after.tv_sec - before.tv_sec) * 1000 +
	    (after.tv_nsec - before.tv_nsec) / 1000000, 50);
	proclc_task_free(task);
}
END_TEST

struct closer {
	struct proclc_task *task;
	int n;
};

static void
close_stdin(const void *data, size_t n, void *user)
{
	struct closer *closer = user;

	(void)data;
	(void)n;
	if (closer->n++ == 0)
		task_let_go(1);
	ck_assert_int_eq(proclc_command_close(closer->task, 0), 0);
	ck_assert_int_eq(proclc_command_talk(closer->task, NULL, 0),
	    PROCLC_EBUSY);
}

/* A callback may close an end: no more is given then. */
START_TEST(talk_callback_may_close_stdin)
{
	struct proclc_command_options o = command_piped();
	struct proclc_talk talk = PROCLC_TALK_INIT;
	static char much[1 << 20];
	struct closer closer = { command_start(&o, "sh", "-c",
	    "echo a; " COMMAND_WAIT "exec cat", NULL), 0 };

	memset(much, '\n', sizeof(much));
	talk.in = much;
	talk.in_size = sizeof(much);
	talk.out = close_stdin;
	talk.user = &closer;
	ck_assert_int_eq(proclc_command_talk(closer.task, &talk,
	    task_bound()), 0);
	ck_assert_int_ge(closer.n, 1);
	proclc_task_free(closer.task);
}
END_TEST

static void
end_thread(const void *data, size_t n, void *user)
{
	(void)data;
	(void)n;
	(void)user;
	pthread_exit(NULL);
}

static void *
talk_and_vanish(void *task)
{
	struct proclc_talk talk = PROCLC_TALK_INIT;

	talk.out = end_thread;
	proclc_command_talk(task, &talk, PROCLC_FOREVER);
	return task;
}

START_TEST(talk_callback_may_end_its_thread)
{
	struct proclc_command_options o = command_piped();
	struct proclc_talk talk = command_talk("");
	struct proclc_task *task = command_start(&o, "sh", "-c",
	    "echo a; " COMMAND_WAIT "echo b", NULL);
	pthread_t thread;

	pthread_create(&thread, NULL, talk_and_vanish, task);
	pthread_join(thread, NULL);
	task_let_go(1);
	ck_assert_int_eq(proclc_command_talk(task, &talk, task_bound()), 0);
	ck_assert_str_eq(command_out.bytes, "b\n");
	proclc_task_free(task);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *s = suite_create("command_talk");
	TCase *tc = tcase_create("talk");

	tcase_add_checked_fixture(tc, task_setup, toolkit_teardown);
	tcase_add_test(tc, talk_gives_and_hears_both);
	tcase_add_test(tc, talk_to_one_that_is_being_started_is_bounded);
	tcase_add_test(tc, talk_runs_a_pipeline);
	tcase_add_test(tc, talk_without_pipes_waits_for_the_end);
	tcase_add_test(tc, talk_to_nobody_drops_what_comes);
	tcase_add_test(tc, talk_gives_64_mb_and_hears_them);
	tcase_add_loop_test(tc, talk_to_who_closes_stdin_is_no_error, 0, 3);
	tcase_add_test(tc, talk_is_bounded_when_a_daemon_keeps_the_pipes);
	tcase_add_loop_test(tc, talk_is_bounded_when_a_daemon_floods_us, 0,
	    2);
	tcase_add_test(tc, talk_that_lingers_now_hears_what_was_said);
	tcase_add_test(tc, talk_that_timed_out_goes_on);
	tcase_add_test(tc, talk_with_no_time_takes_what_is_there);
	tcase_add_test(tc, talk_that_waits_does_nothing);
	tcase_add_test(tc, talk_callback_may_close_stdin);
	tcase_add_test(tc, talk_callback_may_end_its_thread);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
