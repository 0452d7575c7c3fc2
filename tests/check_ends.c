/* The exit status is the truth, whoever ends the process and however. */
#define _GNU_SOURCE 1

#include "backend.h"
#include "kernel.h"
#include "toolkit/toolkit.h"

#include <proclc.h>

#include <signal.h>
#include <string.h>

static struct scenario s;

static const char *const places[] = { "first", "child", "init" };
enum { PLACES = 3, ROUNDS = 200 };

/* What the driver says at last. */
static void
agreed(const char *what, const char *how, const char *place, int n)
{
	char line[1000] = "", expected[32];

	scenario_start(&s, "ends", what, how, place, NULL);
	snprintf(expected, sizeof(expected), "agreed %d", n);
	scenario_read_line(&s, line, sizeof(line), 60000);
	if (strcmp(place, "init") == 0 && strcmp(line, "refused") == 0)
		toolkit_skip("pid 1 of a namespace");
	else
		ck_assert_str_eq(line, expected);
	scenario_expect_exit(&s, 0);
	scenario_expect_eof(&s);
	ck_assert_str_eq(scenario_stderr(&s), "");
}

START_TEST(end_by_each_way_has_each_code)
{
	static const char *const ways[] = { "return", "exit", "proclc_exit",
	    "atexit_run", "_exit" };

	if (_i > 0 && toolkit_skip_tsan(TSAN_SLOW))
		return;
	agreed("codes", ways[_i / PLACES], places[_i % PLACES], 256);
}
END_TEST

/* What stdio held, and what handlers print, comes out once. */
START_TEST(end_by_each_way_has_all_text)
{
	static const char *const ways[] = { "return", "exit", "proclc_exit",
	    "atexit_run", "TERM" };

	agreed("text", ways[_i / PLACES], places[_i % PLACES], 20);
}
END_TEST

/* And pid 1, which no signal kills, exits with 128 and its number. */
START_TEST(end_by_each_signal_is_seen)
{
	static const char *const flags[] = { "0", "1", "2" };

	ck_assert_int_eq(PROCLC_ATEXIT_STATUS_SIGNUM, 1);
	ck_assert_int_eq(PROCLC_ATEXIT_NO_LIBC_EXIT, 2);
	agreed("signals", flags[_i / 2], _i % 2 == 0 ? "first" : "init", 15);
}
END_TEST

/* exit, proclc_exit, proclc_atexit_run and SIGTERM, from eight threads. */
START_TEST(end_by_a_crowd_runs_each_handler_once_in_order)
{
	agreed("crowd", "200", places[_i], ROUNDS);
}
END_TEST

/* The thread that comes late into exit neither overtakes the one that ends the
 * process nor has the last word. */
START_TEST(end_by_a_signal_is_true_although_another_thread_exits)
{
	scenario_start(&s, "late", _i == 0 ? "newer" : "older", NULL);
	scenario_expect(&s, "ours %d", PROCLC_EXIT_SIGNAL);
	scenario_expect(&s, "in");
	scenario_expect(&s, "out");
	scenario_expect_killed(&s, SIGTERM);
	scenario_expect_eof(&s);
}
END_TEST

/* Signals. */

static void
answers(const char *command, const char *answer)
{
	scenario_send(&s, "%s", command);
	scenario_expect(&s, "%s", answer);
}

/* In every thread that the program has. */
START_TEST(signal_that_is_blocked_runs_the_handlers)
{
	struct scenario_options options = { .blocked = _i == 0 ?
	    SCENARIO_SIGNAL(SIGTERM) : SCENARIO_ALL_SIGNALS };

	scenario_start_with(&s, &options, "atexit", NULL);
	answers("register a say", "register new");
	answers("install", "install 0");
	scenario_signal(&s, SIGTERM);
	scenario_expect(&s, "a: signal 143 15");
	scenario_expect_killed(&s, SIGTERM);
	scenario_expect_eof(&s);
}
END_TEST

/* As by nohup. */
START_TEST(signal_that_is_ignored_at_the_start_stays_so)
{
	struct scenario_options options = { .ignored =
	    SCENARIO_SIGNAL(SIGHUP) | SCENARIO_SIGNAL(SIGINT) };

	scenario_start_with(&s, &options, "atexit", NULL);
	answers("register a say", "register new");
	answers("remember 1;install 1 2 15", "install 0");
	answers("kill 1;kill 2;same 1", "same 1");
	scenario_signal(&s, SIGTERM);
	scenario_expect(&s, "a: signal 143 15");
	scenario_expect_killed(&s, SIGTERM);
	scenario_expect_eof(&s);
}
END_TEST

/* Exec would hand an ignored one on to a program that knows nothing of it. */
START_TEST(interrupt_in_children_is_caught_not_ignored)
{
	const uint64_t bit = SCENARIO_SIGNAL(SIGINT);
	pid_t child;

	scenario_start(&s, "atexit", NULL);
	answers("install", "install 0");
	scenario_send(&s, "fork");
	child = (pid_t)scenario_expect_number(&s, "forked ");
	if (kernel_ignored(child) == UINT64_MAX) {
		toolkit_skip("what a process ignores");
	} else {
		ck_assert_uint_eq(kernel_ignored(child) & bit, 0);
		ck_assert_uint_eq(kernel_caught(child) & bit, bit);
	}
	scenario_send(&s, "child _exit 0");
	answers("reap", "reaped 0 0");
	scenario_send(&s, "exit 0");
	scenario_expect_exit(&s, 0);
}
END_TEST

/* Actions with their flags and masks, this thread's mask and stack. */
START_TEST(uninstall_leaves_every_signal_as_it_was)
{
	struct sigaction odd = { .sa_handler = SIG_DFL,
	    .sa_flags = SA_NODEFER | SA_RESTART };
	static const int signals[] = { SIGUSR1, SIGUSR2, SIGHUP };
	struct proclc_atexit_options o = PROCLC_ATEXIT_OPTIONS_INIT;
	sigset_t blocked;

	expect_library_threads();
	toolkit_expect(TOOLKIT_FDS);
	sigaddset(&odd.sa_mask, SIGHUP);
	sigaction(SIGUSR2, &odd, NULL);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &blocked, NULL);
	toolkit_mark();
	o.signals = signals;
	o.n_signals = 3;
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(proclc_atexit_install(&o), 0);
		ck_assert_int_eq(proclc_atexit_uninstall(), 0);
		toolkit_unchanged();
	}
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("ends");
	TCase *status = tcase_create("status");
	TCase *signals = tcase_create("signals");

	tcase_add_checked_fixture(status, toolkit_setup, toolkit_teardown);
	tcase_set_timeout(status, 60);
	tcase_add_loop_test(status, end_by_each_way_has_each_code, 0,
	    5 * PLACES);
	tcase_add_loop_test(status, end_by_each_way_has_all_text, 0,
	    5 * PLACES);
	tcase_add_loop_test(status, end_by_each_signal_is_seen, 0, 6);
	tcase_add_loop_test(status,
	    end_by_a_crowd_runs_each_handler_once_in_order, 0, PLACES);
	tcase_add_loop_test(status,
	    end_by_a_signal_is_true_although_another_thread_exits, 0, 2);
	suite_add_tcase(suite, status);
	tcase_add_checked_fixture(signals, toolkit_setup, toolkit_teardown);
	tcase_add_loop_test(signals,
	    signal_that_is_blocked_runs_the_handlers, 0, 2);
	tcase_add_test(signals,
	    signal_that_is_ignored_at_the_start_stays_so);
	tcase_add_test(signals, interrupt_in_children_is_caught_not_ignored);
	tcase_add_test(signals, uninstall_leaves_every_signal_as_it_was);
	suite_add_tcase(suite, signals);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
