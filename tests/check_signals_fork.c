/* Handled signals in children: nobody gets another's, and nobody is deaf. */
#define _GNU_SOURCE 1

#include "backend.h"
#include "kernel.h"
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

/* With an object a for TERM and USR1. */
static void
begin(void)
{
	scenario_start(&s, "signals", NULL);
	answers("handle a 15 say;handle a 10 say", "handle 0");
	scenario_expect(&s, "handle 0");
}

static void
end(void)
{
	answers("kill 15", "a: 15");
	scenario_send(&s, "return");
	scenario_expect_exit(&s, 0);
}

/* By fork, or so that no fork handler runs. */
static bool
make_child(int how)
{
	if (how == 0 ? toolkit_skip_tsan(TSAN_FORK) :
	    skip_without("identity", "wipeonfork"))
		return false;
	scenario_send(&s, "%s", makers[how]);
	child = (pid_t)scenario_expect_number(&s, "forked ");
	return true;
}

static void
signal_child(int signum)
{
	ck_assert_int_eq(kill(child, signum), 0);
}

/* Made by any means, it never called us: what was before counts. */
START_TEST(child_without_call_dies_of_TERM)
{
	begin();
	if (make_child(_i)) {
		signal_child(SIGTERM);
		answers("reap", "reaped 15");
	}
	end();
}
END_TEST

START_TEST(child_without_call_has_the_handler_of_before)
{
	if (toolkit_skip_tsan(TSAN_FORK))
		return;
	scenario_start(&s, "signals", NULL);
	answers("foreign 15;handle a 15 say", "handle 0");
	scenario_send(&s, "fork");
	child = (pid_t)scenario_expect_number(&s, "forked ");
	signal_child(SIGTERM);
	scenario_expect(&s, "child foreign 15");
	answers("child _exit 0;reap", "reaped 0 0");
	end();
}
END_TEST

START_TEST(child_without_call_keeps_ignoring)
{
	scenario_start(&s, "signals", NULL);
	answers("ignore 15;handle a 15 say", "handle 0");
	scenario_send(&s, "fork");
	child = (pid_t)scenario_expect_number(&s, "forked ");
	signal_child(SIGTERM);
	answers("child kill 15;child _exit 5;reap", "reaped 0 5");
	end();
}
END_TEST

/* It shares our memory: it is gone, we are not. */
START_TEST(vfork_child_dies_of_TERM)
{
	if (toolkit_skip_tsan(TSAN_CLONE))
		return;
	begin();
	answers("vfork 15", "vfork child 15");
	answers("vfork 10", "vfork child 10");
	answers("kill 10", "a: 10");
	end();
}
END_TEST

START_TEST(child_object_is_not_ours_there)
{
	begin();
	if (make_child(_i)) {
		answers("child set a 10 other", "child set PROCLC_ENOTOWNER");
		answers("child start a", "child start PROCLC_ENOTOWNER");
		answers("child stop a", "child stop PROCLC_ENOTOWNER");
		answers("child free a", "child freed");
		answers("child _exit 0;reap", "reaped 0 0");
	}
	end();
}
END_TEST

START_TEST(child_and_parent_have_their_own_signals)
{
	begin();
	if (make_child(_i)) {
		answers("child handle b 15 say", "child handle 0");
		for (int i = 0; i < 3; i++) {
			answers("kill 15", "a: 15");
			signal_child(SIGTERM);
			scenario_expect(&s, "child b: 15");
		}
		answers("child stop b", "child stop 0");
		signal_child(SIGTERM);
		answers("reap", "reaped 15");
	}
	end();
}
END_TEST

/* It handles another signal: of this one nobody there wants to hear. */
START_TEST(child_with_other_object_dies_of_TERM)
{
	begin();
	if (make_child(_i)) {
		answers("child handle b 12 say", "child handle 0");
		signal_child(SIGUSR2);
		scenario_expect(&s, "child b: 12");
		signal_child(SIGTERM);
		answers("reap", "reaped 15");
	}
	end();
}
END_TEST

/* It only asked something, and is no more a listener than before. */
START_TEST(child_with_any_call_dies_of_TERM)
{
	begin();
	if (make_child(_i)) {
		answers("child new b", "child new 0");
		signal_child(SIGTERM);
		answers("reap", "reaped 15");
	}
	end();
}
END_TEST

START_TEST(grandchild_has_its_own_signals)
{
	if (toolkit_skip_tsan(TSAN_FORK))
		return;
	begin();
	make_child(0);
	answers("child handle b 15 say", "child handle 0");
	scenario_send(&s, "child fork");
	child = (pid_t)scenario_expect_number(&s, "child forked ");
	answers("child child handle c 15 say", "child child handle 0");
	signal_child(SIGTERM);
	scenario_expect(&s, "child child c: 15");
	answers("child kill 15", "child b: 15");
	answers("child child _exit 2;child reap", "child reaped 0 2");
	answers("child _exit 3;reap", "reaped 0 3");
	end();
}
END_TEST

/* Two lines in any order, the latter with a number. */
static void
expect_both(const char *command, const char *one, const char *other)
{
	char line[64];

	scenario_send(&s, "%s", command);
	ck_assert(scenario_read_line(&s, line, sizeof(line), 0));
	if (strcmp(line, one) == 0) {
		scenario_expect_number(&s, other);
		return;
	}
	ck_assert_int_eq(strncmp(line, other, strlen(other)), 0);
	scenario_expect(&s, "%s", one);
}

/* A signal on its way at the fork is the parent's. */
START_TEST(child_does_not_inherit_a_pending_signal)
{
	if (toolkit_skip_tsan(TSAN_FORK))
		return;
	begin();
	for (int i = 0; i < 20; i++) {
		expect_both("kill 10;fork", "a: 10", "forked ");
		answers("child handle b 10 other", "child handle 0");
		answers("child handle b 12 say", "child handle 0");
		answers("child kill 12", "child b: 12");
		answers("child _exit 0;reap", "reaped 0 0");
	}
	end();
}
END_TEST

START_TEST(callback_that_forked_ends_its_child)
{
	scenario_start(&s, "signals", NULL);
	answers("handle a 10 fork;handle a 15 say", "handle 0");
	scenario_expect(&s, "handle 0");
	answers("kill 10", "a: child's status 0");
	end();
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("signals fork");
	TCase *tcase = tcase_create("children");

	tcase_add_checked_fixture(tcase, toolkit_setup, toolkit_teardown);
	tcase_add_loop_test(tcase, child_without_call_dies_of_TERM, 0,
	    MAKERS);
	tcase_add_test(tcase, child_without_call_has_the_handler_of_before);
	tcase_add_test(tcase, child_without_call_keeps_ignoring);
	tcase_add_test(tcase, vfork_child_dies_of_TERM);
	tcase_add_loop_test(tcase, child_object_is_not_ours_there, 0, MAKERS);
	tcase_add_loop_test(tcase, child_and_parent_have_their_own_signals, 0,
	    MAKERS);
	tcase_add_loop_test(tcase, child_with_other_object_dies_of_TERM, 0,
	    MAKERS);
	tcase_add_loop_test(tcase, child_with_any_call_dies_of_TERM, 0,
	    MAKERS);
	tcase_add_test(tcase, grandchild_has_its_own_signals);
	tcase_add_test(tcase, child_does_not_inherit_a_pending_signal);
	tcase_add_test(tcase, callback_that_forked_ends_its_child);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
