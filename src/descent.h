/* descent.h - who descends from a task's child (floor 4). */
#ifndef PCL_DESCENT_H
#define PCL_DESCENT_H

#include "os/kin.h"

/* Those that are known, in the order of their pids, without the child. */
struct pcl_kinset {
	struct pcl_os_kin *list;
	int n;
};

struct pcl_descent {
	int fresh;	/* so many were not known before */
	int live;	/* so many are not dead, or may not be */
	bool top_runs;	/* the child itself does, and is not stopped */
	int error;	/* 0, or why there may be others that are not known */
};

/* One of them that lives, as far as that is known; 0: none does. */
int64_t
pcl_descent_survivor(const struct pcl_kinset *members);

/* A round: many looks share what the first one sees.  Who waits for something
 * to happen, or gives up the lock, ends it first. */
void
pcl_descent_begin(void);
void
pcl_descent_end(void);
bool
pcl_descent_is_shared(void);

/*
 * Find all descendants of top, which is a child of ours that is not reaped, or
 * this process, or 0, and of the members; they are the members then.  New ones
 * are sent signum, TERM together with CONT; KILL is sent to all; 0: nothing.
 */
struct pcl_descent
pcl_descend(struct pcl_kinset *members, int64_t top, int signum);

#endif
