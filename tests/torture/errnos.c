/* Which calls may fail, and how: from their manual pages on Linux. */
#include "errnos.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

/*
 * Left out on purpose: calls that fail only by a mistake of the caller
 * (rt_sigaction, fcntl F_GETFL, umask), munmap and brk, whose failure is no
 * errno of the library's, futex, which libc hides, and ECHILD, which says that
 * there is no child: a zombie would stay that nobody can mend.
 */
static const struct call_errnos table[] = {
	/* descriptors */
	{ "close", true, { EINTR, EIO } },
	{ "close_range", false, { ENOSYS, EPERM, ENOMEM } },
	{ "dup", false, { EMFILE } },
	{ "dup2", false, { EBUSY, EINTR } },
	{ "dup3", false, { EBUSY, EINTR } },
	{ "fcntl.DUPFD", false, { EMFILE } },
	{ "fcntl.DUPFD_CLOEXEC", false, { EMFILE } },
	{ "pipe", false, { EMFILE, ENFILE } },
	{ "pipe2", false, { EMFILE, ENFILE } },
	{ "socketpair", false, { EMFILE, ENFILE, ENOMEM } },
	{ "socket", false, { EMFILE, ENFILE, ENOMEM } },
	{ "connect", false, { EINTR, EAGAIN, EACCES, ENOENT } },
	{ "sendto", false, { EINTR, EAGAIN, ENOMEM } },
	{ "sendmsg", false, { EINTR, EAGAIN, ENOMEM } },
	{ "epoll_create1", false, { EMFILE, ENFILE, ENOMEM } },
	{ "epoll_ctl", false, { ENOMEM, ENOSPC } },
	{ "epoll_wait", false, { EINTR } },
	{ "epoll_pwait", false, { EINTR } },
	{ "timerfd_create", false, { EMFILE, ENFILE, ENOMEM } },
	{ "memfd_create", false, { EMFILE, ENFILE, ENOMEM } },
	{ "poll", false, { EINTR, ENOMEM } },
	{ "ppoll", false, { EINTR, ENOMEM } },

	/* files */
	{ "open", false, { EINTR, EMFILE, ENFILE, ENOMEM, EACCES, ENOENT,
	    EIO, EROFS, ENOSPC, ELOOP } },
	{ "openat", false, { EINTR, EMFILE, ENFILE, ENOMEM, EACCES, ENOENT,
	    EIO, EROFS, ENOSPC, ELOOP } },
	{ "fstat", false, { ENOMEM, EIO } },
	{ "stat", false, { EACCES, ENOENT, ENOMEM, EIO } },
	{ "lstat", false, { EACCES, ENOENT, ENOMEM, EIO } },
	{ "newfstatat", false, { EACCES, ENOENT, ENOMEM, EIO } },
	{ "newfstatat.EMPTY_PATH", false, { ENOMEM, EIO } },
	{ "statx", false, { EACCES, ENOENT, ENOMEM, EIO } },
	{ "fchmod", false, { EPERM, EIO, EROFS } },
	{ "fchown", false, { EPERM, EIO, EROFS } },
	{ "read", false, { EINTR, EIO } },
	{ "pread64", false, { EINTR, EIO } },
	{ "readv", false, { EINTR, EIO } },
	{ "write", false, { EINTR, EIO, ENOSPC } },
	{ "pwrite64", false, { EINTR, EIO, ENOSPC, EFBIG } },
	{ "writev", false, { EINTR, EIO, ENOSPC } },
	{ "ftruncate", false, { EINTR, EIO, EPERM } },
	{ "fsync", false, { EINTR, EIO, ENOSPC } },
	{ "flock", false, { EINTR, EAGAIN, ENOLCK } },
	{ "fcntl.GETLK", false, { EINTR, ENOLCK } },
	{ "fcntl.SETLK", false, { EINTR, EAGAIN, ENOLCK } },
	{ "fcntl.SETLKW", false, { EINTR, ENOLCK, EDEADLK } },
	{ "fcntl.OFD_GETLK", false, { EINTR, ENOLCK, EINVAL } },
	{ "fcntl.OFD_SETLK", false, { EINTR, EAGAIN, ENOLCK, EINVAL } },
	{ "fcntl.OFD_SETLKW", false, { EINTR, ENOLCK, EINVAL } },
	{ "link", false, { EACCES, EEXIST, EMLINK, ENOSPC, EPERM, EROFS } },
	{ "linkat", false, { EACCES, EEXIST, EMLINK, ENOSPC, EPERM, EROFS } },
	{ "rename", false, { EACCES, EBUSY, ENOENT, ENOSPC, EPERM, EROFS } },
	{ "renameat", false, { EACCES, EBUSY, ENOENT, ENOSPC, EPERM,
	    EROFS } },
	{ "renameat2", false, { EACCES, EBUSY, ENOENT, ENOSPC, EPERM,
	    EROFS } },
	{ "unlink", false, { EACCES, EBUSY, EIO, ENOENT, EPERM, EROFS } },
	{ "unlinkat", false, { EACCES, EBUSY, EIO, ENOENT, EPERM, EROFS } },
	{ "getdents64", false, { ENOENT, EIO } },
	{ "chdir", false, { EACCES, ENOENT, EIO } },
	{ "fchdir", false, { EACCES, EIO } },
	{ "getcwd", false, { ENOENT, ENOMEM } },
	{ "readlink", false, { EACCES, EIO, ENOENT } },
	{ "readlinkat", false, { EACCES, EIO, ENOENT } },

	/* processes */
	{ "fork", false, { EAGAIN, ENOMEM } },
	{ "vfork", false, { EAGAIN, ENOMEM } },
	{ "clone", false, { EAGAIN, ENOMEM } },
	{ "clone3", false, { EAGAIN, ENOMEM, ENOSYS, EPERM } },
	{ "execve", false, { EACCES, ENOENT, ENOMEM, EAGAIN } },
	{ "wait4", false, { EINTR } },
	{ "waitid", false, { EINTR, ENOSYS } },
	{ "setsid", false, { EPERM } },
	{ "setpgid", false, { EACCES, EPERM, ESRCH } },
	{ "setuid", false, { EAGAIN, EPERM } },
	{ "setgid", false, { EPERM } },
	{ "setresuid", false, { EAGAIN, EPERM } },
	{ "setresgid", false, { EPERM } },
	{ "setgroups", false, { ENOMEM, EPERM } },
	{ "prctl.SET_PDEATHSIG", false, { EINVAL } },
	{ "prctl.SET_CHILD_SUBREAPER", false, { EINVAL } },
	{ "pidfd_open", false, { EMFILE, ENFILE, ENOMEM, ENOSYS, EPERM,
	    ESRCH } },

	/* signals */
	{ "kill", false, { EPERM, ESRCH } },
	{ "tgkill", false, { EAGAIN, EPERM, ESRCH } },
	{ "rt_tgsigqueueinfo", false, { EAGAIN, ENOSYS, EPERM, ESRCH } },
	{ "rt_sigqueueinfo", false, { EAGAIN, EPERM, ESRCH } },
	{ "pidfd_send_signal", false, { ENOSYS, EPERM, ESRCH } },

	/* memory */
	{ "mmap", false, { ENOMEM, EAGAIN } },
	{ "mprotect", false, { ENOMEM } },
	{ "madvise", false, { EINVAL, ENOMEM } },
	{ "mremap", false, { ENOMEM } },
	{ "getrandom", false, { ENOSYS, EAGAIN } },
	{ "prlimit64", false, { EPERM } },
};

static const struct {
	const char *name;
	int number;
} errors[] = {
	{ "EPERM", EPERM }, { "ENOENT", ENOENT }, { "ESRCH", ESRCH },
	{ "EINTR", EINTR }, { "EIO", EIO }, { "EBADF", EBADF },
	{ "ECHILD", ECHILD }, { "EAGAIN", EAGAIN }, { "ENOMEM", ENOMEM },
	{ "EACCES", EACCES }, { "EBUSY", EBUSY }, { "EEXIST", EEXIST },
	{ "ENODEV", ENODEV }, { "ENOTDIR", ENOTDIR }, { "EISDIR", EISDIR },
	{ "EINVAL", EINVAL }, { "ENFILE", ENFILE }, { "EMFILE", EMFILE },
	{ "EFBIG", EFBIG }, { "ENOSPC", ENOSPC }, { "EROFS", EROFS },
	{ "EMLINK", EMLINK }, { "EPIPE", EPIPE }, { "EDEADLK", EDEADLK },
	{ "ENOLCK", ENOLCK }, { "ENOSYS", ENOSYS }, { "ELOOP", ELOOP },
	{ "ENAMETOOLONG", ENAMETOOLONG }, { "ETIMEDOUT", ETIMEDOUT },
	{ "EOPNOTSUPP", EOPNOTSUPP }, { "EDQUOT", EDQUOT },
};

const struct call_errnos *
call_errnos(const char *call)
{
	size_t i, length = strlen(call);

	/* "close." is any close */
	if (length > 0 && call[length - 1] == '.')
		length--;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (strlen(table[i].call) == length &&
		    strncmp(table[i].call, call, length) == 0)
			return &table[i];
	return NULL;
}

int
errno_number(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (strcmp(errors[i].name, name) == 0)
			return errors[i].number;
	return 0;
}

const char *
errno_name(int number)
{
	size_t i;

	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (errors[i].number == number)
			return errors[i].name;
	return NULL;
}
