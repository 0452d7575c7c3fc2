/*
 * signals.c - a program that is reached by its pid file.
 *
 *	signals FILE           hold FILE; HUP reloads, TERM ends
 *	signals FILE SIGNAL    send SIGNAL ("TERM") to whoever holds FILE
 */
#include <proclc.h>

#include <stdio.h>

/* No signal handler, but a callback: it may print, lock and allocate. */
static void
reload(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *user)
{
	(void)handler;
	printf("reload %s, says pid %d\n", (char *)user, (int)event->pid);
}

static int
serve(char *path)
{
	struct proclc_sighandler *handler;
	struct proclc_pidfile *file;
	int signum;

	/* The pid is written last: from then on a signal finds its handler. */
	if (proclc_pidfile_open(&file, path, NULL) < 0 ||
	    proclc_sighandler_new(&handler, path) < 0 ||
	    proclc_sighandler_set(handler, PROCLC_SIGHUP, reload, path) < 0 ||
	    proclc_sighandler_set(handler, PROCLC_SIGTERM, PROCLC_SIGNAL_WAIT,
	    NULL) < 0 || proclc_sighandler_start(handler) < 0 ||
	    proclc_pidfile_write(file) < 0)
		return -1;
	printf("ready\n");
	do {	/* callbacks run in here */
		signum = proclc_sighandler_wait(handler, PROCLC_FOREVER);
	} while (signum >= 0 && signum != PROCLC_SIGTERM);
	printf("stop\n");
	proclc_pidfile_remove(file);
	proclc_sighandler_free(handler);
	return signum < 0 ? -1 : 0;
}

int
main(int argc, char **argv)
{
	int signum = argc == 3 ? proclc_signal_number(argv[2]) : 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if ((argc == 2 && serve(argv[1]) == 0) ||
	    (argc == 3 && signum > 0 && proclc_send(argv[1], signum) == 0))
		return 0;
	fprintf(stderr, "signals: %s\n", argc == 2 || argc == 3 ?
	    proclc_errmsg() : "FILE [SIGNAL]");
	return 1;
}
