/* map-posix.c - memory that several processes have. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "os/kin.h"
#include "os/posix.h"

#ifndef MAP_ANONYMOUS
#define MAP_ANONYMOUS MAP_ANON
#endif

int
pcl_os_map(intptr_t handle, size_t size, void **memory)
{
	int flags = MAP_SHARED | (handle == PCL_NONE ? MAP_ANONYMOUS : 0);
	void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, flags,
	    (int)handle, 0);

	if (at == MAP_FAILED)
		return -errno;
	*memory = at;
	return 0;
}

void
pcl_os_unmap(void *memory, size_t size)
{
	munmap(memory, size);
}

int
pcl_posix_share_file(size_t size)
{
	char path[] = "/tmp/proclc.XXXXXX";
	int rc, fd = mkostemp(path, O_CLOEXEC);

	if (fd < 0)
		return -errno;
	unlink(path);
	fd = pcl_posix_high(fd);
	if (fd < 0)
		return fd;
	/* Who writes to a page for which there is no room dies. */
	rc = posix_fallocate(fd, 0, (off_t)size);
	if (rc == 0)
		return fd;
	close(fd);
	return -rc;
}
