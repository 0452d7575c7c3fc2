/*
 * Before a read(2) that waits while signals may come: ThreadSanitizer keeps
 * back one that lands there until the call returns, and lets one that lands
 * in poll(2) through.
 */
#ifndef TOOLKIT_AWAIT_H
#define TOOLKIT_AWAIT_H

#include <errno.h>
#include <poll.h>
#include <stddef.h>

/* There where the program was built with it. */
extern void __tsan_init(void) __attribute__((weak));

static inline void
await_input(int fd)
{
	struct pollfd entry = { .fd = fd, .events = POLLIN };

	while (__tsan_init != NULL && poll(&entry, 1, -1) < 0 &&
	    errno == EINTR)
		continue;
}

#endif
