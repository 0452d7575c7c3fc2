/*
 * file-windows.c - files and directories, opened with suspicion.
 *
 * Who holds a file lets others read and write it, but not delete it: its name
 * stays while it is held.  Owners and modes are access lists here, which a
 * file has from its directory; they are not judged.
 */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "os/os.h"
#include "os/win32.h"

enum { SHARE_ALL = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE };

void
pcl_os_close(intptr_t handle)
{
	if (handle != PCL_NONE)
		CloseHandle(pcl_win_handle(handle));
}

int
pcl_os_file_close_on_exec(intptr_t file, bool closed)
{
	return SetHandleInformation(pcl_win_handle(file), HANDLE_FLAG_INHERIT,
	    closed ? 0 : HANDLE_FLAG_INHERIT) ? 0 : pcl_win_last_error();
}

const char *
pcl_os_path_name(const char *path)
{
	const char *name = path;

	for (const char *c = path; *c != '\0'; c++)
		if (*c == '/' || *c == '\\' || *c == ':')
			name = c + 1;
	return name;
}

/* Open a path; it is freed. */
static int
open_path(wchar_t *path, DWORD access, DWORD share, DWORD how, DWORD flags,
    intptr_t *file)
{
	HANDLE handle;
	int rc = 0;

	if (path == NULL)
		return PROCLC_ENOMEM;
	handle = CreateFileW(path, access, share, NULL, how, flags, NULL);
	if (handle == INVALID_HANDLE_VALUE)
		rc = pcl_win_last_error();
	else
		*file = (intptr_t)handle;
	free(path);
	return rc;
}

int
pcl_os_dir_open(const char *path, intptr_t *dir)
{
	struct pcl_os_file_id id;
	int rc = open_path(pcl_win_wide(path), FILE_READ_ATTRIBUTES,
	    SHARE_ALL, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, dir);
	BY_HANDLE_FILE_INFORMATION info;

	if (rc < 0)
		return rc;
	rc = pcl_os_file_id(*dir, &id);
	if (rc == 0 && GetFileInformationByHandle(pcl_win_handle(*dir),
	    &info) && (info.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) == 0)
		rc = PROCLC_ENOTDIR;
	if (rc < 0) {
		pcl_os_close(*dir);
		*dir = PCL_NONE;
	}
	return rc;
}

int
pcl_os_dir_check(intptr_t dir, struct pcl_os_file_id *id)
{
	return pcl_os_file_id(dir, id);
}

/* Where the directory is by now, and a name in it. */
static wchar_t *
path_in(intptr_t dir, const char *name)
{
	wchar_t *path = NULL, *last = pcl_win_wide(name);
	DWORD n = GetFinalPathNameByHandleW(pcl_win_handle(dir), NULL, 0, 0);
	size_t room = n + (last == NULL ? 0 : wcslen(last)) + 2;

	if (last != NULL && n != 0)
		path = malloc(room * sizeof(*path));
	if (path != NULL) {
		n = GetFinalPathNameByHandleW(pcl_win_handle(dir), path,
		    (DWORD)room, 0);
		path[n] = L'\0';
		if (n > 0 && path[n - 1] != L'\\')
			wcscat(path, L"\\");
		wcscat(path, last);
	}
	free(last);
	return path;
}

static void
id_of(const BY_HANDLE_FILE_INFORMATION *info, struct pcl_os_file_id *id)
{
	id->device = info->dwVolumeSerialNumber;
	id->file = (uint64_t)info->nFileIndexHigh << 32 | info->nFileIndexLow;
}

/* A process is known by its pid and birth, anything else by its number. */
enum { A_PROCESS = 1, ANYTHING = 2 };

int
pcl_os_file_id(intptr_t file, struct pcl_os_file_id *id)
{
	HANDLE handle = pcl_win_handle(file);
	BY_HANDLE_FILE_INFORMATION info;
	DWORD flags, pid;

	if (!GetHandleInformation(handle, &flags))
		return PROCLC_EBADF;
	if (GetFileInformationByHandle(handle, &info)) {
		id_of(&info, id);
		return 0;
	}
	pid = GetProcessId(handle);
	id->device = (uint64_t)(pid != 0 ? A_PROCESS : ANYTHING) << 40 | pid;
	id->file = pid != 0 ? pcl_win_created(handle) : (uint64_t)file;
	return 0;
}

int
pcl_os_file_is(intptr_t file, const struct pcl_os_file_id *id)
{
	struct pcl_os_file_id now;

	return pcl_os_file_id(file, &now) == 0 && now.device == id->device &&
	    now.file == id->file;
}

bool
pcl_os_file_looks_ours(intptr_t file)
{
	(void)file;
	return false;
}

/* A regular file with one name, and no link to one. */
static int
check(intptr_t file, struct pcl_os_file_id *id)
{
	const DWORD bad = FILE_ATTRIBUTE_DIRECTORY |
	    FILE_ATTRIBUTE_REPARSE_POINT | FILE_ATTRIBUTE_DEVICE;
	BY_HANDLE_FILE_INFORMATION info;

	if (GetFileType(pcl_win_handle(file)) != FILE_TYPE_DISK)
		return PROCLC_EUNSAFE;
	if (!GetFileInformationByHandle(pcl_win_handle(file), &info))
		return pcl_win_last_error();
	if (id != NULL)
		id_of(&info, id);
	return (info.dwFileAttributes & bad) != 0 || info.nNumberOfLinks > 1 ?
	    PROCLC_EUNSAFE : 0;
}

/* Look before opening: a directory is refused like a file of somebody else's,
 * and one that is on its way out like both. */
static int
look(intptr_t dir, const char *name)
{
	wchar_t *path = path_in(dir, name);
	DWORD attributes;
	int rc = 0;

	if (path == NULL)
		return PROCLC_ENOMEM;
	attributes = GetFileAttributesW(path);
	if (attributes == INVALID_FILE_ATTRIBUTES)
		rc = GetLastError() == ERROR_ACCESS_DENIED ?
		    pcl_win_last_error_as(PROCLC_EAGAIN) :
		    pcl_win_last_error();
	else if ((attributes & FILE_ATTRIBUTE_DIRECTORY) != 0)
		rc = PROCLC_EUNSAFE;
	free(path);
	return rc;
}

int
pcl_os_file_hold(intptr_t dir, const char *name, intptr_t *file)
{
	const DWORD access = GENERIC_READ | GENERIC_WRITE;
	const DWORD share = FILE_SHARE_READ | FILE_SHARE_WRITE;
	int rc = open_path(path_in(dir, name), access, share, CREATE_NEW,
	    FILE_FLAG_OPEN_REPARSE_POINT, file);

	if (rc == 0)
		return 1;
	if (rc == PROCLC_EEXIST || rc == PROCLC_EACCES) {
		int there = look(dir, name);

		if (there < 0)
			/* Gone again: the caller comes back. */
			return there == PROCLC_ENOENT && rc == PROCLC_EEXIST ?
			    PROCLC_EAGAIN : there == PROCLC_ENOENT ? rc :
			    there;
		rc = open_path(path_in(dir, name), access, share,
		    OPEN_EXISTING, FILE_FLAG_OPEN_REPARSE_POINT, file);
	}
	/* Somebody removes it, or looks into it with nobody beside him. */
	if (rc == PROCLC_ENOENT || rc == PROCLC_EBUSY)
		return PROCLC_EAGAIN;
	if (rc == 0)
		rc = check(*file, NULL);
	if (rc < 0 && *file != PCL_NONE) {
		pcl_os_close(*file);
		*file = PCL_NONE;
	}
	return rc;
}

int
pcl_os_file_look(const char *path, struct pcl_os_file_id *id)
{
	intptr_t file = PCL_NONE;
	char last = path[strlen(path) - 1];
	int rc;

	if (last == '/' || last == '\\')
		return PROCLC_EISDIR;
	rc = open_path(pcl_win_wide(path), FILE_READ_ATTRIBUTES, SHARE_ALL,
	    OPEN_EXISTING, FILE_FLAG_OPEN_REPARSE_POINT |
	    FILE_FLAG_BACKUP_SEMANTICS, &file);
	if (rc == 0)
		rc = check(file, id);
	pcl_os_close(file);
	return rc;
}

int
pcl_os_file_read_open(const char *path, intptr_t *file,
    struct pcl_os_file_id *id)
{
	intptr_t opened = PCL_NONE;
	int rc = open_path(pcl_win_wide(path), GENERIC_READ, SHARE_ALL,
	    OPEN_EXISTING, FILE_FLAG_OPEN_REPARSE_POINT, &opened);

	if (rc == 0)
		rc = check(opened, id);
	if (rc < 0)
		pcl_os_close(opened);
	else
		*file = opened;
	return rc;
}

int
pcl_os_file_id_at(intptr_t dir, const char *name, struct pcl_os_file_id *id)
{
	intptr_t file = PCL_NONE;
	int rc = open_path(path_in(dir, name), FILE_READ_ATTRIBUTES,
	    SHARE_ALL, OPEN_EXISTING, FILE_FLAG_OPEN_REPARSE_POINT |
	    FILE_FLAG_BACKUP_SEMANTICS, &file);

	if (rc == 0)
		rc = pcl_os_file_id(file, id);
	pcl_os_close(file);
	return rc;
}

int
pcl_os_file_write(intptr_t file, const char *data, size_t size)
{
	OVERLAPPED at = { .Offset = 0 };
	FILETIME now;
	DWORD n;

	if (!WriteFile(pcl_win_handle(file), data, (DWORD)size, &n, &at))
		return pcl_win_last_error();
	/* By itself the time of the last write is told when it is closed. */
	GetSystemTimeAsFileTime(&now);
	SetFileTime(pcl_win_handle(file), NULL, NULL, &now);
	return n == size ? 0 : PROCLC_ENOSPC;
}

int
pcl_os_file_cut(intptr_t file, size_t size)
{
	LARGE_INTEGER at = { .QuadPart = (int64_t)size };

	return SetFilePointerEx(pcl_win_handle(file), at, NULL, FILE_BEGIN) &&
	    SetEndOfFile(pcl_win_handle(file)) ? 0 : pcl_win_last_error();
}

int
pcl_os_file_read(intptr_t file, char *data, size_t size)
{
	OVERLAPPED at = { .Offset = 0 };
	DWORD n = 0;

	if (ReadFile(pcl_win_handle(file), data, (DWORD)size, &n, &at))
		return (int)n;
	return GetLastError() == ERROR_HANDLE_EOF ? 0 : pcl_win_last_error();
}

/* Nobody can delete what is held.  A successor that takes it between the close
 * and the removal holds it, too, so he keeps it; a reader is soon done. */
int
pcl_os_file_remove(intptr_t dir, const char *name, intptr_t *file)
{
	enum { TRIES = 20, PAUSE_MS = 5 };
	wchar_t *path = path_in(dir, name);
	int rc = path == NULL ? PROCLC_ENOMEM : PROCLC_EBUSY;

	if (path != NULL) {
		pcl_os_close(*file);
		*file = PCL_NONE;
	}
	for (int i = 0; i < TRIES && rc == PROCLC_EBUSY; i++) {
		if (i > 0)
			pcl_os_pause(PAUSE_MS);
		rc = DeleteFileW(path) ? 0 : pcl_win_last_error();
	}
	free(path);
	return rc;
}
