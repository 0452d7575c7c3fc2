/*
 * How many system calls the start of a program takes, to the end that is seen:
 * a number that no load of the machine changes.
 */
#define _GNU_SOURCE 1

#include "driven.h"
#include "sanitized.h"
#include "../backend.h"

#include <stdlib.h>

/* Of parent and child, the program's own not counted. */
enum { MOST = 14, FLOOR = 4, FEW = 1, MANY = 11 };

static long
count(const char *how, int n)
{
	char number[16], spawns[1024], show[1024];
	const char *line;
	long sum = 0, calls;

	snprintf(number, sizeof(number), "%d", n);
	scenario_path(spawns, sizeof(spawns), "torture/spawns");
	scenario_path(show, sizeof(show), "scn/show");
	scenario_start(&s, inject, "-m", "record", "--", spawns, how, number,
	    show, NULL);
	scenario_expect_eof(&s);
	scenario_expect_exit(&s, 0);
	line = scenario_stderr(&s);
	while ((line = strstr(line, "call ")) != NULL) {
		if (sscanf(line, "call %*s %*s %ld", &calls) == 1)
			sum += calls;
		line += 5;
	}
	return sum;
}

START_TEST(spawn_takes_few_system_calls)
{
	long each, floor;

	if (skip_without("exec", "clone") || skip())
		return;
	if (sanitized_memory()) {
		toolkit_skip("the calls that it makes: the sanitizer makes"
		    " some");
		return;
	}
	each = count("library", MANY) - count("library", FEW);
	floor = count("floor", MANY) - count("floor", FEW);
	/* No other number comes of ten times the same. */
	ck_assert_int_eq(each % (MANY - FEW), 0);
	ck_assert_int_eq(floor % (MANY - FEW), 0);
	each = (each - floor) / (MANY - FEW) + FLOOR;
	printf("# %ld system calls a spawn, %d at least\n", each, FLOOR);
	ck_assert_int_le(each, MOST);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("spawncalls");
	TCase *tc = tcase_create("spawncalls");

	tcase_add_checked_fixture(tc, setup, toolkit_teardown);
	tcase_add_test(tc, spawn_takes_few_system_calls);
	suite_add_tcase(suite, tc);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
