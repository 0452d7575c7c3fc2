/*
 * descendants.c - all that is left below this process is stopped.
 *
 * Promise: only descendants are signalled (descent.c), and there is none when
 * the call says so.  One that forks and ends while the processes are listed
 * may hide its child from that list; it is ours then, and in the next one.
 */
#include "task.h"

#include <proclc/signals.h>

#include <stdlib.h>

#include "descent.h"
#include "error.h"

enum { GRACE_MS = 3000, PAUSE_MS = 16, LOOKS = 2 };

/* Until nobody lives; false: somebody does when it is due. */
static bool
end_all(struct pcl_kinset *members, int signum, int64_t due)
{
	int64_t pause = 1;
	int empty = 0;
	struct pcl_descent d;

	for (;;) {
		d = pcl_descend(members, pcl_os_pid(), signum);
		empty = d.live > 0 ? 0 : empty + 1;
		if (empty == LOOKS)
			return true;
		if (empty > 0)
			continue;
		if (pcl_os_now() >= due)
			return false;
		pcl_os_pause(pause);
		pause = d.fresh > 0 ? 1 : pause * 2;
		if (pause > PAUSE_MS)
			pause = PAUSE_MS;
	}
}

static int64_t
survivor(const struct pcl_kinset *members)
{
	for (int i = 0; i < members->n; i++)
		if (!members->list[i].ended)
			return members->list[i].pid;
	return 0;
}

/* Those that are no tasks, or lived all the same. */
static int
end_rest(int64_t grace_ms)
{
	int64_t due = pcl_due(grace_ms == 0 ? GRACE_MS : grace_ms);
	struct pcl_kinset members = { .n = 0 };
	int rc = 0;

	if (grace_ms == PROCLC_NOW ||
	    !end_all(&members, PROCLC_SIGTERM, due)) {
		rc = pcl_descend(&members, pcl_os_pid(), 0).live > 0;
		if (!end_all(&members, PROCLC_SIGKILL,
		    pcl_os_now() + PCL_KILL_WAIT_MS))
			rc = pcl_fail_pid(PROCLC_ETIMEDOUT, PROCLC_STAGE_WAIT,
			    survivor(&members),
			    "shutdown of descendants: pid %lld lives",
			    (long long)survivor(&members));
	}
	free(members.list);
	return rc;
}

int
proclc_shutdown_descendants(int64_t grace_ms)
{
	struct pcl_os_kin self;
	int forced, rc;

	if (grace_ms < PROCLC_NOW)
		return pcl_fail(PROCLC_EINVAL, PROCLC_STAGE_ARGUMENTS,
		    "shutdown of descendants: grace");
	if (pcl_os_kin_look(pcl_os_pid(), &self) < 0)
		return pcl_fail(PROCLC_ENOTSUP, PROCLC_STAGE_ARGUMENTS,
		    "shutdown of descendants");
	forced = proclc_shutdown_all(grace_ms);
	if (forced < 0 && forced != PROCLC_ETIMEDOUT)
		return forced;
	rc = end_rest(grace_ms);
	return rc < 0 ? rc : rc > 0 || forced > 0;
}
