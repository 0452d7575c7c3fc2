/*
 * epoll.c - the library in an event loop of the program's own.
 *
 *	epoll [MS]
 *
 * One loop for everything: a timer that starts a job, and again MS (1000)
 * milliseconds after it has ended; the end of the job; and signals.  HUP tells
 * how many jobs there were, TERM ends the program.
 *
 * In MANUAL mode the library gives the loop one descriptor to wait for, and
 * its callbacks run inside proclc_dispatch() only: on this thread, between
 * other events, so nothing here needs a lock.
 */
#include <proclc.h>

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

static int timer, jobs;
static long pause_ms = 1000;
static bool stopped;

static void
check(int rc, const char *what)
{
	if (rc >= 0)
		return;
	fprintf(stderr, "epoll: %s: %s\n", what, proclc_errmsg());
	exit(1);
}

/* ------------------------------------------------------------------- jobs */

/* In a child of its own. */
static int
work(void *self)
{
	return *(int *)self % 10;
}

static const struct proclc_task_ops job_ops = {
	.size = sizeof(job_ops),
	.name = "job",
	.run = work,
};

static void
start_timer(void)
{
	struct itimerspec at = { .it_interval.tv_sec = 0 };

	at.it_value.tv_sec = pause_ms / 1000;
	at.it_value.tv_nsec = pause_ms % 1000 * 1000000 + 1;	/* 0: never */
	timerfd_settime(timer, 0, &at, NULL);
}

/* The job has ended: called by the library. */
static void
job_ended(struct proclc_task *job, const struct proclc_status *status,
    void *user)
{
	(void)user;
	printf("job %d has ended with %d\n", jobs, status->code);
	proclc_task_free(job);
	start_timer();
}

/* The timer has expired: called by the loop. */
static void
start_job(void)
{
	struct proclc_task *job;
	uint64_t times;

	if (read(timer, &times, sizeof(times)) < 0)
		return;
	printf("job %d begins\n", ++jobs);
	check(proclc_task_new(&job, &job_ops, &jobs, sizeof(jobs), NULL),
	    "start");
	check(proclc_task_on_exit(job, job_ended, NULL), "on exit");
}

/* ---------------------------------------------------------------- signals */

static void
on_hup(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *user)
{
	(void)handler;
	(void)event;
	(void)user;
	printf("HUP: %d jobs so far\n", jobs);
}

static void
on_term(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *user)
{
	(void)handler;
	(void)user;
	printf("TERM from pid %d\n", (int)event->pid);
	stopped = true;
}

static struct proclc_sighandler *
handle_signals(void)
{
	struct proclc_sighandler *handler;

	check(proclc_sighandler_new(&handler, NULL), "signals");
	check(proclc_sighandler_set(handler, PROCLC_SIGHUP, on_hup, NULL),
	    "HUP");
	check(proclc_sighandler_set(handler, PROCLC_SIGTERM, on_term, NULL),
	    "TERM");
	check(proclc_sighandler_start(handler), "signals");
	return handler;
}

/* --------------------------------------------------------------- the loop */

static void
watch(int epoll, int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0)
		return;
	perror("epoll: watch");
	exit(1);
}

int
main(int argc, char **argv)
{
	struct proclc_sighandler *handler;
	struct epoll_event event;
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	if (argc > 1)
		pause_ms = atol(argv[1]);
	setvbuf(stdout, NULL, _IOLBF, 0);

	/* Before everything else of the library. */
	check(proclc_set_dispatch_mode(PROCLC_DISPATCH_MANUAL), "mode");
	check(proclc_dispatch_fd(), "descriptor");
	watch(epoll, proclc_dispatch_fd());
	timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	watch(epoll, timer);
	handler = handle_signals();
	start_timer();
	printf("ready\n");
	while (!stopped) {
		/* A signal interrupts the wait; that it has come is seen in
		 * the next turn, by the library's descriptor. */
		if (epoll_wait(epoll, &event, 1, -1) < 1)
			continue;
		if (event.data.fd == timer)
			start_job();
		else
			check(proclc_dispatch(0), "dispatch");
	}
	proclc_sighandler_free(handler);
	close(timer);
	close(epoll);
	return 0;	/* a job that still runs is ended by the library */
}
