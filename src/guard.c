/*
 * guard.c - the thread that ends the process when a deadline passes.
 *
 * Promise: it runs nothing of the program's and takes no lock that a callback
 * can hold, so no callback, however stuck, can keep it from its one duty.
 */
#include "guard.h"

#include "dispatch.h"
#include "error.h"
#include "fork.h"

static struct {
	bool known;
	bool started;
	bool quit;
	struct pcl_os_thread thread;
	struct pcl_deadline *first;
} g;

static struct pcl_deadline *
earliest(void)
{
	struct pcl_deadline *found = g.first;

	for (struct pcl_deadline *d = g.first; d != NULL; d = d->next)
		if (d->due < found->due)
			found = d;
	return found;
}

static void
guard_main(void)
{
	struct pcl_deadline *next;

	pcl_lock(PCL_LOCK_GUARD);
	while (!g.quit) {
		next = earliest();
		if (next != NULL && next->due <= pcl_os_now())
			next->expire(next);
		pcl_wait(PCL_LOCK_GUARD, next == NULL ? PCL_NEVER : next->due);
	}
	pcl_unlock(PCL_LOCK_GUARD);
}

static void
in_child(void)
{
	g.started = false;
	g.first = NULL;
}

static void
leave(void)
{
	pcl_lock(PCL_LOCK_GUARD);
	g.quit = true;
	pcl_broadcast(PCL_LOCK_GUARD);
	pcl_unlock(PCL_LOCK_GUARD);
	if (g.started)
		pcl_os_thread_join(&g.thread);
	g.quit = false;
}

static int
start_locked(void)
{
	int rc;

	g.thread.name = "proclc-guard";
	g.thread.fn = guard_main;
	rc = pcl_os_thread_start(&g.thread);
	if (rc < 0)
		return pcl_fail(rc, PROCLC_STAGE_THREAD, "guard thread");
	g.started = true;
	return 0;
}

static int
settle(bool moved)
{
	int rc = 0;

	(void)moved;
	pcl_lock(PCL_LOCK_GUARD);
	if (g.started)
		rc = start_locked();
	pcl_unlock(PCL_LOCK_GUARD);
	return rc;
}

static const struct pcl_fork_unit unit = {
	.name = "guard",
	.child = in_child,
	.leave = leave,
	.settle = settle,
};

int
pcl_guard_start(void)
{
	int rc = pcl_fork_init();

	if (rc < 0)
		return rc;
	if (!pcl_threads_allowed())
		return pcl_fail(PROCLC_ENOTSUP, PROCLC_STAGE_THREAD,
		    "a deadline without threads");
	pcl_enter(PCL_LOCK_GUARD);
	if (!g.known)
		pcl_fork_add_unit(&unit);
	g.known = true;
	if (!g.started)
		rc = start_locked();
	pcl_unlock(PCL_LOCK_GUARD);
	return rc;
}

void
pcl_guard_arm(struct pcl_deadline *deadline)
{
	pcl_enter(PCL_LOCK_GUARD);
	if (!deadline->armed) {
		deadline->next = g.first;
		g.first = deadline;
		deadline->armed = true;
	}
	pcl_broadcast(PCL_LOCK_GUARD);
	pcl_unlock(PCL_LOCK_GUARD);
}

void
pcl_guard_disarm(struct pcl_deadline *deadline)
{
	struct pcl_deadline **at = &g.first;

	pcl_enter(PCL_LOCK_GUARD);
	while (*at != NULL && *at != deadline)
		at = &(*at)->next;
	if (*at != NULL)
		*at = deadline->next;
	deadline->armed = false;
	pcl_unlock(PCL_LOCK_GUARD);
}
