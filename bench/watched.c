/* watched.c - children that watch their parent, by bare calls. */
#include <config.h>

#include "watched.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <unistd.h>

#include "bench.h"

static void
nothing(int signum)
{
	(void)signum;
}

static void *
watch(void *pidfd)
{
	struct pollfd entry = {
		.fd = (int)(intptr_t)pidfd, .events = POLLIN
	};
	sigset_t mask;

	sigfillset(&mask);
	sigdelset(&mask, SIGTERM);
	/* Its end, or a signal. */
	ppoll(&entry, 1, NULL, &mask);
	sigaction(SIGTERM, &(struct sigaction){ .sa_handler = SIG_DFL }, NULL);
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	kill(getpid(), SIGTERM);
	return NULL;
}

void
watched_begin(int parent_pidfd)
{
	sigset_t all, saved;
	pthread_t id;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &saved);
	bench_libc(sigaction(SIGTERM, &(struct sigaction){
	    .sa_handler = nothing }, NULL), "sigaction");
	if (pthread_create(&id, NULL, watch,
	    (void *)(intptr_t)parent_pidfd) != 0)
		bench_fatal("no thread");
	/* The thread is the one for SIGTERM. */
	sigaddset(&saved, SIGTERM);
	pthread_sigmask(SIG_SETMASK, &saved, NULL);
}
