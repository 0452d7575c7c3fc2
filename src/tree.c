/*
 * tree.c - a task that is stopped with all its descendants, also those that
 * have left its group or session.
 *
 * Promise: only descendants are signalled.  Where the system has a set that
 * nobody leaves (a job) all of them are in it.  Else the child is made the
 * heir of its orphans, so all are found below it as long as it is there: it
 * is asked or killed last, and stopped before, so that nobody comes any more.
 * Those that were seen are remembered, by pid and start, for when it is gone.
 */
#include "task.h"

#include <proclc/signals.h>

#include <stdlib.h>

#include "descent.h"
#include "error.h"
#include "fork.h"

/* So often to see the child stopped; so long to let the others die. */
enum { STOP_STEPS = 10, DYING_MS = 5, TOP_MS = 1000, UNSEEN = -1 };

enum phase {
	QUIET,
	ASKED,	/* to end */
	KILLED
};

struct pcl_tree {
	struct pcl_os_job job;
	enum phase phase;
	int64_t killed_at;
	bool unseen;	/* it could not be listed as long as the child lived */
	int64_t left;	/* given up: the pid of one that lives, or UNSEEN */
	struct pcl_kinset members;	/* as far as they are known */
};

int
pcl_tree_new(struct proclc_task *task)
{
	struct pcl_extras *extras = pcl_task_extras(task);
	struct pcl_os_process self;
	struct pcl_os_kin kin;
	int rc;

	if (extras != NULL)
		extras->tree = calloc(1, sizeof(*extras->tree));
	if (extras == NULL || extras->tree == NULL)
		return pcl_fail(PROCLC_ENOMEM, PROCLC_STAGE_MEMORY,
		    "task %s: tree", pcl_task_name(task));
	rc = pcl_os_kin_look(pcl_os_pid(), &kin);
	if (rc == 0)
		rc = pcl_os_process_pin(&self, pcl_os_pid());
	if (rc == 0 && self.handle == PCL_NONE)
		rc = PROCLC_ENOTSUP;
	else if (rc == 0)
		pcl_os_process_close(&self);
	return rc == 0 ? 0 : pcl_fail(rc, PROCLC_STAGE_ARGUMENTS,
	    "task %s: tree", pcl_task_name(task));
}

static struct pcl_tree *
tree_of(const struct proclc_task *task)
{
	return task->extras == NULL ? NULL : task->extras->tree;
}

static void
forget_members(struct pcl_tree *tree)
{
	free(tree->members.list);
	tree->members = (struct pcl_kinset){ .n = 0 };
}

void
pcl_tree_end(struct proclc_task *task)
{
	struct pcl_tree *tree = tree_of(task);

	if (tree == NULL)
		return;
	forget_members(tree);
	if (tree->job.place != NULL)
		pcl_os_job_remove(&tree->job);
}

void
pcl_tree_free(struct proclc_task *task)
{
	struct pcl_tree *tree = tree_of(task);

	if (tree == NULL)
		return;
	if (task->owner == pcl_process())
		pcl_tree_end(task);
	forget_members(tree);
	pcl_os_job_forget(&tree->job);
	free(tree);
}

int
pcl_tree_begin(struct proclc_task *task)
{
	struct pcl_tree *tree = tree_of(task);
	struct pcl_os_job job;
	int rc;

	if (tree == NULL)
		return 0;
	rc = pcl_os_job_make(&job);
	pcl_lock(PCL_LOCK_TASK);
	pcl_tree_end(task);
	pcl_os_job_forget(&tree->job);
	tree->job = job;
	tree->phase = QUIET;
	tree->unseen = false;
	tree->left = 0;
	pcl_unlock(PCL_LOCK_TASK);
	return rc == PROCLC_ENOTSUP ? 0 : rc;
}

const char *
pcl_tree_place(const struct proclc_task *task)
{
	const struct pcl_tree *tree = tree_of(task);

	return tree == NULL || tree->job.place == NULL ? "" :
	    tree->job.place;
}

bool
pcl_tree_entry(const struct proclc_task *task, char *path, size_t size)
{
	const struct pcl_tree *tree = tree_of(task);

	return tree != NULL && tree->job.place != NULL &&
	    pcl_os_job_entry(&tree->job, path, size);
}

int
pcl_tree_adopt(struct proclc_task *task, const char *place)
{
	int rc = pcl_tree_new(task);

	if (rc == 0 && *place != '\0')
		rc = pcl_os_job_adopt(&tree_of(task)->job, place);
	return rc;
}

int
pcl_tree_enter(struct proclc_task *task)
{
	struct pcl_tree *tree = tree_of(task);

	if (tree == NULL)
		return 0;
	forget_members(tree);
	tree->phase = QUIET;
	if (tree->job.place != NULL && pcl_os_job_enter(&tree->job) == 0)
		return 0;
	pcl_os_job_forget(&tree->job);
	return pcl_os_subreaper(true);
}

/* Its pid, while nobody else can have it: it is not reaped; else 0. */
static int64_t
top_of(const struct proclc_task *task)
{
	if (task->pid == pcl_os_pid())
		return task->pid;
	return pcl_os_look(task->pid) == PCL_OS_GONE ? 0 : task->pid;
}

/* Not under another number: it is looked at while it is pinned. */
static void
signal_top(const struct proclc_task *task, int signum)
{
	struct pcl_os_process process;
	int rc;

	rc = pcl_os_process_pin(&process, task->pid);
	/* No descriptor is to be had: it is our child, and not reaped. */
	if (rc < 0 && rc != PROCLC_ESRCH && task->pid != pcl_os_pid() &&
	    pcl_os_look(task->pid) == PCL_OS_LIVES)
		pcl_os_child_signal(task->pid, signum);
	if (rc < 0)
		return;
	/* Who is deaf, where that can be, is not asked. */
	if (pcl_os_look(task->pid) == PCL_OS_LIVES &&
	    pcl_os_process_signal(&process, signum) == PROCLC_ENOTSUP)
		pcl_os_process_signal(&process, PROCLC_SIGKILL);
	pcl_os_process_close(&process);
}

/* Where the child could not enter it, it is of no use. */
static bool
has_job(const struct proclc_task *task, struct pcl_tree *tree)
{
	if (tree->job.place == NULL)
		return false;
	if (pcl_os_look(task->pid) == PCL_OS_LIVES &&
	    !pcl_os_job_has(&tree->job, task->pid) &&
	    !pcl_os_job_lives(&tree->job))
		pcl_os_job_remove(&tree->job);
	return tree->job.place != NULL;
}

static struct pcl_descent
descend(const struct proclc_task *task, struct pcl_tree *tree, int signum)
{
	struct pcl_descent d = pcl_descend(&tree->members, top_of(task),
	    signum);

	if (pcl_os_look(task->pid) == PCL_OS_LIVES)
		tree->unseen = d.error < 0;
	return d;
}

bool
pcl_tree_ask_begin(struct proclc_task *task)
{
	struct pcl_tree *tree = task->extras->tree;

	tree->phase = ASKED;
	if (has_job(task, tree)) {
		pcl_os_job_ask(&tree->job, task->pid);
		return false;
	}
	/* Nobody knows of one that it makes after the last look, and leaves
	 * behind. */
	if (task->pid != pcl_os_pid())
		signal_top(task, pcl_os_sigstop);
	return true;
}

bool
pcl_tree_ask_step(struct proclc_task *task, int step)
{
	struct pcl_tree *tree = task->extras->tree;
	struct pcl_descent d;

	if (tree->job.place != NULL)
		return false;
	d = descend(task, tree, PROCLC_SIGTERM);
	return d.fresh > 0 || d.error < 0 || (d.top_runs && step < STOP_STEPS &&
	    task->pid != pcl_os_pid());
}

void
pcl_tree_ask_end(struct proclc_task *task)
{
	signal_top(task, PROCLC_SIGTERM);
	signal_top(task, pcl_os_sigcont);
}

void
pcl_tree_ask(struct proclc_task *task)
{
	bool more = pcl_tree_ask_begin(task);

	for (int i = 0; i < PCL_TREE_STEPS && more; i++)
		more = pcl_tree_ask_step(task, i);
	pcl_tree_ask_end(task);
}

bool
pcl_tree_kill_begin(struct proclc_task *task)
{
	struct pcl_tree *tree = task->extras->tree;

	tree->killed_at = pcl_os_now();
	tree->phase = KILLED;
	if (has_job(task, tree)) {
		pcl_os_job_kill(&tree->job);
		return false;
	}
	/* So nobody comes any more, and orphans are its children. */
	signal_top(task, pcl_os_sigstop);
	return true;
}

/* Until nobody but the task's child lives and that is stopped; then that one,
 * too. */
bool
pcl_tree_kill_step(struct proclc_task *task, int step)
{
	struct pcl_tree *tree = task->extras->tree;
	struct pcl_descent d;
	bool more;

	if (tree->job.place != NULL)
		return false;
	d = descend(task, tree, PROCLC_SIGKILL);
	more = d.live > 0 || (d.top_runs && step < STOP_STEPS);
	if (d.top_runs)
		signal_top(task, pcl_os_sigstop);
	/* Whom the kernel keeps does not keep it. */
	if (!more || pcl_os_now() - tree->killed_at > TOP_MS)
		signal_top(task, PROCLC_SIGKILL);
	return more;
}

void
pcl_tree_kill(struct proclc_task *task)
{
	struct pcl_tree *tree = task->extras->tree;
	bool more = true;

	if (tree->phase == KILLED) {
		if (has_job(task, tree))
			pcl_os_job_kill(&tree->job);
		else
			pcl_tree_kill_step(task, STOP_STEPS);
		return;
	}
	if (!pcl_tree_kill_begin(task))
		return;
	for (int i = 0; i < PCL_TREE_STEPS && more; i++) {
		more = pcl_tree_kill_step(task, i);
		if (more)
			pcl_os_pause(1);
	}
}

/* Does anybody but the task's child live, as far as that is known? */
static bool
rest_lives(const struct proclc_task *task, struct pcl_tree *tree)
{
	if (tree->job.place != NULL)
		return pcl_os_job_lives(&tree->job);
	/* Who comes in the grace is there to clean up, perhaps. */
	return tree->phase != QUIET && descend(task, tree, 0).live > 0;
}

bool
pcl_tree_is_done(struct proclc_task *task)
{
	const uint32_t spare = PROCLC_TASK_NO_TERMINATE_ON_SHUTDOWN;
	struct pcl_tree *tree = task->extras->tree;

	if (pcl_os_look(task->pid) == PCL_OS_LIVES) {
		/* New ones are to be known. */
		if (tree->phase == KILLED)
			pcl_tree_kill(task);
		else if (tree->phase == ASKED && tree->job.place == NULL)
			rest_lives(task, tree);
		/* It is to be looked at as an ended one before it is reaped. */
		return false;
	}
	if (!rest_lives(task, tree) || (task->flags & spare) != 0 ||
	    task->detached) {
		tree->left = tree->unseen ? UNSEEN : 0;
		return true;
	}
	if (task->spared && tree->phase != KILLED)
		return false;
	/* In a round nobody sees what this does. */
	pcl_tree_kill(task);
	for (int i = 0; i < DYING_MS && !pcl_descent_is_shared() &&
	    rest_lives(task, tree); i++)
		pcl_os_pause(1);
	if (!rest_lives(task, tree))
		return true;
	if (pcl_os_now() - tree->killed_at <= PCL_KILL_WAIT_MS)
		return false;
	tree->left = pcl_descent_survivor(&tree->members);
	if (tree->left == 0)
		tree->left = UNSEEN;
	return true;
}

int64_t
pcl_tree_take_left(struct proclc_task *task)
{
	struct pcl_tree *tree = tree_of(task);
	int64_t left = tree == NULL ? 0 : tree->left;

	if (tree != NULL)
		tree->left = 0;
	return left;
}

bool
pcl_tree_changes(const struct proclc_task *task)
{
	const struct pcl_tree *tree = tree_of(task);

	return tree != NULL && tree->phase != QUIET;
}

void
pcl_tree_orphaned(struct proclc_task *task)
{
	if (tree_of(task) == NULL)
		return;
	pcl_lock(PCL_LOCK_TASK);
	pcl_tree_ask(task);
	pcl_unlock(PCL_LOCK_TASK);
}
