/*
 * dispatch.c - one door for every asynchronous event.
 *
 * Promise: callbacks run one at a time, in ordinary context, under no lock of
 * ours.  While nothing happens nobody wakes up.
 */
#include "dispatch.h"

#include <stdatomic.h>

#include "error.h"
#include "fork.h"
#include "source.h"

/* How long to wait for the thread to take note of a change. */
enum { ROUND_MS = 200 };

/* Read by the signal handler as well. */
_Atomic unsigned pcl_dispatch_mode = PROCLC_DISPATCH_THREAD;

struct pcl_loop pcl_loop = {
	.wake = { .first = 64, .handles = { PCL_NONE, PCL_NONE } },
	.ready = { .handle = PCL_NONE, .timer = PCL_NONE },
};
_Thread_local bool pcl_in_dispatch;

bool
pcl_dispatching(void)
{
	return pcl_in_dispatch;
}

/* The program has closed our wake-up.  A handler that ran meanwhile could not
 * post to it, so the new one is raised at once. */
static void
reopen_wake(void)
{
	pcl_os_wake_close(&pcl_loop.wake);
	if (pcl_os_wake_open(&pcl_loop.wake) < 0)
		return;
	if (pcl_dispatch_manual())
		pcl_manual_mend(true);
	pcl_os_wake_post(&pcl_loop.wake);
}

/* The same for all that the program may have closed. */
bool
pcl_dispatch_mend(void)
{
	if (!pcl_os_wake_intact(&pcl_loop.wake)) {
		reopen_wake();
		return pcl_os_wake_intact(&pcl_loop.wake);
	}
	if (pcl_dispatch_manual())
		pcl_manual_mend(false);
	return true;
}

/* Deliver the signals that have come; had any? */
static bool
drain_signals(void)
{
	bool (*drain)(void);

	pcl_lock(PCL_LOCK_DISPATCH);
	drain = pcl_loop.drain;
	pcl_unlock(PCL_LOCK_DISPATCH);
	return drain != NULL && drain();
}

bool
pcl_dispatch_step(int64_t due)
{
	struct pcl_os_sigset open;
	int64_t first;
	bool intact, found;
	size_t n;
	int rc;

	pcl_lock(PCL_LOCK_DISPATCH);
	intact = pcl_dispatch_mend();
	n = pcl_sources_fill(&pcl_loop.set);
	pcl_os_pollset_put(&pcl_loop.set, 0, pcl_loop.wake.handles[0]);
	open = pcl_loop.open;
	first = pcl_sources_due();
	/* Deaf to the wake-up: look again soon. */
	if (!intact)
		due = pcl_soon(due);
	pcl_loop.waiting = true;
	pcl_loop.round++;
	pcl_unlock(PCL_LOCK_DISPATCH);
	rc = pcl_os_pollset_wait(&pcl_loop.set, n, due < first ? due : first,
	    pcl_dispatch_manual() ? NULL : &open);
	pcl_lock(PCL_LOCK_DISPATCH);
	pcl_loop.waiting = false;
	pcl_broadcast(PCL_LOCK_DISPATCH);
	pcl_unlock(PCL_LOCK_DISPATCH);
	if ((rc < 0 || pcl_os_pollset_ready(&pcl_loop.set, 0)) &&
	    !pcl_os_wake_drain(&pcl_loop.wake))
		pcl_os_pause(PCL_PAUSE_MS);
	/* More handles than may be polled: ask all, again and again. */
	if (rc < 0 && pcl_os_pollset_wait(&pcl_loop.set, 0, pcl_soon(due),
	    pcl_dispatch_manual() ? NULL : &open) < 0)
		pcl_os_pause(PCL_PAUSE_MS);
	found = drain_signals() || rc != 0 || first <= pcl_os_now();
	pcl_lock(PCL_LOCK_DISPATCH);
	pcl_sources_run(rc < 0 ? NULL : &pcl_loop.set);
	if (pcl_dispatch_manual())
		pcl_manual_due();
	pcl_unlock(PCL_LOCK_DISPATCH);
	return found;
}

static int
start_thread(void);

static void
thread_main(void)
{
	int64_t due = pcl_next_wait(PCL_NEVER);
	unsigned idle = 0;
	bool quit;

	pcl_in_dispatch = true;
	pcl_os_steer_here(PCL_OS_DISPATCHER);
	pcl_lock(PCL_LOCK_DISPATCH);
	pcl_loop.running = true;
	pcl_broadcast(PCL_LOCK_DISPATCH);
	pcl_unlock(PCL_LOCK_DISPATCH);
	/* What arrived while there was no thread woke nobody. */
	drain_signals();
	do {
		pcl_pace(&idle, due, pcl_dispatch_step(due));
		due = pcl_next_wait(due);
		pcl_lock(PCL_LOCK_DISPATCH);
		quit = pcl_loop.quit;
		pcl_unlock(PCL_LOCK_DISPATCH);
	} while (!quit);
}

/* A callback has called pthread_exit: that ends it, and this thread; another
 * one goes on. */
static void
thread_lost(void)
{
	pcl_fork_callback_lost();
	pcl_lock(PCL_LOCK_DISPATCH);
	pcl_loop.running = false;
	if (start_thread() < 0)
		pcl_log("dispatch: %s", proclc_errmsg());
	pcl_unlock(PCL_LOCK_DISPATCH);
}

static int
start_thread(void)
{
	int rc;

	pcl_loop.thread.name = "proclc";
	pcl_loop.thread.fn = thread_main;
	pcl_loop.thread.lost = thread_lost;
	pcl_loop.quit = false;
	rc = pcl_os_thread_start(&pcl_loop.thread);
	if (rc < 0)
		return pcl_fail(rc, PROCLC_STAGE_THREAD, "dispatch thread");
	/* The wait lets others in, who must not make a second one. */
	pcl_loop.started = true;
	while (!pcl_loop.running)
		pcl_wait(PCL_LOCK_DISPATCH, PCL_NEVER);
	return 0;
}

static int
open_handles(void)
{
	int rc = pcl_sources_reserve();

	if (rc == 0 && !pcl_os_wake_intact(&pcl_loop.wake))
		rc = pcl_os_wake_open(&pcl_loop.wake);
	if (rc == 0 && pcl_dispatch_manual())
		rc = pcl_os_ready_open(&pcl_loop.ready,
		    pcl_loop.wake.handles[0]);
	if (rc < 0)
		return pcl_fail(rc, PROCLC_STAGE_PIPE, "dispatch handles");
	return 0;
}

static void
close_handles(void)
{
	pcl_os_ready_abandon(&pcl_loop.ready, pcl_loop.wake.handles[0]);
	pcl_os_wake_close(&pcl_loop.wake);
}

/* In a child: the thread is not there, the handles are the parent's. */
static void
in_child(void)
{
	close_handles();
	pcl_loop.started = pcl_loop.running = pcl_loop.busy = false;
	pcl_loop.waiting = false;
	pcl_loop.open.bits = 0;
	pcl_sources_forget();
	pcl_in_dispatch = false;
}

static int
may_move(void)
{
	if (pcl_in_dispatch)
		return pcl_fail(PROCLC_ECALLBACK, PROCLC_STAGE_ARGUMENTS,
		    "called on the library's thread");
	return 0;
}

/* Wake the dispatcher where it waits.  When the program has closed one end of
 * the wake-up, closing the other one wakes it, too; then it makes a new one. */
static void
look_again(void)
{
	if (!pcl_in_dispatch && !pcl_os_wake_post(&pcl_loop.wake))
		pcl_os_wake_close(&pcl_loop.wake);
}

static void
leave(void)
{
	pcl_lock(PCL_LOCK_DISPATCH);
	if (!pcl_loop.running) {
		pcl_unlock(PCL_LOCK_DISPATCH);
		return;
	}
	pcl_loop.quit = true;
	look_again();
	pcl_unlock(PCL_LOCK_DISPATCH);
	pcl_os_thread_join(&pcl_loop.thread);
	pcl_loop.running = false;
}

static int
settle(bool moved)
{
	int rc = 0;

	(void)moved;
	pcl_lock(PCL_LOCK_DISPATCH);
	if (pcl_loop.started && !pcl_dispatch_manual() && !pcl_loop.running)
		rc = start_thread();
	pcl_unlock(PCL_LOCK_DISPATCH);
	return rc;
}

static size_t
handles(int *fds, size_t room)
{
	size_t n = 0;

	for (int i = 0; i < 2; i++)
		pcl_handle_put(pcl_loop.wake.handles[i], fds, room, &n);
	pcl_handle_put(pcl_loop.ready.handle, fds, room, &n);
	pcl_handle_put(pcl_loop.ready.timer, fds, room, &n);
	return n;
}

static void
callback_lost(void)
{
	pcl_lock(PCL_LOCK_DISPATCH);
	pcl_sources_lost();
	pcl_unlock(PCL_LOCK_DISPATCH);
}

static const struct pcl_fork_unit unit = {
	.name = "dispatch",
	.callback_lost = callback_lost,
	.handles = handles,
	.child = in_child,
	.may_move = may_move,
	.leave = leave,
	.settle = settle,
};

int
pcl_dispatch_enter(void)
{
	int rc = pcl_fork_init();

	if (rc < 0)
		return rc;
	pcl_enter(PCL_LOCK_DISPATCH);
	if (!pcl_loop.known) {
		pcl_loop.known = true;
		pcl_fork_add_unit(&unit);
	}
	return 0;
}

int
pcl_dispatch_start_locked(void)
{
	int rc;

	if (pcl_loop.started) {
		if (pcl_dispatch_manual())
			pcl_dispatch_mend();
		return 0;
	}
	rc = open_handles();
	if (rc == 0 && !pcl_dispatch_manual())
		rc = start_thread();
	if (rc < 0)
		close_handles();
	pcl_loop.started = rc == 0;
	pcl_loop.chosen = pcl_loop.chosen || pcl_loop.started;
	return rc;
}

int
pcl_dispatch_start(void)
{
	int rc = pcl_dispatch_enter();

	if (rc < 0)
		return rc;
	rc = pcl_dispatch_start_locked();
	pcl_unlock(PCL_LOCK_DISPATCH);
	return rc;
}

void
pcl_dispatch_changed(void)
{
	if (pcl_dispatch_manual())
		pcl_manual_due();
	if (!pcl_dispatch_manual() || pcl_loop.busy)
		look_again();
}

/* Until the thread does not wait with an old set any more. */
static void
await_round(void)
{
	int64_t due = pcl_os_now() + ROUND_MS;
	uint64_t round = pcl_loop.round;

	while (pcl_loop.waiting && pcl_loop.round == round &&
	    pcl_os_now() < due)
		pcl_wait(PCL_LOCK_DISPATCH, due);
}

void
pcl_dispatch_signals(struct pcl_os_sigset open, bool (*drain)(void))
{
	uint64_t closed;

	pcl_lock(PCL_LOCK_DISPATCH);
	closed = pcl_loop.open.bits & ~open.bits;
	pcl_loop.open = open;
	pcl_loop.drain = drain;
	/* The thread waits with the old set. */
	if (!pcl_dispatch_manual())
		look_again();
	if (closed != 0 && !pcl_in_dispatch)
		await_round();
	pcl_unlock(PCL_LOCK_DISPATCH);
}

void
pcl_dispatch_in_child(void)
{
	pcl_lock(PCL_LOCK_DISPATCH);
	atomic_store(&pcl_dispatch_mode, PROCLC_DISPATCH_THREAD);
	pcl_loop.chosen = false;
	pcl_unlock(PCL_LOCK_DISPATCH);
}

void
pcl_dispatch_wake(int signum)
{
	if (pcl_dispatch_manual() || !pcl_os_steer(PCL_OS_DISPATCHER, signum))
		pcl_os_wake_post(&pcl_loop.wake);
}
