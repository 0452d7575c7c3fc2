/* Sweeps: a story, each time with another thing done to it. */
#define _GNU_SOURCE 1

#include "sweep-run.h"
#include "errnos.h"
#include "sanitized.h"
#include "../backend.h"
#include "../toolkit/toolkit.h"

#include <proclc.h>

#include <check.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

enum { MAX_SITES = 400, NO_TRACING = 77 };

/* A kind of call of one thread, from the record. */
struct site {
	char role[64];
	char call[64];
	long count;
};

static struct site sites[MAX_SITES];
static int site_count;
static long calls;           /* all that there were */
static struct run reference;

static bool
may_fail(const char *call)
{
	static const char *const memory[] = {
		"mmap", "mprotect", "mremap", "madvise",
	};
	size_t i;

	for (i = 0; i < sizeof(memory) / sizeof(memory[0]); i++)
		if (sanitized_memory() && strcmp(memory[i], call) == 0)
			return false;
	return call_errnos(call) != NULL;
}

/* The record of a run that nobody tortures; false: not to be had here. */
static bool
refer(const struct sweep *sweep)
{
	struct job nothing = { .action = "nothing" };
	const char *line;

	if (toolkit_skip_tsan(TSAN_DELAY) ||
	    (sweep->closes && skip_without("bare", "linux")) ||
	    (sweep->seam != NULL && skip_without(sweep->seam, sweep->backend)))
		return false;
	if (sweep->slow && !sweep_all()) {
		toolkit_skip("it takes long: make torture");
		return false;
	}
	run_story(sweep, &nothing, &reference);
	if (reference.status == NO_TRACING << 8) {
		toolkit_skip("ptrace: %s", reference.report);
		return false;
	}
	judge(&nothing, &reference, NULL);
	site_count = 0;
	calls = 0;
	for (line = strstr(reference.report, "\ncall "); line != NULL;
	    line = strstr(line + 1, "\ncall ")) {
		struct site *site = &sites[site_count];

		ck_assert_int_lt(site_count, MAX_SITES);
		ck_assert_int_eq(sscanf(line, "\ncall %63s %63s %ld",
		    site->role, site->call, &site->count), 3);
		calls += site->count;
		if (may_fail(site->call))
			site_count++;
	}
	return true;
}

static const struct sweep_answer *
find_answer(const struct sweep *sweep, const char *call, int errnum, int code)
{
	const struct sweep_answer *answer = sweep->answers;

	for (; answer != NULL && answer->call != NULL; answer++)
		if ((strcmp(answer->call, call) == 0 ||
		    strcmp(answer->call, "*") == 0) &&
		    (answer->errnum == 0 || answer->errnum == errnum) &&
		    answer->code == code)
			return answer;
	return NULL;
}

/* Is the call in the list, or with a "+" when it fails onwards? */
static bool
listed(const char *const *names, const char *call, bool onwards)
{
	size_t length = strlen(call);

	for (; names != NULL && *names != NULL; names++)
		if (strncmp(*names, call, length) == 0 &&
		    ((*names)[length] == '\0' ||
		    (onwards && strcmp(*names + length, "+") == 0)))
			return true;
	return false;
}

/* The cause is what the code says. */
static void
judge_code(const struct sweep *sweep, const struct job *job,
    const struct run *run, const char *call, int errnum)
{
	if (run->code != 0 && run->code != -errnum &&
	    find_answer(sweep, call, errnum, run->code) == NULL)
		wrong(job, run, "it says %d", run->code);
}

static const char *
outcome(const struct run *run)
{
	const char *name = proclc_error_name(run->code);

	if (run->injected == 0)
		return "not met";
	if (run->code == 0)
		return "as if nothing";
	return name == NULL ? "an error without a name" : name;
}

/* Fail call k of a site. */
static void
fail_one(const struct sweep *sweep, const struct site *site, long k,
    int errnum, bool onwards)
{
	static struct run run;
	struct job job = { .action = "fail", .idle = onwards };
	/* No call is interrupted for ever. */
	const char *way = !onwards ? "" : errnum == EINTR ? "+100" : "+";

	job.known = listed(sweep->known, site->call, onwards);
	job.leaves = listed(sweep->leaves, site->call, onwards);
	job.loses = listed(sweep->loses, site->call, onwards);
	snprintf(job.rule, sizeof(job.rule), "%s%s:%ld%s:%s@%s", site->call,
	    strchr(site->call, '.') == NULL ? "." : "", k,
	    way, errno_name(errnum), site->role);
	run_story(sweep, &job, &run);
	judge(&job, &run, &reference);
	judge_code(sweep, &job, &run, site->call, errnum);
	if (sweep_all())
		dprintf(1, "# %s fail %s: %s\n", sweep->story, job.rule,
		    outcome(&run));
}

/* Case n of those of a site: each call, once and onwards, each errno.  Less
 * than 0: it is one of a later site. */
static long
fail_case(const struct sweep *sweep, const struct site *site, long n)
{
	const struct call_errnos *errnos = call_errnos(site->call);
	int e = 0;

	while (e < ERRNOS_MAX && errnos->errnos[e] != 0 &&
	    n >= 2 * site->count) {
		n -= 2 * site->count;
		e++;
	}
	if (e == ERRNOS_MAX || errnos->errnos[e] == 0)
		return n;
	fail_one(sweep, site, n / 2 + 1, errnos->errnos[e], n % 2 != 0);
	return -1;
}

void
sweep_calls(const struct sweep *sweep)
{
	const struct call_errnos *errnos;
	long i, n, done = 0, all = 0;
	int e;

	/* The table of errors is for the calls of the preferred backends. */
	if (skip_without("process", "pidfd"))
		return;
	if (!refer(sweep))
		return;
	for (i = 0; i < site_count; i++) {
		errnos = call_errnos(sites[i].call);
		for (e = 0; e < ERRNOS_MAX && errnos->errnos[e] != 0; e++)
			all += 2 * sites[i].count;
	}
	for (done = 0; done < all && sweep_goes_on(done, all); done++) {
		n = sweep_case(done, all);
		for (i = 0; i < site_count && n >= 0; i++)
			n = fail_case(sweep, &sites[i], n);
	}
	sweep_verdict(sweep->story, done, all);
}

void
sweep_allocations(const struct sweep *sweep)
{
	static struct run run;
	struct job job = { .action = "memory" };
	long k, done = 0;
	int onwards;

	if (!refer(sweep))
		return;
	if (!run_refuses_memory()) {
		toolkit_skip("no memory to be refused");
		return;
	}
	job.known = listed(sweep->known, "malloc", false);
	for (onwards = 0; onwards < 2; onwards++) {
		run.injected = 1;
		for (k = 1; run.injected > 0 &&
		    sweep_goes_on(done, done + 1); k++) {
			snprintf(job.memory, sizeof(job.memory), "%ld%s", k,
			    onwards ? "+" : "");
			run_story(sweep, &job, &run);
			judge(&job, &run, &reference);
			judge_code(sweep, &job, &run, "malloc", ENOMEM);
			done++;
		}
	}
	sweep_verdict(sweep->story, done, done);
}

/* Killed at its k-th call: then the next one works.  False: it has survived,
 * for it made fewer calls. */
static bool
kill_one(const struct sweep *sweep, long k)
{
	static struct run run;
	struct job job = { .action = "kill" };
	int heard;

	snprintf(job.rule, sizeof(job.rule), "*:%ld", k);
	run_story(sweep, &job, &run);
	heard = sweep_heard();
	if (heard > 1 && run.status != 0)
		wrong(&job, &run, "the holder has got %d", heard);
	if (strstr(run.report, "\nleft ") != NULL)
		wrong(&job, &run, "somebody was left");
	if (run.status != 0 && run.status != SIGKILL)
		wrong(&job, &run, "status %#x", (unsigned)run.status);
	run_in_peace(sweep, job.rule);
	sweep_heard();
	return run.status == SIGKILL;
}

void
sweep_kills(const struct sweep *sweep)
{
	long k, done;

	if (!refer(sweep))
		return;
	sweep_heard();
	for (done = 0; done < calls && sweep_goes_on(done, calls); done++)
		kill_one(sweep, 1 + sweep_case(done, calls));
	/* It may have made more calls than the one that was recorded. */
	for (k = calls + 1; kill_one(sweep, k); k++)
		ck_assert_int_lt(k, 2 * calls + 100);
	sweep_verdict(sweep->story, done, calls);
}

double
sweep_timeout(void)
{
	return sweep_all() ? 7200 : 60;
}
