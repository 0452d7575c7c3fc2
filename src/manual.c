/*
 * manual.c - the program drives the dispatcher.
 *
 * Promise: in MANUAL mode no callback runs outside proclc_dispatch(), and one
 * descriptor tells when there is work for it.
 */
#include "source.h"

#include <stdatomic.h>

#include "error.h"
#include "fork.h"

/* Which call of proclc_dispatch was this thread's last one; 0: none. */
static _Thread_local uint64_t drove;

static int
refuse(int code)
{
	return pcl_fail(code, PROCLC_STAGE_ARGUMENTS, "dispatch");
}

bool
pcl_dispatch_manual(void)
{
	return (atomic_load(&pcl_dispatch_mode) & PROCLC_DISPATCH_MANUAL) != 0;
}

bool
pcl_threads_allowed(void)
{
	return (atomic_load(&pcl_dispatch_mode) & PROCLC_NO_THREADS) == 0;
}

int
pcl_manual_mend(bool new_wake)
{
	intptr_t wake = pcl_loop.wake.handles[0];
	int rc = 0;

	if (!pcl_os_ready_intact(&pcl_loop.ready, wake)) {
		rc = pcl_os_ready_open(&pcl_loop.ready, wake);
		if (rc == 0)
			pcl_sources_watch();
	} else if (new_wake) {
		rc = pcl_os_ready_add(&pcl_loop.ready, wake);
	}
	return rc;
}

void
pcl_manual_due(void)
{
	pcl_dispatch_mend();
	pcl_os_ready_due(&pcl_loop.ready, pcl_sources_due());
}

int
pcl_dispatch_watch(intptr_t handle)
{
	if (!pcl_dispatch_manual() || handle == PCL_NONE)
		return 0;
	return pcl_os_ready_add(&pcl_loop.ready, handle);
}

void
pcl_dispatch_unwatch(intptr_t handle)
{
	if (pcl_dispatch_manual() && handle != PCL_NONE &&
	    pcl_os_ready_intact(&pcl_loop.ready, pcl_loop.wake.handles[0]))
		pcl_os_ready_remove(&pcl_loop.ready, handle);
}

/* MANUAL shows at once whether it is to be had; else nothing has changed. */
static int
use_mode(unsigned wanted)
{
	unsigned before = atomic_exchange(&pcl_dispatch_mode, wanted);
	int rc = 0;

	if (wanted != PROCLC_DISPATCH_THREAD)
		rc = pcl_dispatch_start_locked();
	if (rc < 0)
		atomic_store(&pcl_dispatch_mode, before);
	pcl_loop.chosen = rc == 0;
	return rc;
}

int
proclc_set_dispatch_mode(unsigned wanted)
{
	int rc;

	if (wanted != PROCLC_DISPATCH_THREAD &&
	    (wanted & ~(unsigned)PROCLC_NO_THREADS) != PROCLC_DISPATCH_MANUAL)
		return refuse(PROCLC_EINVAL);
	rc = pcl_dispatch_enter();
	if (rc < 0)
		return rc;
	if (pcl_loop.chosen && atomic_load(&pcl_dispatch_mode) != wanted)
		rc = refuse(PROCLC_EBUSY);
	else
		rc = use_mode(wanted);
	pcl_unlock(PCL_LOCK_DISPATCH);
	return rc;
}

int
proclc_set_dispatch_stack(size_t size)
{
	int rc;

	if (size < PCL_OS_STACK_SIZE)
		return refuse(PROCLC_EINVAL);
	rc = pcl_dispatch_enter();
	if (rc < 0)
		return rc;
	if (pcl_loop.running)
		rc = refuse(PROCLC_EBUSY);
	else
		pcl_loop.thread.stack = size;
	pcl_unlock(PCL_LOCK_DISPATCH);
	return rc;
}

/* The program may have closed it, and a new one not be had. */
static int
give_set(void)
{
	int rc = pcl_manual_mend(false);

	if (rc < 0)
		return pcl_fail(rc, PROCLC_STAGE_PIPE,
		    "dispatch: descriptor to poll");
	return (int)pcl_loop.ready.handle;
}

proclc_waitable
proclc_dispatch_fd(void)
{
	int rc = pcl_dispatch_enter();

	if (rc < 0)
		return rc;
	if (!pcl_dispatch_manual())
		rc = refuse(PROCLC_EINVAL);
	else
		rc = pcl_dispatch_start_locked();
	if (rc == 0)
		rc = give_set();
	pcl_unlock(PCL_LOCK_DISPATCH);
	return rc;
}

/* Be the dispatcher, if this thread may. */
static int
begin(int64_t timeout_ms)
{
	int rc;

	if (!pcl_dispatch_manual() || timeout_ms < PROCLC_NOW)
		return refuse(PROCLC_EINVAL);
	if (pcl_in_dispatch)
		return refuse(PROCLC_ECALLBACK);
	rc = pcl_dispatch_enter();
	if (rc < 0)
		return rc;
	rc = pcl_dispatch_start_locked();
	if (rc == 0 && pcl_loop.busy)
		rc = refuse(PROCLC_EBUSY);
	if (rc == 0) {
		pcl_loop.busy = true;
		drove = ++pcl_loop.driven;
	}
	pcl_unlock(PCL_LOCK_DISPATCH);
	return rc;
}

/* While nobody has driven it, only a thread that is alone will be the one. */
bool
pcl_dispatch_is_mine(void)
{
	uint64_t driven;

	if (pcl_in_dispatch || !pcl_dispatch_manual())
		return pcl_in_dispatch;
	pcl_lock(PCL_LOCK_DISPATCH);
	driven = pcl_loop.driven;
	pcl_unlock(PCL_LOCK_DISPATCH);
	if (driven > 0)
		return drove == driven;
	return pcl_os_threads_alive() - pcl_os_threads_own() == 1;
}

static void
finish(void)
{
	pcl_in_dispatch = false;
	pcl_lock(PCL_LOCK_DISPATCH);
	pcl_loop.busy = false;
	pcl_unlock(PCL_LOCK_DISPATCH);
}

static void
step(void *due)
{
	pcl_dispatch_step(*(const int64_t *)due);
}

/* A callback has ended the program's thread. */
static void
lost(void *unused)
{
	(void)unused;
	pcl_fork_callback_lost();
	finish();
}

int
proclc_dispatch(int64_t timeout_ms)
{
	int64_t due = PCL_NEVER;
	int cancel, rc = begin(timeout_ms);

	if (rc < 0)
		return rc;
	if (timeout_ms != PROCLC_FOREVER)
		due = pcl_due(timeout_ms);
	/* Cut short, it would leave the dispatcher taken for ever. */
	cancel = pcl_os_cancel_disable();
	pcl_in_dispatch = true;
	pcl_os_call(step, &due, lost);
	finish();
	pcl_os_cancel_restore(cancel);
	return 0;
}
