/*
 * start.c - the birth of tasks: one, or many that are waited for together.
 *
 * Promise: nothing of the parent runs in a child (signals are blocked over
 * the fork), a start never hangs on a child that died, and a failed one
 * leaves no process.
 */
#include "task.h"

#include <proclc/signals.h>

#include <inttypes.h>

#include "command.h"
#include "ending.h"
#include "error.h"
#include "fork.h"

/* In the child; never returns. */
static _Noreturn void
be_child(struct pcl_birth *birth)
{
	/* What another thread has printed meanwhile, the parent writes. */
	pcl_os_stdio_purge();
	if (birth->name[0] != '\0')
		pcl_os_thread_name(birth->name);
	pcl_os_close(birth->ready[0]);
	birth->ready[0] = PCL_NONE;
	/* Only here: done in the parent, too, it could bring back a leader that
	 * has left its group.  Until then signals are for it alone. */
	if ((birth->task->flags & PROCLC_TASK_GROUP) != 0)
		pcl_os_group_lead();
	if ((birth->task->flags & PROCLC_TASK_OUTLIVE_PARENT) != 0)
		pcl_os_process_close(&birth->parent);
	if ((birth->task->flags & PROCLC_TASK_WAIT_FOR_CHILD) == 0) {
		pcl_os_close(birth->ready[1]);
		birth->ready[1] = PCL_NONE;
	}
	pcl_child_main(birth);
}

/* Fork, with the signals of this thread blocked; no lock is held. */
static int64_t
make_child(struct pcl_birth *birth)
{
	struct pcl_os_sigmask saved;
	int64_t pid = pcl_result_clear(birth);

	if (pid == 0)
		pid = pcl_tree_begin(birth->task);
	if (pid < 0)
		return pid;
	if (pcl_task_command(birth->task) != NULL)
		return pcl_command_run(birth->task);
	if (birth->task->spawn)
		return pcl_spawn_child(birth);
	pcl_os_stdio_flush();
	pcl_os_signals_block(&saved);
	pid = pcl_fork_own();
	if (pid == 0)
		be_child(birth);
	pcl_os_signals_unblock(&saved);
	return pid;
}

/* It did not come to be, and may be started again.  The lock is held. */
static void
give_back(struct proclc_task *task)
{
	task->state = PCL_TASK_NEW;
	pcl_batch_remove(task);
	pcl_broadcast(PCL_LOCK_TASK);
}

/* The lock is held. */
static int
welcome(struct proclc_task *task, int64_t pid)
{
	task->pid = pid;
	task->state = PCL_TASK_RUNNING;
	pcl_keep_began(task);
	pcl_broadcast(PCL_LOCK_TASK);
	/* Then only a handle that we have before its end can tell of that. */
	if (pcl_os_children_vanish())
		pcl_listener_make(task);
	if (task->kill_early && (task->flags & PROCLC_TASK_TREE) != 0)
		pcl_tree_kill(task);
	else if (task->kill_early)
		pcl_task_signal(task, PROCLC_SIGKILL);
	else if (task->stop_early && (task->flags & PROCLC_TASK_TREE) != 0)
		pcl_tree_ask(task);
	else if (task->stop_early)
		pcl_task_signal(task, PROCLC_SIGTERM);
	return pcl_listener_start(task);
}

/* Make one child after the other, *made of them; returns the first error. */
static int
make_children(struct pcl_birth *birth, struct proclc_task *const *tasks,
    size_t n, size_t *made)
{
	int64_t pid;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < n; i++) {
		birth->task = tasks[i];
		birth->number = (uint32_t)i;
		pcl_strays_making();
		pid = make_child(birth);
		pcl_lock(PCL_LOCK_TASK);
		if (pid < 0) {
			rc = (int)pid;
			/* A command has said what it was. */
			if (pcl_task_command(tasks[i]) == NULL)
				pcl_fail(rc, PROCLC_STAGE_FORK,
				    "start %s: fork", pcl_task_name(tasks[i]));
			pcl_tree_end(tasks[i]);
		} else {
			++*made;
			rc = welcome(tasks[i], pid);
		}
		pcl_strays_made();
		pcl_unlock(PCL_LOCK_TASK);
	}
	return rc;
}

/* Is this one still to say that it is ready, or to be seen dead? */
static bool
awaited(const struct proclc_task *task)
{
	return (task->flags & PROCLC_TASK_WAIT_FOR_CHILD) != 0 &&
	    task->pid != 0 && !task->ready;
}

/* Take a word from the channel, until due: 1; 0, there will be none. */
static int
hear(const struct pcl_birth *birth, struct proclc_task *const *tasks,
    size_t n, int64_t due)
{
	uint32_t number;
	int rc = pcl_os_channel_receive(birth->ready[0], &number,
	    sizeof(number), due);

	if (rc <= 0)
		return rc;
	if (number < n)
		tasks[number]->ready = true;
	return 1;
}

/* Is any of those that we wait for alive? */
static bool
any_lives(struct proclc_task *const *tasks, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (awaited(tasks[i]) &&
		    pcl_os_look(tasks[i]->pid) == PCL_OS_LIVES)
			return true;
	return false;
}

static struct proclc_task *
first_awaited(struct proclc_task *const *tasks, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (awaited(tasks[i]))
			return tasks[i];
	return NULL;
}

/*
 * Wait for the words of all; returns one that died instead, or NULL.  The
 * channel's end is not the only sign of death: a child that was forked at the
 * same moment may hold it.
 */
static struct proclc_task *
await_ready(const struct pcl_birth *birth, struct proclc_task *const *tasks,
    size_t n)
{
	bool live;
	int rc = 1;

	while (rc != 0 && first_awaited(tasks, n) != NULL) {
		rc = hear(birth, tasks, n, pcl_os_now() + PCL_TASK_LOOK_MS);
		if (rc > 0)
			continue;
		live = rc == PROCLC_ETIMEDOUT && any_lives(tasks, n);
		/* They may have said so just before they ended. */
		while (hear(birth, tasks, n, pcl_os_now()) > 0)
			continue;
		if (!live)
			break;
	}
	return first_awaited(tasks, n);
}

static int
report_death(struct proclc_task *task)
{
	const struct pcl_os_status *s = &task->status;

	if (task->state != PCL_TASK_ENDED || !s->known)
		return pcl_fail_pid(PROCLC_ESTARTFAILED, PROCLC_STAGE_READY,
		    task->pid, "start %s: pid %" PRId64 " ended before it was"
		    " ready", pcl_task_name(task), task->pid);
	return pcl_fail_pid(PROCLC_ESTARTFAILED, PROCLC_STAGE_READY,
	    task->pid, "start %s: pid %" PRId64 " %s %d before it was ready",
	    pcl_task_name(task), task->pid,
	    s->signaled ? "was killed by signal" : "exited with", s->number);
}

/* It is dead, or as good as: its channel is closed.  The lock is held. */
static int
bury(struct proclc_task *task)
{
	pcl_task_signal(task, PROCLC_SIGKILL);
	pcl_task_wait_until(task, pcl_os_now() + PCL_KILL_WAIT_MS);
	return report_death(task);
}

/* All or none: what the start returns then.  What was not made another thread
 * may start at once: it is not ours any more.  The lock is held. */
static int
undo(struct proclc_task *const *tasks, size_t n, size_t made,
    struct proclc_task *dead)
{
	struct pcl_failure failure;

	for (size_t i = 0; i < made; i++)
		pcl_keep_settle(tasks[i], false);
	if (dead != NULL)
		bury(dead);
	pcl_failure_get(&failure);
	for (size_t i = made; i < n; i++)
		give_back(tasks[i]);
	pcl_task_undo_set(tasks, made);
	return pcl_failure_set(&failure);
}

/* From now on they may be freed.  One that was already, while it was started,
 * nobody else knows any more, unless it runs. */
static void
let_all_go(struct proclc_task *const *tasks, size_t n)
{
	bool freed;

	for (size_t i = 0; i < n; i++) {
		pcl_lock(PCL_LOCK_TASK);
		freed = tasks[i]->detached &&
		    tasks[i]->state == PCL_TASK_NEW;
		pcl_task_release(&tasks[i], 1);
		pcl_unlock(PCL_LOCK_TASK);
		if (freed)
			pcl_task_forget(tasks[i]);
	}
}

/* The tasks are STARTING and held, and no lock is. */
static int
start_set(struct proclc_task *const *tasks, size_t n)
{
	struct proclc_task *dead = NULL;
	int cancel = pcl_os_cancel_disable();
	struct pcl_birth birth;
	size_t made = 0;
	int rc = pcl_birth_begin(&birth, tasks, n, true);

	if (rc == 0) {
		rc = make_children(&birth, tasks, n, &made);
		pcl_birth_given(&birth);
	}
	if (rc == 0 && birth.ready[0] != PCL_NONE)
		dead = await_ready(&birth, tasks, n);
	pcl_lock(PCL_LOCK_TASK);
	pcl_birth_end(&birth);
	for (size_t i = 0; i < n && rc == 0 && dead == NULL; i++)
		rc = pcl_keep_settle(tasks[i], true);
	if (rc < 0 || dead != NULL)
		rc = undo(tasks, n, made, dead);
	pcl_unlock(PCL_LOCK_TASK);
	let_all_go(tasks, n);
	pcl_os_cancel_restore(cancel);
	return rc;
}

int
pcl_task_start_again(struct proclc_task *task)
{
	int cancel = pcl_os_cancel_disable();
	struct pcl_birth birth;
	size_t made = 0;
	int rc = pcl_birth_begin(&birth, &task, 1, false);

	if (rc == 0)
		rc = make_children(&birth, &task, 1, &made);
	pcl_lock(PCL_LOCK_TASK);
	pcl_birth_end(&birth);
	pcl_unlock(PCL_LOCK_TASK);
	pcl_os_cancel_restore(cancel);
	return made > 0 ? 0 : rc;
}

/* First its place at exit: later it could fail.  The lock is held. */
static int
claim(struct proclc_task *task)
{
	int rc;

	if (task->state != PCL_TASK_NEW)
		return pcl_fail(PROCLC_EALREADY, PROCLC_STAGE_ARGUMENTS,
		    "start %s", pcl_task_name(task));
	rc = task->spawn ? pcl_spawn_check(task) : 0;
	if (rc == 0)
		rc = pcl_batch_add(task);
	if (rc < 0)
		return rc;
	task->state = PCL_TASK_STARTING;
	pcl_command_unborn(task);
	/* Who shuts all down has this one, too. */
	task->spared = pcl_task_ending_all();
	task->stop_early = task->spared &&
	    (task->flags & PROCLC_TASK_NO_TERMINATE_ON_SHUTDOWN) == 0;
	task->kill_early = task->forced = task->ready = false;
	pcl_keep_claim(task);
	return 0;
}

int
proclc_start_all(struct proclc_task *const *tasks, size_t n)
{
	size_t claimed = 0;
	int rc = pcl_task_check_set(tasks, n);

	if (rc == 0 && pcl_is_ending())
		rc = pcl_fail(PROCLC_EENDING, PROCLC_STAGE_ARGUMENTS,
		    "start %s", n > 0 ? pcl_task_name(tasks[0]) : "none");
	if (rc == 0)
		rc = pcl_task_enter();
	if (rc < 0)
		return rc;
	while (rc == 0 && claimed < n) {
		rc = claim(tasks[claimed]);
		if (rc == 0)
			claimed++;
	}
	while (rc < 0 && claimed > 0)
		give_back(tasks[--claimed]);
	/* A callback may free one that ends soon. */
	pcl_task_hold(tasks, claimed);
	pcl_unlock(PCL_LOCK_TASK);
	return rc < 0 || n == 0 ? rc : start_set(tasks, n);
}

int
proclc_task_start(struct proclc_task *task)
{
	return proclc_start_all(&task, 1);
}
