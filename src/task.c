/*
 * task.c - the task object: made and freed.
 */
#include "task.h"

#include <inttypes.h>
#include <stdlib.h>

#include "command.h"
#include "error.h"
#include "fork.h"

struct pcl_extras *
pcl_task_extras(struct proclc_task *task)
{
	if (task->extras == NULL) {
		task->extras = calloc(1, sizeof(*task->extras));
		if (task->extras == NULL)
			pcl_fail(PROCLC_ENOMEM, PROCLC_STAGE_MEMORY, "task");
	}
	return task->extras;
}

/* The memory, whoever's it is: a forked child has a copy. */
static void
drop(struct proclc_task *task)
{
	if (task->extras != NULL) {
		pcl_command_free(task->extras->command);
		pcl_result_free(task->extras->result);
		pcl_tree_free(task);
		free(task->extras->keep);
	}
	free(task->extras);
	free(task);
}

int
pcl_task_check(const struct proclc_task *task)
{
	if (task == NULL)
		return pcl_fail(PROCLC_EINVAL, PROCLC_STAGE_ARGUMENTS, "task");
	if (task->owner != pcl_process())
		return pcl_fail(PROCLC_ENOTOWNER, PROCLC_STAGE_ARGUMENTS,
		    "task %s", pcl_task_name(task));
	return 0;
}

int
pcl_task_check_set(struct proclc_task *const *tasks, size_t n)
{
	int rc = 0;

	if ((n > 0 && tasks == NULL) || n > INT32_MAX)
		return pcl_fail(PROCLC_EINVAL, PROCLC_STAGE_ARGUMENTS,
		    "set of tasks");
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = pcl_task_check(tasks[i]);
	return rc;
}

void
pcl_task_hold(struct proclc_task *const *tasks, size_t n)
{
	for (size_t i = 0; i < n; i++)
		tasks[i]->holders++;
}

/* Those that were freed while somebody held them. */
static struct proclc_task *forgotten;

/* Who frees one waits for nobody: he may be the dispatcher, and a call that
 * holds it may wait for another one that only the dispatcher starts again. */
static void
leave_to_holders(struct proclc_task *task)
{
	if (task->state > PCL_TASK_NEW && task->state != PCL_TASK_ENDED) {
		/* It could not be ended. */
		task->status = (struct pcl_os_status){ .known = false };
		task->state = PCL_TASK_ENDED;
	}
	task->forgotten = true;
	task->link = &forgotten;
	task->next = forgotten;
	if (task->next != NULL)
		task->next->link = &task->next;
	forgotten = task;
	pcl_broadcast(PCL_LOCK_TASK);
}

static void
end_forgotten(struct proclc_task *task)
{
	*task->link = task->next;
	if (task->next != NULL)
		task->next->link = task->link;
	pcl_command_let_go(task);
	drop(task);
}

void
pcl_task_release(struct proclc_task *const *tasks, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (--tasks[i]->holders == 0 && tasks[i]->forgotten)
			end_forgotten(tasks[i]);
}

void
pcl_task_forgotten_let_go(void)
{
	for (struct proclc_task *t = forgotten; t != NULL; t = t->next)
		pcl_command_let_go(t);
}

const char *
pcl_task_name(const struct proclc_task *task)
{
	if (pcl_task_command(task) != NULL)
		return pcl_command_name(task->extras->command);
	return task->is_loop ? task->ops.loop->name : task->ops.task->name;
}

/* Take over what the options say. */
static int
read_options(struct proclc_task *task, struct proclc_task_options *o,
    const struct proclc_task_options *options)
{
	const uint32_t wait = PROCLC_TASK_WAIT_FOR_CHILD;
	const uint32_t no_wait = PROCLC_TASK_NO_WAIT_FOR_CHILD;
	const uint32_t known = wait | no_wait | PROCLC_TASK_EXPLICIT_START |
	    PROCLC_TASK_NO_TERMINATE_ON_SHUTDOWN | PROCLC_TASK_GROUP |
	    PROCLC_TASK_OUTLIVE_PARENT | PROCLC_TASK_RESULT |
	    PROCLC_TASK_TREE;
	int rc = pcl_options_read(o, sizeof(*o), options);

	if (rc < 0)
		return rc;
	if ((o->flags & ~known) != 0 || o->reserved != 0 ||
	    (o->flags & (wait | no_wait)) == (wait | no_wait) ||
	    o->start_method > PROCLC_START_SPAWN)
		return pcl_fail(PROCLC_EINVAL, PROCLC_STAGE_ARGUMENTS,
		    "task: flags %#x, start method %u", (unsigned)o->flags,
		    (unsigned)o->start_method);
	task->flags = o->flags;
	task->spawn = o->start_method == PROCLC_START_SPAWN ||
	    (o->start_method == 0 && !pcl_os_forks);
	if (task->is_loop && (o->flags & no_wait) == 0)
		task->flags |= wait;
	return 0;
}

void
pcl_task_finish(const struct proclc_task *task)
{
	void (*fini)(void *) = task->is_loop ? task->ops.loop->fini :
	    task->ops.task->fini;

	if (fini != NULL)
		fini(task->self);
}

/* Call init, then start it unless that is the caller's business. */
static int
bring_up(struct proclc_task *task, void *arg)
{
	int (*init)(void *, void *) = task->is_loop ? task->ops.loop->init :
	    task->ops.task->init;
	int rc = 0;

	if (init != NULL)
		rc = init(task->self, arg);
	if (rc < 0)
		return pcl_fail(rc, PROCLC_STAGE_INIT, "init of %s",
		    pcl_task_name(task));
	if ((task->flags & PROCLC_TASK_EXPLICIT_START) != 0)
		return 0;
	rc = proclc_task_start(task);
	if (rc < 0)
		pcl_task_finish(task);
	return rc;
}

static int
make(struct proclc_task **out, struct proclc_task like, size_t self_size,
    const struct proclc_task_options *options)
{
	struct proclc_task_options o;
	struct proclc_task *task;
	int rc = read_options(&like, &o, options);

	if (rc == 0 && like.spawn && self_size > PROCLC_SPAWN_SELF_MAX)
		rc = pcl_fail(PROCLC_E2BIG, PROCLC_STAGE_ARGUMENTS,
		    "task %s: self of %" PRIu64 " bytes",
		    pcl_task_name(&like), (uint64_t)self_size);
	if (rc == 0)
		rc = pcl_fork_init();
	if (rc < 0)
		return rc;
	task = malloc(sizeof(*task));
	if (task == NULL)
		return pcl_fail(PROCLC_ENOMEM, PROCLC_STAGE_MEMORY, "task");
	*task = like;
	task->owner = pcl_process();
	task->self_size = task->spawn ? (uint32_t)self_size : 0;
	if (o.restart != NULL)
		rc = pcl_keep_make(task, o.restart);
	if (rc == 0 && (task->flags & PROCLC_TASK_RESULT) != 0)
		rc = pcl_result_new(task);
	if (rc == 0 && (task->flags & PROCLC_TASK_TREE) != 0)
		rc = pcl_tree_new(task);
	if (rc == 0)
		rc = bring_up(task, o.arg);
	if (rc < 0) {
		pcl_task_forget(task);
		return rc;
	}
	*out = task;
	return 0;
}

int
proclc_task_new(struct proclc_task **task, const struct proclc_task_ops *ops,
    void *self, size_t self_size, const struct proclc_task_options *options)
{
	if (task == NULL || ops == NULL || ops->size < sizeof(*ops) ||
	    ops->name == NULL || ops->run == NULL)
		return pcl_fail(PROCLC_EINVAL, PROCLC_STAGE_ARGUMENTS,
		    "new task");
	return make(task, (struct proclc_task){ .ops.task = ops,
	    .self = self }, self_size, options);
}

int
proclc_loop_new(struct proclc_task **task, const struct proclc_loop_ops *ops,
    void *self, size_t self_size, const struct proclc_task_options *options)
{
	if (task == NULL || ops == NULL || ops->size < sizeof(*ops) ||
	    ops->name == NULL || ops->loop == NULL)
		return pcl_fail(PROCLC_EINVAL, PROCLC_STAGE_ARGUMENTS,
		    "new loop");
	return make(task, (struct proclc_task){ .ops.loop = ops,
	    .self = self, .is_loop = true }, self_size, options);
}

void
pcl_task_forget(struct proclc_task *task)
{
	bool held, is_command;

	pcl_listener_stop(task);
	pcl_enter(PCL_LOCK_TASK);
	pcl_batch_remove(task);
	is_command = pcl_task_command(task) != NULL;
	pcl_keep_silence(task);
	pcl_listener_free(task);
	if (!pcl_command_is_talked_to(task))
		pcl_command_let_go(task);
	held = task->holders > 0;
	if (held)
		leave_to_holders(task);
	pcl_unlock(PCL_LOCK_TASK);
	if (is_command)
		pcl_spawner_tidy();
	if (!held)
		drop(task);
}

void
proclc_task_free(struct proclc_task *task)
{
	int rc;

	if (task == NULL)
		return;
	if (task->owner != pcl_process()) {
		/* Its own it needs to be it. */
		if (task == proclc_task_self())
			return;
		free(task->listener);
		drop(task);
		return;
	}
	rc = proclc_task_shutdown(task, (task->flags &
	    PROCLC_TASK_NO_TERMINATE_ON_SHUTDOWN) != 0 ? PROCLC_FOREVER : 0,
	    NULL);
	/* Something holds it: when it is released it is reaped. */
	if (rc == PROCLC_ETIMEDOUT && pcl_task_give_up(task) == 0)
		return;
	proclc_task_on_exit(task, NULL, NULL);
	pcl_task_finish(task);
	pcl_task_forget(task);
}
