/*
 * latency.c - from the sender's kill to ordinary code.
 *
 * Two processes that receive by the same mechanism answer each other's signal;
 * half of a round trip is one way.
 */
#include <config.h>

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <unistd.h>

#include "mechanism.h"
#include "place.h"

static const int ball[] = { SIGUSR1, 0 };

static const struct mechanism *mechanism;
static pid_t partner;
static _Atomic unsigned left;
static sem_t done;

static void
strike(void)
{
	bench_libc(kill(partner, ball[0]), "kill");
}

static void
return_it(int signum)
{
	(void)signum;
	strike();
}

static void
count_it(int signum)
{
	(void)signum;
	if (atomic_fetch_sub(&left, 1) > 1)
		strike();
	else
		sem_post(&done);
}

/* The partner's whole life. */
static _Noreturn void
play(pid_t worker, int ready)
{
	bool good;

	partner = worker;
	/* If not, the worker's does not either, and says why. */
	good = mechanism->start(ball, return_it) == NULL;
	if (write(ready, "", 1) != 1)
		_exit(1);
	while (good && mechanism->pump != NULL)
		mechanism->pump();
	for (;;)
		pause();
}

static const char *
set_up(const struct mechanism *by)
{
	pid_t self = getpid();
	int ready[2];
	char byte;
	sigset_t set;

	mechanism = by;
	sem_init(&done, 0, 0);
	sigemptyset(&set);
	sigaddset(&set, ball[0]);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	bench_libc(pipe(ready), "pipe");
	partner = raw_fork();
	if (partner == 0)
		play(self, ready[1]);
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1)
		bench_fatal("the partner is gone");
	close(ready[0]);
	return mechanism->start(ball, count_it);
}

static int64_t
run(unsigned n)
{
	int64_t start = bench_now_ns();

	atomic_store(&left, n);
	strike();
	while (mechanism->pump != NULL && atomic_load(&left) > 0)
		mechanism->pump();
	while (sem_wait(&done) != 0 && errno == EINTR)
		continue;
	return (bench_now_ns() - start) / 2;
}

#define CASE(which, text) \
	static const char * \
	set_up_##which(void) \
	{ \
		return set_up(&mechanism_##which); \
	} \
	static const struct bench_case by_##which = { \
		text, set_up_##which, NULL, run, NULL \
	}

CASE(sigwait, "sigwaitinfo thread");
CASE(handler, "bare handler");
CASE(signalfd, "bare signalfd thread");
CASE(pipe, "bare self-pipe");
CASE(thread, "bare handler thread");
CASE(steer, "bare handler, sent on");
CASE(ours, "THREAD, blocked elsewhere");
CASE(ours_open, "THREAD, open elsewhere");
CASE(ours_poll, "MANUAL, polled");
CASE(ours_dispatch, "MANUAL, waiting");

enum { N = 100 };

const struct bench_row rows_latency[] = {
	{ "latency", &by_sigwait, &by_ours, N, 2.1, BENCH_MEDIAN },
	{ "latency", &by_sigwait, &by_ours_open, N, 4.2, BENCH_MEDIAN },
	{ "latency", &by_sigwait, &by_ours_poll, N, 2.1, BENCH_MEDIAN },
	{ "latency", &by_sigwait, &by_ours_dispatch, N, 2.1, BENCH_MEDIAN },
	{ "latency", &by_thread, &by_ours, N, 0, BENCH_MEDIAN },
	{ "latency", &by_steer, &by_ours_open, N, 0, BENCH_MEDIAN },
	{ "latency", &by_pipe, &by_ours_poll, N, 0, BENCH_MEDIAN },
	{ "latency", &by_sigwait, &by_thread, N, 0, BENCH_MEDIAN },
	{ "latency", &by_sigwait, &by_steer, N, 0, BENCH_MEDIAN },
	{ "latency", &by_sigwait, &by_pipe, N, 0, BENCH_MEDIAN },
	{ "latency", &by_sigwait, &by_signalfd, N, 0, BENCH_MEDIAN },
	{ "latency", &by_sigwait, &by_handler, N, 0, BENCH_MEDIAN },
	{ NULL, NULL, NULL, 0, 0, BENCH_MEDIAN }
};
