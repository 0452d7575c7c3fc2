/*
 * Ends of a process, told what to do line by line: see exits.h, and
 *
 *	foreign SIG; ignore SIG; odd SIG     what the signal does
 *	remember SIG; same SIG               is its action, bit by bit, as then?
 *	kill_locked SIG      to itself, in the thread that holds the
 *	                     mutex, until it hears a line
 *	all_exit HOW N       N threads at once: exit, proclc_exit, both
 *	init                 all of it as pid 1
 */
#define _GNU_SOURCE 1

#include "exits.h"
#include "../kernel.h"

#include <proclc.h>

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/wait.h>

static void
on_foreign(int signum)
{
	tell("foreign %d", signum);
}

static void
do_foreign(char **words)
{
	signal(script_number(words[0]), on_foreign);
}

static void
do_ignore(char **words)
{
	signal(script_number(words[0]), SIG_IGN);
}

static void
do_odd(char **words)
{
	struct sigaction action = { .sa_handler = SIG_DFL,
	    .sa_flags = SA_NODEFER | SA_RESTART };

	sigaddset(&action.sa_mask, SIGHUP);
	sigaction(script_number(words[0]), &action, NULL);
}

static struct sigaction remembered;

static void
do_remember(char **words)
{
	sigaction(script_number(words[0]), NULL, &remembered);
}

static void
do_same(char **words)
{
	struct sigaction now;
	int same = 1;

	sigaction(script_number(words[0]), NULL, &now);
	for (int i = 1; i < 64; i++)
		same &= sigismember(&now.sa_mask, i) ==
		    sigismember(&remembered.sa_mask, i);
	tell("same %d", same && now.sa_handler == remembered.sa_handler &&
	    now.sa_flags == remembered.sa_flags);
}

static void
do_kill_locked(char **words)
{
	int signum = script_number(words[0]);
	char c;

	exits_lock();
	kill(getpid(), signum);
	die_if(read(script_in, &c, 1) != 1, "hear");
	exits_unlock();
	for (;;)
		pause();
}

static pthread_barrier_t barrier;

static void *
end_all(void *how)
{
	static atomic_int serial;
	int i = atomic_fetch_add(&serial, 1);
	int by_exit = strcmp(how, "exit") == 0 ||
	    (strcmp(how, "both") == 0 && i % 2 == 0);

	pthread_barrier_wait(&barrier);
	if (by_exit)
		exit(40);
	proclc_exit(40);
	return NULL;
}

static void
do_all_exit(char **words)
{
	unsigned n = (unsigned)script_number(words[1]);
	pthread_t thread;

	pthread_barrier_init(&barrier, NULL, n);
	for (unsigned i = 1; i < n; i++)
		die_if(pthread_create(&thread, NULL, end_all, words[0]) != 0,
		    "pthread_create");
	end_all(words[0]);
}

static void
be_init(void)
{
	char text[] = "register a say;install;kill 15";

	script_obey(text);
	for (;;)
		pause();
}

static void
do_init(char **words)
{
	int status;
	pid_t pid = kernel_fork_init();

	(void)words;
	if (pid == 0)
		be_init();
	if (pid < 0) {
		tell("init refused");
		return;
	}
	waitpid(pid, &status, 0);
	tell("init exited %d", WIFEXITED(status) ? WEXITSTATUS(status) : -1);
}

static const struct command commands[] = {
	{ "foreign", do_foreign }, { "ignore", do_ignore },
	{ "odd", do_odd }, { "remember", do_remember }, { "same", do_same },
	{ "kill_locked", do_kill_locked }, { "all_exit", do_all_exit },
	{ "init", do_init },
	{ NULL, NULL }
};

int
main(void)
{
	return exits_main(commands, NULL);
}
