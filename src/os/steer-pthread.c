/*
 * steer-pthread.c - wake a thread by pthread_kill, which POSIX allows in a
 * signal handler.  A wake-up looks like any other signal there: it counts as
 * one more delivery of a signal that was delivered anyway.
 */
#include <config.h>

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#include "os/os.h"

static struct {
	_Atomic bool there;
	pthread_t thread;
} threads[PCL_OS_TARGETS];

void
pcl_os_steer_here(enum pcl_os_target target)
{
	threads[target].thread = pthread_self();
	atomic_store(&threads[target].there, true);
}

void
pcl_os_steer(enum pcl_os_target target, int signum)
{
	if (atomic_load(&threads[target].there) &&
	    !pthread_equal(threads[target].thread, pthread_self()))
		pthread_kill(threads[target].thread, signum);
}

bool
pcl_os_steered(const void *siginfo)
{
	(void)siginfo;
	return false;
}
