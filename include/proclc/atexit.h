/*
 * atexit.h - cleanup exactly once, in the process that owns it, newest first.
 *
 * One list of exit handlers.  A handler runs in the process that registered
 * it; a shared one in every descendant forked after that, too.  It runs
 * always in ordinary context, never in a signal handler.  Handlers run on
 * return from main, exit(), proclc_exit(), on a signal given to
 * proclc_atexit_install(), when an orphan watch ends the process, and, as by
 * exit(0), when all threads of the program have called pthread_exit(); not on
 * _exit() and SIGKILL.  The threads' end, while the library has threads of its
 * own, is noticed on Linux only, within a second, and if the first thread, or
 * one that outlives it, has used this unit.
 */
#ifndef PROCLC_ATEXIT_H
#define PROCLC_ATEXIT_H

#include <proclc/base.h>

PROCLC_BEGIN

/* Why the process ends. */
enum proclc_exit_kind {
	PROCLC_EXIT_NORMAL = 1,	/* return from main, or exit() */
	PROCLC_EXIT_CALL,	/* proclc_exit() */
	PROCLC_EXIT_EXPLICIT,	/* proclc_atexit_run() */
	PROCLC_EXIT_SIGNAL,	/* a signal; signum tells which */
	PROCLC_EXIT_ORPHANED	/* the watched process is gone */
};

/* The exit code that libc did not tell. */
enum { PROCLC_CODE_UNKNOWN = -1 };

struct proclc_exit_cause {
	uint32_t size;	/* of this struct, set by the library */
	int32_t kind;	/* an enum proclc_exit_kind */
	int32_t code;	/* the exit code, or PROCLC_CODE_UNKNOWN */
	int32_t signum;	/* the signal that ends it, else 0 */
};

enum proclc_atexit_flags {
	/* Runs in every descendant forked from now on, too. */
	PROCLC_ATEXIT_SHARED = 1,
	/* Is async-signal-safe, and runs also when the process crashes: by
	 * SIGSEGV, BUS, FPE, ILL, TRAP, SYS or ABRT, in that signal's handler,
	 * on the thread that crashes.  The parent and a core dump see the
	 * crash as it was.  A signal that has a handler of the program's own
	 * is left alone. */
	PROCLC_ATEXIT_SIGNAL_SAFE = 2
};

/* What proclc_atexit_install() can do otherwise. */
enum proclc_atexit_install_flags {
	/* The process exits with the signal's number instead of dying by the
	 * signal. */
	PROCLC_ATEXIT_STATUS_SIGNUM = 1,
	/* It does not leave through libc's exit: exit handlers of others do
	 * not run; stdout and stderr are flushed. */
	PROCLC_ATEXIT_NO_LIBC_EXIT = 2,
	/* A second signal ends the process at once. */
	PROCLC_ATEXIT_SECOND_ENDS = 4,
	/* A signal that has a handler of the program's own is installed all
	 * the same; that handler is called first, as a signal handler. */
	PROCLC_ATEXIT_CHAIN = 8,
	/* SIGINT does in forked children what it did before; without this it
	 * does nothing there, so that this process drives the shutdown. */
	PROCLC_ATEXIT_INT_IN_CHILDREN = 16,
	/* Forked children get no thread for their shared handlers; there the
	 * signals do what they did before. */
	PROCLC_ATEXIT_NO_CHILD_THREAD = 32,
	/* A crash runs nothing, not even what is PROCLC_ATEXIT_SIGNAL_SAFE. */
	PROCLC_ATEXIT_NO_CRASH_HOOK = 64
};

/* What proclc_atexit_install() is asked for; zero is the default. */
struct proclc_atexit_options {
	uint32_t size;
	uint32_t flags;	/* of enum proclc_atexit_install_flags */
	const int *signals;	/* NULL: SIGTERM and SIGINT */
	size_t n_signals;
	/* From the signal to the end of the process at the latest; then it
	 * is ended whatever a handler does.  0: 10000. */
	int64_t deadline_ms;
};

#define PROCLC_ATEXIT_OPTIONS_INIT \
	{ sizeof(struct proclc_atexit_options), 0, NULL, 0, 0 }

/*
 * Let these signals run the exit handlers; then the process dies by that
 * signal, so that its parent sees the truth (a pid 1 exits with 128 + n).
 * An own SIGNAL handler object that wants the signal goes first.  A signal
 * that is ignored (nohup) stays ignored.
 * options: NULL for the defaults.
 * Returns 0; PROCLC_ESIGNAL, a signal that cannot be handled or does not end
 * a process; PROCLC_EBUSY, it has a handler of the program's own;
 * PROCLC_EALREADY, installed already in this process or an ancestor;
 * PROCLC_EAGAIN, PROCLC_ENOMEM, PROCLC_EMFILE or PROCLC_ENFILE, no thread is
 * to be had; PROCLC_ENOTSUP, the program forbade threads; PROCLC_EINVAL.  On
 * failure nothing is installed.
 * Blocks: no. Thread: any. Signal: unsafe. Fork: a plain fork child that has
 * shared handlers runs them on these signals; in others they do what they did
 * before the installation; tasks see subprocess.h.
 * Platforms: all.
 */
PROCLC_API int
proclc_atexit_install(const struct proclc_atexit_options *options);

/*
 * Undo proclc_atexit_install(): the signals do what they did before.  The
 * handlers stay registered.
 * Returns 0; PROCLC_EINVAL, not installed; PROCLC_ENOTOWNER, an ancestor did.
 * Blocks: until a signal's handlers, which are running, are done. Thread: any.
 * Signal: unsafe. Fork: owner process only.
 * Platforms: all.
 */
PROCLC_API int
proclc_atexit_uninstall(void);

/*
 * Register an exit handler.
 * fn: called with user and the cause, which is valid during the call.
 * user: stays the caller's.
 * flags: of enum proclc_atexit_flags.
 * Returns a token > 0; that of the earlier one when (fn, user) is registered
 * already in this process; PROCLC_EINVAL, fn is NULL or an unknown flag;
 * PROCLC_ENOMEM, also for more than 64 that are signal-safe; PROCLC_EENDING,
 * the handlers have run.  The first 32 need no memory.  From inside a handler:
 * it runs next.
 * Blocks: no. Thread: any. Signal: unsafe. Fork: any process.
 * Platforms: all.
 */
PROCLC_API int
proclc_atexit_register(void (*fn)(void *user,
    const struct proclc_exit_cause *cause), void *user, unsigned flags);

/*
 * Take back an exit handler, by what it was registered with.  A shared one is
 * removed in this process and the descendants that it has from now on.
 * Returns 1, removed; 0, not registered here, or run already.
 * Blocks: no. Thread: any. Signal: unsafe. Fork: any process.
 * Platforms: all.
 */
PROCLC_API int
proclc_atexit_unregister(void (*fn)(void *user,
    const struct proclc_exit_cause *cause), void *user);

/*
 * Take back an exit handler, by its token.
 * Returns 1, removed; 0, no such handler here, or run already.
 * Blocks: no. Thread: any. Signal: unsafe. Fork: any process.
 * Platforms: all.
 */
PROCLC_API int
proclc_atexit_cancel(int token);

/*
 * Give the calling thread a stack for the case that it crashes because its own
 * is used up.  The thread that registers the first PROCLC_ATEXIT_SIGNAL_SAFE
 * handler has one; one of the program's own is kept.
 * Returns 0; PROCLC_ENOMEM.
 * Blocks: no. Thread: any. Signal: unsafe. Fork: any process.
 * Platforms: all.
 */
PROCLC_API int
proclc_crash_thread(void);

/*
 * Run the exit handlers and end the process with code.  The process that
 * first used this unit leaves through libc's exit; a forked child of it
 * flushes stdout and stderr and leaves without the parent's libc handlers.
 * code: 0..255.
 * Does not return.  From inside a handler: the remaining ones run, and this
 * code counts.  When another thread ends the process already it waits for
 * that end.
 * Blocks: as long as the handlers. Thread: any. Signal: unsafe.
 * Fork: any process. Platforms: all.
 */
PROCLC_API PROCLC_NORETURN void
proclc_exit(int code);

/*
 * The same as proclc_exit(), with the cause PROCLC_EXIT_EXPLICIT.
 * Blocks: as long as the handlers. Thread: any. Signal: unsafe.
 * Fork: any process. Platforms: all.
 */
PROCLC_API PROCLC_NORETURN void
proclc_atexit_run(int code);

PROCLC_END

#endif
