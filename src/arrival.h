/* arrival.h - what the signal handler shares with disposition.c. */
#ifndef PCL_ARRIVAL_H
#define PCL_ARRIVAL_H

#include <stdatomic.h>

#include "disposition.h"

/* Sets of signals have bit signum - 1. */
struct pcl_arrivals {
	_Atomic uint64_t pending;	/* who sets a bit wakes */
	_Atomic int taking;	/* the signal that is being delivered */
	_Atomic uint64_t sender[PCL_SIGNALS];	/* pid << 32 | uid, and a bit */
	_Atomic uint64_t wanted;	/* has a subscriber */
	_Atomic uint64_t chained;	/* and a handler before ours */
	_Atomic uint64_t passive;	/* does nothing in children */
	_Atomic uint64_t inherited;	/* caught by the parent alone */
	_Atomic uint32_t owner;	/* the process that wants them */
	struct pcl_deadline *_Atomic bounds[PCL_SIGNALS];
	void (*_Atomic crash)(int signum);
	/* What each signal did before us; written under the lock. */
	struct pcl_os_disposition previous[PCL_SIGNALS];
};
extern struct pcl_arrivals pcl_arrivals;

/* The handler, */
void
pcl_arrived(const struct pcl_os_arrival *arrival);
/* has it noted one that is not delivered?  From now on it has not; */
bool
pcl_arrival_take(int signum);
/* and, on the dispatcher, the delivery of what it has noted, in the order of
 * the signals' numbers: were there any? */
bool
pcl_arrivals_drain(void);

#endif
