/* Processes that end one another, and the example of exit handlers. */
#define _GNU_SOURCE 1

#include "backend.h"
#include "toolkit/toolkit.h"

#include <proclc.h>

#include <signal.h>

static struct scenario s;

/* The deepest ends first, for each waits for its child; its own handlers come
 * before the inherited one, which is older. */
START_TEST(cascade_ends_the_deepest_first)
{
	const char *how = _i == 0 ? "exit" : "signal";

	if (toolkit_skip_tsan(TSAN_FORK))
		return;
	scenario_start(&s, "cascade", _i == 0 ? "1" : "0", NULL);
	ck_assert_int_eq(PROCLC_ATEXIT_STATUS_SIGNUM, 1);
	scenario_expect(&s, "clean 0");
	scenario_expect(&s, "clean 1");
	scenario_expect(&s, "clean 2");
	for (int level = 3; level > 0; level--) {
		scenario_expect(&s, "shared in %d: 15", level);
		scenario_expect(&s, "%d: %d ended, %s 15", level - 1, level,
		    how);
	}
	scenario_expect(&s, "shared in 0: 15");
	if (_i == 0)
		scenario_expect_exit(&s, 15);
	else
		scenario_expect_killed(&s, SIGTERM);
	scenario_expect_eof(&s);
	ck_assert_str_eq(scenario_stderr(&s), "");
}
END_TEST

START_TEST(example_runs_each_handler_where_it_belongs)
{
	char path[1024];

	if (toolkit_skip_tsan(TSAN_FORK))
		return;
	scenario_path(path, sizeof(path), "../examples/atexit");
	scenario_start(&s, path, NULL);
	scenario_expect(&s, "the child's own, on signal 15");
	scenario_expect(&s, "one for all, on signal 15");
	scenario_expect(&s, "the child is gone");
	scenario_expect(&s, "one for all, on signal 0");
	scenario_expect(&s, "the parent's own, on signal 0");
	scenario_expect_exit(&s, 0);
	scenario_expect_eof(&s);
	ck_assert_str_eq(scenario_stderr(&s), "");
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("cascade");
	TCase *tcase = tcase_create("cascade");

	tcase_add_checked_fixture(tcase, toolkit_setup, toolkit_teardown);
	tcase_add_loop_test(tcase, cascade_ends_the_deepest_first, 0, 2);
	tcase_add_test(tcase, example_runs_each_handler_where_it_belongs);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
