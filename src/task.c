/*
 * task.c - the task object: made, started, asked, freed.
 *
 * Promise: nothing of the parent runs in the child (signals are blocked over
 * the fork), a start never hangs on a child that died, and a failed one
 * leaves no trace.
 */
#include "task.h"

#include <proclc/signals.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ending.h"
#include "error.h"
#include "fork.h"

/* How often to look whether a child died whose channel a sibling holds. */
enum { LOOK_MS = 20 };

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

const char *
pcl_task_name(const struct proclc_task *task)
{
	return task->task != NULL ? task->task->name : task->loop->name;
}

/* Those under way: a child that another thread makes has their handles. */
static struct pcl_birth *births;
static _Thread_local struct pcl_birth *own_birth;

void
pcl_births_forget(void)
{
	for (struct pcl_birth *b = births; b != NULL; b = b->next) {
		if (b == own_birth)
			continue;
		pcl_os_process_close(&b->parent);
		pcl_os_close(b->ready[0]);
		pcl_os_close(b->ready[1]);
	}
	births = NULL;
}

static void
list_birth(struct pcl_birth *birth)
{
	pcl_lock(PCL_LOCK_TASK);
	birth->next = births;
	births = birth;
	own_birth = birth;
	pcl_unlock(PCL_LOCK_TASK);
}

/* The lock is held. */
static void
unlist_birth(struct pcl_birth *birth)
{
	struct pcl_birth **at = &births;

	while (*at != birth)
		at = &(*at)->next;
	*at = birth->next;
	own_birth = NULL;
}

/* In the child; never returns. */
static _Noreturn void
be_child(struct pcl_birth *birth)
{
	/* What another thread has printed meanwhile, the parent writes. */
	pcl_os_stdio_purge();
	pcl_os_close(birth->ready[0]);
	birth->ready[0] = PCL_NONE;
	pcl_child_main(birth);
}

/* Fork, with the signals of this thread blocked; no lock is held. */
static int64_t
fork_child(struct pcl_birth *birth)
{
	struct pcl_os_sigmask saved;
	int64_t pid;

	pcl_os_stdio_flush();
	pcl_os_signals_block(&saved);
	pid = pcl_fork_own();
	if (pid == 0)
		be_child(birth);
	pcl_os_signals_unblock(&saved);
	return pid;
}

static int
prepare(struct pcl_birth *birth, struct proclc_task *task)
{
	int rc;

	birth->task = task;
	birth->ready[0] = birth->ready[1] = PCL_NONE;
	/* The child's handle on us, from before it exists: no gap. */
	rc = pcl_os_process_open(&birth->parent, pcl_os_pid());
	if (rc < 0)
		return pcl_fail(rc, PROCLC_STAGE_PARENT, "start %s",
		    pcl_task_name(task));
	if ((task->flags & PROCLC_TASK_WAIT_FOR_CHILD) == 0)
		return 0;
	rc = pcl_os_channel_open(birth->ready);
	if (rc < 0) {
		pcl_os_process_close(&birth->parent);
		return pcl_fail(rc, PROCLC_STAGE_PIPE, "start %s",
		    pcl_task_name(task));
	}
	return 0;
}

/* Wait for the child's word.  A sibling that was forked at the same moment
 * holds the other end, too, so its end is not the only sign of death. */
static int
await_ready(const struct pcl_birth *birth, int64_t pid)
{
	char word;
	int rc;

	do
		rc = pcl_os_channel_receive(birth->ready[0], &word, 1,
		    pcl_os_now() + LOOK_MS);
	while (rc == PROCLC_ETIMEDOUT && !pcl_os_ended(pid));
	/* It may have said so just before it ended. */
	if (rc == PROCLC_ETIMEDOUT)
		rc = pcl_os_channel_receive(birth->ready[0], &word, 1,
		    pcl_os_now());
	return rc == 1 ? 0 : PROCLC_ESTARTFAILED;
}

static void
set_state(struct proclc_task *task, enum pcl_task_state state)
{
	task->state = state;
	pcl_broadcast(PCL_LOCK_TASK);
}

static int
report_death(struct proclc_task *task)
{
	const struct pcl_os_status *s = &task->status;

	if (!s->known)
		return pcl_fail_pid(PROCLC_ESTARTFAILED, PROCLC_STAGE_READY,
		    task->pid, "start %s: pid %" PRId64 " ended before it was"
		    " ready", pcl_task_name(task), task->pid);
	return pcl_fail_pid(PROCLC_ESTARTFAILED, PROCLC_STAGE_READY,
	    task->pid, "start %s: pid %" PRId64 " %s %d before it was ready",
	    pcl_task_name(task), task->pid,
	    s->signaled ? "was killed by signal" : "exited with", s->number);
}

/* The child is there; wait for its word, if it is to give one. */
static int
welcome(struct proclc_task *task, struct pcl_birth *birth, int64_t pid)
{
	int rc;

	task->pid = pid;
	set_state(task, PCL_TASK_RUNNING);
	if (task->stop_early)
		pcl_task_signal(task, PROCLC_SIGTERM);
	if (birth->ready[0] == PCL_NONE)
		return 0;
	pcl_unlock(PCL_LOCK_TASK);
	rc = await_ready(birth, pid);
	pcl_lock(PCL_LOCK_TASK);
	if (rc == 0)
		return 0;
	/* It is dead, or as good as: its channel is closed. */
	pcl_task_signal(task, PROCLC_SIGKILL);
	pcl_task_wait_until(task, pcl_os_now() + PCL_KILL_WAIT_MS);
	return report_death(task);
}

/* The lock is held, the state is STARTING; it is given up meanwhile. */
static int
start_locked(struct proclc_task *task)
{
	struct pcl_birth birth;
	int64_t pid;
	int rc;

	pcl_unlock(PCL_LOCK_TASK);
	rc = prepare(&birth, task);
	if (rc < 0) {
		pcl_lock(PCL_LOCK_TASK);
		set_state(task, PCL_TASK_NEW);
		return rc;
	}
	list_birth(&birth);
	pid = fork_child(&birth);
	pcl_lock(PCL_LOCK_TASK);
	pcl_os_process_close(&birth.parent);
	pcl_os_close(birth.ready[1]);
	birth.ready[1] = PCL_NONE;
	if (pid < 0) {
		set_state(task, PCL_TASK_NEW);
		rc = pcl_fail((int)pid, PROCLC_STAGE_FORK, "start %s: fork",
		    pcl_task_name(task));
	} else {
		rc = welcome(task, &birth, pid);
	}
	unlist_birth(&birth);
	pcl_os_close(birth.ready[0]);
	return rc;
}

int
proclc_task_start(struct proclc_task *task)
{
	int rc = pcl_task_check(task);

	if (rc == 0 && pcl_is_ending())
		rc = pcl_fail(PROCLC_EENDING, PROCLC_STAGE_ARGUMENTS,
		    "start %s", pcl_task_name(task));
	if (rc == 0)
		rc = pcl_task_enter();
	if (rc < 0)
		return rc;
	if (task->state != PCL_TASK_NEW) {
		rc = pcl_fail(PROCLC_EALREADY, PROCLC_STAGE_ARGUMENTS,
		    "start %s", pcl_task_name(task));
	} else {
		/* First its place at exit: later it could fail. */
		rc = pcl_batch_add(task);
		if (rc == 0) {
			task->state = PCL_TASK_STARTING;
			task->stop_early = false;
			rc = start_locked(task);
			if (task->state == PCL_TASK_NEW)
				pcl_batch_remove(task);
			if (rc == 0 && task->on_exit != NULL)
				rc = pcl_task_listen(task);
		}
	}
	pcl_unlock(PCL_LOCK_TASK);
	return rc;
}

static int
read_options(struct proclc_task_options *o,
    const struct proclc_task_options *options)
{
	const uint32_t both = PROCLC_TASK_WAIT_FOR_CHILD |
	    PROCLC_TASK_NO_WAIT_FOR_CHILD;
	int rc = pcl_options_read(o, sizeof(*o), options);

	if (rc < 0)
		return rc;
	if ((o->flags & ~(both | PROCLC_TASK_EXPLICIT_START |
	    PROCLC_TASK_NO_TERMINATE_ON_SHUTDOWN)) != 0 ||
	    (o->flags & both) == both)
		return pcl_fail(PROCLC_EINVAL, PROCLC_STAGE_ARGUMENTS,
		    "task flags %#x", (unsigned)o->flags);
	return 0;
}

static void
finish(struct proclc_task *task)
{
	void (*fini)(void *) = task->task != NULL ? task->task->fini :
	    task->loop->fini;

	if (fini != NULL)
		fini(task->self);
}

/* Call init, then start it unless that is the caller's business. */
static int
bring_up(struct proclc_task *task, const struct proclc_task_options *o)
{
	int (*init)(void *, void *) = task->task != NULL ? task->task->init :
	    task->loop->init;
	int rc = 0;

	if (init != NULL)
		rc = init(task->self, o->arg);
	if (rc < 0)
		return pcl_fail(rc, PROCLC_STAGE_INIT, "init of %s",
		    pcl_task_name(task));
	if ((o->flags & PROCLC_TASK_EXPLICIT_START) != 0)
		return 0;
	rc = proclc_task_start(task);
	if (rc < 0)
		finish(task);
	return rc;
}

static int
make(struct proclc_task **out, const struct proclc_task *like,
    const struct proclc_task_options *options)
{
	struct proclc_task_options o;
	struct proclc_task *task;
	int rc = read_options(&o, options);

	if (rc == 0)
		rc = pcl_fork_init();
	if (rc < 0)
		return rc;
	task = malloc(sizeof(*task));
	if (task == NULL)
		return pcl_fail(PROCLC_ENOMEM, PROCLC_STAGE_MEMORY, "task");
	*task = *like;
	task->owner = pcl_process();
	task->flags = o.flags;
	if (task->loop != NULL &&
	    (o.flags & PROCLC_TASK_NO_WAIT_FOR_CHILD) == 0)
		task->flags |= PROCLC_TASK_WAIT_FOR_CHILD;
	rc = bring_up(task, &o);
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
	struct proclc_task like = { .task = ops, .self = self,
	    .process.handle = PCL_NONE };

	(void)self_size;
	if (task == NULL || ops == NULL || ops->size < sizeof(*ops) ||
	    ops->name == NULL || ops->run == NULL)
		return pcl_fail(PROCLC_EINVAL, PROCLC_STAGE_ARGUMENTS,
		    "new task");
	return make(task, &like, options);
}

int
proclc_loop_new(struct proclc_task **task, const struct proclc_loop_ops *ops,
    void *self, size_t self_size, const struct proclc_task_options *options)
{
	struct proclc_task like = { .loop = ops, .self = self,
	    .process.handle = PCL_NONE };

	(void)self_size;
	if (task == NULL || ops == NULL || ops->size < sizeof(*ops) ||
	    ops->name == NULL || ops->loop == NULL)
		return pcl_fail(PROCLC_EINVAL, PROCLC_STAGE_ARGUMENTS,
		    "new loop");
	return make(task, &like, options);
}

void
pcl_task_forget(struct proclc_task *task)
{
	pcl_enter(PCL_LOCK_TASK);
	pcl_batch_remove(task);
	while (task->waiters > 0)
		pcl_wait(PCL_LOCK_TASK, PCL_NEVER);
	pcl_unlock(PCL_LOCK_TASK);
	free(task);
}

void
proclc_task_free(struct proclc_task *task)
{
	if (task == NULL)
		return;
	if (task->owner != pcl_process()) {
		free(task);
		return;
	}
	proclc_task_shutdown(task, (task->flags &
	    PROCLC_TASK_NO_TERMINATE_ON_SHUTDOWN) != 0 ? PROCLC_FOREVER : 0,
	    NULL);
	proclc_task_on_exit(task, NULL, NULL);
	finish(task);
	pcl_task_forget(task);
}
