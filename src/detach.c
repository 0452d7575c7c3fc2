/*
 * detach.c - a task is given up, but not its child.
 *
 * Promise: what is left of it is not seen any more, and its end is.
 */
#include "task.h"

#include "command.h"
#include "error.h"
#include "fork.h"

/* Its child lives, or is to come, and the lock is held. */
static int
keep_till_end(struct proclc_task *task)
{
	int rc = pcl_listener_make(task);

	if (rc < 0)
		return rc;
	pcl_keep_silence(task);
	task->detached = true;
	rc = pcl_listener_start(task);
	if (rc < 0) {
		task->detached = false;
	} else {
		pcl_batch_detach(task);
		/* The start that is under way needs what it has. */
		if (task->state != PCL_TASK_STARTING)
			pcl_command_let_go(task);
	}
	return rc;
}

/* Without its object it could not run again. */
static int
check_detach(struct proclc_task *task)
{
	int rc = pcl_task_check(task);

	if (rc == 0)
		rc = pcl_task_enter();
	if (rc < 0)
		return rc;
	pcl_task_ended(task);
	if (pcl_keep_restarts(task))
		rc = pcl_fail(PROCLC_EINVAL, PROCLC_STAGE_ARGUMENTS,
		    "detach %s: it restarts", pcl_task_name(task));
	pcl_unlock(PCL_LOCK_TASK);
	return rc;
}

static int
detach(struct proclc_task *task, bool wait)
{
	struct proclc_task was;
	bool live;
	int rc = check_detach(task);

	/* First what can fail. */
	if (rc == 0)
		rc = pcl_dispatch_start();
	if (rc == 0)
		rc = proclc_task_on_exit(task, NULL, NULL);
	if (rc == 0)
		rc = pcl_task_enter();
	if (rc < 0)
		return rc;
	if (wait)
		pcl_task_await_child(task, false, PCL_NEVER);
	was = *task;
	live = task->state == PCL_TASK_STARTING ||
	    (task->state == PCL_TASK_RUNNING && !pcl_task_ended(task));
	if (live)
		rc = keep_till_end(task);
	pcl_unlock(PCL_LOCK_TASK);
	if (rc < 0)
		return rc;
	/* From now on the dispatcher may free it. */
	if (!live)
		pcl_task_forget(task);
	pcl_task_finish(&was);
	return 0;
}

int
proclc_task_detach(struct proclc_task *task)
{
	return detach(task, true);
}

int
pcl_task_give_up(struct proclc_task *task)
{
	return detach(task, false);
}
