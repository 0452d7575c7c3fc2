/*
 * Which backends of src/os were chosen: what some of them cannot do, a test
 * skips aloud.  PROCLC_TEST_BACKENDS is set by make check, as in
 * " lock=ofd process=pidfd "; without it the preferred ones are assumed.
 */
#ifndef TESTS_BACKEND_H
#define TESTS_BACKEND_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "toolkit/fixture.h"

static inline bool
backend_is(const char *seam, const char *backend)
{
	const char *all = getenv("PROCLC_TEST_BACKENDS");
	char one[64];

	if (all == NULL)
		all = " bare=linux exec=clone"
		    " exithook=onexit fds=linux group=proc"
		    " identity=wipeonfork lock=ofd process=pidfd"
		    " ready=epoll share=memfd steer=sigqueue threads=proc"
		    " tree=linux job=cgroup ";
	snprintf(one, sizeof(one), " %s=%s ", seam, backend);
	return strstr(all, one) != NULL;
}

/* True, and said: this test's point needs another backend.  The one that tells
 * children of _Fork and clone is asked for by the tests with such children. */
static inline bool
skip_without(const char *seam, const char *backend)
{
	if (backend_is(seam, backend))
		return strcmp(seam, "identity") == 0 &&
		    toolkit_skip_tsan(TSAN_CLONE);
	toolkit_skip("it needs the backend %s-%s", seam, backend);
	return true;
}

/* The library's threads may stay; where they have no names, any may. */
static inline void
expect_library_threads(void)
{
	toolkit_expect(TOOLKIT_LIBRARY_THREADS |
	    (backend_is("threads", "proc") ? 0 : TOOLKIT_THREADS));
}

#endif
