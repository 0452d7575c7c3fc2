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

/* The object with the name in this environment variable, if it is set. */
void range_read(struct range *range, const char *variable);

bool range_holds(const struct range *range, const void *caller);

#endif
