/*
 * sockets.c - sockets that a supervisor has opened for us are the program's:
 * it finds them by its own pid, see sd_listen_fds(3).
 */
#define _GNU_SOURCE 1

#include "daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static long
number_of(const char *name)
{
	const char *text = getenv(name);
	char *end;
	long value;

	if (text == NULL)
		return 0;
	value = strtol(text, &end, 10);
	return end != text && *end == '\0' ? value : 0;
}

void
note_sockets(struct launch *l)
{
	long n = number_of("LISTEN_FDS");

	if (number_of("LISTEN_PID") != getpid() || n < 1 || n > INT_MAX / 2)
		return;
	/* One that is not there could become a descriptor of ours. */
	for (int fd = FIRST_SOCKET; fd < FIRST_SOCKET + n; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			return;
	l->n_sockets = (int)n;
	l->socket_names = getenv("LISTEN_FDNAMES");
}

bool
is_socket(const struct launch *l, int fd)
{
	return fd >= FIRST_SOCKET && fd < FIRST_SOCKET + l->n_sockets;
}

static int
set_number(const char *name, long value)
{
	char text[32];

	snprintf(text, sizeof(text), "%ld", value);
	return setenv(name, text, 1);
}

int
hand_sockets(const struct launch *l)
{
	if (l->n_sockets == 0)
		return 0;
	/* This one names the process, too, by another number. */
	unsetenv("LISTEN_PIDFDID");
	if (set_number("LISTEN_PID", getpid()) != 0 ||
	    set_number("LISTEN_FDS", l->n_sockets) != 0 ||
	    (l->socket_names != NULL &&
	    setenv("LISTEN_FDNAMES", l->socket_names, 1) != 0))
		return errno;
	return 0;
}
