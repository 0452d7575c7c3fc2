/* identity-atfork.c - no word that fork zeroes: fork handlers alone tell. */
#include <config.h>

#include <unistd.h>

#include "os/os.h"

_Atomic uint32_t *
pcl_os_wiped_word(void)
{
	return NULL;
}

int64_t
pcl_os_pid(void)
{
	return getpid();
}

int64_t
pcl_os_parent_pid(void)
{
	return getppid();
}
