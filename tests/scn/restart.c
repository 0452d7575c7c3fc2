/*
 * restart series N    a task that ends at once is restarted N times, without
 *                     delay: what stays, and what a restart takes
 * restart storm K     K such tasks; says "ready" when each was restarted some
 *                     times, and then obeys: a line "exit N", "raise N",
 *                     "shutdown", "free" or "daemonize"
 * restart late K      K tasks that back off for an hour; the same; then, from
 *                     its newest exit handler, "at exit STATE WAIT" of the
 *                     first
 * restart live K      K tasks that live; the same, when that handler has
 *                     killed the first
 * With "manual" as the last word the program drives the dispatcher.
 *
 * Children have the program's stdout: at its end of file none is left.
 */
#define _GNU_SOURCE 1

#include "measure.h"

#include <proclc/atexit.h>
#include <proclc/daemon.h>
#include <proclc/dispatch.h>
#include <proclc/error.h>
#include <proclc/subprocess.h>

#include <poll.h>
#include <signal.h>

enum { MANY = 64, WARM = 200, SOME = 20 };

static struct proclc_task *tasks[MANY];
static int n_tasks;
static bool manual;

static void
must(int rc)
{
	die_if(rc < 0, proclc_errmsg());
}

static int
end_at_once(void *unused)
{
	(void)unused;
	return 1;
}

static int
stay(void *unused)
{
	(void)unused;
	while (pause() < 0)
		continue;
	return 0;
}

static const struct proclc_task_ops crashes = {
	.size = sizeof(crashes), .name = "crashes", .run = end_at_once,
};

static const struct proclc_task_ops lives = {
	.size = sizeof(lives), .name = "lives", .run = stay,
};

static void
add(const struct proclc_task_ops *ops, int64_t delay)
{
	struct proclc_task_options o = PROCLC_TASK_OPTIONS_INIT;
	struct proclc_restart r = PROCLC_RESTART_INIT;

	r.when = PROCLC_RESTART_ON_FAILURE;
	r.delay_ms = delay;
	o.restart = &r;
	must(proclc_task_new(&tasks[n_tasks++], ops, NULL, 0, &o));
}

/* Wait a little, as a program does that has something else to do. */
static void
pass(void)
{
	if (manual)
		must(proclc_dispatch(1));
	else
		poll(NULL, 0, 1);
}

/* The tasks are there still: they are older. */
static void
look(void *what, const struct proclc_exit_cause *cause)
{
	int rc;

	(void)cause;
	if (strcmp(what, "live") == 0)
		proclc_task_kill(tasks[0], SIGKILL);
	rc = proclc_task_wait(tasks[0], 5000, NULL);
	say("at exit %d %d", proclc_task_state(tasks[0]), rc);
}

static void
await_restarts(struct proclc_task *task, int64_t n)
{
	while (proclc_task_restarts(task) < n)
		pass();
}

static void
await_rest(struct proclc_task *task)
{
	while (proclc_task_state(task) != PROCLC_TASK_BACKING_OFF)
		pass();
}

static void
series(int n)
{
	struct measure before;
	char text[128];
	int64_t began;

	add(&crashes, PROCLC_NOW);
	await_restarts(tasks[0], WARM);
	before = measure_take();
	began = measure_us();
	await_restarts(tasks[0], WARM + n);
	began = measure_us() - began;
	proclc_task_free(tasks[0]);
	say("wrong 0 %s", measure_since(&before, text, sizeof(text)));
	say("%lld us each", (long long)began / n);
}

static void
obey(const char *line)
{
	int number = 0;

	if (sscanf(line, "exit %d", &number) == 1)
		exit(number);
	if (sscanf(line, "raise %d", &number) == 1)
		raise(number);
	if (strcmp(line, "daemonize") == 0)
		say("daemonize %s", proclc_error_name(proclc_daemonize(NULL)));
	if (strcmp(line, "shutdown") == 0)
		say("shutdown %d", proclc_shutdown_all(0));
	for (int i = 0; strcmp(line, "free") == 0 && i < n_tasks; i++)
		proclc_task_free(tasks[i]);
}

/* While it drives the dispatcher the storm goes on: look for a line now and
 * then only. */
static bool
has_line(void)
{
	struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };

	return poll(&in, 1, 0) != 0;
}

static void
serve(void)
{
	char line[64];

	for (;;) {
		while (manual && !has_line())
			must(proclc_dispatch(1));
		if (hear(line, sizeof(line)) < 0)
			return;
		obey(line);
	}
}

int
main(int argc, char **argv)
{
	int n = argc > 2 ? atoi(argv[2]) : 0;

	manual = argc > 3 && strcmp(argv[3], "manual") == 0;
	die_if(n < 1, "usage");
	if (manual)
		must(proclc_set_dispatch_mode(PROCLC_DISPATCH_MANUAL));
	must(proclc_atexit_install(NULL));
	if (strcmp(argv[1], "series") == 0) {
		series(n);
		return 0;
	}
	die_if(n > MANY, "too many");
	for (int i = 0; i < n; i++)
		add(strcmp(argv[1], "live") == 0 ? &lives : &crashes,
		    strcmp(argv[1], "storm") == 0 ? PROCLC_NOW : 3600000);
	for (int i = 0; i < n; i++) {
		if (strcmp(argv[1], "storm") == 0)
			await_restarts(tasks[i], SOME);
		else if (strcmp(argv[1], "late") == 0)
			await_rest(tasks[i]);
	}
	if (strcmp(argv[1], "storm") != 0)
		must(proclc_atexit_register(look, argv[1], 0));
	say("ready");
	serve();
	return 0;
}
