/*
 * listener.c - who is told of a child's end: a callback, a descriptor, or,
 * for a child that was given up, only ourselves.
 *
 * Promise: told once; a descriptor of the child is held only while somebody
 * listens.
 */
#include "task.h"

#include <stdlib.h>

#include "error.h"
#include "fork.h"

/* The source first: what is called is about this one. */
struct pcl_listener {
	struct pcl_source source;
	struct proclc_task *task;
	struct pcl_os_process process;
	void (*fn)(struct proclc_task *task,
	    const struct proclc_status *status, void *user);
	void *user;
	unsigned stops;	/* so many have taken it out, and are at work */
	bool given;	/* the program has the handle of process */
	bool has_wake;	/* or this, where there is no such handle */
	struct pcl_os_wake wake;
};

static void
drop_handle(struct pcl_listener *l)
{
	pcl_task_unpin(&l->process);
	l->given = false;
}

/* Is somebody to be told by the dispatcher? */
static bool
is_wanted(const struct pcl_listener *l)
{
	return l->fn != NULL || l->has_wake || l->task->detached ||
	    pcl_keep_listens(l->task);
}

/* Has nothing come by the handle? */
static bool
is_quiet(const struct pcl_listener *l)
{
	return l->source.handle != PCL_NONE &&
	    pcl_os_process_intact(&l->process) &&
	    pcl_os_process_alive(&l->process) == 1;
}

/* It lives: it is traced and cannot be reaped yet, or the handle is not ours
 * any more, or there was none.  From now on ask at times.  The lock is held:
 * else the program could be given the handle while that is closed. */
static void
look_later(struct pcl_listener *l)
{
	struct pcl_source *source = &l->source;

	/* Then we were called for something else. */
	if (is_quiet(l))
		return;
	if (source->handle != PCL_NONE) {
		pcl_source_remove(source);
		source->handle = PCL_NONE;
		if (!l->given)
			drop_handle(l);
		pcl_source_add(source);
	}
	pcl_source_due(source, pcl_os_now() + PCL_TASK_LOOK_MS);
}

/* It backs off: its process is gone.  The lock is held. */
static void
rest(struct pcl_listener *l, int64_t due)
{
	pcl_source_change(&l->source, PCL_NONE, due);
	drop_handle(l);
}

/* After a change is told: at once, if there is more to do. */
static void
come_again(struct pcl_listener *l, bool ended)
{
	if (ended || pcl_keep_pending(l->task))
		pcl_source_due(&l->source, 0);
	else if (l->source.handle == PCL_NONE &&
	    l->task->state != PCL_TASK_STARTING)
		pcl_source_due(&l->source, pcl_os_now() + PCL_TASK_LOOK_MS);
}

/* It is over: tell that. */
static void
tell_end(struct pcl_listener *l)
{
	struct pcl_source *source = &l->source;
	struct proclc_task *task = l->task;
	void (*fn)(struct proclc_task *, const struct proclc_status *, void *);
	struct proclc_status status;
	bool detached;
	void *user;

	/* Once: the handle of a dead process stays ready. */
	pcl_source_remove(source);
	pcl_lock(PCL_LOCK_TASK);
	fn = l->fn;
	user = l->user;
	detached = task->detached;
	l->fn = NULL;
	pcl_task_describe(task, &status);
	if (!l->given)
		drop_handle(l);
	if (l->has_wake)
		pcl_os_wake_post(&l->wake);
	pcl_unlock(PCL_LOCK_TASK);
	/* It may free the task, or end this thread: nothing is left to do. */
	if (detached)
		pcl_task_forget(task);
	else if (fn != NULL)
		fn(task, &status, user);
}

/* On the dispatcher: the handle is ready, or it is time to look.  Of several
 * things to do the first; a callback may free the task, so it is the last. */
static void
tell(struct pcl_source *source)
{
	struct pcl_listener *l = (struct pcl_listener *)source;
	struct proclc_task *task = l->task;
	struct pcl_change change;
	enum pcl_turn turn;
	bool ended;

	pcl_enter(PCL_LOCK_TASK);
	ended = pcl_task_ended(task);
	turn = pcl_keep_turn(task, &change);
	if (turn == PCL_TURN_TELL)
		come_again(l, ended);
	else if (turn == PCL_TURN_REST)
		rest(l, change.due);
	else if (turn == PCL_TURN_AGAIN)
		rest(l, PCL_NEVER);
	else if (turn == PCL_TURN_NONE && !ended &&
	    task->state != PCL_TASK_STARTING)
		look_later(l);
	pcl_unlock(PCL_LOCK_TASK);
	if (turn == PCL_TURN_TELL)
		change.fn(task, change.state, &change.status, change.user);
	else if (turn == PCL_TURN_AGAIN)
		pcl_keep_again(task);
	else if (turn == PCL_TURN_NONE && ended)
		tell_end(l);
}

/* A handle, where one is to be had and it lives. */
static void
pin(struct pcl_listener *l)
{
	if (l->process.handle == PCL_NONE &&
	    pcl_task_pin(l->task, &l->process) < 0)
		l->process.handle = PCL_NONE;
}

static int64_t
first_look(const struct pcl_listener *l)
{
	return l->process.handle == PCL_NONE || pcl_keep_pending(l->task) ?
	    0 : PCL_NEVER;
}

int
pcl_listener_make(struct proclc_task *task)
{
	struct pcl_listener *l = task->listener;

	if (l == NULL) {
		l = calloc(1, sizeof(*l));
		if (l == NULL)
			return pcl_fail(PROCLC_ENOMEM, PROCLC_STAGE_MEMORY,
			    "task %s: listener", pcl_task_name(task));
		l->task = task;
		l->source.fn = tell;
		l->process.handle = PCL_NONE;
		task->listener = l;
	}
	pin(l);
	return 0;
}

int
pcl_listener_start(struct proclc_task *task)
{
	struct pcl_listener *l = task->listener;

	if (l == NULL || l->stops > 0 || !is_wanted(l) ||
	    task->state < PCL_TASK_RUNNING || pcl_source_is_added(&l->source))
		return 0;
	pin(l);
	l->source.handle = l->process.handle;
	l->source.due = first_look(l);
	return pcl_source_add(&l->source);
}

void
pcl_listener_follow(struct proclc_task *task)
{
	struct pcl_listener *l = task->listener;

	/* Given up; or taken out while it started. */
	if (l == NULL || l->stops > 0)
		return;
	if (!pcl_source_is_added(&l->source)) {
		pcl_listener_start(task);
		return;
	}
	pin(l);
	pcl_source_change(&l->source, l->process.handle, first_look(l));
}

void
pcl_listener_wake(struct proclc_task *task)
{
	if (task->listener != NULL)
		pcl_source_due(&task->listener->source, 0);
}

int
pcl_listener_outcome(const struct proclc_task *task,
    struct pcl_os_status *status)
{
	const struct pcl_listener *l = task->listener;

	if (l == NULL || !pcl_os_process_intact(&l->process))
		return PROCLC_ENOTSUP;
	return pcl_os_process_outcome(&l->process, status);
}

void
pcl_listener_let_go(struct proclc_task *task)
{
	struct pcl_listener *l = task->listener;

	if (l == NULL)
		return;
	drop_handle(l);
	if (l->has_wake)
		pcl_os_wake_close(&l->wake);
	l->has_wake = false;
}

void
pcl_listener_stop(struct proclc_task *task)
{
	struct pcl_listener *l;

	pcl_enter(PCL_LOCK_TASK);
	l = task->listener;
	if (l != NULL)
		l->stops++;
	pcl_unlock(PCL_LOCK_TASK);
	/* Not under the lock: the callback that runs may be at us. */
	if (l != NULL)
		pcl_source_remove(&l->source);
}

int
pcl_listener_go_on(struct proclc_task *task)
{
	if (task->listener != NULL && task->listener->stops > 0)
		task->listener->stops--;
	return pcl_listener_start(task);
}

void
pcl_listener_free(struct proclc_task *task)
{
	pcl_listener_let_go(task);
	free(task->listener);
	task->listener = NULL;
}

int
pcl_listener_enter(const struct proclc_task *task, bool needed)
{
	int rc = pcl_task_check(task);

	if (rc == 0 && needed)
		rc = pcl_dispatch_start();
	return rc < 0 ? rc : pcl_task_enter();
}

/* A fork child runs no callback of its parent's tasks: nothing waits here. */
int
proclc_task_on_exit(struct proclc_task *task,
    void (*fn)(struct proclc_task *task, const struct proclc_status *status,
    void *user), void *user)
{
	struct pcl_listener *l;
	int rc = pcl_listener_enter(task, fn != NULL);

	if (rc < 0)
		return rc;
	if (fn != NULL)
		rc = pcl_listener_make(task);
	l = task->listener;
	pcl_unlock(PCL_LOCK_TASK);
	if (rc < 0 || l == NULL)
		return rc;
	pcl_listener_stop(task);
	pcl_lock(PCL_LOCK_TASK);
	l->fn = fn;
	l->user = user;
	rc = pcl_listener_go_on(task);
	if (rc < 0)
		l->fn = NULL;
	if (!is_wanted(l) && !l->given)
		drop_handle(l);
	pcl_unlock(PCL_LOCK_TASK);
	return rc;
}

/* Where there is no handle on the process: a flag that tell() raises. */
static int
give_flag(struct proclc_task *task)
{
	struct pcl_listener *l = task->listener;
	int rc = 0;

	if (!l->has_wake || !pcl_os_wake_intact(&l->wake)) {
		rc = pcl_os_wake_open(&l->wake);
		l->has_wake = rc == 0;
	}
	if (rc < 0)
		return pcl_fail(rc, PROCLC_STAGE_PIPE, "descriptor of %s",
		    pcl_task_name(task));
	if (task->state == PCL_TASK_ENDED)
		pcl_os_wake_post(&l->wake);
	else
		rc = pcl_listener_start(task);
	return rc < 0 ? rc : (int)l->wake.handles[0];
}

static int
give_fd(struct proclc_task *task)
{
	struct pcl_listener *l = task->listener;

	/* Its processes come and go. */
	if (l != NULL && pcl_keep_has_policy(task))
		return give_flag(task);
	/* The program may have closed it, and have something else there. */
	if (l != NULL && l->given && !pcl_os_process_intact(&l->process)) {
		l->process.handle = PCL_NONE;
		l->given = false;
	}
	if (l == NULL || l->process.handle == PCL_NONE) {
		if (pcl_listener_make(task) < 0)
			return PROCLC_ENOMEM;
		l = task->listener;
	}
	l->given = l->process.handle != PCL_NONE;
	return l->given ? (int)l->process.handle : give_flag(task);
}

proclc_waitable
proclc_task_fd(struct proclc_task *task)
{
	int rc = pcl_listener_enter(task, true);

	if (rc < 0)
		return rc;
	pcl_task_await_child(task, false, PCL_NEVER);
	rc = task->state == PCL_TASK_NEW ? pcl_fail(PROCLC_ESRCH,
	    PROCLC_STAGE_ARGUMENTS, "descriptor of %s: not started",
	    pcl_task_name(task)) : give_fd(task);
	pcl_unlock(PCL_LOCK_TASK);
	return rc;
}
