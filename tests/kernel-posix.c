/* POSIX has none of it. */
#include "kernel.h"

#include <errno.h>
#include <unistd.h>

static pid_t
unknown(void)
{
	errno = ENOSYS;
	return -1;
}

pid_t
kernel_quiet_fork(void)
{
	return unknown();
}

pid_t
kernel_raw_fork(void)
{
	return unknown();
}

pid_t
kernel_fork_init(void)
{
	return unknown();
}

bool
kernel_isolated(void)
{
	return false;
}

bool
kernel_next_pid(pid_t pid)
{
	(void)pid;
	return false;
}

int64_t
kernel_waits(pid_t pid, const char *thread)
{
	(void)pid;
	(void)thread;
	return -1;
}

uint64_t
kernel_ignored(pid_t pid)
{
	(void)pid;
	return UINT64_MAX;
}

uint64_t
kernel_caught(pid_t pid)
{
	return kernel_ignored(pid);
}

uint64_t
kernel_blocked(pid_t pid)
{
	return kernel_ignored(pid);
}

int
kernel_signal_fd(int signum)
{
	(void)signum;
	return -1;
}

int
kernel_signal_read(int fd)
{
	(void)fd;
	return -1;
}

bool
kernel_refuse_pidfds(void)
{
	return false;
}

void
kernel_close(int fd)
{
	close(fd);
}

bool
kernel_lock_file(int fd)
{
	(void)fd;
	return false;
}

bool
kernel_mount_small(const char *dir, unsigned kilobytes)
{
	(void)dir;
	(void)kilobytes;
	return false;
}

void
kernel_unmount(const char *dir)
{
	(void)dir;
}

bool
kernel_keeps_status(void)
{
	return false;
}

bool
kernel_keep_rights(void)
{
	return false;
}

bool
kernel_hold(pid_t pid)
{
	(void)pid;
	return false;
}

bool
kernel_unshare_pids(void)
{
	return false;
}
