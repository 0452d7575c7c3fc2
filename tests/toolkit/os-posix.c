/* The test tools where only POSIX is known: most answers are "unknown". */
#define _GNU_SOURCE 1

#include "os.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

const char *
os_program_path(char *buf, size_t size)
{
	(void)buf;
	(void)size;
	return NULL;
}

int
os_process(pid_t pid, struct os_process *process)
{
	(void)pid;
	(void)process;
	return OS_UNKNOWN;
}

void
os_command_line(pid_t pid, char *buf, size_t size)
{
	(void)pid;
	snprintf(buf, size, "[unknown]");
}

int
os_processes(struct os_process **list)
{
	*list = NULL;
	return OS_UNKNOWN;
}

int
os_threads(struct os_thread **list)
{
	*list = NULL;
	return OS_UNKNOWN;
}

int
os_fds(int **list)
{
	*list = NULL;
	return OS_UNKNOWN;
}

void
os_fd_target(int fd, char *buf, size_t size)
{
	(void)fd;
	if (size > 0)
		buf[0] = '\0';
}

bool
os_fd_is_self(int fd)
{
	(void)fd;
	return false;
}

int
os_umask(void)
{
	return OS_UNKNOWN;
}

int
os_traits(char *buf, size_t size)
{
	(void)buf;
	(void)size;
	return OS_UNKNOWN;
}

int
os_process_handle(pid_t pid)
{
	(void)pid;
	return OS_UNKNOWN;
}

int
os_pipe(int fds[2])
{
	if (pipe(fds) < 0)
		return -1;
	fcntl(fds[0], F_SETFD, FD_CLOEXEC);
	fcntl(fds[1], F_SETFD, FD_CLOEXEC);
	return 0;
}

bool
os_become_subreaper(void)
{
	return false;
}

pid_t
os_run_isolated(int (*init)(void *), void *arg, char *why, size_t size)
{
	(void)init;
	(void)arg;
	snprintf(why, size, "this system has none that we know");
	return OS_UNKNOWN;
}
