/* Exit handlers on a signal: in ordinary context, and the end comes in time. */
#define _GNU_SOURCE 1

#include "backend.h"
#include "toolkit/clock.h"
#include "toolkit/toolkit.h"

#include <proclc.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>

enum { SOON_MS = 200, LATE_MS = 8000 };

static struct scenario s;

static void
answers(const char *command, const char *answer)
{
	scenario_send(&s, "%s", command);
	scenario_expect(&s, "%s", answer);
}

/* With handler a of this kind, and installed by this command. */
static void
begin(const char *kind, const char *install)
{
	scenario_start(&s, "atexit", NULL);
	scenario_send(&s, "register a %s", kind);
	scenario_expect(&s, "register new");
	answers(install, "install 0");
}

static void
killed(int signum)
{
	scenario_expect_killed(&s, signum);
	scenario_expect_eof(&s);
	ck_assert_str_eq(scenario_stderr(&s), "");
}

/* It has no more to say, and dies when the deadline passes, not at once. */
static void
killed_in_time(int signum, int64_t since)
{
	int64_t took;

	killed(signum);
	took = clock_now_ms() - since;
	ck_assert_int_ge(took, SOON_MS);
	ck_assert_int_lt(took, (int64_t)(LATE_MS * clock_multiplier()));
}

/* Ends. */

START_TEST(signal_runs_handlers_and_kills)
{
	static const struct {
		const char *install;
		int signum;
	} cases[] = {
		{ "install", SIGTERM }, { "install", SIGINT },
		{ "install 1 10", SIGHUP }, { "install 1 10", SIGUSR1 },
		{ "install 14", SIGALRM },
	};
	int signum = cases[_i].signum;

	begin("say", cases[_i].install);
	answers("register b say", "register new");
	scenario_signal(&s, signum);
	scenario_expect(&s, "b: signal %d %d", 128 + signum, signum);
	scenario_expect(&s, "a: signal %d %d", 128 + signum, signum);
	killed(signum);
}
END_TEST

/* It lands in the thread that holds what the handler needs. */
START_TEST(signal_runs_handlers_in_ordinary_context)
{
	begin("lock", "install");
	answers("kill_locked 15", "a: signal 143 15");
	scenario_send(&s, "%s", "");
	scenario_expect(&s, "a: locked");
	killed(SIGTERM);
}
END_TEST

START_TEST(signal_leaves_through_libc)
{
	scenario_start(&s, "atexit", NULL);
	scenario_send(&s, "libc early;print text");
	answers("register a say", "register new");
	answers("install", "install 0");
	scenario_signal(&s, SIGTERM);
	scenario_expect(&s, "a: signal 143 15");
	scenario_expect(&s, "libc early");
	scenario_expect(&s, "late PROCLC_EENDING");
	scenario_expect(&s, "text");
	killed(SIGTERM);
}
END_TEST

START_TEST(signal_during_handlers_runs_none_twice)
{
	begin("say", "install");
	answers("register b wait", "register new");
	scenario_signal(&s, SIGTERM);
	scenario_expect(&s, "b: signal 143 15");
	scenario_signal(&s, SIGTERM);
	scenario_signal(&s, SIGINT);
	answers("pass", "b: out");
	scenario_expect(&s, "a: signal 143 15");
	killed(SIGTERM);
}
END_TEST

/* Whoever comes first decides; the other waits. */
START_TEST(signal_during_exit_runs_none_twice)
{
	begin("say", "install");
	answers("register b wait", "register new");
	scenario_signal(&s, SIGTERM);
	scenario_expect(&s, "b: signal 143 15");
	scenario_send(&s, "pass;proclc_exit 3");
	scenario_expect(&s, "b: out");
	scenario_expect(&s, "a: signal 143 15");
	killed(SIGTERM);
}
END_TEST

START_TEST(handler_that_ends_on_a_signal_decides_the_code)
{
	begin("say", "install");
	answers("register b proclc_exit", "register new");
	scenario_signal(&s, SIGTERM);
	scenario_expect(&s, "b: signal 143 15");
	scenario_expect(&s, "a: call 22 0");
	scenario_expect_exit(&s, 22);
	scenario_expect_eof(&s);
}
END_TEST

START_TEST(handler_that_crashes_on_a_signal_is_seen)
{
	begin("crash", "install");
	scenario_signal(&s, SIGTERM);
	scenario_expect(&s, "a: signal 143 15");
	scenario_expect_killed(&s, SIGABRT);
}
END_TEST

START_TEST(pid_1_exits_with_128_and_the_signal)
{
	char line[100];

	scenario_start(&s, "atexit", NULL);
	scenario_send(&s, "init");
	ck_assert(scenario_read_line(&s, line, sizeof(line), 0));
	if (strcmp(line, "init refused") == 0) {
		toolkit_skip("pid 1 of a namespace");
	} else {
		ck_assert_str_eq(line, "register new");
		scenario_expect(&s, "install 0");
		scenario_expect(&s, "a: signal 143 15");
		scenario_expect(&s, "init exited 143");
	}
	scenario_send(&s, "_exit 0");
	scenario_expect_exit(&s, 0);
}
END_TEST

/* Deadlines. */

START_TEST(deadline_ends_a_hung_handler)
{
	int64_t since;

	begin("say", "install_within 200 15");
	answers("register b hang", "register new");
	since = clock_now_ms();
	scenario_signal(&s, SIGTERM);
	scenario_expect(&s, "b: signal 143 15");
	killed_in_time(SIGTERM, since);
}
END_TEST

/* The dispatch thread is not to be had: handlers cannot run. */
START_TEST(deadline_ends_a_hung_callback)
{
	int64_t since;

	begin("say", "install_within 200 15");
	answers("handle a 10 wait", "handle 0");
	answers("kill 10", "a: in 10");
	since = clock_now_ms();
	scenario_signal(&s, SIGTERM);
	killed_in_time(SIGTERM, since);
}
END_TEST

START_TEST(deadline_ends_a_program_that_does_not_dispatch)
{
	int64_t since;

	if (skip_without("ready", "epoll"))
		return;
	scenario_start(&s, "atexit", NULL);
	answers("mode 2", "mode 0");
	answers("install_within 200 15", "install 0");
	answers("register a say", "register new");
	since = clock_now_ms();
	scenario_signal(&s, SIGTERM);
	killed_in_time(SIGTERM, since);
}
END_TEST

/* It is the signal's: an object that consumes it, an exit are free of it. */
START_TEST(deadline_is_not_for_others)
{
	begin("wait", "install_within 200 15");
	answers("handle a 15 say", "handle 0");
	answers("kill 15", "a: 15");
	answers("proclc_exit 3", "a: call 3 0");
	ck_assert(!process_gone_within(s.pid, 2 * SOON_MS));
	scenario_signal(&s, SIGKILL);
	scenario_expect_killed(&s, SIGKILL);
}
END_TEST

START_TEST(deadline_is_not_reached_by_a_handler_in_time)
{
	char install[64];

	snprintf(install, sizeof(install), "install_within %d 15",
	    (int)(9000 * clock_multiplier()));
	begin("say", install);
	answers("register b wait", "register new");
	scenario_signal(&s, SIGTERM);
	scenario_expect(&s, "b: signal 143 15");
	ck_assert(!process_gone_within(s.pid, SOON_MS));
	answers("pass", "b: out");
	scenario_expect(&s, "a: signal 143 15");
	killed(SIGTERM);
}
END_TEST

START_TEST(manual_mode_runs_handlers_in_dispatch)
{
	if (skip_without("ready", "epoll"))
		return;
	scenario_start(&s, "atexit", NULL);
	answers("mode 2", "mode 0");
	answers("install", "install 0");
	answers("register a say", "register new");
	answers("kill 15;register b say", "register new");
	answers("dispatch -1", "b: signal 143 15");
	scenario_expect(&s, "a: signal 143 15");
	killed(SIGTERM);
}
END_TEST

START_TEST(manual_mode_without_threads_is_ENOTSUP)
{
	if (skip_without("ready", "epoll"))
		return;
	scenario_start(&s, "atexit", NULL);
	answers("mode 6", "mode 0");
	answers("remember 15;install", "install PROCLC_ENOTSUP");
	answers("same 15", "same 1");
	answers("uninstall", "uninstall PROCLC_EINVAL");
	answers("register a say", "register new");
	answers("proclc_exit 0", "a: call 0 0");
	scenario_expect_exit(&s, 0);
}
END_TEST

static void
add_ends(Suite *suite)
{
	TCase *tcase = tcase_create("end");

	tcase_add_checked_fixture(tcase, toolkit_setup, toolkit_teardown);
	tcase_add_loop_test(tcase, signal_runs_handlers_and_kills, 0, 5);
	tcase_add_test(tcase, signal_runs_handlers_in_ordinary_context);
	tcase_add_test(tcase, signal_leaves_through_libc);
	tcase_add_test(tcase, signal_during_handlers_runs_none_twice);
	tcase_add_test(tcase, signal_during_exit_runs_none_twice);
	tcase_add_test(tcase, handler_that_ends_on_a_signal_decides_the_code);
	tcase_add_test(tcase, handler_that_crashes_on_a_signal_is_seen);
	tcase_add_test(tcase, pid_1_exits_with_128_and_the_signal);
	suite_add_tcase(suite, tcase);
}

static void
add_deadlines(Suite *suite)
{
	TCase *tcase = tcase_create("deadline");

	tcase_add_checked_fixture(tcase, toolkit_setup, toolkit_teardown);
	tcase_add_test(tcase, deadline_ends_a_hung_handler);
	tcase_add_test(tcase, deadline_ends_a_hung_callback);
	tcase_add_test(tcase, deadline_ends_a_program_that_does_not_dispatch);
	tcase_add_test(tcase, deadline_is_not_for_others);
	tcase_add_test(tcase, deadline_is_not_reached_by_a_handler_in_time);
	tcase_add_test(tcase, manual_mode_runs_handlers_in_dispatch);
	tcase_add_test(tcase, manual_mode_without_threads_is_ENOTSUP);
	suite_add_tcase(suite, tcase);
}

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("atexit_signals");

	add_ends(suite);
	add_deadlines(suite);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
