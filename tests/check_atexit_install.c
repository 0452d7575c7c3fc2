/* Which signals can be installed to run exit handlers, and the way back. */
#define _GNU_SOURCE 1

#include "toolkit/toolkit.h"

#include <proclc.h>

#include <signal.h>
#include <stdlib.h>

static struct scenario s;

static void
answers(const char *command, const char *answer)
{
	scenario_send(&s, "%s", command);
	scenario_expect(&s, "%s", answer);
}

static void
killed(int signum)
{
	scenario_expect_killed(&s, signum);
	scenario_expect_eof(&s);
	ck_assert_str_eq(scenario_stderr(&s), "");
}

static void
on_signal_never(int signum)
{
	(void)signum;
	abort();
}

START_TEST(install_over_a_foreign_handler_is_EBUSY)
{
	scenario_start(&s, "atexit", NULL);
	answers("foreign 2;remember 2;install", "install PROCLC_EBUSY");
	answers("same 2", "same 1");
	answers("kill 2", "foreign 2");
	answers("register a say", "register new");
	answers("uninstall", "uninstall PROCLC_EINVAL");
	scenario_signal(&s, SIGTERM);
	killed(SIGTERM);
}
END_TEST

START_TEST(install_over_an_ignored_signal_leaves_it)
{
	scenario_start(&s, "atexit", NULL);
	answers("ignore 1;remember 1;register a say", "register new");
	answers("install 1 15", "install 0");
	answers("same 1", "same 1");
	answers("kill 1;same 1", "same 1");
	scenario_signal(&s, SIGTERM);
	scenario_expect(&s, "a: signal 143 15");
	killed(SIGTERM);
}
END_TEST

/* SEGV, BUS, KILL, STOP, CHLD, TSTP, none, too high; after a good one. */
START_TEST(install_of_an_unfit_signal_is_ESIGNAL)
{
	static const int unfit[] = { SIGSEGV, SIGBUS, SIGKILL, SIGSTOP,
	    SIGCHLD, SIGTSTP, 0, -1, 65, 1000 };

	scenario_start(&s, "atexit", NULL);
	answers("odd 15;remember 15;register a say", "register new");
	scenario_send(&s, "install 15 %d", unfit[_i]);
	scenario_expect(&s, "install PROCLC_ESIGNAL");
	answers("same 15", "same 1");
	scenario_signal(&s, SIGTERM);
	killed(SIGTERM);
}
END_TEST

/* No thread, no descriptor, no changed signal; nor for the good ones. */
START_TEST(install_refused_leaves_nothing)
{
	static const int unfit[] = { SIGUSR1, SIGKILL };
	int signals[] = { SIGUSR2, unfit[_i] };
	struct proclc_atexit_options o = PROCLC_ATEXIT_OPTIONS_INIT;

	toolkit_expect_signal(SIGUSR1);
	signal(SIGUSR1, on_signal_never);
	o.signals = signals;
	o.n_signals = 2;
	toolkit_mark();
	ck_assert_int_eq(proclc_atexit_install(&o), _i == 0 ? PROCLC_EBUSY :
	    PROCLC_ESIGNAL);
	toolkit_unchanged();
}
END_TEST

START_TEST(install_nonsense_is_EINVAL)
{
	struct proclc_atexit_options o[3] = {
		PROCLC_ATEXIT_OPTIONS_INIT, PROCLC_ATEXIT_OPTIONS_INIT,
		PROCLC_ATEXIT_OPTIONS_INIT,
	};
	struct proclc_atexit_options *bad = &o[_i];

	o[0].flags = 1u << 31;
	o[1].deadline_ms = -1;
	o[2].size = 3;
	toolkit_mark();
	ck_assert_int_eq(proclc_atexit_install(bad), PROCLC_EINVAL);
	ck_assert_int_eq(proclc_atexit_uninstall(), PROCLC_EINVAL);
	toolkit_unchanged();
}
END_TEST

START_TEST(uninstall_restores_exactly)
{
	scenario_start(&s, "atexit", NULL);
	answers("odd 15;remember 15;register a say", "register new");
	answers("install", "install 0");
	answers("same 15", "same 0");
	answers("uninstall", "uninstall 0");
	answers("same 15", "same 1");
	scenario_signal(&s, SIGTERM);
	killed(SIGTERM);
}
END_TEST

START_TEST(uninstall_keeps_the_handlers_registered)
{
	scenario_start(&s, "atexit", NULL);
	answers("register a say", "register new");
	answers("install", "install 0");
	answers("uninstall", "uninstall 0");
	answers("install 10", "install 0");
	scenario_signal(&s, SIGUSR1);
	scenario_expect(&s, "a: signal 138 10");
	killed(SIGUSR1);
}
END_TEST

START_TEST(object_goes_first_and_consumes)
{
	scenario_start(&s, "atexit", NULL);
	answers("register a say", "register new");
	answers("install", "install 0");
	answers("handle b 15 say", "handle 0");
	answers("kill 15", "b: 15");
	answers("kill 15", "b: 15");
	answers("stop b", "stop 0");
	scenario_signal(&s, SIGTERM);
	scenario_expect(&s, "a: signal 143 15");
	killed(SIGTERM);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("atexit_install");
	TCase *tcase = tcase_create("install");

	tcase_add_checked_fixture(tcase, toolkit_setup, toolkit_teardown);
	tcase_add_test(tcase, install_over_a_foreign_handler_is_EBUSY);
	tcase_add_test(tcase, install_over_an_ignored_signal_leaves_it);
	tcase_add_loop_test(tcase, install_of_an_unfit_signal_is_ESIGNAL,
	    0, 10);
	tcase_add_loop_test(tcase, install_refused_leaves_nothing, 0, 2);
	tcase_add_loop_test(tcase, install_nonsense_is_EINVAL, 0, 3);
	tcase_add_test(tcase, uninstall_restores_exactly);
	tcase_add_test(tcase, uninstall_keeps_the_handlers_registered);
	tcase_add_test(tcase, object_goes_first_and_consumes);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
