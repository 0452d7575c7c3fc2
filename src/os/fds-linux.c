/*
 * fds-linux.c - close all descriptors but some, whatever the limit.
 *
 * close_range(2) (Linux 5.9) closes a range at the cost of those open in it;
 * where it is refused, /proc/self/fd tells which are open; where that is not
 * there, they are tried by number.  A loop up to the limit, which containers
 * set to 2^30, is never made.
 */
#include <config.h>

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "os/os.h"
#include "os/posix.h"

#ifndef SYS_close_range
#define SYS_close_range 436
#endif

static int
close_range_of(unsigned first, unsigned last)
{
	if (first > last)
		return 0;
	return syscall(SYS_close_range, first, last, 0) == 0 ? 0 : -errno;
}

static int
close_gaps(const int *keep, size_t n)
{
	unsigned first = 3;
	int rc = 0;

	for (size_t i = 0; i < n && rc == 0; i++) {
		if (keep[i] < 3 || (unsigned)keep[i] < first)
			continue;
		rc = close_range_of(first, (unsigned)keep[i] - 1);
		first = (unsigned)keep[i] + 1;
	}
	return rc == 0 ? close_range_of(first, UINT_MAX) : rc;
}

/* Once through the list; returns how many were closed. */
static int
close_pass(DIR *dir, const int *keep, size_t n)
{
	struct dirent *entry;
	int fd, closed = 0;

	rewinddir(dir);
	errno = 0;
	while ((entry = readdir(dir)) != NULL) {
		fd = atoi(entry->d_name);
		if (fd < 3 || fd == dirfd(dir) || pcl_posix_has(keep, n, fd))
			continue;
		close(fd);
		closed++;
		errno = 0;
	}
	return errno == 0 ? closed : -errno;
}

/* While the directory is read its own descriptor is open; closing others
 * meanwhile makes it skip, so it is read until nothing is left. */
static int
close_listed(const int *keep, size_t n)
{
	DIR *dir = opendir("/proc/self/fd");
	int rc;

	if (dir == NULL)
		return -errno;
	do
		rc = close_pass(dir, keep, n);
	while (rc > 0);
	closedir(dir);
	return rc;
}

int
pcl_os_close_others(int *keep, size_t n, uint32_t gap)
{
	pcl_posix_sort(keep, n);
	if (close_gaps(keep, n) < 0 && close_listed(keep, n) < 0)
		pcl_posix_close_numbers(keep, n, gap);
	return 0;
}
