/* share-windows.c - memory for another run of the program: a section without a
 * name.  Nobody can make it smaller. */
#include <config.h>

#include "os/kin.h"
#include "os/win32.h"

int
pcl_os_share_open(size_t size, intptr_t *handle)
{
	HANDLE section = CreateFileMappingW(INVALID_HANDLE_VALUE, NULL,
	    PAGE_READWRITE, (DWORD)((uint64_t)size >> 32), (DWORD)size, NULL);

	if (section == NULL)
		return pcl_win_last_error();
	*handle = (intptr_t)section;
	return 0;
}
