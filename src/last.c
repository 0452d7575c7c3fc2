/*
 * last.c - the program's last thread has called pthread_exit.
 *
 * Promise: then the process ends as by exit(0), which libc sees to by itself
 * unless threads of ours live on.
 *
 * A thread that has used the library hears of its own end.  When its first
 * thread has gone, the program can end in no other way than this or by a
 * call, and the ones that are left may never come to us: only then the
 * dispatcher looks from time to time.
 */
#include "last.h"

#include <stdatomic.h>

#include "dispatch.h"
#include "error.h"
#include "fork.h"

enum { LOOK_MS = 1000 };

static void
look_again(struct pcl_source *source);

static struct pcl_source watch = { .fn = look_again };
static _Atomic uint32_t watched;	/* the process that looks */
static _Thread_local bool noted;

/* Of the program; less than 0: unknown. */
static int
threads_left(void)
{
	int n = pcl_os_threads_alive();

	return n < 0 ? n : n - pcl_os_threads_own();
}

static void
look_again(struct pcl_source *source)
{
	if (threads_left() == 0)
		pcl_os_libc_exit(0);
	pcl_source_due(source, pcl_due(LOOK_MS));
}

static void
begin_to_look(void)
{
	uint32_t process = pcl_process();

	/* In a child its parent's has gone with the other sources. */
	if (pcl_dispatch_manual() || atomic_exchange(&watched, process) ==
	    process || pcl_dispatch_start() < 0)
		return;
	watch.added = false;
	watch.handle = PCL_NONE;
	watch.due = pcl_due(LOOK_MS);
	pcl_source_add(&watch);
}

/* In a thread of the program that ends.  While the first one is there it is
 * not the last. */
static void
thread_ends(void)
{
	int left;

	if (pcl_os_threads_own() == 0 || !pcl_os_thread_first_ends())
		return;
	left = threads_left() - 1;
	if (left == 0)
		pcl_os_libc_exit(0);
	if (left > 0)
		begin_to_look();
}

void
pcl_last_note(void)
{
	if (noted || pcl_dispatching())
		return;
	noted = true;
	pcl_os_thread_at_end(thread_ends);
}
