/*
 * fds-posix.c - close all descriptors but some, by number.
 *
 * POSIX knows no better way than to try each number below the limit.  Where
 * that is absurdly high, the highest open one is looked for in steps: no
 * more than FALLBACK numbers past the last open one are tried.
 */
#include <config.h>

#include <stdlib.h>
#include <unistd.h>

#include "os/os.h"

/* So far apart are the descriptors of no real program. */
enum { FALLBACK = 65536 };

static int
ascending(const void *a, const void *b)
{
	int x = *(const int *)a, y = *(const int *)b;

	return (x > y) - (x < y);
}

int
pcl_os_close_others(int *keep, size_t n)
{
	long limit = sysconf(_SC_OPEN_MAX);
	int misses = 0;

	qsort(keep, n, sizeof(*keep), ascending);
	if (limit < 0)
		limit = FALLBACK;
	for (int fd = 3; fd < limit && misses < FALLBACK; fd++) {
		if (bsearch(&fd, keep, n, sizeof(*keep), ascending) != NULL ||
		    close(fd) == 0)
			misses = 0;
		else
			misses++;
	}
	return 0;
}
