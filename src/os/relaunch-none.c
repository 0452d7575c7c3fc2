/* relaunch-none.c - a daemon is made by forks. */
#include <config.h>

#include "os/os.h"

int
pcl_os_relaunch(intptr_t channel, bool strip, struct pcl_os_process *daemon)
{
	(void)channel;
	(void)strip;
	(void)daemon;
	return PROCLC_ENOTSUP;
}

intptr_t
pcl_os_relaunched(void)
{
	return PCL_NONE;
}
