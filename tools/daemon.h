/* daemon.h - one run of proclc daemon. */
#ifndef TOOLS_DAEMON_H
#define TOOLS_DAEMON_H

#include "proclc.h"

#include <proclc.h>

#include <sys/types.h>

enum { TIMEOUT_MS = 30000, KEEP_MAX = 64 };

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
	int pair[2];	/* the launcher's end, the daemon's end */
	int said[2];	/* what PROGRAM writes to, for READY_FD */
	int notify;	/* its socket, for READY_NOTIFY */
	char notify_name[32];
	bool detached;	/* there is a launcher */
};

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
