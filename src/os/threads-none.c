/* threads-none.c - POSIX does not tell how many threads a process has. */
#include <config.h>

#include "os/os.h"

int
pcl_os_thread_count(void)
{
	return PROCLC_ENOTSUP;
}

int
pcl_os_threads_alive(void)
{
	return PROCLC_ENOTSUP;
}

bool
pcl_os_thread_first_ends(void)
{
	return false;
}

void
pcl_os_thread_name(const char *name)
{
	(void)name;
}

void
pcl_os_first_thread_name(char name[16])
{
	name[0] = '\0';
}

void
pcl_os_program_name(const char *called)
{
	(void)called;
}
