/*
 * Sweeps: a story (story.c) again and again, each time with another thing
 * done to it, until all has been done.
 *
 * What must hold after each run: it ends, by itself, with nobody left; its
 * own post-conditions held (post.h); it leaves no more than an untortured
 * run; a call that failed says the errno that it met, or one that the story
 * declares; who holds the pid file has got the signals that were reported as
 * sent; a stranger beside has got none.
 *
 * A sample of the cases is run, up to 100, for no longer than a second;
 * TORTURE=all runs all of them, and tells what came of each.
 */
#ifndef TORTURE_SWEEP_H
#define TORTURE_SWEEP_H

#include <stdbool.h>

/* What a call may say instead of the errno that it met. */
struct sweep_answer {
	const char *call;    /* the system call; "*": any */
	int errnum;          /* 0: any */
	int code;
};

struct sweep {
	const char *story;
	bool held;           /* somebody else holds the pid file */
	/* It needs this backend of this seam.  NULL: none. */
	const char *seam, *backend;
	bool slow;           /* only for TORTURE=all */
	/* It closes all descriptors: too many calls to be traced where that
	 * is done by number. */
	bool closes;
	const struct sweep_answer *answers;  /* to a NULL call */
	/* Blocks that the dispatcher may have yet to free. */
	int pending;
	/* Calls whose failure the library is known to bear badly, to a NULL:
	 * counted, and no fault of the test.  NULL: none. */
	const char *const *known;
	/* Calls, to a NULL, whose failure may leave a new, empty file, or the
	 * text that stdio holds unwritten; "+" behind it: only when the call
	 * fails for ever. */
	const char *const *leaves;
	const char *const *loses;
};

/* A program that tests n sweeps, in all three ways; suite: its name. */
int sweep_main(const char *suite, const struct sweep *sweeps, int n);

/* Before and after each test, around the fixture's own. */
void sweep_setup(void);
void sweep_teardown(void);

/* Every fallible call of every thread, each legal errno, once and onwards. */
void sweep_calls(const struct sweep *sweep);

/* Every allocation, once and onwards. */
void sweep_allocations(const struct sweep *sweep);

/* SIGKILL at every call of the story; then it runs in peace. */
void sweep_kills(const struct sweep *sweep);

/* Whether all is to be run. */
bool sweep_all(void);

/* Seconds that such a test may take. */
double sweep_timeout(void);

#endif
