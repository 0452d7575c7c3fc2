/* tree-none.c - POSIX does not tell whose child a process is. */
#include <config.h>

#include "os/kin.h"

const bool pcl_os_kin_listed = false;

/* The first process has the orphans in any case. */
int
pcl_os_subreaper(bool on)
{
	(void)on;
	return pcl_os_pid() == 1 ? 0 : PROCLC_ENOTSUP;
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
	(void)pid;
	(void)kin;
	return PROCLC_ENOTSUP;
}
