/*
 * wake-windows.c - a flag to wait for: an event.
 *
 * It stays raised until it is lowered.  Nobody here closes handles that he has
 * not opened, so a handle is what it was.
 */
#include <config.h>

#include "os/os.h"
#include "os/win32.h"

int
pcl_os_wake_open(struct pcl_os_wake *wake)
{
	HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL);

	wake->handles[0] = wake->handles[1] = PCL_NONE;
	if (event == NULL)
		return pcl_win_last_error();
	wake->handles[0] = wake->handles[1] = (intptr_t)event;
	return 0;
}

bool
pcl_os_wake_intact(const struct pcl_os_wake *wake)
{
	/* One that was never opened is all zero, or PCL_NONE. */
	return wake->handles[0] != PCL_NONE && wake->handles[0] != 0;
}

void
pcl_os_wake_close(struct pcl_os_wake *wake)
{
	if (pcl_os_wake_intact(wake))
		CloseHandle(pcl_win_handle(wake->handles[0]));
	wake->handles[0] = wake->handles[1] = PCL_NONE;
}

bool
pcl_os_wake_post(const struct pcl_os_wake *wake)
{
	return pcl_os_wake_intact(wake) &&
	    SetEvent(pcl_win_handle(wake->handles[1])) != 0;
}

bool
pcl_os_wake_drain(const struct pcl_os_wake *wake)
{
	return !pcl_os_wake_intact(wake) ||
	    ResetEvent(pcl_win_handle(wake->handles[0])) != 0;
}
