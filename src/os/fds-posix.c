/*
 * fds-posix.c - close all descriptors but some, by number: POSIX knows no
 * better way.
 */
#include <config.h>

#include "os/os.h"
#include "os/posix.h"

int
pcl_os_close_others(int *keep, size_t n, uint32_t gap)
{
	pcl_posix_sort(keep, n);
	pcl_posix_close_numbers(keep, n, gap);
	return 0;
}
