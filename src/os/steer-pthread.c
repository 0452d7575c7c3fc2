/*
 * steer-pthread.c - wake a thread by pthread_kill, which POSIX allows in a
 * signal handler.  A wake-up looks like any other signal there: it counts as
 * one more delivery of a signal that was delivered anyway.
 */
#include <config.h>

#include <pthread.h>
#include <signal.h>

#include "os/os.h"

static pthread_t target;

void
pcl_os_steer_here(void)
{
	target = pthread_self();
}

void
pcl_os_steer(int signum)
{
	if (!pthread_equal(target, pthread_self()))
		pthread_kill(target, signum);
}

bool
pcl_os_steered(const void *siginfo)
{
	(void)siginfo;
	return false;
}
