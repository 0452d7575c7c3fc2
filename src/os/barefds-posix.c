/* barefds-posix.c - the descriptors that a child does not need, by number:
 * POSIX knows no better way. */
#include <config.h>

#include <fcntl.h>
#include <unistd.h>

#include "os/exec.h"

/* They are tried until so many were not open. */
enum { GAP = 65536 };

/* True: it was open. */
static bool
close_one(const struct pcl_exec_run *run, int fd, bool all)
{
	int flags = fcntl(fd, F_GETFD);

	if (flags >= 0 && (all || (flags & FD_CLOEXEC) != 0) &&
	    pcl_exec_next_source(run, fd) != fd)
		close(fd);
	return flags >= 0;
}

void
pcl_bare_close_others(const struct pcl_exec_run *run, bool all)
{
	for (int fd = 3, gap = 0; gap < GAP; fd++)
		gap = close_one(run, fd, all) ? 0 : gap + 1;
}
