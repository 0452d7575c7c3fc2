/*
 * watchstate.c - whom a watch tells, and what it is doing, for whoever asks.
 *
 * Promise: the descriptor of a watch that has a handle needs no thread of the
 * library; and every answer is for the process that made the watch only.
 */
#include "watch.h"

#include <stdlib.h>

#include "error.h"
#include "fork.h"
#include "os/kin.h"

int
pcl_watch_check(const struct proclc_orphan *w)
{
	if (w == NULL)
		return pcl_fail(PROCLC_EINVAL, PROCLC_STAGE_ARGUMENTS,
		    "orphan watch");
	if (w->owner != pcl_process())
		return pcl_fail(PROCLC_ENOTOWNER, PROCLC_STAGE_ARGUMENTS,
		    "orphan watch");
	return 0;
}

int
proclc_orphan_add_callback(struct proclc_orphan *w,
    void (*fn)(struct proclc_orphan *watch, void *user), void *user)
{
	struct told **at, *t;
	int rc = pcl_watch_check(w);

	if (rc < 0)
		return rc;
	if (fn == NULL || w->started)
		return pcl_fail(fn == NULL ? PROCLC_EINVAL : PROCLC_EBUSY,
		    PROCLC_STAGE_ARGUMENTS, "orphan watch: callback");
	t = malloc(sizeof(*t));
	if (t == NULL)
		return pcl_fail(PROCLC_ENOMEM, PROCLC_STAGE_MEMORY,
		    "orphan watch: callback");
	*t = (struct told){ .fn = fn, .user = user };
	for (at = &w->told; *at != NULL; at = &(*at)->next)
		continue;
	*at = t;
	return 0;
}

int
proclc_orphan_status(const struct proclc_orphan *w)
{
	int rc = pcl_watch_check(w);

	if (rc < 0)
		return rc;
	pcl_enter(PCL_LOCK_ORPHAN);
	if (w->started)
		rc = w->fired ? PROCLC_ORPHAN_GONE : PROCLC_ORPHAN_WATCHING;
	else
		rc = PROCLC_ORPHAN_IDLE;
	pcl_unlock(PCL_LOCK_ORPHAN);
	return rc;
}

/* The handle itself or, where there is none, a wake-up.  The lock is held. */
static int
waitable(struct proclc_orphan *w)
{
	int rc = 0;

	if (pcl_os_process_intact(&w->process))
		return (int)w->process.handle;
	if (!pcl_os_wake_intact(&w->wake)) {
		pcl_os_wake_close(&w->wake);
		rc = pcl_os_wake_open(&w->wake);
	}
	if (rc < 0)
		return rc;
	if (w->fired)
		pcl_os_wake_post(&w->wake);
	return (int)w->wake.handles[0];
}

proclc_waitable
proclc_orphan_fd(struct proclc_orphan *w)
{
	int rc = pcl_watch_check(w);

	if (rc < 0)
		return rc;
	pcl_enter(PCL_LOCK_ORPHAN);
	rc = w->started ? waitable(w) : PROCLC_ENOTRUNNING;
	pcl_unlock(PCL_LOCK_ORPHAN);
	return rc < 0 ? pcl_fail(rc, PROCLC_STAGE_PIPE,
	    "orphan watch: descriptor") : rc;
}

const char *
proclc_orphan_backend(const struct proclc_orphan *w)
{
	const char *name = NULL;

	if (pcl_watch_check(w) < 0)
		return NULL;
	pcl_enter(PCL_LOCK_ORPHAN);
	if (w->started)
		name = w->process.handle == PCL_NONE ? "poll" :
		    pcl_os_process_handles;
	pcl_unlock(PCL_LOCK_ORPHAN);
	return name;
}
