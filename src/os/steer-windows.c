/*
 * steer-windows.c - no thread is interrupted here: what wakes the dispatcher
 * and the guard is their own flag.
 */
#include <config.h>

#include "os/os.h"

void
pcl_os_steer_here(enum pcl_os_target target)
{
	(void)target;
}

void
pcl_os_steer_gone(enum pcl_os_target target)
{
	(void)target;
}

bool
pcl_os_steer(enum pcl_os_target target, int signum)
{
	(void)target;
	(void)signum;
	return false;
}

bool
pcl_os_steered(const void *info)
{
	(void)info;
	return false;
}
