/*
 * Tasks in great numbers, stubborn, held, and told to stop too early.  A
 * sample of each; all of them with TORTURE=all (make torture).
 */
#define _GNU_SOURCE 1

#include "backend.h"
#include "settle.h"
#include "toolkit/clock.h"
#include "toolkit/toolkit.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

/* A multiple of what all takes where nothing else runs. */
enum { PATIENCE_MS = 40000, ALL_PATIENCE_MS = 3500000 };

static struct scenario s;

static bool
all(void)
{
	const char *value = getenv("TORTURE");

	return value != NULL && strcmp(value, "all") == 0;
}

static const char *
number(int sample, int whole)
{
	static char text[16];

	snprintf(text, sizeof(text), "%d", all() ? whole : sample);
	return text;
}

/* Its next line, which may take long: what of it was read by format. */
static const char *
read_result(void)
{
	static char line[256];

	line[0] = '\0';
	scenario_read_line(&s, line, sizeof(line), all() ? ALL_PATIENCE_MS :
	    PATIENCE_MS);
	if (all())
		printf("# %s\n", line);
	return line;
}

static void
expect_end(void)
{
	scenario_expect_exit(&s, 0);
	scenario_expect_eof(&s);
	ck_assert_str_eq(scenario_stderr(&s), "");
}

/* No thread's lock that a child inherits stops it. */
START_TEST(starts_beside_four_busy_threads_all_end_as_they_should)
{
	const char *n = number(500, 10000);
	char expected[32];

	if (skip_crowd())
		return;
	snprintf(expected, sizeof(expected), "started %s", n);
	scenario_start(&s, "throng", n, NULL);
	ck_assert_str_eq(read_result(), expected);
	expect_end();
}
END_TEST

/* What a measurement may differ by, whatever the number of tasks. */
enum { HEAP_NOISE = 1024, RSS_NOISE_KB = 1024 };

static void
expect_nothing_stays(const char *line)
{
	int wrong, fds, children, n;
	long long heap, rss;

	n = sscanf(line, "wrong %d fds %d children %d heap %lld rss %lld",
	    &wrong, &fds, &children, &heap, &rss);
	ck_assert_msg(n == 5, "\"%s\"", line);
	ck_assert_msg(wrong == 0 && fds == 0 && children == 0, "%s", line);
	ck_assert_msg(heap <= HEAP_NOISE && rss <= RSS_NOISE_KB, "%s", line);
}

START_TEST(tasks_one_after_the_other_leave_nothing)
{
	scenario_start(&s, "herd", "series", number(_i == 0 ? 300 : 1000,
	    100000), _i == 0 ? "1" : "8", NULL);
	expect_nothing_stays(read_result());
	expect_end();
}
END_TEST

/* The processor's time, and what one that lives costs. */

struct times {
	long long start, stop;
};

static struct times
live(const char *n)
{
	int fds, children, killed;
	struct times t = { 0, 0 };
	const char *line;
	long long heap;

	scenario_start(&s, "herd", "live", n, NULL);
	line = read_result();
	ck_assert_msg(sscanf(line, "live fds %d children %d heap %lld", &fds,
	    &children, &heap) == 3, "\"%s\"", line);
	ck_assert_msg(fds == 0 && children == 1, "%s", line);
	ck_assert_msg(heap <= 128 * atol(n) + HEAP_NOISE, "%s", line);
	line = read_result();
	ck_assert_msg(sscanf(line, "killed %d start %lld us stop %lld", &killed,
	    &t.start, &t.stop) == 3, "\"%s\"", line);
	ck_assert_int_eq(killed, 0);
	line = read_result();
	expect_nothing_stays(line);
	expect_end();
	return t;
}

START_TEST(live_tasks_cost_128_bytes_and_no_descriptor)
{
	live(number(300, 5000));
}
END_TEST

/* Four times as many: not sixteen times the time. */
START_TEST(live_tasks_start_and_stop_in_linear_time)
{
	enum { QUARTER, WHOLE, TRIES = 2 };
	struct times best[2] = { { 0, 0 }, { 0, 0 } }, t;
	int i;

	if (!all())
		return;
	for (i = 0; i < 2 * TRIES; i++) {
		t = live(i % 2 == QUARTER ? "1250" : "5000");
		if (i < 2 || t.start < best[i % 2].start)
			best[i % 2].start = t.start;
		if (i < 2 || t.stop < best[i % 2].stop)
			best[i % 2].stop = t.stop;
	}
	ck_assert_int_le(best[WHOLE].start, best[QUARTER].start * 10);
	ck_assert_int_le(best[WHOLE].stop, best[QUARTER].stop * 10);
}
END_TEST

/* Those that do not end. */

START_TEST(stubborn_tasks_are_gone_a_moment_after_the_grace)
{
	enum { MANY = 50, GRACE_MS = 300 };
	int i, killed, took, wrong, children;
	const char *line;

	scenario_start(&s, "held", "stubborn", "50", "300", NULL);
	for (i = 0; i < MANY; i++)
		scenario_expect(&s, "ignores");
	scenario_send(&s, "go on");
	line = read_result();
	ck_assert_msg(sscanf(line, "killed %d took %d wrong %d children %d",
	    &killed, &took, &wrong, &children) == 4, "\"%s\"", line);
	ck_assert_int_eq(killed, MANY);
	ck_assert_int_eq(wrong + children, 0);
	ck_assert_int_ge(took, GRACE_MS);
	ck_assert_int_lt(took, GRACE_MS + (int)(500 * clock_multiplier()));
	expect_end();
}
END_TEST

/* SIGKILL does not help: its end is not seen while somebody traces it. */
START_TEST(traced_task_is_named_and_reaped_when_released)
{
	struct scenario tracer;
	char pid[32], line[256], expected[256];
	pid_t task;

	scenario_start(&s, "held", "traced", NULL);
	scenario_expect(&s, "ignores");
	scenario_send(&s, "who");
	task = (pid_t)scenario_expect_number(&s, "pid ");
	snprintf(pid, sizeof(pid), "%d", (int)task);
	scenario_start(&tracer, "held", "tracer", pid, NULL);
	ck_assert(scenario_read_line(&tracer, line, sizeof(line), 0));
	if (strcmp(line, "refused") == 0) {
		scenario_expect_exit(&tracer, 0);
		scenario_signal(&s, SIGKILL);
		scenario_expect_killed(&s, SIGKILL);
		toolkit_skip("tracing another's child is refused");
		return;
	}
	scenario_send(&s, "shut down");
	snprintf(expected, sizeof(expected), "PROCLC_ETIMEDOUT: shutdown: "
	    "traced: pid %s is held by its tracer, pid %d", pid,
	    (int)tracer.pid);
	if (backend_is("process", "pidfd"))
		scenario_expect(&s, "%s", expected);
	else
		ck_assert(scenario_read_line(&s, line, sizeof(line), 0));
	scenario_expect(&s, "kind 2 signum 0 forced 0");
	scenario_close_stdin(&s);
	ck_assert(!process_gone_within(s.pid, 60));
	scenario_send(&tracer, "release");
	scenario_expect_exit(&tracer, 0);
	scenario_expect(&s, "ended by 9 children 0");
	expect_end();
}
END_TEST

START_TEST(loops_told_to_stop_right_after_the_start_begin_and_end)
{
	const char *n = number(60, 1000);
	char expected[32];

	snprintf(expected, sizeof(expected), "stopped %s", n);
	scenario_start(&s, "early", n, NULL);
	ck_assert_str_eq(read_result(), expected);
	expect_end();
}
END_TEST

/* A start waits for its own child: not for whoever holds its handles. */
START_TEST(starts_beside_children_that_hold_everything_do_not_wait)
{
	int held, failed, slowest, leaks;
	const char *line;

	if (skip_crowd())
		return;
	scenario_start(&s, "holders", number(200, 800), NULL);
	line = read_result();
	ck_assert_msg(sscanf(line, "held %d failed %d slowest %d leaks %d",
	    &held, &failed, &slowest, &leaks) == 4, "\"%s\"", line);
	ck_assert_int_ge(held, 30);
	ck_assert_int_eq(failed, 0);
	ck_assert_int_eq(leaks, 0);
	ck_assert_int_lt(slowest, (int)(2000 * clock_multiplier()));
	expect_end();
}
END_TEST

static void
add_numbers(TCase *tcase)
{
	tcase_add_test(tcase,
	    starts_beside_four_busy_threads_all_end_as_they_should);
	tcase_add_loop_test(tcase, tasks_one_after_the_other_leave_nothing,
	    0, 2);
	tcase_add_test(tcase, live_tasks_cost_128_bytes_and_no_descriptor);
	tcase_add_test(tcase, live_tasks_start_and_stop_in_linear_time);
}

static void
add_troubles(TCase *tcase)
{
	tcase_add_test(tcase,
	    stubborn_tasks_are_gone_a_moment_after_the_grace);
	tcase_add_test(tcase, traced_task_is_named_and_reaped_when_released);
	tcase_add_test(tcase,
	    loops_told_to_stop_right_after_the_start_begin_and_end);
	tcase_add_test(tcase,
	    starts_beside_children_that_hold_everything_do_not_wait);
}

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("tasks_many");
	TCase *numbers = tcase_create("numbers");
	TCase *troubles = tcase_create("troubles");

	tcase_add_checked_fixture(numbers, toolkit_setup, toolkit_teardown);
	tcase_set_timeout(numbers, all() ? 7200 : 60);
	add_numbers(numbers);
	suite_add_tcase(suite, numbers);
	tcase_add_checked_fixture(troubles, toolkit_setup,
	    toolkit_teardown);
	tcase_set_timeout(troubles, all() ? 7200 : 60);
	add_troubles(troubles);
	suite_add_tcase(suite, troubles);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
