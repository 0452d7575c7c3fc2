/*
 * steer-sigqueue.c - wake a thread by a signal that says who sent it (Linux).
 *
 * rt_tgsigqueueinfo(2) carries a value, so that the handler can tell our
 * wake-up from a signal that a stranger sent to that thread at the same time.
 */
#include <config.h>

#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "os/os.h"

/* Its address is the value: nobody else in this process has it. */
static const char cookie;

static _Atomic pid_t threads[PCL_OS_TARGETS];

/* A wake-up without a value is on its way to that thread. */
static _Atomic bool expected[PCL_OS_TARGETS][PCL_SIGNALS];

void
pcl_os_steer_here(enum pcl_os_target target)
{
	atomic_store(&threads[target], (pid_t)syscall(SYS_gettid));
}

void
pcl_os_steer(enum pcl_os_target target, int signum)
{
	pid_t thread = atomic_load(&threads[target]);
	siginfo_t info;

	if (thread == 0 || thread == (pid_t)syscall(SYS_gettid))
		return;
	memset(&info, 0, sizeof(info));
	info.si_signo = signum;
	info.si_code = SI_QUEUE;
	info.si_pid = getpid();
	info.si_uid = getuid();
	info.si_value.sival_ptr = (void *)(uintptr_t)&cookie;
	if (syscall(SYS_rt_tgsigqueueinfo, getpid(), thread, signum,
	    &info) == 0)
		return;
	/* A full queue or a filter refuses the value, not the wake-up. */
	atomic_store(&expected[target][signum], true);
	syscall(SYS_tgkill, getpid(), thread, signum);
}

bool
pcl_os_steered(const void *siginfo)
{
	const siginfo_t *info = siginfo;
	pid_t self;

	if (info->si_pid != getpid())
		return false;
	if (info->si_code == SI_QUEUE)
		return info->si_value.sival_ptr == (void *)(uintptr_t)&cookie;
	if (info->si_code != SI_TKILL)
		return false;
	self = (pid_t)syscall(SYS_gettid);
	for (int i = 0; i < PCL_OS_TARGETS; i++)
		if (atomic_load(&threads[i]) == self)
			return atomic_exchange(&expected[i][info->si_signo],
			    false);
	return false;
}
