/*
 * Let the other threads of this process come to rest, so that they are found
 * as they stay: a new one is busy for a moment.  A sanitizer's allocator does
 * not survive a fork in the middle of that.
 */
#ifndef SETTLE_H
#define SETTLE_H

#include "toolkit/os.h"

#include <poll.h>
#include <stdlib.h>

static inline bool
settle_others_sleep(void)
{
	struct os_process state = { .state = 'S' };
	struct os_thread *threads = NULL;
	int i, n = os_threads(&threads);
	bool sleep = true;

	for (i = 0; i < n; i++)
		if (!threads[i].self &&
		    os_process(threads[i].tid, &state) == 0)
			sleep = sleep && state.state == 'S';
	free(threads);
	return sleep;
}

/* Bounded: in a pid namespace without a /proc of its own this very thread
 * looks like another. */
static inline void
settle(void)
{
	int tries, times = 0;

	for (tries = 0; tries < 500 && times < 5; tries++) {
		poll(NULL, 0, 1);
		times = settle_others_sleep() ? times + 1 : 0;
	}
}

/* There where the program was built with AddressSanitizer. */
extern void __asan_init(void) __attribute__((weak));

static inline bool
settle_under_asan(void)
{
	return __asan_init != NULL;
}

/* A child that one of several threads forks may inherit a lock of its
 * allocator, and hang: true, and said. */
#define skip_crowd() (settle_under_asan() && \
	(toolkit_skip("a crowd around forks: AddressSanitizer's allocator"), \
	true))

#endif
