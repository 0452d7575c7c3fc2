/*
 * crashes.c - the signals of a crash, when somebody has sent them: they are
 * the program's, as all others.
 *
 * The library does not handle them, for where the kernel raises one it is our
 * own crash, and nothing may run any more.  The kernel tells which it is.  A
 * sent one is a word in a pipe, which the waiting thread reads.
 */
#define _GNU_SOURCE 1

#include "supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

static int words[2] = { -1, -1 };

static void
on_crash(int signum, siginfo_t *info, void *context)
{
	struct sigaction by_default = { .sa_handler = SIG_DFL };
	int saved = errno;
	char word = (char)signum;

	(void)context;
	if (info->si_code <= 0) {
		(void)!write(words[1], &word, 1);
	} else {
		/* It is blocked until we return. */
		sigaction(signum, &by_default, NULL);
		raise(signum);
	}
	errno = saved;
}

bool
take_crashes(void)
{
	static const int signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL,
	    SIGTRAP, SIGSYS };
	struct sigaction action = { .sa_sigaction = on_crash,
	    .sa_flags = SA_SIGINFO | SA_RESTART };

	/* In a later run they are the outer process's. */
	if (words[0] >= 0) {
		close(words[0]);
		close(words[1]);
	}
	if (pipe2(words, O_CLOEXEC | O_NONBLOCK) != 0) {
		words[0] = words[1] = -1;
		return false;
	}
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaction(signals[i], &action, NULL);
	return true;
}

int
crashes_fd(void)
{
	return words[0];
}

int
next_crash(void)
{
	char word;

	return read(words[0], &word, 1) == 1 ? word : 0;
}
