/* One run of a sweep: a story under the driver, and what it must be after. */
#define _GNU_SOURCE 1

#include "sweep-run.h"
#include "sanitized.h"
#include "stranger.h"
#include "../toolkit/clock.h"
#include "../toolkit/toolkit.h"

#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST = 100, BUDGET_MS = 1000, LIMIT_MS = 9000, TOLD = 12 };

static char inject[1024], story[1024], alloc[1024], path[1024];
static struct stranger stranger, holder;
static bool held;
static int64_t deadline;
static long faults, known;

bool
sweep_all(void)
{
	const char *value = getenv("TORTURE");

	return value != NULL && strcmp(value, "all") == 0;
}

bool
sweep_goes_on(long done, long all)
{
	return sweep_all() || done == 0 ||
	    (done < all && done < MOST && clock_left_ms(deadline) > 0);
}

long
sweep_case(long n, long all)
{
	/* A prime spreads them over calls, errnos and ways. */
	return sweep_all() ? n : n * 7919 % all;
}

void
sweep_setup(void)
{
	toolkit_setup();
	sanitized_prepare();
	toolkit_expect(TOOLKIT_FILES);
	scenario_path(inject, sizeof(inject), "torture/inject");
	scenario_path(story, sizeof(story), "torture/story");
	scenario_path(alloc, sizeof(alloc), "torture/alloc.so");
	snprintf(path, sizeof(path), "%s/x", toolkit_dir());
	if (access(alloc, R_OK) != 0 || sanitized_memory())
		alloc[0] = '\0';
	setenv("ALLOC_MARKED", "1", 1);
	setenv("ALLOC_LIVING", "libproclc", 1);
	deadline = clock_now_ms() + BUDGET_MS;
	faults = known = 0;
	ck_assert_msg(stranger_start(&stranger, 0, NULL), "%s",
	    stranger_why());
}

void
sweep_teardown(void)
{
	stranger_end(&stranger);
	if (held)
		stranger_end(&holder);
	held = false;
	toolkit_teardown();
}

/* Running. */

static void
remember(char *to, const char *from)
{
	snprintf(to, RUN_TEXT, "%s", from);
}

static long
number_after(const char *text, const char *word)
{
	const char *at = strstr(text, word);

	return at == NULL ? 0 : strtol(at + strlen(word), NULL, 10);
}

/* The first "N CALL CODE" of a failure. */
static int
first_code(const char *out)
{
	const char *at = strstr(out, " -");

	while (at != NULL && (at[2] < '0' || at[2] > '9'))
		at = strstr(at + 1, " -");
	return at == NULL ? 0 : (int)strtol(at + 1, NULL, 10);
}

static void
hold_for(const struct sweep *sweep)
{
	if (!sweep->held || held)
		return;
	held = stranger_start(&holder, 0, path);
	ck_assert_msg(held, "%s", stranger_why());
}

void
run_story(const struct sweep *sweep, const struct job *job, struct run *run)
{
	struct scenario s;
	char names[64], limit[32];

	hold_for(sweep);
	snprintf(limit, sizeof(limit), "%.0f", LIMIT_MS * clock_multiplier());
	if (job->idle)
		setenv("TORTURE_IDLE", "1", 1);
	if (job->leaves)
		setenv("TORTURE_LEAVES", "1", 1);
	if (job->memory[0] != '\0')
		setenv("ALLOC_FAIL", job->memory, 1);
	if (alloc[0] != '\0')
		setenv("LD_PRELOAD", alloc, 1);
	if (job->rule[0] != '\0')
		scenario_start(&s, inject, "-m", "-t", limit, "-l", "2000",
		    job->action, job->rule, "--", story, sweep->story, path,
		    NULL);
	else
		scenario_start(&s, inject, "-m", "-t", limit, "-l", "2000",
		    "record", "--", story, sweep->story, path, NULL);
	unsetenv("LD_PRELOAD");
	unsetenv("ALLOC_FAIL");
	unsetenv("TORTURE_IDLE");
	unsetenv("TORTURE_LEAVES");
	memset(run, 0, sizeof(*run));
	run->status = scenario_wait(&s);
	remember(run->out, scenario_stdout(&s));
	remember(run->report, scenario_stderr(&s));
	run->injected = number_after(run->report, "\ndone ") +
	    number_after(run->out, " injected ");
	run->code = first_code(run->out);
	run->things = number_after(run->out, " left: fds ") * 1000 +
	    number_after(run->out, " threads ");
	run->living = number_after(run->out, " living ");
	if (job->rule[0] == '\0' && job->memory[0] == '\0') {
		run->living += sweep->pending;
		snprintf(limit, sizeof(limit), "%ld", run->living);
		setenv("TORTURE_LIVING", limit, 1);
		snprintf(limit, sizeof(limit), "%ld", run->things / 1000);
		setenv("TORTURE_FDS", limit, 1);
		snprintf(limit, sizeof(limit), "%ld", run->things % 1000);
		setenv("TORTURE_THREADS", limit, 1);
	}
	scenario_close_all(names, sizeof(names));
}

void
run_in_peace(const struct sweep *sweep, const char *after)
{
	struct scenario s;
	char names[64];
	int status;

	hold_for(sweep);
	scenario_start(&s, story, sweep->story, path, NULL);
	status = scenario_wait(&s);
	if (status != 0)
		wrong(NULL, NULL, "%s: the next one, status %#x:\n%s%s",
		    after, (unsigned)status, scenario_stdout(&s),
		    scenario_stderr(&s));
	scenario_close_all(names, sizeof(names));
}

bool
run_refuses_memory(void)
{
	return alloc[0] != '\0';
}

int
sweep_heard(void)
{
	char text[1024];

	return held ? stranger_heard(&holder, text, sizeof(text)) : 0;
}

/* Judging. */

/* Each line a comment of TAP. */
__attribute__((format(printf, 1, 2)))
static void
tell_comment(const char *format, ...)
{
	char text[RUN_TEXT];
	char *line, *rest;
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	for (line = strtok_r(text, "\n", &rest); line != NULL;
	    line = strtok_r(NULL, "\n", &rest))
		dprintf(1, "#   %s\n", line);
}

/* The first ones are told. */
void
wrong(const struct job *job, const struct run *run, const char *format, ...)
{
	char text[6000];
	bool is_known = job != NULL && job->known;
	va_list args;

	if (is_known)
		known++;
	else
		faults++;
	if (!sweep_all() && (is_known || faults > TOLD))
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (job != NULL)
		tell_comment("%s %s %s%s: %s", is_known ? "KNOWN" : "FAULT",
		    job->action, job->rule, job->memory, text);
	else
		tell_comment("FAULT %s", text);
	if (run != NULL)
		tell_comment("%s", run->out);
}

/* U10: numbered from 1, each once. */
static void
judge_lines(const struct job *job, const struct run *run)
{
	const char *line = run->out;
	long n = 0, number;

	while (*line != '\0') {
		number = strtol(line, NULL, 10);
		n++;
		if (number < n || (number > n && !job->loses)) {
			wrong(job, run, "line %ld is not there once", n);
			return;
		}
		n = number;
		line = strchr(line, '\n');
		if (line == NULL)
			return;
		line++;
	}
	if (n == 0)
		wrong(job, run, "no lines");
}

static void
judge_signals(const struct job *job, const struct run *run)
{
	char text[1024];
	const char *at;
	int wanted = 0, got = sweep_heard();

	if (stranger_heard(&stranger, text, sizeof(text)) != 0)
		wrong(job, run, "the stranger has got: %s", text);
	for (at = strstr(run->out, "proclc_send 0\n"); at != NULL;
	    at = strstr(at + 1, "proclc_send 0\n"))
		wanted++;
	if (got != wanted)
		wrong(job, run, "the holder has got %d signals, not %d", got,
		    wanted);
}

/* Fewer is well: what failed was not there to be made. */
static bool
left_more(const struct run *run, const struct run *reference)
{
	return run->things / 1000 > reference->things / 1000 ||
	    run->things % 1000 > reference->things % 1000 ||
	    run->living > reference->living;
}

void
judge(const struct job *job, const struct run *run,
    const struct run *reference)
{
	if (run->status != 0)
		wrong(job, run, "status %#x\n%s", (unsigned)run->status,
		    run->report);
	else if (strstr(run->out, " FAIL ") != NULL)
		wrong(job, run, "a post-condition");
	if (strstr(run->report, "\nleft ") != NULL)
		wrong(job, run, "somebody was left:\n%s", run->report);
	if (run->status == 0 && reference != NULL && left_more(run, reference))
		wrong(job, run, "usually it leaves fds and threads %ld, "
		    "living %ld", reference->things, reference->living);
	judge_lines(job, run);
	judge_signals(job, run);
}

void
sweep_verdict(const char *what, long done, long all)
{
	dprintf(1, "# story %s: %ld of %ld cases, %ld faults, %ld known\n",
	    what, done, all, faults, known);
	if (faults > 0)
		ck_abort_msg("%s: %ld faults in %ld cases", what, faults, done);
	ck_assert_int_gt(done, 0);
}
