/* win32.c - text for the system: UTF-16, and argument lists as one line. */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "os/os.h"
#include "os/win32.h"

wchar_t *
pcl_win_wide(const char *text)
{
	UINT page = CP_UTF8;
	DWORD flags = MB_ERR_INVALID_CHARS;
	int n = MultiByteToWideChar(page, flags, text, -1, NULL, 0);
	wchar_t *wide;

	if (n == 0) {
		page = CP_ACP;
		flags = 0;
		n = MultiByteToWideChar(page, flags, text, -1, NULL, 0);
	}
	wide = n == 0 ? NULL : malloc((size_t)n * sizeof(*wide));
	if (wide != NULL)
		MultiByteToWideChar(page, flags, text, -1, wide, n);
	return wide;
}

wchar_t *
pcl_win_image(void)
{
	DWORD room = MAX_PATH, n;
	wchar_t *path = NULL;

	do {
		room *= 2;
		free(path);
		path = malloc(room * sizeof(*path));
		n = path == NULL ? 0 : GetModuleFileNameW(NULL, path, room);
	} while (n == room);
	if (n == 0) {
		free(path);
		path = NULL;
	}
	return path;
}

BOOL
pcl_win_create_process(const wchar_t *image, wchar_t *line, BOOL inherit,
    DWORD flags, wchar_t *environment, STARTUPINFOW *start,
    PROCESS_INFORMATION *made)
{
	for (int i = 0; i < PCL_WIN_STILLBIRTHS; i++)
		if (CreateProcessW(image, line, NULL, NULL, inherit, flags,
		    environment, NULL, start, made))
			return TRUE;
		else if (GetLastError() != ERROR_INTERNAL_ERROR)
			return FALSE;
	return FALSE;
}

/* One argument, in quotes: before a quote, also the closing one, backslashes
 * are doubled, and elsewhere they are not. */
static char *
quote(char *to, const char *argument)
{
	size_t slashes = 0;

	*to++ = '"';
	for (; *argument != '\0'; argument++) {
		if (*argument == '"') {
			for (; slashes > 0; slashes--)
				*to++ = '\\';
			*to++ = '\\';
		}
		slashes = *argument == '\\' ? slashes + 1 : 0;
		*to++ = *argument;
	}
	for (; slashes > 0; slashes--)
		*to++ = '\\';
	*to++ = '"';
	return to;
}

wchar_t *
pcl_win_command_line(char *const *argv)
{
	char *line, *to;
	wchar_t *wide;
	size_t room = 1;

	for (char *const *a = argv; *a != NULL; a++)
		room += 2 * strlen(*a) + 3;
	line = to = malloc(room);
	if (line == NULL)
		return NULL;
	for (char *const *a = argv; *a != NULL; a++) {
		if (a != argv)
			*to++ = ' ';
		to = quote(to, *a);
	}
	*to = '\0';
	wide = pcl_win_wide(line);
	free(line);
	return wide;
}
