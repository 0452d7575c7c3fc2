/*
 * signals.c - a program that is reached by its pid file.
 *
 *	signals FILE           hold FILE; HUP reloads, TERM ends
 *	signals FILE SIGNAL    send SIGNAL ("TERM") to whoever holds FILE
 */
#include <proclc.h>

#include <semaphore.h>
#include <stdio.h>

/* Callbacks are no signal handlers: they may print, lock and allocate. */
static void
reload(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *user)
{
	(void)handler;
	(void)user;
	printf("reload, says pid %d\n", (int)event->pid);
}

static void
stop(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *user)
{
	(void)handler;
	printf("stop, says pid %d\n", (int)event->pid);
	sem_post(user);
}

static int
serve(const char *path)
{
	struct proclc_sighandler *handler;
	struct proclc_pidfile *file;
	sem_t stopped;

	sem_init(&stopped, 0, 0);
	/* The pid comes into the file last: who reads it reaches us. */
	if (proclc_pidfile_open(&file, path, NULL) < 0 ||
	    proclc_sighandler_new(&handler, path) < 0 ||
	    proclc_sighandler_set(handler, PROCLC_SIGHUP, reload, NULL) < 0 ||
	    proclc_sighandler_set(handler, PROCLC_SIGTERM, stop,
	    &stopped) < 0 ||
	    proclc_sighandler_start(handler) < 0 ||
	    proclc_pidfile_write(file) < 0)
		return -1;
	printf("ready\n");
	while (sem_wait(&stopped) != 0)     /* a program has its work here */
		continue;
	proclc_pidfile_remove(file);
	proclc_sighandler_free(handler);
	return 0;
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
