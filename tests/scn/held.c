/*
 * held stubborn N GRACE    N tasks that ignore TERM, every second one of them
 *                          stopped: are shut down all at once
 * held traced              a task that ignores TERM, and that a tracer may
 *                          hold: says its pid on the first line, and tries to
 *                          shut it down on each other
 * held tracer PID          holds PID, until it hears a line
 */
#define _GNU_SOURCE 1

#include "measure.h"
#include "../kernel.h"

#include <proclc/error.h>
#include <proclc/subprocess.h>

#include <signal.h>

enum { MANY = 500 };

static struct proclc_task *tasks[MANY];

static void
must(int rc)
{
	die_if(rc < 0, proclc_errmsg());
}

static int
ignore_term(void *unused)
{
	(void)unused;
	signal(SIGTERM, SIG_IGN);
	say("ignores");
	while (pause() != 0)
		continue;
	return 0;
}

static const struct proclc_task_ops stubborn_ops = {
	.size = sizeof(stubborn_ops), .name = "stubborn", .run = ignore_term,
};

static void
stop_it(struct proclc_task *task)
{
	siginfo_t info;

	must(proclc_task_kill(task, SIGSTOP));
	die_if(waitid(P_PID, (id_t)proclc_task_pid(task), &info,
	    WSTOPPED | WNOWAIT) != 0, "waitid");
}

static int
count_wrong(int n)
{
	struct proclc_status status = PROCLC_STATUS_INIT;
	int i, wrong = 0;

	for (i = 0; i < n; i++) {
		must(proclc_task_status(tasks[i], &status));
		wrong += status.kind != PROCLC_STATUS_KILLED ||
		    status.signum != SIGKILL || status.forced != 1;
	}
	return wrong;
}

/* The test says when all of them ignore it. */
static void
shut_down_stubborn(int n, int grace_ms)
{
	char line[16];
	int64_t began;
	int i, killed;

	for (i = 0; i < n; i++)
		must(proclc_task_new(&tasks[i], &stubborn_ops, NULL, 0,
		    NULL));
	die_if(hear(line, sizeof(line)) < 0, "hear");
	for (i = 0; i < n; i += 2)
		stop_it(tasks[i]);
	began = measure_us();
	killed = proclc_shutdown_all(grace_ms);
	began = measure_us() - began;
	must(killed);
	say("killed %d took %d wrong %d children %d", killed,
	    (int)(began / 1000), count_wrong(n), measure_children());
	for (i = 0; i < n; i++)
		proclc_task_free(tasks[i]);
}

static const struct proclc_task_ops traced_ops = {
	.size = sizeof(traced_ops), .name = "traced", .run = ignore_term,
};

static void
be_traced(void)
{
	struct proclc_status status = PROCLC_STATUS_INIT;
	char line[16];
	int rc;

	must(proclc_task_new(&tasks[0], &traced_ops, NULL, 0, NULL));
	die_if(hear(line, sizeof(line)) < 0, "hear");
	say("pid %d", (int)proclc_task_pid(tasks[0]));
	while (hear(line, sizeof(line)) >= 0) {
		rc = proclc_shutdown_all(200);
		must(proclc_task_status(tasks[0], &status));
		if (rc < 0)
			say("%s: %s", proclc_error_name(rc), proclc_errmsg());
		else
			say("shutdown %d", rc);
		say("kind %d signum %d forced %d", status.kind,
		    status.signum, status.forced);
	}
	must(proclc_task_wait(tasks[0], PROCLC_FOREVER, &status));
	say("ended by %d children %d", status.signum, measure_children());
	proclc_task_free(tasks[0]);
}

static void
trace(pid_t pid)
{
	char line[16];

	if (!kernel_hold(pid)) {
		say("refused");
		return;
	}
	say("holds %d", (int)getpid());
	hear(line, sizeof(line));
}

int
main(int argc, char **argv)
{
	if (argc > 3)
		shut_down_stubborn(atoi(argv[2]), atoi(argv[3]));
	else if (argc > 2)
		trace((pid_t)atoi(argv[2]));
	else
		be_traced();
	return 0;
}
