/* The open descriptors of this process. */
#ifndef TOOLKIT_FDS_H
#define TOOLKIT_FDS_H

#include "os.h"

#include <fcntl.h>
#include <stdlib.h>

/*
 * Their number, and an array of them to free.  Where the system does not
 * list them, the first thousand are tried: no limit bounds what is open.
 */
static inline int
fds_list(int **list)
{
	enum { TRIED = 1024 };
	int n = os_fds(list);
	int fd;

	if (n != OS_UNKNOWN)
		return n;
	*list = calloc(TRIED, sizeof(**list));
	if (*list == NULL)
		abort();
	for (fd = 0, n = 0; fd < TRIED; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			(*list)[n++] = fd;
	return n;
}

/*
 * What a test program inherits beyond fd 0-2 goes no further: make's job
 * server, the test driver and Check leave some open.
 */
static inline void
fds_close_on_exec(void)
{
	int *fds;
	int n = fds_list(&fds);
	int i;

	for (i = 0; i < n; i++)
		if (fds[i] > 2)
			fcntl(fds[i], F_SETFD, FD_CLOEXEC);
	free(fds);
}

#endif
