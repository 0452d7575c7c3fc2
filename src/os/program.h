/*
 * program.h - the border, continued: programs to run, and pipes to them.
 *
 * What is said at the beginning of os.h holds here, too.
 */
#ifndef PCL_OS_PROGRAM_H
#define PCL_OS_PROGRAM_H

#include "os/os.h"

/* -------------------------------------------------- exec-*.c, bare-*.c */

/* Where one of a program's descriptors 0, 1 and 2 leads. */
enum pcl_os_stdio_kind {
	PCL_OS_STDIO_INHERIT,	/* ours */
	PCL_OS_STDIO_NULL,	/* the null device */
	PCL_OS_STDIO_FILE,	/* path, read, or made or emptied (0666) */
	PCL_OS_STDIO_APPEND,	/* the same, but what is there stays */
	PCL_OS_STDIO_HANDLE,
	PCL_OS_STDIO_OUT	/* of 2: where 1 leads */
};
struct pcl_os_stdio {
	enum pcl_os_stdio_kind kind;
	intptr_t handle;
	const char *path;
};

/* A descriptor of ours, and its number there. */
struct pcl_os_pass {
	int fd, as;
};

struct pcl_os_limit {
	int resource;
	uint64_t soft, hard;	/* UINT64_MAX: none */
};

/* A program to run. */
struct pcl_os_exec {
	const char *file;
	bool search;	/* look for it where PATH says */
	char *const *argv;
	char *const *env;	/* NULL: the process's */
	const char *chdir;
	struct pcl_os_stdio stdio[3];
	const struct pcl_os_pass *passes;
	size_t n_passes;
	const struct pcl_os_limit *limits;
	size_t n_limits;
	const struct pcl_os_user *user;
	unsigned umask;
	bool has_umask, group, keep_fds, die_with_parent;
	/* It is to have all its descendants about it: in a job, by what
	 * pcl_os_job_entry() says, or as the heir of its orphans. */
	bool tree;
	const char *job;	/* NULL: none is to be had */
	/* Where pcl_os_exec_forks: fork(), which leaves the first end of a
	 * pipe here and the second one in the child. */
	int64_t (*fork)(const struct pcl_os_exec *exec);
	intptr_t channel[2];
	/* Told the child's pid as soon as there is one. */
	_Atomic int32_t *born;
};

/* What the child does, in this order. */
enum pcl_os_exec_step {
	PCL_OS_EXEC_BIRTH,	/* here, before there is one */
	PCL_OS_EXEC_GROUP,
	PCL_OS_EXEC_TREE,
	PCL_OS_EXEC_REDIRECT,	/* index: the number there */
	PCL_OS_EXEC_HIDE,	/* the other descriptors */
	PCL_OS_EXEC_UMASK,	/* fails where there is none */
	PCL_OS_EXEC_LIMIT,	/* index: which of them */
	PCL_OS_EXEC_USER,
	PCL_OS_EXEC_CHDIR,
	PCL_OS_EXEC_PARENT,	/* die with it */
	PCL_OS_EXEC_RUN	/* path: of what */
};
struct pcl_os_exec_failure {
	enum pcl_os_exec_step step;
	int index;
	char path[256];	/* its end, when it is longer */
	int64_t child;	/* 0: there was none */
};

/* Does it take a fork()? */
extern const bool pcl_os_exec_forks;
/* Does a child with die_with_parent end when the thread ends that made it? */
extern const bool pcl_os_exec_ties_to_thread;
/*
 * Returns the pid of the child that the program runs in; or what a step said,
 * PROCLC_ESTARTFAILED when it was killed in that, and the child has ended and
 * is to be reaped.
 */
int64_t
pcl_os_exec(const struct pcl_os_exec *exec,
    struct pcl_os_exec_failure *failure);

/* ------------------------------------------------------------- pipe-*.c */

/* A copy of a handle, of our own. */
int
pcl_os_handle_copy(intptr_t handle, intptr_t *copy);
/* A pipe, to read from 0 and to write to 1; ours: the one of
 * these that does not wait. */
int
pcl_os_pipe_open(intptr_t ends[2], int ours);
/* Returns how many bytes; 0: no writer is left (read only); PROCLC_EAGAIN;
 * PROCLC_EPIPE: no reader is left, and no SIGPIPE comes of it. */
int64_t
pcl_os_pipe_read(intptr_t end, void *data, size_t size);
int64_t
pcl_os_pipe_write(intptr_t end, const void *data, size_t size);
/* Close an end of ours, and give up what is still to be written. */
void
pcl_os_pipe_close(intptr_t end);
/* Wait until one of n ends (PCL_NONE: not this one) is ready, the first to
 * write to, the others to read, or due.  Returns how many; 0, due. */
int
pcl_os_pipes_wait(const intptr_t *ends, bool *ready, size_t n, int64_t due);

#endif
