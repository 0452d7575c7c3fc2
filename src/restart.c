/*
 * restart.c - what becomes of a task whose child has ended.
 *
 * Promise: it runs again only while nobody has shut it down and the process
 * does not end; who stops it while it starts finds it there.
 */
#include "keep.h"

#include "command.h"
#include "ending.h"
#include "error.h"
#include "fork.h"

int
pcl_keep_make(struct proclc_task *task, const struct proclc_restart *policy)
{
	struct proclc_restart p;
	struct pcl_backoff backoff;
	struct pcl_keep *keep;
	int rc = pcl_options_read(&p, sizeof(p), policy);

	if (rc == 0)
		rc = pcl_backoff_init(&backoff, &p);
	if (rc < 0 || p.when == PROCLC_RESTART_NEVER)
		return rc;
	keep = pcl_keep_have(task);
	if (keep == NULL)
		return PROCLC_ENOMEM;
	keep->backoff = backoff;
	keep->when = p.when;
	return pcl_listener_make(task);
}

void
pcl_keep_claim(struct proclc_task *task)
{
	struct pcl_keep *keep = pcl_keep_of(task);

	if (keep == NULL)
		return;
	keep->settled = false;
	keep->stopping = task->spared;
}

void
pcl_keep_began(struct proclc_task *task)
{
	struct pcl_keep *keep = pcl_keep_of(task);

	if (keep == NULL)
		return;
	keep->began = pcl_os_now();
	keep->runs++;
	pcl_keep_note(task, keep, PROCLC_TASK_STARTING);
	pcl_keep_note(task, keep, PROCLC_TASK_RUNNING);
}

int
pcl_keep_settle(struct proclc_task *task, bool well)
{
	struct pcl_keep *keep = pcl_keep_of(task);
	int rc = 0;

	if (keep == NULL)
		return 0;
	keep->settled = true;
	keep->stopping = keep->stopping || !well;
	if (well)
		rc = pcl_listener_start(task);
	if (rc == 0)
		pcl_task_ended(task);
	return rc;
}

bool
pcl_keep_settled(const struct proclc_task *task)
{
	const struct pcl_keep *keep = pcl_keep_of(task);

	return keep == NULL || keep->settled;
}

/* Is it to run again after this end? */
static bool
runs_again(const struct proclc_task *task, const struct pcl_keep *keep)
{
	if (keep->stopping || pcl_is_ending())
		return false;
	return keep->when == PROCLC_RESTART_ALWAYS ||
	    (keep->when == PROCLC_RESTART_ON_FAILURE &&
	    !pcl_keep_succeeded(&task->status));
}

void
pcl_keep_ended(struct proclc_task *task)
{
	struct pcl_keep *keep = pcl_keep_of(task);
	int64_t now = pcl_os_now(), delay;

	if (keep == NULL)
		return;
	if (runs_again(task, keep)) {
		delay = pcl_backoff_delay(&keep->backoff, now - keep->began);
		if (delay < 0) {
			keep->over = PROCLC_TASK_FAILED;
		} else {
			task->state = PCL_TASK_BACKING_OFF;
			task->pid = 0;
			keep->due = pcl_due(delay);
		}
	}
	pcl_keep_note(task, keep, pcl_keep_state(task));
}

bool
pcl_task_is_ours_to_restart(const struct proclc_task *task)
{
	return task->state == PCL_TASK_BACKING_OFF && pcl_dispatch_is_mine();
}

void
pcl_keep_stop(struct proclc_task *task)
{
	struct pcl_keep *keep = pcl_keep_of(task);

	if (keep == NULL)
		return;
	keep->stopping = true;
	if (task->state != PCL_TASK_BACKING_OFF)
		return;
	task->state = PCL_TASK_ENDED;
	keep->over = PROCLC_TASK_STOPPED;
	pcl_keep_note(task, keep, PROCLC_TASK_STOPPED);
	pcl_command_over(task);
	pcl_broadcast(PCL_LOCK_TASK);
}

bool
pcl_keep_has_policy(const struct proclc_task *task)
{
	const struct pcl_keep *keep = pcl_keep_of(task);

	return keep != NULL && keep->when != PROCLC_RESTART_NEVER;
}

bool
pcl_keep_restarts(const struct proclc_task *task)
{
	return pcl_keep_has_policy(task) && !pcl_keep_of(task)->stopping &&
	    task->state > PCL_TASK_NEW && task->state < PCL_TASK_ENDED;
}

int64_t
pcl_keep_runs(const struct proclc_task *task)
{
	const struct pcl_keep *keep = pcl_keep_of(task);

	return keep == NULL || keep->runs == 0 ? 0 : keep->runs - 1;
}

/* As one that has ended at once, nobody knows how. */
void
pcl_keep_failed(struct proclc_task *task)
{
	struct pcl_keep *keep = pcl_keep_of(task);

	if (keep == NULL)
		return;
	pcl_log("restart: %s", proclc_errmsg());
	keep->began = pcl_os_now();
	pcl_keep_note(task, keep, PROCLC_TASK_STARTING);
	task->status = (struct pcl_os_status){ .known = false };
	task->stopped = task->spared;
	task->state = PCL_TASK_ENDED;
	pcl_keep_ended(task);
	if (task->state == PCL_TASK_ENDED)
		pcl_command_over(task);
	pcl_broadcast(PCL_LOCK_TASK);
}
