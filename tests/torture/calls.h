/* System calls by name, and what the drivers know of each. */
#ifndef TORTURE_CALLS_H
#define TORTURE_CALLS_H

#include <stdint.h>

/*
 * A call as rules and records name it: "openat", or "fcntl.SETLK" where one
 * number stands for many commands.  "fcntl" is any of them, "fcntl." any that
 * has no name here.  nr -1: no such call.
 */
struct call {
	int nr;
	int command;
};

enum {
	CALL_ANY = -2,       /* as nr: every call, "*" */
	COMMAND_ANY = -1,
	COMMAND_OTHER = -2,
};

struct call call_named(const char *name);
struct call call_made(uint64_t nr, const uint64_t *args);

/* "call 999" where the system's headers had no name for it. */
void call_text(struct call call, char *buf, int size);

/* The number of the argument that is a path; -1: none is. */
int call_path(int nr);

#endif
