/*
 * notify.h - tell the supervisor how this process is: systemd, by the protocol
 * of sd_notify(3), and whoever else speaks it; s6, by a descriptor.
 *
 * Without a supervisor that listens each call does nothing and says so: a
 * program calls them always.  Whether there is one is told by the environment
 * (NOTIFY_SOCKET), never guessed.  No message is waited for, but by
 * proclc_notify_barrier(); the kernel says from whom it comes.
 */
#ifndef PROCLC_NOTIFY_H
#define PROCLC_NOTIFY_H

#include <proclc/base.h>

PROCLC_BEGIN

/*
 * Keep for this process what the environment says (NOTIFY_SOCKET,
 * WATCHDOG_USEC and WATCHDOG_PID), and remove it there: no child takes the
 * messages of a supervisor for its own.  Without this call each call looks,
 * and programs that are run later are told, too.
 * Returns 1; 0, nobody listens; PROCLC_EINVAL, the name of the socket is none;
 * PROCLC_ENOMEM.
 * Blocks: no. Thread: before others are there: it changes the environment.
 * Signal: unsafe. Fork: children have it, and may speak.
 * Platforms: POSIX; elsewhere nobody listens.
 */
PROCLC_API int
proclc_notify_take(void);

/*
 * Say that the program does its work: after a start, and after a reload.
 * Returns 1, told; 0, nobody listens; PROCLC_EINVAL, the name of the socket is
 * none; PROCLC_ENOTSUP, it is of a kind that is not known here; what
 * sendmsg(2) says: PROCLC_ENOENT, -ECONNREFUSED, nobody is at the socket;
 * PROCLC_EAGAIN, its queue is full.
 * Blocks: no. Thread: any. Signal: unsafe. Fork: any process.
 * Platforms: POSIX; elsewhere nobody listens.
 */
PROCLC_API int
proclc_notify_ready(void);

/*
 * Say it to a supervisor that waits for a line on a descriptor (s6's
 * notification-fd), and close that.
 * fd: its number, as the service's configuration has it.
 * Returns 1, told; PROCLC_EBADF, it is not open for writing; what write(2)
 * says: PROCLC_EPIPE, nobody reads it; it is closed then, too.
 * Blocks: no, as long as that is a pipe. Thread: any. Signal: unsafe.
 * Fork: any process. Platforms: POSIX.
 */
PROCLC_API int
proclc_notify_ready_fd(int fd);

/*
 * Say that the program is ending.
 * Returns as proclc_notify_ready().
 * Blocks: no. Thread: any. Signal: unsafe. Fork: any process.
 * Platforms: POSIX; elsewhere nobody listens.
 */
PROCLC_API int
proclc_notify_stopping(void);

/*
 * Say that it reads its configuration anew, before it does; afterwards
 * proclc_notify_ready().
 * Returns as proclc_notify_ready().
 * Blocks: no. Thread: any. Signal: unsafe. Fork: any process.
 * Platforms: POSIX; elsewhere nobody listens.
 */
PROCLC_API int
proclc_notify_reloading(void);

/*
 * Say in words how it is.
 * text: one line, without its end.
 * Returns as proclc_notify_ready(); PROCLC_EINVAL, NULL or more than a line;
 * PROCLC_E2BIG, more than 2048 bytes.
 * Blocks: no. Thread: any. Signal: unsafe. Fork: any process.
 * Platforms: POSIX; elsewhere nobody listens.
 */
PROCLC_API int
proclc_notify_status(const char *text);

/*
 * Wait until the supervisor has read all that was told before: one that ends
 * right after a message may be gone when it is read, and unknown then.
 * timeout_ms: PROCLC_FOREVER.
 * Returns 1, it has; 0, nobody listens; PROCLC_ETIMEDOUT; else as
 * proclc_notify_ready(), and PROCLC_EMFILE, PROCLC_ENFILE.
 * Blocks: up to timeout_ms. Thread: any. Signal: unsafe. Fork: any process.
 * Platforms: POSIX; elsewhere nobody listens.
 */
PROCLC_API int
proclc_notify_barrier(int64_t timeout_ms);

/*
 * How long may it be silent?  Within this time proclc_notify_ping() has to be
 * called again and again, best twice, or the supervisor ends the process.
 * Returns the time in ms, at least 1; 0, no watchdog is set, or not for this
 * process; PROCLC_EINVAL, what the environment says is no time.
 * Blocks: no. Thread: any. Signal: unsafe. Fork: a child is not watched.
 * Platforms: POSIX; elsewhere 0.
 */
PROCLC_API int64_t
proclc_notify_watchdog(void);

/*
 * Say that it is alive, for the watchdog.
 * Returns as proclc_notify_ready().
 * Blocks: no. Thread: any. Signal: unsafe. Fork: any process.
 * Platforms: POSIX; elsewhere nobody listens.
 */
PROCLC_API int
proclc_notify_ping(void);

PROCLC_END

#endif
