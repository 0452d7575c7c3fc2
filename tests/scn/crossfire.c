/*
 * Children, made under fire: see shots.h, objects.h, and
 *
 *	forks SIG N HOW   N children: fork, quiet, raw, vfork
 * Tells what went wrong, as a number.
 */
#define _GNU_SOURCE 1

#include "shots.h"
#include "../kernel.h"

#include <sched.h>
#include <signal.h>
#include <sys/wait.h>

/* Nobody signals the child but itself: once, and it has the action of before;
 * then once more, and an object of its own has it. */
static int
be_child(int signum)
{
	struct proclc_sighandler *h;
	int seen = atomic_load(&shots_foreign);
	int told = atomic_load(&shots_delivered);

	shots_owner = getpid();
	kill(shots_owner, signum);
	if (atomic_load(&shots_foreign) != seen + 1)
		return 1;
	if (proclc_sighandler_new(&h, NULL) < 0 ||
	    proclc_sighandler_set(h, signum, shots_count, NULL) < 0 ||
	    proclc_sighandler_start(h) < 0)
		return 2;
	kill(shots_owner, signum);
	while (atomic_load(&shots_delivered) == told)
		sched_yield();
	proclc_sighandler_free(h);
	if (atomic_load(&shots_delivered) != told + 1 ||
	    atomic_load(&shots_wrong) != 0)
		return 3;
	return 0;
}

/* It shares our memory, and only dies of it. */
static pid_t
vfork_child(int signum)
{
	pid_t pid = vfork();

	if (pid == 0) {
		kill(getpid(), signum);
		_exit(0);
	}
	return pid;
}

static pid_t
make_child(int signum, const char *how)
{
	pid_t pid;

	if (strcmp(how, "vfork") == 0)
		return vfork_child(signum);
	pid = strcmp(how, "quiet") == 0 ? kernel_quiet_fork() :
	    strcmp(how, "raw") == 0 ? kernel_raw_fork() : fork();
	if (pid == 0)
		_exit(be_child(signum));
	return pid;
}

static void
do_forks(char **words)
{
	int status, signum = script_number(words[0]);
	int n = script_number(words[1]);
	struct proclc_sighandler *h;
	pid_t pid;

	shots_begin(signum);
	shots_check(proclc_sighandler_new(&h, NULL));
	shots_check(proclc_sighandler_set(h, signum, shots_count, NULL));
	shots_start(signum, SENDERS, 0);
	shots_object_start(h);
	for (int i = 0; i < n; i++) {
		pid = make_child(signum, words[2]);
		die_if(pid < 0, "fork");
		while (waitpid(pid, &status, 0) < 0)
			die_if(errno != EINTR, "waitpid");
		if (status != 0)
			tell("child %#x", (unsigned)status);
		shots_await_more(&shots_delivered);
	}
	shots_end(SENDERS);
	proclc_sighandler_free(h);
	tell("wrong %d", atomic_load(&shots_wrong));
}

static const struct command commands[] = {
	{ "forks", do_forks },
	{ NULL, NULL }
};

int
main(void)
{
	objects_begin();
	return script_main(commands, object_commands);
}
