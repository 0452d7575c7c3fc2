/*
 * dispatch.h - where callbacks run.
 *
 * Every asynchronous event (a signal, the parent's death, a child's exit)
 * enters the library at one door, and every callback of the program comes out
 * of it, in ordinary context: a callback may lock, allocate and print.  By
 * default the door is a thread of the library, "proclc", made at first need.
 * A program with an event loop of its own chooses MANUAL: then callbacks run
 * inside proclc_dispatch() and nowhere else.
 */
#ifndef PROCLC_DISPATCH_H
#define PROCLC_DISPATCH_H

#include <proclc/base.h>

PROCLC_BEGIN

enum proclc_dispatch_mode {
	/* Callbacks run on the library's thread (the default). */
	PROCLC_DISPATCH_THREAD = 1,
	/* Callbacks run inside proclc_dispatch(). */
	PROCLC_DISPATCH_MANUAL = 2,
	/* With MANUAL: no thread at all, not even the one that ends the
	 * process when a deadline passes; what needs it is then
	 * PROCLC_ENOTSUP. */
	PROCLC_NO_THREADS = 4
};

/*
 * Choose where callbacks run, before anything else needs to know.
 * mode: PROCLC_DISPATCH_THREAD, or PROCLC_DISPATCH_MANUAL with or without
 * | PROCLC_NO_THREADS.  A forked child has the mode of its parent.
 * Returns 0; PROCLC_EINVAL, no such mode; PROCLC_EBUSY, another mode is in
 * use already; PROCLC_ENOTSUP, MANUAL is not to be had on this system.
 * Blocks: no. Thread: any. Signal: unsafe. Fork: any process.
 * Platforms: MANUAL on Linux.
 */
PROCLC_API int
proclc_set_dispatch_mode(unsigned mode);

/*
 * Choose the size of the stack that callbacks run on in THREAD mode, before
 * the thread is made.
 * size: in bytes, 1 MiB or more; without this call 1 MiB.
 * Returns 0; PROCLC_EINVAL, less than that; PROCLC_EBUSY, the thread is there.
 * Whether so much is to be had shows when the thread is made.
 * Blocks: no. Thread: any. Signal: unsafe. Fork: any process; a child makes
 * its threads with the size of its parent's.
 * Platforms: all.
 */
PROCLC_API int
proclc_set_dispatch_stack(size_t size);

/*
 * What to poll in MANUAL mode: readable when proclc_dispatch() has work.
 * Returns a descriptor >= 0, the same one in a process until the program
 * closes it, which the library keeps; PROCLC_EINVAL, the mode is not MANUAL;
 * PROCLC_EMFILE, PROCLC_ENFILE, PROCLC_ENOMEM.  A forked child must ask for
 * its own.
 * Blocks: no. Thread: any. Signal: unsafe. Fork: any process.
 * Platforms: Linux.
 */
PROCLC_API proclc_waitable
proclc_dispatch_fd(void);

/*
 * Run the callbacks that are due (MANUAL mode).
 * timeout_ms: how long to wait for the first; 0: do not; PROCLC_FOREVER.
 * Returns 0; PROCLC_EINVAL, the mode is not MANUAL, or the time is none;
 * PROCLC_EBUSY, another thread is in it; PROCLC_ECALLBACK, called from a
 * callback.
 * Blocks: up to timeout_ms, and as long as the callbacks. It may return early
 * when a signal was handled. Thread: one at a time. Signal: unsafe.
 * Fork: any process. Not a cancellation point.
 * Platforms: Linux.
 */
PROCLC_API int
proclc_dispatch(int64_t timeout_ms);

PROCLC_END

#endif
