/*
 * handler.c - to begin and to end handling a signal.
 *
 * The floor is what the kernel must be told: sigaction twice.  The library
 * also waits, at the end, until its thread lets the signal in no more and no
 * callback runs.
 */
#include <config.h>

#include <signal.h>
#include <string.h>

#include <proclc.h>

#include "bench.h"

static const int few[] = { SIGHUP, SIGUSR1, SIGUSR2, 0 };

static struct proclc_sighandler *object, *other;

static void
callback(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *user)
{
	(void)handler;
	(void)event;
	(void)user;
}

static void
nothing(int signum)
{
	(void)signum;
}

static void
catch_and_restore(const int *signums, size_t n)
{
	struct sigaction action = { .sa_handler = nothing }, old[4];

	sigfillset(&action.sa_mask);
	for (size_t i = 0; i < n; i++)
		bench_libc(sigaction(signums[i], &action, &old[i]),
		    "sigaction");
	for (size_t i = 0; i < n; i++)
		bench_libc(sigaction(signums[i], &old[i], NULL), "sigaction");
}

static void
actions_of_one(void)
{
	catch_and_restore(few, 1);
}

static void
actions_of_three(void)
{
	catch_and_restore(few, 3);
}

static void
one_action(void)
{
	struct sigaction action = { .sa_handler = nothing };

	sigfillset(&action.sa_mask);
	bench_libc(sigaction(SIGUSR1, &action, NULL), "sigaction");
}

static struct proclc_sighandler *
make(size_t n)
{
	struct proclc_sighandler *h;

	bench_proclc(proclc_sighandler_new(&h, NULL), "new");
	for (size_t i = 0; i < n; i++)
		bench_proclc(proclc_sighandler_set(h, few[i], callback, NULL),
		    "set");
	return h;
}

static const char *
make_one(void)
{
	object = make(1);
	return NULL;
}

static const char *
make_three(void)
{
	object = make(3);
	return NULL;
}

/* Another object has all three: no signal changes hands. */
static const char *
make_beside(void)
{
	other = make(3);
	bench_proclc(proclc_sighandler_start(other), "start");
	return make_three();
}

static const char *
make_running(void)
{
	object = make(3);
	bench_proclc(proclc_sighandler_start(object), "start");
	return NULL;
}

static void
cycle(void)
{
	bench_proclc(proclc_sighandler_start(object), "start");
	bench_proclc(proclc_sighandler_stop(object), "stop");
}

static void
whole_life(void)
{
	struct proclc_sighandler *h = make(1);

	bench_proclc(proclc_sighandler_start(h), "start");
	proclc_sighandler_free(h);
}

/* One value after the other, so that each call changes something. */
static void
replace(void)
{
	static int next;

	bench_proclc(proclc_sighandler_set(object, SIGUSR1, callback,
	    (next = !next) ? &next : NULL), "set");
}

static void
free_all(void)
{
	proclc_sighandler_free(object);
	proclc_sighandler_free(other);
}

static const struct bench_case
raw_one = { "2 sigaction", NULL, actions_of_one, NULL, NULL },
raw_three = { "6 sigaction", NULL, actions_of_three, NULL, NULL },
raw_replace = { "1 sigaction", NULL, one_action, NULL, NULL },
our_one = { "start, stop: 1 signal", make_one, cycle, NULL, free_all },
our_three = { "start, stop: 3 signals", make_three, cycle, NULL, free_all },
our_beside = { "the same, not the only", make_beside, cycle, NULL, free_all },
our_life = { "new, start, free", NULL, whole_life, NULL, NULL },
our_replace = { "set, while running", make_running, replace, NULL, free_all };

enum { N = 50 };

const struct bench_row rows_handler[] = {
	{ "handler", &raw_one, &our_one, N, 0, BENCH_MEDIAN },
	{ "handler", &raw_three, &our_three, N, 0, BENCH_MEDIAN },
	{ "handler", &raw_three, &our_beside, N, 0, BENCH_MEDIAN },
	{ "handler", &raw_one, &our_life, N, 0, BENCH_MEDIAN },
	{ "handler", &raw_replace, &our_replace, N, 0, BENCH_MEDIAN },
	{ NULL, NULL, NULL, 0, 0, BENCH_MEDIAN }
};
