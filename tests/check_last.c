/* The process ends when the program's last thread has called pthread_exit,
 * although threads of the library live. */
#define _GNU_SOURCE 1

#include "backend.h"
#include "toolkit/toolkit.h"

static struct scenario s;

static bool
begin(const char *first, const char *second)
{
	if (skip_without("threads", "proc"))
		return false;
	scenario_start(&s, "last", first, second, NULL);
	return true;
}

static void
ended(void)
{
	scenario_expect(&s, "first: 1 0");
	scenario_expect_exit(&s, 0);
	scenario_expect_eof(&s);
	ck_assert_str_eq(scenario_stderr(&s), "");
}

START_TEST(last_thread_is_the_first)
{
	if (!begin(NULL, NULL))
		return;
	scenario_expect(&s, "ready");
	ended();
}
END_TEST

/* Whether or not it has ever called the library. */
START_TEST(last_thread_is_another)
{
	char line[1000];

	if (!begin(_i == 0 ? "idle" : "user", NULL))
		return;
	for (int i = 0; i < 2; i++)
		ck_assert(scenario_read_line(&s, line, sizeof(line), 0));
	ck_assert(!process_gone_within(s.pid, 50));
	scenario_send(&s, "go");
	if (_i == 1)
		scenario_expect(&s, "user: 1 0");
	ended();
}
END_TEST

START_TEST(last_thread_is_one_of_several)
{
	char line[1000];

	if (!begin("user", "idle"))
		return;
	for (int i = 0; i < 3; i++)
		ck_assert(scenario_read_line(&s, line, sizeof(line), 0));
	scenario_send(&s, "go");
	ck_assert(!process_gone_within(s.pid, 50));
	scenario_send(&s, "go");
	scenario_expect(&s, "user: 1 0");
	ended();
}
END_TEST

START_TEST(last_thread_of_a_child)
{
	if (!begin("child", NULL))
		return;
	scenario_expect(&s, "child: 1 0");
	scenario_expect(&s, "child's status 0");
	scenario_expect(&s, "ready");
	ended();
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("last");
	TCase *tcase = tcase_create("last");

	tcase_add_checked_fixture(tcase, toolkit_setup, toolkit_teardown);
	tcase_add_test(tcase, last_thread_is_the_first);
	tcase_add_loop_test(tcase, last_thread_is_another, 0, 2);
	tcase_add_test(tcase, last_thread_is_one_of_several);
	tcase_add_test(tcase, last_thread_of_a_child);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
