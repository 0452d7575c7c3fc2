/*
 * What becomes of tasks when their parent is gone: of those that outlive it,
 * those given up, and those that lead a group; forked or spawned.
 */
#define _GNU_SOURCE 1

#include "toolkit/clock.h"
#include "toolkit/toolkit.h"

#include <proclc.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

/* Two ways to be born, and two for the parent to go. */
enum { BIRTHS = 2, GOINGS = 2 };

static const char *const goings[] = { "raise=9", "exit=0" };

static void
start_parent(struct scenario *s, int birth)
{
	scenario_start(s, "kin", birth == 1 ? "spawn" : NULL, NULL);
	scenario_expect(s, "ready");
}

/* Its pid, once it has begun. */
static pid_t
start_task(struct scenario *s, const char *kind, const char *name,
    unsigned flags)
{
	char text[32];

	scenario_send(s, "flags=%u", flags);
	scenario_send(s, "%s=%s", kind, name);
	snprintf(text, sizeof(text), "%s begins ", name);
	return (pid_t)scenario_expect_number(s, text);
}

static void
let_parent_go(struct scenario *s, int going)
{
	scenario_send(s, "%s", goings[going]);
	ck_assert_int_eq(scenario_wait(s), going == 0 ? SIGKILL : 0);
}

START_TEST(outliving_ones_live_and_others_end)
{
	struct scenario s;
	pid_t a, b, c;

	start_parent(&s, _i / GOINGS);
	a = start_task(&s, "task", "a", PROCLC_TASK_OUTLIVE_PARENT);
	b = start_task(&s, "loop", "b", PROCLC_TASK_OUTLIVE_PARENT);
	c = start_task(&s, "task", "c", 0);
	let_parent_go(&s, _i % GOINGS);
	scenario_expect(&s, "c ends %d", _i % GOINGS == 0 ?
	    PROCLC_EXIT_ORPHANED : PROCLC_EXIT_SIGNAL);
	process_wait_gone(c, 0);
	ck_assert(!process_gone_within(a, 100));
	ck_assert(process_alive(b));
	ck_assert_int_eq(kill(a, SIGTERM), 0);
	scenario_expect(&s, "a ends %d", PROCLC_EXIT_SIGNAL);
	ck_assert_int_eq(kill(b, SIGTERM), 0);
	scenario_expect(&s, "b stops");
	scenario_expect_eof(&s);
	process_wait_gone(a, 0);
	process_wait_gone(b, 0);
}
END_TEST

START_TEST(shutdown_all_is_for_outliving_ones_too)
{
	struct scenario s;

	start_parent(&s, _i);
	start_task(&s, "task", "a", PROCLC_TASK_OUTLIVE_PARENT);
	scenario_send(&s, "shutdown-all");
	scenario_expect(&s, "a ends %d", PROCLC_EXIT_SIGNAL);
	scenario_expect(&s, "shutdown 0");
	scenario_send(&s, "exit=4");
	scenario_expect_eof(&s);
	scenario_expect_exit(&s, 4);
}
END_TEST

/* Not by the exit of its parent, which does not know it any more. */
START_TEST(detached_one_ends_with_its_parent_unless_it_outlives)
{
	struct scenario s;
	pid_t b;

	start_parent(&s, _i / GOINGS);
	start_task(&s, "task", "a", 0);
	scenario_send(&s, "detach");
	scenario_expect(&s, "detach 0");
	b = start_task(&s, "task", "b", PROCLC_TASK_OUTLIVE_PARENT);
	scenario_send(&s, "detach");
	scenario_expect(&s, "detach 0");
	scenario_send(&s, "shutdown-all");
	scenario_expect(&s, "shutdown 0");
	let_parent_go(&s, _i % GOINGS);
	scenario_expect(&s, "a ends %d", PROCLC_EXIT_ORPHANED);
	ck_assert(!process_gone_within(b, 100));
	ck_assert_int_eq(kill(b, SIGTERM), 0);
	scenario_expect(&s, "b ends %d", PROCLC_EXIT_SIGNAL);
	scenario_expect_eof(&s);
	process_wait_gone(b, 0);
}
END_TEST

/* It would end without a word. */
START_TEST(daemonize_with_a_detached_one_is_ETASKS)
{
	struct scenario s;
	pid_t a;

	start_parent(&s, 0);
	a = start_task(&s, "task", "a", 0);
	scenario_send(&s, "detach");
	scenario_expect(&s, "detach 0");
	scenario_send(&s, "daemonize");
	scenario_expect(&s, "refused PROCLC_ETASKS");
	ck_assert(process_alive(a));
	scenario_send(&s, "exit=0");
	scenario_expect(&s, "a ends %d", PROCLC_EXIT_ORPHANED);
	scenario_expect_exit(&s, 0);
	scenario_expect_eof(&s);
}
END_TEST

/* A task, a loop; each member hears it. */
START_TEST(group_of_a_killed_parent_hears_TERM)
{
	bool loop = _i / BIRTHS == 1;
	struct scenario s;
	char line[64];
	int i, children = 0, leaders = 0;

	start_parent(&s, _i % BIRTHS);
	scenario_send(&s, "flags=%d", PROCLC_TASK_GROUP);
	scenario_send(&s, "children=2");
	scenario_send(&s, loop ? "loop=a" : "task=a");
	for (i = 0; i < 3; i++)
		ck_assert(scenario_read_line(&s, line, sizeof(line), 0));
	scenario_signal(&s, SIGKILL);
	for (i = 0; i < 3; i++) {
		ck_assert(scenario_read_line(&s, line, sizeof(line), 0));
		children += strcmp(line, "child ends") == 0;
		leaders += strcmp(line, loop ? "a stops" : "a ends 5") == 0;
	}
	ck_assert_int_eq(children, 2);
	ck_assert_int_eq(leaders, 1);
	scenario_expect_eof(&s);
	scenario_expect_killed(&s, SIGKILL);
}
END_TEST

/* While the new run has not come to proclc_init. */
START_TEST(parent_killed_before_the_spawned_one_is_a_task)
{
	struct scenario s;
	char line[64];
	pid_t pid;

	setenv("KIN_HOLD", "yes", 1);
	start_parent(&s, 1);
	scenario_send(&s, _i == 0 ? "task=a" : "loop=a");
	pid = (pid_t)scenario_expect_number(&s, "held ");
	scenario_signal(&s, SIGKILL);
	scenario_expect_killed(&s, SIGKILL);
	ck_assert(process_alive(pid));
	scenario_send(&s, "go on");
	process_wait_gone(pid, 0);
	while (scenario_read_line(&s, line, sizeof(line), 0))
		ck_assert_ptr_null(strstr(line, "ready"));
	scenario_expect_eof(&s);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("kin");
	TCase *tcase = tcase_create("kin");

	tcase_add_checked_fixture(tcase, toolkit_setup, toolkit_teardown);
	tcase_add_loop_test(tcase, outliving_ones_live_and_others_end, 0,
	    BIRTHS * GOINGS);
	tcase_add_loop_test(tcase, shutdown_all_is_for_outliving_ones_too, 0,
	    BIRTHS);
	tcase_add_loop_test(tcase,
	    detached_one_ends_with_its_parent_unless_it_outlives, 0,
	    BIRTHS * GOINGS);
	tcase_add_test(tcase, daemonize_with_a_detached_one_is_ETASKS);
	tcase_add_loop_test(tcase, group_of_a_killed_parent_hears_TERM, 0,
	    2 * BIRTHS);
	tcase_add_loop_test(tcase,
	    parent_killed_before_the_spawned_one_is_a_task, 0, 2);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
