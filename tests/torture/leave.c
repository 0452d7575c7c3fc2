/*
 * leave WAY WHO [install|second]: a process that is tortured from the moment
 * its end begins.
 *
 *	return, exit, proclc_exit    with code 7
 *	term                         by SIGTERM, which is installed
 *	orphan                       its parent ends, which it watches
 *
 * WHO leaves so: "alone" the process p; "child" its forked child c, for which
 * p waits; "beside" p, whose child c leaves by proclc_exit when p has gone.
 * Of the exit handlers p has registered 1, shared 2, and 3; c has 4.  Another
 * library has registered with libc: old before p has used ours, new after.
 * Each says the process that it runs in, its name, and the cause.
 */
#define _GNU_SOURCE 1

#include "mark.h"
#include "../toolkit/scn.h"

#include <proclc.h>

#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/wait.h>

enum { CODE = 7, CODE_BESIDE = 9 };

static const char *way, *who;
static char process = 'p';
static int told[2], gone[2];     /* end of file: it is so */

static bool
is(const char *word, const char *wanted)
{
	return strcmp(word, wanted) == 0;
}

static void
handler(void *name, const struct proclc_exit_cause *cause)
{
	say("%c %s %d", process, (const char *)name, (int)cause->kind);
}

static void
old_handler(void)
{
	say("%c old", process);
}

static void
new_handler(void)
{
	say("%c new", process);
}

static void
add(const char *name, unsigned flags)
{
	die_if(proclc_atexit_register(handler, (void *)(uintptr_t)name,
	    flags) < 0, proclc_errmsg());
}

static void
await_closed(int ends[2])
{
	char c;

	close(ends[1]);
	while (read(ends[0], &c, 1) < 0 && errno == EINTR)
		continue;
}

static void
install(const char *how)
{
	struct proclc_atexit_options options = PROCLC_ATEXIT_OPTIONS_INIT;

	if (how == NULL)
		return;
	if (is(how, "second"))
		options.flags = PROCLC_ATEXIT_SECOND_ENDS;
	die_if(proclc_atexit_install(&options) < 0, proclc_errmsg());
}

/* For the watch of it: who forks here ends as soon as the child says so. */
static void
fork_from_mortal(void)
{
	pid_t pid;

	die_if(pipe(told) < 0, "pipe");
	pid = fork();
	die_if(pid < 0, "fork");
	if (pid == 0)
		return;
	await_closed(told);
	_exit(0);
}

/* Leaves as WAY says; returns for "return". */
static void
leave(void)
{
	if (is(way, "orphan"))
		die_if(proclc_exit_when_orphaned() < 0, proclc_errmsg());
	torture_begin();
	if (is(way, "exit"))
		exit(CODE);
	if (is(way, "proclc_exit"))
		proclc_exit(CODE);
	if (is(way, "return"))
		return;
	if (is(way, "term"))
		kill(getpid(), SIGTERM);
	else
		close(told[1]);
	for (;;)
		pause();
}

static int
be_child(void)
{
	process = 'c';
	add("4", 0);
	if (is(who, "child")) {
		leave();
		return CODE;
	}
	if (is(way, "orphan"))
		close(told[1]);
	await_closed(gone);
	proclc_exit(CODE_BESIDE);
}

/* Everything p does, and c: the code of main. */
static int
be_parent(const char *how)
{
	pid_t pid = 0;

	die_if(atexit(old_handler) != 0, "atexit");
	add("1", 0);
	add("2", PROCLC_ATEXIT_SHARED);
	add("3", 0);
	die_if(atexit(new_handler) != 0, "atexit");
	install(how);
	if (!is(who, "alone")) {
		die_if(pipe(gone) < 0, "pipe");
		pid = fork();
		die_if(pid < 0, "fork");
		if (pid == 0)
			return be_child();
		close(gone[0]);
	}
	if (!is(who, "child")) {
		leave();
		return CODE;
	}
	if (is(way, "orphan")) {
		await_closed(told);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	proclc_exit(0);
}

int
main(int argc, char **argv)
{
	die_if(argc < 3, "usage: leave WAY WHO [install|second]");
	way = argv[1];
	who = argv[2];
	if (is(way, "orphan") && is(who, "child"))
		die_if(pipe(told) < 0, "pipe");
	else if (is(way, "orphan"))
		fork_from_mortal();
	return be_parent(argv[3]);
}
