/* start.c - what proclc(1) makes sure of before all else. */
#define _POSIX_C_SOURCE 200809L

#include "proclc.h"

#include <fcntl.h>
#include <unistd.h>

void
hold_standard(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= 2);
	close(fd);
}
