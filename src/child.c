/*
 * child.c - the life of a task in its own process.
 *
 * Promise: it starts as after exec (no handler, clean mask, own empty list of
 * exit handlers but the shared ones); from "ready" on a SIGTERM always
 * reaches the end of a loop, once, and ends every wait at once; it ends with
 * its parent.
 *
 * Here dispatch has its thread, whatever the parent's mode: the body must not
 * be asked to dispatch in order to hear a signal.
 */
#include "task.h"

#include <proclc/orphan.h>
#include <proclc/signals.h>

#include <stdatomic.h>

#include "disposition.h"
#include "ending.h"
#include "error.h"
#include "fork.h"
#include "orphan.h"

enum { DEFAULT_DELAY_MS = 50, STEP_MS = 20 };

static struct {
	uint32_t process;	/* 0: not a task */
	struct proclc_task *task;
	struct pcl_subscriber term, interrupt;
	struct proclc_orphan *watch;
	atomic_bool stop, orphaned, entered;
	bool has_wake;
	struct pcl_os_wake wake;
} child;

bool
pcl_child_is(void)
{
	return child.process != 0 && child.process == pcl_process();
}

void
pcl_child_forget(void)
{
	if (child.has_wake)
		pcl_os_wake_close(&child.wake);
	child.process = 0;
	child.has_wake = false;
	atomic_store(&child.stop, false);
	atomic_store(&child.orphaned, false);
	atomic_store(&child.entered, false);
}

static void
request_stop(void)
{
	pcl_lock(PCL_LOCK_TASK);
	atomic_store(&child.stop, true);
	if (child.has_wake)
		pcl_os_wake_post(&child.wake);
	pcl_broadcast(PCL_LOCK_TASK);
	pcl_unlock(PCL_LOCK_TASK);
}

static bool
on_stop_signal(struct pcl_subscriber *subscriber,
    const struct pcl_signal *signal)
{
	(void)subscriber;
	(void)signal;
	request_stop();
	return true;
}

/* The body is entered whatever comes: a signal that is earlier waits for it.
 * The other thread must not be made to call the kernel there, where it could
 * be late after all; so this one looks again and again, and gives it the time
 * to take the last step. */
static void
await_entered(void)
{
	int64_t due = pcl_os_now();

	if (atomic_load(&child.entered))
		return;
	pcl_lock(PCL_LOCK_TASK);
	while (pcl_os_now() < due || !atomic_load(&child.entered)) {
		if (!atomic_load(&child.entered))
			due = pcl_os_now() + STEP_MS;
		pcl_wait(PCL_LOCK_TASK, pcl_os_now() + 1);
	}
	pcl_unlock(PCL_LOCK_TASK);
}

static bool
on_end_signal(struct pcl_subscriber *subscriber,
    const struct pcl_signal *signal)
{
	(void)subscriber;
	await_entered();
	pcl_end(atomic_load(&child.orphaned) ? PROCLC_EXIT_ORPHANED :
	    PROCLC_EXIT_SIGNAL, 128 + signal->signum, signal->signum);
}

static bool
on_ignored_signal(struct pcl_subscriber *subscriber,
    const struct pcl_signal *signal)
{
	(void)subscriber;
	(void)signal;
	return true;
}

/* What a loop does then, and who leads a group: it tells all of that. */
static void
on_orphaned(struct proclc_orphan *watch, void *user)
{
	(void)watch;
	(void)user;
	atomic_store(&child.orphaned, true);
	/* First the group: a loop that is told to stop may be gone at once. */
	if ((child.task->flags & PROCLC_TASK_GROUP) != 0 &&
	    pcl_os_group_signal(pcl_os_pid(), PROCLC_SIGTERM) < 0)
		pcl_os_signal_again(PROCLC_SIGTERM);
	pcl_tree_orphaned(child.task);
	if (child.task->is_loop)
		request_stop();
}

static int
catch(struct pcl_subscriber *s, int signum, enum pcl_priority priority,
    bool (*fn)(struct pcl_subscriber *, const struct pcl_signal *))
{
	s->signum = signum;
	s->priority = priority;
	s->fn = fn;
	s->stays = true;
	return pcl_subscribe(s);
}

/* A loop stops on both; a task dies by TERM after its exit handlers, and
 * leaves INT to a parent that drives the shutdown. */
static int
catch_signals(bool loop, bool quiet)
{
	int rc;

	if (loop) {
		rc = catch(&child.term, PROCLC_SIGTERM, PCL_PRIORITY_HANDLER,
		    on_stop_signal);
		return rc < 0 ? rc : catch(&child.interrupt, PROCLC_SIGINT,
		    PCL_PRIORITY_HANDLER, on_stop_signal);
	}
	rc = catch(&child.term, PROCLC_SIGTERM, PCL_PRIORITY_EXIT,
	    on_end_signal);
	if (rc == 0 && quiet)
		rc = catch(&child.interrupt, PROCLC_SIGINT, PCL_PRIORITY_EXIT,
		    on_ignored_signal);
	return rc;
}

/* A loop is told, and ended when it does not end; a task is ended. */
static int
watch_parent(struct pcl_birth *birth)
{
	struct proclc_orphan_options o = PROCLC_ORPHAN_OPTIONS_INIT;
	const struct proclc_task *task = birth->task;
	int rc;

	if ((task->flags & PROCLC_TASK_OUTLIVE_PARENT) != 0)
		return 0;
	o.grace_ms = PCL_ORPHAN_GRACE_MS;
	o.parent = birth->parent.pid;
	/* That of an outer task, if any: a copy. */
	proclc_orphan_free(child.watch);
	rc = proclc_orphan_new(&child.watch, &o);
	if (rc == 0 && (task->is_loop || (task->flags &
	    (PROCLC_TASK_GROUP | PROCLC_TASK_TREE)) != 0))
		rc = proclc_orphan_add_callback(child.watch, on_orphaned,
		    NULL);
	return rc < 0 ? rc : pcl_orphan_start_with(child.watch,
	    &birth->parent);
}

static int
set_up(struct pcl_birth *birth)
{
	int rc;

	pcl_dispatch_in_child();
	pcl_disposition_forget();
	rc = catch_signals(birth->task->is_loop, birth->quiet);
	return rc < 0 ? rc : watch_parent(birth);
}

/* Sleep until it is time or we are to stop. */
static void
rest(int64_t ms)
{
	int64_t due = pcl_due(ms);

	pcl_lock(PCL_LOCK_TASK);
	while (!atomic_load(&child.stop) && pcl_os_now() < due)
		pcl_wait(PCL_LOCK_TASK, due);
	pcl_unlock(PCL_LOCK_TASK);
}

/* The exit code, or -1: an answer that is none. */
static int
run_loop(const struct proclc_loop_ops *ops, void *self)
{
	int64_t delay = 1;
	int code = 0;

	if (ops->begin != NULL && ops->begin(self) < 0)
		code = 1;
	pcl_returned(child.process);
	while (code == 0 && !atomic_load(&child.stop)) {
		delay = ops->loop(self);
		/* Not into a second loop, in a child that it forked. */
		pcl_returned(child.process);
		if (delay == PROCLC_LOOP_STOP)
			break;
		if (delay < PROCLC_LOOP_STOP)
			code = -1;
		else if (delay != PROCLC_LOOP_AGAIN)
			rest(delay == 0 ? DEFAULT_DELAY_MS : delay);
	}
	if (ops->end != NULL)
		ops->end(self);
	return code;
}

static int
run_body(const struct proclc_task *task)
{
	int code;

	if (task->is_loop)
		return run_loop(task->ops.loop, task->self);
	atomic_store(&child.entered, true);
	code = task->ops.task->run(task->self);
	return code < 0 || code > 255 ? -1 : code;
}

_Noreturn void
pcl_child_main(struct pcl_birth *birth)
{
	struct proclc_task *task = birth->task;
	int code;

	/* A task's own task: nothing of the outer one. */
	pcl_child_forget();
	child.process = pcl_process();
	child.task = task;
	task->pid = pcl_os_pid();
	pcl_result_owner(task);
	if (pcl_tree_enter(task) < 0 || set_up(birth) < 0)
		pcl_os_exit(PCL_CHILD_FAILED);
	pcl_os_signals_open();
	if (birth->ready[1] != PCL_NONE) {
		/* A parent that is gone does not read it; the watch knows. */
		pcl_os_channel_send(birth->ready[1], &birth->number,
		    sizeof(birth->number));
		pcl_os_close(birth->ready[1]);
	}
	code = run_body(task);
	pcl_returned(child.process);
	if (code < 0)
		pcl_end(PROCLC_EXIT_CALL, 128 + PROCLC_SIGABRT,
		    PROCLC_SIGABRT);
	pcl_end(PROCLC_EXIT_CALL, code, 0);
}

struct proclc_task *
proclc_task_self(void)
{
	return pcl_child_is() ? child.task : NULL;
}

static bool
is_loop(void)
{
	return pcl_child_is() && child.task->is_loop;
}

int
proclc_stop_requested(void)
{
	return is_loop() && atomic_load(&child.stop);
}

proclc_waitable
proclc_stop_fd(void)
{
	int rc = 0;

	if (!is_loop())
		return pcl_fail(PROCLC_EINVAL, PROCLC_STAGE_ARGUMENTS,
		    "stop descriptor: not in a loop");
	pcl_lock(PCL_LOCK_TASK);
	if (!child.has_wake || !pcl_os_wake_intact(&child.wake)) {
		rc = pcl_os_wake_open(&child.wake);
		child.has_wake = rc == 0;
		if (rc == 0 && atomic_load(&child.stop))
			pcl_os_wake_post(&child.wake);
	}
	pcl_unlock(PCL_LOCK_TASK);
	if (rc < 0)
		return pcl_fail(rc, PROCLC_STAGE_PIPE, "stop descriptor");
	return (int)child.wake.handles[0];
}
