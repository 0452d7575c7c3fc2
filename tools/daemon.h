/* daemon.h - one run of proclc daemon. */
#ifndef TOOLS_DAEMON_H
#define TOOLS_DAEMON_H

#include "proclc.h"

#include <proclc.h>

#include <sys/types.h>

enum { TIMEOUT_MS = 30000, KEEP_MAX = 256, FIRST_SOCKET = 3 };

enum ready { READY_EXEC, READY_FD, READY_NOTIFY };

struct launch {
	const struct command *self;
	struct proclc_daemon_options o;
	const char *pid_file;
	struct proclc_pidfile *pidfile;
	char **program;
	enum ready ready;
	int64_t timeout_ms;
	int program_fd;	/* where PROGRAM writes its line */
	int keep[KEEP_MAX];
	size_t n_keep;
	int n_sockets;	/* for PROGRAM, from FIRST_SOCKET on */
	const char *socket_names;
	int pair[2];	/* the launcher's end, the daemon's end */
	int said[2];	/* what PROGRAM writes to, for READY_FD */
	int notify;	/* its socket, for READY_NOTIFY */
	char notify_name[32];
	bool detached;	/* there is a launcher */
};

/* sockets.c: those that were opened for us (LISTEN_FDS); is this one of them;
 * and, in the daemon, tell the program: 0 or the errno. */
void
note_sockets(struct launch *l);
bool
is_socket(const struct launch *l, int fd);
int
hand_sockets(const struct launch *l);

/* A socket that sd_notify(3) can speak to; false: errno. */
bool
notify_open(struct launch *l);
/* In the launcher: until PROGRAM is ready; the exit code. */
int
await_ready(struct launch *l);
/* Has a daemon whose end of the channel is closed become the program? */
bool
has_begun(struct proclc_orphan *watch, pid_t pid);

#endif
