/*
 * detach-windows.c - what a process in the foreground may change about
 * itself, and the way to speak to another one.
 *
 * There is no session to leave: a daemon is a new run of the program, which
 * the launcher does not make yet.
 */
#include <config.h>

#include <io.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "os/os.h"
#include "os/win32.h"

int
pcl_os_session_new(void)
{
	return PROCLC_ENOTSUP;
}

int64_t
pcl_os_session_of(int64_t pid)
{
	(void)pid;
	return PROCLC_ENOTSUP;
}

int
pcl_os_chdir(intptr_t dir)
{
	wchar_t path[MAX_PATH + 1];
	DWORD n = GetFinalPathNameByHandleW(pcl_win_handle(dir), path,
	    MAX_PATH, 0);
	static const wchar_t prefix[] = L"\\\\?\\";
	size_t skip = wcsncmp(path, prefix, 4) == 0 ? 4 : 0;

	if (n == 0)
		return pcl_win_last_error();
	if (n >= MAX_PATH)
		return PROCLC_ENAMETOOLONG;
	return SetCurrentDirectoryW(path + skip) ? 0 : pcl_win_last_error();
}

unsigned
pcl_os_umask(unsigned mask)
{
	/* The one bit that there is: may the owner write? */
	return (unsigned)_umask((int)mask & _S_IWRITE);
}

void
pcl_os_print_error(const char *line)
{
	HANDLE err = GetStdHandle(STD_ERROR_HANDLE);
	DWORD n;

	WriteFile(err, line, (DWORD)strlen(line), &n, NULL);
	WriteFile(err, "\n", 1, &n, NULL);
}

int
pcl_os_environment(const char *const *gone, size_t n,
    struct pcl_os_user *user)
{
	char text[64];

	(void)user;
	for (size_t i = 0; i < n; i++) {
		snprintf(text, sizeof(text), "%s=", gone[i]);
		_putenv(text);
	}
	return 0;
}

int
pcl_os_file_redirect_open(const char *path, enum pcl_os_opening how,
    const struct pcl_os_user *user, intptr_t *file)
{
	wchar_t *wide = pcl_win_wide(path == NULL ? "NUL" : path);
	DWORD access = how == PCL_OS_READ ? GENERIC_READ : path == NULL ?
	    GENERIC_WRITE : FILE_APPEND_DATA | SYNCHRONIZE;
	DWORD share = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
	HANDLE handle;
	int made = 0, rc = 0;

	(void)user;
	if (wide == NULL)
		return PROCLC_ENOMEM;
	handle = CreateFileW(wide, access, share, NULL, OPEN_EXISTING, 0,
	    NULL);
	if (handle == INVALID_HANDLE_VALUE && how == PCL_OS_MAKE &&
	    GetLastError() == ERROR_FILE_NOT_FOUND) {
		handle = CreateFileW(wide, access, share, NULL, OPEN_ALWAYS,
		    0, NULL);
		made = GetLastError() != ERROR_ALREADY_EXISTS;
	}
	if (handle == INVALID_HANDLE_VALUE)
		rc = pcl_win_last_error();
	else
		*file = (intptr_t)handle;
	free(wide);
	return rc < 0 ? rc : made;
}

void
pcl_os_file_unmake(const char *path, intptr_t file)
{
	struct pcl_os_file_id at, id;
	LARGE_INTEGER size;
	wchar_t *wide;

	if (!GetFileSizeEx(pcl_win_handle(file), &size) ||
	    size.QuadPart != 0 || pcl_os_file_look(path, &at) != 0 ||
	    pcl_os_file_id(file, &id) != 0 || at.device != id.device ||
	    at.file != id.file)
		return;
	wide = pcl_win_wide(path);
	if (wide != NULL)
		DeleteFileW(wide);
	free(wide);
}

int
pcl_os_path_absolute(const char *path, char **absolute)
{
	wchar_t *wide = pcl_win_wide(path), *full = NULL;
	DWORD n = wide == NULL ? 0 : GetFullPathNameW(wide, 0, NULL, NULL);
	int size;

	*absolute = NULL;
	if (n > 0)
		full = malloc(n * sizeof(*full));
	if (full != NULL && GetFullPathNameW(wide, n, full, NULL) < n) {
		size = WideCharToMultiByte(CP_UTF8, 0, full, -1, NULL, 0,
		    NULL, NULL);
		*absolute = malloc((size_t)size);
		if (*absolute != NULL)
			WideCharToMultiByte(CP_UTF8, 0, full, -1, *absolute,
			    size, NULL, NULL);
	}
	free(full);
	free(wide);
	return *absolute == NULL ? PROCLC_ENOMEM : 0;
}

int
pcl_os_redirect(intptr_t file, int standard)
{
	HANDLE self = GetCurrentProcess(), copy;
	int fd, rc = 0;

	if (!DuplicateHandle(self, pcl_win_handle(file), self, &copy, 0,
	    FALSE, DUPLICATE_SAME_ACCESS))
		return pcl_win_last_error();
	fd = _open_osfhandle((intptr_t)copy, 0);
	if (fd < 0) {
		CloseHandle(copy);
		return PROCLC_EMFILE;
	}
	/* The system's own standard handle follows. */
	if (_dup2(fd, standard) != 0)
		rc = PROCLC_EBADF;
	_close(fd);
	return rc;
}

int
pcl_os_standard_keep(int standard, intptr_t *copy)
{
	HANDLE self = GetCurrentProcess(), kept;
	intptr_t now = _get_osfhandle(standard);

	*copy = PCL_NONE;
	if (now == -1 || now == -2)
		return 0;
	if (!DuplicateHandle(self, (HANDLE)now, self, &kept, 0, FALSE,
	    DUPLICATE_SAME_ACCESS))
		return pcl_win_last_error();
	*copy = (intptr_t)kept;
	return 0;
}

void
pcl_os_standard_restore(int standard, intptr_t copy, bool close_on_exec)
{
	(void)close_on_exec;
	if (copy == PCL_NONE)
		_close(standard);
	else
		pcl_os_redirect(copy, standard);
}

/* More than the longest that is ever loaded: see PROCLC_SPAWN_SELF_MAX. */
enum { CHANNEL_ROOM = 128 * 1024 };

/* Pipes without a name cannot be waited for, so this one has one, which nobody
 * can open any more when its two ends are. */
int
pcl_os_channel_open(intptr_t ends[2])
{
	static atomic_uint serial;
	wchar_t name[64];
	HANDLE first, second;

	swprintf(name, 64, L"\\\\.\\pipe\\proclc-%lu-%lx-%u",
	    GetCurrentProcessId(), (unsigned long)GetTickCount(),
	    atomic_fetch_add(&serial, 1));
	first = CreateNamedPipeW(name, PIPE_ACCESS_DUPLEX |
	    FILE_FLAG_FIRST_PIPE_INSTANCE | FILE_FLAG_OVERLAPPED,
	    PIPE_TYPE_BYTE | PIPE_REJECT_REMOTE_CLIENTS, 1, CHANNEL_ROOM,
	    CHANNEL_ROOM, 0, NULL);
	if (first == INVALID_HANDLE_VALUE)
		return pcl_win_last_error();
	second = CreateFileW(name, GENERIC_READ | GENERIC_WRITE, 0, NULL,
	    OPEN_EXISTING, FILE_FLAG_OVERLAPPED, NULL);
	if (second == INVALID_HANDLE_VALUE) {
		int rc = pcl_win_last_error();

		CloseHandle(first);
		return rc;
	}
	ends[0] = (intptr_t)first;
	ends[1] = (intptr_t)second;
	return 0;
}

/* What was begun is done, or it is due; begun says whether it was.  Returns
 * how many bytes. */
static int
finish(HANDLE end, OVERLAPPED *io, BOOL begun, int64_t due)
{
	DWORD n = 0;

	if (!begun && GetLastError() != ERROR_IO_PENDING)
		return pcl_win_last_error();
	while (WaitForSingleObject(io->hEvent, pcl_win_left(due)) ==
	    WAIT_TIMEOUT)
		if (due != PCL_NEVER && pcl_os_now() >= due) {
			CancelIoEx(end, io);
			break;
		}
	if (GetOverlappedResult(end, io, &n, TRUE))
		return (int)n;
	return GetLastError() == ERROR_OPERATION_ABORTED ?
	    pcl_win_last_error_as(PROCLC_ETIMEDOUT) : pcl_win_last_error();
}

/* Send or receive it all; returns size, or what was in the way. */
static int
transfer(intptr_t end, bool send, char *data, size_t size, int64_t due)
{
	HANDLE handle = pcl_win_handle(end);
	OVERLAPPED io = { .hEvent = CreateEventW(NULL, TRUE, FALSE, NULL) };
	size_t done = 0;
	int n = 0;

	if (io.hEvent == NULL)
		return pcl_win_last_error();
	while (done < size && n >= 0) {
		n = finish(handle, &io, send ? WriteFile(handle, data + done,
		    (DWORD)(size - done), NULL, &io) : ReadFile(handle,
		    data + done, (DWORD)(size - done), NULL, &io), due);
		if (n > 0)
			done += (size_t)n;
	}
	CloseHandle(io.hEvent);
	return n < 0 ? n : (int)size;
}

int
pcl_os_channel_send(intptr_t end, const void *record, size_t size)
{
	int rc = transfer(end, true, (char *)(uintptr_t)record, size,
	    PCL_NEVER);

	return rc < 0 ? rc : 0;
}

int
pcl_os_channel_load(intptr_t end, const void *record, size_t size)
{
	int rc = transfer(end, true, (char *)(uintptr_t)record, size,
	    pcl_os_now());

	return rc == PROCLC_ETIMEDOUT ? PROCLC_E2BIG : rc < 0 ? rc : 0;
}

int
pcl_os_channel_receive(intptr_t end, void *record, size_t size, int64_t due)
{
	int rc = transfer(end, false, record, size, due);

	return rc == PROCLC_EPIPE ? 0 : rc;
}
