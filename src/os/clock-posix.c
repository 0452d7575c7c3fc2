/* clock-posix.c - monotonic time. */
#include <config.h>

#include <time.h>

#include "os/os.h"

void
pcl_os_pause(int64_t ms)
{
	struct timespec time;

	time.tv_sec = (time_t)(ms / 1000);
	time.tv_nsec = (long)(ms % 1000) * 1000000;
	nanosleep(&time, NULL);
}

int64_t
pcl_os_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
