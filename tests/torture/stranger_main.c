/*
 * stranger [PIDFILE]
 *
 * Blocks every signal and keeps them: for each line of its stdin it tells all
 * that have come, and then "over".  Ends with its stdin.  Holds the pid file.
 */
#define _GNU_SOURCE 1

#include "../toolkit/scn.h"

#include <proclc.h>

#include <signal.h>
#include <time.h>

static void
tell_all(void)
{
	static const struct timespec at_once;
	siginfo_t info;
	sigset_t all;
	int signo;

	sigfillset(&all);
	while ((signo = sigtimedwait(&all, &info, &at_once)) > 0)
		say("signal %d from %d", signo, (int)info.si_pid);
	say("over");
}

int
main(int argc, char **argv)
{
	struct proclc_pidfile *file = NULL;
	char line[16];
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	if (argc > 1) {
		die_if(proclc_pidfile_open(&file, argv[1], NULL) < 0 ||
		    proclc_pidfile_write(file) < 0, proclc_errmsg());
	}
	say("over");
	while (hear(line, sizeof(line)) >= 0)
		tell_all();
	proclc_pidfile_remove(file);
	return 0;
}
