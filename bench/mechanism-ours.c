/* mechanism-ours.c - signals to ordinary code, by the library. */
#include <config.h>

#include "mechanism.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>

#include <proclc.h>

#include "bench.h"

static void (*call)(int signum);
static struct pollfd entry = { .events = POLLIN };

static void
on_signal(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *user)
{
	(void)handler;
	(void)user;
	call(event->signum);
}

static const char *
start(signals of, void (*fn)(int signum))
{
	struct proclc_sighandler *h;

	call = fn;
	bench_proclc(proclc_sighandler_new(&h, NULL), "new");
	for (; *of != 0; of++)
		bench_proclc(proclc_sighandler_set(h, *of, on_signal, NULL),
		    "set");
	bench_proclc(proclc_sighandler_start(h), "start");
	return NULL;
}

const struct mechanism mechanism_ours = { start, NULL };

static const char *
start_open(signals of, void (*fn)(int signum))
{
	sigset_t set;

	sigemptyset(&set);
	for (signals s = of; *s != 0; s++)
		sigaddset(&set, *s);
	start(of, fn);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	return NULL;
}

const struct mechanism mechanism_ours_open = { start_open, NULL };

static const char *
start_manual(signals of, void (*fn)(int signum))
{
	int rc = proclc_set_dispatch_mode(PROCLC_DISPATCH_MANUAL);

	if (rc == PROCLC_ENOTSUP)
		return "MANUAL is not to be had here";
	bench_proclc(rc, "MANUAL");
	entry.fd = proclc_dispatch_fd();
	bench_proclc(entry.fd, "proclc_dispatch_fd");
	return start_open(of, fn);
}

static void
pump_poll(void)
{
	if (poll(&entry, 1, -1) == 1)
		bench_proclc(proclc_dispatch(0), "proclc_dispatch");
}

static void
pump_dispatch(void)
{
	bench_proclc(proclc_dispatch(PROCLC_FOREVER), "proclc_dispatch");
}

const struct mechanism mechanism_ours_poll = { start_manual, pump_poll };
const struct mechanism mechanism_ours_dispatch = {
	start_manual, pump_dispatch
};
