/*
 * Starts in unusual places: each works, or is refused by an error of its own.
 */
#define _GNU_SOURCE 1

#include "settle.h"
#include "toolkit/toolkit.h"

#include <signal.h>
#include <stdio.h>

static struct scenario s;

static void
expect_end(void)
{
	scenario_expect_exit(&s, 3);
	scenario_expect_eof(&s);
	ck_assert_str_eq(scenario_stderr(&s), "");
}

/* It says what came of it, and all is over then. */
static void
expect_at(const char *place, const char *came)
{
	scenario_start(&s, "anywhere", place, NULL);
	scenario_expect(&s, "%s %s", place, came);
	expect_end();
}

START_TEST(start_in_a_task_works)
{
	expect_at("task", "7");
}
END_TEST

START_TEST(start_in_a_forked_child_works)
{
	expect_at("fork", "7");
}
END_TEST

START_TEST(start_in_a_callback_of_a_signal_works)
{
	expect_at("signal", "7");
}
END_TEST

START_TEST(start_in_a_callback_of_a_watch_works)
{
	expect_at("orphan", "7");
}
END_TEST

START_TEST(start_in_a_callback_of_a_task_works)
{
	expect_at("on_exit", "7");
}
END_TEST

START_TEST(start_in_eight_threads_works)
{
	if (skip_crowd())
		return;
	expect_at("threads", "7");
}
END_TEST

/* It would have no place among the handlers. */
START_TEST(start_in_an_exit_handler_is_EENDING)
{
	expect_at("exit", "PROCLC_EENDING");
}
END_TEST

START_TEST(start_in_an_exit_handler_of_a_task_is_EENDING)
{
	expect_at("task-exit", "PROCLC_EENDING");
}
END_TEST

START_TEST(start_while_exit_shuts_tasks_down_is_EENDING)
{
	expect_at("at-exit", "PROCLC_EENDING");
}
END_TEST

/* It is one of those that are shut down. */
START_TEST(start_during_a_shutdown_works_and_is_shut_down)
{
	expect_at("shutdown", "7");
}
END_TEST

/* Whichever of fd 0-2 the parent has: its children have these, and nothing
 * that a start opens takes the place of the others. */
START_TEST(start_without_some_of_fd_0_to_2)
{
	struct scenario_options options = { .closed = 7 & ~(unsigned)_i };
	char mask[8];

	snprintf(mask, sizeof(mask), "%d", _i);
	scenario_start_with(&s, &options, "bare", mask, NULL);
	scenario_expect_exit(&s, 0);
	scenario_expect_eof(&s);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("start_anywhere");
	TCase *tcase = tcase_create("start_anywhere");

	tcase_add_checked_fixture(tcase, toolkit_setup, toolkit_teardown);
	tcase_add_test(tcase, start_in_a_task_works);
	tcase_add_test(tcase, start_in_a_forked_child_works);
	tcase_add_test(tcase, start_in_a_callback_of_a_signal_works);
	tcase_add_test(tcase, start_in_a_callback_of_a_watch_works);
	tcase_add_test(tcase, start_in_a_callback_of_a_task_works);
	tcase_add_test(tcase, start_in_eight_threads_works);
	tcase_add_test(tcase, start_in_an_exit_handler_is_EENDING);
	tcase_add_test(tcase,
	    start_in_an_exit_handler_of_a_task_is_EENDING);
	tcase_add_test(tcase, start_while_exit_shuts_tasks_down_is_EENDING);
	tcase_add_test(tcase,
	    start_during_a_shutdown_works_and_is_shut_down);
	tcase_add_loop_test(tcase, start_without_some_of_fd_0_to_2, 0, 8);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
