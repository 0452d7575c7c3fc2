/*
 * command.h - a program is a task, too: run without a shell, with exactly the
 * descriptors, directory, user and limits that it was given.
 *
 *	struct proclc_task *task;
 *	struct proclc_command_options o = PROCLC_COMMAND_OPTIONS_INIT;
 *
 *	o.out.kind = PROCLC_STDIO_PIPE;
 *	rc = proclc_command_new(&task, (char *[]){ "ls", "-l", NULL }, &o);
 *
 * It is started, waited for, signalled, shut down and freed by the calls of
 * subprocess.h, which includes this header.
 *
 * On Windows a descriptor is a HANDLE by its value; user, group, limits, umask
 * and KEEP_FDS are PROCLC_ENOTSUP, and batch files PROCLC_ENOEXEC.
 */
#ifndef PROCLC_COMMAND_H
#define PROCLC_COMMAND_H

#include <proclc/subprocess.h>

PROCLC_BEGIN

/* Those of a task (subprocess.h), but for RESULT, and these. */
enum proclc_command_flags {
	/* It is killed when its parent ends, whatever ends that and whichever
	 * thread has started it. */
	PROCLC_COMMAND_DIE_WITH_PARENT = 0x10000,
	/* Every descriptor stays open that exec does not close; else 0, 1, 2
	 * and those passed. */
	PROCLC_COMMAND_KEEP_FDS = 0x20000
};

enum proclc_stdio_kind {
	PROCLC_STDIO_INHERIT = 0,	/* the parent's; closed stays closed */
	PROCLC_STDIO_NULL,	/* the null device */
	/* path: stdin reads it; the others make it, 0666 less the umask, or
	 * empty it.  From the directory that the parent is in. */
	PROCLC_STDIO_FILE,
	PROCLC_STDIO_APPEND,	/* the same, added to what is there */
	PROCLC_STDIO_PIPE,	/* proclc_command_fd() has the other end */
	PROCLC_STDIO_FD,	/* fd, a descriptor of the parent */
	PROCLC_STDIO_OUT	/* err only: where stdout goes */
};

/* Where one of its descriptors 0, 1 and 2 leads.  A descriptor given here, or
 * in fds, is copied: the caller may close it at once.  The copy is kept while
 * the command may be started, so one that restarts keeps its pipes open. */
struct proclc_stdio {
	uint32_t kind;	/* an enum proclc_stdio_kind */
	int32_t fd;	/* for PROCLC_STDIO_FD */
	const char *path;	/* for FILE and APPEND */
};

/* A descriptor for it, and its number there, 3 or more. */
struct proclc_pass {
	int32_t fd;
	int32_t as;
};

/* A resource limit, see setrlimit(2); UINT64_MAX: none. */
struct proclc_limit {
	int32_t resource;	/* RLIMIT_NOFILE, ... */
	uint32_t reserved;
	uint64_t soft;
	uint64_t hard;
};

/* How to run it; zero is the default in every member. */
struct proclc_command_options {
	uint32_t size;
	uint32_t flags;
	const char *name;	/* for messages; NULL: argv[0] */
	/* The file to run; NULL: argv[0].  Without a slash it is looked for
	 * in the parent's PATH. */
	const char *path;
	char *const *env;	/* NULL: the parent's, as it is at the start */
	const char *chdir;	/* NULL: the parent's directory */
	struct proclc_stdio in, out, err;
	const struct proclc_pass *fds;
	size_t n_fds;
	const struct proclc_limit *limits;
	size_t n_limits;
	/* As for proclc_daemonize(), but the environment stays. */
	const char *user;
	const char *group;
	uint32_t umask;	/* 0: the parent's; else mask | PROCLC_UMASK_SET */
	uint32_t reserved;
	/* Whether it runs again when it has ended, see restart.h; copied.  A
	 * program that is not to be had any more is a run that ended early. */
	const struct proclc_restart *restart;
};

#define PROCLC_COMMAND_OPTIONS_INIT \
	{ sizeof(struct proclc_command_options), 0, NULL, NULL, NULL, NULL, \
	  { 0, 0, NULL }, { 0, 0, NULL }, { 0, 0, NULL }, NULL, 0, NULL, 0, \
	  NULL, NULL, 0, 0, NULL }

/*
 * Make a command, and start it unless it is for PROCLC_TASK_EXPLICIT_START.
 * Each start runs the file anew.  It begins with no signal blocked; what the
 * parent ignores it ignores, but not PIPE.  No time depends on how much memory
 * the parent has, but with user or group, where it is copied as by fork.
 * task: receives the object; free it with proclc_task_free().
 * argv: to a NULL, at least one; all strings and arrays are copied.
 * options: NULL for the defaults.  PROCLC_COMMAND_DIE_WITH_PARENT costs a
 * thread of the library's (on Windows none), with the credentials and
 * namespaces of the thread that was the first to need it; restarts have those
 * of the dispatcher.
 * Returns 0, and the program has replaced the child, or is being loaded: one
 * killed in that has run.  Here and from each start, with the step in the
 * detail: what that step of the child said, and then no process is left:
 * PROCLC_STAGE_GROUP, _REDIRECT, _LIMIT, _USER, _CHDIR, _PARENT, and _EXEC:
 * PROCLC_ENOENT, no such file or interpreter; PROCLC_EACCES, not executable;
 * PROCLC_ENOEXEC, not a program; PROCLC_E2BIG; or what else execve(2) says;
 * PROCLC_ESTARTFAILED: it was killed, or shut down.  Before: PROCLC_EBADF, a
 * descriptor to be passed (PROCLC_STAGE_REDIRECT); PROCLC_EUSER;
 * PROCLC_EMFILE; PROCLC_EAGAIN, PROCLC_ENOMEM; PROCLC_EENDING; PROCLC_EINVAL;
 * PROCLC_ENOTSUP, DIE_WITH_PARENT cannot hold: no threads are allowed, the
 * file has more rights than who runs it, or the system has nothing of the
 * kind; or an option has no meaning there.
 * Blocks: until the program is there: a file on a slow disk, a FIFO without
 * writer, a server of users.  Shutdowns, proclc_task_kill() and
 * proclc_task_free() by other threads end that; the child hears TERM, INT and
 * HUP. Thread: any. Signal: unsafe. Fork: any process. Platforms: all.
 */
PROCLC_API int
proclc_command_new(struct proclc_task **task, char *const argv[],
    const struct proclc_command_options *options);

/*
 * The parent's end of a pipe (PROCLC_STDIO_PIPE): to write its stdin, or to
 * read its stdout or stderr, in any event loop.  It does not block; who writes
 * to it takes care of SIGPIPE.  On Windows it is for overlapped operations.
 * Each start has its own; a freed or detached command has none.
 * which: 0, 1 or 2.
 * Returns a descriptor >= 0, the library's, the same until it is closed;
 * PROCLC_ESRCH, not started; PROCLC_EBADF, closed; PROCLC_EINVAL, not a
 * command, or no pipe there; PROCLC_ENOTOWNER.
 * Blocks: while another thread starts it, until it has a child. Thread: any.
 * Signal: unsafe. Fork: owner process only. Platforms: all.
 */
PROCLC_API proclc_waitable
proclc_command_fd(struct proclc_task *task, int which);

/*
 * Close the parent's end: of stdin, and the program reads its end.
 * which: as there.
 * Returns 0, also when it was closed before; PROCLC_ESRCH, PROCLC_EINVAL,
 * PROCLC_ENOTOWNER, as there.
 * Blocks: while another thread starts it, until it has a child. Thread: any.
 * Signal: unsafe. Fork: owner process only. Platforms: all.
 */
PROCLC_API int
proclc_command_close(struct proclc_task *task, int which);

/* What to tell a program, and who hears what it says; zero is the default in
 * every member. */
struct proclc_talk {
	uint32_t size;
	uint32_t reserved;
	const void *in;	/* for its stdin, which is closed then */
	size_t in_size;
	/* Called with what comes from its stdout and stderr; NULL: it is
	 * read and dropped.  Not to free the task. */
	void (*out)(const void *data, size_t n, void *user);
	void (*err)(const void *data, size_t n, void *user);
	void *user;
	/* Once it has ended, how long to read on while others of its kind
	 * keep a pipe open.  0: 1000; PROCLC_NOW, PROCLC_FOREVER. */
	int64_t linger_ms;
};

#define PROCLC_TALK_INIT \
	{ sizeof(struct proclc_talk), 0, NULL, 0, NULL, NULL, NULL, 0 }

/*
 * Serve its pipes, those that it has, until it has ended and said all.
 * talk: NULL: nothing to tell, and nobody hears.   timeout_ms: PROCLC_FOREVER.
 * Returns 0; 1, it has ended, and a pipe was still open after linger_ms;
 * PROCLC_ETIMEDOUT: the same call again goes on where this one was;
 * PROCLC_EBUSY, another thread is at it; PROCLC_ESRCH, not started;
 * PROCLC_EINVAL; PROCLC_ENOTOWNER; what read(2) says.  A program
 * that closes its stdin early is no error, and no SIGPIPE comes of it.
 * Blocks: up to timeout_ms, a start that is under way included. Thread: any,
 * callbacks in the caller's.
 * Signal: unsafe. Fork: owner process only. Platforms: all.
 */
PROCLC_API int
proclc_command_talk(struct proclc_task *task, const struct proclc_talk *talk,
    int64_t timeout_ms);

PROCLC_END

#endif
