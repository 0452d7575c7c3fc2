/* source.h - for the files of the dispatch unit.  The dispatch lock is held for
 * every call but pcl_dispatch_step and pcl_dispatch_enter. */
#ifndef PCL_SOURCE_H
#define PCL_SOURCE_H

#include "dispatch.h"

/* Put every source into set, which is the dispatcher's alone, behind entry 0;
 * returns the number of entries. */
size_t
pcl_sources_fill(struct pcl_os_pollset *set);
/* The set was polled: call the sources that are ready or due; set NULL: it
 * could not be polled, so call all.  The lock is given up for each call. */
void
pcl_sources_run(const struct pcl_os_pollset *set);
/* Have the set that the program polls hold their handles. */
void
pcl_sources_watch(void);
/* When the first of them is due. */
int64_t
pcl_sources_due(void);
/* Room to poll those that there are. */
int
pcl_sources_reserve(void);
/* In a forked child: there are none. */
void
pcl_sources_forget(void);
/* The function that runs will not return. */
void
pcl_sources_lost(void);

/* dispatch.c for the others: its state, */
struct pcl_loop {
	bool known;	/* the unit is registered with fork */
	bool chosen;	/* a mode was asked for or is in use */
	bool started;
	bool running;	/* the thread is in its loop */
	bool quit;
	bool busy;	/* somebody is in proclc_dispatch, */
	uint64_t driven;	/* for the so manieth time */
	bool waiting;	/* the dispatcher is in its poll, */
	uint64_t round;	/* for the so manieth time */
	struct pcl_os_thread thread;
	struct pcl_os_pollset set;	/* the dispatcher's alone */
	struct pcl_os_wake wake;
	struct pcl_os_ready ready;	/* in MANUAL mode */
	struct pcl_os_sigset open;
	bool (*drain)(void);
};
extern struct pcl_loop pcl_loop;
extern _Atomic unsigned pcl_dispatch_mode;
extern _Thread_local bool pcl_in_dispatch;

/* one round of the dispatcher, which waits until due at most (has it found
 * anything to do?), */
bool
pcl_dispatch_step(int64_t due);

/* and for the table: start the unit; have the set that the program
 * polls hold or lose a handle; and say that something has changed. */
int
pcl_dispatch_start_locked(void);
/* Make anew what the program has closed, or has something else for under the
 * number; of it the set that the program polls, whose members are the wake-up,
 * which may be new, and every source; and have that ready in time.  mend says
 * whether there is a wake-up now. */
bool
pcl_dispatch_mend(void);
int
pcl_manual_mend(bool new_wake);
void
pcl_manual_due(void);
int
pcl_dispatch_watch(intptr_t handle);
void
pcl_dispatch_unwatch(intptr_t handle);
void
pcl_dispatch_changed(void);
/* Take the lock, in a process that is told of forks. */
int
pcl_dispatch_enter(void);

#endif
