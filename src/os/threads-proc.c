/* threads-proc.c - what Linux knows of a process's threads. */
#include <config.h>

#include <dirent.h>
#include <pthread.h>
#include <string.h>

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
pcl_os_thread_name(const struct pcl_os_thread *thread)
{
	pthread_t id;

	memcpy(&id, thread->id, sizeof(id));
	pthread_setname_np(id, thread->name);
}
