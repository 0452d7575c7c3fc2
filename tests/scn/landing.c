/*
 * Signals that land where a lock is held: see objects.h, and
 *
 *	works              is malloc ours?
 *	malloc SIG; release SIG                    it lands in there
 *	calls SIG FILE     in each allocation of the library's own calls
 *	print SIG          in stdio, in the middle of a line
 */
#define _GNU_SOURCE 1

#include "lockedmalloc.h"
#include "objects.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>

enum { WATCHES = 20, HANDLERS = 100 };

static void
do_works(char **words)
{
	(void)words;
	tell("works %d", lockedmalloc_works());
}

static void
land_once(int signum_in_malloc, int signum_in_free)
{
	char *volatile memory;
	int before = lockedmalloc_landed();

	lockedmalloc_land(signum_in_malloc);
	memory = malloc(100);
	lockedmalloc_land(signum_in_free);
	free(memory);
	lockedmalloc_land(0);
	tell("landed %d", lockedmalloc_landed() - before);
}

static void
do_malloc(char **words)
{
	land_once(script_number(words[0]), 0);
}

static void
do_release(char **words)
{
	land_once(0, script_number(words[0]));
}

static void
on_end(void *user, const struct proclc_exit_cause *cause)
{
	(void)user;
	(void)cause;
}

static void
check(int rc)
{
	if (rc < 0)
		tell("calls: %s", proclc_errmsg());
}

/* An object of another signal, from its making to its end. */
static void
live_object(void)
{
	struct proclc_sighandler *h;

	check(proclc_sighandler_new(&h, NULL));
	check(proclc_sighandler_set(h, SIGUSR2, objects_count_call, NULL));
	check(proclc_sighandler_start(h));
	check(proclc_sighandler_set(h, SIGWINCH, objects_count_call, NULL));
	check(proclc_sighandler_set(h, SIGUSR2, NULL, NULL));
	check(proclc_sighandler_stop(h));
	proclc_sighandler_free(h);
}

/* So many that the library's tables grow, which they do under its locks. */
static void
live_watches(void)
{
	struct proclc_orphan *watches[WATCHES];

	for (int i = 0; i < WATCHES; i++) {
		check(proclc_orphan_new(&watches[i], NULL));
		check(proclc_orphan_start(watches[i]));
	}
	for (int i = 0; i < WATCHES; i++)
		proclc_orphan_free(watches[i]);
}

static void
live_handlers(void)
{
	static char users[HANDLERS];

	for (int i = 0; i < HANDLERS; i++)
		check(proclc_atexit_register(on_end, &users[i], 0));
	for (int i = 0; i < HANDLERS; i++)
		check(proclc_atexit_unregister(on_end, &users[i]));
}

static void
live_pidfile(const char *path)
{
	struct proclc_pidfile *pf;

	check(proclc_pidfile_open(&pf, path, NULL));
	check(proclc_pidfile_write(pf));
	check(proclc_ping(path));
	check(proclc_pidfile_remove(pf));
}

static void
do_calls(char **words)
{
	int before = lockedmalloc_landed();

	lockedmalloc_land(script_number(words[0]));
	live_object();
	live_watches();
	live_handlers();
	live_pidfile(words[1]);
	live_object();
	lockedmalloc_land(0);
	tell("calls landed %d", lockedmalloc_landed() - before);
}

/* The callback of "print": in it, and through it. */
static atomic_bool printing, printed;

static void
on_print(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *user)
{
	(void)handler;
	(void)user;
	atomic_store(&printing, true);
	printf("callback %d\n", event->signum);
	fflush(stdout);
	atomic_store(&printed, true);
}

static void
await(atomic_bool *flag)
{
	while (!atomic_load(flag))
		sched_yield();
}

/* The callback has to wait for the line's end: in the middle of the call that
 * it interrupts it would print there. */
static void
do_print(char **words)
{
	int signum = script_number(words[0]);
	struct proclc_sighandler *h;

	check(proclc_sighandler_new(&h, NULL));
	check(proclc_sighandler_set(h, signum, on_print, NULL));
	check(proclc_sighandler_start(h));
	atomic_store(&printing, false);
	atomic_store(&printed, false);
	flockfile(stdout);
	fputs("half ", stdout);
	pthread_kill(pthread_self(), signum);
	await(&printing);
	fputs("line\n", stdout);
	fflush(stdout);
	funlockfile(stdout);
	await(&printed);
	proclc_sighandler_free(h);
}

static const struct command commands[] = {
	{ "works", do_works }, { "malloc", do_malloc },
	{ "release", do_release }, { "calls", do_calls }, { "print", do_print },
	{ NULL, NULL }
};

int
main(void)
{
	objects_begin();
	return script_main(commands, object_commands);
}
