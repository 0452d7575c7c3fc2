/* error-windows.c - what the system's errors mean, and their words. */
#include <config.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "os/kin.h"
#include "os/win32.h"

static const struct {
	DWORD error;
	int code;
} meanings[] = {
	{ ERROR_SUCCESS, 0 },
	{ ERROR_ACCESS_DENIED, PROCLC_EACCES },
	{ ERROR_ALREADY_EXISTS, PROCLC_EEXIST },
	{ ERROR_BAD_EXE_FORMAT, PROCLC_ENOEXEC },
	{ ERROR_BAD_NETPATH, PROCLC_ENOENT },
	{ ERROR_BAD_PATHNAME, PROCLC_ENOENT },
	{ ERROR_BROKEN_PIPE, PROCLC_EPIPE },
	{ ERROR_BUFFER_OVERFLOW, PROCLC_ENAMETOOLONG },
	{ ERROR_CANT_RESOLVE_FILENAME, PROCLC_ELOOP },
	{ ERROR_DELETE_PENDING, PROCLC_EAGAIN },
	{ ERROR_DIRECTORY, PROCLC_ENOTDIR },
	{ ERROR_DISK_FULL, PROCLC_ENOSPC },
	{ ERROR_FILENAME_EXCED_RANGE, PROCLC_ENAMETOOLONG },
	{ ERROR_FILE_EXISTS, PROCLC_EEXIST },
	{ ERROR_FILE_NOT_FOUND, PROCLC_ENOENT },
	{ ERROR_HANDLE_DISK_FULL, PROCLC_ENOSPC },
	{ ERROR_INTERNAL_ERROR, PROCLC_EAGAIN },
	{ ERROR_INVALID_DRIVE, PROCLC_ENOENT },
	{ ERROR_INVALID_HANDLE, PROCLC_EBADF },
	{ ERROR_INVALID_NAME, PROCLC_ENOENT },
	{ ERROR_INVALID_PARAMETER, PROCLC_EINVAL },
	{ ERROR_LOCK_VIOLATION, PROCLC_EAGAIN },
	{ ERROR_NETNAME_DELETED, PROCLC_EPIPE },
	{ ERROR_NOT_ENOUGH_MEMORY, PROCLC_ENOMEM },
	{ ERROR_NOT_ENOUGH_QUOTA, PROCLC_EAGAIN },
	{ ERROR_NOT_SUPPORTED, PROCLC_ENOTSUP },
	{ ERROR_NO_DATA, PROCLC_EPIPE },
	{ ERROR_NO_SYSTEM_RESOURCES, PROCLC_EAGAIN },
	{ ERROR_OUTOFMEMORY, PROCLC_ENOMEM },
	{ ERROR_PATH_NOT_FOUND, PROCLC_ENOENT },
	{ ERROR_PIPE_NOT_CONNECTED, PROCLC_EPIPE },
	{ ERROR_PRIVILEGE_NOT_HELD, PROCLC_EPERM },
	{ ERROR_SHARING_VIOLATION, PROCLC_EBUSY },
	{ ERROR_TOO_MANY_OPEN_FILES, PROCLC_EMFILE },
	{ ERROR_WRITE_PROTECT, PROCLC_EROFS },
};

/* This thread's last error, and what it was taken for. */
static _Thread_local struct {
	int code;
	DWORD error;
} told;

int
pcl_win_error(DWORD error)
{
	for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++)
		if (meanings[i].error == error)
			return meanings[i].code;
	return PROCLC_EIO;
}

int
pcl_win_last_error_as(int code)
{
	told.error = GetLastError();
	told.code = code;
	return code;
}

int
pcl_win_last_error(void)
{
	int rc = pcl_win_error(GetLastError());

	/* Who asks knows that it has failed. */
	return pcl_win_last_error_as(rc == 0 ? PROCLC_EIO : rc);
}

int
pcl_os_error_number(int code)
{
	return code == told.code ? (int)told.error : 0;
}

void
pcl_os_strerror(int error, char *text, size_t size)
{
	const char *words = strerror(error);

	if (words != NULL && strcmp(words, "Unknown error") != 0)
		snprintf(text, size, "%s", words);
	else
		snprintf(text, size, "error %d", error);
}
