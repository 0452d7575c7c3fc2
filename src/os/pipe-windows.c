/*
 * pipe-windows.c - pipes to programs.
 *
 * Pipes without a name cannot be waited for, so these have one, which nobody
 * can open once both ends are.  The program's end is one as any; ours is for
 * overlapped operations.  That there is something to read is told by a read of
 * no bytes.  A write goes on by itself with a copy of what it was given, and
 * is over for the caller when the program, or the pipe, has all of it: only
 * then it is known how much that is.
 */
#include <config.h>

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "os/program.h"
#include "os/win32.h"

enum { ROOM = 65536, MOST = 8 };

/* A write that is under way. */
struct writing {
	intptr_t end;
	OVERLAPPED io;
	struct writing *next;
	char data[];
};

static struct writing *writings;
static SRWLOCK lock = SRWLOCK_INIT;

/* The first end reads, the second one writes; the one of ours is made first:
 * nobody else's pipe has this name. */
int
pcl_os_handle_copy(intptr_t handle, intptr_t *copy)
{
	HANDLE made, self = GetCurrentProcess();

	*copy = PCL_NONE;
	if (!DuplicateHandle(self, pcl_win_handle(handle), self, &made, 0,
	    FALSE, DUPLICATE_SAME_ACCESS))
		return pcl_win_last_error();
	*copy = (intptr_t)made;
	return 0;
}

int
pcl_os_pipe_open(intptr_t ends[2], int ours)
{
	static atomic_uint serial;
	DWORD access = ours == 0 ? PIPE_ACCESS_INBOUND : PIPE_ACCESS_OUTBOUND;
	wchar_t name[64];
	HANDLE own, other;
	int rc;

	swprintf(name, 64, L"\\\\.\\pipe\\proclc-program-%lu-%lx-%u",
	    GetCurrentProcessId(), (unsigned long)GetTickCount(),
	    atomic_fetch_add(&serial, 1));
	own = CreateNamedPipeW(name, access | FILE_FLAG_FIRST_PIPE_INSTANCE |
	    FILE_FLAG_OVERLAPPED, PIPE_TYPE_BYTE | PIPE_REJECT_REMOTE_CLIENTS,
	    1, ROOM, ROOM, 0, NULL);
	if (own == INVALID_HANDLE_VALUE)
		return pcl_win_last_error();
	other = CreateFileW(name, ours == 0 ? GENERIC_WRITE |
	    FILE_READ_ATTRIBUTES : GENERIC_READ | FILE_WRITE_ATTRIBUTES, 0,
	    NULL, OPEN_EXISTING, 0, NULL);
	if (other == INVALID_HANDLE_VALUE) {
		rc = pcl_win_last_error();
		CloseHandle(own);
		return rc;
	}
	ends[ours] = (intptr_t)own;
	ends[1 - ours] = (intptr_t)other;
	return 0;
}

/* Begin to read; returns as pcl_os_pipe_read().  Who reads beside us may have
 * taken what was there. */
static int64_t
read_now(HANDLE end, void *data, DWORD size)
{
	OVERLAPPED io = { .hEvent = CreateEventW(NULL, TRUE, FALSE, NULL) };
	DWORD n = 0;
	int64_t rc = 0;

	if (io.hEvent == NULL)
		return pcl_win_last_error();
	if (!ReadFile(end, data, size, NULL, &io))
		rc = GetLastError() == ERROR_IO_PENDING ? 1 :
		    pcl_win_last_error();
	if (rc > 0)
		CancelIoEx(end, &io);
	/* One that has not begun has no result to wait for. */
	if (rc >= 0)
		rc = GetOverlappedResult(end, &io, &n, TRUE) ? (int64_t)n :
		    GetLastError() == ERROR_OPERATION_ABORTED ?
		    PROCLC_EAGAIN : pcl_win_last_error();
	CloseHandle(io.hEvent);
	return rc;
}

int64_t
pcl_os_pipe_read(intptr_t end, void *data, size_t size)
{
	HANDLE handle = pcl_win_handle(end);
	DWORD there = 0;
	int64_t n;

	if (!PeekNamedPipe(handle, NULL, 0, NULL, &there, NULL))
		n = pcl_win_last_error();
	else if (there == 0)
		return PROCLC_EAGAIN;
	else
		n = read_now(handle, data, there < size ? there :
		    (DWORD)size);
	return n == PROCLC_EPIPE ? 0 : n == 0 ? PROCLC_EAGAIN : n;
}

/* Where it stands in the list, or its end; the lock is held. */
static struct writing **
find(intptr_t end)
{
	struct writing **at = &writings;

	while (*at != NULL && (*at)->end != end)
		at = &(*at)->next;
	return at;
}

/* What came of it; it is over, and forgotten. */
static int64_t
finish(struct writing **at)
{
	struct writing *w = *at;
	DWORD n = 0;
	int64_t rc = GetOverlappedResult(pcl_win_handle(w->end), &w->io, &n,
	    TRUE) ? (int64_t)n : pcl_win_last_error();

	*at = w->next;
	CloseHandle(w->io.hEvent);
	free(w);
	return rc;
}

static int
begin(intptr_t end, const void *data, size_t size)
{
	struct writing *w = malloc(sizeof(*w) + size);

	if (w == NULL)
		return PROCLC_ENOMEM;
	memset(w, 0, sizeof(*w));
	w->end = end;
	w->io.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL);
	memcpy(w->data, data, size);
	if (w->io.hEvent == NULL || (!WriteFile(pcl_win_handle(end), w->data,
	    (DWORD)size, NULL, &w->io) &&
	    GetLastError() != ERROR_IO_PENDING)) {
		int rc = pcl_win_last_error();

		if (w->io.hEvent != NULL)
			CloseHandle(w->io.hEvent);
		free(w);
		return rc;
	}
	w->next = writings;
	writings = w;
	return 0;
}

/* To be called with the same bytes again until it says how many it has
 * written. */
int64_t
pcl_os_pipe_write(intptr_t end, const void *data, size_t size)
{
	struct writing **at;
	int64_t n = 0;

	AcquireSRWLockExclusive(&lock);
	if (*find(end) == NULL)
		n = begin(end, data, size < ROOM ? size : ROOM);
	at = find(end);
	if (*at != NULL)
		n = WaitForSingleObject((*at)->io.hEvent, 0) == WAIT_TIMEOUT ?
		    PROCLC_EAGAIN : finish(at);
	ReleaseSRWLockExclusive(&lock);
	return n > (int64_t)size ? (int64_t)size : n;
}

void
pcl_os_pipe_close(intptr_t end)
{
	struct writing **at;

	AcquireSRWLockExclusive(&lock);
	at = find(end);
	if (*at != NULL) {
		CancelIoEx(pcl_win_handle(end), &(*at)->io);
		finish(at);
	}
	ReleaseSRWLockExclusive(&lock);
	pcl_os_close(end);
}

/* What one end is waited for by: copies of our own, for another thread may
 * close the end, or finish the write, meanwhile. */
struct waiting {
	HANDLE pipe, handle;
	OVERLAPPED io;
	bool reads;
};

static HANDLE
copy(HANDLE handle)
{
	HANDLE self = GetCurrentProcess(), made = NULL;

	return DuplicateHandle(self, handle, self, &made, 0, FALSE,
	    DUPLICATE_SAME_ACCESS) ? made : NULL;
}

/* With nothing under way there is room.  Returns true: it is ready. */
static bool
wait_to_write(struct waiting *w, intptr_t end)
{
	struct writing *writing;

	AcquireSRWLockShared(&lock);
	writing = *find(end);
	if (writing != NULL)
		w->handle = copy(writing->io.hEvent);
	ReleaseSRWLockShared(&lock);
	return w->handle == NULL;
}

/* What fails is ready: the read will tell. */
static bool
wait_to_read(struct waiting *w, intptr_t end)
{
	if (GetFileType(pcl_win_handle(end)) != FILE_TYPE_PIPE) {
		w->handle = copy(pcl_win_handle(end));
		return w->handle == NULL;
	}
	w->pipe = copy(pcl_win_handle(end));
	w->handle = CreateEventW(NULL, TRUE, FALSE, NULL);
	w->io.hEvent = w->handle;
	if (w->pipe == NULL || w->handle == NULL)
		return true;
	w->reads = !ReadFile(w->pipe, &w->io, 0, NULL, &w->io) &&
	    GetLastError() == ERROR_IO_PENDING;
	return !w->reads;
}

static void
end_waiting(struct waiting *w)
{
	DWORD n;

	if (w->reads) {
		CancelIoEx(w->pipe, &w->io);
		GetOverlappedResult(w->pipe, &w->io, &n, TRUE);
	}
	if (w->pipe != NULL)
		CloseHandle(w->pipe);
	if (w->handle != NULL)
		CloseHandle(w->handle);
}

static int
wait_for(struct waiting *all, bool *ready, size_t n, bool now, int64_t due)
{
	HANDLE handles[MOST];
	DWORD used = 0, rc = 0;
	int found = 0;

	for (size_t i = 0; i < n; i++)
		if (all[i].handle != NULL && !ready[i])
			handles[used++] = all[i].handle;
	if (!now && used == 0)
		Sleep(pcl_win_left(due));
	else if (!now)
		rc = WaitForMultipleObjects(used, handles, FALSE,
		    pcl_win_left(due));
	if (rc == WAIT_FAILED)
		return pcl_win_last_error();
	for (size_t i = 0; i < n; i++) {
		ready[i] = ready[i] || (all[i].handle != NULL &&
		    WaitForSingleObject(all[i].handle, 0) == WAIT_OBJECT_0);
		found += ready[i];
	}
	return found;
}

int
pcl_os_pipes_wait(const intptr_t *ends, bool *ready, size_t n, int64_t due)
{
	struct waiting all[MOST];
	bool now = false;
	int rc;

	if (n > MOST)
		return PROCLC_EINVAL;
	memset(all, 0, sizeof(all));
	for (size_t i = 0; i < n; i++) {
		ready[i] = ends[i] != PCL_NONE && (i == 0 ?
		    wait_to_write(&all[i], ends[i]) :
		    wait_to_read(&all[i], ends[i]));
		now = now || ready[i];
	}
	rc = wait_for(all, ready, n, now, due);
	for (size_t i = 0; i < n; i++)
		end_waiting(&all[i]);
	return rc;
}
