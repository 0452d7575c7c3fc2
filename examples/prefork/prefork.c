/*
 * prefork.c - a pre-forking HTTP server, to show libproclc at work.
 *
 * A master listens and keeps N workers; each worker takes one connection
 * after the other from the same listening socket.  This file is the master:
 * read it from the bottom (main, the loop, the signals, the workers that it
 * keeps).  What a worker does stands in worker.c.
 *
 *	prefork [-f] [-p PORT] [-w WORKERS] [-P PID_FILE] [-l LOG_FILE]
 *
 * Reach it by its pid file: HUP replaces the workers, TERM ends it in order.
 */
#include <proclc.h>

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "http.h"
#include "prefork.h"

enum {
	WORKERS_MAX = 64,
	DELAY_LAST_MS = 5000,	/* before a worker runs again */
	DRAIN_MS = 10000,	/* for the requests in hand at the end */
};

static struct {
	int listener;
	int n_workers;
	struct worker workers[WORKERS_MAX];
	int replacing;	/* the next place to replace; n_workers: none */
	bool draining;
} server;

/* ------------------------------------------------------------ exit handlers */

/* Shared: registered by the master, it runs in every process of the server,
 * once, whatever ends it. */
static void
goodbye(void *user, const struct proclc_exit_cause *cause)
{
	(void)user;
	say("goodbye (shared handler, cause %d)", cause->kind);
}

/* The master's own: a worker that is forked later does not run it. */
static void
close_shop(void *user, const struct proclc_exit_cause *cause)
{
	(void)user;
	say("closing the listener (own handler, cause %d)", cause->kind);
	close(server.listener);
}

/* ------------------------------------------------- master: keeping workers */

static void
worker_changed(struct proclc_task *task, int state,
    const struct proclc_status *status, void *user);

/* A worker for this place.  Whatever ends it, it runs again, after a while that
 * grows as long as it does not last; unless it is freed then. */
static int
hire(struct worker *w)
{
	struct proclc_task_options options = PROCLC_TASK_OPTIONS_INIT;
	struct proclc_restart restart = PROCLC_RESTART_INIT;
	struct proclc_task *task;
	int rc;

	restart.when = PROCLC_RESTART_ALWAYS;
	restart.max_delay_ms = DELAY_LAST_MS;
	options.restart = &restart;
	rc = proclc_loop_new(&task, &worker_ops, w, sizeof(*w), &options);
	if (rc == 0) {
		rc = proclc_task_on_change(task, worker_changed, w);
		if (rc < 0)
			proclc_task_free(task);
	}
	if (rc < 0)
		say("worker %d: %s", w->number, proclc_errmsg());
	else
		w->task = task;
	return rc;
}

/* Tell it to finish what it has in hand.  One that has crashed, and waits to
 * run again, has nothing. */
static void
dismiss(struct proclc_task *task)
{
	if (proclc_task_kill(task, PROCLC_SIGTERM) == PROCLC_ESRCH)
		proclc_task_shutdown(task, PROCLC_NOW, NULL);
}

/* Replace the worker of the next place: first the new one is ready, then the
 * old one is told to finish.  Without a new one the old one stays. */
static void
replace_next(void)
{
	struct worker *w;

	while (server.replacing < server.n_workers) {
		w = &server.workers[server.replacing++];
		w->leaving = w->task;
		if (hire(w) < 0) {
			w->leaving = NULL;
			continue;
		}
		if (w->leaving == NULL)
			continue;
		dismiss(w->leaving);
		return;
	}
	say("all workers are new");
}

/* A worker has come to another state: called inside proclc_dispatch(), like
 * every callback. */
static void
worker_changed(struct proclc_task *task, int state,
    const struct proclc_status *status, void *user)
{
	struct worker *w = user;
	bool leaving = task == w->leaving;

	if (state < PROCLC_TASK_BACKING_OFF)
		return;
	say("worker %d has ended (code %d, signal %d)", w->number,
	    status->code, status->signum);
	if (state == PROCLC_TASK_BACKING_OFF && !leaving && !server.draining)
		return;
	proclc_task_free(task);
	if (!leaving) {
		w->task = NULL;
		return;
	}
	w->leaving = NULL;
	if (!server.draining)
		replace_next();
}

static void
tell_all_to_finish(void)
{
	for (int i = 0; i < server.n_workers; i++)
		if (server.workers[i].task != NULL)
			dismiss(server.workers[i].task);
}

/* --------------------------------------------------------- master: signals */

static void
on_hup(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *user)
{
	bool idle = server.replacing == server.n_workers;

	(void)handler;
	(void)user;
	say("HUP from pid %d: replacing the workers", (int)event->pid);
	/* While a replacement is under way it begins anew, with the next. */
	server.replacing = 0;
	if (idle)
		replace_next();
}

static void
on_term(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *user)
{
	(void)handler;
	(void)user;
	say("TERM from pid %d: draining", (int)event->pid);
	server.draining = true;
	tell_all_to_finish();
}

static int
handle_signals(void)
{
	struct proclc_sighandler *handler;
	int rc = proclc_sighandler_new(&handler, NULL);

	if (rc == 0)
		rc = proclc_sighandler_set(handler, PROCLC_SIGHUP, on_hup,
		    NULL);
	if (rc == 0)
		rc = proclc_sighandler_set(handler, PROCLC_SIGTERM, on_term,
		    NULL);
	if (rc == 0)
		rc = proclc_sighandler_set(handler, PROCLC_SIGINT, on_term,
		    NULL);
	return rc < 0 ? rc : proclc_sighandler_start(handler);
}

/* ------------------------------------------------------------ master: loop */

static int
live_workers(void)
{
	int n = 0;

	for (int i = 0; i < server.n_workers; i++)
		n += (server.workers[i].task != NULL) +
		    (server.workers[i].leaving != NULL);
	return n;
}

/* An event loop of the program's own: one descriptor of the library is enough
 * to hear of signals and of children. */
static void
serve(void)
{
	struct pollfd wait = { .fd = proclc_dispatch_fd(), .events = POLLIN };
	int64_t drained = 0;
	int timeout;

	while (!server.draining || live_workers() > 0) {
		if (server.draining && drained == 0)
			drained = now_ms() + DRAIN_MS;
		if (server.draining && now_ms() >= drained)
			break;	/* exit ends who is left */
		timeout = server.draining ? (int)(drained - now_ms()) : -1;
		poll(&wait, 1, timeout);
		proclc_dispatch(0);
	}
	say("drained");
}

/* Say it to the log, and to whoever started us. */
static void
give_up(const char *step, const char *why)
{
	char line[256];

	snprintf(line, sizeof(line), "prefork: %s: %s", step, why);
	say("%s", line);
	proclc_daemon_fail(1, line);
}

static int
open_shop(void)
{
	/* The newest runs first: the listener is closed, then goodbye. */
	if (proclc_atexit_register(goodbye, NULL, PROCLC_ATEXIT_SHARED) < 0 ||
	    proclc_atexit_register(close_shop, NULL, 0) < 0)
		return -1;
	server.replacing = server.n_workers;
	for (int i = 0; i < server.n_workers; i++) {
		server.workers[i].number = i;
		server.workers[i].listener = server.listener;
		if (hire(&server.workers[i]) < 0)
			return -1;
	}
	return 0;
}

static int
usage(const char *name)
{
	fprintf(stderr, "usage: %s [-f] [-p PORT] [-w WORKERS] "
	    "[-P PID_FILE] [-l LOG_FILE] [-r READY_FD]\n", name);
	return 64;
}

int
main(int argc, char **argv)
{
	struct proclc_daemon_options options = PROCLC_DAEMON_OPTIONS_INIT;
	unsigned short port = 8080;
	bool foreground = false;
	int option, ready_fd = -1;

	server.n_workers = 4;
	while ((option = getopt(argc, argv, "fp:w:P:l:r:")) != -1) {
		switch (option) {
		case 'f':
			foreground = true;
			break;
		case 'p':
			port = (unsigned short)atoi(optarg);
			break;
		case 'w':
			server.n_workers = atoi(optarg);
			break;
		case 'P':
			options.pid_file = optarg;
			break;
		case 'l':
			options.stdout_path = options.stderr_path = optarg;
			break;
		case 'r':
			ready_fd = atoi(optarg);
			break;
		default:
			return usage(argv[0]);
		}
	}
	if (server.n_workers < 1 || server.n_workers > WORKERS_MAX)
		return usage(argv[0]);

	options.flags = PROCLC_DAEMON_WAIT_READY;
	if (proclc_set_dispatch_mode(PROCLC_DISPATCH_MANUAL) < 0 ||
	    (!foreground && proclc_daemonize(&options) < 0)) {
		fprintf(stderr, "%s: %s\n", argv[0], proclc_errmsg());
		return 1;
	}
	/* From here on in the daemon.  The one who started it waits for a
	 * word: ready, or what went wrong. */
	if (handle_signals() < 0)
		give_up("signals", proclc_errmsg());
	server.listener = http_listen(&port);
	if (server.listener < 0)
		give_up("listen", strerror(errno));
	if (open_shop() < 0)
		give_up("workers", proclc_errmsg());
	say("listening on 127.0.0.1:%d with %d workers", port,
	    server.n_workers);
	proclc_daemon_ready();
	proclc_notify_ready();
	if (ready_fd >= 0)
		proclc_notify_ready_fd(ready_fd);
	serve();
	proclc_notify_stopping();
	return 0;
}
