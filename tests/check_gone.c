/*
 * What becomes of the tasks when their parent is gone without a word.
 */
#define _GNU_SOURCE 1

#include "parents.h"
#include "settle.h"
#include "toolkit/clock.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

/* No handler runs: the tasks watch their parent. */

START_TEST(parent_gone_tasks_end_by_themselves)
{
	static const char *const gone[] = { "raise=9", "_exit=6" };
	struct scenario s;

	if (!parent_start(&s, _i / 2, "handler=old", NULL))
		return;
	parent_start_task(&s, "task", "a");
	parent_start_task(&s, "loop", "b");
	scenario_send(&s, "%s", gone[_i % 2]);
	parent_expect_lines(&s, 3, "a ends 5", "b ");
	scenario_expect_eof(&s);
	ck_assert_int_eq(scenario_wait(&s), _i % 2 == 0 ? SIGKILL : 6 << 8);
}
END_TEST

/* The exit handlers of each have run once. */
START_TEST(parent_killed_500_tasks_are_gone_in_a_second)
{
	/* A sanitizer's threads are heavy. */
	int n = settle_under_asan() ? 100 : 500;
	struct scenario s;
	int64_t killed;

	if (!parent_start(&s, _i, NULL, NULL))
		return;
	scenario_send(&s, "many=%d", n);
	parent_expect_lines(&s, n, "one begins", "one begins");
	scenario_signal(&s, SIGKILL);
	killed = clock_now_ms();
	parent_expect_lines(&s, 3 * n / 2, "one ends", "one stops");
	scenario_expect_eof(&s);
	/* Where there is no handle they ask once a second. */
	ck_assert_int_lt(clock_now_ms() - killed, (int64_t)((_i == 0 &&
	    backend_is("process", "pidfd") ? 1000 : 2000) *
	    clock_multiplier()));
	scenario_expect_killed(&s, SIGKILL);
}
END_TEST

/* In the middle of starting them; some times without handles, too. */
START_TEST(parent_killed_at_any_moment_leaves_no_task)
{
	struct scenario s;
	char line[64];
	int i, before = _i % 8;

	if (!parent_start(&s, _i / 8, NULL, NULL))
		return;
	scenario_send(&s, "many=200");
	for (i = 0; i < before; i++)
		ck_assert(scenario_read_line(&s, line, sizeof(line), 0));
	scenario_signal(&s, SIGKILL);
	scenario_expect_killed(&s, SIGKILL);
	while (scenario_read_line(&s, line, sizeof(line), 0))
		ck_assert_ptr_null(strstr(line, "refused"));
	scenario_expect_eof(&s);
}
END_TEST

/* Whatever keeps them from hearing of it: the guard ends them. */
START_TEST(parent_killed_stubborn_tasks_are_gone_after_a_grace)
{
	static const char *const postures[] = {
		"term-returns", "exit-hangs", "write", "stick",
	};
	struct scenario s;
	int64_t killed;
	size_t i;

	parent_start(&s, 0, NULL, NULL);
	for (i = 0; i < sizeof(postures) / sizeof(postures[0]); i++) {
		scenario_send(&s, "with=%s", postures[i]);
		scenario_send(&s, "task=a");
	}
	parent_expect_lines(&s, 5, "a begins", "stuck");
	killed = clock_now_ms();
	scenario_signal(&s, SIGKILL);
	parent_expect_lines(&s, 2, "a ends 5", "hanging");
	scenario_expect_eof(&s);
	ck_assert_int_ge(clock_now_ms() - killed, 4900);
	ck_assert_int_lt(clock_now_ms() - killed, 5000 +
	    (int64_t)(2000 * clock_multiplier()));
	scenario_expect_killed(&s, SIGKILL);
}
END_TEST

static void
add_gone(TCase *tcase)
{
	tcase_add_loop_test(tcase, parent_gone_tasks_end_by_themselves, 0,
	    2 * PARENT_WAYS);
	tcase_add_loop_test(tcase,
	    parent_killed_500_tasks_are_gone_in_a_second, 0, 2);
	tcase_add_loop_test(tcase,
	    parent_killed_at_any_moment_leaves_no_task, 0, 8 + 3);
	tcase_add_test(tcase,
	    parent_killed_stubborn_tasks_are_gone_after_a_grace);
}

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("gone");
	TCase *tcase = tcase_create("gone");

	tcase_add_checked_fixture(tcase, toolkit_setup, toolkit_teardown);
	add_gone(tcase);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
