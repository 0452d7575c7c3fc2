/* Exit handlers in great numbers: forks, registrations, and no memory. */
#define _GNU_SOURCE 1

#include "settle.h"
#include "toolkit/toolkit.h"

#include <stdio.h>

/* A list that is searched would be a thousand times slower. */
enum { FORKS = 10000, PARTS = 5, MAX_RATIO = 30 };

static struct scenario s;

static void
ended(void)
{
	scenario_expect_exit(&s, 0);
	scenario_expect_eof(&s);
	ck_assert_str_eq(scenario_stderr(&s), "");
}

/* No child hangs, and each runs its own handlers and the shared one. */
START_TEST(fork_beside_four_busy_threads_hangs_nobody)
{
	char count[16], line[1000] = "", expected[32];
	int n = _i < PARTS ? FORKS / PARTS : FORKS / PARTS / 2;

	if (settle_under_asan()) {
		toolkit_skip("a crowd around forks: its allocator's locks");
		return;
	}
	if (_i % PARTS > 0 && toolkit_skip_tsan(TSAN_SLOW))
		return;
	snprintf(count, sizeof(count), "%d", n);
	snprintf(expected, sizeof(expected), "forked %d", n);
	scenario_start(&s, "churn", _i < PARTS ? "forks" : "installed",
	    count, NULL);
	scenario_read_line(&s, line, sizeof(line), 60000);
	ck_assert_str_eq(line, expected);
	ended();
}
END_TEST

/* Tokens are all different, too. */
START_TEST(register_a_million_costs_the_same_for_each)
{
	char line[1000] = "";
	int ratio = 0;

	scenario_start(&s, "churn", "grow", NULL);
	scenario_read_line(&s, line, sizeof(line), 60000);
	ck_assert_int_eq(sscanf(line, "ratio %d", &ratio), 1);
	ck_assert_int_le(ratio, MAX_RATIO);
	ended();
}
END_TEST

START_TEST(register_32_needs_no_memory)
{
	if (settle_under_asan()) {
		toolkit_skip("no memory: the sanitizer needs some");
		return;
	}
	if (toolkit_skip_tsan(TSAN_MEMORY))
		return;
	scenario_start(&s, "churn", "reserve", NULL);
	scenario_expect(&s, "then PROCLC_ENOMEM");
	scenario_expect(&s, "all ran 1");
	ended();
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("churn");
	TCase *tcase = tcase_create("churn");

	tcase_add_checked_fixture(tcase, toolkit_setup, toolkit_teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase,
	    fork_beside_four_busy_threads_hangs_nobody, 0, PARTS + 1);
	tcase_add_test(tcase, register_a_million_costs_the_same_for_each);
	tcase_add_test(tcase, register_32_needs_no_memory);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
