/*
 * tap.h - the tests for Windows: TAP without Check, whose tests cannot be
 * processes of their own there.
 *
 * A program has a list of tests, and roles: what it is when it is run with a
 * role's name as its first argument, in a process of its own; or in TAP_ROLE,
 * without arguments.
 */
#ifndef PCL_TESTS_TAP_H
#define PCL_TESTS_TAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <windows.h>

struct tap_test {
	const char *name;
	void (*fn)(void);
};

struct tap_role {
	const char *name;
	int (*fn)(int argc, char **argv);
};

/* The program's own; each list ends with a NULL. */
extern const struct tap_test tap_tests[];
extern const struct tap_role tap_roles[];
/* Called first in every process, before proclc_init. */
void
tap_begin(void);

/* Where a thing that must be true is not, the test ends there. */
#define need(what) tap_need((what), #what, __FILE__, __LINE__)
/* The same for two numbers, which are shown. */
#define need_equal(a, b) \
	tap_need_equal((a), (b), #a " == " #b, __FILE__, __LINE__)
void
tap_need(bool holds, const char *what, const char *file, int line);
void
tap_need_equal(int64_t a, int64_t b, const char *what, const char *file,
    int line);

/* How long a thing that must come may take, in ms, stretched by
 * PROCLC_TEST_MULTIPLIER. */
enum { TAP_PATIENCE_MS = 10000 };
static inline int64_t
tap_ms(int64_t ms)
{
	const char *text = getenv("PROCLC_TEST_MULTIPLIER");
	int n = text == NULL ? 1 : atoi(text);

	return ms * (n < 1 ? 1 : n);
}
/* Wait until it is true; false: it does not become so. */
bool
tap_until(bool (*true_now)(void *arg), void *arg);

/* As CreateProcess; one that ended before its first step, which wine loses now
 * and then, is made again. */
static inline BOOL
tap_create(const char *program, char *line, DWORD flags, STARTUPINFOA *start,
    PROCESS_INFORMATION *made)
{
	for (int i = 0; i < 4; i++)
		if (CreateProcessA(program, line, NULL, NULL, TRUE, flags,
		    NULL, NULL, start, made))
			return TRUE;
		else if (GetLastError() != ERROR_INTERNAL_ERROR)
			return FALSE;
	return FALSE;
}

/* Be this program again in another role; arguments end with NULL. */
struct tap_process {
	HANDLE process;
	DWORD pid;
	HANDLE out;	/* what it writes to its stdout */
};
struct tap_process
tap_run(const char *role, ...);
/* The same with a console of its own, which is not shown. */
struct tap_process
tap_run_console(const char *role, ...);
/* Run another program. */
struct tap_process
tap_run_other(const char *image, ...);
/* A file of the build tree, by its name there. */
const char *
tap_built(const char *name);
/* The next line that it writes, without its end; "": it is gone. */
const char *
tap_line(const struct tap_process *p);
/* In the role: write one. */
void
tap_say(const char *line);
/* Its end: the exit code.  It must come. */
DWORD
tap_end(struct tap_process *p);
/* End it now, by force. */
void
tap_kill(struct tap_process *p);

/* This process is about to crash: without a debugger that tells of it. */
void
tap_crash_quietly(void);

/* A file name of this test's own, in a new place; it is not there. */
const char *
tap_path(const char *name);
/* The name of a file beside that one. */
const char *
tap_beside(const char *path, const char *what);
/* Add text to a file's. */
void
tap_append(const char *path, const char *text);
/* A file's text, as another program reads it; "": there is none. */
const char *
tap_text(const char *path);
/* Wait until it is this. */
bool
tap_until_text(const char *path, const char *text);
bool
tap_exists(const char *path);

#endif
