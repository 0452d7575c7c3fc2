/*
 * restart.h - an object that has ended runs again.
 *
 * A policy, given with the options of a task or loop, says after which ends
 * it does, and how long it waits first.  It is the same object that runs
 * again: a child is made of it as by its start, with self as it is in the
 * parent at that moment; init and fini are not called again.  Restarts happen
 * where callbacks run (dispatch.h), and do not wait until the child is ready.
 * Those of a command are made by threads that come and go, so that one that
 * waits for a file holds nobody up; where there are to be no threads
 * (PROCLC_NO_THREADS) it does.
 * A child that is a fork has the stack of that thread: for the library's own
 * what proclc_set_dispatch_stack() says, 1 MiB by default.
 * The first shutdown that it is part of, and the exit of the process, end them
 * for good.
 *
 * Included by subprocess.h.
 */
#ifndef PROCLC_RESTART_H
#define PROCLC_RESTART_H

#include <proclc/subprocess.h>

PROCLC_BEGIN

enum proclc_restart_when {
	PROCLC_RESTART_NEVER = 0,
	/* After every end but exit code 0.  An end of which the status is not
	 * known is a failure. */
	PROCLC_RESTART_ON_FAILURE = 1,
	PROCLC_RESTART_ALWAYS = 2
};

/*
 * When to run it again; zero is the default in every member.
 *
 * The delay goes from the moment when the library sees the end, which is at
 * once while the dispatcher is free, to the moment when the child is made.
 * It is delay_ms after the first early end, and twice the one before after
 * each further one in a row, but never more than max_delay_ms; after a run
 * that was not early it is delay_ms, and so is the next.  So, by default,
 * 100, 200, 400 ... 25600, 30000, 30000 ms.  It is never varied by chance:
 * who wants several objects apart gives them different delays.
 */
struct proclc_restart {
	uint32_t size;	/* sizeof(struct proclc_restart) */
	uint32_t when;	/* an enum proclc_restart_when */
	/* A run that was shorter has ended early; 0: 1000; PROCLC_NOW: none
	 * has. */
	int64_t min_uptime_ms;
	int64_t delay_ms;	/* the first; 0: 100; PROCLC_NOW: none */
	/* 0: 30000, or delay_ms where that is more; else not less than it. */
	int64_t max_delay_ms;
	/* So many early ends in a row, and it has failed; 0: no limit. */
	uint32_t limit;
	uint32_t reserved;
};

#define PROCLC_RESTART_INIT \
	{ sizeof(struct proclc_restart), 0, 0, 0, 0, 0, 0 }

enum proclc_task_state {
	PROCLC_TASK_NEW = 1,	/* not started */
	PROCLC_TASK_STARTING,	/* its child is being made */
	PROCLC_TASK_RUNNING,	/* there is one; whether it is ready or not */
	PROCLC_TASK_BACKING_OFF,	/* it has ended, and will run again */
	PROCLC_TASK_FAILED,	/* over: any other end */
	PROCLC_TASK_STOPPED	/* over: exit code 0, or by a shutdown */
};

/*
 * What is it doing?  Also of an object without a policy: that is stopped, or
 * has failed, when its child has ended.
 * Returns an enum proclc_task_state; PROCLC_EINVAL; PROCLC_ENOTOWNER.
 * Blocks: no. Thread: any. Signal: unsafe. Fork: owner process only.
 * Platforms: all.
 */
PROCLC_API int
proclc_task_state(struct proclc_task *task);

/*
 * How often was a child made of it again?
 * Returns that; PROCLC_EINVAL; PROCLC_ENOTOWNER.
 * Blocks: no. Thread: any. Signal: unsafe. Fork: owner process only.
 * Platforms: all.
 */
PROCLC_API int64_t
proclc_task_restarts(struct proclc_task *task);

/*
 * Have fn called for every state that it comes to (dispatch.h says where),
 * once for each, in order: first the one that it is in, unless that is new.
 * It may be in a later one by then.  A start that fails before there is a
 * child is not told.
 * fn: may shut the task down, or free it; NULL: nobody is told any more.
 * state: an enum proclc_task_state.   status: as it was then, valid during the
 * call; while it backs off, and when it is over, of the run that has ended.
 * Returns 0; PROCLC_ENOTOWNER; PROCLC_EINVAL; PROCLC_EAGAIN, PROCLC_ENOMEM,
 * PROCLC_EMFILE.
 * Blocks: until a call of the one before is done, unless called from it.
 * Thread: any. Signal: unsafe. Fork: owner process only. Platforms: all.
 */
PROCLC_API int
proclc_task_on_change(struct proclc_task *task,
    void (*fn)(struct proclc_task *task, int state,
    const struct proclc_status *status, void *user), void *user);

PROCLC_END

#endif
