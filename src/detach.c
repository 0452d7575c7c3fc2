/*
 * detach.c - a task is given up, but not its child.
 *
 * Promise: what is left of it is not seen any more, and its end is.
 */
#include "task.h"

#include "command.h"
#include "error.h"
#include "fork.h"

/* Its child lives, and the lock is held. */
static int
give_up(struct proclc_task *task)
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

int
proclc_task_detach(struct proclc_task *task)
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
	pcl_task_await_start(task);
	was = *task;
	live = task->state == PCL_TASK_RUNNING && !pcl_task_ended(task);
	if (live)
		rc = give_up(task);
	pcl_unlock(PCL_LOCK_TASK);
	if (rc < 0)
		return rc;
	/* From now on the dispatcher may free it. */
	if (!live)
		pcl_task_forget(task);
	pcl_task_finish(&was);
	return 0;
}
