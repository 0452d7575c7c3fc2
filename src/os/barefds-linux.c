/*
 * barefds-linux.c - the descriptors that a child does not need.
 *
 * close_range(2) (Linux 5.9) closes a range at the cost of those open in it;
 * where it is refused, /proc/self/fd tells which are open; where that is not
 * there, they are tried by number.
 */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "os/exec.h"

#ifndef SYS_close_range
#define SYS_close_range 436
#endif

/* Descriptors that are tried by number, until so many were not open. */
enum { GAP = 65536 };

static bool PCL_BARE
close_range_of(int first, int last)
{
	return syscall(SYS_close_range, (unsigned)first, (unsigned)last,
	    0u) == 0;
}

/* All but those that the program's come from. */
static bool PCL_BARE
close_gaps(const struct pcl_exec_run *run)
{
	int first = 3, next;

	while ((next = pcl_exec_next_source(run, first)) != PCL_NONE) {
		if (next > first && !close_range_of(first, next - 1))
			return false;
		first = next + 1;
	}
	return close_range_of(first, INT_MAX);
}

/* True: it was open. */
static bool PCL_BARE
close_one(const struct pcl_exec_run *run, int fd, bool all)
{
	long flags = syscall(SYS_fcntl, fd, F_GETFD);

	if (flags >= 0 && (all || (flags & FD_CLOEXEC) != 0) &&
	    pcl_exec_next_source(run, fd) != fd)
		syscall(SYS_close, fd);
	return flags >= 0;
}

/* As the kernel has it; d_name is the last. */
struct entry {
	uint64_t ino, off;
	unsigned short length;
	unsigned char type;
	char name[1];
};

static int PCL_BARE
number_of(const char *name)
{
	int n = 0;

	if (*name < '0' || *name > '9')
		return -1;
	while (*name >= '0' && *name <= '9')
		n = n * 10 + *name++ - '0';
	return n;
}

/* The kernel reads on at the next number, so none is skipped when others are
 * closed meanwhile. */
static bool PCL_BARE
close_listed(const struct pcl_exec_run *run, bool all)
{
	union {
		uint64_t align;
		char bytes[1024];
	} list;
	int dir = pcl_bare_open("/proc/self/fd", O_RDONLY | O_DIRECTORY |
	    O_CLOEXEC);
	long n, at;

	if (dir < 0)
		return false;
	while ((n = syscall(SYS_getdents64, dir, &list, sizeof(list))) > 0)
		for (at = 0; at < n;) {
			const struct entry *e =
			    (const void *)(list.bytes + at);
			int fd = number_of(e->name);

			if (fd > 2 && fd != dir)
				close_one(run, fd, all);
			at += e->length;
		}
	pcl_bare_close(dir);
	return n == 0;
}

static void PCL_BARE
close_by_number(const struct pcl_exec_run *run, bool all)
{
	for (int fd = 3, gap = 0; gap < GAP; fd++)
		gap = close_one(run, fd, all) ? 0 : gap + 1;
}

void PCL_BARE
pcl_bare_close_others(const struct pcl_exec_run *run, bool all)
{
	if ((!all || !close_gaps(run)) && !close_listed(run, all))
		close_by_number(run, all);
}
