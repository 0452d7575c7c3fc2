/* A crash runs the signal-safe exit handlers, and stays a crash. */
#define _GNU_SOURCE 1

#include "backend.h"
#include "settle.h"
#include "toolkit/toolkit.h"

#include <proclc.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>

static struct scenario s;

static void
answers(const char *command, const char *answer)
{
	scenario_send(&s, "%s", command);
	scenario_expect(&s, "%s", answer);
}

/* With a, b and c, which is not safe, in this order. */
static bool
begin(const char *a, const char *b)
{
	if (settle_under_asan()) {
		toolkit_skip("crashes: the sanitizer has them");
		return false;
	}
	scenario_start(&s, "atexit", NULL);
	scenario_send(&s, "register a %s", a);
	scenario_expect(&s, "register new");
	scenario_send(&s, "register b %s", b);
	scenario_expect(&s, "register new");
	answers("register c say", "register new");
	return true;
}

static const struct {
	const char *how;
	int signum;
} crashes[] = {
	{ "crash segv", SIGSEGV }, { "crash abort", SIGABRT },
	{ "crash overflow", SIGSEGV }, { "crash 8", SIGFPE },
	{ "crash_beside segv", SIGSEGV }, { "crash_beside abort", SIGABRT },
	{ "crash_beside overflow", SIGSEGV },
};

enum { CRASHES = 7 };

static void
expect_call(const char *name, int signum)
{
	scenario_expect(&s, "%s: signal %d %d", name, 128 + signum, signum);
}

START_TEST(crash_runs_the_safe_handlers_and_is_seen)
{
	int signum = crashes[_i % CRASHES].signum;

	if (strstr(crashes[_i % CRASHES].how, "overflow") != NULL &&
	    toolkit_skip_tsan(TSAN_MEMORY))
		return;
	if (!begin("say safe", "say shared safe"))
		return;
	if (_i >= CRASHES)
		answers("install", "install 0");
	scenario_send(&s, "%s", crashes[_i % CRASHES].how);
	expect_call("b", signum);
	expect_call("a", signum);
	scenario_expect_killed(&s, signum);
	scenario_expect_eof(&s);
}
END_TEST

/* None of the parent's own. */
START_TEST(crash_of_a_child_runs_the_shared_ones)
{
	if (!begin("say safe", "say shared safe"))
		return;
	scenario_send(&s, "fork");
	scenario_expect_number(&s, "forked ");
	scenario_send(&s, "child crash segv");
	scenario_expect(&s, "child b: signal 139 11");
	answers("reap", "reaped 11");
	scenario_send(&s, "proclc_exit 1");
	scenario_expect(&s, "c: call 1 0");
	scenario_expect(&s, "b: call 1 0");
	scenario_expect(&s, "a: call 1 0");
	scenario_expect_exit(&s, 1);
}
END_TEST

/* Once each: those that have run do not run again. */
START_TEST(crash_of_a_handler_runs_the_rest)
{
	if (!begin("say safe", "crash safe"))
		return;
	scenario_send(&s, "%s", _i == 0 ? "proclc_exit 1" :
	    "crash segv");
	if (_i == 0) {
		scenario_expect(&s, "c: call 1 0");
		scenario_expect(&s, "b: call 1 0");
		expect_call("a", SIGABRT);
	} else {
		/* It crashes in its turn: enough. */
		expect_call("b", SIGSEGV);
	}
	scenario_expect_killed(&s, SIGABRT);
	scenario_expect_eof(&s);
}
END_TEST

START_TEST(crash_without_the_hook_runs_nothing)
{
	if (!begin("say safe", "say safe"))
		return;
	scenario_send(&s, "install_with %u 0 15",
	    (unsigned)PROCLC_ATEXIT_NO_CRASH_HOOK);
	scenario_expect(&s, "install 0");
	if (_i == 1)
		answers("register d say safe", "register new");
	if (_i == 2)
		answers("uninstall", "uninstall 0");
	scenario_send(&s, "crash segv");
	if (_i == 2) {
		expect_call("b", SIGSEGV);
		expect_call("a", SIGSEGV);
	}
	scenario_expect_killed(&s, SIGSEGV);
	scenario_expect_eof(&s);
}
END_TEST

START_TEST(crash_with_a_handler_of_the_program_is_left_alone)
{
	if (settle_under_asan()) {
		toolkit_skip("crashes: the sanitizer has them");
		return;
	}
	scenario_start(&s, "atexit", NULL);
	scenario_send(&s, "foreign 8");
	answers("register a say safe", "register new");
	answers("kill 8", "foreign 8");
	scenario_send(&s, "crash segv");
	expect_call("a", SIGSEGV);
	scenario_expect_killed(&s, SIGSEGV);
}
END_TEST

/* A handler object has it; then the crash has it again. */
START_TEST(abort_signal_may_be_handled_meanwhile)
{
	if (!begin("say safe", "say safe"))
		return;
	answers("handle b 6 say", "handle 0");
	answers("kill 6", "b: 6");
	answers("free b", "freed");
	scenario_send(&s, "crash abort");
	expect_call("b", SIGABRT);
	expect_call("a", SIGABRT);
	scenario_expect_killed(&s, SIGABRT);
}
END_TEST

static void
do_nothing(void *user, const struct proclc_exit_cause *cause)
{
	(void)user;
	(void)cause;
}

/* Each signal is what it was; the stack stays with the thread. */
START_TEST(hook_is_there_while_it_is_needed)
{
	int numbers[65], tokens[65];
	struct sigaction now;

	if (settle_under_asan()) {
		toolkit_skip("crashes: the sanitizer has them");
		return;
	}
	ck_assert_int_eq(proclc_crash_thread(), 0);
	ck_assert_int_eq(proclc_crash_thread(), 0);
	toolkit_mark();
	for (int i = 0; i < 64; i++) {
		tokens[i] = proclc_atexit_register(do_nothing, &numbers[i],
		    PROCLC_ATEXIT_SIGNAL_SAFE);
		ck_assert_int_gt(tokens[i], 0);
	}
	ck_assert_int_eq(proclc_atexit_register(do_nothing, &numbers[64],
	    PROCLC_ATEXIT_SIGNAL_SAFE), PROCLC_ENOMEM);
	ck_assert_int_eq(sigaction(SIGSEGV, NULL, &now), 0);
	ck_assert(now.sa_flags & SA_ONSTACK);
	for (int i = 0; i < 64; i++)
		ck_assert_int_eq(proclc_atexit_cancel(tokens[i]), 1);
	toolkit_unchanged();
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("crash");
	TCase *tcase = tcase_create("crash");

	tcase_add_checked_fixture(tcase, toolkit_setup, toolkit_teardown);
	tcase_add_loop_test(tcase, crash_runs_the_safe_handlers_and_is_seen,
	    0, 2 * CRASHES);
	tcase_add_test(tcase, crash_of_a_child_runs_the_shared_ones);
	tcase_add_loop_test(tcase, crash_of_a_handler_runs_the_rest, 0, 2);
	tcase_add_loop_test(tcase, crash_without_the_hook_runs_nothing, 0, 3);
	tcase_add_test(tcase,
	    crash_with_a_handler_of_the_program_is_left_alone);
	tcase_add_test(tcase, abort_signal_may_be_handled_meanwhile);
	tcase_add_test(tcase, hook_is_there_while_it_is_needed);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
