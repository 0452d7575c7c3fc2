/*
 * Where torture begins and ends, told by the program itself to whoever
 * tortures it: tests/torture/inject -m (system calls) and alloc.so (memory).
 * Without them a mark does nothing.
 *
 *	torture_begin();
 *	rc = proclc_send(path, SIGUSR1);
 *	done = torture_end();
 */
#ifndef TORTURE_MARK_H
#define TORTURE_MARK_H

#include <errno.h>
#include <stddef.h>
#include <sys/prctl.h>

/* A command that prctl() does not know, and its arguments. */
enum { MARK = 0x746f7274, MARK_BEGIN = 1, MARK_END = 2 };

/* alloc.so's. */
extern void alloc_begin(void) __attribute__((weak));
extern void alloc_end(void) __attribute__((weak));
extern long alloc_injected(void) __attribute__((weak));
extern long alloc_living(void) __attribute__((weak));

static inline void
torture_begin(void)
{
	int saved = errno;

	if (alloc_begin != NULL)
		alloc_begin();
	prctl(MARK, MARK_BEGIN, 0L, 0L, 0L);
	errno = saved;
}

/* How often something was done to this program until now. */
static inline long
torture_end(void)
{
	int saved = errno;
	long done = prctl(MARK, MARK_END, 0L, 0L, 0L);

	if (done < 0)
		done = 0;
	if (alloc_end != NULL) {
		alloc_end();
		done += alloc_injected();
	}
	errno = saved;
	return done;
}

#endif
