/*
 * wake-pipe.c - a flag to poll for, made of a pipe.
 *
 * A pipe has an inode of its own, an eventfd has not: so a pipe can be told
 * from what the program has opened under its number since (it may have closed
 * every descriptor, as daemons do).
 */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/os.h"
#include "os/posix.h"

static uint64_t
identity(intptr_t handle)
{
	struct stat st;

	if (fstat((int)handle, &st) != 0 || !S_ISFIFO(st.st_mode))
		return 0;
	return (uint64_t)st.st_ino;
}

int
pcl_os_wake_open(struct pcl_os_wake *wake)
{
	int ends[2], rc;

	wake->handles[0] = wake->handles[1] = PCL_NONE;
	rc = pcl_posix_pipe(ends);
	if (rc < 0)
		return rc;
	for (int i = 0; i < 2; i++) {
		fcntl(ends[i], F_SETFL, O_NONBLOCK);
		wake->handles[i] = ends[i];
		wake->identity[i] = identity(ends[i]);
	}
	return 0;
}

static bool
intact(const struct pcl_os_wake *wake, int end)
{
	return wake->handles[end] != PCL_NONE &&
	    identity(wake->handles[end]) == wake->identity[end];
}

bool
pcl_os_wake_intact(const struct pcl_os_wake *wake)
{
	return intact(wake, 0) && intact(wake, 1);
}

void
pcl_os_wake_close(struct pcl_os_wake *wake)
{
	for (int i = 0; i < 2; i++) {
		if (intact(wake, i))
			pcl_os_close(wake->handles[i]);
		wake->handles[i] = PCL_NONE;
	}
}

void
pcl_os_wake_post(const struct pcl_os_wake *wake)
{
	/* A full pipe is a raised flag.  Our own read end is open, so no
	 * SIGPIPE, unless the program has closed it: then nobody waits. */
	if (pcl_os_wake_intact(wake))
		while (write((int)wake->handles[1], "", 1) < 0 &&
		    errno == EINTR)
			continue;
}

void
pcl_os_wake_drain(const struct pcl_os_wake *wake)
{
	char bytes[64];

	if (!intact(wake, 0))
		return;
	while (read((int)wake->handles[0], bytes, sizeof(bytes)) > 0)
		continue;
}
