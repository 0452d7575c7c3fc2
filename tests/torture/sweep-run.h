/* One run of a sweep, for sweep*.c. */
#ifndef TORTURE_SWEEP_RUN_H
#define TORTURE_SWEEP_RUN_H

#include "sweep.h"

enum { RUN_TEXT = 8192 };

/* What to do in a run; "" for nothing of the kind. */
struct job {
	const char *action;  /* inject's words */
	char rule[160];
	char memory[32];     /* ALLOC_FAIL */
	bool idle;           /* look at it while idle, too */
	bool known;          /* its faults are */
	bool leaves;         /* it may leave an empty file, */
	bool loses;          /* or lines */
};

struct run {
	int status;          /* as of waitpid() */
	long injected;       /* by inject and alloc.so */
	int code;            /* the first one that was not 0 */
	long things;         /* left: 1000 times fds, and threads */
	long living;         /* and blocks of memory */
	char out[RUN_TEXT];
	char report[RUN_TEXT];
};

/* Under the driver; and without it, which must go well. */
void run_story(const struct sweep *sweep, const struct job *job,
    struct run *run);
void run_in_peace(const struct sweep *sweep, const char *after);

/* Whether alloc.so can be preloaded. */
bool run_refuses_memory(void);

/* Judges what every run must be; wrong() tells of a fault. */
void judge(const struct job *job, const struct run *run,
    const struct run *reference);
void wrong(const struct job *job, const struct run *run, const char *format,
    ...) __attribute__((format(printf, 3, 4)));

/* The test fails if anything was wrong. */
void sweep_verdict(const char *what, long done, long all);

/* Whether there is to be another case, and which one is the n-th, from 0. */
bool sweep_goes_on(long done, long all);
long sweep_case(long n, long all);

/* Signals that the holder has got since it was last asked. */
int sweep_heard(void);

#endif
