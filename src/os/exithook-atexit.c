/*
 * exithook-atexit.c - libc's exit, by atexit(3), which does not tell the
 * exit code.
 */
#include <config.h>

#include <stdatomic.h>
#include <stdlib.h>

#include "os/os.h"

/* Stored again by every thread in exit. */
static void (*_Atomic first_fn)(int code);
static void (*_Atomic last_fn)(void);

static void
first(void)
{
	atomic_load(&first_fn)(PCL_OS_CODE_UNKNOWN);
}

/* Priority 101 is the last of a program's or library's destructors. */
static void __attribute__((destructor(101)))
last(void)
{
	void (*fn)(void) = atomic_load(&last_fn);

	if (fn != NULL)
		fn();
}

int
pcl_os_at_exit(void (*first_to_call)(int code), void (*last_to_call)(void))
{
	atomic_store(&first_fn, first_to_call);
	atomic_store(&last_fn, last_to_call);
	return atexit(first) == 0 ? 0 : PROCLC_ENOMEM;
}

_Noreturn void
pcl_os_libc_exit(int code)
{
	exit(code);
}
