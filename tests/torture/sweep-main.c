/* The suite of a program that sweeps. */
#include "sweep.h"
#include "../toolkit/toolkit.h"

#include <check.h>

static const char *name;
static const struct sweep *sweeps;
static int sweep_count;

START_TEST(failing_call_is_an_error_or_a_fallback)
{
	sweep_calls(&sweeps[_i]);
}
END_TEST

START_TEST(refused_memory_is_ENOMEM)
{
	sweep_allocations(&sweeps[_i]);
}
END_TEST

START_TEST(killed_anywhere_the_next_one_works)
{
	sweep_kills(&sweeps[_i]);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create(name);
	TCase *tc = tcase_create(name);
	int n = sweep_count;

	tcase_add_checked_fixture(tc, sweep_setup, sweep_teardown);
	tcase_set_timeout(tc, sweep_timeout());
	tcase_add_loop_test(tc, failing_call_is_an_error_or_a_fallback, 0, n);
	tcase_add_loop_test(tc, refused_memory_is_ENOMEM, 0, n);
	tcase_add_loop_test(tc, killed_anywhere_the_next_one_works, 0, n);
	suite_add_tcase(suite, tc);
	return suite;
}

int
sweep_main(const char *suite, const struct sweep *table, int n)
{
	name = suite;
	sweeps = table;
	sweep_count = n;
	return toolkit_main(make_suite);
}
