/* A program, each time with something done to it at another call. */
#define _GNU_SOURCE 1

#include "nth.h"
#include "sanitized.h"
#include "stranger.h"
#include "sweep.h"
#include "../toolkit/clock.h"
#include "../toolkit/toolkit.h"

#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

enum { LIMIT_MS = 20000, LINGER_MS = 10000, NO_TRACING = 77, TOLD = 5 };

static char inject[1024], program[1024];
static struct stranger stranger;
static const struct nth *what;
static long faults;

void
nth_setup(void)
{
	toolkit_setup();
	sanitized_prepare();
	scenario_path(inject, sizeof(inject), "torture/inject");
	faults = 0;
	ck_assert_msg(stranger_start(&stranger, 0, NULL), "%s",
	    stranger_why());
}

void
nth_teardown(void)
{
	stranger_end(&stranger);
	toolkit_teardown();
}

/* Each line a comment of TAP. */
static void
tell(const char *title, const char *text)
{
	size_t length;

	dprintf(1, "# %s:\n", title);
	for (; *text != '\0'; text += length + (text[length] == '\n')) {
		length = strcspn(text, "\n");
		dprintf(1, "#   %.*s\n", (int)length, text);
	}
}

void
nth_wrong(const struct nth_run *run, const char *format, ...)
{
	char text[600];
	va_list args;
	int i;

	if (faults++ >= TOLD)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	dprintf(1, "# FAULT");
	for (i = 0; i < NTH_WORDS && what->words[i] != NULL; i++)
		dprintf(1, " %s", what->words[i]);
	dprintf(1, ", %s at call %ld of %d, status %#x: %s\n", what->action,
	    run->n, what->calls, (unsigned)run->status, text);
	tell("it said", run->out);
	tell("report", run->report);
}

static long
number_after(const char *text, const char *word)
{
	const char *at = strstr(text, word);

	return at == NULL ? 0 : strtol(at + strlen(word), NULL, 10);
}

int
nth_end(const struct nth_run *run, const char *role)
{
	char line[64];
	const char *at;

	snprintf(line, sizeof(line), "\nend %s ", role);
	at = strstr(run->report, line);
	if (at == NULL)
		return -1;
	at += strlen(line);
	if (strncmp(at, "killed ", 7) == 0)
		return atoi(at + 7);
	return (atoi(at + 7) & 0xff) << 8;
}

static int
count_lines(const struct nth_run *run, const char *text, bool whole)
{
	const char *line = run->out;
	size_t length = strlen(text);
	int n = 0;

	for (; *line != '\0'; line += *line == '\n') {
		if (strncmp(line, text, length) == 0 &&
		    (!whole || line[length] == '\n'))
			n++;
		line += strcspn(line, "\n");
	}
	return n;
}

int
nth_lines(const struct nth_run *run, const char *text)
{
	return count_lines(run, text, true);
}

int
nth_lines_with(const struct nth_run *run, const char *prefix)
{
	return count_lines(run, prefix, false);
}

static void
start(struct scenario *s, const char *rule)
{
	const char *const *w = what->words + 1;
	char limit[32], linger[32];

	snprintf(limit, sizeof(limit), "%.0f", LIMIT_MS * clock_multiplier());
	snprintf(linger, sizeof(linger), "%.0f",
	    LINGER_MS * clock_multiplier());
	if (rule[0] == '\0')
		scenario_start(s, inject, "-m", "-t", limit, "-l", linger,
		    "record", "--", program, w[0], w[1], w[2], w[3], w[4],
		    w[5], NULL);
	else
		scenario_start(s, inject, "-m", "-t", limit, "-l", linger,
		    what->action, rule, "--", program, w[0], w[1], w[2], w[3],
		    w[4], w[5], NULL);
}

/* n 0: nothing is done, and the calls are listed. */
static void
run_it(struct nth_run *run, long n)
{
	char rule[64] = "", names[64];
	struct scenario s;

	if (n > 0)
		snprintf(rule, sizeof(rule), "*:%ld+%d%s%s", n,
		    what->calls > 0 ? what->calls : 1,
		    what->role[0] == '\0' ? "" : "@", what->role);
	start(&s, rule);
	memset(run, 0, sizeof(*run));
	run->n = n;
	run->status = scenario_wait(&s);
	snprintf(run->out, sizeof(run->out), "%s", scenario_stdout(&s));
	/* So that each line of it follows an end of line. */
	snprintf(run->report, sizeof(run->report), "\n%s",
	    scenario_stderr(&s));
	run->done = number_after(run->report, "\ndone ");
	scenario_close_all(names, sizeof(names));
}

static void
judge_all(const struct nth_run *run, nth_judge *judge, void *arg)
{
	char text[1024];

	if (strstr(run->report, "\nlate ") != NULL ||
	    strstr(run->report, "\nleft ") != NULL)
		nth_wrong(run, "somebody was left");
	if (stranger_heard(&stranger, text, sizeof(text)) != 0)
		nth_wrong(run, "the stranger has got: %s", text);
	judge(run, arg);
}

/* The calls that the record lists for the threads that are meant. */
static long
count_calls(const struct nth_run *run)
{
	size_t length = strcspn(what->role, "/");
	const char *line = run->report;
	long n = 0, all = 0;

	while ((line = strstr(line, "\ncall ")) != NULL) {
		line += 6;
		if (strncmp(line, what->role, length) == 0 &&
		    (length == 0 || strchr("/ ", line[length]) != NULL) &&
		    sscanf(line, "%*s %*s %ld", &n) == 1)
			all += n;
	}
	return all;
}

/* The i-th of the calls to take; 0: there is none any more. */
static long
choose(long i, long calls, const struct nth_run *last)
{
	if (sweep_all() || calls <= what->sample)
		return i == 0 || last->done > 0 ? i + 1 : 0;
	/* A prime spreads them. */
	return i < what->sample ? 1 + (i * 7919 + calls / 2) % calls : 0;
}

void
nth_sweep(const struct nth *nth, nth_judge *judge, void *arg)
{
	static struct nth_run run;
	long i, n, calls;

	if (toolkit_skip_tsan(TSAN_DELAY))
		return;
	what = nth;
	scenario_path(program, sizeof(program), nth->words[0]);
	run_it(&run, 0);
	if (run.status == NO_TRACING << 8) {
		toolkit_skip("ptrace: %s", run.report);
		return;
	}
	judge_all(&run, judge, arg);
	calls = count_calls(&run);
	ck_assert_int_gt(calls, 0);
	for (i = 0; (n = choose(i, calls, &run)) > 0; i++) {
		run_it(&run, n);
		judge_all(&run, judge, arg);
	}
	dprintf(1, "# %s %s %s %s: %ld runs of %ld calls, %ld faults\n",
	    nth->action, nth->words[0], nth->words[1],
	    nth->words[2] == NULL ? "" : nth->words[2], i, calls, faults);
	ck_assert_msg(faults == 0, "%ld faults", faults);
}
