/* Whatever fails under the calls that hold and read a pid file. */
#define _GNU_SOURCE 1

#include "sweep.h"

#include <proclc.h>

#include <errno.h>
#include <stddef.h>

/* What else than the system's errno is a true answer. */
static const struct sweep_answer reader_answers[] = {
	/* a link where the file should be */
	{ "openat", ELOOP, PROCLC_EUNSAFE },
	/* it has ended meanwhile */
	{ "pidfd_send_signal", ESRCH, PROCLC_ENOTRUNNING },
	{ "kill", ESRCH, PROCLC_ENOTRUNNING },
	/* the lock names a process that is not there, again and again */
	{ "pidfd_open", ESRCH, PROCLC_ESTARTING },
	{ "kill", ESRCH, PROCLC_ESTARTING },
	{ NULL, 0, 0 }
};

static const struct sweep_answer holder_answers[] = {
	/* somebody holds it, who does not say his pid */
	{ "flock", EAGAIN, PROCLC_ESTARTING },
	{ "kill", ESRCH, PROCLC_ESTARTING },
	{ "openat", ELOOP, PROCLC_EUNSAFE },
	/* somebody removes the file again and again */
	{ "newfstatat", ENOENT, PROCLC_EAGAIN },
	{ "pidfd_open", ESRCH, PROCLC_ESTARTING },
	{ NULL, 0, 0 }
};

/* And who takes his file back finds that somebody has it, again and again. */
static const struct sweep_answer adopter_answers[] = {
	{ "fcntl.OFD_SETLK", EAGAIN, PROCLC_ENOTOWNER },
	{ "flock", EAGAIN, PROCLC_ENOTOWNER },
	{ "flock", EAGAIN, PROCLC_ESTARTING },
	{ "kill", ESRCH, PROCLC_ESTARTING },
	{ "openat", ELOOP, PROCLC_EUNSAFE },
	{ "newfstatat", ENOENT, PROCLC_EAGAIN },
	{ "pidfd_open", ESRCH, PROCLC_ESTARTING },
	{ NULL, 0, 0 }
};

/* fstat() of an open descriptor, by its number: where it fails the library
 * cannot know the descriptor again. */
#define FSTAT_FOR_EVER "newfstatat.EMPTY_PATH+", "fstat+"

/* Without a lock, or not knowing whose the name is by now, nobody may remove
 * the new file: it is empty and nobody's, so the next one takes it over. */
static const char *const left_hold[] = {
	FSTAT_FOR_EVER, "newfstatat+", "fcntl.OFD_SETLK+", "flock+", NULL
};

static const struct sweep sweeps[] = {
	{ .story = "send", .held = true, .answers = reader_answers },
	{ .story = "ping", .held = true, .answers = reader_answers },
	{ .story = "stop", .answers = reader_answers },
	{ .story = "hold", .answers = holder_answers, .leaves = left_hold },
	{ .story = "adopt", .answers = adopter_answers, .leaves = left_hold },
	{ .story = "foreground", .answers = holder_answers,
	    .leaves = left_hold },
};

int
main(void)
{
	return sweep_main("sweep", sweeps,
	    sizeof(sweeps) / sizeof(sweeps[0]));
}
