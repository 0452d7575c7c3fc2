/* tree-linux.c - whose child a process is, as /proc tells it, see proc(5). */
#include <config.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "os/kin.h"

const bool pcl_os_kin_listed = true;

#ifndef PR_SET_CHILD_SUBREAPER
#define PR_SET_CHILD_SUBREAPER 36
#endif

int
pcl_os_subreaper(bool on)
{
	/* The first process of a namespace has them in any case. */
	if (pcl_os_pid() == 1)
		return 0;
	return prctl(PR_SET_CHILD_SUBREAPER, on ? 1UL : 0UL, 0UL, 0UL,
	    0UL) == 0 ? 0 : -errno;
}

/* Nothing is known then: the process asked for may be there. */
static bool
is_no_answer(int number)
{
	return number != ENOENT && number != ESRCH && number != ENOTDIR &&
	    number != EACCES && number != EPERM && number != ENOSYS;
}

static int
open_at(int dir, const char *name, int flags)
{
	int fd;

	do
		fd = openat(dir, name, flags | O_RDONLY | O_CLOEXEC);
	while (fd < 0 && errno == EINTR);
	return fd;
}

/* From /proc/PID/stat.  PROCLC_ESRCH: there is no such process any more, or it
 * is not for us to see. */
static int
read_kin(int proc, const char *name, struct pcl_os_kin *kin)
{
	unsigned long long start;
	char path[64], text[512], state;
	long long parent;
	const char *rest;
	int fd, threads, rc;
	ssize_t n;

	snprintf(path, sizeof(path), "%.40s/stat", name);
	fd = open_at(proc, path, 0);
	if (fd < 0)
		return is_no_answer(errno) ? -errno : PROCLC_ESRCH;
	do
		n = read(fd, text, sizeof(text) - 1);
	while (n < 0 && errno == EINTR);
	rc = n < 0 && is_no_answer(errno) ? -errno : PROCLC_ESRCH;
	close(fd);
	text[n < 0 ? 0 : n] = '\0';
	/* The name in brackets may hold anything, brackets too. */
	rest = strrchr(text, ')');
	/* state is field 3, the parent field 4, the number of threads field
	 * 20, the start after boot field 22 */
	if (rest == NULL || sscanf(rest + 1, " %c %lld %*s %*s %*s %*s %*s"
	    " %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %d %*s %llu", &state,
	    &parent, &threads, &start) != 4)
		return rc;
	kin->pid = strtoll(name, NULL, 10);
	kin->parent = parent;
	kin->start = start;
	kin->ended = (state == 'Z' || state == 'X') && threads <= 1;
	kin->stopped = state == 'T' || state == 't';
	return 0;
}

/* Another pid namespace's has other numbers than we. */
static bool
is_of_our_namespace(int proc)
{
	char text[32];
	ssize_t n = readlinkat(proc, "self", text, sizeof(text) - 1);

	text[n < 0 ? 0 : n] = '\0';
	return strtoll(text, NULL, 10) == pcl_os_pid();
}

int
pcl_os_kin_look(int64_t pid, struct pcl_os_kin *kin)
{
	char name[32];
	int proc = open_at(AT_FDCWD, "/proc", O_DIRECTORY), rc;

	if (proc < 0)
		return is_no_answer(errno) ? -errno : PROCLC_ENOTSUP;
	snprintf(name, sizeof(name), "%lld", (long long)pid);
	rc = pid == pcl_os_pid() && !is_of_our_namespace(proc) ?
	    PROCLC_ENOTSUP : read_kin(proc, name, kin);
	close(proc);
	return rc;
}

/* Room for one more at n. */
static bool
grow(struct pcl_os_kin **list, int n)
{
	enum { STEP = 256 };
	void *more;

	if (n % STEP != 0)
		return true;
	more = realloc(*list, ((size_t)n + STEP) * sizeof(**list));
	if (more == NULL)
		return false;
	*list = more;
	return true;
}

/* The next process that there is; 1, no more. */
static int
next_kin(DIR *dir, struct pcl_os_kin *kin)
{
	struct dirent *entry;
	int rc;

	for (;;) {
		errno = 0;
		entry = readdir(dir);
		if (entry == NULL)
			return errno == 0 ? 1 : -errno;
		if (entry->d_name[0] < '1' || entry->d_name[0] > '9')
			continue;
		rc = read_kin(dirfd(dir), entry->d_name, kin);
		if (rc != PROCLC_ESRCH)
			return rc;
	}
}

int
pcl_os_kin_list(struct pcl_os_kin **list)
{
	DIR *dir;
	int n = 0, rc = 0;

	*list = NULL;
	do
		dir = opendir("/proc");
	while (dir == NULL && errno == EINTR);
	if (dir == NULL)
		return is_no_answer(errno) ? -errno : PROCLC_ENOTSUP;
	if (!is_of_our_namespace(dirfd(dir)))
		rc = PROCLC_ENOTSUP;
	while (rc == 0) {
		rc = grow(list, n) ? next_kin(dir, *list + n) : PROCLC_ENOMEM;
		n += rc == 0;
	}
	closedir(dir);
	/* Not even this process: it is another kind of folder. */
	if (rc > 0 && n > 0)
		return n;
	free(*list);
	*list = NULL;
	return rc < 0 ? rc : PROCLC_ENOTSUP;
}
