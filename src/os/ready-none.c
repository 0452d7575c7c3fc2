/* ready-none.c - POSIX has no descriptor that stands for a set of others. */
#include <config.h>

#include "os/os.h"

int
pcl_os_ready_open(struct pcl_os_ready *ready, intptr_t first)
{
	(void)first;
	ready->handle = ready->timer = PCL_NONE;
	return PROCLC_ENOTSUP;
}

int
pcl_os_ready_add(struct pcl_os_ready *ready, intptr_t handle)
{
	(void)ready;
	(void)handle;
	return PROCLC_ENOTSUP;
}

void
pcl_os_ready_remove(struct pcl_os_ready *ready, intptr_t handle)
{
	(void)ready;
	(void)handle;
}

int
pcl_os_ready_due(struct pcl_os_ready *ready, int64_t due)
{
	(void)ready;
	return due == PCL_NEVER ? 0 : PROCLC_ENOTSUP;
}

void
pcl_os_ready_abandon(struct pcl_os_ready *ready, intptr_t own)
{
	(void)own;
	ready->handle = ready->timer = PCL_NONE;
}

bool
pcl_os_ready_intact(const struct pcl_os_ready *ready, intptr_t own)
{
	(void)ready;
	(void)own;
	return false;
}
