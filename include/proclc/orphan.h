/*
 * orphan.h - a process never outlives its parent unnoticed.
 *
 * A parent's end is seen by a handle on the parent (no polling, no wake-up
 * while it lives) or, where there is none, by asking for the parent's pid at
 * an interval.  Never by PR_SET_PDEATHSIG, which fires when the thread ends
 * that forked us.
 */
#ifndef PROCLC_ORPHAN_H
#define PROCLC_ORPHAN_H

#include <proclc/base.h>

PROCLC_BEGIN

/*
 * End this process when its parent ends: exit handlers run with the cause
 * PROCLC_EXIT_ORPHANED and the process dies by SIGTERM; when the program
 * handles SIGTERM itself, it is sent that.  In any case the process is gone
 * 5 seconds later.
 * Idempotent; after a fork the child calls it again for its own parent.
 * In MANUAL mode the exit handlers run when the program dispatches; when it
 * does not, the process is gone after the 5 seconds all the same.
 * Returns 0; PROCLC_ENOTSUP, the parent is outside our pid namespace, so its
 * end cannot be seen, or the program forbade threads; PROCLC_EAGAIN,
 * PROCLC_ENOMEM, PROCLC_EMFILE.
 * Blocks: no. Thread: any. Signal: unsafe. Fork: any process.
 * Platforms: all.
 */
PROCLC_API int
proclc_exit_when_orphaned(void);

/* How the end of the watched process is seen. */
enum proclc_orphan_how {
	PROCLC_ORPHAN_PIDFD = 1,	/* by a handle on it: at once */
	PROCLC_ORPHAN_POLL = 2	/* by asking for it every interval */
};

/* What to watch and what to do; zero is the default in every member. */
struct proclc_orphan_options {
	uint32_t size;
	uint32_t flags;	/* none yet */
	/* The parent that we are to have; 0: whoever it is now. */
	int64_t parent;
	/* Watch this process instead of the parent. */
	int64_t pid;
	/* The process is ended as by this signal; 0: SIGTERM. */
	int32_t signum;
	/* An enum proclc_orphan_how; 0: by a handle, if there is one. */
	uint32_t backend;
	/* From the watched one's end to ours at the latest, whatever callbacks
	 * and handlers do.  0: 5000; with a callback: the process is told
	 * only, and not ended. */
	int64_t grace_ms;
	/* Where the end has to be asked for: how often.  0: 1000. */
	int64_t poll_interval_ms;
};

#define PROCLC_ORPHAN_OPTIONS_INIT \
	{ sizeof(struct proclc_orphan_options), 0, 0, 0, 0, 0, 0, 0 }

struct proclc_orphan;

/*
 * Make a watch; it does not watch yet.
 * watch: receives it; free it with proclc_orphan_free().
 * options: NULL for the defaults.
 * Returns 0; PROCLC_EINVAL; PROCLC_ESIGNAL, the signal does not end a
 * process; PROCLC_ENOMEM.
 * Blocks: no. Thread: any. Signal: unsafe. Fork: not the child's.
 * Platforms: all.
 */
PROCLC_API int
proclc_orphan_new(struct proclc_orphan **watch,
    const struct proclc_orphan_options *options);

/*
 * Call fn when the watched process is gone; several are called in the order
 * in which they were added.
 * fn: runs as dispatch.h says.   user: given back to it.
 * Returns 0; PROCLC_EBUSY, it watches already; PROCLC_EINVAL;
 * PROCLC_ENOTOWNER; PROCLC_ENOMEM.
 * Blocks: no. Thread: any. Signal: unsafe. Fork: owner process only.
 * Platforms: all.
 */
PROCLC_API int
proclc_orphan_add_callback(struct proclc_orphan *watch,
    void (*fn)(struct proclc_orphan *watch, void *user), void *user);

/*
 * Begin to watch.
 * Returns 0; PROCLC_EORPHANED, the expected parent, or the process to watch,
 * is gone already; PROCLC_EALREADY, it watches; PROCLC_ENOTSUP, the parent is
 * outside our pid namespace, or the process is to be ended and the program
 * forbade threads, or there is no handle and PROCLC_ORPHAN_PIDFD was asked for;
 * PROCLC_ENOTOWNER; PROCLC_EAGAIN, PROCLC_ENOMEM,
 * PROCLC_EMFILE.
 * Blocks: no. Thread: any. Signal: unsafe. Fork: owner process only.
 * Platforms: all.
 */
PROCLC_API int
proclc_orphan_start(struct proclc_orphan *watch);

/*
 * Stop watching; nothing fires after it has returned.  Idempotent; the watch
 * can be started again.
 * Returns 0; PROCLC_ENOTOWNER.
 * Blocks: until a running callback is done, unless called from it.
 * Thread: any. Signal: unsafe. Fork: harmless. Platforms: all.
 */
PROCLC_API int
proclc_orphan_stop(struct proclc_orphan *watch);

/*
 * Stop and free.  watch: NULL is fine; from its own callback it is, too.
 * Blocks: as proclc_orphan_stop(). Thread: exclusive. Signal: unsafe.
 * Fork: harmless. Platforms: all.
 */
PROCLC_API void
proclc_orphan_free(struct proclc_orphan *watch);

enum proclc_orphan_state {
	PROCLC_ORPHAN_IDLE = 0,	/* it is not started */
	PROCLC_ORPHAN_WATCHING = 1,
	PROCLC_ORPHAN_GONE = 2	/* the watched process is; it is acted upon */
};

/*
 * What a watch is doing.
 * Returns an enum proclc_orphan_state; PROCLC_EINVAL; PROCLC_ENOTOWNER.
 * Blocks: no. Thread: any. Signal: unsafe. Fork: owner process only.
 * Platforms: all.
 */
PROCLC_API int
proclc_orphan_status(const struct proclc_orphan *watch);

/*
 * What to poll in an event loop of the program's own: readable from the end of
 * the watched process on, until the watch is stopped.  With PROCLC_ORPHAN_PIDFD
 * the kernel says so, and no thread of the library has a part in it; else what
 * drives the callbacks (dispatch.h) does.
 * Returns a descriptor >= 0, which the library keeps until the watch is
 * stopped; PROCLC_ENOTRUNNING, it is not started; PROCLC_EMFILE,
 * PROCLC_ENFILE, PROCLC_ENOMEM; PROCLC_EINVAL; PROCLC_ENOTOWNER.
 * Blocks: no. Thread: any. Signal: unsafe. Fork: owner process only.
 * Platforms: POSIX.
 */
PROCLC_API proclc_waitable
proclc_orphan_fd(struct proclc_orphan *watch);

/*
 * How a started watch sees the end.
 * Returns "pidfd", on Windows "handle"; "poll"; or NULL when it does not watch.
 * Blocks: no. Thread: any. Signal: unsafe. Fork: owner process only.
 * Platforms: all.
 */
PROCLC_API const char *
proclc_orphan_backend(const struct proclc_orphan *watch);

PROCLC_END

#endif
