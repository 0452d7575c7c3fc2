/* group-none.c - POSIX does not tell who is in a process group. */
#include <config.h>

#include "os/os.h"

int
pcl_os_group_lives(int64_t leader)
{
	(void)leader;
	return PROCLC_ENOTSUP;
}
