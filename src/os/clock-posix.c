/* clock-posix.c - monotonic time. */
#include <config.h>

#include <time.h>

#include "os/os.h"

int64_t
pcl_os_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
