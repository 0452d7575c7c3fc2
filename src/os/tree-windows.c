/*
 * tree-windows.c - whose child a process is.
 *
 * Orphans come to nobody here: a process keeps the number of a parent that is
 * gone, and another one may have it by then.  So there is no list of kin to be
 * had; trees are jobs (job-windows.c).
 */
#include <config.h>

#include "os/kin.h"
#include "os/win32.h"

const bool pcl_os_kin_listed = false;

int
pcl_os_subreaper(bool on)
{
	(void)on;
	return PROCLC_ENOTSUP;
}

int
pcl_os_kin_list(struct pcl_os_kin **list)
{
	*list = NULL;
	return PROCLC_ENOTSUP;
}

int
pcl_os_kin_look(int64_t pid, struct pcl_os_kin *kin)
{
	struct pcl_os_process process;
	int rc = pcl_os_process_open(&process, pid);

	if (rc < 0)
		return rc;
	*kin = (struct pcl_os_kin){ .pid = pid,
	    .start = pcl_win_created(pcl_win_handle(process.handle)) };
	pcl_os_process_close(&process);
	return 0;
}
