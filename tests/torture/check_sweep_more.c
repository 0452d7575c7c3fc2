/* Whatever fails under the other calls that wait for events. */
#define _GNU_SOURCE 1

#include "sweep.h"

#include <proclc.h>

#include <errno.h>
#include <stddef.h>

/* What else than the system's errno is a true answer. */
static const struct sweep_answer thread_answers[] = {
	{ "pidfd_open", ESRCH, PROCLC_EORPHANED },
	/* what pthread_create(3) makes of it */
	{ "mmap", 0, PROCLC_EAGAIN },
	{ "mprotect", 0, PROCLC_EAGAIN },
	{ "clone3", 0, PROCLC_EAGAIN },
	{ "clone", 0, PROCLC_EAGAIN },
	{ "malloc", ENOMEM, PROCLC_EAGAIN },
	{ NULL, 0, 0 }
};

static const struct sweep_answer holder_answers[] = {
	{ "flock", EAGAIN, PROCLC_ESTARTING },
	{ "kill", ESRCH, PROCLC_ESTARTING },
	{ "openat", ELOOP, PROCLC_EUNSAFE },
	{ "newfstatat", ENOENT, PROCLC_EAGAIN },
	{ "pidfd_open", ESRCH, PROCLC_ESTARTING },
	{ NULL, 0, 0 }
};

static const char *const left_hold[] = {
	"newfstatat.EMPTY_PATH+", "fstat+", "newfstatat+", "fcntl.OFD_SETLK+",
	"flock+", NULL
};

static const struct sweep sweeps[] = {
	{ .story = "manual", .answers = thread_answers, .pending = 1,
	    .seam = "ready", .backend = "epoll" },
	{ .story = "sigwait", .answers = thread_answers, .pending = 1 },
	{ .story = "watchfd", .answers = thread_answers, .pending = 1 },
	{ .story = "orphaned", .answers = thread_answers, .pending = 1 },
	{ .story = "log", .answers = thread_answers, .pending = 1 },
	{ .story = "notify" },
	{ .story = "strays", .answers = thread_answers, .pending = 1,
	    .seam = "tree", .backend = "linux" },
	{ .story = "foreground", .answers = holder_answers,
	    .leaves = left_hold },
	{ .story = "adopt", .answers = holder_answers, .leaves = left_hold },
};

int
main(void)
{
	return sweep_main("sweep_more", sweeps,
	    sizeof(sweeps) / sizeof(sweeps[0]));
}
