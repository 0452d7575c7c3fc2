/*
 * signals.h - reach a daemon by its pid file, and never a stranger; handlers
 * in ordinary context.
 */
#ifndef PROCLC_SIGNALS_H
#define PROCLC_SIGNALS_H

#include <signal.h>

#include <proclc/base.h>

PROCLC_BEGIN

/* The signals that exist on every platform; the value is the system's where
 * it has the signal. */
enum proclc_signum {
#ifdef SIGHUP
	PROCLC_SIGHUP = SIGHUP,
#else
	PROCLC_SIGHUP = 1,
#endif
	PROCLC_SIGINT = SIGINT,
#ifdef SIGQUIT
	PROCLC_SIGQUIT = SIGQUIT,
#else
	PROCLC_SIGQUIT = 3,
#endif
	PROCLC_SIGABRT = SIGABRT,
#ifdef SIGKILL
	PROCLC_SIGKILL = SIGKILL,
#else
	PROCLC_SIGKILL = 9,
#endif
#ifdef SIGUSR1
	PROCLC_SIGUSR1 = SIGUSR1,
	PROCLC_SIGUSR2 = SIGUSR2,
#else
	PROCLC_SIGUSR1 = 16,
	PROCLC_SIGUSR2 = 17,
#endif
	PROCLC_SIGTERM = SIGTERM
};

/*
 * To be or-ed to the signal of proclc_send() and proclc_stop(), for daemons
 * that do not lock their pid file: the process named in a file that nobody
 * holds is signalled if it is older than the file, so that it is no later one
 * with the same pid, and neither pid 1 nor the caller.
 */
#define PROCLC_SEND_UNLOCKED 0x10000

/*
 * Send a signal to the process that holds a pid file.  The process is pinned
 * first and then checked once more to be the holder, so that it is never a
 * stranger who got the same pid.
 * pid_file: its path.   signum: 1 and up; 0 is proclc_ping(); may have
 * | PROCLC_SEND_UNLOCKED.
 * Returns 0; PROCLC_ESIGNAL, no such signal; PROCLC_ENOENT, no pid file;
 * PROCLC_ENOTRUNNING, a stale one; PROCLC_ESTARTING, its holder has not said
 * its pid yet; PROCLC_EUNLOCKED, the process in it lives but does not hold
 * it, or is younger than the file: not signalled; PROCLC_EMALFORMED;
 * PROCLC_EUNSAFE, not a regular file;
 * PROCLC_EPERM, it lives, but is not ours to signal; PROCLC_ENOTSUP, it is
 * outside our pid namespace; PROCLC_EACCES; PROCLC_EINVAL, no path.
 * Blocks: up to 500 ms, while somebody is starting. Thread: any.
 * Signal: unsafe. Fork: any process.
 * Platforms: all; without pidfds a window of a few instructions remains
 * between the check and the signal.
 */
PROCLC_API int
proclc_send(const char *pid_file, int signum);

/*
 * Is there a process that holds a pid file?  Sends nothing.
 * Returns 0, also when it is not ours to signal; else as proclc_send().
 * Blocks: up to 500 ms. Thread: any. Signal: unsafe. Fork: any process.
 * Platforms: all.
 */
PROCLC_API int
proclc_ping(const char *pid_file);

/* How to stop a daemon; zero is the default in every member. */
struct proclc_stop_options {
	uint32_t size;
	/* The first signal; 0: SIGTERM; may have | PROCLC_SEND_UNLOCKED. */
	int32_t signum;
	/* How long it may take to end after that; 0: 10000. */
	int64_t grace_ms;
	/* What happens then: 0, SIGKILL and wait up to this long for the
	 * end, 5000; PROCLC_NOW: no SIGKILL, the call returns. */
	int64_t kill_wait_ms;
};

#define PROCLC_STOP_OPTIONS_INIT \
	{ sizeof(struct proclc_stop_options), 0, 0, 0 }

/*
 * Stop the process that holds a pid file: signal it, wait until it is really
 * gone, and kill it when that takes too long.
 * pid_file: its path.   options: NULL for the defaults.
 * Returns 0, it ended in its own time; 1, it had to be killed;
 * PROCLC_ETIMEDOUT, it lives; else as proclc_send().
 * Blocks: 500 ms and the two times in options. Thread: any. Signal: unsafe.
 * Fork: any process. Platforms: all.
 */
PROCLC_API int
proclc_stop(const char *pid_file, const struct proclc_stop_options *options);

/*
 * The number of a signal.
 * name: "TERM" or "SIGTERM", in any case; a decimal number, "15"; "RTMIN+1".
 * Returns it; PROCLC_ESIGNAL, there is none of this name; PROCLC_EINVAL, NULL.
 * Blocks: no. Thread: any. Signal: unsafe. Fork: any process.
 * Platforms: all.
 */
PROCLC_API int
proclc_signal_number(const char *name);

/*
 * The name of a signal, without "SIG".
 * Returns a constant string, "TERM"; NULL, there is none of this number.
 * Blocks: no. Thread: any. Signal: safe. Fork: any process.
 * Platforms: all.
 */
PROCLC_API const char *
proclc_signal_name(int signum);

/* What a callback is told. */
struct proclc_signal_event {
	uint32_t size;	/* of this struct, set by the library */
	int32_t signum;
	int64_t pid;	/* of the sender; 0: not sent by a process */
	uint32_t uid;	/* of the sender */
	/* 1: the system's own, as by a key of the terminal, an alarm or a
	 * limit; a sender outside our pid namespace has pid 0, too. */
	uint32_t system;
};

/*
 * A handler object: callbacks for signals, in ordinary context (dispatch.h).
 * A signal that an object has a callback for is consumed: exit handlers do
 * not run on it.  When several objects have one, each gets it, the newest
 * first.
 */
struct proclc_sighandler;

/*
 * Make a handler object that handles nothing yet.
 * handler: receives it; free it with proclc_sighandler_free().
 * pid_file: under which name others reach it, where that is not done by pid;
 * may be NULL on POSIX, where it is not used.
 * Returns 0; PROCLC_EINVAL; PROCLC_ENOMEM.
 * Blocks: no. Thread: any. Signal: unsafe. Fork: not the child's.
 * Platforms: all.
 */
PROCLC_API int
proclc_sighandler_new(struct proclc_sighandler **handler,
    const char *pid_file);

/*
 * Set, replace or take back the callback of a signal, also while running.
 * fn: called with the object, the event (valid during the call) and user;
 * PROCLC_SIGNAL_WAIT; PROCLC_SIGNAL_IGNORE; PROCLC_SIGNAL_DEFAULT; NULL: the
 * object does not handle the signal any more.
 * Returns 0; PROCLC_ESIGNAL, KILL, STOP, libc's own, or one of SEGV, BUS,
 * FPE, ILL, TRAP, SYS; PROCLC_ENOTOWNER; PROCLC_ENOMEM, PROCLC_EAGAIN; on
 * failure the signal is handled as before.
 * Blocks: to take one back, until its callback is done, unless called from
 * it. Thread: any. Signal: unsafe. Fork: owner process only. Platforms: all.
 */
PROCLC_API int
proclc_sighandler_set(struct proclc_sighandler *handler, int signum,
    void (*fn)(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *user), void *user);

/*
 * A callback that does nothing, and so has the signal do nothing.  Not the
 * kernel's "ignore", which programs inherit over exec.
 * handler, event, user: not used.
 * Blocks: no. Thread: any. Signal: safe. Fork: any process.
 * Platforms: all.
 */
PROCLC_API void
proclc_signal_ignore(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *user);
#define PROCLC_SIGNAL_IGNORE proclc_signal_ignore

/*
 * A callback that does nothing by itself: the signal is for
 * proclc_sighandler_wait(), which does not tell of an ignored one.
 * handler, event, user: not used.
 * Blocks: no. Thread: any. Signal: safe. Fork: any process.
 * Platforms: all.
 */
PROCLC_API void
proclc_signal_wait(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *user);
#define PROCLC_SIGNAL_WAIT proclc_signal_wait

/*
 * A callback that does what the signal does by default: where that ends the
 * process, the exit handlers run before; where it stops it, it stops.
 * event: of which only signum is used.   handler, user: not used.
 * Does not return where the process ends.
 * Blocks: as long as the exit handlers. Thread: any. Signal: unsafe.
 * Fork: any process. Platforms: all.
 */
PROCLC_API void
proclc_signal_default(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *user);
#define PROCLC_SIGNAL_DEFAULT proclc_signal_default

/*
 * Begin to handle.
 * Returns 0; PROCLC_EALREADY, it does; PROCLC_ENOTOWNER; PROCLC_EAGAIN,
 * PROCLC_ENOMEM, PROCLC_EMFILE: then no signal is handled.
 * Blocks: no. Thread: any. Signal: unsafe. Fork: owner process only.
 * Platforms: all.
 */
PROCLC_API int
proclc_sighandler_start(struct proclc_sighandler *handler);

/*
 * Wait until a signal has come that the object has a callback for, other than
 * PROCLC_SIGNAL_IGNORE and _DEFAULT, and the callback has returned.  While a
 * thread waits, callbacks run on that thread; else where dispatch.h says.
 * Each signal is told to one wait; one that came before the call is told at
 * once, the lowest number first.
 * timeout_ms: how long; 0: do not wait; PROCLC_FOREVER.
 * Returns the number of the signal; PROCLC_ETIMEDOUT; PROCLC_ENOTRUNNING, the
 * object is not started, or was stopped meanwhile; PROCLC_ECALLBACK, called
 * from a callback; PROCLC_EBUSY, in MANUAL mode, another thread is in
 * proclc_dispatch(); PROCLC_EINVAL, no such time; PROCLC_ENOTOWNER.
 * Blocks: up to timeout_ms, and as long as the callbacks. Thread: any.
 * Signal: unsafe. Fork: owner process only. Not a cancellation point.
 * Platforms: all.
 */
PROCLC_API int
proclc_sighandler_wait(struct proclc_sighandler *handler, int64_t timeout_ms);

/*
 * What to poll in an event loop: readable when proclc_sighandler_wait() has a
 * signal to tell.  In MANUAL mode signals arrive inside proclc_dispatch().
 * Returns a descriptor >= 0, which the library keeps until the object is
 * freed; PROCLC_EMFILE, PROCLC_ENFILE, PROCLC_ENOMEM; PROCLC_ENOTOWNER.
 * Blocks: no. Thread: any. Signal: unsafe. Fork: owner process only.
 * Platforms: POSIX.
 */
PROCLC_API proclc_waitable
proclc_sighandler_fd(struct proclc_sighandler *handler);

/*
 * Stop handling: each signal does exactly what it did before, unless somebody
 * has installed a handler of his own since.  No callback runs after it has
 * returned.  Idempotent.  Done by itself when the process ends by exit(), once
 * the exit handlers have run.
 * Returns 0; PROCLC_ENOTOWNER.
 * Blocks: until a running callback is done, unless called from it.
 * Thread: any. Signal: unsafe. Fork: harmless. Platforms: all.
 */
PROCLC_API int
proclc_sighandler_stop(struct proclc_sighandler *handler);

/*
 * Stop and free.  handler: NULL is fine; from its own callback it is, too.
 * Blocks: as proclc_sighandler_stop(). Thread: exclusive. Signal: unsafe.
 * Fork: harmless. Platforms: all.
 */
PROCLC_API void
proclc_sighandler_free(struct proclc_sighandler *handler);

PROCLC_END

#endif
