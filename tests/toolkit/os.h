/*
 * What the test tools ask of the system beyond POSIX.
 *
 * One of os-linux.c and os-posix.c is compiled.  A port that cannot tell
 * answers OS_UNKNOWN (or NULL, or false), and the caller says aloud what
 * it therefore did not check; no answer is invented.
 */
#ifndef TOOLKIT_OS_H
#define TOOLKIT_OS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { OS_UNKNOWN = -1 };

struct os_process {
	pid_t pid;
	pid_t ppid;
	pid_t pgid;
	pid_t sid;
	int tty;           /* device number of the controlling one, 0: none */
	char state;        /* as ps shows it: R S D T Z ... */
	char name[32];
};

struct os_thread {
	pid_t tid;
	bool self;         /* the one that asks */
	uint64_t blocked;  /* bit n-1: signal n */
	char name[32];
};

/* Path of the running program, or NULL. */
const char *os_program_path(char *buf, size_t size);

/* The process pid into *process: 0, or OS_UNKNOWN (also: no such one). */
int os_process(pid_t pid, struct os_process *process);

/* Its command line, blanks between; its name where it has none. */
void os_command_line(pid_t pid, char *buf, size_t size);

/*
 * All visible processes; the threads of this process; its open descriptors
 * (perhaps with one more, closed by now).  Each returns the count and stores
 * an array to free, or OS_UNKNOWN.
 */
int os_processes(struct os_process **list);
int os_threads(struct os_thread **list);
int os_fds(int **list);

/* What fd refers to, as text; "" when the system has no words for it. */
void os_fd_target(int fd, char *buf, size_t size);

/* True for a process handle (pidfd) of this very process. */
bool os_fd_is_self(int fd);

/* The file mode mask, without changing it for a moment; or OS_UNKNOWN. */
int os_umask(void);

/* Parent death signal, subreaper, dumpable as one line, or OS_UNKNOWN. */
int os_traits(char *buf, size_t size);

/* A descriptor that polls readable once pid has ended, or OS_UNKNOWN. */
int os_process_handle(pid_t pid);

/* pipe(), both ends close-on-exec from birth where that can be had. */
int os_pipe(int fds[2]);

/* Adopts the orphans among our descendants; false where refused. */
bool os_become_subreaper(void);

/*
 * Runs init(arg) as the first process of new pid and mount namespaces with
 * a /proc of their own, and a user namespace around them where only that
 * makes it possible; it gets SIGKILL when we end.  Its return value is its
 * exit status.  Returns its pid, or OS_UNKNOWN with the reason.
 */
pid_t os_run_isolated(int (*init)(void *), void *arg, char *why, size_t size);

#endif
