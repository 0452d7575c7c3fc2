/*
 * again.c - a task is started again.
 *
 * Promise: what a program waits for before it runs holds nobody up but its
 * own start: that is done by a thread which nobody else needs (spawner.c).
 */
#include "task.h"

#include "command.h"
#include "error.h"
#include "fork.h"

/* The task is held, and let go of here: then it may be freed. */
static void
finish(struct proclc_task *task, bool made)
{
	pcl_spawner_nearly();
	pcl_lock(PCL_LOCK_TASK);
	if (!made)
		pcl_keep_failed(task);
	pcl_listener_follow(task);
	pcl_task_release(&task, 1);
	pcl_unlock(PCL_LOCK_TASK);
}

static void
run(struct pcl_errand *errand)
{
	struct proclc_task *task = errand->task;

	finish(task, pcl_task_start_again(task) == 0);
}

void
pcl_keep_again(struct proclc_task *task)
{
	struct pcl_errand *errand = &task->extras->errand;
	bool again;
	int rc = PROCLC_ENOTSUP;

	pcl_lock(PCL_LOCK_TASK);
	again = !pcl_task_ended(task) && task->state == PCL_TASK_BACKING_OFF;
	/* Who has begun to talk since hears what the last run has said. */
	if (again && pcl_command_is_talked_to(task)) {
		pcl_listener_wake(task);
		again = false;
	}
	if (again) {
		task->state = PCL_TASK_STARTING;
		pcl_command_unborn(task);
		task->stop_early = false;
		pcl_task_hold(&task, 1);
	}
	pcl_unlock(PCL_LOCK_TASK);
	if (!again)
		return;
	errand->fn = run;
	errand->task = task;
	if (pcl_task_command(task) != NULL)
		rc = pcl_spawner_send(errand);
	/* There are to be no threads, or a fork is all that it takes. */
	if (rc == PROCLC_ENOTSUP)
		run(errand);
	else if (rc < 0)
		finish(task, false);
}
