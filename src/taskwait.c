/*
 * taskwait.c - the end of a child: seen, reaped once, told.
 *
 * Promise: only our own children are waited for, by pid; a status is taken
 * under the lock, so any number of threads may wait for one task; a pid is
 * signalled only while its child is not reaped, by a handle that was verified
 * to be that child.
 */
#include "task.h"

#include <proclc/signals.h>

#include <string.h>

#include "error.h"
#include "fork.h"

/* Without a handle on the child: how often to look. */
enum { LOOK_MS = 20 };

static void
record_end(struct proclc_task *task, const struct pcl_os_status *status)
{
	task->status = *status;
	task->state = PCL_TASK_ENDED;
	pcl_broadcast(PCL_LOCK_TASK);
}

bool
pcl_task_ended(struct proclc_task *task)
{
	struct pcl_os_status status;

	if (task->state == PCL_TASK_RUNNING &&
	    pcl_os_reap(task->pid, false, &status) == 0)
		record_end(task, &status);
	return task->state == PCL_TASK_ENDED;
}

int
pcl_task_pin(struct proclc_task *task, struct pcl_os_process *process)
{
	int rc;

	if (task->state != PCL_TASK_RUNNING)
		return PROCLC_ESRCH;
	rc = pcl_os_process_open(process, task->pid);
	if (rc < 0)
		return rc;
	/* Unreaped, it cannot have lost its pid before we opened it.  When
	 * somebody else reaped it, this may be a stranger: then it is not a
	 * child of ours that lives. */
	if (!pcl_task_ended(task))
		return 0;
	pcl_os_process_close(process);
	return PROCLC_ESRCH;
}

void
pcl_task_describe(const struct proclc_task *task,
    struct proclc_status *status)
{
	const struct pcl_os_status *s = &task->status;

	memset(status, 0, sizeof(*status));
	status->size = sizeof(*status);
	switch (task->state) {
	case PCL_TASK_NEW:
		status->kind = PROCLC_STATUS_NEW;
		return;
	case PCL_TASK_STARTING:
	case PCL_TASK_RUNNING:
		status->kind = PROCLC_STATUS_RUNNING;
		return;
	case PCL_TASK_ENDED:
		break;
	}
	status->user_us = s->user_us;
	status->system_us = s->system_us;
	status->max_rss_kb = s->max_rss_kb;
	status->core = s->core;
	if (!s->known)
		status->kind = PROCLC_STATUS_UNKNOWN;
	else
		status->kind = s->signaled ? PROCLC_STATUS_KILLED :
		    PROCLC_STATUS_EXITED;
	status->code = s->signaled ? 0 : s->number;
	status->signum = s->signaled ? s->number : 0;
}

/* Into the caller's struct, which may be an older, shorter one. */
static void
hand_out(const struct proclc_task *task, struct proclc_status *status)
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
	if ((status != NULL && status->size < sizeof(status->size)) ||
	    timeout_ms < PROCLC_NOW)
		return pcl_fail(PROCLC_EINVAL, PROCLC_STAGE_ARGUMENTS,
		    "task: size of status, or time");
	return pcl_task_check(task);
}

/* Wait for it without the lock, as long as that makes sense; then look. */
static void
wait_once(struct proclc_task *task, int64_t due)
{
	struct pcl_os_process process;
	int64_t look = pcl_os_now() + LOOK_MS;
	int cancel;

	if (task->state == PCL_TASK_STARTING) {
		pcl_wait(PCL_LOCK_TASK, due);
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
	pcl_unlock(PCL_LOCK_TASK);
	cancel = pcl_os_cancel_disable();
	pcl_os_process_wait(&process, due);
	pcl_os_process_close(&process);
	pcl_os_cancel_restore(cancel);
	pcl_lock(PCL_LOCK_TASK);
	if (!pcl_task_ended(task) && pcl_os_now() < due)
		pcl_wait(PCL_LOCK_TASK, look < due ? look : due);
}

bool
pcl_task_wait_until(struct proclc_task *task, int64_t due)
{
	bool ended;

	/* It may be freed while the lock is given up. */
	task->waiters++;
	while (!(ended = task->state == PCL_TASK_NEW ||
	    pcl_task_ended(task)) && pcl_os_now() < due)
		wait_once(task, due);
	if (--task->waiters == 0)
		pcl_broadcast(PCL_LOCK_TASK);
	return ended;
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
	if (pcl_task_wait_until(task, pcl_due(timeout_ms)))
		hand_out(task, status);
	else
		rc = pcl_fail_pid(PROCLC_ETIMEDOUT, PROCLC_STAGE_WAIT,
		    task->pid, "wait for %s: timed out", pcl_task_name(task));
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
	hand_out(task, status);
	pcl_unlock(PCL_LOCK_TASK);
	return 0;
}

int
pcl_task_signal(struct proclc_task *task, int signum)
{
	struct pcl_os_process process;
	int rc = pcl_task_pin(task, &process);

	if (rc == PROCLC_ESRCH)
		return rc;
	/* No handle to be had: it is our child, and was there just now. */
	if (rc < 0)
		return pcl_task_ended(task) ? PROCLC_ESRCH :
		    pcl_os_child_signal(task->pid, signum);
	rc = pcl_os_process_signal(&process, signum);
	pcl_os_process_close(&process);
	return rc;
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
	while (task->state == PCL_TASK_STARTING)
		pcl_wait(PCL_LOCK_TASK, PCL_NEVER);
	rc = pcl_task_signal(task, signum);
	if (rc < 0)
		pcl_fail(rc, PROCLC_STAGE_SIGNAL, "signal %d to %s", signum,
		    pcl_task_name(task));
	pcl_unlock(PCL_LOCK_TASK);
	return rc;
}

/* It lives: it is traced and cannot be reaped yet, or the handle is not ours
 * any more, or there was none.  From now on ask at times. */
static void
look_later(struct proclc_task *task)
{
	struct pcl_source *source = &task->source;

	if (source->handle != PCL_NONE) {
		pcl_source_remove(source);
		if (pcl_os_process_intact(&task->process))
			pcl_os_process_close(&task->process);
		task->process.handle = source->handle = PCL_NONE;
		pcl_source_add(source);
	}
	pcl_source_due(source, pcl_os_now() + LOOK_MS);
}

/* On the dispatcher: the handle is ready, or it is time to look. */
static void
tell(struct pcl_source *source)
{
	struct proclc_task *task = (struct proclc_task *)source;
	void (*fn)(struct proclc_task *, const struct proclc_status *, void *);
	struct proclc_status status;
	bool ended;
	void *user;

	pcl_enter(PCL_LOCK_TASK);
	ended = pcl_task_ended(task);
	pcl_unlock(PCL_LOCK_TASK);
	if (!ended) {
		look_later(task);
		return;
	}
	/* Once: the handle of a dead process stays ready. */
	pcl_source_remove(source);
	pcl_lock(PCL_LOCK_TASK);
	fn = task->on_exit;
	user = task->on_exit_user;
	task->on_exit = NULL;
	pcl_task_describe(task, &status);
	if (pcl_os_process_intact(&task->process))
		pcl_os_process_close(&task->process);
	task->process.handle = PCL_NONE;
	pcl_unlock(PCL_LOCK_TASK);
	/* It may free the task, or end this thread: nothing is left to do. */
	if (fn != NULL)
		fn(task, &status, user);
}

int
pcl_task_listen(struct proclc_task *task)
{
	/* Another thread may have been here, beside the start. */
	if (task->source.added || task->state == PCL_TASK_STARTING)
		return 0;
	task->source.handle = PCL_NONE;
	task->source.due = 0;
	task->source.fn = tell;
	if (pcl_task_pin(task, &task->process) == 0 &&
	    task->process.handle != PCL_NONE) {
		task->source.handle = task->process.handle;
		task->source.due = PCL_NEVER;
	}
	return pcl_source_add(&task->source);
}

int
proclc_task_on_exit(struct proclc_task *task,
    void (*fn)(struct proclc_task *task, const struct proclc_status *status,
    void *user), void *user)
{
	int rc = pcl_task_check(task);

	if (rc == 0 && fn != NULL)
		rc = pcl_dispatch_start();
	if (rc < 0)
		return rc;
	/* Not under the lock: it waits for a callback that may be at us. */
	pcl_source_remove(&task->source);
	rc = pcl_task_enter();
	if (rc < 0)
		return rc;
	if (pcl_os_process_intact(&task->process)) {
		pcl_os_process_close(&task->process);
		task->process.handle = PCL_NONE;
	}
	task->on_exit = fn;
	task->on_exit_user = user;
	if (fn != NULL && task->state != PCL_TASK_NEW)
		rc = pcl_task_listen(task);
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
