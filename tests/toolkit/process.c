/* Looking at other processes, files and pipes from a Check test. */
#define _GNU_SOURCE 1

#include "process.h"
#include "clock.h"
#include "os.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Without a process table, kill() tells of life and waitid() of zombies. */
static char
guess_state(pid_t pid)
{
	siginfo_t info;

	if (kill(pid, 0) < 0 && errno == ESRCH)
		return 0;
	memset(&info, 0, sizeof(info));
	if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0
	    && info.si_pid == pid)
		return 'Z';
	return '?';
}

char
process_state(pid_t pid)
{
	struct os_process process;

	if (os_process(pid, &process) == 0)
		return process.state;
	return guess_state(pid);
}

pid_t
process_ppid(pid_t pid)
{
	struct os_process process;

	return os_process(pid, &process) == 0 ? process.ppid : -1;
}

pid_t
process_pgid(pid_t pid)
{
	struct os_process process;

	return os_process(pid, &process) == 0 ? process.pgid : -1;
}

pid_t
process_sid(pid_t pid)
{
	struct os_process process;

	return os_process(pid, &process) == 0 ? process.sid : -1;
}

/* poll() that a signal does not shorten. */
static bool
readable_until(int fd, int64_t deadline)
{
	struct pollfd poller = { .fd = fd, .events = POLLIN };
	int rc;

	do {
		rc = poll(&poller, 1, clock_left_ms(deadline));
	} while (rc < 0 && errno == EINTR);
	return rc > 0;
}

static bool
looks_dead(pid_t pid)
{
	char state = process_state(pid);

	return state == 0 || state == 'Z' || state == 'X';
}

static bool
gone_until(pid_t pid, int64_t deadline)
{
	int fd = os_process_handle(pid);
	bool gone;

	if (fd != OS_UNKNOWN) {
		gone = readable_until(fd, deadline);
		close(fd);
		return gone;
	}
	while (!looks_dead(pid)) {
		if (clock_left_ms(deadline) == 0)
			return false;
		poll(NULL, 0, 1);
	}
	return true;
}

bool
process_gone_within(pid_t pid, int timeout_ms)
{
	return gone_until(pid, clock_deadline(timeout_ms));
}

bool
process_alive(pid_t pid)
{
	return !gone_until(pid, 0);
}

void
process_wait_gone(pid_t pid, int timeout_ms)
{
	char command[256];

	if (process_gone_within(pid, timeout_ms))
		return;
	os_command_line(pid, command, sizeof(command));
	ck_abort_msg("process %d still runs, state %c: %s", (int)pid,
	    process_state(pid), command);
}

bool
fd_readable_within(int fd, int timeout_ms)
{
	return readable_until(fd, clock_deadline(timeout_ms));
}

void
fd_wait_eof(int fd, int timeout_ms)
{
	int64_t deadline = clock_deadline(timeout_ms);
	char buf[4096];
	ssize_t n;

	do {
		if (!readable_until(fd, deadline))
			ck_abort_msg("no EOF on descriptor %d", fd);
		n = read(fd, buf, sizeof(buf));
	} while (n > 0 || (n < 0 && errno == EINTR));
	if (n < 0)
		ck_abort_msg("read %d: %s", fd, strerror(errno));
}

ssize_t
file_read(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	size_t used = 0;
	ssize_t n = fd < 0 ? -1 : 1;
	int error;

	while (n > 0 && used < size - 1) {
		n = read(fd, buf + used, size - 1 - used);
		if (n > 0)
			used += (size_t)n;
	}
	error = errno;
	if (fd >= 0)
		close(fd);
	if (n < 0)
		return -error;
	buf[used] = '\0';
	return (ssize_t)used;
}

bool
file_exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}
