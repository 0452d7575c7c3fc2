/* detach-posix.c - leaving a session, and telling the one left behind. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "os/os.h"
#include "os/posix.h"

int
pcl_os_session_new(void)
{
	return setsid() < 0 ? -errno : 0;
}

int64_t
pcl_os_session_of(int64_t pid)
{
	pid_t session = getsid((pid_t)pid);

	return session < 0 ? -errno : session;
}

int
pcl_os_chdir(intptr_t dir)
{
	return fchdir((int)dir) == 0 ? 0 : -errno;
}

unsigned
pcl_os_umask(unsigned mask)
{
	return umask((mode_t)mask);
}

void
pcl_os_print_error(const char *line)
{
	struct iovec parts[2] = {
		{ .iov_base = (void *)(uintptr_t)line,
		  .iov_len = strlen(line) },
		{ .iov_base = (void *)(uintptr_t)"\n", .iov_len = 1 },
	};
	sigset_t pipe;

	/* Nobody who reads is no reason to end otherwise than we say. */
	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &pipe, NULL);
	while (writev(2, parts, 2) < 0 && errno == EINTR)
		continue;
}

extern char **environ;

/* Has the variable, "NAME=value", one of these names? */
static bool
named(const char *variable, const char *const *names, size_t n)
{
	size_t length;

	for (size_t i = 0; i < n; i++) {
		length = strlen(names[i]);
		if (strncmp(variable, names[i], length) == 0 &&
		    variable[length] == '=')
			return true;
	}
	return false;
}

/* setenv(3) and the like take a lock that a thread of the launcher may have
 * held when it was copied. */
int
pcl_os_environment(const char *const *gone, size_t n,
    struct pcl_os_user *user)
{
	char **set = user == NULL ? NULL : pcl_os_user_variables(user);
	size_t old = 0, used = 0, more = 0;
	char **variables;

	while (environ != NULL && environ[old] != NULL)
		old++;
	while (set != NULL && set[more] != NULL)
		more++;
	variables = malloc((old + more + 1) * sizeof(*variables));
	if (variables == NULL)
		return PROCLC_ENOMEM;
	for (size_t i = 0; i < old; i++)
		if (!named(environ[i], gone, n))
			variables[used++] = environ[i];
	for (size_t i = 0; i < more; i++) {
		variables[used++] = set[i];
		set[i] = NULL;
	}
	variables[used] = NULL;
	environ = variables;
	return 0;
}

/* What is opened without waiting is then used as ever. */
static int
open_ready(const char *path, int flags)
{
	int fd = pcl_posix_high(open(path, flags | O_NONBLOCK, 0640));

	if (fd >= 0 && fcntl(fd, F_SETFL, flags & O_APPEND) != 0) {
		int error = errno;

		close(fd);
		return -error;
	}
	return fd;
}

int
pcl_os_file_redirect_open(const char *path, enum pcl_os_opening how,
    const struct pcl_os_user *user, intptr_t *file)
{
	int flags = O_NOCTTY | O_CLOEXEC;
	int fd, made = 0;

	if (path == NULL)
		path = "/dev/null";
	flags |= how == PCL_OS_READ ? O_RDONLY : O_WRONLY | O_APPEND;
	fd = open_ready(path, flags);
	if (fd == PROCLC_ENOENT && how == PCL_OS_MAKE) {
		made = 1;
		fd = open_ready(path, flags | O_CREAT | O_EXCL);
	}
	/* Made by somebody else meanwhile, or a link to nothing. */
	if (fd == PROCLC_EEXIST) {
		made = 0;
		fd = open_ready(path, flags | O_CREAT);
	}
	if (fd < 0)
		return fd;
	*file = fd;
	/* To open it again he must be its owner; not all file systems know
	 * owners, and not everybody may give something away. */
	if (made == 1 && user != NULL)
		pcl_os_user_own(user, fd);
	return made;
}

void
pcl_os_file_unmake(const char *path, intptr_t file)
{
	struct stat st, at;

	if (fstat((int)file, &st) == 0 && lstat(path, &at) == 0 &&
	    st.st_size == 0 && st.st_dev == at.st_dev &&
	    st.st_ino == at.st_ino)
		unlink(path);
}

int
pcl_os_path_absolute(const char *path, char **absolute)
{
	char *dir = *path == '/' ? NULL : getcwd(NULL, 0);
	size_t size;

	if (*path != '/' && dir == NULL)
		return -errno;
	size = strlen(path) + (dir == NULL ? 0 : strlen(dir) + 1) + 1;
	*absolute = malloc(size);
	if (*absolute != NULL)
		snprintf(*absolute, size, "%s%s%s", dir == NULL ? "" : dir,
		    dir == NULL ? "" : "/", path);
	free(dir);
	return *absolute == NULL ? PROCLC_ENOMEM : 0;
}

int
pcl_os_redirect(intptr_t file, int standard)
{
	int rc, tries = 0;

	/* Busy while another thread opens something under that number. */
	do
		rc = dup2((int)file, standard);
	while (rc < 0 && (errno == EINTR ||
	    (errno == EBUSY && ++tries < 100)));
	return rc < 0 ? -errno : 0;
}

int
pcl_os_standard_keep(int standard, intptr_t *copy)
{
	int flags = fcntl(standard, F_GETFD), fd;

	*copy = PCL_NONE;
	if (flags < 0)
		return errno == EBADF ? 0 : -errno;
	fd = fcntl(standard, F_DUPFD_CLOEXEC, 3);
	if (fd < 0)
		return -errno;
	*copy = fd;
	return (flags & FD_CLOEXEC) != 0;
}

void
pcl_os_standard_restore(int standard, intptr_t copy, bool close_on_exec)
{
	if (copy == PCL_NONE)
		close(standard);
	else if (pcl_os_redirect(copy, standard) == 0 && close_on_exec)
		pcl_os_file_close_on_exec(standard, true);
}

int
pcl_os_channel_open(intptr_t ends[2])
{
	int pair[2], high[2];

	/* A socket, for a write to it can be told not to raise SIGPIPE. */
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return -errno;
	for (int i = 0; i < 2; i++)
		high[i] = pcl_posix_high(pair[i]);
	for (int i = 0; i < 2; i++) {
		if (high[i] < 0) {
			pcl_os_close(high[1 - i]);
			return high[i];
		}
		ends[i] = high[i];
	}
	return 0;
}

static int
send_all(int fd, const char *data, size_t size, int flags)
{
	ssize_t n;

	while (size > 0) {
		n = send(fd, data, size, MSG_NOSIGNAL | flags);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		data += n;
		size -= (size_t)n;
	}
	return 0;
}

int
pcl_os_channel_send(intptr_t end, const void *record, size_t size)
{
	return send_all((int)end, record, size, 0);
}

int
pcl_os_channel_load(intptr_t end, const void *record, size_t size)
{
	int rc = send_all((int)end, record, size, MSG_DONTWAIT);

	return rc == PROCLC_EAGAIN ? PROCLC_E2BIG : rc;
}

static int
wait_readable(int fd, int64_t due)
{
	struct pollfd entry = { .fd = fd, .events = POLLIN };
	int64_t left;
	int rc;

	do {
		left = due == PCL_NEVER ? 60000 : due - pcl_os_now();
		if (left > 60000)
			left = 60000;
		rc = poll(&entry, 1, left < 0 ? 0 : (int)left);
		if (rc > 0)
			return 0;
		if (rc < 0 && errno != EINTR)
			return -errno;
	} while (due == PCL_NEVER || pcl_os_now() < due);
	return PROCLC_ETIMEDOUT;
}

int
pcl_os_channel_receive(intptr_t end, void *record, size_t size, int64_t due)
{
	char *data = record;
	size_t got = 0;
	ssize_t n;
	int rc;

	while (got < size) {
		rc = wait_readable((int)end, due);
		if (rc < 0)
			return rc;
		n = recv((int)end, data + got, size - got, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n == 0 || (n < 0 && errno == ECONNRESET))
			return 0;
		if (n < 0)
			return -errno;
		got += (size_t)n;
	}
	return (int)size;
}
