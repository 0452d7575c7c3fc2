/*
 * lock-ofd.c - exclusion by an open-file-description lock, identity by a
 * record lock (Linux 3.15).
 *
 * fcntl(2): an OFD lock belongs to the open file, so it survives fork and is
 * released with the last copy of the descriptor; a record lock belongs to the
 * process, and F_OFD_GETLK tells its pid.  They lie on different bytes, far
 * from the text.
 */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "os/os.h"

/* Within 31 bits, for file systems and programs with a small off_t. */
enum { EXCLUSION = 0x40000000, IDENTITY = 0x40000001 };

static int
lock_byte(int fd, int command, short type, off_t byte, struct flock *lock)
{
	int rc;

	memset(lock, 0, sizeof(*lock));
	lock->l_type = type;
	lock->l_whence = SEEK_SET;
	lock->l_start = byte;
	lock->l_len = 1;
	do
		rc = fcntl(fd, command, lock);
	while (rc != 0 && errno == EINTR);
	if (rc == 0)
		return 0;
	return errno == EACCES ? PROCLC_EAGAIN : -errno;
}

int
pcl_os_lock_exclude(intptr_t file)
{
	struct flock lock;

	return lock_byte((int)file, F_OFD_SETLK, F_WRLCK, EXCLUSION, &lock);
}

int
pcl_os_lock_identify(intptr_t file)
{
	struct flock lock;

	return lock_byte((int)file, F_SETLK, F_WRLCK, IDENTITY, &lock);
}

void
pcl_os_lock_unname(intptr_t file)
{
	struct flock lock;

	lock_byte((int)file, F_SETLK, F_UNLCK, IDENTITY, &lock);
}

/* Whoever takes the exclusion now still looks for an identity. */
int
pcl_os_lock_hand_over(intptr_t file)
{
	struct flock lock;

	return lock_byte((int)file, F_OFD_SETLK, F_UNLCK, EXCLUSION, &lock);
}

int
pcl_os_lock_name(intptr_t file, int64_t *pid)
{
	struct flock lock;
	int rc;

	rc = lock_byte((int)file, F_OFD_GETLK, F_WRLCK, IDENTITY, &lock);
	if (rc < 0)
		return rc;
	if (lock.l_type == F_UNLCK)
		return PCL_OS_LOCK_UNNAMED;
	*pid = lock.l_pid > 0 ? lock.l_pid : 0;
	return PCL_OS_LOCK_NAMED;
}

int
pcl_os_lock_probe(intptr_t file, int64_t *pid)
{
	struct flock lock;
	int rc;

	/* Identity first: a holder takes it last and loses it first. */
	rc = pcl_os_lock_name(file, pid);
	if (rc != PCL_OS_LOCK_UNNAMED)
		return rc;
	rc = lock_byte((int)file, F_OFD_GETLK, F_WRLCK, EXCLUSION, &lock);
	if (rc < 0)
		return rc;
	return lock.l_type == F_UNLCK ? PCL_OS_LOCK_FREE :
	    PCL_OS_LOCK_UNNAMED;
}
