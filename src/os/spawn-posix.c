/* spawn-posix.c - children: made, signalled, reaped; and the way out. */
#include <config.h>

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/os.h"

int64_t
pcl_os_fork(void)
{
	pid_t pid = fork();

	return pid < 0 ? -errno : pid;
}

static int64_t
us(const struct timeval *time)
{
	return (int64_t)time->tv_sec * 1000000 + time->tv_usec;
}

int
pcl_os_reap(int64_t pid, bool block, struct pcl_os_status *status)
{
	struct rusage usage;
	pid_t got;
	int word;

	memset(status, 0, sizeof(*status));
	do
		got = wait4((pid_t)pid, &word, block ? 0 : WNOHANG, &usage);
	while (got < 0 && errno == EINTR);
	if (got == 0)
		return PROCLC_EAGAIN;
	if (got < 0)
		/* Somebody else has it, or nobody wanted it (SIGCHLD is
		 * ignored): it is gone. */
		return errno == ECHILD ? 0 : -errno;
	status->known = true;
	status->signaled = WIFSIGNALED(word);
	status->number = status->signaled ? WTERMSIG(word) :
	    WEXITSTATUS(word);
#ifdef WCOREDUMP
	status->core = status->signaled && WCOREDUMP(word);
#endif
	status->user_us = us(&usage.ru_utime);
	status->system_us = us(&usage.ru_stime);
	status->max_rss_kb = usage.ru_maxrss;
	return 0;
}

bool
pcl_os_ended(int64_t pid)
{
	siginfo_t info;

	info.si_pid = 0;
	if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0)
		return errno == ECHILD;
	return info.si_pid != 0;
}

int
pcl_os_child_signal(int64_t pid, int signum)
{
	return kill((pid_t)pid, signum) == 0 ? 0 : -errno;
}

_Noreturn void
pcl_os_exit(int code)
{
	_exit(code);
}
