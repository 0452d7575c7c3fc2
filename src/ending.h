/* ending.h - the one end-of-process machine (floor 2). */
#ifndef PCL_ENDING_H
#define PCL_ENDING_H

#include <proclc/atexit.h>

#include <stdbool.h>

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

/* How long an end by a signal may take; the guard thread must exist. */
void
pcl_ending_deadline(int64_t ms);

/*
 * End the process: run the runner, then leave as kind asks: by code, or by
 * signum's default action.  Only the first caller does; others wait for the
 * end.  Called again by the runner's own thread: what is left runs, then the
 * process leaves as the new call says.
 */
_Noreturn void
pcl_end(enum proclc_exit_kind kind, int code, int signum);

#endif
