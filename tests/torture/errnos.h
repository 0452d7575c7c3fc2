/*
 * The one table of what may go wrong: which calls can fail although their
 * caller has made no mistake, and with which errors.  Sweeps take their cases
 * from here; a call that is not listed is not failed.
 */
#ifndef TORTURE_ERRNOS_H
#define TORTURE_ERRNOS_H

#include <stdbool.h>

enum { ERRNOS_MAX = 12 };

struct call_errnos {
	const char *call;
	/* The call has its effect, and only its result is another one: a
	 * close() that fails has closed all the same. */
	bool after;
	int errnos[ERRNOS_MAX];     /* 0 after the last */
};

/* NULL: it does not fail. */
const struct call_errnos *call_errnos(const char *call);

/* "EINTR" and 4, and back; 0 and NULL for what is none. */
int errno_number(const char *name);
const char *errno_name(int number);

#endif
