/*
 * lock-flock.c - exclusion by flock(2), where there are no locks of open
 * files by fcntl.
 *
 * It survives fork as those do, but to ask for it is to take it: a reader
 * holds a shared lock for a moment, so a starter tries again.  It names
 * nobody: the text does.
 */
#include <config.h>

#include <errno.h>
#include <sys/file.h>

#include "os/os.h"

static int
lock(int fd, int how)
{
	int rc;

	do
		rc = flock(fd, how | LOCK_NB);
	while (rc != 0 && errno == EINTR);
	if (rc == 0)
		return 0;
	return errno == EWOULDBLOCK ? PROCLC_EAGAIN : -errno;
}

int
pcl_os_lock_exclude(intptr_t file)
{
	return lock((int)file, LOCK_EX);
}

int
pcl_os_lock_identify(intptr_t file)
{
	(void)file;
	return 0;
}

void
pcl_os_lock_unname(intptr_t file)
{
	(void)file;
}

int
pcl_os_lock_hand_over(intptr_t file)
{
	(void)file;
	return 0;
}

int
pcl_os_lock_name(intptr_t file, int64_t *pid)
{
	(void)file;
	(void)pid;
	return PCL_OS_LOCK_HELD;
}

int
pcl_os_lock_probe(intptr_t file, int64_t *pid)
{
	int rc = lock((int)file, LOCK_SH);

	(void)pid;
	if (rc == PROCLC_EAGAIN)
		return PCL_OS_LOCK_HELD;
	if (rc < 0)
		return rc;
	lock((int)file, LOCK_UN);
	return PCL_OS_LOCK_FREE;
}
