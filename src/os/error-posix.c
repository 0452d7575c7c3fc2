/* error-posix.c - the system's words for an errno. */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include "os/kin.h"

int
pcl_os_error_number(int code)
{
	return -code;
}

void
pcl_os_strerror(int error, char *text, size_t size)
{
	/* Two functions of this name exist; the type of the result tells. */
	char buffer[96] = "";
	const void *result = (const void *)(uintptr_t)strerror_r(error,
	    buffer, sizeof(buffer));

	if (result != NULL && (uintptr_t)result > 4096)
		snprintf(text, size, "%s", (const char *)result);
	else if (buffer[0] != '\0')
		snprintf(text, size, "%s", buffer);
	else
		snprintf(text, size, "error %d", error);
}
