/*
 * Tasks that crash as fast as they are restarted, in a program of their own:
 * it ends on each way, or stops them, and nothing is left; nor of 10^4
 * restarts.
 */
#define _GNU_SOURCE 1

#include "backend.h"
#include "kernel.h"
#include "settle.h"
#include "toolkit/clock.h"
#include "toolkit/os.h"
#include "toolkit/toolkit.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

static struct scenario s;

/* 0: the library's thread; 1: the program dispatches. */
static bool
start(const char *what, const char *n, int way)
{
	if (way == 1 && skip_without("ready", "epoll"))
		return false;
	scenario_start(&s, "restart", what, n, way == 1 ? "manual" : NULL,
	    NULL);
	return true;
}

static const struct {
	const char *line;
	int status;
} ways[] = {
	{ "exit 3", 3 << 8 },
	{ "raise 15", SIGTERM },
	{ "raise 9", SIGKILL },
};

enum { ENDS = sizeof(ways) / sizeof(ways[0]) };

static void
expect_end(int status)
{
	ck_assert_int_eq(scenario_wait(&s), status);
	scenario_expect_eof(&s);
	ck_assert_str_eq(scenario_stderr(&s), "");
}

START_TEST(program_in_a_storm_ends_and_nothing_is_left)
{
	static const char *const crowds[] = { "1", "5" };
	int i = _i % ENDS;

	if (toolkit_skip_tsan(TSAN_FORK) ||
	    !start("storm", crowds[_i / ENDS % 2], _i / ENDS / 2))
		return;
	scenario_expect(&s, "ready");
	scenario_send(&s, "%s", ways[i].line);
	expect_end(ways[i].status);
}
END_TEST

/* What is left of the dead is this test's own. */
START_TEST(killed_at_any_moment_of_a_storm_nothing_is_left)
{
	char line[64];
	int status;

	if (toolkit_skip_tsan(TSAN_FORK))
		return;
	if (!os_become_subreaper()) {
		toolkit_skip("what comes to a subreaper");
		return;
	}
	toolkit_mark();
	start("storm", "8", 0);
	scenario_expect(&s, "ready");
	/* Some rounds of somebody else's time. */
	for (int i = 0; i < _i; i++)
		sched_yield();
	scenario_signal(&s, SIGKILL);
	scenario_expect_killed(&s, SIGKILL);
	ck_assert(!scenario_read_line(&s, line, sizeof(line), 0));
	scenario_expect_eof(&s);
	/* They end by themselves, and there are no more. */
	while (waitpid(-1, &status, 0) > 0)
		continue;
	ck_assert_int_eq(errno, ECHILD);
}
END_TEST

/* No grace is waited for: nobody is there. */
START_TEST(program_whose_tasks_back_off_ends_at_once)
{
	int i = _i % ENDS;
	int64_t before;

	if (toolkit_skip_tsan(TSAN_FORK) || !start("late", "20", _i / ENDS))
		return;
	scenario_expect(&s, "ready");
	before = clock_now_ms();
	scenario_send(&s, "%s", ways[i].line);
	if (ways[i].status != SIGKILL)
		scenario_expect(&s, "at exit 6 0");
	expect_end(ways[i].status);
	ck_assert_int_lt(clock_now_ms() - before,
	    (int64_t)(1500 * clock_multiplier()));
}
END_TEST

/* Not only when the exit handlers have come to the tasks. */
START_TEST(nothing_restarts_from_the_beginning_of_the_exit_on)
{
	if (toolkit_skip_tsan(TSAN_FORK) || !start("live", "2", _i / 2))
		return;
	scenario_expect(&s, "ready");
	scenario_send(&s, "%s", ways[_i % 2].line);
	scenario_expect(&s, "at exit 5 0");
	expect_end(ways[_i % 2].status);
}
END_TEST

START_TEST(daemonize_beside_one_that_backs_off_is_ETASKS)
{
	if (toolkit_skip_tsan(TSAN_FORK) || !start("late", "1", _i))
		return;
	scenario_expect(&s, "ready");
	scenario_send(&s, "daemonize");
	scenario_expect(&s, "daemonize PROCLC_ETASKS");
	scenario_send(&s, "raise 9");
	expect_end(SIGKILL);
}
END_TEST

START_TEST(storm_is_stopped_and_stays_so)
{
	int way = _i % 2;

	if (toolkit_skip_tsan(TSAN_FORK) ||
	    !start(_i < 4 ? "storm" : "late", "8", way))
		return;
	scenario_expect(&s, "ready");
	scenario_send(&s, _i % 4 < 2 ? "shutdown" : "free");
	if (_i % 4 < 2)
		scenario_expect(&s, "shutdown 0");
	scenario_send(&s, _i < 4 ? "exit 0" : "raise 9");
	expect_end(_i < 4 ? 0 : SIGKILL);
}
END_TEST

/* What a measurement may differ by, whatever the number of restarts. */
enum { HEAP_NOISE = 1024, RSS_NOISE_KB = 1024, ALL = 10000, SAMPLE = 1000 };

START_TEST(restarts_leave_nothing)
{
	const char *torture = getenv("TORTURE");
	bool all = torture != NULL && strcmp(torture, "all") == 0;
	int wrong, fds, children;
	char n[16], line[256];
	long long heap, rss;

	snprintf(n, sizeof(n), "%d", all ? ALL : SAMPLE);
	if (!start("series", n, _i))
		return;
	ck_assert(scenario_read_line(&s, line, sizeof(line), 60000));
	ck_assert_int_eq(sscanf(line, "wrong %d fds %d children %d heap %lld"
	    " rss %lld", &wrong, &fds, &children, &heap, &rss), 5);
	ck_assert_msg(wrong == 0 && fds <= 0 && children == 0, "%s", line);
	ck_assert_msg(heap <= HEAP_NOISE && rss <= RSS_NOISE_KB, "%s", line);
	ck_assert(scenario_read_line(&s, line, sizeof(line), 0));
	if (all)
		printf("# %s restarts: %s\n", n, line);
	expect_end(0);
}
END_TEST

static Suite *
storm_suite(void)
{
	Suite *suite = suite_create("restart storm");
	TCase *tc = tcase_create("storm");

	tcase_add_checked_fixture(tc, toolkit_setup, toolkit_teardown);
	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, program_in_a_storm_ends_and_nothing_is_left,
	    0, ENDS * 4);
	tcase_add_loop_test(tc,
	    killed_at_any_moment_of_a_storm_nothing_is_left, 0, 20);
	tcase_add_loop_test(tc, program_whose_tasks_back_off_ends_at_once, 0,
	    ENDS * 2);
	tcase_add_loop_test(tc,
	    nothing_restarts_from_the_beginning_of_the_exit_on, 0, 4);
	tcase_add_loop_test(tc,
	    daemonize_beside_one_that_backs_off_is_ETASKS, 0, 2);
	tcase_add_loop_test(tc, storm_is_stopped_and_stays_so, 0, 8);
	tcase_add_loop_test(tc, restarts_leave_nothing, 0, 2);
	suite_add_tcase(suite, tc);
	return suite;
}

int
main(void)
{
	return toolkit_main(storm_suite);
}
