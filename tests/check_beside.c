/* Handled signals beside what a program does with signals by itself: threads
 * that wait for one, masks, pending signals, actions of before. */
#define _GNU_SOURCE 1

#include "backend.h"
#include "toolkit/toolkit.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static struct scenario s;

static void
answers(const char *command, const char *answer)
{
	scenario_send(&s, "%s", command);
	scenario_expect(&s, "%s", answer);
}

static void
begin(void)
{
	scenario_start(&s, "beside", NULL);
}

static void
end(void)
{
	scenario_send(&s, "return");
	scenario_expect_exit(&s, 0);
}

/* The test's own time bounds it. */
static void
await_callback(void)
{
	do
		scenario_send(&s, "counted");
	while (scenario_expect_number(&s, "counted ") == 0);
}

static const char *const ways[] = { "sigwait", "descriptor", "handler" };

/* The threads of the library are two here, and neither takes a signal that
 * the program waits for: it would die of it. */
START_TEST(M13_signal_for_a_thread_of_the_program_reaches_it)
{
	begin();
	answers("watch_exit", "watch_exit 0");
	answers("handle a 10 count", "handle 0");
	scenario_send(&s, "wait_for 12 %s", ways[_i]);
	for (int i = 1; i <= 500; i++) {
		scenario_send(&s, "kill 12;kill 10;waited %d", i);
		scenario_expect(&s, "waited %d", i);
	}
	await_callback();
	answers("stop a", "stop 0");
	end();
}
END_TEST

START_TEST(signal_that_every_thread_blocks_is_delivered)
{
	begin();
	if (_i == 0)
		answers("block_threads 10 3", "blocked");
	answers("handle a 10 who", "handle 0");
	if (_i == 1)
		answers("block_threads 10 3", "blocked");
	for (int i = 0; i < 100; i++) {
		scenario_signal(&s, SIGUSR1);
		scenario_expect(&s, "a: 10 from %d uid %u on another",
		    (int)getpid(), (unsigned)getuid());
	}
	end();
}
END_TEST

/* While one callback runs and everybody blocks the signal, it comes a hundred
 * thousand times: then there is exactly one more. */
START_TEST(M26_blocked_storm_is_one_callback)
{
	begin();
	answers("handle a 10 count", "handle 0");
	answers("handle b 12 wait", "handle 0");
	answers("block_threads 10 1", "blocked");
	answers("kill 12", "b: in 12");
	answers("hold 10 100000", "pending 1");
	answers("go", "b: out 12");
	await_callback();
	answers("handle c 14 say", "handle 0");
	answers("kill 14", "c: 14");
	answers("counted", "counted 1");
	end();
}
END_TEST

/* Its pipe takes 65,536 of them; the handler must not wait for more room. */
START_TEST(M26_storm_fills_no_pipe_in_manual_mode)
{
	if (skip_without("ready", "epoll"))
		return;
	begin();
	answers("manual", "manual 0");
	answers("handle a 10 count", "handle 0");
	answers("hold 10 100000", "pending 0");
	answers("counted", "counted 0");
	answers("dispatch;counted", "dispatch 0");
	scenario_expect(&s, "counted 1");
	answers("dispatch;counted", "dispatch 0");
	scenario_expect(&s, "counted 1");
	end();
}
END_TEST

/* A replaced callback is never "ignore" for the kernel, which would throw the
 * pending signal away. */
START_TEST(M27_pending_signal_outlives_ignore)
{
	begin();
	answers("handle a 15 say", "handle 0");
	answers("handle b 12 wait", "handle 0");
	answers("block_threads 15 1", "blocked");
	answers("kill 12", "b: in 12");
	if (_i == 0)
		answers("hold 15 1", "pending 1");
	answers("set a 15 ignore", "set 0");
	if (_i == 1)
		answers("hold 15 1", "pending 1");
	answers("set a 15 say", "set 0");
	answers("go", "b: out 12");
	scenario_expect(&s, "a: 15");
	end();
}
END_TEST

static void
expect_exact(const char *who, int signum)
{
	scenario_expect(&s, "%sexact %d: sender known, stack alternate, "
	    "HUP blocked, itself open", who, signum);
}

/* Flags, mask and stack of the action of before: after stop, and in a child
 * that never called us. */
START_TEST(M29_action_of_before_comes_back_whole)
{
	if (toolkit_skip_tsan(TSAN_FORK))
		return;
	begin();
	scenario_send(&s, "exact 10");
	answers("handle a 10 say", "handle 0");
	answers("kill 10", "a: 10");
	scenario_send(&s, "fork");
	scenario_expect_number(&s, "forked ");
	scenario_send(&s, "child kill 10");
	expect_exact("child ", 10);
	answers("child _exit 0;reap", "reaped 0 0");
	answers("stop a", "stop 0");
	scenario_send(&s, "kill 10");
	expect_exact("", 10);
	end();
}
END_TEST

static long
size_of(const char *path)
{
	struct stat st;

	ck_assert_int_eq(stat(path, &st), 0);
	return (long)st.st_size;
}

/* The child's signal is nothing to the parent, by no common pipe; and where
 * the program has its own files under all the numbers, no byte gets there. */
START_TEST(M28_signal_writes_into_no_file_and_no_parent)
{
	static const char *const makers[] = { "fork", "fork quiet",
	    "fork raw" };
	char path[1024];

	if (_i == 0 ? toolkit_skip_tsan(TSAN_FORK) :
	    skip_without("identity", "wipeonfork"))
		return;
	snprintf(path, sizeof(path), "%s/file", toolkit_dir());
	toolkit_expect(TOOLKIT_FILES);
	begin();
	answers("handle a 10 count", "handle 0");
	scenario_send(&s, "%s", makers[_i]);
	scenario_expect_number(&s, "forked ");
	scenario_send(&s, "child close_all;child occupy %s", path);
	answers("child handle b 12 say", "child handle 0");
	for (int i = 0; i < 10; i++)
		answers("child kill 12", "child b: 12");
	scenario_send(&s, "child kill 10");
	answers("reap", "reaped 10");
	scenario_send(&s, "close_all;occupy %s", path);
	answers("counted", "counted 0");
	answers("set a 10 say", "set 0");
	for (int i = 0; i < 10; i++)
		answers("kill 10", "a: 10");
	end();
	ck_assert_int_eq(size_of(path), 0);
}
END_TEST

/* While the dispatcher is in a callback it cannot find out about its pipe, so
 * a handler that writes has only the number, which is the program's now.
 * Exactly as many callbacks as here: steer-pthread.c may tell once more. */
START_TEST(M28_signal_during_a_callback_writes_into_no_file)
{
	if (skip_without("steer", "sigqueue"))
		return;
	toolkit_expect(TOOLKIT_FILES);
	scenario_start(&s, "dispatch", NULL);
	answers("handle a 10 say", "handle 0");
	answers("handle b 12 wait", "handle 0");
	answers("kill 12", "b: in 12");
	scenario_send(&s, "steal_pipes %s/file %d", toolkit_dir(), _i);
	for (int i = 0; i < 10; i++)
		scenario_send(&s, "kill 10");
	answers("stolen", "stolen: 4 bytes, read to 0");
	answers("go", "b: out 12");
	scenario_expect(&s, "a: 10");
	answers("kill 10", "a: 10");
	answers("stolen", "stolen: 4 bytes, read to 0");
	end();
}
END_TEST

/* Our handler may still be called when it is not installed any more: by who
 * came after us, and is to stay. */
START_TEST(handler_of_after_that_calls_ours_stays_installed)
{
	begin();
	if (_i == 0)
		scenario_send(&s, "ignore 10");
	answers("handle a 10 say", "handle 0");
	scenario_send(&s, "chain 10");
	answers("kill 10", "a: 10");
	answers("stop a;chained", "stop 0");
	ck_assert_int_ge(scenario_expect_number(&s, "chained "), 1);
	for (int i = 0; i < 3; i++)
		answers("kill 10;chained", "chained 1");
	end();
}
END_TEST

/* Of all the user's signals that wait, in the kernel. */
static long
queued(void)
{
	char path[64], text[4096];
	const char *at;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)s.pid);
	if (file_read(path, text, sizeof(text)) <= 0)
		return -1;
	at = strstr(text, "\nSigQ:");
	return at == NULL ? -1 : strtol(at + 6, NULL, 10);
}

/* Each realtime signal that waits has a place of its own in a queue that is
 * the user's, and short: one wake-up for the dispatcher has to do. */
START_TEST(realtime_storm_queues_no_wake_ups)
{
	long before;

	begin();
	answers("handle a 40 wait", "handle 0");
	answers("kill 40", "a: in 40");
	before = queued();
	answers("hold 40 5000", "pending 0");
	if (before < 0)
		toolkit_skip("how many signals wait");
	else
		ck_assert_int_lt(queued(), before + 2000);
	answers("go", "a: out 40");
	scenario_expect(&s, "a: in 40");
	answers("go", "a: out 40");
	end();
}
END_TEST

/* It was handled, if perhaps not yet delivered: the process returns from main,
 * and does not die of what the signal did before. */
START_TEST(signal_just_before_the_end_does_not_change_it)
{
	for (int i = 0; i < 60; i++) {
		begin();
		answers("handle a 10 count", "handle 0");
		scenario_send(&s, "kill 10;return");
		scenario_expect_exit(&s, 0);
	}
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("beside");
	TCase *tcase = tcase_create("beside");

	tcase_add_checked_fixture(tcase, toolkit_setup, toolkit_teardown);
	tcase_add_loop_test(tcase,
	    M13_signal_for_a_thread_of_the_program_reaches_it, 0, 3);
	tcase_add_loop_test(tcase,
	    signal_that_every_thread_blocks_is_delivered, 0, 2);
	tcase_add_test(tcase, M26_blocked_storm_is_one_callback);
	tcase_add_test(tcase, M26_storm_fills_no_pipe_in_manual_mode);
	tcase_add_loop_test(tcase, M27_pending_signal_outlives_ignore, 0, 2);
	tcase_add_loop_test(tcase,
	    M28_signal_writes_into_no_file_and_no_parent, 0, 3);
	tcase_add_loop_test(tcase,
	    M28_signal_during_a_callback_writes_into_no_file, 1, 4);
	tcase_add_loop_test(tcase,
	    handler_of_after_that_calls_ours_stays_installed, 0, 2);
	tcase_add_test(tcase, signal_just_before_the_end_does_not_change_it);
	tcase_add_test(tcase, realtime_storm_queues_no_wake_ups);
	tcase_add_test(tcase, M29_action_of_before_comes_back_whole);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
