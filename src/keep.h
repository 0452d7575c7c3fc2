/* keep.h - what a restart policy and the states of a task need, for the two
 * files that see to them (floor 4). */
#ifndef PCL_KEEP_H
#define PCL_KEEP_H

#include "backoff.h"
#include "task.h"

/* Between two calls of the dispatcher: started, runs, backs off, stopped. */
enum { PCL_CHANGES = 4 };

/* Under PCL_LOCK_TASK. */
struct pcl_keep {
	struct pcl_backoff backoff;
	uint32_t when;	/* an enum proclc_restart_when */
	bool settled;	/* the call that started it is done: its end is ours */
	bool stopping;	/* it is not to run again */
	uint8_t over;	/* in this public state; 0: as its status says */
	int64_t began;	/* this run */
	int64_t due;	/* of the next one, while it backs off */
	int64_t runs;
	void (*fn)(struct proclc_task *task, int state,
	    const struct proclc_status *status, void *user);
	void *user;
	unsigned n;	/* changes that are to be told */
	struct {
		int state;
		struct proclc_status status;
	} changes[PCL_CHANGES];
};

static inline struct pcl_keep *
pcl_keep_of(const struct proclc_task *task)
{
	return task->extras == NULL ? NULL : task->extras->keep;
}

/* Have one; NULL: no memory, which is recorded. */
struct pcl_keep *
pcl_keep_have(struct proclc_task *task);
/* How it has ended: well? */
static inline bool
pcl_keep_succeeded(const struct pcl_os_status *status)
{
	return status->known && !status->signaled && status->number == 0;
}

/* Its public state.  The lock is held for this and the next. */
int
pcl_keep_state(const struct proclc_task *task);
/* It has come to a state: have that told. */
void
pcl_keep_note(struct proclc_task *task, struct pcl_keep *keep, int state);

#endif
