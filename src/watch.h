/* watch.h - the watch, for the files of the orphan unit (floor 3). */
#ifndef PCL_WATCH_H
#define PCL_WATCH_H

#include <proclc/orphan.h>

#include <stdbool.h>

#include "dispatch.h"
#include "guard.h"

struct told {
	void (*fn)(struct proclc_orphan *watch, void *user);
	void *user;
	struct told *next;
};

/* The source first: what is called is about this watch. */
struct proclc_orphan {
	struct pcl_source source;
	struct proclc_orphan_options o;
	struct pcl_os_process process;
	uint32_t owner;
	bool of_parent;
	int64_t parent;	/* as the kernel named it at the start; 0: outside */
	bool ends;	/* the process is to be ended */
	bool started;
	bool stopping;
	bool fired;	/* the watched process is gone */
	struct told *told;
	struct told *to_tell;	/* the next of them */
	struct pcl_deadline deadline;
	struct pcl_os_process guarded;	/* process, as the guard knows it */
	int64_t grace_ms;	/* if it ends */
	struct pcl_os_wake wake;	/* of proclc_orphan_fd() without it */
	struct proclc_orphan *next;	/* of all that are started */
};

/* PROCLC_EINVAL, PROCLC_ENOTOWNER. */
int
pcl_watch_check(const struct proclc_orphan *w);
/* Give up the handles, if they are still ours. */
void
pcl_watch_let_go(struct proclc_orphan *w);
/* Is the watched process gone, as seen by this copy of its handle? */
bool
pcl_watch_gone(const struct proclc_orphan *w,
    const struct pcl_os_process *process);
/* Have the guard watch it, too: the dispatcher may be stuck. */
int
pcl_watch_guard(struct proclc_orphan *w);
/* The source's function: on the dispatcher. */
void
pcl_watch_fire(struct pcl_source *source);
void
pcl_watch_dispose(struct proclc_orphan *w);

#endif
