/*
 * How a task's end reaches the program: by threads or not, with pidfds or as
 * on an older kernel.
 */
#ifndef TESTS_WAYS_H
#define TESTS_WAYS_H

#include "backend.h"
#include "kernel.h"
#include "letters.h"

#include <proclc/dispatch.h>

enum { WAYS = 4 };

static bool manual;

/* false: it cannot be had here, and that was said. */
static inline bool
use_way(int way)
{
	manual = way % 2 == 1;
	if (manual && skip_without("ready", "epoll"))
		return false;
	if (way >= 2 && !kernel_refuse_pidfds()) {
		toolkit_skip("what comes without pidfds");
		return false;
	}
	if (manual)
		ck_assert_int_eq(proclc_set_dispatch_mode(
		    PROCLC_DISPATCH_MANUAL), 0);
	letters_expect_library();
	return true;
}

#endif
