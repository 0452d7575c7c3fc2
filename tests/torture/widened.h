/*
 * One side of a race waits before a system call, by inject's delay, for as
 * long as the other side needs to move: so each race is met for certain.
 *
 *	widened_start(&s, "unlinkat:1:60000=x", "scn/pidfile", NULL);
 *	...
 *	if (!widened_met(&s))
 *		return;
 *	the other side moves
 *	widened_go_on(&s);
 */
#ifndef TORTURE_WIDENED_H
#define TORTURE_WIDENED_H

#include "sanitized.h"
#include "sweep.h"
#include "../toolkit/clock.h"
#include "../toolkit/toolkit.h"

#include <signal.h>
#include <string.h>
#include <time.h>

enum { WIDENED_NO_TRACING = 77 };

/* It acts; false: it never does, for the program has ended, or idle says that
 * it waits for something else. */
static inline bool
widened_met(struct scenario *s, bool (*idle)(struct scenario *s))
{
	const struct timespec step = { 0, 200000 };
	int64_t deadline = clock_deadline(0);

	while (strstr(scenario_stderr(s), "\ninjected ") == NULL) {
		if (clock_left_ms(deadline) == 0 || scenario_ended(s) ||
		    (idle != NULL && idle(s)))
			return false;
		nanosleep(&step, NULL);
	}
	return true;
}

static inline void
widened_go_on(struct scenario *s)
{
	scenario_signal(s, SIGUSR1);
}

/* Where it cannot be had; said once. */
static inline bool
widened_skip(void)
{
	struct scenario s;
	char inject[1024];

	if (toolkit_skip_tsan(TSAN_DELAY))
		return true;
	sanitized_prepare();
	scenario_path(inject, sizeof(inject), "torture/inject");
	scenario_start(&s, inject, "--", "/bin/true", NULL);
	if (scenario_wait(&s) != WIDENED_NO_TRACING << 8)
		return false;
	toolkit_skip("ptrace: %s", scenario_stderr(&s));
	return true;
}

#endif
