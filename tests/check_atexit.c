/* Exit handlers: which run, in which order, in which process, how often. */
#define _GNU_SOURCE 1

#include "backend.h"
#include "toolkit/toolkit.h"

#include <proclc.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
	scenario_start(&s, "atexit", NULL);
}

/* It has ended, has said no more, and complains of nothing. */
static void
ended(int code)
{
	scenario_expect_exit(&s, code);
	scenario_expect_eof(&s);
	ck_assert_str_eq(scenario_stderr(&s), "");
}

/* What a handler tells of an end whose code libc alone knows. */
static const char *
normal(const char *name, int code)
{
	static char text[64];

	snprintf(text, sizeof(text), "%s: normal %d 0", name,
	    backend_is("exithook", "onexit") ? code : PROCLC_CODE_UNKNOWN);
	return text;
}

static void
has(const char *name, const char *kind)
{
	scenario_send(&s, "register %s %s", name, kind);
	scenario_expect(&s, "register new");
}

/* Ends. */

START_TEST(exit_runs_newest_first)
{
	begin();
	has("a", "say");
	has("b", "say");
	has("c", "say");
	answers("exit 3", normal("c", 3));
	scenario_expect(&s, "%s", normal("b", 3));
	scenario_expect(&s, "%s", normal("a", 3));
	ended(3);
}
END_TEST

START_TEST(end_by_each_way_tells_its_cause)
{
	static const struct {
		const char *command, *cause;
		int code;
	} ways[] = {
		{ "exit 0", NULL, 0 }, { "exit 255", NULL, 255 },
		{ "return", NULL, 0 },
		{ "proclc_exit 0", "call 0 0", 0 },
		{ "proclc_exit 9", "call 9 0", 9 },
		{ "atexit_run 10", "explicit 10 0", 10 },
	};

	begin();
	has("a", "say");
	scenario_send(&s, "%s", ways[_i].command);
	if (ways[_i].cause == NULL)
		scenario_expect(&s, "%s", normal("a", ways[_i].code));
	else
		scenario_expect(&s, "a: %s", ways[_i].cause);
	ended(ways[_i].code);
}
END_TEST

START_TEST(end_past_libc_runs_none)
{
	begin();
	has("a", "say");
	scenario_send(&s, "_exit 4");
	ended(4);
}
END_TEST

START_TEST(end_by_kill_runs_none)
{
	begin();
	has("a", "say");
	scenario_signal(&s, SIGKILL);
	scenario_expect_killed(&s, SIGKILL);
	scenario_expect_eof(&s);
}
END_TEST

/* The program's own atexit functions, and its buffered text, once. */
START_TEST(end_leaves_through_libc)
{
	static const char *const ways[] = { "exit 5", "proclc_exit 5",
	    "atexit_run 5" };
	char line[100];

	begin();
	scenario_send(&s, "libc early;print text");
	has("a", "say");
	scenario_send(&s, "%s", ways[_i]);
	ck_assert(scenario_read_line(&s, line, sizeof(line), 0));
	ck_assert_int_eq(strncmp(line, "a: ", 3), 0);
	scenario_expect(&s, "libc early");
	scenario_expect(&s, "late PROCLC_EENDING");
	scenario_expect(&s, "text");
	ended(5);
}
END_TEST

/* A libc handler that is newer than the library's hook is in time. */
START_TEST(register_before_our_turn_in_exit_runs)
{
	begin();
	has("a", "say");
	scenario_send(&s, "libc x");
	answers("exit 0", "libc x");
	ck_assert_int_gt(scenario_expect_number(&s, "late "), 0);
	scenario_expect(&s, "%s", normal("late", 0));
	scenario_expect(&s, "%s", normal("a", 0));
	ended(0);
}
END_TEST

/* Each once, whichever thread won. */
START_TEST(end_by_many_threads_runs_each_once)
{
	static const char *const hows[] = { "exit", "proclc_exit", "both" };
	char line[100], name[16];

	begin();
	answers("many 10", "registered 10");
	scenario_send(&s, "all_exit %s 8", hows[_i % 3]);
	for (int i = 9; i >= 0; i--) {
		ck_assert(scenario_read_line(&s, line, sizeof(line), 0));
		snprintf(name, sizeof(name), "%d: ", i);
		ck_assert_msg(strncmp(line, name, strlen(name)) == 0,
		    "expected %s, got %s", name, line);
	}
	ended(40);
}
END_TEST

/* Handlers that do something. */

START_TEST(handler_that_ends_lets_the_others_run)
{
	static const struct {
		const char *kind, *cause;
		int code;
	} ways[] = {
		{ "proclc_exit", "call 22 0", 22 },
		{ "exit", NULL, 21 },
	};
	static const char *const ends[] = { "proclc_exit 1", "exit 1" };
	char line[100];

	begin();
	has("a", "say");
	has("b", "say");
	has("c", ways[_i % 2].kind);
	scenario_send(&s, "%s", ends[_i / 2]);
	ck_assert(scenario_read_line(&s, line, sizeof(line), 0));
	ck_assert_int_eq(strncmp(line, "c: ", 3), 0);
	ck_assert(scenario_read_line(&s, line, sizeof(line), 0));
	ck_assert_int_eq(strncmp(line, "b: ", 3), 0);
	if (ways[_i % 2].cause != NULL)
		ck_assert_str_eq(line + 3, ways[_i % 2].cause);
	ck_assert(scenario_read_line(&s, line, sizeof(line), 0));
	ck_assert_int_eq(strncmp(line, "a: ", 3), 0);
	ended(ways[_i % 2].code);
}
END_TEST

START_TEST(handler_that_registers_has_it_run_next)
{
	begin();
	has("a", "say");
	has("b", "register");
	answers("proclc_exit 0", "b: call 0 0");
	scenario_expect(&s, "registered 1");
	scenario_expect(&s, "next: call 0 0");
	scenario_expect(&s, "a: call 0 0");
	ended(0);
}
END_TEST

/* The child of a handler has nothing to return to. */
START_TEST(handler_that_forks_has_its_child_leave)
{
	static const char *const ends[] = { "proclc_exit 6", "exit 6" };
	char line[100];

	begin();
	scenario_send(&s, "libc early");
	has("a", "say");
	has("b", "fork");
	scenario_send(&s, "%s", ends[_i]);
	ck_assert(scenario_read_line(&s, line, sizeof(line), 0));
	ck_assert_int_eq(strncmp(line, "b: ", 3), 0);
	ck_assert(scenario_read_line(&s, line, sizeof(line), 0));
	ck_assert_str_eq(line, "b: child's status 0");
	ck_assert(scenario_read_line(&s, line, sizeof(line), 0));
	ck_assert_int_eq(strncmp(line, "a: ", 3), 0);
	scenario_expect(&s, "libc early");
	scenario_expect(&s, "late PROCLC_EENDING");
	ended(6);
}
END_TEST

START_TEST(handler_that_crashes_is_seen_by_the_parent)
{
	begin();
	has("a", "crash");
	answers("proclc_exit 0", "a: call 0 0");
	scenario_expect_killed(&s, SIGABRT);
}
END_TEST

/* Registering. */

START_TEST(register_beyond_the_reserve_runs_all)
{
	begin();
	answers("many 40", "registered 40");
	answers("unregister 35", "unregister 1");
	answers("unregister 5", "unregister 1");
	scenario_send(&s, "proclc_exit 0");
	for (int i = 39; i >= 0; i--)
		if (i != 35 && i != 5)
			scenario_expect(&s, "%d: call 0 0", i);
	ended(0);
}
END_TEST

START_TEST(register_twice_gives_the_same_token)
{
	begin();
	has("a", "say");
	has("b", "say");
	answers("register a say", "register same token");
	answers("proclc_exit 0", "b: call 0 0");
	scenario_expect(&s, "a: call 0 0");
	ended(0);
}
END_TEST

/* The reserve of 32 is not used up by coming and going. */
START_TEST(unregister_tells_whether_it_was_there)
{
	begin();
	answers("unregister a", "unregister 0");
	has("a", "say");
	has("b", "say");
	has("c", "say");
	answers("unregister b", "unregister 1");
	answers("unregister b", "unregister 0");
	answers("cancel b", "cancel 0");
	answers("cancel c", "cancel 1");
	answers("cancel c", "cancel 0");
	answers("register c say", "register another token");
	answers("proclc_exit 0", "c: call 0 0");
	scenario_expect(&s, "a: call 0 0");
	ended(0);
}
END_TEST

static void
on_exit_never(void *user, const struct proclc_exit_cause *cause)
{
	(void)user;
	(void)cause;
	abort();
}

START_TEST(register_nonsense_is_EINVAL)
{
	toolkit_mark();
	ck_assert_int_eq(proclc_atexit_register(NULL, NULL, 0),
	    PROCLC_EINVAL);
	ck_assert_int_eq(proclc_atexit_register(on_exit_never, NULL, 4),
	    PROCLC_EINVAL);
	ck_assert_int_eq(proclc_atexit_unregister(on_exit_never, NULL), 0);
	ck_assert_int_eq(proclc_atexit_unregister(NULL, NULL), 0);
	ck_assert_int_eq(proclc_atexit_cancel(0), 0);
	ck_assert_int_eq(proclc_atexit_cancel(-1), 0);
	toolkit_unchanged();
}
END_TEST

static void
add_ends(Suite *suite)
{
	TCase *tcase = tcase_create("end");

	tcase_add_checked_fixture(tcase, toolkit_setup, toolkit_teardown);
	tcase_add_test(tcase, exit_runs_newest_first);
	tcase_add_loop_test(tcase, end_by_each_way_tells_its_cause, 0, 6);
	tcase_add_test(tcase, end_past_libc_runs_none);
	tcase_add_test(tcase, end_by_kill_runs_none);
	tcase_add_loop_test(tcase, end_leaves_through_libc, 0, 3);
	tcase_add_test(tcase, register_before_our_turn_in_exit_runs);
	tcase_add_loop_test(tcase, end_by_many_threads_runs_each_once, 0, 15);
	suite_add_tcase(suite, tcase);
}

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("atexit");
	TCase *handler = tcase_create("handler");
	TCase *list = tcase_create("register");

	add_ends(suite);
	tcase_add_checked_fixture(handler, toolkit_setup, toolkit_teardown);
	tcase_add_loop_test(handler, handler_that_ends_lets_the_others_run,
	    0, 4);
	tcase_add_test(handler, handler_that_registers_has_it_run_next);
	tcase_add_loop_test(handler, handler_that_forks_has_its_child_leave,
	    0, 2);
	tcase_add_test(handler, handler_that_crashes_is_seen_by_the_parent);
	suite_add_tcase(suite, handler);

	tcase_add_checked_fixture(list, toolkit_setup, toolkit_teardown);
	tcase_add_test(list, register_beyond_the_reserve_runs_all);
	tcase_add_test(list, register_twice_gives_the_same_token);
	tcase_add_test(list, unregister_tells_whether_it_was_there);
	tcase_add_test(list, register_nonsense_is_EINVAL);
	suite_add_tcase(suite, list);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
