/*
 * pidfile.h - a pid file that tells the truth.
 *
 * The held lock is the truth, the content is information for people and
 * scripts: exactly "PID\n".  Two locks are taken: one says that somebody
 * runs (it survives a daemon's forks and is given up by children), the other
 * names the process that does (the kernel tells its pid to whoever asks).
 * Readers never take a lock, so asking cannot make a start fail.
 */
#ifndef PROCLC_PIDFILE_H
#define PROCLC_PIDFILE_H

#include <proclc/base.h>

PROCLC_BEGIN

struct proclc_pidfile;

/* How to hold a pid file; zero is the default. */
struct proclc_pidfile_options {
	uint32_t size;
	uint32_t flags;	/* none yet */
};

#define PROCLC_PIDFILE_OPTIONS_INIT { sizeof(struct proclc_pidfile_options), 0 }

/*
 * Open or create a pid file and take its lock.  A file that nobody holds is
 * stale and is taken over.
 * pidfile: receives the object; close it with proclc_pidfile_close().
 * path: relative to the current directory, and resolved now: a later chdir or
 * a renamed parent directory does not matter.
 * options: NULL for the defaults.
 * Returns 0; PROCLC_ERUNNING, held: the detail has the holder's pid;
 * PROCLC_ESTARTING, held by somebody who has not said his pid within the
 * bound; PROCLC_EUNSAFE, a FIFO, device, directory, link or a file that
 * others can change, or a directory in which they can; PROCLC_ENOENT,
 * PROCLC_EACCES, PROCLC_EROFS and the like of open(2).  On failure the file
 * is as it was, and there is no new one; but where the system fails to lock it
 * or to tell its inode, again and again, a new, empty one may stay: without
 * the lock it may be another's by now.  Nobody holds it: it is stale.
 * Blocks: up to 500 ms, when it is held. Thread: any. Signal: unsafe.
 * Fork: children do not hold the lock.
 * Platforms: all; identity by a lock on Linux, by content elsewhere.
 */
PROCLC_API int
proclc_pidfile_open(struct proclc_pidfile **pidfile, const char *path,
    const struct proclc_pidfile_options *options);

/*
 * Write the calling process's pid, and be the process that the lock names.
 * The system takes that name back when the process closes any descriptor of
 * the file: a holder that opens and closes its pid file by itself goes on
 * holding it, but is then named by the text alone, and who asks has to wait
 * for 500 ms.  To write again mends it; the library's own calls take care.
 * Returns 0; PROCLC_ENOTOWNER, opened by another process; PROCLC_ENOSPC,
 * PROCLC_EIO, PROCLC_EFBIG: then the file is empty.
 * Blocks: on the disk. Thread: one at a time. Signal: unsafe.
 * Fork: owner process only. Platforms: all.
 */
PROCLC_API int
proclc_pidfile_write(struct proclc_pidfile *pidfile);

/*
 * Remove the file, if it is still the one that was opened, and give up the
 * lock; the object is freed.
 * pidfile: NULL is fine; in another process than the owner nothing is
 * removed.
 * Returns 0; PROCLC_ENOTOWNER, freed only; PROCLC_ENOENT, it is not there any
 * more, or somebody put another file in its place; PROCLC_EACCES,
 * PROCLC_EPERM, it may not be removed: then it is left behind empty.
 * Blocks: on the disk. Thread: exclusive. Signal: unsafe. Fork: harmless.
 * Platforms: all.
 */
PROCLC_API int
proclc_pidfile_remove(struct proclc_pidfile *pidfile);

/*
 * Give up the lock and leave the file; the object is freed.
 * pidfile: NULL is fine.
 * Blocks: no. Thread: exclusive. Signal: unsafe. Fork: harmless.
 * Platforms: all.
 */
PROCLC_API void
proclc_pidfile_close(struct proclc_pidfile *pidfile);

/*
 * Write the pid, and let the program that this process is about to become by
 * execve(2) hold the file on: the lock survives, and names it.  Where locks
 * name their holder the children of that program do not hold the file.
 * When the exec fails, proclc_pidfile_write() takes the file back as it was;
 * before that, to close any other descriptor of it gives it up.
 * Returns the descriptor, >= 3, which stays open over the exec and must stay
 * so in the new program: to close it gives up the file.  Or what
 * proclc_pidfile_write() says.
 * Blocks: on the disk. Thread: one at a time. Signal: unsafe.
 * Fork: owner process only. Platforms: POSIX.
 */
PROCLC_API int
proclc_pidfile_keep_over_exec(struct proclc_pidfile *pidfile);

/*
 * In the program after the exec: have an object for the file that the process
 * holds already.
 * pidfile: receives the object, which owns the descriptor from then on.
 * path: the file.   fd: what proclc_pidfile_keep_over_exec() returned.
 * Returns 0; PROCLC_ENOTOWNER, this process does not hold it; PROCLC_ENOENT,
 * the descriptor is another file than path is by now; PROCLC_EALREADY, this
 * program has an object for it; PROCLC_EBADF; PROCLC_EINVAL; what
 * proclc_pidfile_write() says.  On failure the descriptor is still the
 * caller's.
 * Blocks: up to 500 ms, when somebody tries to start. Thread: any.
 * Signal: unsafe. Fork: a child does not hold it. Platforms: POSIX.
 */
PROCLC_API int
proclc_pidfile_adopt(struct proclc_pidfile **pidfile, const char *path, int fd);

/*
 * Who holds a pid file?  Takes no lock.
 * path: the file.   pid: receives the holder's; may be NULL.
 * Returns 0, a live process holds it; PROCLC_ESTARTING, held, but the pid is
 * not there within the bound; PROCLC_ENOTRUNNING, a stale file;
 * PROCLC_EUNLOCKED, the process that it names lives, but nobody holds the
 * file; PROCLC_EMALFORMED, not a pid file; PROCLC_ENOENT, no file;
 * PROCLC_EACCES; PROCLC_EUNSAFE, not a regular file; PROCLC_ENOTSUP, the
 * holder is outside our pid namespace.
 * Blocks: up to 500 ms, while somebody is starting. Thread: any.
 * Signal: unsafe. Fork: any process.
 * Platforms: all; without open-file-description locks it takes a shared lock
 * for a moment.
 */
PROCLC_API int
proclc_pidfile_status(const char *path, int64_t *pid);

PROCLC_END

#endif
