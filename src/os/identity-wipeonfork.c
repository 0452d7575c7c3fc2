/*
 * identity-wipeonfork.c - a word that fork zeroes (Linux 4.14).
 *
 * madvise(2): "Present the child process with zero-filled memory in this
 * range after a fork".  It works for every way to make a process that copies
 * memory, raw clone included; qemu-user accepts the advice and does not wipe,
 * so this is never the only sign.
 */
#include <config.h>

#include <sys/mman.h>
#include <unistd.h>

#include "os/os.h"

_Atomic uint32_t *
pcl_os_wiped_word(void)
{
	size_t size = (size_t)sysconf(_SC_PAGESIZE);
	void *page = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		return NULL;
	if (madvise(page, size, MADV_WIPEONFORK) != 0) {
		munmap(page, size);
		return NULL;
	}
	return page;
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
