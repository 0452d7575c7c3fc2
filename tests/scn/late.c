/*
 * late WHERE: the first thread calls exit while another one, by SIGTERM, is
 * in libc's exit already: in a handler of another library that is "newer"
 * than ours, or "older".
 *
 * That handler says "in", lets the first thread go, and says "out" when this
 * one waits, or after some time.
 */
#define _GNU_SOURCE 1

#include "../settle.h"
#include "../toolkit/scn.h"

#include <proclc/atexit.h>
#include <proclc/error.h>

#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>

static atomic_bool let_go, going;

static void
slow(void)
{
	say("in");
	atomic_store(&let_go, true);
	while (!atomic_load(&going))
		sched_yield();
	settle();
	say("out");
}

static void
ours(void *unused, const struct proclc_exit_cause *cause)
{
	(void)unused;
	say("ours %d", (int)cause->kind);
}

int
main(int argc, char **argv)
{
	bool older = argc == 2 && strcmp(argv[1], "older") == 0;

	if (older)
		die_if(atexit(slow) != 0, "atexit");
	die_if(proclc_atexit_register(ours, NULL, 0) < 0 ||
	    proclc_atexit_install(NULL) < 0, proclc_errmsg());
	if (!older)
		die_if(atexit(slow) != 0, "atexit");
	kill(getpid(), SIGTERM);
	while (!atomic_load(&let_go))
		sched_yield();
	atomic_store(&going, true);
	exit(7);
}
