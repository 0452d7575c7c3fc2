/* threads-proc.c - what Linux knows of a process's threads. */
#include <config.h>

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

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

/* Until the others are gone, too, it is there as a zombie. */
static bool
first_is_gone(void)
{
	char path[64], text[128] = "";
	const char *state;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", (int)getpid());
	file = fopen(path, "re");
	if (file == NULL)
		return false;
	if (fgets(text, sizeof(text), file) == NULL)
		text[0] = '\0';
	fclose(file);
	state = strrchr(text, ')');
	return state != NULL && (state[2] == 'Z' || state[2] == 'X');
}

int
pcl_os_threads_alive(void)
{
	int n = pcl_os_thread_count();

	return n > 0 && first_is_gone() ? n - 1 : n;
}

bool
pcl_os_thread_first_ends(void)
{
	return gettid() == getpid() || first_is_gone();
}

void
pcl_os_thread_name(const char *name)
{
	/* Never another thread: libc would open a file of /proc for that, and
	 * the kernel take its time to drop it when this process is reaped. */
	pthread_setname_np(pthread_self(), name);
}

void
pcl_os_first_thread_name(char name[16])
{
	int fd = open("/proc/self/comm", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, name, 15);

	if (fd >= 0)
		close(fd);
	name[n > 0 ? n : 0] = '\0';
	name[strcspn(name, "\n")] = '\0';
}

void
pcl_os_program_name(const char *called)
{
	const char *slash = strrchr(called, '/');
	char name[16];

	snprintf(name, sizeof(name), "%.15s", slash == NULL ? called :
	    slash + 1);
	pthread_setname_np(pthread_self(), name);
}
