/*
 * lock-windows.c - exclusion by a lock on one byte far behind the text, which
 * anybody may read.
 *
 * It belongs to the open file, and ends with the process whatever becomes of
 * that.  To ask for it is to take it: a reader holds a shared lock for a
 * moment, so a starter tries again.  It names nobody: the text does.
 */
#include <config.h>

#include "os/os.h"
#include "os/win32.h"

static OVERLAPPED
far_byte(void)
{
	return (OVERLAPPED){ .Offset = 0, .OffsetHigh = 0x40000000 };
}

static void
unlock(intptr_t file)
{
	OVERLAPPED at = far_byte();

	UnlockFileEx(pcl_win_handle(file), 0, 1, 0, &at);
}

static int
lock(intptr_t file, DWORD how)
{
	OVERLAPPED at = far_byte();

	if (LockFileEx(pcl_win_handle(file), how | LOCKFILE_FAIL_IMMEDIATELY,
	    0, 1, 0, &at))
		return 0;
	return GetLastError() == ERROR_IO_PENDING ?
	    pcl_win_last_error_as(PROCLC_EAGAIN) : pcl_win_last_error();
}

int
pcl_os_lock_exclude(intptr_t file)
{
	return lock(file, LOCKFILE_EXCLUSIVE_LOCK);
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

/* Exec makes another process here, which would have to lock it anew. */
int
pcl_os_lock_hand_over(intptr_t file)
{
	(void)file;
	return PROCLC_ENOTSUP;
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
	int rc = lock(file, 0);

	(void)pid;
	if (rc == PROCLC_EAGAIN)
		return PCL_OS_LOCK_HELD;
	if (rc < 0)
		return rc;
	unlock(file);
	return PCL_OS_LOCK_FREE;
}
