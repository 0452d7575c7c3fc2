/*
 * show WHAT...
 *
 * Says what a program was given: its descriptors, signals, ids and so on,
 * a line for each WHAT.  Does without the library.
 */
#define _GNU_SOURCE 1

#include "../toolkit/os.h"
#include "../toolkit/scn.h"

#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { TRIED = 4096 };

/* The numbers of those that are open. */
static void
show_fds(char *line, size_t size)
{
	size_t used = 0;

	for (int fd = 0; fd < TRIED && used < size - 8; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			used += (size_t)snprintf(line + used, size - used,
			    "%s%d", used == 0 ? "" : " ", fd);
}

static void
show_blocked(char *line, size_t size)
{
	size_t used = 0;
	sigset_t mask;

	sigprocmask(SIG_BLOCK, NULL, &mask);
	for (int s = 1; s < NSIG && used < size - 8; s++)
		if (sigismember(&mask, s) == 1)
			used += (size_t)snprintf(line + used, size - used,
			    "%s%d", used == 0 ? "" : " ", s);
}

static void
show_handled(char *line, size_t size)
{
	struct sigaction now;
	size_t used = 0;

	for (int s = 1; s < NSIG && used < size - 16; s++) {
		if (sigaction(s, NULL, &now) != 0 ||
		    now.sa_handler == SIG_DFL)
			continue;
		used += (size_t)snprintf(line + used, size - used, "%s%d%s",
		    used == 0 ? "" : " ", s, now.sa_handler == SIG_IGN ?
		    " ignored" : " caught");
	}
}

static void
show_ids(char *line, size_t size)
{
	uid_t u[3];
	gid_t g[3], groups[64];
	int n = getgroups(64, groups);
	size_t used;

	getresuid(&u[0], &u[1], &u[2]);
	getresgid(&g[0], &g[1], &g[2]);
	used = (size_t)snprintf(line, size, "%u %u %u, %u %u %u", u[0], u[1],
	    u[2], g[0], g[1], g[2]);
	for (int i = 0; i < n && used < size - 16; i++)
		if (groups[i] != g[0])
			used += (size_t)snprintf(line + used, size - used,
			    " %u", groups[i]);
}

/* What a descriptor holds to be read. */
static void
show_text(char *line, size_t size, int fd)
{
	ssize_t n = read(fd, line, size - 1);

	snprintf(line + (n < 0 ? 0 : n), 8, n < 0 ? "none" : "");
}

/* The signal that it gets when its parent ends. */
static void
show_death(char *line, size_t size)
{
	char text[128];
	int signum = -1;

	if (os_traits(text, sizeof(text)) >= 0)
		sscanf(text, "parent death signal %d", &signum);
	snprintf(line, size, "%d", signum);
}

static void
show(const char *what, char *line, size_t size)
{
	line[0] = '\0';
	if (strcmp(what, "fds") == 0)
		show_fds(line, size);
	else if (strcmp(what, "blocked") == 0)
		show_blocked(line, size);
	else if (strcmp(what, "handled") == 0)
		show_handled(line, size);
	else if (strcmp(what, "ids") == 0)
		show_ids(line, size);
	else if (strncmp(what, "text", 4) == 0)
		show_text(line, size, atoi(what + 4));
	else if (strcmp(what, "umask") == 0)
		snprintf(line, size, "%03o", (unsigned)umask(0));
	else if (strcmp(what, "group") == 0)
		snprintf(line, size, "%d", getpgrp() == getpid());
	else if (strcmp(what, "death") == 0)
		show_death(line, size);
	else if (strcmp(what, "pid") == 0)
		snprintf(line, size, "%d", (int)getpid());
	else if (strcmp(what, "cwd") == 0)
		die_if(getcwd(line, size) == NULL, "getcwd");
	else
		snprintf(line, size, "%s", what);
}

int
main(int argc, char **argv)
{
	char line[900];

	/* Not on its way to nobody: until its stdin ends. */
	if (argc == 2 && strcmp(argv[1], "stay") == 0) {
		say("%d", (int)getpid());
		while (hear(line, sizeof(line)) >= 0)
			continue;
		return 0;
	}
	for (int i = 1; i < argc; i++) {
		show(argv[i], line, sizeof(line));
		say("%s", line);
	}
	return 0;
}
