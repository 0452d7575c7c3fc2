/*
 * shutdown.c - stop one task, or all: signal everyone, wait once, kill.
 *
 * Promise: the bound is one grace and the time a kill takes, however many
 * there are and whatever they do.
 */
#include "task.h"

#include <proclc/signals.h>

#include <inttypes.h>

#include "error.h"
#include "fork.h"

enum { GRACE_MS = 3000 };

/* Whom a shutdown is about, and how far it has come. */
struct sweep {
	const struct pcl_batch *only;	/* NULL: all tasks */
	struct proclc_task *single;	/* or this one */
	bool terminate;	/* those that may be, or those that may not */
	int killed;
	int64_t survivor;	/* the pid of one that lives */
};

static bool
live_member(struct proclc_task *task, void *arg)
{
	const struct sweep *s = arg;
	bool may = (task->flags & PROCLC_TASK_NO_TERMINATE_ON_SHUTDOWN) == 0;

	return may == s->terminate && task->state != PCL_TASK_NEW &&
	    !pcl_task_ended(task);
}

static struct proclc_task *
first_live(struct sweep *s)
{
	if (s->single == NULL)
		return pcl_batch_find(s->only, live_member, s);
	return live_member(s->single, s) ? s->single : NULL;
}

static bool
ask_to_end(struct proclc_task *task, void *arg)
{
	if (!live_member(task, arg))
		return false;
	if (task->state == PCL_TASK_STARTING)
		task->stop_early = true;
	/* A stopped one must run to hear it. */
	else if (pcl_task_signal(task, PROCLC_SIGTERM) == 0)
		pcl_task_signal(task, pcl_os_sigcont);
	return false;
}

static bool
kill_it(struct proclc_task *task, void *arg)
{
	struct sweep *s = arg;

	if (live_member(task, arg) &&
	    pcl_task_signal(task, PROCLC_SIGKILL) == 0)
		s->killed++;
	return false;
}

static void
each(struct sweep *s, bool (*fn)(struct proclc_task *task, void *arg))
{
	if (s->single != NULL)
		fn(s->single, s);
	else
		pcl_batch_find(s->only, fn, s);
}

/* Wait for one after the other: the time is the same as for all at once. */
static bool
wait_for_all(struct sweep *s, int64_t due)
{
	struct proclc_task *task;

	while ((task = first_live(s)) != NULL)
		if (!pcl_task_wait_until(task, due))
			break;
	s->survivor = task == NULL ? 0 : task->pid;
	return task == NULL;
}

static int64_t
end_of_grace(int64_t grace_ms)
{
	return pcl_due(grace_ms == 0 ? GRACE_MS : grace_ms);
}

static bool
sweep(struct sweep *s, int64_t due)
{
	if (!s->terminate)
		return wait_for_all(s, due);
	each(s, ask_to_end);
	if (wait_for_all(s, due))
		return true;
	each(s, kill_it);
	return wait_for_all(s, pcl_os_now() + PCL_KILL_WAIT_MS);
}

static int
outcome(const struct sweep *s, bool done)
{
	if (done)
		return s->killed;
	return pcl_fail_pid(PROCLC_ETIMEDOUT, PROCLC_STAGE_WAIT, s->survivor,
	    "shutdown: pid %" PRId64 " lives", s->survivor);
}

int
pcl_task_end_all(const struct pcl_batch *only, int64_t grace_ms, bool at_exit)
{
	struct sweep s = { .only = only, .terminate = true };
	int64_t due = end_of_grace(grace_ms);
	bool done;

	pcl_enter(PCL_LOCK_TASK);
	done = sweep(&s, due);
	s.terminate = false;
	done = sweep(&s, at_exit ? PCL_NEVER : due) && done;
	pcl_unlock(PCL_LOCK_TASK);
	return outcome(&s, done);
}

int
proclc_shutdown_all(int64_t grace_ms)
{
	int rc = pcl_task_enter();

	if (rc < 0)
		return rc;
	pcl_unlock(PCL_LOCK_TASK);
	if (grace_ms < PROCLC_NOW)
		return pcl_fail(PROCLC_EINVAL, PROCLC_STAGE_ARGUMENTS,
		    "shutdown");
	return pcl_task_end_all(NULL, grace_ms, false);
}

int
proclc_task_shutdown(struct proclc_task *task, int64_t grace_ms,
    struct proclc_status *status)
{
	struct sweep s = { .single = task };
	bool done;
	int rc = pcl_task_check(task);

	if (rc == 0)
		rc = pcl_task_enter();
	if (rc < 0)
		return rc;
	s.terminate = (task->flags &
	    PROCLC_TASK_NO_TERMINATE_ON_SHUTDOWN) == 0;
	done = sweep(&s, end_of_grace(grace_ms));
	pcl_unlock(PCL_LOCK_TASK);
	rc = outcome(&s, done);
	if (rc >= 0 && status != NULL)
		proclc_task_wait(task, 0, status);
	return rc;
}
