/* file-posix.c - files and directories, opened with suspicion. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/os.h"
#include "os/posix.h"

int
pcl_posix_high(int fd)
{
	int high, error = errno;

	if (fd < 0)
		return -error;
	if (fd > 2)
		return fd;
	high = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	error = errno;
	close(fd);
	return high < 0 ? -error : high;
}

static int
ascending(const void *a, const void *b)
{
	int x = *(const int *)a, y = *(const int *)b;

	return (x > y) - (x < y);
}

void
pcl_posix_sort(int *numbers, size_t n)
{
	qsort(numbers, n, sizeof(*numbers), ascending);
}

bool
pcl_posix_has(const int *numbers, size_t n, int number)
{
	return bsearch(&number, numbers, n, sizeof(*numbers),
	    ascending) != NULL;
}

void
pcl_posix_close_numbers(const int *keep, size_t n, uint32_t gap)
{
	uint32_t misses = 0;

	/* The limit is no bound: it may have been higher before. */
	for (int fd = 3; misses < gap && fd < INT_MAX; fd++) {
		if (pcl_posix_has(keep, n, fd) || close(fd) == 0 ||
		    errno != EBADF)
			misses = 0;
		else
			misses++;
	}
}

int
pcl_posix_pipe(int ends[2])
{
	int pair[2], rc;

	/* pipe2 is POSIX 2024; who forks and execs just here is covered by
	 * nothing else. */
	if (pipe2(pair, O_CLOEXEC) != 0)
		return -errno;
	rc = ends[0] = pcl_posix_high(pair[0]);
	if (rc < 0) {
		close(pair[1]);
		return rc;
	}
	rc = ends[1] = pcl_posix_high(pair[1]);
	if (rc < 0)
		close(ends[0]);
	return rc < 0 ? rc : 0;
}

void
pcl_os_close(intptr_t handle)
{
	int saved = errno;

	if (handle >= 0)
		close((int)handle);
	errno = saved;
}

int
pcl_os_file_close_on_exec(intptr_t file, bool closed)
{
	return fcntl((int)file, F_SETFD, closed ? FD_CLOEXEC : 0) == 0 ? 0 :
	    -errno;
}

const char *
pcl_os_path_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

/* To look up names in a directory needs less than to list it. */
#if defined O_PATH
#define OPEN_DIR O_PATH
#elif defined O_SEARCH
#define OPEN_DIR O_SEARCH
#else
#define OPEN_DIR O_RDONLY
#endif

int
pcl_os_dir_open(const char *path, intptr_t *dir)
{
	int fd = pcl_posix_high(open(path, OPEN_DIR | O_DIRECTORY |
	    O_CLOEXEC | O_NONBLOCK));

	if (fd < 0)
		return fd;
	*dir = fd;
	return 0;
}

/* Look before opening: to open a device can do something. */
static int
look(int dir, const char *name)
{
	struct stat st;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return -errno;
	return S_ISREG(st.st_mode) ? 0 : PROCLC_EUNSAFE;
}

static void
id_of(const struct stat *st, struct pcl_os_file_id *id)
{
	id->device = (uint64_t)st->st_dev;
	id->file = (uint64_t)st->st_ino;
}

int
pcl_os_dir_check(intptr_t dir, struct pcl_os_file_id *id)
{
	struct stat st;

	if (fstat((int)dir, &st) != 0)
		return -errno;
	id_of(&st, id);
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return PROCLC_EUNSAFE;
	/* Others may add names, as in /tmp, if they cannot touch ours. */
	if ((st.st_mode & S_ISVTX) != 0)
		return 0;
	/* Our own group is, with a umask of 002, nobody else. */
	if ((st.st_mode & S_IWOTH) != 0 ||
	    ((st.st_mode & S_IWGRP) != 0 && st.st_gid != getegid()))
		return PROCLC_EUNSAFE;
	return 0;
}

static int
check(int fd)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return PROCLC_EUNSAFE;
	/* Removed meanwhile is not unsafe: the caller will notice. */
	if (st.st_nlink > 1 || (st.st_uid != 0 && st.st_uid != geteuid()) ||
	    (st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return PROCLC_EUNSAFE;
	return 0;
}

/* 1 when made by us, PROCLC_EEXIST when there. */
static int
create(int dir, const char *name, int flags, intptr_t *file)
{
	int fd = pcl_posix_high(openat(dir, name, flags | O_CREAT | O_EXCL,
	    0644));

	if (fd < 0)
		return fd;
	*file = fd;
	/* Whatever the umask; a file system without modes may refuse. */
	if (fchmod(fd, 0644) != 0 && errno != EPERM && errno != ENOTSUP)
		return -errno;
	return 1;
}

static int
open_there(int dir, const char *name, int flags, intptr_t *file)
{
	int fd, rc = look(dir, name);

	if (rc < 0)
		return rc;
	rc = fd = pcl_posix_high(openat(dir, name, flags));
	if (rc >= 0)
		rc = check(fd);
	if (rc < 0)
		pcl_os_close(fd);
	else
		*file = fd;
	return rc == PROCLC_ELOOP ? PROCLC_EUNSAFE : rc;
}

int
pcl_os_file_hold(intptr_t dir, const char *name, intptr_t *file)
{
	int flags = O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	int rc = create((int)dir, name, flags, file);

	if (rc != PROCLC_EEXIST)
		return rc;
	rc = open_there((int)dir, name, flags, file);
	/* Gone again: the caller comes back. */
	return rc == PROCLC_ENOENT ? PROCLC_EAGAIN : rc;
}

int
pcl_os_file_look(const char *path, struct pcl_os_file_id *id)
{
	struct stat st;

	if (path[strlen(path) - 1] == '/')
		return PROCLC_EISDIR;
	if (lstat(path, &st) != 0)
		return -errno;
	id_of(&st, id);
	return S_ISREG(st.st_mode) ? 0 : PROCLC_EUNSAFE;
}

int
pcl_os_file_read_open(const char *path, intptr_t *file,
    struct pcl_os_file_id *id)
{
	int rc, fd = pcl_posix_high(open(path, O_RDONLY | O_NOFOLLOW |
	    O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
	struct stat st;

	if (fd < 0)
		return fd == PROCLC_ELOOP ? PROCLC_EUNSAFE : fd;
	rc = fstat(fd, &st) != 0 ? -errno : 0;
	if (rc == 0 && !S_ISREG(st.st_mode))
		rc = PROCLC_EUNSAFE;
	if (rc < 0) {
		pcl_os_close(fd);
		return rc;
	}
	id_of(&st, id);
	*file = fd;
	return 0;
}

int
pcl_os_file_id(intptr_t file, struct pcl_os_file_id *id)
{
	struct stat st;

	if (fstat((int)file, &st) != 0)
		return -errno;
	id_of(&st, id);
	return 0;
}

int
pcl_os_file_is(intptr_t file, const struct pcl_os_file_id *id)
{
	struct pcl_os_file_id now;
	int rc = pcl_os_file_id(file, &now);

	if (rc == PROCLC_EBADF)
		return 0;
	return rc < 0 ? rc : now.device == id->device && now.file == id->file;
}

bool
pcl_os_file_looks_ours(intptr_t file)
{
	int flags = fcntl((int)file, F_GETFL);

	return flags >= 0 && (flags & (O_NONBLOCK | OPEN_DIR)) != 0;
}

int
pcl_os_file_id_at(intptr_t dir, const char *name, struct pcl_os_file_id *id)
{
	struct stat st;

	if (fstatat((int)dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return -errno;
	id_of(&st, id);
	return 0;
}

int
pcl_os_file_write(intptr_t file, const char *data, size_t size)
{
	size_t done = 0;
	ssize_t n;

	while (done < size) {
		n = pwrite((int)file, data + done, size - done, (off_t)done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return PROCLC_ENOSPC;
		done += (size_t)n;
	}
	return 0;
}

int
pcl_os_file_cut(intptr_t file, size_t size)
{
	while (ftruncate((int)file, (off_t)size) != 0)
		if (errno != EINTR)
			return -errno;
	return 0;
}

int
pcl_os_file_read(intptr_t file, char *data, size_t size)
{
	ssize_t n;

	do
		n = pread((int)file, data, size, 0);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : (int)n;
}

int
pcl_os_file_remove(intptr_t dir, const char *name, intptr_t *file)
{
	(void)file;
	return unlinkat((int)dir, name, 0) == 0 ? 0 : -errno;
}
