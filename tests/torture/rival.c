/*
 * rival CALL [ignore]: a task, and a call that meets its end;
 * rival stop PATH: so does a stop of who holds the pid file.
 *
 *	CALL     kill, shutdown, wait, any, status, free
 *	ignore   SIGCHLD is ignored: nobody has to wait for the child, and its
 *	         pid is free when it has ended
 *
 * Says "child PID", makes the call between the marks, and says
 * "CALL CODE, KIND SIGNAL".
 */
#define _GNU_SOURCE 1

#include "mark.h"
#include "../toolkit/scn.h"

#include <proclc.h>

#include <signal.h>

static int
wait_for_signal(void *unused)
{
	(void)unused;
	while (pause() < 0)
		continue;
	return 0;
}

static int
make_call(const char *name, struct proclc_task *task)
{
	switch (name[0]) {
	case 'k':
		return proclc_task_kill(task, SIGUSR2);
	case 's':
		return name[1] == 'h' ? proclc_task_shutdown(task, 0, NULL) :
		    proclc_task_status(task, NULL);
	case 'w':
		return proclc_task_wait(task, 10000, NULL);
	default:
		return proclc_wait_any(&task, 1, 10000);
	}
}

static int
stop(const char *path)
{
	int rc;

	torture_begin();
	rc = proclc_stop(path, NULL);
	torture_end();
	say("stop %s", rc < 0 ? proclc_error_name(rc) : rc == 0 ? "0" : "1");
	return 0;
}

int
main(int argc, char **argv)
{
	static const struct proclc_task_ops ops = {
		.size = sizeof(ops), .name = "rival", .run = wait_for_signal,
	};
	struct proclc_task_options options = PROCLC_TASK_OPTIONS_INIT;
	struct proclc_status status = PROCLC_STATUS_INIT;
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct proclc_task *task;
	int rc;

	die_if(argc < 2, "usage: rival CALL [ignore], rival stop PATH");
	if (argc > 2 && strcmp(argv[1], "stop") == 0)
		return stop(argv[2]);
	if (argc > 2)
		sigaction(SIGCHLD, &ignore, NULL);
	options.flags = PROCLC_TASK_WAIT_FOR_CHILD;
	die_if(proclc_task_new(&task, &ops, NULL, 0, &options) < 0,
	    proclc_errmsg());
	say("child %d", (int)proclc_task_pid(task));
	torture_begin();
	rc = make_call(argv[1], task);
	torture_end();
	die_if(proclc_task_wait(task, 10000, &status) < 0, proclc_errmsg());
	say("%s %s, %d %d", argv[1], rc < 0 ? proclc_error_name(rc) : "0",
	    (int)status.kind, (int)status.signum);
	proclc_task_free(task);
	return 0;
}
