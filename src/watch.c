/*
 * watch.c - what happens when the watched process may be gone.
 *
 * Promise: nothing is done on a hint alone; and once it is true, the end
 * comes: the guard ends the process after the grace, whatever the program
 * does with the signal.
 */
#include "watch.h"

#include <inttypes.h>
#include <stdlib.h>

#include "disposition.h"
#include "ending.h"
#include "error.h"
#include "fork.h"

void
pcl_watch_let_go(struct proclc_orphan *w)
{
	if (w->wake.handles[0] != PCL_NONE)
		pcl_os_wake_close(&w->wake);
	if (pcl_os_process_intact(&w->process))
		pcl_os_process_close(&w->process);
	w->process.handle = PCL_NONE;
}

static struct proclc_orphan *
watch_of(const struct pcl_deadline *deadline)
{
	return (struct proclc_orphan *)((uintptr_t)deadline -
	    offsetof(struct proclc_orphan, deadline));
}

/* These two run on the guard thread. */
static void
expire(struct pcl_deadline *deadline)
{
	pcl_os_die(watch_of(deadline)->o.signum);
}

static bool
happened(const struct pcl_deadline *deadline)
{
	const struct proclc_orphan *w = watch_of(deadline);

	return pcl_watch_gone(w, &w->guarded);
}

int
pcl_watch_guard(struct proclc_orphan *w)
{
	w->guarded = w->process;
	w->deadline.ms = w->grace_ms;
	w->deadline.expire = expire;
	w->deadline.handle = w->process.handle;
	w->deadline.look_ms = w->o.poll_interval_ms;
	w->deadline.happened = happened;
	return pcl_deadline_add(&w->deadline);
}

/* Does somebody in the program want the signal, so that it is to be sent? */
static bool
program_handles(int signum)
{
	return pcl_wanted(signum, PCL_PRIORITY_HANDLER) ||
	    pcl_os_signal_query(signum) == PCL_OS_FOREIGN;
}

static void
end_process(struct proclc_orphan *w)
{
	int signum = w->o.signum;

	pcl_deadline_start(&w->deadline, 0);
	if (program_handles(signum))
		pcl_os_signal_again(signum);
	else
		pcl_end(PROCLC_EXIT_ORPHANED, 128 + signum, signum);
}

/* By the handle, if it is still that; else by the kernel's word on our parent,
 * which knows nothing of one outside our pid namespace. */
bool
pcl_watch_gone(const struct proclc_orphan *w,
    const struct pcl_os_process *process)
{
	struct pcl_os_process bare = { .pid = process->pid,
	    .handle = PCL_NONE };

	if (pcl_os_process_intact(process))
		return pcl_os_process_alive(process) == 0;
	if (w->of_parent)
		return pcl_os_parent_pid() != w->parent;
	return pcl_os_process_alive(&bare) == 0;
}

/* Not gone: then the handle is not ours any more, or there is none. */
static void
look_again_later(struct proclc_orphan *w)
{
	if (w->process.handle != PCL_NONE &&
	    !pcl_os_process_intact(&w->process)) {
		pcl_source_remove(&w->source);
		pcl_lock(PCL_LOCK_ORPHAN);
		w->process.handle = PCL_NONE;
		pcl_unlock(PCL_LOCK_ORPHAN);
		w->source.handle = PCL_NONE;
		pcl_log("orphan: the handle of pid %" PRId64
		    " was closed; asking every %" PRId64 " ms",
		    w->process.pid, w->o.poll_interval_ms);
		pcl_source_add(&w->source);
	}
	if (w->process.handle == PCL_NONE)
		pcl_source_due(&w->source, pcl_due(w->o.poll_interval_ms));
}

/* It is gone: from now on one call a round, with nothing to poll for, because
 * the handle of a dead process stays ready. */
static void
begin_firing(struct proclc_orphan *w)
{
	pcl_source_remove(&w->source);
	pcl_lock(PCL_LOCK_ORPHAN);
	w->fired = true;
	pcl_os_wake_post(&w->wake);
	pcl_unlock(PCL_LOCK_ORPHAN);
	w->source.handle = PCL_NONE;
	w->source.due = 0;
	pcl_source_add(&w->source);
}

void
pcl_watch_fire(struct pcl_source *source)
{
	struct proclc_orphan *w = (struct proclc_orphan *)source;
	struct told *t;

	if (!w->fired) {
		if (pcl_watch_gone(w, &w->process))
			begin_firing(w);
		else
			look_again_later(w);
		return;
	}
	t = w->to_tell;
	if (t == NULL) {
		if (w->ends)
			end_process(w);
		return;
	}
	w->to_tell = t->next;
	/* Before the call, which may end its thread or free the watch. */
	if (w->to_tell != NULL || w->ends)
		pcl_source_due(source, 0);
	t->fn(w, t->user);
}

void
pcl_watch_dispose(struct proclc_orphan *w)
{
	struct told *t;

	while ((t = w->told) != NULL) {
		w->told = t->next;
		free(t);
	}
	free(w);
}
