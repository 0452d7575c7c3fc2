/* threads-proc.c - what Linux knows of a process's threads. */
#include <config.h>

#include <dirent.h>
#include <string.h>
#include <sys/prctl.h>

#include "os/os.h"

int
pcl_os_thread_count(void)
{
	DIR *dir = opendir("/proc/self/task");
	struct dirent *entry;
	int n = 0;

	if (dir == NULL)
		return PROCLC_ENOTSUP;
	while ((entry = readdir(dir)) != NULL)
		if (entry->d_name[0] != '.')
			n++;
	closedir(dir);
	return n;
}

void
pcl_os_thread_name(const char *name)
{
	prctl(PR_SET_NAME, name);
}
