/*
 * error.h - what went wrong, at which step, and why.
 *
 * Every call of libproclc that can fail returns an int: 0 or more is
 * success, less than 0 is one of the codes below.  The codes that POSIX also
 * names have the value -errno; the library's own start at -20000.  A call
 * may pass on an errno that has no name here: it is returned as -errno, and
 * proclc_strerror() knows it.  NULL for an object, a path or a place that is
 * needed, and a time that is none, are PROCLC_EINVAL in every call that can
 * fail; the comments do not repeat it.
 */
#ifndef PROCLC_ERROR_H
#define PROCLC_ERROR_H

#include <errno.h>

#include <proclc/base.h>

PROCLC_BEGIN

enum proclc_error {
	PROCLC_OK = 0,
	PROCLC_EPERM = -EPERM,
	PROCLC_ENOENT = -ENOENT,
	PROCLC_ESRCH = -ESRCH,
	PROCLC_EINTR = -EINTR,
	PROCLC_EIO = -EIO,
	PROCLC_E2BIG = -E2BIG,
	PROCLC_ENOEXEC = -ENOEXEC,
	PROCLC_EBADF = -EBADF,
	PROCLC_ECHILD = -ECHILD,
	PROCLC_EAGAIN = -EAGAIN,
	PROCLC_ENOMEM = -ENOMEM,
	PROCLC_EACCES = -EACCES,
	PROCLC_EBUSY = -EBUSY,
	PROCLC_EEXIST = -EEXIST,
	PROCLC_ENOTDIR = -ENOTDIR,
	PROCLC_EISDIR = -EISDIR,
	PROCLC_EINVAL = -EINVAL,
	PROCLC_ENFILE = -ENFILE,
	PROCLC_EMFILE = -EMFILE,
	PROCLC_EFBIG = -EFBIG,
	PROCLC_ENOSPC = -ENOSPC,
	PROCLC_EROFS = -EROFS,
	PROCLC_EPIPE = -EPIPE,
	PROCLC_ERANGE = -ERANGE,
	PROCLC_EDEADLK = -EDEADLK,
	PROCLC_ENAMETOOLONG = -ENAMETOOLONG,
	PROCLC_ENOSYS = -ENOSYS,
	PROCLC_ELOOP = -ELOOP,
	PROCLC_ENOTSUP = -ENOTSUP,
	PROCLC_ETIMEDOUT = -ETIMEDOUT,
	PROCLC_EALREADY = -EALREADY,

	/* The parent is already gone. */
	PROCLC_EORPHANED = -20000,
	/* Another instance holds the pid file; the detail has its pid. */
	PROCLC_ERUNNING = -20001,
	/* Another instance holds the pid file and has not written it yet. */
	PROCLC_ESTARTING = -20002,
	/* Nobody holds the pid file, and no live process is named in it. */
	PROCLC_ENOTRUNNING = -20003,
	/* A process with the pid in the file lives, but holds no lock. */
	PROCLC_EUNLOCKED = -20004,
	/* The pid file holds something else than one pid. */
	PROCLC_EMALFORMED = -20005,
	/* Owner, mode, links, kind or directory of a file are not safe. */
	PROCLC_EUNSAFE = -20006,
	/* The new process ended, or said no, before it was ready. */
	PROCLC_ESTARTFAILED = -20007,
	/* The object belongs to another process: this one was forked. */
	PROCLC_ENOTOWNER = -20008,
	/* No such signal, or not one that this call can handle. */
	PROCLC_ESIGNAL = -20009,
	/* The process has other threads. */
	PROCLC_ETHREADS = -20010,
	/* The process has live tasks. */
	PROCLC_ETASKS = -20011,
	/* Not from inside a callback of the library. */
	PROCLC_ECALLBACK = -20012,
	/* The process is ending: nothing new can be registered or started. */
	PROCLC_EENDING = -20013,
	/* No such user or group. */
	PROCLC_EUSER = -20014
};

/* The step at which a call failed. */
enum proclc_stage {
	PROCLC_STAGE_NONE = 0,
	PROCLC_STAGE_ARGUMENTS,	/* the caller's own mistake */
	PROCLC_STAGE_MEMORY,
	PROCLC_STAGE_THREAD,
	PROCLC_STAGE_SIGNAL,	/* installing or sending one */
	PROCLC_STAGE_DIRECTORY,	/* of the pid file, or the one to change to */
	PROCLC_STAGE_OPEN,
	PROCLC_STAGE_CHECK,	/* owner, mode, kind of a file */
	PROCLC_STAGE_LOCK,
	PROCLC_STAGE_READ,
	PROCLC_STAGE_WRITE,
	PROCLC_STAGE_REMOVE,
	PROCLC_STAGE_PIPE,	/* any channel between processes */
	PROCLC_STAGE_FORK,
	PROCLC_STAGE_SESSION,
	PROCLC_STAGE_CHDIR,
	PROCLC_STAGE_REDIRECT,
	PROCLC_STAGE_DESCRIPTORS,	/* closing those not kept */
	PROCLC_STAGE_WAIT,
	PROCLC_STAGE_READY,	/* between start and the word "ready" */
	PROCLC_STAGE_INIT,	/* the program's own init or begin */
	PROCLC_STAGE_PARENT,	/* finding or watching the parent */
	PROCLC_STAGE_USER,	/* finding or becoming a user */
	PROCLC_STAGE_ENVIRONMENT,
	PROCLC_STAGE_EXEC,	/* running a program */
	PROCLC_STAGE_LIMIT,
	PROCLC_STAGE_GROUP	/* leading a process group */
};

/* The calling thread's last failure. */
struct proclc_error_detail {
	uint32_t size;	/* set by the caller: sizeof(struct ...) */
	int32_t code;	/* an enum proclc_error, or -errno */
	int32_t os_error;	/* the system's own number, 0 when none: an
				 * errno, on Windows a Win32 error */
	int32_t stage;	/* an enum proclc_stage */
	int64_t pid;	/* the process it is about, 0 when none */
};

/*
 * The meaning of a code, in a few words.
 * code: what a call returned; its sign does not matter.
 * Returns a constant string, never NULL; it is valid for ever, for a code
 * without a name until this thread's next call.
 * Blocks: no. Thread: any. Signal: unsafe. Fork: any process.
 * Platforms: all.
 */
PROCLC_API const char *
proclc_strerror(int code);

/*
 * The name of a code, as in "PROCLC_ERUNNING".
 * code: what a call returned.
 * Returns a constant string; NULL for a code that has no name here.
 * Blocks: no. Thread: any. Signal: safe. Fork: any process.
 * Platforms: all.
 */
PROCLC_API const char *
proclc_error_name(int code);

/*
 * The last failure of the calling thread, as one sentence that names the
 * step, the path or pid, and the cause:
 * "daemonize: lock /run/x.pid: held by pid 4711".
 * Returns a string of this thread, valid until its next failing call; "" when
 * no call has failed in it.
 * Blocks: no. Thread: any. Signal: unsafe. Fork: any process.
 * Platforms: all.
 */
PROCLC_API const char *
proclc_errmsg(void);

/*
 * The last failure of the calling thread, as a struct.
 * detail: size set by the caller; the other members are filled, as many as
 * size covers, and size becomes how many bytes that were.
 * Returns 0; PROCLC_EINVAL, detail is NULL or its size is less than 4.
 * Blocks: no. Thread: any. Signal: unsafe. Fork: any process.
 * Platforms: all.
 */
PROCLC_API int
proclc_error_detail(struct proclc_error_detail *detail);

/*
 * Hear of what happens outside of any call: a fallback was taken, a task did
 * not end, a file could not be removed.
 * fn: called with one line without its end; NULL: nobody listens (the
 * default).  It may run on any thread and must not call the library.
 * user: given back to fn.
 * Blocks: no. Thread: before other threads use the library. Signal: unsafe.
 * Fork: inherited. Platforms: all.
 */
PROCLC_API void
proclc_set_log(void (*fn)(const char *line, void *user), void *user);

PROCLC_END

#endif
