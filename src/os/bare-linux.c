/*
 * bare-linux.c - system calls without libc: it would tell the parent's other
 * threads to change their user, too, or take a lock of theirs.
 */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/stat.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "os/exec.h"

/* Those without a number in their name are for 16 bits, where both exist. */
#ifdef SYS_setresuid32
#define RAW(name) SYS_##name##32
#else
#define RAW(name) SYS_##name
#endif

static int PCL_BARE
result(long rc)
{
	return rc < 0 ? -errno : (int)rc;
}

int PCL_BARE
pcl_bare_open(const char *path, int flags)
{
	long rc;

	do
		rc = syscall(SYS_openat, AT_FDCWD, path, flags, 0666);
	while (rc < 0 && errno == EINTR);
	return result(rc);
}

int PCL_BARE
pcl_bare_enter(const char *path)
{
	int fd = pcl_bare_open(path, O_WRONLY | O_CLOEXEC);
	int rc;

	if (fd < 0)
		return fd;
	rc = result(syscall(SYS_write, fd, "0", 1));
	syscall(SYS_close, fd);
	return rc;
}

int PCL_BARE
pcl_bare_inherit(void)
{
	return result(syscall(SYS_prctl, PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0));
}

int PCL_BARE
pcl_bare_raise(int fd, int least)
{
	return result(syscall(SYS_fcntl, fd, F_DUPFD_CLOEXEC, least));
}

int PCL_BARE
pcl_bare_dup(int fd, int to)
{
	long rc;

	do
		rc = syscall(SYS_dup3, fd, to, 0);
	while (rc < 0 && errno == EINTR);
	return result(rc);
}

int PCL_BARE
pcl_bare_stay(int fd)
{
	return result(syscall(SYS_fcntl, fd, F_SETFD, 0));
}

void PCL_BARE
pcl_bare_close(int fd)
{
	syscall(SYS_close, fd);
}

int PCL_BARE
pcl_bare_lead(void)
{
	return result(syscall(SYS_setpgid, 0, 0));
}

void PCL_BARE
pcl_bare_umask(unsigned mask)
{
	syscall(SYS_umask, mask);
}

int PCL_BARE
pcl_bare_limit(const struct pcl_os_limit *limit)
{
	const uint64_t both[2] = { limit->soft, limit->hard };

	return result(syscall(SYS_prlimit64, 0, limit->resource, both, NULL));
}

int PCL_BARE
pcl_bare_chdir(const char *path)
{
	return result(syscall(SYS_chdir, path));
}

int PCL_BARE
pcl_bare_groups(gid_t *groups, int room)
{
	return result(syscall(RAW(getgroups), room, groups));
}

int PCL_BARE
pcl_bare_set_groups(const gid_t *groups, int n)
{
	return result(syscall(RAW(setgroups), n, groups));
}

int PCL_BARE
pcl_bare_set_gid(gid_t gid)
{
	return result(syscall(RAW(setresgid), gid, gid, gid));
}

int PCL_BARE
pcl_bare_set_uid(uid_t uid)
{
	/* Else the rights would stay, for whoever asks for them again. */
	syscall(SYS_prctl, PR_SET_KEEPCAPS, 0, 0, 0, 0);
	return result(syscall(RAW(setresuid), uid, uid, uid));
}

bool PCL_BARE
pcl_bare_is(uid_t uid, gid_t gid)
{
	uid_t u[3];
	gid_t g[3];

	return syscall(RAW(getresuid), &u[0], &u[1], &u[2]) == 0 &&
	    syscall(RAW(getresgid), &g[0], &g[1], &g[2]) == 0 &&
	    u[0] == uid && u[1] == uid && u[2] == uid &&
	    g[0] == gid && g[1] == gid && g[2] == gid;
}

bool PCL_BARE
pcl_bare_may_return(bool group)
{
	return syscall(RAW(setresuid), -1, 0, -1) == 0 ||
	    (group && syscall(RAW(setresgid), -1, 0, -1) == 0);
}

int PCL_BARE
pcl_bare_die_with(pid_t parent)
{
	if (syscall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0)
		return -errno;
	return syscall(SYS_getppid) == parent ? 0 : PROCLC_ESRCH;
}

/* Root gets all capabilities of its bounding set, and those that it can
 * inherit: are there more to have? */
static bool PCL_BARE
root_gains(void)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &head, data) != 0 ||
	    (data[0].inheritable & ~data[0].permitted) != 0 ||
	    (data[1].inheritable & ~data[1].permitted) != 0)
		return true;
	for (unsigned cap = 0; cap < 64; cap++)
		if (syscall(SYS_prctl, PR_CAPBSET_READ, cap, 0, 0, 0) == 1 &&
		    (data[cap / 32].permitted >> cap % 32 & 1) == 0)
			return true;
	return false;
}

/* The ids of this process, the third one for files; false: they differ, and
 * would all be the second one after exec. */
static bool PCL_BARE
is_one(uid_t *uid, gid_t *gid)
{
	uid_t u[3];
	gid_t g[3];

	if (syscall(RAW(getresuid), &u[0], &u[1], &u[2]) != 0 ||
	    syscall(RAW(getresgid), &g[0], &g[1], &g[2]) != 0)
		return false;
	*uid = u[1];
	*gid = g[1];
	/* No user has this number: it only asks. */
	return u[0] == u[1] && g[0] == g[1] &&
	    (uid_t)syscall(RAW(setfsuid), -1) == u[1] &&
	    (gid_t)syscall(RAW(setfsgid), -1) == g[1];
}

static bool PCL_BARE
process_gains(void)
{
	uid_t uid;
	gid_t gid;

	return !is_one(&uid, &gid) || (uid == 0 && root_gains());
}

/* What is not to be read says by its exec what it is.  Whose it is does not
 * matter when that is us; and root has what a file could give. */
static bool PCL_BARE
file_gains(const char *path)
{
	enum { GROUP = S_ISGID | S_IXGRP };
	struct statx st;
	uid_t uid;
	gid_t gid;

	if (syscall(SYS_statx, AT_FDCWD, path, 0, STATX_MODE | STATX_UID |
	    STATX_GID, &st) != 0)
		return errno == ENOSYS || errno == EPERM;
	if (!is_one(&uid, &gid) ||
	    ((st.stx_mode & S_ISUID) != 0 && st.stx_uid != uid) ||
	    ((st.stx_mode & GROUP) == GROUP && st.stx_gid != gid))
		return true;
	return uid != 0 &&
	    syscall(SYS_getxattr, path, "security.capability", NULL, 0) > 0;
}

/* The interpreter of a script, into text; false: it has none. */
static bool PCL_BARE
interpreter(const char *path, char *text, size_t size)
{
	int fd = pcl_bare_open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY |
	    O_CLOEXEC);
	long n = fd < 0 ? -1 : syscall(SYS_read, fd, text, size - 1);
	size_t from = 2, to = 0;

	if (fd >= 0)
		pcl_bare_close(fd);
	if (n < 3 || text[0] != '#' || text[1] != '!')
		return false;
	text[n] = '\0';
	while (text[from] == ' ' || text[from] == '\t')
		from++;
	while (text[from] != '\0' && text[from] != ' ' &&
	    text[from] != '\t' && text[from] != '\n')
		text[to++] = text[from++];
	text[to] = '\0';
	return to > 0;
}

bool PCL_BARE
pcl_bare_gains(const char *path)
{
	char next[256], now[256];

	if (path == NULL)
		return process_gains();
	/* As many as the kernel follows. */
	for (int depth = 0; depth < 6; depth++) {
		if (file_gains(path))
			return true;
		if (!interpreter(path, next, sizeof(next)))
			return false;
		for (size_t i = 0; i < sizeof(now); i++)
			now[i] = next[i];
		path = now;
	}
	return true;
}

static void PCL_BARE
to_default(int signum)
{
	/* The kernel's struct: all zero is the default, wherever what is. */
	const long action[32] = { 0 };

	syscall(SYS_rt_sigaction, signum, action, NULL, NSIG / 8);
}

void PCL_BARE
pcl_bare_forget(void)
{
	/* The handler is its first word, but on MIPS. */
#if defined __mips__
	enum { HANDLER = 1 };
#else
	enum { HANDLER = 0 };
#endif
	unsigned long action[32];

	for (int signum = 1; signum < NSIG; signum++)
		if (syscall(SYS_rt_sigaction, signum, NULL, action,
		    NSIG / 8) == 0 && action[HANDLER] > 1)
			to_default(signum);
}

void PCL_BARE
pcl_bare_hear(void)
{
	enum { BITS = 8 * sizeof(long) };
	static const int ends[] = { SIGTERM, SIGINT, SIGHUP };
	unsigned long mask[16];

	for (size_t i = 0; i < sizeof(mask) / sizeof(mask[0]); i++)
		mask[i] = ~0ul;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		mask[(ends[i] - 1) / BITS] &=
		    ~(1ul << (unsigned)(ends[i] - 1) % BITS);
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, mask, NULL, NSIG / 8);
}

void PCL_BARE
pcl_bare_open_signals(void)
{
	const long none[16] = { 0 };

	to_default(SIGPIPE);
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, none, NULL, NSIG / 8);
}

int PCL_BARE
pcl_bare_run(const char *path, char *const *argv, char *const *env)
{
	return result(syscall(SYS_execve, path, argv, env));
}
