/*
 * Under fire, on several sides: see shots.h, objects.h, and
 *
 *	forks SIG N HOW   N children: fork, quiet, raw, vfork
 *	beside SIG N      start and stop in a thread that does not get it
 *	first SIG N       N threads start the first objects there are, at once
 * Each tells what went wrong, as a number.
 */
#define _GNU_SOURCE 1

#include "shots.h"
#include "../kernel.h"
#include "../toolkit/os.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
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

/* The main thread is under fire, another one starts and stops. */

struct beside {
	int signum, n;
};

static void *
run_beside(void *arg)
{
	const struct beside *b = arg;
	struct proclc_sighandler *h;

	shots_check(proclc_sighandler_new(&h, NULL));
	shots_check(proclc_sighandler_set(h, b->signum, shots_count, NULL));
	for (int i = 0; i < b->n; i++) {
		shots_object_start(h);
		if (i % 10 == 0)
			sched_yield();
		if (shots_foreign_is_in(b->signum))
			shots_fault("not installed by start");
		shots_check(proclc_sighandler_stop(h));
		shots_object_stopped(b->signum);
	}
	proclc_sighandler_free(h);
	return NULL;
}

static void
do_beside(char **words)
{
	struct beside b = { script_number(words[0]), script_number(words[1]) };
	sigset_t one, before;
	pthread_t thread;

	shots_begin(b.signum);
	sigemptyset(&one);
	sigaddset(&one, b.signum);
	pthread_sigmask(SIG_BLOCK, &one, &before);
	pthread_create(&thread, NULL, run_beside, &b);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	shots_start(b.signum, SENDERS, 0);
	pthread_join(thread, NULL);
	shots_end(SENDERS);
	tell("wrong %d", atomic_load(&shots_wrong));
}

/* Many threads need the dispatcher for the first time. */

enum { MAX_STARTERS = 16 };

static pthread_barrier_t barrier;

static void *
start_first(void *arg)
{
	struct proclc_sighandler *h;

	pthread_barrier_wait(&barrier);
	shots_check(proclc_sighandler_new(&h, NULL));
	shots_check(proclc_sighandler_set(h, *(int *)arg, shots_count, NULL));
	shots_object_start(h);
	return NULL;
}

static int
dispatchers(void)
{
	struct os_thread *list;
	int n = os_threads(&list), found = 0;

	for (int i = 0; i < n; i++)
		found += strcmp(list[i].name, "proclc") == 0;
	free(list);
	return found;
}

/* The objects stay: the program ends with them. */
static void
do_first(char **words)
{
	int signum = script_number(words[0]), n = script_number(words[1]);
	pthread_t threads[MAX_STARTERS];

	shots_begin(signum);
	pthread_barrier_init(&barrier, NULL, (unsigned)n);
	for (int i = 0; i < n; i++)
		pthread_create(&threads[i], NULL, start_first, &signum);
	for (int i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
	kill(getpid(), signum);
	while (atomic_load(&shots_delivered) < n)
		sched_yield();
	tell("dispatchers %d", dispatchers());
	tell("wrong %d", atomic_load(&shots_wrong));
}

static const struct command commands[] = {
	{ "forks", do_forks }, { "first", do_first },
	{ "beside", do_beside },
	{ NULL, NULL }
};

int
main(void)
{
	objects_begin();
	return script_main(commands, object_commands);
}
