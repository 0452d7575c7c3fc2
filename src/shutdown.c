/*
 * shutdown.c - stop one task, some or all: signal everyone, wait once, kill.
 *
 * Promise: the bound is one grace and the time a kill takes, however many
 * there are and whatever they do; and who lives after that is named.
 */
#include "task.h"

#include <proclc/signals.h>

#include <inttypes.h>
#include <stdio.h>

#include "command.h"
#include "descent.h"
#include "error.h"
#include "fork.h"

enum { GRACE_MS = 3000 };

/* Whom a shutdown is about, and how far it has come. */
struct sweep {
	struct proclc_task *const *set;	/* these, */
	size_t n;
	const struct pcl_batch *only;	/* or this batch's; NULL: all tasks */
	bool at_exit;	/* not those that outlive us */
	bool whatever;	/* their flags say */
	bool terminate;	/* those that may be, or those that may not */
	bool at_once;	/* there is no grace */
	size_t trees;	/* so many have to be looked for */
	bool more;	/* one of them is not found as a whole yet, */
	int step;	/* at the so manieth look */
	int killed;
	bool stuck;	/* one lives although it was to end */
	int64_t survivor;	/* the pid of that one, or of another */
	char why[160];	/* and what is known of it */
	struct proclc_status *status;	/* of the only one; or NULL */
};

static unsigned under_way;	/* shutdowns of all */

bool
pcl_task_ending_all(void)
{
	return under_way > 0;
}

void
pcl_shutdowns_forget(void)
{
	under_way = 0;
}

static void
note_survivor(struct sweep *s, const struct proclc_task *task, int64_t pid,
    const char *why)
{
	s->survivor = pid;
	snprintf(s->why, sizeof(s->why), "%.64s: pid %" PRId64 " %s",
	    pcl_task_name(task), task->pid, why);
}

/* The member after task (NULL: the first); i: its place in the set. */
static struct proclc_task *
next_member(const struct sweep *s, const struct proclc_task *task, size_t *i)
{
	if (s->set == NULL)
		return pcl_batch_next(s->only, task);
	*i = task == NULL ? 0 : *i + 1;
	return *i < s->n ? s->set[*i] : NULL;
}

static bool
is_wanted(const struct sweep *s, const struct proclc_task *task)
{
	bool may = s->whatever ||
	    (task->flags & PROCLC_TASK_NO_TERMINATE_ON_SHUTDOWN) == 0;

	return may == s->terminate && task->state != PCL_TASK_NEW &&
	    !(s->at_exit && (task->flags & PROCLC_TASK_OUTLIVE_PARENT) != 0);
}

static void
end_restarts(struct sweep *s, struct proclc_task *task)
{
	(void)s;
	pcl_keep_stop(task);
}

static bool
is_tree(const struct proclc_task *task)
{
	return (task->flags & PROCLC_TASK_TREE) != 0 &&
	    task->state == PCL_TASK_RUNNING;
}

static void
ask_tree(struct sweep *s, struct proclc_task *task)
{
	if (is_tree(task) && pcl_tree_ask_step(task, s->step))
		s->more = true;
}

static void
ask_top(struct sweep *s, struct proclc_task *task)
{
	(void)s;
	if (is_tree(task))
		pcl_tree_ask_end(task);
}

static void
kill_tree(struct sweep *s, struct proclc_task *task)
{
	if (is_tree(task) && pcl_tree_kill_step(task, s->step))
		s->more = true;
}

static void
kill_it(struct sweep *s, struct proclc_task *task)
{
	if (pcl_task_ended(task))
		return;
	if (task->state == PCL_TASK_STARTING) {
		task->kill_early = true;
		/* Of a command there may be a child already. */
		if (pcl_task_signal(task, PROCLC_SIGKILL) != 0)
			pcl_command_doom(task);
	} else if (is_tree(task)) {
		s->trees += pcl_tree_kill_begin(task);
	} else if (pcl_task_signal(task, PROCLC_SIGKILL) != 0) {
		return;
	}
	task->forced = true;
	s->killed++;
	pcl_log("shutdown: %s (pid %" PRId64 ") had to be killed",
	    pcl_task_name(task), task->pid);
}

static void
ask_to_end(struct sweep *s, struct proclc_task *task)
{
	int rc = 1;

	/* The rest of its group has the grace, too; a tree without grace is not
	 * asked: one that ends by itself may leave others behind. */
	task->spared = true;
	if (task->state == PCL_TASK_STARTING) {
		task->stop_early = true;
		pcl_command_ask(task);
	} else if (is_tree(task) && !pcl_task_ended(task)) {
		s->trees += !s->at_once && pcl_tree_ask_begin(task);
	} else {
		rc = pcl_task_signal(task, PROCLC_SIGTERM);
	}
	/* A stopped one must run to hear it; and where a process can be deaf,
	 * it cannot be asked. */
	if (rc == 0)
		pcl_task_signal(task, pcl_os_sigcont);
	else if (rc == PROCLC_ENOTSUP)
		kill_it(s, task);
}

static void
each(struct sweep *s, void (*fn)(struct sweep *s, struct proclc_task *task))
{
	struct proclc_task *task = NULL;
	size_t i = 0;

	while ((task = next_member(s, task, &i)) != NULL)
		if (is_wanted(s, task))
			fn(s, task);
}

/* With one look at the processes for all. */
static void
each_at_once(struct sweep *s,
    void (*fn)(struct sweep *s, struct proclc_task *task))
{
	pcl_descent_begin();
	each(s, fn);
	pcl_descent_end();
}

/* The same again and again, while one needs more. */
static void
each_tree(struct sweep *s,
    void (*fn)(struct sweep *s, struct proclc_task *task))
{
	s->more = s->trees > 0;
	for (s->step = 0; s->more && s->step < PCL_TREE_STEPS; s->step++) {
		if (s->step > 0)
			pcl_os_pause(1);
		s->more = false;
		each_at_once(s, fn);
	}
}

static void
ask_all(struct sweep *s)
{
	each(s, end_restarts);
	each(s, ask_to_end);
	if (s->at_once)
		return;
	each_tree(s, ask_tree);
	each(s, ask_top);
}

static void
kill_all(struct sweep *s)
{
	s->trees = 0;
	each_at_once(s, kill_it);
	each_tree(s, kill_tree);
}

/* Wait for this one; again: there is something else to be done before it ends,
 * or it is not where it was among the others. */
static bool
wait_for_one(struct sweep *s, struct proclc_task *task, int64_t due,
    bool *again)
{
	const struct pcl_batch *batch = task->batch;
	/* New ones come in every tree. */
	int64_t look = s->trees < 2 ? due : pcl_os_now() + PCL_TASK_LOOK_MS;
	bool ended;

	pcl_task_hold(&task, 1);
	ended = pcl_task_wait_until(task, look < due ? look : due) == 0;
	*again = (s->set == NULL && task->batch != batch) ||
	    (!ended && look < due);
	if (!ended && !*again && !s->stuck)
		note_survivor(s, task, task->pid, "lives");
	pcl_task_release(&task, 1);
	return ended;
}

/* The next one that has not ended: those after it are not looked at. */
static struct proclc_task *
next_live(struct sweep *s, struct proclc_task *task, size_t *i)
{
	pcl_descent_begin();
	do
		task = next_member(s, task, i);
	while (task != NULL && (!is_wanted(s, task) || pcl_task_ended(task)));
	pcl_descent_end();
	return task;
}

/* One after the other: that takes as long as all at once.  While the lock was
 * given up tasks may have come, so it is over when nobody was waited for. */
static bool
wait_for_all(struct sweep *s, int64_t due)
{
	struct proclc_task *task = NULL;
	bool waited = false, again = false;
	size_t i = 0;

	for (;;) {
		task = next_live(s, task, &i);
		if (task == NULL && !waited)
			return true;
		waited = task != NULL;
		if (waited && !wait_for_one(s, task, due, &again) && !again)
			return false;
		if (again)
			task = NULL;
	}
}

/* Who lives all the same, and why?  The first one is named. */
static void
report(struct sweep *s, struct proclc_task *task)
{
	char why[64];
	int64_t pid;

	if (!pcl_task_survives(task, &pid, why, sizeof(why)))
		return;
	pcl_log("shutdown: %s (pid %" PRId64 ") %s%s", pcl_task_name(task),
	    task->pid, task->forced ? "was killed and " : "", why);
	if (!s->stuck)
		note_survivor(s, task, pid, why);
	s->stuck = true;
}

static bool
sweep(struct sweep *s, int64_t due)
{
	if (!s->terminate)
		return wait_for_all(s, due);
	ask_all(s);
	if (!wait_for_all(s, due)) {
		kill_all(s);
		wait_for_all(s, pcl_os_now() + PCL_KILL_WAIT_MS);
	}
	each_at_once(s, report);
	return !s->stuck;
}

/* Those that may be terminated, then the others; what the call returns. */
static int
sweep_both(struct sweep *s, int64_t grace_ms)
{
	int64_t due = pcl_due(grace_ms == 0 ? GRACE_MS : grace_ms);
	bool done;

	each(s, end_restarts);
	s->terminate = true;
	s->at_once = grace_ms == PROCLC_NOW;
	done = sweep(s, due);
	s->terminate = false;
	done = sweep(s, s->at_exit ? PCL_NEVER : due) && done;
	if (done)
		return s->killed;
	return pcl_fail_pid(PROCLC_ETIMEDOUT, PROCLC_STAGE_WAIT, s->survivor,
	    "shutdown: %s", s->why);
}

int
pcl_task_end_batch(const struct pcl_batch *batch)
{
	struct sweep s = { .only = batch, .at_exit = true };
	int rc;

	pcl_enter(PCL_LOCK_TASK);
	rc = sweep_both(&s, 0);
	pcl_unlock(PCL_LOCK_TASK);
	return rc;
}

void
pcl_task_undo_set(struct proclc_task *const *tasks, size_t n)
{
	struct sweep s = { .set = tasks, .n = n, .whatever = true,
	    .terminate = true };

	sweep(&s, pcl_due(GRACE_MS));
}

static int
shut_down(struct sweep *s, int64_t grace_ms)
{
	int rc = pcl_task_enter();

	if (rc < 0)
		return rc;
	under_way += s->set == NULL;
	/* A callback may free one of the set. */
	pcl_task_hold(s->set, s->n);
	if (grace_ms < PROCLC_NOW)
		rc = pcl_fail(PROCLC_EINVAL, PROCLC_STAGE_ARGUMENTS,
		    "shutdown: grace");
	else
		rc = sweep_both(s, grace_ms);
	if (rc >= 0 && s->status != NULL)
		pcl_task_hand_out(s->set[0], s->status);
	pcl_task_release(s->set, s->n);
	under_way -= s->set == NULL;
	pcl_unlock(PCL_LOCK_TASK);
	return rc;
}

int
proclc_shutdown_all(int64_t grace_ms)
{
	struct sweep s = { .only = NULL };

	return shut_down(&s, grace_ms);
}

int
proclc_shutdown_set(struct proclc_task *const *tasks, size_t n,
    int64_t grace_ms)
{
	struct sweep s = { .set = tasks, .n = n };
	int rc = pcl_task_check_set(tasks, n);

	return rc < 0 || n == 0 ? rc : shut_down(&s, grace_ms);
}

int
proclc_task_shutdown(struct proclc_task *task, int64_t grace_ms,
    struct proclc_status *status)
{
	struct sweep s = { .set = &task, .n = 1, .status = status };
	int rc = pcl_task_check_status(status);

	if (rc == 0)
		rc = pcl_task_check(task);
	return rc < 0 ? rc : shut_down(&s, grace_ms);
}
