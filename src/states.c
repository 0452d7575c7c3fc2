/*
 * states.c - the states of a task, and who hears of them.
 *
 * Promise: none is lost, and they are told in order: it starts again only when
 * all that went before was told.
 */
#include "keep.h"

#include <assert.h>
#include <stdlib.h>

#include "command.h"
#include "error.h"
#include "fork.h"

struct pcl_keep *
pcl_keep_have(struct proclc_task *task)
{
	struct pcl_extras *extras = pcl_task_extras(task);

	if (extras != NULL && extras->keep == NULL) {
		extras->keep = calloc(1, sizeof(*extras->keep));
		if (extras->keep != NULL)
			extras->keep->settled = true;
	}
	if (extras == NULL || extras->keep == NULL)
		pcl_fail(PROCLC_ENOMEM, PROCLC_STAGE_MEMORY, "task %s",
		    pcl_task_name(task));
	return extras == NULL ? NULL : extras->keep;
}

int
pcl_keep_state(const struct proclc_task *task)
{
	static const uint8_t live[] = {
		[PCL_TASK_NEW] = PROCLC_TASK_NEW,
		[PCL_TASK_STARTING] = PROCLC_TASK_STARTING,
		[PCL_TASK_RUNNING] = PROCLC_TASK_RUNNING,
		[PCL_TASK_BACKING_OFF] = PROCLC_TASK_BACKING_OFF,
	};
	const struct pcl_keep *keep = pcl_keep_of(task);

	if (task->state != PCL_TASK_ENDED)
		return live[task->state];
	if (keep != NULL && keep->over != 0)
		return keep->over;
	return task->stopped || pcl_keep_succeeded(&task->status) ?
	    PROCLC_TASK_STOPPED : PROCLC_TASK_FAILED;
}

void
pcl_keep_note(struct proclc_task *task, struct pcl_keep *keep, int state)
{
	if (keep->fn != NULL) {
		assert(keep->n < PCL_CHANGES);
		keep->changes[keep->n].state = state;
		pcl_task_describe(task, &keep->changes[keep->n].status);
		keep->n++;
	}
	pcl_listener_wake(task);
}

bool
pcl_keep_listens(const struct proclc_task *task)
{
	const struct pcl_keep *keep = pcl_keep_of(task);

	if (keep == NULL)
		return false;
	return keep->n > 0 || (task->state != PCL_TASK_ENDED &&
	    (keep->fn != NULL || (keep->settled &&
	    keep->when != PROCLC_RESTART_NEVER)));
}

bool
pcl_keep_pending(const struct proclc_task *task)
{
	const struct pcl_keep *keep = pcl_keep_of(task);

	return keep != NULL && (keep->n > 0 ||
	    task->state == PCL_TASK_BACKING_OFF);
}

void
pcl_keep_silence(struct proclc_task *task)
{
	struct pcl_keep *keep = pcl_keep_of(task);

	if (keep == NULL)
		return;
	keep->fn = NULL;
	keep->n = 0;
}

enum pcl_turn
pcl_keep_turn(struct proclc_task *task, struct pcl_change *change)
{
	struct pcl_keep *keep = pcl_keep_of(task);

	if (keep != NULL && keep->n > 0) {
		change->fn = keep->fn;
		change->user = keep->user;
		change->state = keep->changes[0].state;
		change->status = keep->changes[0].status;
		keep->n--;
		for (unsigned i = 0; i < keep->n; i++)
			keep->changes[i] = keep->changes[i + 1];
		return PCL_TURN_TELL;
	}
	if (keep == NULL || task->state != PCL_TASK_BACKING_OFF)
		return PCL_TURN_NONE;
	change->due = keep->due;
	if (pcl_command_is_talked_to(task))
		change->due = pcl_os_now() + PCL_TASK_LOOK_MS;
	return pcl_os_now() < change->due ? PCL_TURN_REST : PCL_TURN_AGAIN;
}

static int
enter(const struct proclc_task *task)
{
	int rc = pcl_task_check(task);
	return rc < 0 ? rc : pcl_task_enter();
}

int
proclc_task_state(struct proclc_task *task)
{
	int rc = enter(task);

	if (rc < 0)
		return rc;
	pcl_task_ended(task);
	rc = pcl_keep_state(task);
	pcl_unlock(PCL_LOCK_TASK);
	return rc;
}

int64_t
proclc_task_restarts(struct proclc_task *task)
{
	int64_t n = enter(task);

	if (n < 0)
		return n;
	n = pcl_keep_runs(task);
	pcl_unlock(PCL_LOCK_TASK);
	return n;
}

int
proclc_task_on_change(struct proclc_task *task,
    void (*fn)(struct proclc_task *task, int state,
    const struct proclc_status *status, void *user), void *user)
{
	struct pcl_keep *keep;
	int rc = pcl_listener_enter(task, fn != NULL);

	if (rc < 0)
		return rc;
	if (fn != NULL && pcl_keep_have(task) == NULL)
		rc = PROCLC_ENOMEM;
	else if (fn != NULL)
		rc = pcl_listener_make(task);
	keep = pcl_keep_of(task);
	pcl_unlock(PCL_LOCK_TASK);
	if (rc < 0 || keep == NULL)
		return rc;
	/* Not under the lock: the callback that runs may be at us. */
	pcl_listener_stop(task);
	pcl_lock(PCL_LOCK_TASK);
	pcl_keep_silence(task);
	pcl_task_ended(task);
	keep->fn = fn;
	keep->user = user;
	/* A start that is under way tells it by itself. */
	if (task->state > PCL_TASK_STARTING)
		pcl_keep_note(task, keep, pcl_keep_state(task));
	rc = pcl_listener_go_on(task);
	if (rc < 0)
		pcl_keep_silence(task);
	pcl_unlock(PCL_LOCK_TASK);
	return rc;
}
