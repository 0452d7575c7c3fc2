/* All ways to ask for the holder of a pid file. */
#ifndef TESTS_ASK_H
#define TESTS_ASK_H

#include "kernel.h"
#include "toolkit/fixture.h"

#include <proclc.h>

#include <signal.h>
#include <unistd.h>

enum { ASK_WAYS = 4, ASK_FAST_MS = 500 };

/* In a namespace of its own, or not as root, it may try. */
static inline bool
ask_may_harm(void)
{
	if (kernel_isolated() || geteuid() != 0)
		return false;
	toolkit_skip("a signal to all: not as root outside of isolate");
	return true;
}

/* The i-th of them. */
static inline int
ask(const char *path, int i)
{
	struct proclc_stop_options o = PROCLC_STOP_OPTIONS_INIT;

	o.grace_ms = o.kill_wait_ms = PROCLC_NOW;
	switch (i) {
	case 0:
		return proclc_ping(path);
	case 1:
		return proclc_send(path, SIGUSR1);
	case 2:
		return proclc_pidfile_status(path, NULL);
	default:
		return proclc_stop(path, &o);
	}
}

#endif
