/*
 * steer-pthread.c - wake a thread by pthread_kill, which POSIX allows in a
 * signal handler.
 *
 * It carries no value, so a wake-up is known by its being expected: who sends
 * one says so before.  A genuine signal that comes to the thread at the same
 * time may be taken for it; that loses nothing, for the sender has noted that
 * signal.  And a second wake-up, sent between the arrival of the first and its
 * handler, is taken for a genuine one: then a signal is told once more.  A
 * count would end that, but the system merges wake-ups that wait, so a count
 * would stay too high and swallow a genuine signal.
 */
#include <config.h>

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#include "os/os.h"

static struct {
	_Atomic bool there;
	pthread_t thread;
	_Atomic bool expected[PCL_SIGNALS];
} targets[PCL_OS_TARGETS];

void
pcl_os_steer_here(enum pcl_os_target target)
{
	targets[target].thread = pthread_self();
	atomic_store(&targets[target].there, true);
}

void
pcl_os_steer_gone(enum pcl_os_target target)
{
	atomic_store(&targets[target].there, false);
}

static bool
is_here(enum pcl_os_target target)
{
	return atomic_load(&targets[target].there) &&
	    pthread_equal(targets[target].thread, pthread_self());
}

bool
pcl_os_steer(enum pcl_os_target target, int signum)
{
	if (!atomic_load(&targets[target].there) || is_here(target))
		return true;
	atomic_store(&targets[target].expected[signum], true);
	if (pthread_kill(targets[target].thread, signum) == 0)
		return true;
	atomic_store(&targets[target].expected[signum], false);
	return false;
}

bool
pcl_os_steered(const void *siginfo)
{
	const siginfo_t *info = siginfo;

	for (int i = 0; i < PCL_OS_TARGETS; i++)
		if (is_here((enum pcl_os_target)i))
			return atomic_exchange(
			    &targets[i].expected[info->si_signo], false);
	return false;
}
