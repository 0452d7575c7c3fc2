/*
 * guard.c - the thread that ends the process when a deadline passes.
 *
 * Promise: it runs nothing of the program's and takes no lock that a callback
 * can hold, so no callback, however stuck, can keep it from its one duty.
 * While nothing happens it does not wake up.
 */
#include "guard.h"

#include <stdatomic.h>

#include "dispatch.h"
#include "error.h"
#include "fork.h"

/* How long to wait for the thread to take note of a change. */
enum { ROUND_MS = 200 };

static struct {
	bool known;
	bool started;
	bool quit;
	bool retiring;	/* somebody waits for its end */
	bool waiting;	/* it is in its poll, */
	uint64_t round;	/* for the so manieth time */
	struct pcl_os_thread thread;
	struct pcl_os_wake wake;
	struct pcl_os_pollset set, next;	/* as in source.c */
	struct pcl_os_sigset open;
	struct pcl_deadline *first;
	size_t n;
} g = { .wake = { .first = 96, .handles = { PCL_NONE, PCL_NONE } } };

/* The handle, unless the program has closed it; then look_ms count. */
static intptr_t
handle_of(struct pcl_deadline *d)
{
	if (d->handle != PCL_NONE && pcl_os_file_is(d->handle, &d->id) == 0)
		d->handle = PCL_NONE;
	return d->handle;
}

/* See struct pcl_deadline. */
enum { ARMED_UNIT = 128 };

static int64_t
due_of(const struct pcl_deadline *d)
{
	int64_t armed = atomic_load(&d->armed);

	return armed == PCL_NEVER ? PCL_NEVER : armed / ARMED_UNIT;
}

int
pcl_deadline_signum(const struct pcl_deadline *deadline)
{
	int64_t armed = atomic_load(&deadline->armed);

	return armed == PCL_NEVER ? 0 : (int)(armed % ARMED_UNIT);
}

/* When to look by ourselves whether it has happened. */
static int64_t
look_at(struct pcl_deadline *d)
{
	if (d->handle != PCL_NONE || d->look_ms == 0 ||
	    due_of(d) != PCL_NEVER)
		return PCL_NEVER;
	if (d->look_at == PCL_NEVER)
		d->look_at = pcl_os_now() + d->look_ms;
	return d->look_at;
}

/* Put the handles into the set; returns the number of entries, and when the
 * first deadline is due, or something to look at. */
static size_t
collect(int64_t *due)
{
	size_t n = 1;

	if (!pcl_os_wake_intact(&g.wake)) {
		pcl_os_wake_close(&g.wake);
		pcl_os_wake_open(&g.wake);
	}
	if (g.next.room > g.set.room) {
		pcl_os_pollset_free(&g.set);
		g.set = g.next;
		g.next = (struct pcl_os_pollset){ .room = 0 };
	}
	pcl_os_pollset_put(&g.set, 0, g.wake.handles[0]);
	*due = PCL_NEVER;
	for (struct pcl_deadline *d = g.first; d != NULL; d = d->next) {
		pcl_os_pollset_put(&g.set, n, handle_of(d));
		d->entry = n++;
		if (due_of(d) < *due)
			*due = due_of(d);
		if (look_at(d) < *due)
			*due = d->look_at;
	}
	/* Deaf to the wake-up: look again soon. */
	if (!pcl_os_wake_intact(&g.wake))
		*due = pcl_soon(*due);
	return n;
}

/* Is it worth to ask whether it has happened? */
static bool
hint(struct pcl_deadline *d)
{
	if (d->handle != PCL_NONE && d->entry != 0 &&
	    pcl_os_pollset_ready(&g.set, d->entry)) {
		/* Once: it stays ready, or is not ours any more. */
		d->handle = PCL_NONE;
		return true;
	}
	if (look_at(d) > pcl_os_now())
		return false;
	d->look_at = PCL_NEVER;
	return true;
}

/* Look at each: has it happened, is it due? */
static void
look(void)
{
	for (struct pcl_deadline *d = g.first; d != NULL; d = d->next) {
		if (hint(d) && d->happened(d))
			pcl_deadline_start(d, 0);
		if (due_of(d) <= pcl_os_now())
			d->expire(d);
	}
}

/* Wait; returns whether anything was found. */
static bool
wait_for(size_t n, int64_t due, const struct pcl_os_sigset *open)
{
	int rc = pcl_os_pollset_wait(&g.set, n, due, open);

	if (rc < 0 || !pcl_os_wake_drain(&g.wake))
		pcl_os_pause(PCL_PAUSE_MS);
	return rc != 0;
}

static void
guard_main(void)
{
	int64_t due, rest = pcl_next_wait(PCL_NEVER);
	struct pcl_os_sigset open;
	unsigned idle = 0;
	size_t n;

	pcl_os_steer_here(PCL_OS_GUARD);
	pcl_lock(PCL_LOCK_GUARD);
	while (!g.quit) {
		n = collect(&due);
		open = g.open;
		g.waiting = true;
		g.round++;
		pcl_unlock(PCL_LOCK_GUARD);
		due = due < rest ? due : rest;
		pcl_pace(&idle, due, wait_for(n, due, &open));
		rest = pcl_next_wait(rest);
		pcl_lock(PCL_LOCK_GUARD);
		g.waiting = false;
		pcl_broadcast(PCL_LOCK_GUARD);
		look();
	}
	pcl_unlock(PCL_LOCK_GUARD);
}

static void
in_child(void)
{
	pcl_os_wake_close(&g.wake);
	g.started = g.waiting = g.quit = g.retiring = false;
	g.first = NULL;
	g.n = 0;
	g.open.bits = 0;
}

/* As in dispatch.c. */
static void
look_again(void)
{
	if (!pcl_os_wake_post(&g.wake))
		pcl_os_wake_close(&g.wake);
}

static void
leave(void)
{
	pcl_lock(PCL_LOCK_GUARD);
	while (g.retiring)
		pcl_wait(PCL_LOCK_GUARD, PCL_NEVER);
	g.quit = true;
	look_again();
	pcl_unlock(PCL_LOCK_GUARD);
	if (g.started)
		pcl_os_thread_join(&g.thread);
}

static int
start_locked(void)
{
	int rc = 0;

	if (!pcl_os_wake_intact(&g.wake))
		rc = pcl_os_wake_open(&g.wake);
	if (rc < 0)
		return pcl_fail(rc, PROCLC_STAGE_PIPE, "guard thread");
	g.quit = false;
	pcl_os_steer_gone(PCL_OS_GUARD);
	g.thread.name = "proclc-guard";
	g.thread.fn = guard_main;
	rc = pcl_os_thread_start(&g.thread);
	if (rc < 0) {
		pcl_os_wake_close(&g.wake);
		return pcl_fail(rc, PROCLC_STAGE_THREAD, "guard thread");
	}
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

static size_t
handles(int *fds, size_t room)
{
	size_t n = 0;

	for (int i = 0; i < 2; i++)
		pcl_handle_put(g.wake.handles[i], fds, room, &n);
	return n;
}

static const struct pcl_fork_unit unit = {
	.name = "guard",
	.child = in_child,
	.leave = leave,
	.settle = settle,
	.handles = handles,
};

static int
add_locked(struct pcl_deadline *deadline)
{
	int rc = 0;

	while (g.retiring)
		pcl_wait(PCL_LOCK_GUARD, PCL_NEVER);
	if (deadline->added)
		return 0;
	if (pcl_os_pollset_reserve(&g.next, g.n + 2) < 0)
		return pcl_fail(PROCLC_ENOMEM, PROCLC_STAGE_MEMORY,
		    "guard thread");
	if (deadline->handle != PCL_NONE)
		rc = pcl_os_file_id(deadline->handle, &deadline->id);
	if (rc < 0)
		return pcl_fail(rc, PROCLC_STAGE_PIPE, "guard a handle");
	deadline->made = !g.started;
	if (!g.started)
		rc = start_locked();
	if (rc < 0)
		return rc;
	atomic_store(&deadline->armed, PCL_NEVER);
	deadline->entry = 0;
	deadline->look_at = PCL_NEVER;
	deadline->next = g.first;
	deadline->added = true;
	g.first = deadline;
	g.n++;
	look_again();
	return 0;
}

int
pcl_deadline_add(struct pcl_deadline *deadline)
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
	rc = add_locked(deadline);
	pcl_unlock(PCL_LOCK_GUARD);
	return rc;
}

static void
remove_locked(struct pcl_deadline *deadline)
{
	struct pcl_deadline **at = &g.first;

	while (*at != NULL && *at != deadline)
		at = &(*at)->next;
	if (*at != NULL) {
		*at = deadline->next;
		g.n--;
	}
	deadline->added = false;
}

void
pcl_deadline_remove(struct pcl_deadline *deadline)
{
	pcl_enter(PCL_LOCK_GUARD);
	remove_locked(deadline);
	pcl_unlock(PCL_LOCK_GUARD);
}

/* Nobody needs the thread: end it.  The lock is given up for that; who adds a
 * deadline meanwhile waits. */
static void
retire(void)
{
	g.quit = g.retiring = true;
	look_again();
	pcl_unlock(PCL_LOCK_GUARD);
	pcl_os_thread_join(&g.thread);
	pcl_lock(PCL_LOCK_GUARD);
	g.retiring = g.started = false;
	pcl_os_wake_close(&g.wake);
	pcl_broadcast(PCL_LOCK_GUARD);
}

void
pcl_deadline_undo(struct pcl_deadline *deadline)
{
	bool made;

	pcl_enter(PCL_LOCK_GUARD);
	made = deadline->added && deadline->made;
	remove_locked(deadline);
	if (made && g.first == NULL && g.started && !g.quit)
		retire();
	pcl_unlock(PCL_LOCK_GUARD);
}

void
pcl_deadline_start(struct pcl_deadline *deadline, int signum)
{
	int64_t never = PCL_NEVER, due = pcl_due(deadline->ms);

	/* A time that far away does not come. */
	if (due >= PCL_NEVER / ARMED_UNIT)
		due = PCL_NEVER / ARMED_UNIT - 1;
	if (!atomic_compare_exchange_strong(&deadline->armed, &never,
	    due * ARMED_UNIT + signum) && deadline->impatient && signum != 0)
		atomic_store(&deadline->armed, signum);
	if (signum == 0 || !pcl_os_steer(PCL_OS_GUARD, signum))
		pcl_os_wake_post(&g.wake);
}

void
pcl_deadline_stop(struct pcl_deadline *deadline, int signum)
{
	int64_t armed = atomic_load(&deadline->armed);

	if (armed != PCL_NEVER && armed % ARMED_UNIT == signum)
		atomic_compare_exchange_strong(&deadline->armed, &armed,
		    PCL_NEVER);
}

void
pcl_guard_open(struct pcl_os_sigset open)
{
	int64_t due = pcl_os_now() + ROUND_MS;
	uint64_t closed, round;

	pcl_enter(PCL_LOCK_GUARD);
	round = g.round;
	closed = g.open.bits & ~open.bits;
	g.open = open;
	if (g.started)
		look_again();
	/* As in dispatch.c: it must not let in any more what is closed. */
	while (closed != 0 && g.waiting && g.round == round &&
	    pcl_os_now() < due)
		pcl_wait(PCL_LOCK_GUARD, due);
	pcl_unlock(PCL_LOCK_GUARD);
}
