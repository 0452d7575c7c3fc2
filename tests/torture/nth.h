/*
 * A program again and again, each time with something done to it at its n-th
 * system call, n = 1, 2, ... until a run has no such call.
 *
 * After each run nobody may be left, and a stranger in the same process group
 * has heard nothing; what else must hold, judge says.
 *
 * A sample of the calls is taken; TORTURE=all takes every one.
 */
#ifndef TORTURE_NTH_H
#define TORTURE_NTH_H

#include <stdbool.h>

enum { NTH_WORDS = 8, NTH_TEXT = 8192 };

struct nth {
	const char *words[NTH_WORDS];     /* program and arguments, to a NULL */
	const char *action;  /* inject's */
	const char *role;    /* whose calls; "": all that are marked */
	int calls;           /* that it is done to, from the n-th on; 0: 1 */
	int sample;          /* runs, where not all are wanted */
};

struct nth_run {
	long n;              /* 0: nothing was to be done */
	long done;           /* how often it was done */
	int status;          /* as of waitpid() */
	char out[NTH_TEXT];
	char report[NTH_TEXT];     /* inject's, and stderr */
};

typedef void nth_judge(const struct nth_run *run, void *arg);

/* Before and after each test, around the fixture's own. */
void nth_setup(void);
void nth_teardown(void);

/* The test fails if a run was wrong. */
void nth_sweep(const struct nth *nth, nth_judge *judge, void *arg);

/* For judges: a fault, told with the run. */
void nth_wrong(const struct nth_run *run, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* How the process with this role ended, as of waitpid(); -1: it has not. */
int nth_end(const struct nth_run *run, const char *role);

/* How many lines of the output are, or begin with, this text. */
int nth_lines(const struct nth_run *run, const char *text);
int nth_lines_with(const struct nth_run *run, const char *prefix);

#endif
