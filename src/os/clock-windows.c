/* clock-windows.c - monotonic time. */
#include <config.h>

#include "os/os.h"
#include "os/win32.h"

void
pcl_os_pause(int64_t ms)
{
	Sleep((DWORD)ms);
}

int64_t
pcl_os_now(void)
{
	LARGE_INTEGER now, second;

	/* The same at every call: it is set at boot. */
	QueryPerformanceFrequency(&second);
	QueryPerformanceCounter(&now);
	return now.QuadPart / second.QuadPart * 1000 +
	    now.QuadPart % second.QuadPart * 1000 / second.QuadPart;
}

DWORD
pcl_win_left(int64_t due)
{
	int64_t left = due == PCL_NEVER ? PCL_NEVER : due - pcl_os_now();

	if (left < 0)
		return 0;
	/* INFINITE is the largest; the callers wait again. */
	if (left >= INFINITE)
		return due == PCL_NEVER ? INFINITE : INFINITE - 1;
	return (DWORD)left;
}
