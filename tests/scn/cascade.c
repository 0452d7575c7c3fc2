/*
 * cascade FLAGS
 *
 * Four processes, each the parent of the next; FLAGS are for the first one's
 * installation.  At its end each but the last one ends its child, waits for
 * it and tells what became of it; one handler is for all of them.  The first
 * one sends itself SIGTERM when all are ready.
 */
#define _GNU_SOURCE 1

#include "../toolkit/os.h"
#include "../toolkit/scn.h"

#include <proclc/atexit.h>
#include <proclc/error.h>

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

enum { LAST = 3 };

static int level;
static pid_t child;

static void
tell_all(void *unused, const struct proclc_exit_cause *cause)
{
	(void)unused;
	say("shared in %d: %d", level, (int)cause->signum);
}

static void
tell_never(void *unused, const struct proclc_exit_cause *cause)
{
	(void)unused;
	(void)cause;
	say("unregistered in %d", level);
}

static void
end_child(void *unused, const struct proclc_exit_cause *cause)
{
	int status;

	(void)unused;
	(void)cause;
	say("clean %d", level);
	kill(child, SIGTERM);
	die_if(waitpid(child, &status, 0) != child, "waitpid");
	say("%d: %d ended, %s %d", level, level + 1, WIFEXITED(status) ?
	    "exit" : "signal", WIFEXITED(status) ? WEXITSTATUS(status) :
	    WTERMSIG(status));
}

static void
add(void (*fn)(void *user, const struct proclc_exit_cause *cause),
    unsigned flags)
{
	die_if(proclc_atexit_register(fn, NULL, flags) < 0, proclc_errmsg());
}

/* Each level below, until it is ready. */
static void
descend(void)
{
	int ready[2];
	char c;

	if (level == LAST)
		return;
	die_if(os_pipe(ready) != 0, "pipe");
	child = fork();
	die_if(child < 0, "fork");
	if (child == 0) {
		level++;
		descend();
		die_if(write(ready[1], "x", 1) != 1, "tell");
		for (;;)
			pause();
	}
	die_if(read(ready[0], &c, 1) != 1, "hear");
	add(end_child, 0);
	add(tell_never, 0);
	die_if(proclc_atexit_unregister(tell_never, NULL) != 1,
	    "unregister");
}

int
main(int argc, char **argv)
{
	struct proclc_atexit_options o = PROCLC_ATEXIT_OPTIONS_INIT;

	o.flags = argc < 2 ? 0 : (uint32_t)strtoul(argv[1], NULL, 0);
	die_if(proclc_atexit_install(&o) < 0, proclc_errmsg());
	add(tell_all, PROCLC_ATEXIT_SHARED);
	descend();
	kill(getpid(), SIGTERM);
	for (;;)
		pause();
}
