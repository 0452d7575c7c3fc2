/* The allocator that refuses, or is interrupted: just when it says? */
#define _GNU_SOURCE 1

#include "sanitized.h"
#include "../toolkit/toolkit.h"

#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct scenario s;
static char victim[1024];

static void
setup(void)
{
	toolkit_setup();
	scenario_path(victim, sizeof(victim), "torture/victim");
	setenv("ALLOC_MARKED", "1", 1);
	setenv("ALLOC_REPORT", "2", 1);
}

static bool
skip(void)
{
	char path[1024];

	scenario_path(path, sizeof(path), "torture/alloc.so");
	setenv("LD_PRELOAD", path, 1);
	if (sanitized_memory())
		toolkit_skip("the allocator is the sanitizer's");
	else if (access(path, R_OK) != 0)
		toolkit_skip("no shared objects: %s", path);
	else
		return false;
	return true;
}

/* The victim between marks: what it tells, and what was done. */
static void
expect(const char *told, int done)
{
	scenario_expect(&s, "%s", told);
	scenario_expect(&s, "end %d", done);
	scenario_expect_exit(&s, 0);
}

static const struct {
	const char *fail;
	const char *word;
	const char *number;
	const char *told;
	int done;
} failures[] = {
	{ "1", "allocate", "5", "allocate 1", 1 },
	{ "5", "allocate", "5", "allocate 1", 1 },
	{ "6", "allocate", "5", "allocate 0", 0 },
	{ "3+", "allocate", "5", "allocate 3", 3 },
	{ "1", "grow", NULL, "grow 1", 1 },
	{ "2", "grow", NULL, "grow 1", 1 },
	{ "3", "grow", NULL, "grow 1", 1 },
	{ "1+", "grow", NULL, "grow 3", 3 },
};

START_TEST(fail_is_the_kth_allocation)
{
	if (skip())
		return;
	setenv("ALLOC_FAIL", failures[_i].fail, 1);
	scenario_start(&s, victim, "begin", failures[_i].word,
	    failures[_i].number == NULL ? "end" : failures[_i].number,
	    failures[_i].number == NULL ? NULL : "end", NULL);
	expect(failures[_i].told, failures[_i].done);
}
END_TEST

START_TEST(only_who_is_named_is_refused)
{
	if (skip())
		return;
	setenv("ALLOC_FAIL", "1+", 1);
	setenv("ALLOC_ONLY", "libproclc", 1);
	scenario_start(&s, victim, "begin", "allocate", "3", "end", NULL);
	expect("allocate 0", 0);
	setenv("ALLOC_ONLY", "libc.so", 1);
	scenario_start(&s, victim, "begin", "allocate", "3", "end", NULL);
	expect("allocate 0", 0);
	setenv("ALLOC_ONLY", "", 1);
	scenario_start(&s, victim, "begin", "allocate", "3", "end", NULL);
	expect("allocate 3", 3);
}
END_TEST

START_TEST(living_are_those_not_freed)
{
	if (skip())
		return;
	scenario_start(&s, victim, "begin", "allocate", "7", "grow", "lose",
	    "lose", "end", NULL);
	scenario_expect(&s, "allocate 0");
	expect("grow 0", 0);
	ck_assert_str_eq(scenario_stderr(&s),
	    "allocations 12 injected 0 living 2\n");
}
END_TEST

/* A handler that allocates would hang for ever with most allocators. */
START_TEST(raise_comes_while_the_lock_is_held)
{
	if (skip())
		return;
	setenv("ALLOC_RAISE", "3:10", 1);
	scenario_start(&s, victim, "allocating", "begin", "allocate", "5",
	    "end", NULL);
	scenario_expect_killed(&s, SIGABRT);
	ck_assert_str_eq(scenario_stderr(&s),
	    "alloc: entered by a signal handler\n");
}
END_TEST

START_TEST(raise_is_harmless_for_a_good_handler)
{
	if (skip())
		return;
	setenv("ALLOC_RAISE", "3:10", 1);
	scenario_start(&s, victim, "catch", "begin", "allocate", "2",
	    "allocate", "1", "allocate", "1", "end", NULL);
	scenario_expect(&s, "allocate 0");
	scenario_expect(&s, "caught 10");
	scenario_expect(&s, "allocate 0");
	expect("allocate 0", 1);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("alloc");
	TCase *tc = tcase_create("alloc");

	tcase_add_checked_fixture(tc, setup, toolkit_teardown);
	tcase_add_loop_test(tc, fail_is_the_kth_allocation, 0,
	    (int)(sizeof(failures) / sizeof(failures[0])));
	tcase_add_test(tc, only_who_is_named_is_refused);
	tcase_add_test(tc, living_are_those_not_freed);
	tcase_add_test(tc, raise_comes_while_the_lock_is_held);
	tcase_add_test(tc, raise_is_harmless_for_a_good_handler);
	suite_add_tcase(suite, tc);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
