/*
 * orphan.c - a process never outlives its parent unnoticed.
 *
 * Promise: a living parent never looks dead, and a dead one never alive.  A
 * ready handle or a due time is only a hint; then the kernel is asked who our
 * parent is.  And the end comes: what the program does with the signal cannot
 * keep it, for the guard ends the process after the grace.
 */
#include "orphan.h"

#include <proclc/signals.h>

#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "dispatch.h"
#include "error.h"
#include "fork.h"
#include "guard.h"
#include "watch.h"

enum { GRACE_MS = 5000, INTERVAL_MS = 1000 };

static struct proclc_orphan *all;
static struct proclc_orphan *_Atomic one_liner;
/* The parent's, which a child frees when it has one of its own. */
static struct proclc_orphan *_Atomic inherited;
static bool known;

static void
unlist(struct proclc_orphan *w)
{
	struct proclc_orphan **at = &all;

	while (*at != NULL && *at != w)
		at = &(*at)->next;
	if (*at != NULL)
		*at = w->next;
}

/* A child has neither the watches nor their handles. */
static void
in_child(void)
{
	for (struct proclc_orphan *w = all; w != NULL; w = w->next)
		pcl_watch_let_go(w);
	all = NULL;
	if (one_liner != NULL)
		inherited = one_liner;
	one_liner = NULL;
}

/* Take one out of the list, to be stopped; the lock is held. */
static void
claim_stop(struct proclc_orphan *w)
{
	w->stopping = true;
	if (w->started)
		unlist(w);
	w->started = false;
}

/* No lock is held: a running callback may be at this watch. */
static void
finish_stop(struct proclc_orphan *w)
{
	pcl_source_remove(&w->source);
	pcl_deadline_remove(&w->deadline);
	pcl_lock(PCL_LOCK_ORPHAN);
	pcl_watch_let_go(w);
	w->stopping = false;
	pcl_broadcast(PCL_LOCK_ORPHAN);
	pcl_unlock(PCL_LOCK_ORPHAN);
}

static struct proclc_orphan *
claim_one_of_parent(void)
{
	struct proclc_orphan *w;

	pcl_lock(PCL_LOCK_ORPHAN);
	for (w = all; w != NULL && !w->of_parent;)
		w = w->next;
	if (w != NULL)
		claim_stop(w);
	pcl_unlock(PCL_LOCK_ORPHAN);
	return w;
}

/* A daemon has another parent by design: nobody is told of it.  The dispatcher
 * is back already, so the list may change between two of them. */
static int
settle(bool moved)
{
	struct proclc_orphan *w;

	while (moved && (w = claim_one_of_parent()) != NULL)
		finish_stop(w);
	/* A new call is for the new parent. */
	if (moved)
		proclc_orphan_free(atomic_exchange(&one_liner, NULL));
	return 0;
}

static size_t
handles(int *fds, size_t room)
{
	size_t n = 0;

	for (struct proclc_orphan *w = all; w != NULL; w = w->next) {
		pcl_handle_put(w->process.handle, fds, room, &n);
		for (int i = 0; i < 2; i++)
			pcl_handle_put(w->wake.handles[i], fds, room, &n);
	}
	return n;
}

static const struct pcl_fork_unit unit = {
	.name = "orphan",
	.child = in_child,
	.settle = settle,
	.handles = handles,
};

static int
enter(void)
{
	int rc = pcl_fork_init();

	if (rc < 0)
		return rc;
	pcl_enter(PCL_LOCK_ORPHAN);
	if (!known)
		pcl_fork_add_unit(&unit);
	known = true;
	return 0;
}

static int
read_options(struct proclc_orphan_options *o,
    const struct proclc_orphan_options *options)
{
	int rc = pcl_options_read(o, sizeof(*o), options);

	if (rc < 0)
		return rc;
	if (o->flags != 0 || o->backend > PROCLC_ORPHAN_POLL ||
	    o->parent < 0 || o->pid < 0 || (o->pid != 0 && o->parent != 0) ||
	    o->grace_ms < PROCLC_NOW || o->poll_interval_ms < 0)
		return pcl_fail(PROCLC_EINVAL, PROCLC_STAGE_ARGUMENTS,
		    "orphan watch: options");
	if (o->signum == 0)
		o->signum = PROCLC_SIGTERM;
	if (o->poll_interval_ms == 0)
		o->poll_interval_ms = INTERVAL_MS;
	if (!pcl_os_signal_valid(o->signum) ||
	    !pcl_os_signal_terminates(o->signum))
		return pcl_fail(PROCLC_ESIGNAL, PROCLC_STAGE_ARGUMENTS,
		    "orphan watch: signal %d", o->signum);
	return 0;
}

int
proclc_orphan_new(struct proclc_orphan **watch,
    const struct proclc_orphan_options *options)
{
	struct proclc_orphan_options o;
	struct proclc_orphan *w;
	int rc = read_options(&o, options);

	if (rc == 0 && watch == NULL)
		rc = pcl_fail(PROCLC_EINVAL, PROCLC_STAGE_ARGUMENTS,
		    "orphan watch");
	if (rc == 0)
		rc = pcl_fork_init();
	if (rc < 0)
		return rc;
	w = calloc(1, sizeof(*w));
	if (w == NULL)
		return pcl_fail(PROCLC_ENOMEM, PROCLC_STAGE_MEMORY,
		    "orphan watch");
	w->o = o;
	w->owner = pcl_process();
	w->process.handle = PCL_NONE;
	w->wake.handles[0] = w->wake.handles[1] = PCL_NONE;
	/* The parent now, not at the start: it may die between. */
	w->of_parent = o.pid == 0;
	if (w->of_parent && o.parent == 0)
		w->o.parent = pcl_os_parent_pid();
	*watch = w;
	return 0;
}

static int
orphaned(const struct proclc_orphan *w, int64_t pid)
{
	return pcl_fail_pid(PROCLC_EORPHANED, PROCLC_STAGE_PARENT, pid,
	    "orphan watch: %s %" PRId64 " is gone",
	    w->of_parent ? "parent" : "pid", pid);
}

static int
pin_parent(struct proclc_orphan *w)
{
	int rc;

	if (w->o.parent == 0)
		return pcl_fail(PROCLC_ENOTSUP, PROCLC_STAGE_PARENT,
		    "orphan watch: the parent is outside our pid namespace");
	rc = pcl_os_process_open(&w->process, w->o.parent);
	/* Still our parent, so the pid was not another's when we opened. */
	if (rc == 0 && pcl_os_parent_pid() == w->o.parent)
		return 0;
	if (rc == 0)
		pcl_watch_let_go(w);
	if (rc == PROCLC_ESRCH || rc == 0)
		return orphaned(w, w->o.parent);
	return pcl_fail(rc, PROCLC_STAGE_PARENT,
	    "orphan watch: open pid %" PRId64, w->o.parent);
}

static int
pin_other(struct proclc_orphan *w)
{
	int rc = pcl_os_process_open(&w->process, w->o.pid);

	if (rc == PROCLC_ESRCH ||
	    (rc == 0 && pcl_watch_gone(w, &w->process))) {
		pcl_watch_let_go(w);
		return orphaned(w, w->o.pid);
	}
	if (rc < 0)
		return pcl_fail(rc, PROCLC_STAGE_PARENT,
		    "orphan watch: open pid %" PRId64, w->o.pid);
	return 0;
}

/* Pinned, by a handle or not: is that as was asked for? */
static int
choose(struct proclc_orphan *w)
{
	if (w->o.backend == PROCLC_ORPHAN_POLL)
		pcl_watch_let_go(w);
	if (w->o.backend == PROCLC_ORPHAN_PIDFD &&
	    w->process.handle == PCL_NONE)
		return pcl_fail(PROCLC_ENOTSUP, PROCLC_STAGE_PARENT,
		    "orphan watch: no handle on pid %" PRId64,
		    w->process.pid);
	return 0;
}

/* Pinned: begin.  The unit's lock is held. */
static int
begin(struct proclc_orphan *w)
{
	int rc;

	w->source.handle = w->process.handle;
	w->source.due = w->process.handle == PCL_NONE ? 0 : PCL_NEVER;
	w->source.fn = pcl_watch_fire;
	w->parent = pcl_os_parent_pid();
	/* Without a handle: one that died before this look is gone, too. */
	if (w->process.handle == PCL_NONE && w->parent != 0 && w->of_parent)
		w->parent = w->process.pid;
	w->fired = false;
	w->to_tell = w->told;
	/* With callbacks alone the process is told, not ended. */
	w->ends = w->told == NULL || w->o.grace_ms != 0;
	w->grace_ms = w->o.grace_ms == 0 ? GRACE_MS : w->o.grace_ms;
	rc = w->ends ? pcl_watch_guard(w) : 0;
	if (rc == 0)
		rc = pcl_source_add(&w->source);
	if (rc < 0) {
		pcl_deadline_undo(&w->deadline);
		pcl_watch_let_go(w);
		return rc;
	}
	w->started = true;
	w->next = all;
	all = w;
	return 0;
}

/* Another thread's stop comes first; but it may wait for our own callback. */
static bool
await_stop(const struct proclc_orphan *w)
{
	while (w->stopping && !pcl_dispatching())
		pcl_wait(PCL_LOCK_ORPHAN, PCL_NEVER);
	return !w->stopping;
}

/* parent: a handle from before the fork, or NULL. */
static int
start(struct proclc_orphan *w, const struct pcl_os_process *parent)
{
	int rc = enter();

	if (rc < 0)
		return rc;
	if (!await_stop(w) || w->started)
		rc = pcl_fail(PROCLC_EALREADY, PROCLC_STAGE_PARENT,
		    "orphan watch");
	else if (parent != NULL)
		w->process = *parent;
	else
		rc = w->of_parent ? pin_parent(w) : pin_other(w);
	if (rc == 0)
		rc = choose(w);
	if (rc == 0)
		rc = begin(w);
	pcl_unlock(PCL_LOCK_ORPHAN);
	return rc;
}

int
proclc_orphan_start(struct proclc_orphan *w)
{
	int rc = pcl_watch_check(w);

	return rc < 0 ? rc : start(w, NULL);
}

int
pcl_orphan_start_with(struct proclc_orphan *w, struct pcl_os_process *parent)
{
	int rc = start(w, parent);

	parent->handle = PCL_NONE;
	return rc;
}

int
proclc_orphan_stop(struct proclc_orphan *w)
{
	int rc = pcl_watch_check(w);
	bool mine;

	if (rc < 0)
		return rc;
	pcl_enter(PCL_LOCK_ORPHAN);
	mine = await_stop(w);
	if (mine)
		claim_stop(w);
	pcl_unlock(PCL_LOCK_ORPHAN);
	if (mine)
		finish_stop(w);
	return 0;
}

void
proclc_orphan_free(struct proclc_orphan *w)
{
	if (w == NULL)
		return;
	if (w->owner == pcl_process())
		proclc_orphan_stop(w);
	pcl_watch_dispose(w);
}

int
proclc_exit_when_orphaned(void)
{
	struct proclc_orphan *w, *none = NULL;
	int rc = pcl_fork_init();

	if (rc < 0)
		return rc;
	pcl_process();
	if (one_liner != NULL)
		return 0;
	rc = proclc_orphan_new(&w, NULL);
	if (rc < 0)
		return rc;
	rc = proclc_orphan_start(w);
	if (rc < 0) {
		proclc_orphan_free(w);
		return rc;
	}
	/* Another thread may have been first. */
	if (!atomic_compare_exchange_strong(&one_liner, &none, w))
		proclc_orphan_free(w);
	proclc_orphan_free(atomic_exchange(&inherited, NULL));
	return 0;
}
