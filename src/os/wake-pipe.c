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

/* Its inode, if it is a pipe; else 0.  Less than 0: the system does not
 * tell. */
static int
identify(intptr_t handle, uint64_t *identity)
{
	struct stat st;

	*identity = 0;
	if (fstat((int)handle, &st) != 0)
		return errno == EBADF ? 0 : -errno;
	if (S_ISFIFO(st.st_mode))
		*identity = (uint64_t)st.st_ino;
	return 0;
}

static bool
is_end(intptr_t handle, int end)
{
	int flags = fcntl((int)handle, F_GETFL);

	return flags >= 0 && (flags & O_ACCMODE) == (end == 0 ? O_RDONLY :
	    O_WRONLY);
}

/* What has our pipe's inode is this end, as it was when it was opened: nobody
 * else has a descriptor of the other one.  Where the system does not tell,
 * neither a file, which has positions, nor a socket, which is open both ways,
 * is taken for it. */
static bool
intact(const struct pcl_os_wake *wake, int end)
{
	intptr_t handle = wake->handles[end];
	uint64_t now, known = wake->identity[end];

	if (handle == PCL_NONE || known == 0)
		return false;
	if (identify(handle, &now) == 0)
		return now == known;
	return is_end(handle, end) &&
	    lseek((int)handle, 0, SEEK_CUR) < 0 && errno == ESPIPE;
}

/* To a number from first up, if the limit allows that. */
static int
move_up(int fd, int first)
{
	int high;

	if (fd >= first)
		return fd;
	high = fcntl(fd, F_DUPFD_CLOEXEC, first);
	if (high < 0)
		return fd;
	close(fd);
	return high;
}

int
pcl_os_wake_open(struct pcl_os_wake *wake)
{
	uint64_t identity[2] = { 0, 0 };
	int ends[2], rc;

	wake->handles[0] = wake->handles[1] = PCL_NONE;
	rc = pcl_posix_pipe(ends);
	if (rc < 0)
		return rc;
	for (int i = 0; i < 2; i++) {
		ends[i] = move_up(ends[i], wake->first);
		fcntl(ends[i], F_SETFL, O_NONBLOCK);
		wake->handles[i] = ends[i];
	}
	rc = identify(ends[0], &identity[0]);
	if (rc == 0)
		rc = identify(ends[1], &identity[1]);
	if (rc < 0) {
		close(ends[0]);
		close(ends[1]);
		wake->handles[0] = wake->handles[1] = PCL_NONE;
		return rc;
	}
	/* Another thread closes every descriptor just now: two ends of one
	 * pipe have one inode, and files that came in between have not. */
	if (identity[0] != identity[1] || !is_end(ends[0], 0) ||
	    !is_end(ends[1], 1))
		identity[0] = identity[1] = 0;
	for (int i = 0; i < 2; i++)
		wake->identity[i] = identity[i];
	return identity[0] == 0 ? PROCLC_EAGAIN : 0;
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

bool
pcl_os_wake_post(const struct pcl_os_wake *wake)
{
	ssize_t n;

	if (!pcl_os_wake_intact(wake))
		return false;
	/* A full pipe is a raised flag.  Our own read end is open, so no
	 * SIGPIPE, unless the program has closed it: then nobody waits. */
	do
		n = write((int)wake->handles[1], "", 1);
	while (n < 0 && errno == EINTR);
	return n > 0 || errno == EAGAIN;
}

bool
pcl_os_wake_drain(const struct pcl_os_wake *wake)
{
	char bytes[64];
	ssize_t n;

	if (!intact(wake, 0))
		return true;
	/* Less than was asked for is all there was. */
	do
		n = read((int)wake->handles[0], bytes, sizeof(bytes));
	while (n == (ssize_t)sizeof(bytes));
	return n >= 0 || errno == EAGAIN;
}
