/* exec-windows.c - programs are not run here yet: no start is even tried. */
#include <config.h>

#include "os/program.h"

const bool pcl_os_exec_forks = false;

int64_t
pcl_os_exec(const struct pcl_os_exec *exec,
    struct pcl_os_exec_failure *failure)
{
	(void)exec;
	failure->step = PCL_OS_EXEC_BIRTH;
	failure->index = 0;
	failure->path[0] = '\0';
	return PROCLC_ENOTSUP;
}
