/* SIGTERM at every system call of the way out: exit handlers run once. */
#define _GNU_SOURCE 1

#include "nth.h"
#include "sweep.h"
#include "../toolkit/toolkit.h"

#include <proclc/atexit.h>

#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CODE = 7 << 8, CODE_BESIDE = 9 << 8 };

static const struct way {
	const char *name;
	int kind;            /* the cause that handlers are told */
	int status;          /* as of waitpid() */
} ways[] = {
	{ "return", PROCLC_EXIT_NORMAL, CODE },
	{ "exit", PROCLC_EXIT_NORMAL, CODE },
	{ "proclc_exit", PROCLC_EXIT_CALL, CODE },
	{ "orphan", PROCLC_EXIT_ORPHANED, SIGTERM },
	{ "term", PROCLC_EXIT_SIGNAL, SIGTERM },
};

/* The last way is there for an installed signal only. */
enum { WAYS = sizeof(ways) / sizeof(ways[0]), PLAIN_WAYS = WAYS - 1 };

static const struct leaver {
	const char *name;
	char leaver;         /* the process */
	const char *order;   /* of its handlers */
} leavers[] = {
	{ "alone", 'p', "321" },
	{ "child", 'c', "42" },
	{ "beside", 'p', "321" },
};

enum { LEAVERS = sizeof(leavers) / sizeof(leavers[0]) };

struct expected {
	const struct way *way;
	const struct leaver *who;
	bool installed;
	bool may_cut;        /* SIGTERM may end it half-way */
};

/* The handlers that a process has run, in order; *kind: the cause, -1 when
 * they were told different ones. */
static void
read_handlers(const struct nth_run *run, char process, char *order, int *kind)
{
	const char *line = run->out;
	char name;
	int n = 0, its_kind;

	*kind = 0;
	for (; *line != '\0'; line += *line == '\n') {
		if (line[0] == process && sscanf(line + 1, " %c %d\n", &name,
		    &its_kind) == 2) {
			order[n++] = name;
			*kind = n == 1 || *kind == its_kind ? its_kind : -1;
		}
		line += strcspn(line, "\n");
		if (n == 15)
			break;
	}
	order[n] = '\0';
}

/* Other libraries' handlers run once in the process that is main. */
static void
judge_libc(const struct nth_run *run, const struct expected *e, bool cut)
{
	char line[8];
	int i, n;

	for (i = 0; i < 2; i++) {
		snprintf(line, sizeof(line), "%c %s", e->who->leaver,
		    i == 0 ? "old" : "new");
		n = nth_lines(run, line);
		if (n > 1 || (n == 0 && !cut && e->who->leaver == 'p'))
			nth_wrong(run, "%d times \"%s\"", n, line);
	}
}

static void
judge_leaver(const struct nth_run *run, const struct expected *e, int status)
{
	const char *order = e->who->order;
	char ran[16];
	bool cut, foreign;
	int kind;

	read_handlers(run, e->who->leaver, ran, &kind);
	cut = e->may_cut && run->done > 0 && status == SIGTERM;
	if (strncmp(ran, order, strlen(ran)) != 0 ||
	    (!cut && strlen(ran) != strlen(order)))
		nth_wrong(run, "handlers %s have run", ran);
	foreign = e->installed && run->done > 0 && kind == PROCLC_EXIT_SIGNAL;
	if (ran[0] != '\0' && kind != e->way->kind && !foreign)
		nth_wrong(run, "the cause is %d", kind);
	if (!cut && status != (foreign ? SIGTERM : e->way->status))
		nth_wrong(run, "the leaver's status is %#x",
		    (unsigned)status);
	judge_libc(run, e, cut);
}

/* The process beside is as if nothing had been. */
static void
judge_beside(const struct nth_run *run, int status)
{
	char ran[16];
	int kind;

	read_handlers(run, 'c', ran, &kind);
	if (strcmp(ran, "42") != 0 || kind != PROCLC_EXIT_CALL ||
	    status != CODE_BESIDE)
		nth_wrong(run, "beside: %s, cause %d, status %#x", ran, kind,
		    (unsigned)status);
}

static void
judge_waiter(const struct nth_run *run, const struct expected *e, int status)
{
	bool orphan = e->way->kind == PROCLC_EXIT_ORPHANED;
	char ran[16];
	int kind;

	read_handlers(run, 'p', ran, &kind);
	if (strcmp(ran, orphan ? "" : "321") != 0 || status != 0)
		nth_wrong(run, "its parent: %s, status %#x", ran,
		    (unsigned)status);
}

static void
judge(const struct nth_run *run, void *arg)
{
	const struct expected *e = arg;
	bool orphan = e->way->kind == PROCLC_EXIT_ORPHANED;
	bool child = strcmp(e->who->name, "child") == 0;

	judge_leaver(run, e, nth_end(run, child || orphan ? "0.1" : "0"));
	if (child)
		judge_waiter(run, e, nth_end(run, "0"));
	else if (strcmp(e->who->name, "beside") == 0)
		judge_beside(run, nth_end(run, orphan ? "0.1.1" : "0.1"));
	if (nth_lines_with(run, "c 1") + nth_lines_with(run, "c 3") +
	    nth_lines_with(run, "p 4") > 0)
		nth_wrong(run, "a handler has run in another process");
}

/* i: way, who, and the moment in the call. */
static void
sweep(int i, int calls, const char *how)
{
	struct nth nth = { .words = { "torture/leave" }, .role = "" };
	struct expected e;

	e.who = &leavers[i / 2 % LEAVERS];
	e.way = &ways[i / 2 / LEAVERS];
	e.installed = how != NULL;
	e.may_cut = how == NULL || strcmp(how, "second") == 0;
	nth.action = i % 2 == 0 ? "term" : "term-after";
	nth.calls = calls;
	nth.sample = 2;
	nth.words[1] = e.way->name;
	nth.words[2] = e.who->name;
	nth.words[3] = how;
	nth_sweep(&nth, judge, &e);
}

/* Then nobody runs handlers for SIGTERM; none runs twice all the same. */
START_TEST(term_that_is_not_installed_kills_between_two_handlers)
{
	sweep(_i, 1, NULL);
}
END_TEST

START_TEST(term_on_the_way_out_runs_each_handler_once)
{
	sweep(_i, 1, "install");
}
END_TEST

START_TEST(two_terms_on_the_way_out_run_each_handler_once)
{
	sweep(_i, 2, "install");
}
END_TEST

START_TEST(term_on_the_way_out_may_be_the_second_that_ends)
{
	sweep(_i, 1, "second");
}
END_TEST

START_TEST(two_terms_of_which_the_second_ends_run_no_handler_twice)
{
	sweep(_i, 2, "second");
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("exit path");
	TCase *tc = tcase_create("exit path");
	int n = 2 * LEAVERS * WAYS;

	tcase_add_checked_fixture(tc, nth_setup, nth_teardown);
	tcase_set_timeout(tc, sweep_timeout());
	tcase_add_loop_test(tc,
	    term_that_is_not_installed_kills_between_two_handlers, 0,
	    2 * LEAVERS * PLAIN_WAYS);
	tcase_add_loop_test(tc, term_on_the_way_out_runs_each_handler_once,
	    0, n);
	tcase_add_loop_test(tc, two_terms_on_the_way_out_run_each_handler_once,
	    0, n);
	tcase_add_loop_test(tc, term_on_the_way_out_may_be_the_second_that_ends,
	    0, n);
	tcase_add_loop_test(tc,
	    two_terms_of_which_the_second_ends_run_no_handler_twice, 0, n);
	suite_add_tcase(suite, tc);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
