/* signals FILE: hold a pid file; HUP reloads, TERM ends.
 * signals FILE SIGNAL: send it ("TERM") to whoever holds FILE. */
#include <proclc.h>
#include <stdio.h>

/* No signal handler, but a callback: it may print, lock and allocate. */
static void
reload(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *path)
{
	(void)handler;
	printf("reload %s, says pid %d\n", (char *)path, (int)event->pid);
}

int
main(int argc, char **argv)
{
	struct proclc_sighandler *h;
	struct proclc_pidfile *file;
	int signum = argc > 2 ? proclc_signal_number(argv[2]) : 0;

	setvbuf(stdout, NULL, _IONBF, 0);
	if (argc > 2 && signum > 0 && proclc_send(argv[1], signum) == 0)
		return 0;
	/* The pid is written last: then a signal finds its handler. */
	if (argc != 2 || proclc_pidfile_open(&file, argv[1], NULL) < 0 ||
	    proclc_sighandler_new(&h, argv[1]) < 0 ||
	    proclc_sighandler_set(h, PROCLC_SIGHUP, reload, argv[1]) < 0 ||
	    proclc_sighandler_set(h, PROCLC_SIGTERM, PROCLC_SIGNAL_WAIT,
	    NULL) < 0 || proclc_sighandler_start(h) < 0 ||
	    proclc_pidfile_write(file) < 0) {
		fprintf(stderr, "signals: %s\n", argc > 1 ? proclc_errmsg() :
		    "FILE [SIGNAL]");
		return 1;
	}
	puts("ready");
	while (signum >= 0 && signum != PROCLC_SIGTERM)
		signum = proclc_sighandler_wait(h, PROCLC_FOREVER);
	puts("stop");
	proclc_pidfile_remove(file);
	proclc_sighandler_free(h);
	return 0;
}
