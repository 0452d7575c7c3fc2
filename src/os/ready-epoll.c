/* ready-epoll.c - one descriptor that is readable while any of a set is
 * (Linux). */
#include <config.h>

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "os/os.h"
#include "os/posix.h"

int
pcl_os_ready_add(struct pcl_os_ready *ready, intptr_t handle)
{
	struct epoll_event event = { .events = EPOLLIN };

	event.data.fd = (int)handle;
	if (epoll_ctl((int)ready->handle, EPOLL_CTL_ADD, (int)handle,
	    &event) == 0)
		return 0;
	return -errno;
}

/* Is this number a member?  To say of it what was said before changes nothing,
 * also not for the parent of a forked child.  Of a set that is short of memory
 * nothing else is known. */
static bool
is_member(const struct pcl_os_ready *ready, intptr_t handle)
{
	struct epoll_event event = { .events = EPOLLIN };

	event.data.fd = (int)handle;
	if (ready->handle == PCL_NONE || handle == PCL_NONE)
		return false;
	return epoll_ctl((int)ready->handle, EPOLL_CTL_MOD, (int)handle,
	    &event) == 0 || errno == ENOMEM || errno == ENOSPC;
}

bool
pcl_os_ready_intact(const struct pcl_os_ready *ready, intptr_t own)
{
	return is_member(ready, own) || is_member(ready, ready->timer);
}

static int
add_timer(struct pcl_os_ready *ready)
{
	int rc, fd = pcl_posix_high(timerfd_create(CLOCK_MONOTONIC,
	    TFD_CLOEXEC | TFD_NONBLOCK));

	if (fd < 0)
		return fd;
	rc = pcl_os_ready_add(ready, fd);
	if (rc < 0)
		close(fd);
	else
		ready->timer = fd;
	return rc;
}

int
pcl_os_ready_open(struct pcl_os_ready *ready, intptr_t first)
{
	int rc, fd;

	ready->handle = ready->timer = PCL_NONE;
	fd = pcl_posix_high(epoll_create1(EPOLL_CLOEXEC));
	if (fd < 0)
		return fd;
	ready->handle = fd;
	rc = pcl_os_ready_add(ready, first);
	if (rc == 0)
		rc = add_timer(ready);
	if (rc < 0) {
		close(fd);
		ready->handle = PCL_NONE;
	}
	return rc;
}

void
pcl_os_ready_remove(struct pcl_os_ready *ready, intptr_t handle)
{
	/* Before the close: a copy in a forked child keeps a descriptor's
	 * registration alive. */
	epoll_ctl((int)ready->handle, EPOLL_CTL_DEL, (int)handle, NULL);
}

int
pcl_os_ready_due(struct pcl_os_ready *ready, int64_t due)
{
	struct itimerspec at;
	int rc;

	memset(&at, 0, sizeof(at));
	if (!is_member(ready, ready->timer)) {
		rc = add_timer(ready);
		if (rc < 0)
			return rc;
	}
	if (due != PCL_NEVER) {
		/* A zero would disarm it. */
		at.it_value.tv_sec = (time_t)(due / 1000);
		at.it_value.tv_nsec = (long)(due % 1000) * 1000000 + 1;
	}
	/* Setting it also takes back that it has expired. */
	timerfd_settime((int)ready->timer, TFD_TIMER_ABSTIME, &at, NULL);
	return 0;
}

void
pcl_os_ready_abandon(struct pcl_os_ready *ready, intptr_t own)
{
	bool timer = is_member(ready, ready->timer);

	if (timer || is_member(ready, own))
		close((int)ready->handle);
	if (timer)
		close((int)ready->timer);
	ready->handle = ready->timer = PCL_NONE;
}
