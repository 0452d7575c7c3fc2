/*
 * taskwait.c - the end of a child: seen, and reaped once.
 *
 * Promise: only our own children are waited for, by pid; a status is taken
 * under the lock, so any number of threads may wait for one task; a pid is
 * signalled only while its child is not reaped, by a handle that was verified
 * to be that child.
 */
#include "task.h"

#include <proclc/signals.h>

#include <string.h>

#include "command.h"
#include "ending.h"
#include "error.h"
#include "fork.h"

static void
record_end(struct proclc_task *task, const struct pcl_os_status *status)
{
	task->status = *status;
	task->stopped = task->spared;
	task->state = PCL_TASK_ENDED;
	pcl_keep_ended(task);
	if (task->state == PCL_TASK_ENDED)
		pcl_command_over(task);
	pcl_broadcast(PCL_LOCK_TASK);
	pcl_strays_uncovered();
}

/* Its first process has ended: is the group done, too?  While that is not
 * reaped nobody else can have the group's number. */
static bool
group_is_done(const struct proclc_task *task)
{
	const uint32_t spare = PROCLC_TASK_NO_TERMINATE_ON_SHUTDOWN;
	enum pcl_os_end end = pcl_os_look(task->pid);
	int lives;

	if (end != PCL_OS_ENDED)
		return end == PCL_OS_GONE;
	lives = task->spared ? pcl_os_group_lives(task->pid) : 0;
	if (lives > 0 || (lives == PROCLC_EMFILE && !task->forced))
		return false;
	if ((task->flags & spare) == 0 && !task->detached)
		pcl_os_group_signal(task->pid, PROCLC_SIGKILL);
	return true;
}

/* As pcl_task_ended; handle: an open one on its process, or NULL. */
static bool
see_end(struct proclc_task *task, const struct pcl_os_process *handle)
{
	struct pcl_os_status status;

	if (task->state == PCL_TASK_BACKING_OFF && pcl_is_ending())
		pcl_keep_stop(task);
	if (task->state != PCL_TASK_RUNNING || !pcl_keep_settled(task))
		return task->state == PCL_TASK_ENDED;
	if ((task->flags & PROCLC_TASK_GROUP) != 0 && !group_is_done(task))
		return false;
	if ((task->flags & PROCLC_TASK_TREE) != 0 && !pcl_tree_is_done(task))
		return false;
	if (pcl_os_reap(task->pid, false, &status) != 0)
		return false;
	if (!status.known && (handle == NULL ||
	    pcl_os_process_outcome(handle, &status) < 0))
		pcl_listener_outcome(task, &status);
	record_end(task, &status);
	pcl_tree_end(task);
	return task->state == PCL_TASK_ENDED;
}

bool
pcl_task_ended(struct proclc_task *task)
{
	return see_end(task, NULL);
}

bool
pcl_task_runs(struct proclc_task *task)
{
	see_end(task, NULL);
	return task->state == PCL_TASK_RUNNING;
}

/* Does its child live, if only on the way to its program? */
static bool
has_child(struct proclc_task *task)
{
	return pcl_command_born(task) ?
	    pcl_os_look(task->pid) == PCL_OS_LIVES : pcl_task_runs(task);
}

int
pcl_task_pin(struct proclc_task *task, struct pcl_os_process *process)
{
	int rc;

	if (task->state != PCL_TASK_RUNNING && !pcl_command_born(task))
		return PROCLC_ESRCH;
	rc = pcl_os_process_open(process, task->pid);
	if (rc < 0)
		return rc;
	/* Unreaped, it cannot have lost its pid before we opened it.  When
	 * somebody else reaped it, this may be a stranger: then it is not a
	 * child of ours that lives. */
	if (has_child(task))
		return 0;
	pcl_os_process_close(process);
	return PROCLC_ESRCH;
}

void
pcl_task_unpin(struct pcl_os_process *process)
{
	if (pcl_os_process_intact(process))
		pcl_os_process_close(process);
	process->handle = PCL_NONE;
}

static struct pcl_pins *all_pins;

void
pcl_pins_add(struct pcl_pins *pins)
{
	pins->next = all_pins;
	all_pins = pins;
}

void
pcl_pins_remove(struct pcl_pins *pins)
{
	struct pcl_pins **at = &all_pins;

	/* In a child that a signal handler has forked it is not there. */
	while (*at != NULL && *at != pins)
		at = &(*at)->next;
	if (*at != NULL)
		*at = pins->next;
}

void
pcl_pins_forget(void)
{
	for (struct pcl_pins *p = all_pins; p != NULL; p = p->next)
		for (size_t i = 0; i < p->n; i++)
			pcl_task_unpin(&p->processes[i]);
	all_pins = NULL;
}

void
pcl_task_describe(const struct proclc_task *task,
    struct proclc_status *status)
{
	const struct pcl_os_status *s = &task->status;

	memset(status, 0, sizeof(*status));
	status->size = sizeof(*status);
	if (task->state <= PCL_TASK_RUNNING) {
		status->kind = task->state == PCL_TASK_NEW ?
		    PROCLC_STATUS_NEW : PROCLC_STATUS_RUNNING;
		return;
	}
	status->user_us = s->user_us;
	status->system_us = s->system_us;
	status->max_rss_kb = s->max_rss_kb;
	status->core = s->core;
	status->forced = task->forced;
	if (!s->known)
		status->kind = PROCLC_STATUS_UNKNOWN;
	else
		status->kind = s->signaled ? PROCLC_STATUS_KILLED :
		    PROCLC_STATUS_EXITED;
	status->code = s->signaled ? 0 : s->number;
	status->signum = s->signaled ? s->number : 0;
}

int
pcl_task_check_status(const struct proclc_status *status)
{
	if (status != NULL && status->size < sizeof(status->size))
		return pcl_fail(PROCLC_EINVAL, PROCLC_STAGE_ARGUMENTS,
		    "task: size of status");
	return 0;
}

void
pcl_task_hand_out(const struct proclc_task *task,
    struct proclc_status *status)
{
	struct proclc_status full;
	uint32_t size;

	if (status == NULL)
		return;
	size = status->size < sizeof(full) ? status->size :
	    (uint32_t)sizeof(full);
	pcl_task_describe(task, &full);
	full.size = size;
	memcpy(status, &full, size);
}

static int
check(const struct proclc_task *task, const struct proclc_status *status,
    int64_t timeout_ms)
{
	int rc = pcl_task_check_status(status);

	if (rc == 0 && timeout_ms < PROCLC_NOW)
		rc = pcl_fail(PROCLC_EINVAL, PROCLC_STAGE_ARGUMENTS,
		    "task: time");
	return rc < 0 ? rc : pcl_task_check(task);
}

/* How long to wait with one handle: the program may have closed it, and have
 * another file under its number. */
enum { AGAIN_MS = 1000 };

/* Wait for it without the lock, as long as that makes sense; then look. */
static void
wait_once(struct proclc_task *task, int64_t due)
{
	struct pcl_os_process process;
	struct pcl_pins pins = { .processes = &process, .n = 1 };
	int64_t now = pcl_os_now(), look = now + PCL_TASK_LOOK_MS;
	int64_t again = pcl_tree_changes(task) ? look : now + AGAIN_MS;
	int64_t run = pcl_keep_runs(task);
	bool ended;
	int cancel;

	if (task->state == PCL_TASK_STARTING ||
	    task->state == PCL_TASK_BACKING_OFF) {
		/* Who stops it: nobody tells when its child is there. */
		pcl_command_ask(task);
		if (!task->stop_early || pcl_task_command(task) == NULL)
			look = due;
		pcl_wait(PCL_LOCK_TASK, look < due ? look : due);
		return;
	}
	if (pcl_task_pin(task, &process) < 0) {
		/* No handle to be had: others may tell us, too. */
		if (!pcl_task_ended(task))
			pcl_wait(PCL_LOCK_TASK, look < due ? look : due);
		return;
	}
	/* A handle shows the death of a traced child that cannot be reaped
	 * yet: then look in intervals. */
	pcl_pins_add(&pins);
	pcl_unlock(PCL_LOCK_TASK);
	cancel = pcl_os_cancel_disable();
	pcl_os_process_wait(&process, again < due ? again : due);
	pcl_os_cancel_restore(cancel);
	pcl_lock(PCL_LOCK_TASK);
	pcl_pins_remove(&pins);
	/* The handle may be on an earlier run of it. */
	ended = see_end(task, run == pcl_keep_runs(task) ? &process : NULL);
	pcl_task_unpin(&process);
	if (!ended && pcl_os_now() < due)
		pcl_wait(PCL_LOCK_TASK, look < due ? look : due);
}

int
pcl_task_wait_until(struct proclc_task *task, int64_t due)
{
	while (task->state != PCL_TASK_NEW && !pcl_task_ended(task)) {
		if (pcl_os_now() >= due)
			return PROCLC_ETIMEDOUT;
		if (due == PCL_NEVER && pcl_task_is_ours_to_restart(task))
			return PROCLC_EDEADLK;
		wait_once(task, due);
	}
	return 0;
}

int
pcl_task_fail_wait(int code, const struct proclc_task *task)
{
	return pcl_fail_pid(code, PROCLC_STAGE_WAIT, task->pid,
	    code == PROCLC_EDEADLK ? "wait for %s: this thread is to start"
	    " it again" : "wait for %s: timed out", pcl_task_name(task));
}

int
proclc_task_wait(struct proclc_task *task, int64_t timeout_ms,
    struct proclc_status *status)
{
	int rc = check(task, status, timeout_ms);

	if (rc == 0)
		rc = pcl_task_enter();
	if (rc < 0)
		return rc;
	pcl_task_hold(&task, 1);
	rc = pcl_task_wait_until(task, pcl_due(timeout_ms));
	if (rc == 0)
		pcl_task_hand_out(task, status);
	else
		pcl_task_fail_wait(rc, task);
	pcl_task_release(&task, 1);
	pcl_unlock(PCL_LOCK_TASK);
	return rc;
}

int
proclc_task_status(struct proclc_task *task, struct proclc_status *status)
{
	int rc = status == NULL ? check(NULL, NULL, 0) :
	    check(task, status, 0);

	if (rc == 0)
		rc = pcl_task_enter();
	if (rc < 0)
		return rc;
	pcl_task_ended(task);
	pcl_task_hand_out(task, status);
	pcl_unlock(PCL_LOCK_TASK);
	return 0;
}

int
pcl_task_signal(struct proclc_task *task, int signum)
{
	struct pcl_os_process process;
	int rc;

	if ((task->flags & PROCLC_TASK_GROUP) != 0) {
		if (!has_child(task))
			return PROCLC_ESRCH;
		rc = pcl_os_group_signal(task->pid, signum);
		/* It may have left its group, and others may be there. */
		if (pcl_os_group_led(task->pid) && rc != PROCLC_ESRCH)
			return rc;
	}
	rc = pcl_task_pin(task, &process);
	if (rc == PROCLC_ESRCH)
		return rc;
	/* No handle to be had: it is our child, and was there just now. */
	if (rc < 0)
		return !has_child(task) ? PROCLC_ESRCH :
		    pcl_os_child_signal(task->pid, signum);
	rc = pcl_os_process_signal(&process, signum);
	pcl_os_process_close(&process);
	return rc;
}

int
pcl_task_await_child(struct proclc_task *task, bool born, int64_t due)
{
	int64_t look;

	while (task->state == PCL_TASK_STARTING &&
	    !(born && pcl_command_born(task))) {
		if (pcl_os_now() >= due)
			return PROCLC_ETIMEDOUT;
		/* Nobody tells when it is born. */
		look = born && pcl_task_command(task) != NULL ?
		    pcl_os_now() + PCL_TASK_LOOK_MS : PCL_NEVER;
		pcl_wait(PCL_LOCK_TASK, look < due ? look : due);
	}
	return 0;
}

int
proclc_task_kill(struct proclc_task *task, int signum)
{
	int rc = pcl_task_check(task);

	if (rc == 0 && pcl_os_signal_name(signum) == NULL)
		rc = pcl_fail(PROCLC_ESIGNAL, PROCLC_STAGE_ARGUMENTS,
		    "kill with signal %d", signum);
	if (rc == 0)
		rc = pcl_task_enter();
	if (rc < 0)
		return rc;
	pcl_task_await_child(task, true, PCL_NEVER);
	rc = pcl_task_signal(task, signum);
	if (rc < 0)
		pcl_fail(rc, PROCLC_STAGE_SIGNAL, "signal %d to %s", signum,
		    pcl_task_name(task));
	pcl_unlock(PCL_LOCK_TASK);
	return rc;
}

int64_t
proclc_task_pid(const struct proclc_task *task)
{
	int64_t pid;

	if (task == NULL)
		return pcl_fail(PROCLC_EINVAL, PROCLC_STAGE_ARGUMENTS,
		    "task pid");
	pcl_enter(PCL_LOCK_TASK);
	pid = task->pid;
	pcl_unlock(PCL_LOCK_TASK);
	return pid;
}
