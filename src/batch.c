/*
 * batch.c - all tasks of a process; they end at its exit.
 *
 * Promise: tasks that were started with no exit handler registered between
 * them form one entry of the exit handlers: newer handlers run while they
 * live, older ones after they are gone.
 */
#include "task.h"

#include <stdlib.h>

#include "atexit.h"
#include "command.h"
#include "ending.h"
#include "error.h"
#include "fork.h"

struct pcl_batch {
	int token;	/* of its exit handler; 0: that runs, or has run */
	struct proclc_task *first;
	struct pcl_batch *next;
};

static struct pcl_batch *batches;	/* the newest first */
static struct pcl_batch detached;	/* what only we wait for */
static bool known;

static void
at_exit(void *user, const struct proclc_exit_cause *cause)
{
	struct pcl_batch *batch = user;

	(void)cause;
	pcl_enter(PCL_LOCK_TASK);
	batch->token = 0;
	pcl_unlock(PCL_LOCK_TASK);
	if (pcl_task_end_batch(batch) < 0)
		pcl_log("task: %s", proclc_errmsg());
}

static int
new_batch(void)
{
	struct pcl_batch *batch = calloc(1, sizeof(*batch));
	int token;

	if (batch == NULL)
		return pcl_fail(PROCLC_ENOMEM, PROCLC_STAGE_MEMORY, "task");
	token = proclc_atexit_register(at_exit, batch, 0);
	if (token < 0) {
		free(batch);
		return token;
	}
	batch->token = token;
	batch->next = batches;
	batches = batch;
	return 0;
}

static void
link_task(struct proclc_task *task, struct pcl_batch *batch)
{
	task->batch = batch;
	task->link = &batch->first;
	task->next = batch->first;
	if (task->next != NULL)
		task->next->link = &task->next;
	batch->first = task;
}

int
pcl_batch_add(struct proclc_task *task)
{
	int rc = 0;

	if (batches == NULL || batches->token == 0 ||
	    batches->token != pcl_atexit_newest())
		rc = new_batch();
	if (rc < 0)
		return rc;
	link_task(task, batches);
	return 0;
}

static void
drop(struct pcl_batch *batch)
{
	struct pcl_batch **at = &batches;

	/* Its handler runs, or is about to: that one is at it to the end. */
	if (batch->token == 0 || proclc_atexit_cancel(batch->token) == 0)
		return;
	while (*at != batch)
		at = &(*at)->next;
	*at = batch->next;
	free(batch);
}

void
pcl_batch_remove(struct proclc_task *task)
{
	struct pcl_batch *batch = task->batch;

	if (batch == NULL)
		return;
	*task->link = task->next;
	if (task->next != NULL)
		task->next->link = task->link;
	task->batch = NULL;
	if (batch->first == NULL && batch != &detached)
		drop(batch);
}

void
pcl_batch_detach(struct proclc_task *task)
{
	pcl_batch_remove(task);
	link_task(task, &detached);
}

struct proclc_task *
pcl_batch_next(const struct pcl_batch *only, const struct proclc_task *task)
{
	const struct pcl_batch *batch = only != NULL ? only : batches;

	if (task != NULL) {
		if (task->next != NULL || only != NULL)
			return task->next;
		batch = task->batch->next;
	}
	while (batch != NULL && batch->first == NULL && only == NULL)
		batch = batch->next;
	return batch == NULL ? NULL : batch->first;
}

struct proclc_task *
pcl_batch_after(bool given_up, const struct proclc_task *task)
{
	return pcl_batch_next(given_up ? &detached : NULL, task);
}

/* A child has no tasks; the handles on its siblings are not its business. */
static void
in_child(void)
{
	struct proclc_task *task = NULL;

	while ((task = pcl_batch_next(NULL, task)) != NULL) {
		pcl_listener_let_go(task);
		pcl_command_let_go(task);
	}
	while ((task = pcl_batch_next(&detached, task)) != NULL)
		pcl_listener_let_go(task);
	pcl_task_forgotten_let_go();
	pcl_commands_forget();
	batches = NULL;
	detached.first = NULL;
	pcl_births_forget();
	pcl_pins_forget();
	pcl_shutdowns_forget();
	pcl_strays_forget();
	pcl_child_forget();
}

static bool
lives(struct proclc_task *task)
{
	return task->state != PCL_TASK_NEW && !pcl_task_ended(task);
}

/* One that would end when this process goes on as another one counts, even if
 * it was given up. */
static bool
any_lives(void)
{
	struct proclc_task *task = NULL;

	while ((task = pcl_batch_next(NULL, task)) != NULL)
		if (lives(task))
			return true;
	while ((task = pcl_batch_next(&detached, task)) != NULL)
		if ((task->flags & PROCLC_TASK_OUTLIVE_PARENT) == 0 &&
		    lives(task))
			return true;
	return false;
}

static int
may_move(void)
{
	bool live;

	if (pcl_child_is())
		return pcl_fail(PROCLC_ETASKS, PROCLC_STAGE_ARGUMENTS,
		    "this process is a task");
	pcl_enter(PCL_LOCK_TASK);
	live = any_lives();
	pcl_unlock(PCL_LOCK_TASK);
	if (live)
		return pcl_fail(PROCLC_ETASKS, PROCLC_STAGE_ARGUMENTS,
		    "a task runs");
	return 0;
}

static int
settle(bool moved)
{
	pcl_strays_settle(moved);
	return 0;
}

static const struct pcl_fork_unit unit = {
	.name = "subprocess",
	.child = in_child,
	.settle = settle,
	.may_move = may_move,
};

int
pcl_task_enter(void)
{
	/* Before the first fork: whose libc exit handlers they are. */
	int rc = pcl_ending_start();

	if (rc < 0)
		return rc;
	pcl_enter(PCL_LOCK_TASK);
	if (!known)
		pcl_fork_add_unit(&unit);
	known = true;
	return 0;
}
