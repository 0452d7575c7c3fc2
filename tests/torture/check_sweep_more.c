/* Whatever fails under the other calls that wait for events. */
#define _GNU_SOURCE 1

#include "answers.h"

static const struct sweep_answer thread_answers[] = {
	{ "pidfd_open", ESRCH, PROCLC_EORPHANED },
	THREAD_ANSWERS,
	{ NULL, 0, 0 }
};

/* It looks again and again, until its time is over. */
static const struct sweep_answer notify_answers[] = {
	{ "poll", ENOMEM, PROCLC_ETIMEDOUT },
	{ NULL, 0, 0 }
};

static const struct sweep sweeps[] = {
	{ .story = "manual", .answers = thread_answers, .pending = 1,
	    .seam = "ready", .backend = "epoll" },
	{ .story = "sigwait", .answers = thread_answers, .pending = 1 },
	{ .story = "watchfd", .answers = thread_answers, .pending = 1 },
	{ .story = "orphaned", .answers = thread_answers, .pending = 1 },
	{ .story = "log", .answers = thread_answers, .pending = 1 },
	{ .story = "notify", .answers = notify_answers },
	{ .story = "strays", .answers = thread_answers, .pending = 1,
	    .seam = "tree", .backend = "linux" },
};

int
main(void)
{
	return sweep_main("sweep_more", sweeps,
	    sizeof(sweeps) / sizeof(sweeps[0]));
}
