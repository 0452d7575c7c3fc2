/*
 * daemon.h - one call makes a correct daemon; the launcher's word is the
 * truth.
 *
 * The process that the user started (the launcher) ends with 0 only when the
 * daemon is complete: pid file locked and written, descriptors in order,
 * "ready" said.  Otherwise it says on one line which step failed and why, and
 * nothing is left behind.
 */
#ifndef PROCLC_DAEMON_H
#define PROCLC_DAEMON_H

#include <proclc/base.h>

PROCLC_BEGIN

enum proclc_daemon_flags {
	/* Go on although the process has threads of the program's own: they
	 * do not exist in the daemon, and what they held stays held. */
	PROCLC_DAEMON_ALLOW_THREADS = 1,
	/* Ready is said by proclc_daemon_ready(), not by the return of the
	 * call in the daemon. */
	PROCLC_DAEMON_WAIT_READY = 2,
	/* Windows: the daemon gets no command line but its program's name.
	 * Elsewhere it goes on where main() is, and there is nothing to do. */
	PROCLC_DAEMON_STRIP_CMD_ARGS = 4,
	/* Leave every variable of the environment as it is. */
	PROCLC_DAEMON_KEEP_ENVIRONMENT = 8
};

/* Which process returns from proclc_daemon_fork(). */
enum proclc_daemon_role {
	PROCLC_DAEMON_CHILD = 0,
	PROCLC_DAEMON_LAUNCHER = 1
};

/* Where the daemon is, once the call has returned in it. */
enum proclc_daemon_mode {
	/* In the background: both forks, a session of its own.  0 is this. */
	PROCLC_DAEMON_DETACH = 1,
	/* Where it was started, by a supervisor or in a container: the
	 * process stays what it is, and only what is asked for is done. */
	PROCLC_DAEMON_FOREGROUND = 2,
	/* In the foreground where somebody watches this very process and has
	 * said so: NOTIFY_SOCKET is set, LISTEN_PID is our pid, or we are
	 * process 1 of a container.  Else in the background. */
	PROCLC_DAEMON_AUTO = 3
};

/* How to become a daemon; zero is the default in every member.  The strings
 * and arrays are read during the call only. */
struct proclc_daemon_options {
	uint32_t size;
	uint32_t flags;
	/* Locked before the first fork, written by the daemon, removed when
	 * it exits; NULL: none. */
	const char *pid_file;
	const char *chdir;	/* NULL: stay here */
	/* Opened before the first fork, the latter two for appending; NULL:
	 * the null device. */
	const char *stdin_path;
	const char *stdout_path;
	const char *stderr_path;
	/* Descriptors not to close besides 0, 1 and 2. */
	const int *keep_fds;
	size_t n_keep_fds;
	int64_t ready_timeout_ms;	/* 0: 30000 */
	uint32_t umask;	/* 0: 027; else mask | PROCLC_UMASK_SET */
	/* Where the system does not tell which descriptors are open they are
	 * tried by number; so many closed ones in a row are the end of it.
	 * 0: 65536. */
	uint32_t fd_fallback_limit;
	/* Copied, and given out by proclc_daemon_args(). */
	const void *args;
	size_t args_size;
	/* Names or numbers of whom the daemon is to be, its groups included;
	 * NULL: as the caller, and the user's own group. */
	const char *user;
	const char *group;
	uint32_t mode;	/* 0: PROCLC_DAEMON_DETACH */
	uint32_t reserved;	/* 0 */
};

#define PROCLC_DAEMON_OPTIONS_INIT \
	{ sizeof(struct proclc_daemon_options), 0, NULL, NULL, NULL, NULL, \
	  NULL, NULL, 0, 0, 0, 0, NULL, 0, NULL, NULL, 0, 0 }

/*
 * Become a daemon.  Both forks, own session, umask, directory, empty signal
 * mask, no ignored signals but PIPE and CHLD, pid file, only the kept
 * descriptors open, 0 to 2 redirected, environment, user and groups.  Exit
 * handlers, handler objects and pid files move to the daemon; text that
 * stdout and stderr hold is written before.
 * The variables by which a supervisor speaks to the caller (NOTIFY_SOCKET,
 * WATCHDOG_*, LISTEN_*) go; with a user, HOME, USER, LOGNAME and SHELL become
 * his.
 * PROCLC_DAEMON_FOREGROUND: no fork, no session; descriptors, environment and
 * signals stay.  The pid file, the umask, the directory, the paths, the user
 * and the group that were given are done, and nothing without.  The process
 * may have threads, tasks and watches, and be in a callback.  Every error is
 * returned, and nothing has changed; but a change of user that the system
 * breaks off half-way, PROCLC_EPERM, may have changed ids and groups: end.
 * options: NULL for the defaults.
 * Returns 0, in the daemon.  An error found before the first fork is
 * returned, and nothing has changed: PROCLC_ERUNNING, the pid file is held by
 * the pid in the detail; PROCLC_ESTARTING; PROCLC_EUNSAFE; PROCLC_EALREADY,
 * the process is a daemon; PROCLC_ETHREADS; PROCLC_ETASKS;
 * PROCLC_ECALLBACK; PROCLC_EUSER, no such user or group; PROCLC_EINVAL; what
 * open(2) and fork(2) say.
 * In the launcher it does not return after the fork: it exits 0 once the
 * daemon is ready, else prints proclc_errmsg() on stderr and exits with the
 * code given to proclc_daemon_fail(), or 1; the daemon is ended then.
 * Blocks: the launcher up to ready_timeout_ms and 11 s to end a daemon that
 * failed. Thread: any, but not beside other threads; in the foreground, not
 * beside other calls of this header. Signal: unsafe.
 * Fork: owner process. Platforms: POSIX.
 */
PROCLC_API int
proclc_daemonize(const struct proclc_daemon_options *options);

/*
 * The same, but the launcher returns, too, and nothing is printed: it may do
 * work of its own, and leaves by proclc_daemon_launcher_exit().
 * Returns PROCLC_DAEMON_CHILD in the daemon; PROCLC_DAEMON_LAUNCHER in the
 * launcher once the daemon is ready; there also PROCLC_ESTARTFAILED, the
 * daemon ended or said no before, PROCLC_ETIMEDOUT, it was not ready in time,
 * and what the failing step of the daemon said: then nothing of it is left
 * and the caller is what it was.  In the foreground there is no launcher, and
 * the caller is the daemon.
 * The rest as proclc_daemonize().
 * Blocks: as there. Thread: any, but not beside other threads.
 * Signal: unsafe. Fork: owner process. Platforms: POSIX.
 */
PROCLC_API int
proclc_daemon_fork(const struct proclc_daemon_options *options);

/*
 * End the launcher: no exit handler runs, for they are the daemon's now.  A
 * launcher that returns from main runs none either.
 * status: its exit code.
 * Does not return.
 * Blocks: no. Thread: any. Signal: safe. Fork: any process. Platforms: POSIX.
 */
PROCLC_API PROCLC_NORETURN void
proclc_daemon_launcher_exit(int status);

/*
 * Say that the daemon does its work: the launcher ends with 0.  In the
 * foreground nobody waits for it.
 * Returns 0; PROCLC_EALREADY, said before; PROCLC_EINVAL, not a daemon made
 * here; PROCLC_EPIPE, the launcher is gone.  The daemon may go on whatever
 * it returns.
 * Blocks: no. Thread: any. Signal: unsafe. Fork: owner process only.
 * Platforms: POSIX.
 */
PROCLC_API int
proclc_daemon_ready(void);

/*
 * Say that the daemon cannot do its work, and end it by proclc_exit(code).
 * code: 1..255, the launcher's exit code.   message: one line for its stderr;
 * NULL: proclc_errmsg().  In the foreground that line is written to the stderr
 * that the process has, once, if it has not said that it is ready; and then
 * a code that the system would read as 0 becomes 1.
 * Does not return.
 * Blocks: as long as the exit handlers. Thread: any. Signal: unsafe.
 * Fork: elsewhere than in the daemon it is proclc_exit(code). Platforms: POSIX.
 */
PROCLC_API PROCLC_NORETURN void
proclc_daemon_fail(int code, const char *message);

/*
 * What options->args held, in the daemon.
 * size: receives how many bytes; may be NULL; 0 without args.
 * Returns a copy that is aligned for every type and lives as long as the
 * process; NULL in a process that is not a daemon made here or a child of
 * one, in the launcher too, and when there were no args.
 * Blocks: no. Thread: any. Signal: safe. Fork: children see it, too.
 * Platforms: all.
 */
PROCLC_API const void *
proclc_daemon_args(size_t *size);

/*
 * Is this the process that the user started?  What is to be done once, before
 * the daemon, asks for it: where a daemon is the program run again (Windows),
 * main() is entered twice.
 * Returns 1; 0, in a daemon made here and its children.
 * Blocks: no. Thread: any. Signal: safe. Fork: any process. Platforms: all.
 */
PROCLC_API int
proclc_daemon_is_setup(void);

/*
 * Open stdout_path and stderr_path anew, as after a rotation of the logs, and
 * have descriptors 1 and 2 mean them; both, or none.  What stdout and stderr
 * hold is written to the old ones before.  The paths mean what they meant in
 * the launcher; null devices stay, and what the foreground has left alone.
 * Returns 0; PROCLC_EINVAL, not a daemon made here; what open(2) says, also
 * to a user who may not: then the old ones are in use.
 * Blocks: on the disk. Thread: any. Signal: unsafe. Fork: owner process only.
 * Platforms: POSIX.
 */
PROCLC_API int
proclc_daemon_reopen_logs(void);

PROCLC_END

#endif
