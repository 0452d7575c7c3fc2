/*
 * stdio-windows.c - text that stdio still holds when a process ends.
 *
 * A stream's lock can only be waited for, and somebody may hold it for ever:
 * so that is left to a thread, which is waited for a moment only.
 */
#include <config.h>

#include <process.h>
#include <stdio.h>

#include "os/os.h"
#include "os/win32.h"

static unsigned __stdcall
flush(void *all)
{
	if (all != NULL)
		fflush(NULL);
	fflush(stdout);
	fflush(stderr);
	return 0;
}

static bool
flush_beside(bool all, int64_t ms)
{
	static int yes;
	HANDLE thread = (HANDLE)_beginthreadex(NULL, 0, flush,
	    all ? &yes : NULL, 0, NULL);
	bool done;

	if (thread == NULL)
		return false;
	done = WaitForSingleObject(thread, (DWORD)ms) == WAIT_OBJECT_0;
	CloseHandle(thread);
	return done;
}

bool
pcl_os_stdio_flush(void)
{
	return flush_beside(false, 100);
}

/* A child has none of its parent's text. */
void
pcl_os_stdio_purge(void)
{
}

bool
pcl_os_stdio_flush_all(int64_t ms)
{
	return flush_beside(true, ms);
}
