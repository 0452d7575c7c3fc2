/*
 * daemon.c - a daemon with its commands.
 *
 *	daemon start DIR [USER]    in DIR: its pid file, its log
 *	daemon status DIR          who is it?
 *	daemon rotate DIR          write to a new log
 *	daemon stop DIR            and wait for its end
 */
#include <proclc.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char pid_file[1000], log_file[1000];

static int
complain(void)
{
	fprintf(stderr, "daemon: %s\n", proclc_errmsg());
	return 1;
}

/* No signal handler, but a callback: it may open files and print. */
static void
rotate(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *user)
{
	(void)handler;
	(void)event;
	(void)user;
	if (proclc_daemon_reopen_logs() < 0)
		printf("%s\n", proclc_errmsg());
	else
		printf("a new log\n");
	fflush(stdout);
}

/* All that can fail is done before the daemon says that it is ready: the user
 * reads of it on the terminal, and start ends with 1. */
static struct proclc_sighandler *
set_up(void)
{
	struct proclc_sighandler *handler;

	if (proclc_sighandler_new(&handler, NULL) < 0 ||
	    proclc_sighandler_set(handler, PROCLC_SIGHUP, rotate, NULL) < 0 ||
	    proclc_sighandler_set(handler, PROCLC_SIGTERM, PROCLC_SIGNAL_WAIT,
	    NULL) < 0 || proclc_sighandler_start(handler) < 0)
		proclc_daemon_fail(1, NULL);
	proclc_daemon_ready();
	return handler;
}

static int
start(const char *user)
{
	struct proclc_daemon_options o = PROCLC_DAEMON_OPTIONS_INIT;
	struct proclc_sighandler *handler;

	o.flags = PROCLC_DAEMON_WAIT_READY;
	o.pid_file = pid_file;
	o.chdir = "/";
	o.stdout_path = o.stderr_path = log_file;
	o.user = user;
	if (proclc_daemonize(&o) < 0)
		return complain();
	handler = set_up();
	printf("pid %d serves\n", (int)getpid());
	fflush(stdout);
	while (proclc_sighandler_wait(handler, PROCLC_FOREVER) !=
	    PROCLC_SIGTERM)
		continue;
	printf("the end\n");
	return 0;
}

static int
status(void)
{
	int64_t pid;

	if (proclc_pidfile_status(pid_file, &pid) < 0)
		return complain();
	printf("pid %" PRId64 " runs\n", pid);
	return 0;
}

int
main(int argc, char **argv)
{
	const char *command = argc > 2 ? argv[1] : "";
	const char *dir = argc > 2 ? argv[2] : "";

	snprintf(pid_file, sizeof(pid_file), "%s/daemon.pid", dir);
	snprintf(log_file, sizeof(log_file), "%s/daemon.log", dir);
	if (strcmp(command, "start") == 0)
		return start(argc > 3 ? argv[3] : NULL);
	if (strcmp(command, "status") == 0)
		return status();
	if (strcmp(command, "rotate") == 0)
		return proclc_send(pid_file, PROCLC_SIGHUP) < 0 ?
		    complain() : 0;
	if (strcmp(command, "stop") == 0)
		return proclc_stop(pid_file, NULL) < 0 ? complain() : 0;
	fprintf(stderr, "usage: daemon start | status | rotate | stop DIR\n");
	return 2;
}
