/* group-proc.c - who is in a process group, as Linux tells it in /proc. */
#include <config.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "os/os.h"

/* No descriptor is to be had now. */
static bool
lacks_fds(void)
{
	return errno == EMFILE || errno == ENFILE;
}

/* Is the process of this directory alive, and a member?  As below. */
static int
is_live_member(int proc, const char *name, int64_t group)
{
	char path[64], text[512];
	long long its_group;
	const char *rest;
	char state;
	ssize_t n;
	int fd, threads;

	snprintf(path, sizeof(path), "%.40s/stat", name);
	fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return lacks_fds() ? PROCLC_EMFILE : 0;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[n < 0 ? 0 : n] = '\0';
	/* The name in brackets may hold anything, brackets too. */
	rest = strrchr(text, ')');
	/* state is field 3, the group field 5, the number of threads field 20:
	 * its first thread may be a zombie while others run */
	return rest != NULL && sscanf(rest + 1, " %c %*s %lld %*s %*s %*s %*s"
	    " %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %d", &state, &its_group,
	    &threads) == 3 && its_group == group &&
	    ((state != 'Z' && state != 'X') || threads > 1);
}

int
pcl_os_group_lives(int64_t leader)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	int lives = 0;

	if (dir == NULL)
		return lacks_fds() ? PROCLC_EMFILE : PROCLC_ENOTSUP;
	while (lives == 0 && (entry = readdir(dir)) != NULL)
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9')
			lives = is_live_member(dirfd(dir), entry->d_name,
			    leader);
	closedir(dir);
	return lives;
}
