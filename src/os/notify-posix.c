/* notify-posix.c - messages to a supervisor: a datagram to a local socket,
 * see sd_notify(3), or a line to a descriptor, see s6's notification-fd. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "os/kin.h"
#include "os/posix.h"
#include "os/program.h"

const bool pcl_os_notifies = true;

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0
#endif

/* "/path", or "@name" for one that is in no directory; its size. */
static int
read_address(const char *name, struct sockaddr_un *at, socklen_t *size)
{
	size_t n = strlen(name);

	if (name[0] != '/' && name[0] != '@')
		return PROCLC_ENOTSUP;
	if (n < 2 || n >= sizeof(at->sun_path))
		return PROCLC_EINVAL;
	memset(at, 0, sizeof(*at));
	at->sun_family = AF_UNIX;
	memcpy(at->sun_path, name, n);
	if (name[0] == '@')
		at->sun_path[0] = '\0';
	*size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n +
	    (name[0] == '/'));
	return 0;
}

/* With a descriptor, unless that is less than 0. */
static int
send_text(const char *name, const char *text, int passed)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec v = { .iov_base = (char *)(uintptr_t)text,
	    .iov_len = strlen(text) };
	struct sockaddr_un at;
	struct msghdr m = { .msg_name = &at, .msg_iov = &v, .msg_iovlen = 1 };
	struct cmsghdr *c;
	int fd, rc = read_address(name, &at, &m.msg_namelen);

	if (rc < 0)
		return rc;
	if (passed >= 0) {
		memset(&control, 0, sizeof(control));
		m.msg_control = &control;
		m.msg_controllen = sizeof(control);
		c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(passed));
		memcpy(CMSG_DATA(c), &passed, sizeof(passed));
	}
	fd = pcl_posix_high(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
	if (fd < 0)
		return -errno;
	if (sendmsg(fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		rc = -errno;
	close(fd);
	return rc;
}

int
pcl_os_notify(const char *name, const char *text)
{
	return send_text(name, text, -1);
}

/* Who has read the message closes what came with it. */
int
pcl_os_notify_barrier(const char *name, int64_t due)
{
	struct pollfd end = { .events = 0 };
	intptr_t ends[2];
	int rc = pcl_os_pipe_open(ends, 0);
	int64_t left;

	if (rc < 0)
		return rc;
	rc = send_text(name, "BARRIER=1", (int)ends[1]);
	close((int)ends[1]);
	end.fd = (int)ends[0];
	while (rc == 0) {
		left = due == PCL_NEVER ? -1 : due - pcl_os_now();
		if (due != PCL_NEVER && left < 0)
			left = 0;
		if (poll(&end, 1, left > 60000 ? 60000 : (int)left) > 0)
			break;
		if (left == 0)
			rc = PROCLC_ETIMEDOUT;
	}
	close((int)ends[0]);
	return rc;
}

int
pcl_os_notify_line(int fd)
{
	int64_t n = pcl_os_pipe_write(fd, "\n", 1);

	if (n != PROCLC_EBADF)
		close(fd);
	return n < 0 ? (int)n : 0;
}

int64_t
pcl_os_notify_usec(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}
