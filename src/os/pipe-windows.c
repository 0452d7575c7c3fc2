/* pipe-windows.c - no program is run here yet, so there is none to talk to. */
#include <config.h>

#include "os/program.h"

int
pcl_os_pipe_open(intptr_t ends[2], int ours)
{
	(void)ends;
	(void)ours;
	return PROCLC_ENOTSUP;
}

int64_t
pcl_os_pipe_read(intptr_t end, void *data, size_t size)
{
	(void)end;
	(void)data;
	(void)size;
	return PROCLC_ENOTSUP;
}

int64_t
pcl_os_pipe_write(intptr_t end, const void *data, size_t size)
{
	(void)end;
	(void)data;
	(void)size;
	return PROCLC_ENOTSUP;
}

int
pcl_os_pipes_wait(const intptr_t *ends, bool *ready, size_t n, int64_t due)
{
	(void)ends;
	(void)ready;
	(void)n;
	(void)due;
	return PROCLC_ENOTSUP;
}
