/* SIGTERM and SIGKILL at every system call of a task's birth and life, and
 * SIGKILL at every call of the parent that starts it. */
#define _GNU_SOURCE 1

#include "nth.h"
#include "sweep.h"
#include "../toolkit/toolkit.h"

#include <proclc/subprocess.h>

#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static const struct kind {
	const char *name;
	const char *how;
	int code;
	int handlers;        /* its parent's shared one; not over exec */
} kinds[] = {
	{ "loop", "ends", 0, 1 },
	{ "waited", "ends", 7, 1 },
	{ "task", "ends", 7, 1 },
	{ "loop", "rests", 0, 1 },
	{ "waited", "rests", -1, 1 },     /* it never ends by itself */
	{ "task", "rests", -1, 1 },
	{ "group", "rests", -1, 1 },
	{ "spawned", "ends", 0, 0 },
	{ "spawned", "rests", 0, 0 },
};

enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

static bool
is_loop(const struct kind *kind)
{
	return strcmp(kind->name, "loop") == 0 ||
	    strcmp(kind->name, "spawned") == 0;
}

/* The end that it had, as its parent says. */
static bool
had_status(const struct nth_run *run, int kind, int code, int signum)
{
	char line[64];

	snprintf(line, sizeof(line), "status %d %d %d", kind, code, signum);
	return nth_lines(run, line) == 1;
}

static int
begun(const struct nth_run *run, const struct kind *kind)
{
	if (is_loop(kind))
		return nth_lines(run, "begin");
	return nth_lines(run, "run 0") ? 0 : nth_lines(run, "run 1") ? 1 : -1;
}

/* Before it was ready: the start, or where that does not wait the status,
 * says so, and nothing of the task has run. */
static bool
died_before_ready(const struct nth_run *run, const struct kind *kind,
    int signum)
{
	bool waited = strcmp(kind->name, "task") != 0;

	return nth_lines(run, waited ? "start PROCLC_ESTARTFAILED" :
	    "start 0") == 1 &&
	    had_status(run, PROCLC_STATUS_KILLED, 0, signum) &&
	    begun(run, kind) == 0 && nth_lines(run, "end") == 0 &&
	    nth_lines(run, "handler") == 0;
}

static void
judge_body(const struct nth_run *run, const struct kind *kind)
{
	if (begun(run, kind) != 1 || nth_lines(run, "end") != is_loop(kind))
		nth_wrong(run, "it has not begun or ended once");
	if (nth_lines(run, "handler") != kind->handlers)
		nth_wrong(run, "%d exit handlers", nth_lines(run, "handler"));
}

static void
judge_parent(const struct nth_run *run)
{
	if (run->status != 0 || nth_lines(run, "children") != 0 ||
	    nth_lines(run, "parent's handler") != 1 ||
	    nth_lines_with(run, "wait ") != 0)
		nth_wrong(run, "the parent");
}

/* A loop ends in its own time; a task does, or dies by it. */
static void
judge_term(const struct nth_run *run, void *arg)
{
	const struct kind *kind = arg;
	bool ended = had_status(run, PROCLC_STATUS_EXITED, kind->code, 0);
	bool killed = had_status(run, PROCLC_STATUS_KILLED, 0, SIGTERM);
	bool early = strcmp(kind->name, "task") == 0 && kind->code < 0;

	/* The shutdown of one whose start does not wait may be early, too. */
	judge_parent(run);
	if ((run->done > 0 || early) && died_before_ready(run, kind, SIGTERM))
		return;
	if (nth_lines(run, "start 0") != 1)
		nth_wrong(run, "the start");
	judge_body(run, kind);
	if (is_loop(kind) ? !ended : !ended && !killed)
		nth_wrong(run, "its status");
	/* Without a signal it ends by itself, unless its parent sends one. */
	if (run->done == 0 && kind->code >= 0 && !ended)
		nth_wrong(run, "nothing was done to it");
}

START_TEST(term_at_any_call_of_a_task_gives_begin_and_end)
{
	struct nth nth = { .words = { "torture/born" }, .role = "0.1/" };

	nth.action = _i % 2 == 0 ? "term" : "term-after";
	nth.sample = 7;
	nth.words[1] = kinds[_i / 2].name;
	nth.words[2] = kinds[_i / 2].how;
	nth_sweep(&nth, judge_term, (void *)(uintptr_t)&kinds[_i / 2]);
}
END_TEST

static void
judge_killed_child(const struct nth_run *run, void *arg)
{
	const struct kind *kind = arg;

	judge_parent(run);
	if (run->done == 0 || died_before_ready(run, kind, SIGKILL))
		return;
	if (nth_lines(run, "start 0") != 1)
		nth_wrong(run, "the start");
	if (begun(run, kind) < 0 || begun(run, kind) > 1 ||
	    nth_lines(run, "end") > 1 || nth_lines(run, "handler") > 1)
		nth_wrong(run, "something has run twice");
	if (!had_status(run, PROCLC_STATUS_KILLED, 0, SIGKILL))
		nth_wrong(run, "its status");
}

START_TEST(kill_at_any_call_of_a_task_is_its_status)
{
	struct nth nth = { .words = { "torture/born" }, .role = "0.1/" };

	nth.action = "kill";
	nth.sample = 7;
	nth.words[1] = kinds[_i].name;
	nth.words[2] = kinds[_i].how;
	nth_sweep(&nth, judge_killed_child, (void *)(uintptr_t)&kinds[_i]);
}
END_TEST

/* Its child goes by itself, and as it would in peace. */
static void
judge_killed_parent(const struct nth_run *run, void *arg)
{
	const struct kind *kind = arg;
	int begins = nth_lines(run, "begin");

	if (run->done == 0) {
		judge_parent(run);
		return;
	}
	if (run->status != SIGKILL)
		nth_wrong(run, "the parent");
	if (begins > is_loop(kind) || nth_lines(run, "end") != begins)
		nth_wrong(run, "%d times begun, %d ended", begins,
		    nth_lines(run, "end"));
	if (nth_lines(run, "handler") > 1 ||
	    (begins == 1 && nth_lines(run, "handler") != kind->handlers))
		nth_wrong(run, "%d exit handlers", nth_lines(run, "handler"));
}

START_TEST(parent_killed_at_any_call_of_the_start_leaves_nobody)
{
	struct nth nth = { .words = { "torture/born" }, .role = "0/" };

	nth.action = "kill";
	nth.sample = 7;
	nth.words[1] = kinds[_i].name;
	nth.words[2] = kinds[_i].how;
	nth_sweep(&nth, judge_killed_parent, (void *)(uintptr_t)&kinds[_i]);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("task path");
	TCase *tc = tcase_create("task path");

	tcase_add_checked_fixture(tc, nth_setup, nth_teardown);
	tcase_set_timeout(tc, sweep_timeout());
	tcase_add_loop_test(tc, term_at_any_call_of_a_task_gives_begin_and_end,
	    0, 2 * KINDS);
	tcase_add_loop_test(tc, kill_at_any_call_of_a_task_is_its_status, 0,
	    KINDS);
	tcase_add_loop_test(tc,
	    parent_killed_at_any_call_of_the_start_leaves_nobody, 0, KINDS);
	suite_add_tcase(suite, tc);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
