/*
 * restart.c - what becomes of a task whose child has ended, and who hears of
 * its states.
 *
 * Promise: it runs again only while nobody has shut it down and the process
 * does not end; who stops it while it starts finds it there.  No state is lost:
 * it starts again only when all that went before was told.
 */
#include "task.h"

#include <assert.h>
#include <stdlib.h>

#include "backoff.h"
#include "command.h"
#include "ending.h"
#include "error.h"
#include "fork.h"

/* Between two calls of the dispatcher: started, runs, backs off, stopped. */
enum { CHANGES = 4 };

/* Under PCL_LOCK_TASK. */
struct pcl_keep {
	struct pcl_backoff backoff;
	uint32_t when;	/* an enum proclc_restart_when */
	bool settled;	/* the call that started it is done: its end is ours */
	bool stopping;	/* it is not to run again */
	uint8_t over;	/* in this public state; 0: as its status says */
	int64_t began;	/* this run */
	int64_t due;	/* of the next one, while it backs off */
	int64_t runs;
	void (*fn)(struct proclc_task *task, int state,
	    const struct proclc_status *status, void *user);
	void *user;
	unsigned n;	/* changes that are to be told */
	struct {
		int state;
		struct proclc_status status;
	} changes[CHANGES];
};

static struct pcl_keep *
keep_of(const struct proclc_task *task)
{
	return task->extras == NULL ? NULL : task->extras->keep;
}

/* Have one; NULL: no memory. */
static struct pcl_keep *
have_keep(struct proclc_task *task)
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
pcl_keep_make(struct proclc_task *task, const struct proclc_restart *policy)
{
	struct proclc_restart p;
	struct pcl_backoff backoff;
	struct pcl_keep *keep;
	int rc = pcl_options_read(&p, sizeof(p), policy);

	if (rc == 0)
		rc = pcl_backoff_init(&backoff, &p);
	if (rc < 0 || p.when == PROCLC_RESTART_NEVER)
		return rc;
	keep = have_keep(task);
	if (keep == NULL)
		return PROCLC_ENOMEM;
	keep->backoff = backoff;
	keep->when = p.when;
	return pcl_listener_make(task);
}

static bool
succeeded(const struct pcl_os_status *status)
{
	return status->known && !status->signaled && status->number == 0;
}

static int
state_of(const struct proclc_task *task)
{
	static const uint8_t live[] = {
		[PCL_TASK_NEW] = PROCLC_TASK_NEW,
		[PCL_TASK_STARTING] = PROCLC_TASK_STARTING,
		[PCL_TASK_RUNNING] = PROCLC_TASK_RUNNING,
		[PCL_TASK_BACKING_OFF] = PROCLC_TASK_BACKING_OFF,
	};
	const struct pcl_keep *keep = keep_of(task);

	if (task->state != PCL_TASK_ENDED)
		return live[task->state];
	if (keep != NULL && keep->over != 0)
		return keep->over;
	return task->spared || succeeded(&task->status) ?
	    PROCLC_TASK_STOPPED : PROCLC_TASK_FAILED;
}

/* It has come to a state: have that told. */
static void
note(struct proclc_task *task, struct pcl_keep *keep, int state)
{
	if (keep->fn != NULL) {
		assert(keep->n < CHANGES);
		keep->changes[keep->n].state = state;
		pcl_task_describe(task, &keep->changes[keep->n].status);
		keep->n++;
	}
	pcl_listener_wake(task);
}

void
pcl_keep_claim(struct proclc_task *task)
{
	struct pcl_keep *keep = keep_of(task);

	if (keep == NULL)
		return;
	keep->settled = false;
	keep->stopping = task->spared;
}

void
pcl_keep_began(struct proclc_task *task)
{
	struct pcl_keep *keep = keep_of(task);

	if (keep == NULL)
		return;
	keep->began = pcl_os_now();
	keep->runs++;
	note(task, keep, PROCLC_TASK_STARTING);
	note(task, keep, PROCLC_TASK_RUNNING);
}

int
pcl_keep_settle(struct proclc_task *task, bool well)
{
	struct pcl_keep *keep = keep_of(task);
	int rc = 0;

	if (keep == NULL)
		return 0;
	keep->settled = true;
	keep->stopping = keep->stopping || !well;
	if (well)
		rc = pcl_listener_start(task);
	if (rc == 0)
		pcl_task_ended(task);
	return rc;
}

bool
pcl_keep_settled(const struct proclc_task *task)
{
	const struct pcl_keep *keep = keep_of(task);

	return keep == NULL || keep->settled;
}

/* Is it to run again after this end? */
static bool
runs_again(const struct proclc_task *task, const struct pcl_keep *keep)
{
	if (keep->stopping || pcl_is_ending())
		return false;
	return keep->when == PROCLC_RESTART_ALWAYS ||
	    (keep->when == PROCLC_RESTART_ON_FAILURE &&
	    !succeeded(&task->status));
}

void
pcl_keep_ended(struct proclc_task *task)
{
	struct pcl_keep *keep = keep_of(task);
	int64_t now = pcl_os_now(), delay;

	if (keep == NULL)
		return;
	if (runs_again(task, keep)) {
		delay = pcl_backoff_delay(&keep->backoff, now - keep->began);
		if (delay < 0) {
			keep->over = PROCLC_TASK_FAILED;
		} else {
			task->state = PCL_TASK_BACKING_OFF;
			task->pid = 0;
			keep->due = pcl_due(delay);
		}
	}
	note(task, keep, state_of(task));
}

void
pcl_keep_stop(struct proclc_task *task)
{
	struct pcl_keep *keep = keep_of(task);

	if (keep == NULL)
		return;
	keep->stopping = true;
	if (task->state != PCL_TASK_BACKING_OFF)
		return;
	task->state = PCL_TASK_ENDED;
	keep->over = PROCLC_TASK_STOPPED;
	note(task, keep, PROCLC_TASK_STOPPED);
	pcl_broadcast(PCL_LOCK_TASK);
}

bool
pcl_keep_has_policy(const struct proclc_task *task)
{
	const struct pcl_keep *keep = keep_of(task);

	return keep != NULL && keep->when != PROCLC_RESTART_NEVER;
}

bool
pcl_keep_restarts(const struct proclc_task *task)
{
	return pcl_keep_has_policy(task) && !keep_of(task)->stopping &&
	    task->state > PCL_TASK_NEW && task->state < PCL_TASK_ENDED;
}

bool
pcl_keep_listens(const struct proclc_task *task)
{
	const struct pcl_keep *keep = keep_of(task);

	if (keep == NULL)
		return false;
	return keep->n > 0 || (task->state != PCL_TASK_ENDED &&
	    (keep->fn != NULL || (keep->settled &&
	    keep->when != PROCLC_RESTART_NEVER)));
}

bool
pcl_keep_pending(const struct proclc_task *task)
{
	const struct pcl_keep *keep = keep_of(task);

	return keep != NULL && (keep->n > 0 ||
	    task->state == PCL_TASK_BACKING_OFF);
}

int64_t
pcl_keep_runs(const struct proclc_task *task)
{
	const struct pcl_keep *keep = keep_of(task);

	return keep == NULL || keep->runs == 0 ? 0 : keep->runs - 1;
}

void
pcl_keep_silence(struct proclc_task *task)
{
	struct pcl_keep *keep = keep_of(task);

	if (keep == NULL)
		return;
	keep->fn = NULL;
	keep->n = 0;
}

enum pcl_turn
pcl_keep_turn(struct proclc_task *task, struct pcl_change *change)
{
	struct pcl_keep *keep = keep_of(task);

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

/* As one that has ended at once, nobody knows how. */
static void
fail_to_run(struct proclc_task *task)
{
	struct pcl_keep *keep = keep_of(task);

	if (keep == NULL)
		return;
	pcl_log("restart: %s", proclc_errmsg());
	keep->began = pcl_os_now();
	note(task, keep, PROCLC_TASK_STARTING);
	task->status = (struct pcl_os_status){ .known = false };
	task->state = PCL_TASK_ENDED;
	pcl_keep_ended(task);
	pcl_broadcast(PCL_LOCK_TASK);
}

void
pcl_keep_again(struct proclc_task *task)
{
	bool again;

	pcl_lock(PCL_LOCK_TASK);
	again = !pcl_task_ended(task) && task->state == PCL_TASK_BACKING_OFF;
	if (again)
		task->state = PCL_TASK_STARTING;
	pcl_unlock(PCL_LOCK_TASK);
	if (!again || pcl_task_start_again(task) == 0)
		return;
	pcl_lock(PCL_LOCK_TASK);
	fail_to_run(task);
	pcl_unlock(PCL_LOCK_TASK);
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
	rc = state_of(task);
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
	int rc = pcl_task_check(task);

	if (rc == 0 && fn != NULL)
		rc = pcl_dispatch_start();
	if (rc == 0)
		rc = pcl_task_enter();
	if (rc < 0)
		return rc;
	if (fn != NULL && have_keep(task) == NULL)
		rc = PROCLC_ENOMEM;
	else if (fn != NULL)
		rc = pcl_listener_make(task);
	keep = keep_of(task);
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
		note(task, keep, state_of(task));
	rc = pcl_listener_start(task);
	pcl_unlock(PCL_LOCK_TASK);
	return rc;
}
