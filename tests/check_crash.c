/* A crash runs the exit handlers, and stays a crash. */
#define _GNU_SOURCE 1

#include "backend.h"
#include "settle.h"
#include "toolkit/toolkit.h"

#include <proclc.h>

#include <signal.h>
#include <stdio.h>

static struct scenario s;
static const int usr1 = SIGUSR1;

static void
answers(const char *command, const char *answer)
{
	scenario_send(&s, "%s", command);
	scenario_expect(&s, "%s", answer);
}

static bool
begin(const char *kind, int deadline_ms)
{
	if (settle_under_asan()) {
		toolkit_skip("crashes: the sanitizer has them");
		return false;
	}
	scenario_start(&s, "atexit", NULL);
	scenario_send(&s, "register a %s", kind);
	scenario_expect(&s, "register new");
	scenario_send(&s, "install_with %u %d",
	    (unsigned)PROCLC_ATEXIT_CRASH, deadline_ms);
	scenario_expect(&s, "install 0");
	return true;
}

static const struct {
	const char *how;
	int signum;
} crashes[] = {
	{ "crash segv", SIGSEGV }, { "crash abort", SIGABRT },
	{ "crash overflow", SIGSEGV }, { "crash 8", SIGFPE },
	{ "crash_beside segv", SIGSEGV }, { "crash_beside abort", SIGABRT },
};

enum { CRASHES = 6 };

START_TEST(crash_runs_the_handlers_and_is_seen)
{
	if (!begin("say", 0))
		return;
	scenario_send(&s, "%s", crashes[_i].how);
	scenario_expect(&s, "a: signal %d %d", 128 + crashes[_i].signum,
	    crashes[_i].signum);
	scenario_expect_killed(&s, crashes[_i].signum);
	scenario_expect_eof(&s);
}
END_TEST

/* It may need what the thread that crashed has locked. */
START_TEST(crash_with_a_handler_that_hangs_is_bounded)
{
	if (!begin("hang", 100))
		return;
	scenario_send(&s, "%s", crashes[_i].how);
	scenario_expect(&s, "a: signal %d %d", 128 + crashes[_i].signum,
	    crashes[_i].signum);
	scenario_expect_killed(&s, crashes[_i].signum);
}
END_TEST

/* On the way out, and in a handler that a crash has brought about. */
START_TEST(crash_of_a_handler_is_left_alone)
{
	if (!begin("crash", 0))
		return;
	scenario_send(&s, "%s", _i == 0 ? "exit 1" : _i == 1 ? "kill 15" :
	    "crash segv");
	scenario_expect(&s, "a: %s", _i == 0 ? "normal 1 0" : _i == 1 ?
	    "signal 143 15" : "signal 139 11");
	scenario_expect_killed(&s, SIGABRT);
}
END_TEST

START_TEST(crash_of_a_child_is_left_alone)
{
	if (!begin("say", 0))
		return;
	scenario_send(&s, "fork");
	scenario_expect_number(&s, "forked ");
	scenario_send(&s, "child crash segv");
	answers("reap", "reaped 11");
	scenario_send(&s, "exit 1");
	scenario_expect(&s, "a: normal 1 0");
	scenario_expect_exit(&s, 1);
}
END_TEST

START_TEST(crash_after_uninstall_is_left_alone)
{
	if (!begin("say", 0))
		return;
	answers("uninstall", "uninstall 0");
	scenario_send(&s, "crash segv");
	scenario_expect_killed(&s, SIGSEGV);
	scenario_expect_eof(&s);
}
END_TEST

/* The alternate stack, too. */
START_TEST(uninstall_leaves_nothing_of_the_crash_hook)
{
	struct proclc_atexit_options o = PROCLC_ATEXIT_OPTIONS_INIT;

	if (settle_under_asan()) {
		toolkit_skip("crashes: the sanitizer has them");
		return;
	}
	expect_library_threads();
	toolkit_expect(TOOLKIT_FDS);
	o.flags = PROCLC_ATEXIT_CRASH;
	o.signals = &usr1;
	o.n_signals = 1;
	ck_assert_int_eq(proclc_atexit_install(&o), 0);
	ck_assert_int_eq(proclc_atexit_uninstall(), 0);
}
END_TEST

START_TEST(install_for_crashes_in_manual_mode_is_ENOTSUP)
{
	struct proclc_atexit_options o = PROCLC_ATEXIT_OPTIONS_INIT;

	if (skip_without("ready", "epoll") || settle_under_asan())
		return;
	expect_library_threads();
	toolkit_expect(TOOLKIT_FDS);
	o.flags = PROCLC_ATEXIT_CRASH;
	o.signals = &usr1;
	o.n_signals = 1;
	ck_assert_int_eq(proclc_set_dispatch_mode(PROCLC_DISPATCH_MANUAL), 0);
	ck_assert_int_eq(proclc_atexit_install(&o), PROCLC_ENOTSUP);
	o.flags = 0;
	ck_assert_int_eq(proclc_atexit_install(&o), 0);
	ck_assert_int_eq(proclc_atexit_uninstall(), 0);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("crash");
	TCase *tcase = tcase_create("crash");

	tcase_add_checked_fixture(tcase, toolkit_setup, toolkit_teardown);
	tcase_add_loop_test(tcase, crash_runs_the_handlers_and_is_seen, 0,
	    CRASHES);
	tcase_add_loop_test(tcase, crash_with_a_handler_that_hangs_is_bounded,
	    0, CRASHES);
	tcase_add_loop_test(tcase, crash_of_a_handler_is_left_alone, 0, 3);
	tcase_add_test(tcase, crash_of_a_child_is_left_alone);
	tcase_add_test(tcase, crash_after_uninstall_is_left_alone);
	tcase_add_test(tcase, uninstall_leaves_nothing_of_the_crash_hook);
	tcase_add_test(tcase,
	    install_for_crashes_in_manual_mode_is_ENOTSUP);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
