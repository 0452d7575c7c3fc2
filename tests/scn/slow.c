/*
 * slow: a launcher that stands still from the first fork on until its daemon
 * has ended, and a child of the daemon's, made without a fork handler, that has
 * the launcher's channel all the time.
 *
 * The daemon says nothing and ends.  Says what the launcher has made of that.
 */
#define _GNU_SOURCE 1

#include "../kernel.h"
#include "../toolkit/os.h"
#include "../toolkit/scn.h"

#include <proclc/daemon.h>
#include <proclc/error.h>

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

static pid_t launcher;

static void
rest(void)
{
	struct timespec ms = { .tv_nsec = 1000000 };

	nanosleep(&ms, NULL);
}

/* In the child between; not in the daemon, whose parent that is. */
static void
stop_launcher(void)
{
	if (getppid() == launcher)
		kill(launcher, SIGSTOP);
}

/* Until it is nobody's any more, not even a zombie. */
static void
await_end_of(pid_t pid)
{
	while (kill(pid, 0) == 0)
		rest();
}

int
main(void)
{
	struct proclc_daemon_options o = PROCLC_DAEMON_OPTIONS_INIT;
	pid_t daemon;
	int rc;

	/* Somebody who reaps at once what has ended. */
	os_become_subreaper();
	if (fork() != 0) {
		while (wait(NULL) > 0)
			continue;
		return 0;
	}
	o.flags = PROCLC_DAEMON_WAIT_READY;
	launcher = getpid();
	die_if(pthread_atfork(NULL, NULL, stop_launcher) != 0, "atfork");
	rc = proclc_daemon_fork(&o);
	if (rc == PROCLC_DAEMON_CHILD) {
		daemon = getpid();
		if (kernel_quiet_fork() != 0)
			_exit(0);
		await_end_of(daemon);
		kill(launcher, SIGCONT);
		await_end_of(launcher);
		_exit(0);
	}
	say("%s", rc == PROCLC_ESTARTFAILED ? "it has ended" :
	    proclc_errmsg());
	return 0;
}
