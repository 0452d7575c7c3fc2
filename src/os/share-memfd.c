/*
 * share-memfd.c - memory for another program (Linux 3.17): sealed, so that
 * nobody can take it away from who has it mapped.
 */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "os/kin.h"
#include "os/posix.h"

static int
open_sealed(size_t size)
{
	int rc, fd = pcl_posix_high(memfd_create("proclc", MFD_CLOEXEC |
	    MFD_ALLOW_SEALING));

	if (fd < 0)
		return fd;
	if (ftruncate(fd, (off_t)size) == 0 && fcntl(fd, F_ADD_SEALS,
	    F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0)
		return fd;
	rc = -errno;
	close(fd);
	return rc;
}

int
pcl_os_share_open(size_t size, intptr_t *handle)
{
	int fd = open_sealed(size);

	/* Refused by a filter, or an emulator. */
	if (fd == PROCLC_ENOSYS || fd == PROCLC_EPERM || fd == PROCLC_EINVAL)
		fd = pcl_posix_share_file(size);
	if (fd < 0)
		return fd;
	*handle = fd;
	return 0;
}
