/* win32.c - text for the system: UTF-16, and argument lists as one line,
 * and environments as one piece. */
#include <config.h>

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

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
    DWORD flags, wchar_t *environment, const wchar_t *directory,
    STARTUPINFOW *start, PROCESS_INFORMATION *made)
{
	for (int i = 0; i < PCL_WIN_STILLBIRTHS; i++)
		if (CreateProcessW(image, line, NULL, NULL, inherit, flags,
		    environment, directory, start, made))
			return TRUE;
		else if (GetLastError() != ERROR_INTERNAL_ERROR)
			return FALSE;
	return FALSE;
}

/* Needs no quotes, and no program or library takes it for a pattern. */
static bool
is_plain(const wchar_t *argument)
{
	static const wchar_t plain[] = L"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    L"abcdefghijklmnopqrstuvwxyz0123456789-_=+.,:/\\@";

	return *argument != L'\0' &&
	    argument[wcsspn(argument, plain)] == L'\0';
}

/* One argument, in quotes: before a quote, also the closing one, backslashes
 * are doubled, and elsewhere they are not. */
static wchar_t *
quote(wchar_t *to, const wchar_t *argument)
{
	size_t slashes = 0;

	*to++ = L'"';
	for (; *argument != L'\0'; argument++) {
		if (*argument == L'"') {
			for (; slashes > 0; slashes--)
				*to++ = L'\\';
			*to++ = L'\\';
		}
		slashes = *argument == L'\\' ? slashes + 1 : 0;
		*to++ = *argument;
	}
	for (; slashes > 0; slashes--)
		*to++ = L'\\';
	*to++ = L'"';
	return to;
}

/* The first one is the program's name: it ends at the next quote, whatever is
 * before that. */
static wchar_t *
add_argument(wchar_t *to, const wchar_t *argument, bool first)
{
	size_t n = wcslen(argument);

	if (!first)
		*to++ = L' ';
	if (!first && !is_plain(argument))
		return quote(to, argument);
	if (first)
		*to++ = L'"';
	wmemcpy(to, argument, n);
	to += n;
	if (first)
		*to++ = L'"';
	return to;
}

wchar_t *
pcl_win_command_line(char *const *argv)
{
	wchar_t *line = NULL, *longer, *wide;
	size_t used = 0;

	for (char *const *a = argv; *a != NULL; a++) {
		wide = pcl_win_wide(*a);
		longer = wide == NULL ? NULL : realloc(line, (used +
		    2 * wcslen(wide) + 4) * sizeof(*line));
		if (longer == NULL) {
			free(wide);
			free(line);
			return NULL;
		}
		line = longer;
		used = (size_t)(add_argument(line + used, wide, a == argv) -
		    line);
		line[used] = L'\0';
		free(wide);
	}
	return line;
}

static int
compare(const void *a, const void *b)
{
	return CompareStringOrdinal(*(wchar_t *const *)a, -1,
	    *(wchar_t *const *)b, -1, TRUE) - CSTR_EQUAL;
}

/* One after the other; all are freed. */
static wchar_t *
make_block(wchar_t **list, size_t n)
{
	wchar_t *block, *to;
	size_t room = 2;

	qsort(list, n, sizeof(*list), compare);
	for (size_t i = 0; i < n; i++)
		room += wcslen(list[i]) + 1;
	block = to = calloc(room, sizeof(*block));
	for (size_t i = 0; i < n; i++) {
		if (block != NULL)
			wcscpy(to, list[i]);
		to += wcslen(list[i]) + 1;
		free(list[i]);
	}
	free(list);
	return block;
}

wchar_t *
pcl_win_environment(char *const *env)
{
	size_t n = 0, made = 0;
	wchar_t **list;

	while (env[n] != NULL)
		n++;
	list = calloc(n + 1, sizeof(*list));
	for (; list != NULL && made < n; made++) {
		list[made] = pcl_win_wide(env[made]);
		if (list[made] == NULL)
			break;
	}
	if (list != NULL && made == n)
		return make_block(list, n);
	while (made > 0)
		free(list[--made]);
	free(list);
	return NULL;
}
