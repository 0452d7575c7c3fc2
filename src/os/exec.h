/*
 * exec.h - a child between its birth and the program: what exec-*.c,
 * bare-*.c and execsteps.c share.
 *
 * The child may share its parent's memory, other threads of which run on: it
 * makes system calls alone (pcl_bare_*), takes no lock and allocates nothing;
 * all that it needs is in its struct pcl_exec_run.
 */
#ifndef PCL_OS_EXEC_H
#define PCL_OS_EXEC_H

#include "os/posix.h"
#include "os/program.h"

/* For its functions: no sanitizer keeps books there. */
#if defined __clang__
#define PCL_BARE __attribute__((__disable_sanitizer_instrumentation__))
#elif defined __GNUC__
#define PCL_BARE __attribute__((__no_sanitize_address__, \
	__no_sanitize_thread__, __no_sanitize_undefined__))
#else
#define PCL_BARE
#endif

/* One descriptor of the program, and where it comes from. */
struct pcl_exec_move {
	int from, to;	/* from PCL_NONE: nothing to do, or to be opened */
	const char *path;	/* to open */
	int flags;	/* how */
	bool like_out;	/* from where 1 comes */
};

/* Room for more groups than the user has: then he is not in his alone. */
enum { PCL_EXEC_SPARE_GROUPS = 8 };

struct pcl_exec_run {
	const struct pcl_os_exec *exec;
	struct pcl_exec_move *moves;
	size_t n_moves;
	struct pcl_posix_ids ids;	/* with exec->user */
	gid_t *groups;	/* room for those, and some */
	char *const *env;
	char *search;	/* a copy of PATH; NULL: the file is a path */
	char *path;	/* room for each way to the file */
	pid_t parent;
	int heard;	/* what the parent listens to; PCL_NONE */
	bool handlers;	/* the parent's are still to be forgotten */
	/* What the child leaves. */
	enum pcl_os_exec_step step;
	int index, error;
	bool running;	/* all is done but to load the program */
	const char *tried;
	char *stack;
	size_t stack_size, size;
};

/* Make one; shared: its memory is the child's, too, after a fork.  NULL: no
 * memory. */
struct pcl_exec_run *
pcl_exec_make(const struct pcl_os_exec *exec, size_t stack_size, bool shared);
void
pcl_exec_free(struct pcl_exec_run *run, bool shared);
/* Did it not come to its program? */
bool
pcl_exec_failed(const struct pcl_exec_run *run);
/* What it left, for the caller; the error, PROCLC_ESTARTFAILED when it was
 * killed. */
int
pcl_exec_report(const struct pcl_exec_run *run,
    struct pcl_os_exec_failure *failure);

/* The least number that is not less, of which one of the program's is a copy,
 * or that the parent listens to; PCL_NONE. */
int
pcl_exec_next_source(const struct pcl_exec_run *run, int least);
/* In the child: all steps.  Returns when one has failed. */
void
pcl_exec_steps(struct pcl_exec_run *run);

/* System calls: at least 0, or -errno; errno is not kept. */
int
pcl_bare_open(const char *path, int flags);
/* A copy from least on, closed by exec. */
int
pcl_bare_raise(int fd, int least);
int
pcl_bare_dup(int fd, int to);
int
pcl_bare_stay(int fd);
void
pcl_bare_close(int fd);
/* Close the descriptors from 3 on that the program's do not come from; all:
 * not only those that exec closes. */
void
pcl_bare_close_others(const struct pcl_exec_run *run, bool all);
int
pcl_bare_lead(void);
void
pcl_bare_umask(unsigned mask);
int
pcl_bare_limit(const struct pcl_os_limit *limit);
int
pcl_bare_chdir(const char *path);
int
pcl_bare_groups(gid_t *groups, int room);
int
pcl_bare_set_groups(const gid_t *groups, int n);
/* The real, the effective and the saved one. */
int
pcl_bare_set_gid(gid_t gid);
int
pcl_bare_set_uid(uid_t uid);
bool
pcl_bare_is(uid_t uid, gid_t gid);
/* Can it be root again, or in its group? */
bool
pcl_bare_may_return(bool group);
/* Be killed when the thread that made us ends; PROCLC_ESRCH, it has. */
int
pcl_bare_die_with(pid_t parent);
/* Write "0" to this file. */
int
pcl_bare_enter(const char *path);
/* Be the heir of the orphans among its descendants. */
int
pcl_bare_inherit(void);
/* Does the system forget that when this file is run?  NULL: whatever is. */
bool
pcl_bare_gains(const char *path);
/* Forget handlers; hear who asks us to end, but no signal of those that dump
 * the memory, or stop us; forget PIPE ignored, and what is blocked. */
void
pcl_bare_forget(void);
void
pcl_bare_hear(void);
void
pcl_bare_open_signals(void);
int
pcl_bare_run(const char *path, char *const *argv, char *const *env);

#endif
