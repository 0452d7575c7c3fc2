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
#include "fork.h"

enum { GRACE_MS = 3000, PAUSE_MS = 16, LOOKS = 2 };
/* So long is tried what fails for want of a descriptor or memory. */
enum { BLIND_MS = 200 };

/* Until nobody lives; PROCLC_ETIMEDOUT, somebody does when it is due; or why
 * that cannot be seen. */
static int
end_all(struct pcl_kinset *members, int signum, int64_t due)
{
	int64_t pause = 1, seen = pcl_os_now();
	int empty = 0;
	struct pcl_descent d;

	for (;;) {
		d = pcl_descend(members, pcl_os_pid(), signum);
		empty = d.live > 0 ? 0 : empty + 1;
		if (empty == LOOKS)
			return 0;
		if (empty > 0)
			continue;
		if (d.error == 0)
			seen = pcl_os_now();
		else if (pcl_os_now() - seen > BLIND_MS)
			return d.error;
		if (pcl_os_now() >= due)
			return PROCLC_ETIMEDOUT;
		pcl_os_pause(pause);
		pause = d.fresh > 0 ? 1 : pause * 2;
		if (pause > PAUSE_MS)
			pause = PAUSE_MS;
	}
}

/* One lives, or that cannot be seen. */
static int
fail(int rc, const struct pcl_kinset *members)
{
	int64_t pid = pcl_descent_survivor(members);

	if (rc != PROCLC_ETIMEDOUT)
		return pcl_fail(rc, PROCLC_STAGE_WAIT,
		    "shutdown of descendants: the processes cannot be listed");
	return pcl_fail_pid(rc, PROCLC_STAGE_WAIT, pid,
	    "shutdown of descendants: pid %lld lives", (long long)pid);
}

/* Those that are no tasks, or lived all the same; 1: by force. */
static int
end_rest(int64_t grace_ms)
{
	int64_t due = pcl_due(grace_ms == 0 ? GRACE_MS : grace_ms);
	struct pcl_kinset members = { .n = 0 };
	int rc = PROCLC_ETIMEDOUT;
	bool forced = false;

	if (grace_ms != PROCLC_NOW)
		rc = end_all(&members, PROCLC_SIGTERM, due);
	if (rc == PROCLC_ETIMEDOUT) {
		forced = pcl_descend(&members, pcl_os_pid(), 0).live > 0;
		rc = end_all(&members, PROCLC_SIGKILL,
		    pcl_os_now() + PCL_KILL_WAIT_MS);
	}
	if (rc < 0)
		fail(rc, &members);
	free(members.list);
	return rc < 0 ? rc : forced;
}

static int
check(int64_t grace_ms)
{
	struct pcl_os_kin self;
	int rc = pcl_os_kin_look(pcl_os_pid(), &self);

	if (grace_ms < PROCLC_NOW)
		return pcl_fail(PROCLC_EINVAL, PROCLC_STAGE_ARGUMENTS,
		    "shutdown of descendants: grace");
	if (!pcl_os_kin_listed || rc == PROCLC_ENOTSUP || rc == PROCLC_ESRCH)
		return pcl_fail(PROCLC_ENOTSUP, PROCLC_STAGE_ARGUMENTS,
		    "shutdown of descendants");
	return 0;
}

/* Not one that rests between two runs. */
static bool
any_runs(void)
{
	struct proclc_task *task = NULL;
	bool runs = false;

	pcl_enter(PCL_LOCK_TASK);
	while (!runs && (task = pcl_batch_next(NULL, task)) != NULL)
		runs = !pcl_task_ended(task) && (task->state ==
		    PCL_TASK_STARTING || task->state == PCL_TASK_RUNNING);
	pcl_unlock(PCL_LOCK_TASK);
	return runs;
}

int
proclc_shutdown_strays(int64_t grace_ms)
{
	int rc = check(grace_ms);

	if (rc < 0)
		return rc;
	if (any_runs())
		return pcl_fail(PROCLC_ETASKS, PROCLC_STAGE_ARGUMENTS,
		    "shutdown of strays: a task runs");
	return end_rest(grace_ms);
}

int
proclc_shutdown_descendants(int64_t grace_ms)
{
	int forced, rc = check(grace_ms);

	if (rc < 0)
		return rc;
	forced = proclc_shutdown_all(grace_ms);
	if (forced < 0 && forced != PROCLC_ETIMEDOUT)
		return forced;
	rc = end_rest(grace_ms);
	return rc < 0 ? rc : rc > 0 || forced > 0;
}
