/* Which object a call has come from: for alloc.c. */
#ifndef TORTURE_RANGE_H
#define TORTURE_RANGE_H

#include <stdbool.h>
#include <stdint.h>

/* Of an object in memory; to 0: any. */
struct range {
	uintptr_t from;
	uintptr_t to;
};

/* The object with the name in this environment variable, if it is set;
 * false: there is none, and nobody is in. */
bool range_read(struct range *range, const char *variable);

/* The program itself. */
void range_program(struct range *range);

bool range_holds(const struct range *range, const void *caller);

#endif
