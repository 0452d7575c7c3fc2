/*
 * storm.c - many signals at once.
 *
 * One process sends n signals as fast as it can and then another, higher one,
 * which the kernel hands out after them: when that has come to ordinary code,
 * all is done.  In a storm they are ordinary signals, of which the kernel
 * keeps one; in a burst real-time ones, of which it keeps all.
 */
#include <config.h>

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <unistd.h>

#include "mechanism.h"
#include "place.h"

static const struct mechanism *mechanism;
static int kinds[3];	/* the signal, the last one, 0 */
static int orders;	/* to the sender: how many */
static _Atomic bool ended;
static sem_t done;

static void
count_down(int signum)
{
	if (signum == kinds[1]) {
		atomic_store(&ended, true);
		sem_post(&done);
	}
}

/* A full queue takes more when the receiver has had some. */
static void
queue(pid_t to, int signum)
{
	while (sigqueue(to, signum, (union sigval){ .sival_int = 0 }) != 0) {
		if (errno != EAGAIN)
			_exit(1);
		sched_yield();
	}
}

static _Noreturn void
send_all(pid_t to, int orders_in)
{
	unsigned n;

	while (read(orders_in, &n, sizeof(n)) == sizeof(n)) {
		while (n-- > 0)
			queue(to, kinds[0]);
		queue(to, kinds[1]);
	}
	_exit(0);
}

static const char *
set_up(const struct mechanism *by, int first, int last)
{
	pid_t self = getpid();
	int ends[2];
	sigset_t set;

	mechanism = by;
	kinds[0] = first;
	kinds[1] = last;
	sem_init(&done, 0, 0);
	sigemptyset(&set);
	sigaddset(&set, first);
	sigaddset(&set, last);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	bench_libc(pipe(ends), "pipe");
	if (raw_fork() == 0) {
		close(ends[1]);
		send_all(self, ends[0]);
	}
	close(ends[0]);
	orders = ends[1];
	return mechanism->start(kinds, count_down);
}

static int64_t
run(unsigned n)
{
	int64_t start = bench_now_ns();

	atomic_store(&ended, false);
	if (write(orders, &n, sizeof(n)) != sizeof(n))
		bench_fatal("the sender is gone");
	while (mechanism->pump != NULL && !atomic_load(&ended))
		mechanism->pump();
	while (sem_wait(&done) != 0 && errno == EINTR)
		continue;
	return bench_now_ns() - start;
}

#define CASE(kind, which, first, last, text) \
	static const char * \
	set_up_##kind##_##which(void) \
	{ \
		return set_up(&mechanism_##which, first, last); \
	} \
	static const struct bench_case kind##_##which = { \
		text, set_up_##kind##_##which, NULL, run, NULL \
	}
#define STORM(which, text) CASE(storm, which, SIGUSR1, SIGUSR2, text)
#define BURST(which, text) CASE(burst, which, SIGRTMIN + 2, SIGRTMIN + 3, text)

STORM(sigwait, "sigwaitinfo thread");
STORM(thread, "bare handler thread");
STORM(ours, "THREAD, blocked elsewhere");
STORM(ours_open, "THREAD, open elsewhere");
STORM(ours_poll, "MANUAL, polled");
BURST(sigwait, "sigwaitinfo thread");
BURST(signalfd, "bare signalfd thread");
BURST(thread, "bare handler thread");
BURST(ours, "THREAD, blocked elsewhere");
BURST(ours_poll, "MANUAL, polled");

enum { N = 500 };

const struct bench_row rows_storm[] = {
	{ "storm", &storm_sigwait, &storm_ours, N, 0, BENCH_MEDIAN },
	{ "storm", &storm_sigwait, &storm_ours_open, N, 0, BENCH_MEDIAN },
	{ "storm", &storm_sigwait, &storm_ours_poll, N, 0, BENCH_MEDIAN },
	{ "storm", &storm_sigwait, &storm_thread, N, 0, BENCH_MEDIAN },
	{ "burst", &burst_sigwait, &burst_ours, N, 1.1, BENCH_MEDIAN },
	{ "burst", &burst_sigwait, &burst_ours_poll, N, 1.1, BENCH_MEDIAN },
	{ "burst", &burst_sigwait, &burst_thread, N, 0, BENCH_MEDIAN },
	{ "burst", &burst_sigwait, &burst_signalfd, N, 0, BENCH_MEDIAN },
	{ NULL, NULL, NULL, 0, 0, BENCH_MEDIAN }
};
