/*
 * Orphans for this process, as a subreaper or as the first process of a new
 * namespace.
 *
 *	strays_make(10, false);
 *	ck_assert(strays_all_gone());
 */
#ifndef STRAYS_H
#define STRAYS_H

#include "spawns.h"

#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static inline void
strays_setup(void)
{
	spawn_setup();
	letters_expect_library();
	toolkit_expect(TOOLKIT_TRAITS);
	toolkit_expect_signal(SIGCHLD);
}

/* A child that leaves n orphans behind; each ends at once, or waits at the
 * gate. */
static inline void
strays_make(int n, bool wait)
{
	pid_t pid = fork();
	int i;

	for (i = 0; pid == 0 && i < n; i++)
		if (fork() == 0) {
			setsid();
			_exit(wait ? task_wait_at_gate(NULL) : 0);
		}
	if (pid == 0)
		_exit(0);
}

/* No child is left, dead or alive. */
static inline bool
strays_all_gone(void)
{
	int64_t due = clock_deadline(0);
	siginfo_t info;

	while (waitid(P_ALL, 0, &info, WEXITED | WNOWAIT | WNOHANG) == 0 &&
	    clock_now_ms() < due)
		poll(NULL, 0, 1);
	return waitid(P_ALL, 0, &info, WEXITED | WNOWAIT | WNOHANG) != 0;
}

static inline bool
skip_subreaper(void)
{
	return skip_without("tree", "linux");
}

/* With a /proc of its own, which the sanitizers read. */
static inline bool
strays_mount_proc(void)
{
	return unshare(CLONE_NEWNS) == 0 &&
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	    mount("proc", "/proc", "proc", 0, NULL) == 0;
}

/* What fn returns in the first process of a new namespace; -1: there is none
 * to be had. */
static inline int
strays_run_first(int (*fn)(void))
{
	enum { REFUSED = 254 };
	int status = 0;
	pid_t pid = fork();

	/* A process between, which has no more children afterwards.  None of
	 * them by _exit: LeakSanitizer needs a child, and who is first hears no
	 * SIGSTOP. */
	if (pid == 0) {
		pid = unshare(CLONE_NEWPID) == 0 ? fork() : -1;
		if (pid == 0)
			syscall(SYS_exit_group, strays_mount_proc() ? fn() :
			    REFUSED);
		if (pid < 0 || waitpid(pid, &status, 0) != pid)
			syscall(SYS_exit_group, REFUSED);
		syscall(SYS_exit_group, WIFEXITED(status) ?
		    WEXITSTATUS(status) : 253);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status) == REFUSED ? -1 : WEXITSTATUS(status);
}

#endif
