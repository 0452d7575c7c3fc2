/* bare-posix.c - what POSIX lets a forked child call, by libc. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/exec.h"

int
pcl_bare_open(const char *path, int flags)
{
	int fd;

	do
		fd = open(path, flags, 0666);
	while (fd < 0 && errno == EINTR);
	return fd < 0 ? -errno : fd;
}

int
pcl_bare_enter(const char *path)
{
	int fd = pcl_bare_open(path, O_WRONLY | O_CLOEXEC);
	int rc = fd;

	if (fd >= 0 && write(fd, "0", 1) != 1)
		rc = -errno;
	if (fd >= 0)
		close(fd);
	return rc;
}

int
pcl_bare_inherit(void)
{
	return PROCLC_ENOTSUP;
}

int
pcl_bare_raise(int fd, int least)
{
	int high = fcntl(fd, F_DUPFD_CLOEXEC, least);

	return high < 0 ? -errno : high;
}

int
pcl_bare_dup(int fd, int to)
{
	int rc;

	do
		rc = dup2(fd, to);
	while (rc < 0 && errno == EINTR);
	return rc < 0 ? -errno : 0;
}

int
pcl_bare_stay(int fd)
{
	return fcntl(fd, F_SETFD, 0) < 0 ? -errno : 0;
}

void
pcl_bare_close(int fd)
{
	close(fd);
}

int
pcl_bare_lead(void)
{
	return setpgid(0, 0) == 0 ? 0 : -errno;
}

void
pcl_bare_umask(unsigned mask)
{
	umask((mode_t)mask);
}

static rlim_t
limit_of(uint64_t value)
{
	return value == UINT64_MAX ? RLIM_INFINITY : (rlim_t)value;
}

int
pcl_bare_limit(const struct pcl_os_limit *limit)
{
	const struct rlimit both = { .rlim_cur = limit_of(limit->soft),
	    .rlim_max = limit_of(limit->hard) };

#if defined __GLIBC__
	/* Its own type is an enumeration. */
	return setrlimit((__rlimit_resource_t)limit->resource, &both) == 0 ?
	    0 : -errno;
#else
	return setrlimit(limit->resource, &both) == 0 ? 0 : -errno;
#endif
}

int
pcl_bare_chdir(const char *path)
{
	return chdir(path) == 0 ? 0 : -errno;
}

int
pcl_bare_groups(gid_t *groups, int room)
{
	int n = getgroups(room, groups);

	return n < 0 ? -errno : n;
}

int
pcl_bare_set_groups(const gid_t *groups, int n)
{
	return setgroups((size_t)n, groups) == 0 ? 0 : -errno;
}

int
pcl_bare_set_gid(gid_t gid)
{
	return setregid(gid, gid) == 0 ? 0 : -errno;
}

int
pcl_bare_set_uid(uid_t uid)
{
	return setreuid(uid, uid) == 0 ? 0 : -errno;
}

bool
pcl_bare_is(uid_t uid, gid_t gid)
{
	return getuid() == uid && geteuid() == uid && getgid() == gid &&
	    getegid() == gid;
}

bool
pcl_bare_may_return(bool group)
{
	return seteuid(0) == 0 || setuid(0) == 0 ||
	    (group && (setegid(0) == 0 || setgid(0) == 0));
}

int
pcl_bare_die_with(pid_t parent)
{
	(void)parent;
	return PROCLC_ENOTSUP;
}

bool
pcl_bare_gains(const char *path)
{
	(void)path;
	return false;
}

static void
to_default(int signum)
{
	struct sigaction action = { .sa_handler = SIG_DFL };

	sigemptyset(&action.sa_mask);
	sigaction(signum, &action, NULL);
}

void
pcl_bare_forget(void)
{
	struct sigaction now;

	for (int signum = 1; signum < NSIG; signum++)
		if (sigaction(signum, NULL, &now) == 0 &&
		    ((now.sa_flags & SA_SIGINFO) != 0 ||
		    (now.sa_handler != SIG_DFL && now.sa_handler != SIG_IGN)))
			to_default(signum);
}

void
pcl_bare_hear(void)
{
	sigset_t mask;

	sigfillset(&mask);
	sigdelset(&mask, SIGTERM);
	sigdelset(&mask, SIGINT);
	sigdelset(&mask, SIGHUP);
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
}

void
pcl_bare_open_signals(void)
{
	sigset_t none;

	to_default(SIGPIPE);
	sigemptyset(&none);
	pthread_sigmask(SIG_SETMASK, &none, NULL);
}

int
pcl_bare_run(const char *path, char *const *argv, char *const *env)
{
	execve(path, argv, env);
	return -errno;
}
