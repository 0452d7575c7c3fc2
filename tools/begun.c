/*
 * begun.c - has a process become its program, or ended before?
 *
 * It has said that the exec is next, and its end of a channel was closed: by
 * the exec, or by its death.  While it is there, a zombie too, the kernel
 * tells whether it has ever called execve(2).  Of one that is gone only how it
 * ended is known (Linux 6.15): our own code does not exit there without a
 * word, so who has exited was the program.
 */
#define _GNU_SOURCE 1

#include "daemon.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

enum { FORKED_NO_EXEC = 0x40, INFO_EXIT = 1 << 3, TRIES = 100 };

/* Of /proc/PID/stat, see proc(5): the flags, and the state; 0: it is not
 * there. */
static char
look(pid_t pid, unsigned *flags)
{
	char path[64], text[512], state = 0;
	const char *end;
	FILE *file;
	size_t n;

	snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
	file = fopen(path, "re");
	if (file == NULL)
		return 0;
	n = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[n] = '\0';
	end = strrchr(text, ')');
	if (end == NULL || sscanf(end + 1, " %c %*s %*s %*s %*s %*s %u",
	    &state, flags) != 2)
		return 0;
	return state;
}

enum end { BY_SIGNAL, BY_EXIT, NOT_YET, NEVER };

/* How the process of a pidfd has ended, as <linux/pidfd.h> has it. */
static enum end
end_of(int pidfd)
{
	struct {
		uint64_t mask, cgroup;
		uint32_t ids[11];
		int32_t status;
	} info = { .mask = INFO_EXIT };

	if (ioctl(pidfd, _IOWR(0xff, 11, info), &info) != 0)
		return errno == ESRCH ? NOT_YET : NEVER;
	if ((info.mask & INFO_EXIT) == 0)
		return NOT_YET;
	return WIFSIGNALED(info.status) ? BY_SIGNAL : BY_EXIT;
}

bool
has_begun(struct proclc_orphan *watch, pid_t pid)
{
	struct pollfd gone = { .fd = proclc_orphan_fd(watch),
	    .events = POLLIN };
	enum end end = NOT_YET;
	unsigned flags = 0;
	char state;

	for (int i = 0; i < TRIES && end == NOT_YET; i++) {
		state = look(pid, &flags);
		if (poll(&gone, 1, 0) <= 0)
			return state == 0 || (flags & FORKED_NO_EXEC) == 0;
		/* Nobody else has its pid while it is a zombie. */
		end = end_of(gone.fd);
		if (end != BY_SIGNAL && end != BY_EXIT && state == 'Z')
			return (flags & FORKED_NO_EXEC) == 0;
		if (end == NOT_YET)
			poll(NULL, 0, 1);
	}
	return end != BY_SIGNAL;
}
