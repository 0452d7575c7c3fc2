/* ending.h - the one end-of-process machine (floor 2). */
#ifndef PCL_ENDING_H
#define PCL_ENDING_H

#include <proclc/atexit.h>

#include <stdbool.h>

#include "guard.h"

/*
 * Have libc's exit come here.  The process that calls first is the one that
 * leaves through it.
 */
int
pcl_ending_start(void);

/* The runner: called whenever the process ends, by pcl_end or libc's exit;
 * again in the same end, it runs what is left. */
void
pcl_ending_runner(void (*run)(const struct proclc_exit_cause *cause));

/* How a process leaves on a signal. */
enum pcl_manner {
	PCL_END_BY_CODE = 1,	/* it exits with the signal's number */
	PCL_END_WITHOUT_LIBC = 2,	/* not through libc's exit */
	PCL_END_AT_SECOND = 4	/* a second signal ends it at once */
};

/* Bound an end by a signal: ms from the signal to the end.  The deadline is
 * for the signal's subscriber.  Errors as pcl_deadline_add. */
int
pcl_ending_bound(int64_t ms, unsigned manner, struct pcl_deadline **deadline);

/* failed: what it was for has failed, see pcl_deadline_undo. */
void
pcl_ending_unbound(bool failed);

/* Does somebody end this process? */
bool
pcl_is_ending(void);

/*
 * End the process: run the runner, then leave as kind asks: by code, or by
 * signum's default action.  Only the first caller does; others wait for the
 * end.  Called again by the runner's own thread: what is left runs, then the
 * process leaves as the new call says.
 */
_Noreturn void
pcl_end(enum proclc_exit_kind kind, int code, int signum);

/* What the runner has called is about to end the runner's thread: go on from
 * here, in the same end. */
_Noreturn void
pcl_end_go_on(void);

#endif
