/*
 * pipe-posix.c - pipes to programs.
 *
 * A write to a pipe that nobody reads raises SIGPIPE in the writing thread:
 * it is blocked there meanwhile, and taken back.
 */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "os/posix.h"
#include "os/program.h"

int
pcl_os_handle_copy(intptr_t handle, intptr_t *copy)
{
	int fd = fcntl((int)handle, F_DUPFD_CLOEXEC, 3);

	*copy = fd;
	return fd < 0 ? -errno : 0;
}

int
pcl_os_pipe_open(intptr_t ends[2], int ours)
{
	int pair[2], rc = pcl_posix_pipe(pair);

	if (rc == 0 && fcntl(pair[ours], F_SETFL, O_NONBLOCK) != 0) {
		rc = -errno;
		close(pair[0]);
		close(pair[1]);
	}
	if (rc < 0)
		return rc;
	ends[0] = pair[0];
	ends[1] = pair[1];
	return 0;
}

int64_t
pcl_os_pipe_read(intptr_t end, void *data, size_t size)
{
	ssize_t n;

	do
		n = read((int)end, data, size);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

static bool
is_pending(void)
{
	sigset_t pending;

	return sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE);
}

int64_t
pcl_os_pipe_write(intptr_t end, const void *data, size_t size)
{
	sigset_t sigpipe, saved;
	bool earlier;
	int error, got;
	ssize_t n;

	sigemptyset(&sigpipe);
	sigaddset(&sigpipe, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &sigpipe, &saved);
	earlier = is_pending();
	do
		n = write((int)end, data, size);
	while (n < 0 && errno == EINTR);
	error = n < 0 ? errno : 0;
	if (error == EPIPE && !earlier && is_pending())
		sigwait(&sigpipe, &got);
	pthread_sigmask(SIG_SETMASK, &saved, NULL);
	return n < 0 ? -error : n;
}

void
pcl_os_pipe_close(intptr_t end)
{
	pcl_os_close(end);
}

int
pcl_os_pipes_wait(const intptr_t *ends, bool *ready, size_t n, int64_t due)
{
	enum { MOST = 8 };
	struct pollfd entries[MOST];
	int64_t left = due == PCL_NEVER ? -1 : due - pcl_os_now();
	int rc;

	if (n > MOST)
		return PROCLC_EINVAL;
	for (size_t i = 0; i < n; i++)
		entries[i] = (struct pollfd){ .fd = (int)ends[i],
		    .events = i == 0 ? POLLOUT : POLLIN };
	if (due != PCL_NEVER && left < 0)
		left = 0;
	rc = poll(entries, (nfds_t)n, left > INT_MAX ? INT_MAX : (int)left);
	if (rc < 0 && errno != EINTR)
		return -errno;
	for (size_t i = 0; i < n; i++)
		ready[i] = rc > 0 && entries[i].revents != 0;
	return rc < 0 ? 0 : rc;
}
