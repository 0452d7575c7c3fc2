/*
 * share-file.c - memory for another program, in a file that has no name.
 *
 * Who has the descriptor can shorten the file; the library's child closes it
 * before the program has a say.
 */
#include <config.h>

#include "os/kin.h"
#include "os/posix.h"

int
pcl_os_share_open(size_t size, intptr_t *handle)
{
	int fd = pcl_posix_share_file(size);

	if (fd < 0)
		return fd;
	*handle = fd;
	return 0;
}
