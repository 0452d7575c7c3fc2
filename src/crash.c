/*
 * crash.c - exit handlers when the program crashes.
 *
 * Promise: they run on the dispatcher, in ordinary context, while the thread
 * that crashed is held in its signal handler; then that thread goes on, so
 * that the parent and the core dump see the crash where it was.  A crash on
 * the dispatcher, or while the process ends, is left alone.
 */
#include "install.h"

#include <stdatomic.h>

#include "dispatch.h"
#include "ending.h"

/* How long a released thread may take to die. */
enum { LOOK_MS = 10, DEATH_MS = 1000 };

static struct {
	struct pcl_subscriber signals[PCL_SIGNALS];
	size_t n;
	void *stack;
} crash;
static atomic_bool under_way;
static atomic_bool released;

/* These two are called in the signal handler. */

static bool
may_tell(void)
{
	return !pcl_os_steer_is_here(PCL_OS_DISPATCHER) && !pcl_is_ending() &&
	    !atomic_exchange(&under_way, true);
}

static void
hold(void)
{
	while (!atomic_load(&released))
		pcl_os_pause(LOOK_MS);
}

/* Let it crash again, this time for good. */
static void
release(int signum)
{
	pcl_os_signal_reset(signum);
	atomic_store(&released, true);
	pcl_os_pause(DEATH_MS);
}

static bool
on_crash(struct pcl_subscriber *subscriber, const struct pcl_signal *signal)
{
	(void)subscriber;
	pcl_ending_crash(release);
	pcl_end(PROCLC_EXIT_SIGNAL, 128 + signal->signum, signal->signum);
}

static int
catch(int signum, struct pcl_deadline *deadline)
{
	struct pcl_subscriber *s = &crash.signals[crash.n];
	int rc;

	*s = (struct pcl_subscriber){
		.signum = signum,
		.priority = PCL_PRIORITY_EXIT,
		.fn = on_crash,
		.deadline = deadline,
		.crashed = may_tell,
		.hold = hold,
	};
	rc = pcl_subscribe(s);
	if (rc == 0)
		crash.n++;
	return rc;
}

bool
pcl_crash_signal(int signum)
{
	return pcl_os_signal_faults(signum) || signum == PROCLC_SIGABRT;
}

int
pcl_crash_install(struct pcl_deadline *deadline)
{
	int rc = 0;

	crash.stack = pcl_os_signal_stack();
	for (int signum = 1; signum < PCL_SIGNALS && rc == 0; signum++)
		if (pcl_crash_signal(signum))
			rc = catch(signum, deadline);
	return rc;
}

void
pcl_crash_uninstall(void)
{
	while (crash.n > 0)
		pcl_unsubscribe(&crash.signals[--crash.n]);
	pcl_os_signal_stack_remove(crash.stack);
	crash.stack = NULL;
}
