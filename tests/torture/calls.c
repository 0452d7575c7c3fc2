/* System calls by name, and what the drivers know of each. */
#define _GNU_SOURCE 1

#include "calls.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

/* What the system's header lists, made into a table by the build. */
static const char *const names[] = {
#include "call-names.h"
};

enum { NAMES = sizeof(names) / sizeof(names[0]) };

/* Calls that are many: an argument says which. */
static const struct {
	const char *call;
	const char *name;
	int argument;
	int value;
} commands[] = {
	{ "fcntl", "DUPFD", 1, F_DUPFD },
	{ "fcntl", "DUPFD_CLOEXEC", 1, F_DUPFD_CLOEXEC },
	{ "fcntl", "GETFD", 1, F_GETFD },
	{ "fcntl", "SETFD", 1, F_SETFD },
	{ "fcntl", "GETFL", 1, F_GETFL },
	{ "fcntl", "SETFL", 1, F_SETFL },
	{ "fcntl", "GETLK", 1, F_GETLK },
	{ "fcntl", "SETLK", 1, F_SETLK },
	{ "fcntl", "SETLKW", 1, F_SETLKW },
	{ "fcntl", "OFD_GETLK", 1, F_OFD_GETLK },
	{ "fcntl", "OFD_SETLK", 1, F_OFD_SETLK },
	{ "fcntl", "OFD_SETLKW", 1, F_OFD_SETLKW },
	{ "newfstatat", "EMPTY_PATH", 3, AT_EMPTY_PATH },     /* fstat() */
	{ "prctl", "SET_NAME", 0, PR_SET_NAME },
	{ "prctl", "SET_PDEATHSIG", 0, PR_SET_PDEATHSIG },
	{ "prctl", "SET_CHILD_SUBREAPER", 0, PR_SET_CHILD_SUBREAPER },
};

enum { COMMANDS = sizeof(commands) / sizeof(commands[0]) };

static const struct {
	const char *call;
	int argument;
} paths[] = {
	{ "access", 0 }, { "chdir", 0 }, { "chmod", 0 }, { "chown", 0 },
	{ "execve", 0 }, { "faccessat", 1 }, { "faccessat2", 1 },
	{ "fchmodat", 1 }, { "fchownat", 1 }, { "link", 0 }, { "linkat", 1 },
	{ "lstat", 0 }, { "mkdir", 0 }, { "mkdirat", 1 }, { "mknod", 0 },
	{ "mknodat", 1 }, { "newfstatat", 1 }, { "open", 0 },
	{ "openat", 1 }, { "openat2", 1 }, { "readlink", 0 },
	{ "readlinkat", 1 }, { "rename", 0 }, { "renameat", 1 },
	{ "renameat2", 1 }, { "rmdir", 0 }, { "stat", 0 }, { "statx", 1 },
	{ "truncate", 0 }, { "unlink", 0 }, { "unlinkat", 1 },
};

static int
number_of(const char *name, size_t length)
{
	int nr;

	for (nr = 0; nr < NAMES; nr++)
		if (names[nr] != NULL && strlen(names[nr]) == length &&
		    strncmp(names[nr], name, length) == 0)
			return nr;
	return -1;
}

struct call
call_named(const char *name)
{
	struct call call = { CALL_ANY, COMMAND_ANY };
	size_t length = strcspn(name, ".");
	int i;

	if (strcmp(name, "*") == 0)
		return call;
	call.nr = number_of(name, length);
	if (name[length] == '\0')
		return call;
	call.command = COMMAND_OTHER;
	if (name[length + 1] == '\0')
		return call;
	for (i = 0; i < COMMANDS; i++)
		if (strncmp(commands[i].call, name, length) == 0 &&
		    commands[i].call[length] == '\0' &&
		    strcmp(commands[i].name, name + length + 1) == 0)
			call.command = i;
	if (call.command == COMMAND_OTHER)
		call.nr = -1;
	return call;
}

struct call
call_made(uint64_t nr, const uint64_t *args)
{
	struct call call = { (int)nr, COMMAND_OTHER };
	int i;

	if (nr >= NAMES || names[nr] == NULL)
		return call;
	for (i = 0; i < COMMANDS; i++)
		if (strcmp(commands[i].call, names[nr]) == 0 &&
		    commands[i].value == (int)args[commands[i].argument])
			call.command = i;
	return call;
}

void
call_text(struct call call, char *buf, int size)
{
	const char *name = call.nr >= 0 && call.nr < NAMES ?
	    names[call.nr] : NULL;

	if (call.nr == CALL_ANY)
		snprintf(buf, (size_t)size, "*");
	else if (name == NULL)
		snprintf(buf, (size_t)size, "call-%d", call.nr);
	else if (call.command < 0)
		snprintf(buf, (size_t)size, "%s", name);
	else
		snprintf(buf, (size_t)size, "%s.%s", name,
		    commands[call.command].name);
}

int
call_path(int nr)
{
	size_t i;

	if (nr < 0 || nr >= NAMES || names[nr] == NULL)
		return -1;
	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if (strcmp(paths[i].call, names[nr]) == 0)
			return paths[i].argument;
	return -1;
}
