/*
 * fixture.c - the fixture of the portable suites on Windows: handles, threads,
 * directory and files are to be left as they were found.
 */
#include <check.h>

#include "../toolkit/fixture.h"

#include <stdarg.h>
#include <stdio.h>

#include <windows.h>
#include <tlhelp32.h>

struct state {
	DWORD handles, threads, files;
	char cwd[MAX_PATH];
};

static struct state before;
static unsigned expected;
static char dir[MAX_PATH + 40];

static DWORD
count_threads(void)
{
	THREADENTRY32 entry = { .dwSize = sizeof(entry) };
	HANDLE all = CreateToolhelp32Snapshot(TH32CS_SNAPTHREAD, 0);
	DWORD n = 0, self = GetCurrentProcessId();

	ck_assert(all != INVALID_HANDLE_VALUE);
	for (BOOL more = Thread32First(all, &entry); more;
	    more = Thread32Next(all, &entry))
		if (entry.th32OwnerProcessID == self)
			n++;
	CloseHandle(all);
	return n;
}

/* Of this test's own; "remove": they go. */
static DWORD
count_files(bool remove)
{
	WIN32_FIND_DATAA found;
	char path[2 * MAX_PATH];
	DWORD n = 0;
	HANDLE search;

	snprintf(path, sizeof(path), "%s\\*", dir);
	search = FindFirstFileA(path, &found);
	if (search == INVALID_HANDLE_VALUE)
		return 0;
	do {
		n++;
		snprintf(path, sizeof(path), "%s\\%s", dir, found.cFileName);
		if (remove)
			DeleteFileA(path);
	} while (FindNextFileA(search, &found));
	FindClose(search);
	return n;
}

static struct state
look(void)
{
	struct state s;

	memset(&s, 0, sizeof(s));
	GetCurrentDirectoryA(sizeof(s.cwd), s.cwd);
	s.threads = (expected & (TOOLKIT_THREADS |
	    TOOLKIT_LIBRARY_THREADS)) != 0 ? 0 : count_threads();
	s.files = count_files(false);
	if ((expected & TOOLKIT_FDS) == 0)
		GetProcessHandleCount(GetCurrentProcess(), &s.handles);
	return s;
}

static void
compare(const char *when)
{
	struct state now = look();

	if ((expected & TOOLKIT_FDS) != 0)
		before.handles = 0;
	if ((expected & (TOOLKIT_THREADS | TOOLKIT_LIBRARY_THREADS)) != 0)
		before.threads = 0;
	ck_assert_msg(memcmp(&now, &before, sizeof(now)) == 0, "%s: handles"
	    " %lu and %lu, threads %lu and %lu, files %lu and %lu, in %s and"
	    " %s", when, before.handles, now.handles, before.threads,
	    now.threads, before.files, now.files, before.cwd, now.cwd);
}

const char *
toolkit_dir(void)
{
	return dir;
}

void
toolkit_expect(unsigned kinds)
{
	expected |= kinds;
}

void
toolkit_mark(void)
{
	before = look();
}

void
toolkit_unchanged(void)
{
	compare("changed since toolkit_mark()");
}

void
toolkit_setup(void)
{
	char temp[MAX_PATH];

	ck_assert(GetTempPathA(sizeof(temp), temp) > 0);
	/* A test that failed has left its own, and pids come again. */
	for (unsigned n = 0; n == 0 || GetLastError() ==
	    ERROR_ALREADY_EXISTS; n++) {
		snprintf(dir, sizeof(dir), "%sproclc-suite-%lu-%u", temp,
		    GetCurrentProcessId(), n);
		if (CreateDirectoryA(dir, NULL))
			break;
	}
	ck_assert(GetFileAttributesA(dir) != INVALID_FILE_ATTRIBUTES);
	/* What the system has the first time that it is asked for. */
	look();
	toolkit_mark();
}

void
toolkit_teardown(void)
{
	compare("the test left");
	count_files(true);
	ck_assert(RemoveDirectoryA(dir));
}

void
toolkit_skip(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	printf("# not checked here: ");
	vprintf(format, args);
	printf("\n");
	va_end(args);
}

bool
toolkit_skip_tsan(enum toolkit_tsan what)
{
	(void)what;
	return false;
}
