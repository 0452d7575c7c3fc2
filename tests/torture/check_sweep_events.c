/* Whatever fails under the calls that wait for signals and ends. */
#define _GNU_SOURCE 1

#include "sweep.h"

#include <proclc.h>

#include <errno.h>
#include <stddef.h>

/* What else than the system's errno is a true answer: what pthread_create(3)
 * makes of it. */
static const struct sweep_answer thread_answers[] = {
	{ "mmap", 0, PROCLC_EAGAIN },
	{ "mprotect", 0, PROCLC_EAGAIN },
	{ "clone3", 0, PROCLC_EAGAIN },
	{ "clone", 0, PROCLC_EAGAIN },
	{ "malloc", ENOMEM, PROCLC_EAGAIN },
	{ NULL, 0, 0 }
};

static const struct sweep_answer watch_answers[] = {
	{ "pidfd_open", ESRCH, PROCLC_EORPHANED },
	{ "mmap", 0, PROCLC_EAGAIN },
	{ "mprotect", 0, PROCLC_EAGAIN },
	{ "clone3", 0, PROCLC_EAGAIN },
	{ "clone", 0, PROCLC_EAGAIN },
	{ "malloc", ENOMEM, PROCLC_EAGAIN },
	{ NULL, 0, 0 }
};

static const struct sweep sweeps[] = {
	{ .story = "handler", .answers = thread_answers, .pending = 1 },
	{ .story = "orphan", .answers = watch_answers, .pending = 1 },
	{ .story = "atexit", .answers = thread_answers, .pending = 1 },
	{ .story = "replaced", .pending = 1 },
};

int
main(void)
{
	return sweep_main("sweep_events", sweeps,
	    sizeof(sweeps) / sizeof(sweeps[0]));
}
