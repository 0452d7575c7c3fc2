/*
 * Ends of a process, told what to do line by line: see exits.h, and
 *
 *	foreign SIG; ignore SIG; odd SIG     what the signal does
 *	remember SIG; same SIG               is its action, bit by bit, as then?
 *	kill_locked SIG      to itself, in the thread that holds the
 *	                     mutex, until it hears a line
 *	all_exit HOW N       N threads at once: exit, proclc_exit, both
 *	init                 all of it as pid 1
 *	hold                 another thread has the lock of stdin, for ever
 *	no_queue             no signal may carry anything
 *	text FILE TEXT       in a stream, not written yet
 *	crash HOW            segv, abort, overflow (of the stack); or raise HOW,
 *	                     a number; crash_beside HOW, in another thread,
 *	                     which has a stack for that
 */
#define _GNU_SOURCE 1

#include "exits.h"
#include "../kernel.h"

#include <proclc.h>

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

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

static void *
hold_stdin(void *told)
{
	flockfile(stdin);
	atomic_store((atomic_bool *)told, true);
	while (pause() != 0)
		continue;
	return told;
}

static void
do_hold(char **words)
{
	static atomic_bool told;
	pthread_t thread;

	(void)words;
	die_if(pthread_create(&thread, NULL, hold_stdin, &told) != 0,
	    "thread");
	while (!atomic_load(&told))
		sched_yield();
}

static void
do_no_queue(char **words)
{
	struct rlimit none = { 0, 0 };

	(void)words;
	die_if(setrlimit(RLIMIT_SIGPENDING, &none) != 0, "setrlimit");
	tell("no queue");
}

static volatile int depth;

/* Until the stack is used up. */
static int
overflow(int n)
{
	volatile char room[4096];

	room[0] = (char)n;
	depth = n;
	return n < 0 ? 0 : overflow(n + 1) + room[0];
}

static void
do_crash(char **words)
{
	volatile int *volatile nowhere = NULL;

	if (strcmp(words[0], "segv") == 0)
		*nowhere = 1;
	else if (strcmp(words[0], "abort") == 0)
		abort();
	else if (strcmp(words[0], "overflow") == 0)
		depth = overflow(1);
	else
		raise(script_number(words[0]));
	tell("not crashed");
}

static void *
crash_there(void *words)
{
	die_if(proclc_crash_thread() != 0, "crash_thread");
	do_crash(words);
	return words;
}

static void
do_crash_beside(char **words)
{
	pthread_t thread;

	die_if(pthread_create(&thread, NULL, crash_there, words) != 0,
	    "thread");
	pthread_join(thread, NULL);
}

static void
do_text(char **words)
{
	FILE *file = fopen(words[0], "w");

	die_if(file == NULL, words[0]);
	fprintf(file, "%s", words[1]);
}

static const struct command commands[] = {
	{ "foreign", do_foreign }, { "ignore", do_ignore },
	{ "odd", do_odd }, { "remember", do_remember }, { "same", do_same },
	{ "kill_locked", do_kill_locked }, { "all_exit", do_all_exit },
	{ "init", do_init }, { "hold", do_hold }, { "text", do_text },
	{ "no_queue", do_no_queue }, { "crash", do_crash },
	{ "crash_beside", do_crash_beside },
	{ NULL, NULL }
};

int
main(void)
{
	return exits_main(commands, NULL);
}
