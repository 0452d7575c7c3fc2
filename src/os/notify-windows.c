/* notify-windows.c - no supervisor of this system listens to messages. */
#include <config.h>

#include "os/kin.h"

const bool pcl_os_notifies = false;

int
pcl_os_notify(const char *name, const char *text)
{
	(void)name;
	(void)text;
	return PROCLC_ENOTSUP;
}

int
pcl_os_notify_barrier(const char *name, int64_t due)
{
	(void)name;
	(void)due;
	return PROCLC_ENOTSUP;
}

int
pcl_os_notify_line(int fd)
{
	(void)fd;
	return PROCLC_ENOTSUP;
}

int64_t
pcl_os_notify_usec(void)
{
	return pcl_os_now() * 1000;
}
