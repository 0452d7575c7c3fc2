/*
 * winfind.c - where a program is.
 *
 * Not CreateProcess's own search, which looks into the directory of the
 * program and the one that it is in before it looks anywhere else.
 */
#include <config.h>

#include <stdlib.h>
#include <wchar.h>

#include "os/winmake.h"

static const wchar_t *
last_name(const wchar_t *path)
{
	const wchar_t *name = path;

	for (; *path != L'\0'; path++)
		if (*path == L'/' || *path == L'\\' || *path == L':')
			name = path + 1;
	return name;
}

/* In pieces: a directory, n characters of it, then a name and its end. */
static wchar_t *
join(const wchar_t *dir, size_t n, const wchar_t *name, const wchar_t *end)
{
	wchar_t *path = calloc(n + wcslen(name) + wcslen(end) + 2,
	    sizeof(*path));

	if (path == NULL)
		return NULL;
	if (n > 0)
		wmemcpy(path, dir, n);
	if (n > 0 && *last_name(path) != L'\0')
		wcscat(path, L"\\");
	wcscat(path, name);
	return wcscat(path, end);
}

/* Is it a file?  *path, which is freed or given on, if it is the best so far:
 * who is to be told that there is none is told of it. */
static int
try(wchar_t *path, wchar_t **best)
{
	DWORD attributes;
	int rc = 0;

	if (path == NULL)
		return PROCLC_ENOMEM;
	attributes = GetFileAttributesW(path);
	if (attributes == INVALID_FILE_ATTRIBUTES)
		rc = pcl_win_last_error();
	else if ((attributes & FILE_ATTRIBUTE_DIRECTORY) != 0)
		rc = PROCLC_EACCES;
	if (rc == 0 || *best == NULL) {
		free(*best);
		*best = path;
	} else {
		free(path);
	}
	return rc;
}

/* With .exe, and without when that may be meant. */
static int
try_both(const wchar_t *dir, size_t n, const wchar_t *file, bool bare,
    wchar_t **best)
{
	bool dotted = wcschr(last_name(file), L'.') != NULL;
	int rc = PROCLC_ENOENT, other;

	if (dotted || bare)
		rc = try(join(dir, n, file, L""), best);
	if (rc == 0 && dotted)
		return 0;
	other = try(join(dir, n, file, L".exe"), best);
	return other == 0 || rc == PROCLC_ENOENT ? other : rc;
}

/* PATH, to be freed; "": there is none. */
static wchar_t *
search_path(void)
{
	DWORD room = 0, n = 1;
	wchar_t *path = NULL;

	while (n > room || path == NULL) {
		room = n + 1;
		free(path);
		path = calloc(room, sizeof(*path));
		if (path == NULL)
			return NULL;
		n = GetEnvironmentVariableW(L"PATH", path, room);
	}
	return path;
}

/* Each directory of the list; an empty one is none, and not where we are.  One
 * with a semicolon in it stands in quotes.  One that cannot be looked into is
 * passed over. */
static int
search(const wchar_t *file, wchar_t **best)
{
	wchar_t *path = search_path(), *dir = path, *end;
	int rc = path == NULL ? PROCLC_ENOMEM : PROCLC_ENOENT, one = rc;

	while (path != NULL && one != 0 && *dir != L'\0') {
		bool quoted = *dir == L'"';

		dir += quoted;
		end = dir + wcscspn(dir, quoted ? L"\"" : L";");
		if (end > dir)
			one = try_both(dir, (size_t)(end - dir), file, false,
			    best);
		if (one == 0 || rc == PROCLC_ENOENT)
			rc = one;
		dir = *end == L'\0' ? end : end + 1;
	}
	free(path);
	if (rc == PROCLC_ENOENT) {
		free(*best);
		*best = NULL;
	}
	return rc;
}

static bool
is_rooted(const wchar_t *file)
{
	return file[0] == L'/' || file[0] == L'\\' ||
	    (file[0] != L'\0' && file[1] == L':');
}

/* *path from the root, where it is not. */
static int
make_full(wchar_t **path)
{
	DWORD n = GetFullPathNameW(*path, 0, NULL, NULL);
	wchar_t *full = n == 0 ? NULL : calloc(n, sizeof(*full));

	if (full == NULL)
		return n == 0 ? pcl_win_last_error() : PROCLC_ENOMEM;
	GetFullPathNameW(*path, n, full, NULL);
	free(*path);
	*path = full;
	return 0;
}

int
pcl_win_find(const char *file, bool in_path, const wchar_t *dir,
    wchar_t **path)
{
	wchar_t *wide = pcl_win_wide(file);
	bool relative;
	int rc;

	*path = NULL;
	if (wide == NULL)
		return PROCLC_ENOMEM;
	relative = dir != NULL && !is_rooted(wide);
	if (*wide == L'\0')
		rc = PROCLC_ENOENT;
	else if (in_path && last_name(wide) == wide)
		rc = search(wide, path);
	else
		rc = try_both(dir, relative ? wcslen(dir) : 0, wide, true,
		    path);
	free(wide);
	return rc == 0 ? make_full(path) : rc;
}

/* The system does not mind dots and spaces at the end. */
bool
pcl_win_is_batch(const wchar_t *path)
{
	size_t n = wcslen(path);

	while (n > 0 && (path[n - 1] == L'.' || path[n - 1] == L' '))
		n--;
	return n >= 4 && (_wcsnicmp(path + n - 4, L".bat", 4) == 0 ||
	    _wcsnicmp(path + n - 4, L".cmd", 4) == 0);
}
