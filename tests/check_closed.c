/*
 * Tasks that have closed every descriptor, or are in a pid namespace that
 * their parent is not in: what they know of its end.
 */
#define _GNU_SOURCE 1

#include "parents.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static const char *const closing[] = {
	"with=close=free", "with=close=ready", "with=close=quiet",
};

enum { CLOSING = 3 };

/* The task has closed every descriptor: the watch goes on. */
static void
expect_watched(struct scenario *s, const char *kind)
{
	pid_t task = parent_start_task(s, kind, "a");

	ck_assert(!process_gone_within(task, 100));
	scenario_signal(s, SIGKILL);
	if (strcmp(kind, "loop") == 0)
		scenario_expect(s, "a stops");
	parent_expect_lines(s, 1, "a ends", "a ends");
	scenario_expect_eof(s);
	scenario_expect_killed(s, SIGKILL);
}

START_TEST(parent_killed_task_without_descriptors_ends)
{
	struct scenario s;

	if (!toolkit_skip_tsan(TSAN_CLOSE) &&
	    parent_start(&s, _i / 6, closing[_i / 2 % 3], NULL))
		expect_watched(&s, _i % 2 == 0 ? "task" : "loop");
}
END_TEST

/* The parent's number is 0 to them: they have a handle on it. */
START_TEST(parent_killed_task_in_namespace_ends)
{
	struct scenario s;

	if (!skip_without("process", "pidfd") &&
	    parent_start(&s, 0, "namespace", NULL))
		expect_watched(&s, _i == 0 ? "task" : "loop");
}
END_TEST

/* Without it nobody can tell: no alarm is raised.  They end with the parent
 * that ends in its own time. */
START_TEST(task_in_namespace_without_descriptors_lives)
{
	struct scenario s;

	if (skip_without("process", "pidfd") ||
	    toolkit_skip_tsan(TSAN_CLOSE) ||
	    !parent_start(&s, 0, "namespace", closing[_i]))
		return;
	parent_start_task(&s, "task", "a");
	poll(NULL, 0, 100);
	scenario_send(&s, "live");
	scenario_expect(&s, "live 1");
	scenario_send(&s, "exit=0");
	scenario_expect(&s, "a ends 4");
	scenario_expect_exit(&s, 0);
	scenario_expect_eof(&s);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("closed");
	TCase *tcase = tcase_create("closed");

	tcase_add_checked_fixture(tcase, toolkit_setup, toolkit_teardown);
	/* And without handles from the start, twice. */
	tcase_add_loop_test(tcase,
	    parent_killed_task_without_descriptors_ends, 0, 2 * CLOSING + 2);
	tcase_add_loop_test(tcase, parent_killed_task_in_namespace_ends, 0,
	    2);
	tcase_add_loop_test(tcase,
	    task_in_namespace_without_descriptors_lives, 0, CLOSING);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
