/* map-windows.c - memory that several processes have: a section. */
#include <config.h>

#include "os/kin.h"
#include "os/win32.h"

/* There is no fork: without a handle nobody is to share it. */
int
pcl_os_map(intptr_t handle, size_t size, void **memory)
{
	HANDLE section = handle != PCL_NONE ? pcl_win_handle(handle) :
	    CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE,
	    (DWORD)((uint64_t)size >> 32), (DWORD)size, NULL);
	void *at;
	int rc = 0;

	if (section == NULL)
		return pcl_win_last_error();
	at = MapViewOfFile(section, FILE_MAP_ALL_ACCESS, 0, 0, size);
	if (at == NULL)
		rc = pcl_win_last_error();
	else
		*memory = at;
	if (handle == PCL_NONE)
		CloseHandle(section);
	return rc;
}

void
pcl_os_unmap(void *memory, size_t size)
{
	(void)size;
	UnmapViewOfFile(memory);
}
