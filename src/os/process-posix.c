/*
 * process-posix.c - a process by its bare pid, as POSIX has it.
 *
 * Between a look and a signal the pid can come to mean another process; the
 * callers make that window as short as it can be.
 */
#include <config.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include "os/kin.h"

const char pcl_os_process_handles[] = "none";

int
pcl_os_process_open(struct pcl_os_process *process, int64_t pid)
{
	if (pid < 1 || pid > INT32_MAX)
		return PROCLC_ESRCH;
	process->pid = pid;
	process->handle = PCL_NONE;
	return pcl_os_process_alive(process) > 0 ? 0 : PROCLC_ESRCH;
}

int
pcl_os_process_pin(struct pcl_os_process *process, int64_t pid)
{
	return pcl_os_process_open(process, pid);
}

void
pcl_os_process_close(struct pcl_os_process *process)
{
	(void)process;
}

bool
pcl_os_process_intact(const struct pcl_os_process *process)
{
	(void)process;
	return false;
}

/* POSIX cannot tell a zombie of somebody else's from a live process. */
int
pcl_os_process_alive(const struct pcl_os_process *process)
{
	siginfo_t info;

	info.si_pid = 0;
	if (waitid(P_PID, (id_t)process->pid, &info,
	    WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0)
		return 0;
	return kill((pid_t)process->pid, 0) == 0 || errno == EPERM;
}

int
pcl_os_process_older(const struct pcl_os_process *process, intptr_t file)
{
	(void)process;
	(void)file;
	return PROCLC_ENOTSUP;
}

int
pcl_os_process_wait(const struct pcl_os_process *process, int64_t due)
{
	while (pcl_os_process_alive(process)) {
		if (pcl_os_now() >= due)
			return PROCLC_ETIMEDOUT;
		poll(NULL, 0, 10);
	}
	return 0;
}

int
pcl_os_process_signal(const struct pcl_os_process *process, int signum)
{
	return kill((pid_t)process->pid, signum) == 0 ? 0 : -errno;
}

int
pcl_os_process_adopt(struct pcl_os_process *process, int64_t pid,
    intptr_t handle)
{
	(void)handle;
	process->pid = pid;
	process->handle = PCL_NONE;
	return 0;
}

int
pcl_os_process_outcome(const struct pcl_os_process *process,
    struct pcl_os_status *status)
{
	(void)process;
	(void)status;
	return PROCLC_ENOTSUP;
}

int
pcl_os_process_stuck(int64_t pid, int64_t *tracer)
{
	(void)pid;
	(void)tracer;
	return 0;
}
