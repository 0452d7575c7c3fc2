/*
 * orphan.c - from the parent's end to the child's first act.
 *
 * The worker kills a child of its own and takes the time until that one's
 * child looks at the clock.  The kernel takes the dead one's memory away
 * first, which is the most of it.
 */
#include <config.h>

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <proclc.h>

#include "place.h"

static int64_t *acted;	/* shared with all children */

static void
act(void)
{
	*acted = bench_now_ns();
	_exit(0);
}

static void
act_on_signal(int signum)
{
	(void)signum;
	act();
}

/* Two processes down, and to be waited for all the same. */
static const char *
set_up(void)
{
	acted = mmap(NULL, sizeof(*acted), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (acted == MAP_FAILED)
		bench_libc(-1, "mmap");
	bench_libc(prctl(PR_SET_CHILD_SUBREAPER, 1), "prctl");
	return NULL;
}

static _Noreturn void
be_child(void (*arm)(void), int ready)
{
	arm();
	if (write(ready, "", 1) != 1)
		_exit(1);
	for (;;)
		pause();
}

static _Noreturn void
be_parent(void (*arm)(void), int ready)
{
	pid_t pid = fork();

	bench_libc(pid, "fork");
	if (pid == 0)
		be_child(arm, ready);
	for (;;)
		pause();
}

static int64_t
react(void (*arm)(void))
{
	int64_t killed;
	int ready[2], status;
	char byte;
	pid_t pid;

	bench_libc(pipe(ready), "pipe");
	pid = raw_fork();
	if (pid == 0)
		be_parent(arm, ready[1]);
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1)
		bench_fatal("the child is gone");
	close(ready[0]);
	*acted = 0;
	killed = bench_now_ns();
	bench_libc(kill(pid, SIGKILL), "kill");
	while ((pid = wait(&status)) > 0)
		continue;
	if (*acted == 0)
		bench_fatal("the child has not acted");
	return *acted - killed;
}

static int64_t
react_often(void (*arm)(void), unsigned n)
{
	int64_t sum = 0;

	for (unsigned i = 0; i < n; i++)
		sum += react(arm);
	return sum;
}

/* --- by a signal, in its handler --- */

static void
arm_signal(void)
{
	struct sigaction action = { .sa_handler = act_on_signal };

	sigfillset(&action.sa_mask);
	bench_libc(sigaction(SIGUSR1, &action, NULL), "sigaction");
	bench_libc(prctl(PR_SET_PDEATHSIG, SIGUSR1), "prctl");
}

/* --- by a thread that polls a handle --- */

static void *
poll_parent(void *pidfd)
{
	struct pollfd entry = {
		.fd = (int)(intptr_t)pidfd, .events = POLLIN
	};

	if (ppoll(&entry, 1, NULL, NULL) == 1)
		act();
	return NULL;
}

static void
arm_thread(void)
{
	intptr_t pidfd = raw_pidfd_open(getppid());
	pthread_t id;

	bench_libc((int)pidfd, "pidfd_open");
	if (pthread_create(&id, NULL, poll_parent, (void *)pidfd) != 0)
		bench_fatal("no thread");
}

/* --- the library --- */

static void
on_orphaned(struct proclc_orphan *watch, void *user)
{
	(void)watch;
	(void)user;
	act();
}

static void
arm_callback(void)
{
	struct proclc_orphan *watch;

	bench_proclc(proclc_orphan_new(&watch, NULL), "new");
	bench_proclc(proclc_orphan_add_callback(watch, on_orphaned, NULL),
	    "callback");
	bench_proclc(proclc_orphan_start(watch), "start");
}

static void
on_exit_of_child(void *user, const struct proclc_exit_cause *cause)
{
	(void)user;
	if (cause->kind == PROCLC_EXIT_ORPHANED)
		act();
}

static void
arm_exit(void)
{
	bench_proclc(proclc_atexit_register(on_exit_of_child, NULL, 0),
	    "register");
	bench_proclc(proclc_exit_when_orphaned(), "exit when orphaned");
}

#define CASE(which, text) \
	static int64_t \
	run_##which(unsigned n) \
	{ \
		return react_often(arm_##which, n); \
	} \
	static const struct bench_case by_##which = { \
		text, set_up, NULL, run_##which, NULL \
	}

CASE(signal, "PDEATHSIG, its handler");
CASE(thread, "bare: pidfd, ppoll thread");
CASE(callback, "watch: its callback");
CASE(exit, "watch: exit handler");

enum { N = 3 };

const struct bench_row rows_orphan[] = {
	{ "orphan", &by_signal, &by_callback, N, 1.6, BENCH_MEDIAN },
	{ "orphan", &by_signal, &by_exit, N, 1.6, BENCH_MEDIAN },
	{ "orphan", &by_thread, &by_callback, N, 0, BENCH_MEDIAN },
	{ "orphan", &by_thread, &by_exit, N, 0, BENCH_MEDIAN },
	{ "orphan", &by_signal, &by_thread, N, 0, BENCH_MEDIAN },
	{ NULL, NULL, NULL, 0, 0, BENCH_MEDIAN }
};
