/*
 * What some tests ask of the kernel beyond POSIX and beyond toolkit/os.h.
 *
 * One of kernel-linux.c and kernel-posix.c is compiled.  Where a thing is not
 * to be had the answer is -1 or false, and the test skips its point aloud.
 */
#ifndef TESTS_KERNEL_H
#define TESTS_KERNEL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* fork() without fork handlers: libc's own, and the bare call. */
pid_t kernel_quiet_fork(void);
pid_t kernel_raw_fork(void);

/* A child that is pid 1 of a new pid namespace. */
pid_t kernel_fork_init(void);

/* The children to come are in a pid namespace of their own. */
bool kernel_unshare_pids(void);

/* Is this test alone in a pid namespace, below tests/isolate? */
bool kernel_isolated(void);

/* The next process made in this pid namespace gets this pid. */
bool kernel_next_pid(pid_t pid);

/* How often the threads of this name of a process gave up the processor of
 * their own accord; -1: unknown. */
int64_t kernel_waits(pid_t pid, const char *thread);

/* Signals that a process ignores, catches, or its first thread blocks, as
 * bits; UINT64_MAX: unknown. */
uint64_t kernel_ignored(pid_t pid);
uint64_t kernel_caught(pid_t pid);
uint64_t kernel_blocked(pid_t pid);

/* From now on this process and its children get ENOSYS for a new pidfd, as on
 * a kernel before 5.3. */
bool kernel_refuse_pidfds(void);

/* Does a pidfd tell how its process ended, when that is reaped already? */
bool kernel_keeps_status(void);

/* A descriptor to read a blocked signal from, close-on-exec; and the number
 * of the next one, which is waited for. */
int kernel_signal_fd(int signum);
int kernel_signal_read(int fd);

/* close(), behind ThreadSanitizer's back: it would see a race with a thread
 * that uses the descriptor, which is the point of the test. */
void kernel_close(int fd);

/* Lock all of a file, as its description's own; does not wait. */
bool kernel_lock_file(int fd);

/* From now on no setuid() takes a capability away from this process. */
bool kernel_keep_rights(void);

/* Trace a process, and have it stopped by that, until this thread's end. */
bool kernel_hold(pid_t pid);

/* A file system of this size at dir, and its end. */
bool kernel_mount_small(const char *dir, unsigned kilobytes);
void kernel_unmount(const char *dir);

#endif
