/*
 * What becomes of the tasks when their parent ends in its own time, on each
 * way it may; and of what they share with it.
 */
#define _GNU_SOURCE 1

#include "parents.h"
#include "settle.h"
#include "toolkit/clock.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

/* The exit handlers, and the tasks among them. */

static const struct {
	const char *step;
	int status;
} ways[] = {
	{ "return", 5 << 8 },
	{ "exit=3", 3 << 8 },
	{ "proclc_exit=4", 4 << 8 },
	{ "raise=15", SIGTERM },
	{ "raise=2", SIGINT },
};

enum { EXITS = sizeof(ways) / sizeof(ways[0]) };

/* Newer handlers run while the tasks live, older ones after them. */
START_TEST(exit_ends_tasks_in_their_place_among_the_handlers)
{
	struct scenario s;

	if (toolkit_skip_tsan(TSAN_FORK))
		return;
	parent_start(&s, 0, "install", "handler=old");
	parent_start_task(&s, "task", "a");
	parent_start_task(&s, "loop", "b");
	scenario_send(&s, "handler=mid");
	parent_start_task(&s, "loop", "c");
	scenario_send(&s, "handler=new");
	scenario_send(&s, "%s", ways[_i].step);
	scenario_expect(&s, "new 3");
	scenario_expect(&s, "c stops");
	scenario_expect(&s, "c ends 2");
	scenario_expect(&s, "mid 2");
	parent_expect_lines(&s, 3, "a ends 4", "b ");
	scenario_expect(&s, "old 0");
	ck_assert_int_eq(scenario_wait(&s), ways[_i].status);
	scenario_expect_eof(&s);
}
END_TEST

START_TEST(exit_with_a_stubborn_task_kills_it_after_the_grace)
{
	struct scenario s;
	int64_t before;

	parent_start(&s, 0, "with=term-ignored", NULL);
	parent_start_task(&s, "loop", "a");
	scenario_send(&s, "with=exit-hangs");
	parent_start_task(&s, "task", "b");
	before = clock_now_ms();
	scenario_send(&s, "exit=0");
	scenario_expect(&s, "hanging");
	scenario_expect_exit(&s, 0);
	ck_assert_int_ge(clock_now_ms() - before, 2900);
	ck_assert_int_lt(clock_now_ms() - before, 3000 +
	    (int64_t)(500 * clock_multiplier()));
	scenario_expect_eof(&s);
}
END_TEST

START_TEST(exit_with_a_task_not_to_be_told_waits_for_it)
{
	struct scenario s;
	pid_t task;

	parent_start(&s, 0, "no-terminate", "handler=old");
	task = parent_start_task(&s, "task", "a");
	scenario_send(&s, "exit=0");
	ck_assert(!process_gone_within(s.pid, 100));
	ck_assert_int_eq(kill(task, SIGUSR1), 0);
	scenario_expect(&s, "old 0");
	scenario_expect_exit(&s, 0);
	scenario_expect_eof(&s);
}
END_TEST

/* It would have no place among the handlers. */
START_TEST(exit_handler_cannot_start_a_task)
{
	struct scenario s;

	parent_start(&s, 0, "handler=old", "task-at-exit=x");
	scenario_send(&s, "exit=0");
	scenario_expect(&s, "refused PROCLC_EENDING");
	scenario_expect(&s, "old 0");
	scenario_expect_exit(&s, 0);
	scenario_expect_eof(&s);
}
END_TEST

START_TEST(exit_is_through_and_a_task_is_refused)
{
	struct scenario s;

	parent_start(&s, 0, "late", "handler=old");
	scenario_send(&s, "exit=0");
	scenario_expect(&s, "old 0");
	scenario_expect(&s, "refused PROCLC_EENDING");
	scenario_expect_exit(&s, 0);
	scenario_expect_eof(&s);
}
END_TEST

/* It is pid 1 there: no other could outlive it. */
START_TEST(task_in_namespace_is_shut_down)
{
	struct scenario s;

	if (skip_without("process", "pidfd") ||
	    !parent_start(&s, 0, "namespace", NULL))
		return;
	parent_start_task(&s, _i == 0 ? "task" : "loop", "a");
	scenario_send(&s, "exit=0");
	parent_expect_lines(&s, 1 + _i, "a stops", "a ends");
	scenario_expect_exit(&s, 0);
	scenario_expect_eof(&s);
}
END_TEST

/* What else they share. */

START_TEST(daemonize_with_a_live_task_is_ETASKS)
{
	struct scenario s;

	parent_start(&s, 0, "handler=old", NULL);
	parent_start_task(&s, "task", "a");
	scenario_send(&s, "daemonize");
	scenario_expect(&s, "refused PROCLC_ETASKS");
	scenario_send(&s, "exit=0");
	scenario_expect(&s, "a ends 4");
	scenario_expect(&s, "old 0");
	scenario_expect_exit(&s, 0);
	scenario_expect_eof(&s);
}
END_TEST

START_TEST(daemonize_in_a_task_is_ETASKS)
{
	struct scenario s;

	parent_start(&s, 0, NULL, NULL);
	scenario_send(&s, "daemonize-in-task");
	scenario_expect(&s, "refused PROCLC_ETASKS");
	scenario_send(&s, "exit=0");
	scenario_expect_exit(&s, 0);
	scenario_expect_eof(&s);
}
END_TEST

/* What the parent has printed, and stdio not yet written. */
START_TEST(text_in_stdio_comes_out_once)
{
	static const char *const lock[] = { NULL, "lock-stdout" };
	struct scenario s;

	if (lock[_i] != NULL && toolkit_skip_tsan(TSAN_EXIT))
		return;
	parent_start(&s, 0, "print=once", lock[_i]);
	scenario_send(&s, "run=20");
	scenario_send(&s, "return");
	scenario_expect(&s, "once");
	scenario_expect_exit(&s, 5);
	scenario_expect_eof(&s);
}
END_TEST

/* Busy threads around 2000 starts: no hang, and what one prints comes out
 * once. */
START_TEST(crowded_parent_starts_2000_tasks)
{
	struct scenario s;
	char line[64], expected[64];
	int lines = 0;

	if (settle_under_asan()) {
		toolkit_skip("a crowd around forks: its allocator's locks");
		return;
	}
	scenario_start(&s, "crowd", "2000", NULL);
	while (scenario_read_line(&s, line, sizeof(line), 0)) {
		if (strncmp(line, "total ", 6) == 0)
			break;
		snprintf(expected, sizeof(expected), "line %d", lines++);
		ck_assert_str_eq(line, expected);
	}
	snprintf(expected, sizeof(expected), "total %d", lines);
	ck_assert_str_eq(line, expected);
	ck_assert_int_gt(lines, 10);
	scenario_expect_exit(&s, 0);
	scenario_expect_eof(&s);
}
END_TEST

static void
add_exits(TCase *tcase)
{
	tcase_add_loop_test(tcase,
	    exit_ends_tasks_in_their_place_among_the_handlers, 0, EXITS);
	tcase_add_test(tcase,
	    exit_with_a_stubborn_task_kills_it_after_the_grace);
	tcase_add_test(tcase, exit_with_a_task_not_to_be_told_waits_for_it);
	tcase_add_test(tcase, exit_handler_cannot_start_a_task);
	tcase_add_test(tcase, exit_is_through_and_a_task_is_refused);
	tcase_add_loop_test(tcase, task_in_namespace_is_shut_down, 0, 2);
}

static void
add_shared(TCase *tcase)
{
	tcase_add_test(tcase, daemonize_with_a_live_task_is_ETASKS);
	tcase_add_test(tcase, daemonize_in_a_task_is_ETASKS);
	tcase_add_loop_test(tcase, text_in_stdio_comes_out_once, 0, 2);
	tcase_add_test(tcase, crowded_parent_starts_2000_tasks);
}

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("exits");
	TCase *exits = tcase_create("exits");
	TCase *shared = tcase_create("shared");

	tcase_add_checked_fixture(exits, toolkit_setup, toolkit_teardown);
	add_exits(exits);
	suite_add_tcase(suite, exits);
	tcase_add_checked_fixture(shared, toolkit_setup, toolkit_teardown);
	add_shared(shared);
	suite_add_tcase(suite, shared);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
