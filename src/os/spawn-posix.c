/*
 * spawn-posix.c - children: made, signalled, reaped; and the way out.
 *
 * A new run of the program is made by posix_spawn(3), which is as cheap in a
 * big process as in a small one, and tells when exec fails.
 */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#ifdef HAVE_GETAUXVAL
#include <sys/auxv.h>
#endif
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/kin.h"

extern char **environ;

const bool pcl_os_forks = true;

int64_t
pcl_os_fork(void)
{
	pid_t pid = fork();

	return pid < 0 ? -errno : pid;
}

static int64_t
us(const struct timeval *time)
{
	return (int64_t)time->tv_sec * 1000000 + time->tv_usec;
}

int
pcl_os_reap(int64_t pid, bool block, struct pcl_os_status *status)
{
	struct rusage usage;
	pid_t got;
	int word;

	memset(status, 0, sizeof(*status));
	do
		got = wait4((pid_t)pid, &word, block ? 0 : WNOHANG, &usage);
	while (got < 0 && errno == EINTR);
	if (got == 0)
		return PROCLC_EAGAIN;
	if (got < 0)
		/* Somebody else has it, or nobody wanted it (SIGCHLD is
		 * ignored): it is gone. */
		return errno == ECHILD ? 0 : -errno;
	status->known = true;
	status->signaled = WIFSIGNALED(word);
	status->number = status->signaled ? WTERMSIG(word) :
	    WEXITSTATUS(word);
#ifdef WCOREDUMP
	status->core = status->signaled && WCOREDUMP(word);
#endif
	status->user_us = us(&usage.ru_utime);
	status->system_us = us(&usage.ru_stime);
	status->max_rss_kb = usage.ru_maxrss;
	return 0;
}

enum pcl_os_end
pcl_os_look(int64_t pid)
{
	struct pcl_os_kin kin;
	siginfo_t info;

	info.si_pid = 0;
	if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0) {
		if (errno == ECHILD)
			return PCL_OS_GONE;
		/* A filter has forbidden it. */
		return pcl_os_kin_look(pid, &kin) == 0 && kin.ended &&
		    kin.parent == getpid() ? PCL_OS_ENDED : PCL_OS_LIVES;
	}
	return info.si_pid != 0 ? PCL_OS_ENDED : PCL_OS_LIVES;
}

int64_t
pcl_os_any_ended(void)
{
	siginfo_t info;
	int rc;

	info.si_pid = 0;
	do
		rc = waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT);
	while (rc < 0 && errno == EINTR);
	return rc == 0 ? info.si_pid : 0;
}

bool
pcl_os_children_vanish(void)
{
	struct sigaction sa;

	return sigaction(SIGCHLD, NULL, &sa) == 0 &&
	    (sa.sa_handler == SIG_IGN || (sa.sa_flags & SA_NOCLDWAIT) != 0);
}

int
pcl_os_group_lead(void)
{
	return setpgid(0, 0) == 0 ? 0 : -errno;
}

bool
pcl_os_group_led(int64_t leader)
{
	return getpgid((pid_t)leader) == (pid_t)leader;
}

int
pcl_os_group_signal(int64_t leader, int signum)
{
	return kill(-(pid_t)leader, signum) == 0 ? 0 : -errno;
}

int
pcl_os_child_signal(int64_t pid, int signum)
{
	return kill((pid_t)pid, signum) == 0 ? 0 : -errno;
}

_Noreturn void
pcl_os_exit(int code)
{
	_exit(code);
}

bool
pcl_os_privileged(void)
{
#ifdef HAVE_GETAUXVAL
	/* Capabilities of the file, too. */
	if (getauxval(AT_SECURE) != 0)
		return true;
#endif
	return getuid() != geteuid() || getgid() != getegid();
}

/* The file of this program, if it can be told: what was replaced since is not
 * it. */
static const char *
own_file(const char *argv0)
{
	static const char link[] = "/proc/self/exe";

	return access(link, X_OK) == 0 ? link : argv0;
}

/* Its signals are blocked, and its group is its own, if it is to lead one. */
static int
set_attributes(posix_spawnattr_t *attributes, bool group)
{
	short flags = POSIX_SPAWN_SETSIGMASK;
	sigset_t all;
	int rc;

	sigfillset(&all);
	rc = posix_spawnattr_setsigmask(attributes, &all);
	if (rc == 0 && group) {
		flags |= POSIX_SPAWN_SETPGROUP;
		rc = posix_spawnattr_setpgroup(attributes, 0);
	}
	return rc == 0 ? posix_spawnattr_setflags(attributes, flags) : rc;
}

/* To be given to itself takes away that a descriptor is closed by exec. */
static int
add_inherited(posix_spawn_file_actions_t *actions,
    const struct pcl_os_spawn *spawn)
{
	int fd, rc = 0;

	for (size_t i = 0; rc == 0 && i < PCL_OS_SPAWN_INHERITS; i++) {
		fd = (int)spawn->inherit[i];
		if (fd != PCL_NONE)
			rc = posix_spawn_file_actions_adddup2(actions, fd, fd);
	}
	return rc;
}

int64_t
pcl_os_spawn(const struct pcl_os_spawn *spawn)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	pid_t pid = 0;
	int rc = posix_spawn_file_actions_init(&actions);

	if (rc != 0)
		return -rc;
	rc = posix_spawnattr_init(&attributes);
	if (rc == 0) {
		rc = set_attributes(&attributes, spawn->group);
		if (rc == 0)
			rc = add_inherited(&actions, spawn);
		if (rc == 0)
			rc = posix_spawnp(&pid, own_file(spawn->argv[0]),
			    &actions, &attributes, spawn->argv, environ);
		posix_spawnattr_destroy(&attributes);
	}
	posix_spawn_file_actions_destroy(&actions);
	return rc != 0 ? -rc : pid;
}

int
pcl_os_inherited(intptr_t handle)
{
	if (handle == PCL_NONE)
		return 0;
	return fcntl((int)handle, F_SETFD, FD_CLOEXEC) == 0 ? 0 : -errno;
}
