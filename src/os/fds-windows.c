/* fds-windows.c - a new process has the handles that it was given, so there
 * are no others to close. */
#include <config.h>

#include "os/os.h"

int
pcl_os_close_others(int *keep, size_t n, uint32_t gap)
{
	(void)keep;
	(void)n;
	(void)gap;
	return 0;
}
