/*
 * steer-sigqueue.c - wake a thread by a signal that says who sent it (Linux).
 *
 * rt_tgsigqueueinfo(2) carries a value, so that the handler can tell our
 * wake-up from a signal that a stranger sent to that thread at the same time.
 * When RLIMIT_SIGPENDING is used up, the kernel sends an old-style signal all
 * the same, but without what it carries: as if from pid 0 (kernel/signal.c,
 * "a silent loss of information").  So a wake-up is expected, too.
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

/* A wake-up is on its way to that thread. */
static _Atomic bool expected[PCL_OS_TARGETS][PCL_SIGNALS];

void
pcl_os_steer_here(enum pcl_os_target target)
{
	atomic_store(&threads[target], (pid_t)syscall(SYS_gettid));
}

void
pcl_os_steer_gone(enum pcl_os_target target)
{
	atomic_store(&threads[target], 0);
}

bool
pcl_os_steer(enum pcl_os_target target, int signum)
{
	pid_t thread = atomic_load(&threads[target]);
	siginfo_t info;

	if (thread == 0 || thread == (pid_t)syscall(SYS_gettid))
		return true;
	memset(&info, 0, sizeof(info));
	info.si_signo = signum;
	info.si_code = SI_QUEUE;
	info.si_pid = getpid();
	info.si_uid = getuid();
	info.si_value.sival_ptr = (void *)(uintptr_t)&cookie;
	atomic_store(&expected[target][signum], true);
	/* A full queue or a filter refuses the value, and may refuse more. */
	if (syscall(SYS_rt_tgsigqueueinfo, getpid(), thread, signum,
	    &info) == 0 || syscall(SYS_tgkill, getpid(), thread, signum) == 0)
		return true;
	atomic_store(&expected[target][signum], false);
	return false;
}

/* Could it be one, by what it carries? */
static bool
looks_steered(const siginfo_t *info)
{
	switch (info->si_code) {
	case SI_QUEUE:
		return info->si_pid == getpid() && info->si_value.sival_ptr ==
		    (void *)(uintptr_t)&cookie;
	case SI_TKILL:
		return info->si_pid == getpid();
	default:
		return info->si_code == SI_USER && info->si_pid == 0;
	}
}

bool
pcl_os_steered(const void *siginfo)
{
	const siginfo_t *info = siginfo;
	pid_t self;

	if (!looks_steered(info))
		return false;
	self = (pid_t)syscall(SYS_gettid);
	for (int i = 0; i < PCL_OS_TARGETS; i++)
		if (atomic_load(&threads[i]) == self)
			return atomic_exchange(&expected[i][info->si_signo],
			    false) || info->si_code == SI_QUEUE;
	return false;
}
