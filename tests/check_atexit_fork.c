/* Exit handlers and forked children: each runs in the process it belongs to. */
#define _GNU_SOURCE 1

#include "backend.h"
#include "toolkit/toolkit.h"

#include <proclc.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>

static struct scenario s;
static pid_t child;

static const char *const makers[] = { "fork", "fork quiet", "fork raw" };
enum { MAKERS = 3 };

static void
answers(const char *command, const char *answer)
{
	scenario_send(&s, "%s", command);
	scenario_expect(&s, "%s", answer);
}

/* With a, which is the parent's own, and maybe b, which is shared. */
static void
begin(bool shared)
{
	scenario_start(&s, "atexit", NULL);
	answers("register a say", "register new");
	if (shared)
		answers("register b say shared", "register new");
}

static bool
make_child(int how)
{
	if (how > 0 && skip_without("identity", "wipeonfork"))
		return false;
	scenario_send(&s, "%s", makers[how]);
	child = (pid_t)scenario_expect_number(&s, "forked ");
	return true;
}

/* The parent's own end. */
static void
end(bool shared)
{
	scenario_send(&s, "proclc_exit 1");
	if (shared)
		scenario_expect(&s, "b: call 1 0");
	scenario_expect(&s, "a: call 1 0");
	scenario_expect_exit(&s, 1);
	scenario_expect_eof(&s);
	ck_assert_str_eq(scenario_stderr(&s), "");
}

/* Whatever makes the child, and whatever ends it. */
START_TEST(child_runs_none_of_the_parents_own)
{
	static const char *const ends[] = { "child exit 7",
	    "child proclc_exit 7", "child atexit_run 7" };

	begin(false);
	if (make_child(_i / 3)) {
		scenario_send(&s, "%s", ends[_i % 3]);
		answers("reap", "reaped 0 7");
	}
	end(false);
}
END_TEST

START_TEST(child_runs_its_own_and_the_shared_once)
{
	begin(true);
	if (make_child(_i)) {
		answers("child register c say", "child register new");
		answers("child proclc_exit 7", "child c: call 7 0");
		scenario_expect(&s, "child b: call 7 0");
		answers("reap", "reaped 0 7");
	}
	end(true);
}
END_TEST

START_TEST(child_by_exit_runs_its_own_and_the_shared_once)
{
	int code = backend_is("exithook", "onexit") ? 7 : PROCLC_CODE_UNKNOWN;

	begin(true);
	make_child(0);
	answers("child register c say", "child register new");
	scenario_send(&s, "child exit 7");
	scenario_expect(&s, "child c: normal %d 0", code);
	scenario_expect(&s, "child b: normal %d 0", code);
	answers("reap", "reaped 0 7");
	end(true);
}
END_TEST

START_TEST(grandchild_runs_the_shared_once)
{
	begin(true);
	make_child(0);
	scenario_send(&s, "child fork");
	ck_assert_int_gt(scenario_expect_number(&s, "child forked "), 0);
	answers("child child proclc_exit 8", "child child b: call 8 0");
	answers("child reap", "child reaped 0 8");
	answers("child proclc_exit 7", "child b: call 7 0");
	answers("reap", "reaped 0 7");
	end(true);
}
END_TEST

/* One that was forked before knows nothing of it. */
START_TEST(child_older_than_the_shared_runs_none)
{
	begin(false);
	make_child(0);
	answers("register b say shared", "register new");
	scenario_send(&s, "child proclc_exit 7");
	answers("reap", "reaped 0 7");
	end(true);
}
END_TEST

START_TEST(child_takes_back_in_itself_alone)
{
	begin(true);
	make_child(0);
	answers("child unregister a", "child unregister 0");
	answers("child cancel a", "child cancel 0");
	answers("child cancel b", "child cancel 1");
	scenario_send(&s, "child proclc_exit 7");
	answers("reap", "reaped 0 7");
	end(true);
}
END_TEST

/* The same function and argument is another handler there. */
START_TEST(child_registers_what_the_parent_has)
{
	begin(true);
	make_child(0);
	answers("child register a say", "child register another token");
	answers("child register b say", "child register same token");
	answers("child proclc_exit 7", "child a: call 7 0");
	scenario_expect(&s, "child b: call 7 0");
	answers("reap", "reaped 0 7");
	end(true);
}
END_TEST

/* The parent's libc handlers are not its own; its text is. */
START_TEST(child_leaves_without_libc_and_flushes)
{
	static const char *const ends[] = { "child proclc_exit 7",
	    "child atexit_run 7" };

	scenario_start(&s, "atexit", NULL);
	scenario_send(&s, "libc early");
	answers("register a say", "register new");
	make_child(0);
	scenario_send(&s, "child print text");
	answers(ends[_i], "text");
	answers("reap", "reaped 0 7");
	answers("proclc_exit 0", "a: call 0 0");
	scenario_expect(&s, "libc early");
	scenario_expect(&s, "late PROCLC_EENDING");
	scenario_expect_exit(&s, 0);
	scenario_expect_eof(&s);
}
END_TEST

/* Ending is a matter of one process. */
START_TEST(child_of_a_child_that_ended_goes_on)
{
	begin(false);
	for (int i = 0; i < 3; i++) {
		make_child(0);
		answers("child register c say", "child register new");
		answers("child proclc_exit 7", "child c: call 7 0");
		answers("reap", "reaped 0 7");
	}
	end(false);
}
END_TEST

/* Signals. */

/* Although it never calls the library: where a fork handler has announced it
 * its shared handler runs before that. */
START_TEST(child_of_an_installed_one_dies_by_the_signal)
{
	if (_i == 0 && toolkit_skip_tsan(TSAN_FORK))
		return;
	begin(true);
	answers("install", "install 0");
	if (make_child(_i)) {
		ck_assert_int_eq(kill(child, SIGTERM), 0);
		if (_i == 0)
			scenario_expect(&s, "child b: signal 143 15");
		answers("reap", "reaped 15");
	}
	end(true);
}
END_TEST

START_TEST(child_cannot_install_or_uninstall)
{
	begin(false);
	answers("install", "install 0");
	answers("install", "install PROCLC_EALREADY");
	make_child(0);
	answers("child install", "child install PROCLC_EALREADY");
	answers("child uninstall", "child uninstall PROCLC_ENOTOWNER");
	scenario_send(&s, "child _exit 0");
	answers("reap", "reaped 0 0");
	answers("uninstall", "uninstall 0");
	answers("uninstall", "uninstall PROCLC_EINVAL");
	answers("install", "install 0");
	end(false);
}
END_TEST

START_TEST(child_installs_for_itself)
{
	if (toolkit_skip_tsan(TSAN_FORK))
		return;
	begin(true);
	make_child(0);
	answers("child install", "child install 0");
	answers("child register c say", "child register new");
	ck_assert_int_eq(kill(child, SIGTERM), 0);
	scenario_expect(&s, "child c: signal 143 15");
	scenario_expect(&s, "child b: signal 143 15");
	answers("reap", "reaped 15");
	end(true);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("atexit_fork");
	TCase *run = tcase_create("run");
	TCase *signals = tcase_create("signals");

	tcase_add_checked_fixture(run, toolkit_setup, toolkit_teardown);
	tcase_add_loop_test(run, child_runs_none_of_the_parents_own, 0,
	    MAKERS * 3);
	tcase_add_loop_test(run, child_runs_its_own_and_the_shared_once, 0,
	    MAKERS);
	tcase_add_test(run, child_by_exit_runs_its_own_and_the_shared_once);
	tcase_add_test(run, grandchild_runs_the_shared_once);
	tcase_add_test(run, child_older_than_the_shared_runs_none);
	tcase_add_test(run, child_takes_back_in_itself_alone);
	tcase_add_test(run, child_registers_what_the_parent_has);
	tcase_add_loop_test(run, child_leaves_without_libc_and_flushes, 0, 2);
	tcase_add_test(run, child_of_a_child_that_ended_goes_on);
	suite_add_tcase(suite, run);

	tcase_add_checked_fixture(signals, toolkit_setup, toolkit_teardown);
	tcase_add_loop_test(signals,
	    child_of_an_installed_one_dies_by_the_signal, 0, MAKERS);
	tcase_add_test(signals, child_cannot_install_or_uninstall);
	tcase_add_test(signals, child_installs_for_itself);
	suite_add_tcase(suite, signals);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
