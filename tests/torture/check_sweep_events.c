/* Whatever fails under the calls that wait for signals and ends. */
#define _GNU_SOURCE 1

#include "answers.h"

static const struct sweep_answer thread_answers[] = {
	THREAD_ANSWERS,
	{ NULL, 0, 0 }
};

static const struct sweep_answer watch_answers[] = {
	{ "pidfd_open", ESRCH, PROCLC_EORPHANED },
	THREAD_ANSWERS,
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
