/*
 * poll-windows.c - waiting for handles.
 *
 * One wait of the system's takes 64 of them.  For more the system's pool of
 * threads waits, and raises an event of ours.
 */
#include <config.h>

#include <stdlib.h>

#include "os/os.h"
#include "os/win32.h"

struct entry {
	HANDLE handle, wait;
	bool ready;
};

int
pcl_os_pollset_reserve(struct pcl_os_pollset *set, size_t n)
{
	size_t room = set->room == 0 ? 16 : set->room;
	struct entry *entries;

	if (n <= set->room)
		return 0;
	while (room < n)
		room *= 2;
	entries = realloc(set->entries, room * sizeof(*entries));
	if (entries == NULL)
		return PROCLC_ENOMEM;
	set->entries = entries;
	set->room = room;
	return 0;
}

void
pcl_os_pollset_put(struct pcl_os_pollset *set, size_t i, intptr_t handle)
{
	struct entry *entry = (struct entry *)set->entries + i;

	entry->handle = handle == PCL_NONE ? NULL : pcl_win_handle(handle);
	entry->wait = NULL;
	entry->ready = false;
}

/* Which are ready?  One that cannot be waited for was closed under us. */
static int
scan(struct entry *entries, size_t n)
{
	int ready = 0;

	for (size_t i = 0; i < n; i++) {
		entries[i].ready = entries[i].handle != NULL &&
		    WaitForSingleObject(entries[i].handle, 0) != WAIT_TIMEOUT;
		ready += entries[i].ready;
	}
	return ready;
}

static void CALLBACK
raise_event(void *event, BOOLEAN timed_out)
{
	(void)timed_out;
	SetEvent(event);
}

/* Until one is ready, or was, or the time is over. */
static int
wait_in_pool(struct entry *entries, size_t n, DWORD ms)
{
	HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL);
	int rc = 0;

	if (event == NULL)
		return pcl_win_last_error();
	for (size_t i = 0; i < n && rc == 0; i++) {
		if (entries[i].handle == NULL ||
		    RegisterWaitForSingleObject(&entries[i].wait,
		    entries[i].handle, raise_event, event, INFINITE,
		    WT_EXECUTEINWAITTHREAD | WT_EXECUTEONLYONCE))
			continue;
		entries[i].wait = NULL;
		rc = pcl_win_last_error();
	}
	if (rc == 0)
		WaitForSingleObject(event, ms);
	for (size_t i = 0; i < n; i++) {
		if (entries[i].wait != NULL)
			UnregisterWaitEx(entries[i].wait,
			    INVALID_HANDLE_VALUE);
		entries[i].wait = NULL;
	}
	CloseHandle(event);
	return rc;
}

static int
wait_once(struct entry *entries, size_t n, DWORD ms)
{
	HANDLE handles[MAXIMUM_WAIT_OBJECTS];
	DWORD used = 0;
	size_t i;

	for (i = 0; i < n && used < MAXIMUM_WAIT_OBJECTS; i++)
		if (entries[i].handle != NULL)
			handles[used++] = entries[i].handle;
	if (i < n)
		return wait_in_pool(entries, n, ms);
	if (used == 0)
		Sleep(ms);
	/* That it fails is for the scan to see, or else for the pool: it
	 * refuses a handle that stands there twice. */
	else if (WaitForMultipleObjects(used, handles, FALSE, ms) ==
	    WAIT_FAILED && scan(entries, n) == 0)
		return wait_in_pool(entries, n, ms);
	return 0;
}

/* Signals come by threads of the system's own (sig-windows.c). */
int
pcl_os_pollset_wait(struct pcl_os_pollset *set, size_t n, int64_t due,
    const struct pcl_os_sigset *unblocked)
{
	int rc, ready = scan(set->entries, n);

	(void)unblocked;
	while (ready == 0 && (due == PCL_NEVER || pcl_os_now() < due)) {
		rc = wait_once(set->entries, n, pcl_win_left(due));
		if (rc < 0)
			return rc;
		ready = scan(set->entries, n);
	}
	return ready;
}

bool
pcl_os_pollset_ready(const struct pcl_os_pollset *set, size_t i)
{
	return ((const struct entry *)set->entries)[i].ready;
}

void
pcl_os_pollset_free(struct pcl_os_pollset *set)
{
	free(set->entries);
	set->entries = NULL;
	set->room = 0;
}
