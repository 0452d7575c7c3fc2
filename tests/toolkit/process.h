/*
 * Looking at other processes, files and pipes from a Check test.
 *
 *	process_wait_gone(pid, 0);            the test fails after 10 s
 *	ck_assert(process_alive(pid));
 *	ck_assert_int_eq(process_ppid(pid), 1);
 *	ck_assert(file_read(path, buf, sizeof(buf)) > 0);
 *
 * A timeout_ms is an upper bound that PROCLC_TEST_MULTIPLIER stretches;
 * 0 means 10 s.  Where /proc is missing, process_state() is '?' for a
 * living process and the ids are -1.
 */
#ifndef TOOLKIT_PROCESS_H
#define TOOLKIT_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* 'R', 'S', 'T', 'Z', ... as ps shows it; 0: there is no such process. */
char process_state(pid_t pid);
pid_t process_ppid(pid_t pid);
pid_t process_pgid(pid_t pid);
pid_t process_sid(pid_t pid);

/* A zombie is not alive; a process whose first thread ended is. */
bool process_alive(pid_t pid);

/* Waits until pid is dead (perhaps a zombie); reaps nothing. */
bool process_gone_within(pid_t pid, int timeout_ms);

/* The same, and the test fails if it is not. */
void process_wait_gone(pid_t pid, int timeout_ms);

/* Reads and drops what comes until EOF; the test fails if none comes. */
void fd_wait_eof(int fd, int timeout_ms);

/* Whether fd is readable (or at EOF) within the time. */
bool fd_readable_within(int fd, int timeout_ms);

/* Whole text, NUL added: its length, or -errno. */
ssize_t file_read(const char *path, char *buf, size_t size);

/* The file itself, not what a link points at. */
bool file_exists(const char *path);

#endif
