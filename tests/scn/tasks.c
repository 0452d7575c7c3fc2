/*
 * tasks STEP...
 *
 * Takes the steps, says "ready", then obeys stdin: each line is a step, too.
 * What runs in a task says its name first.
 */
#define _GNU_SOURCE 1

#include "posture.h"

#include "../toolkit/os.h"

#include <proclc/atexit.h>
#include <proclc/daemon.h>
#include <proclc/error.h>
#include <proclc/orphan.h>
#include <proclc/subprocess.h>

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>

enum { MANY = 500 };

struct self {
	const char *name;
	const char *step;
};

static struct proclc_task *tasks[MANY];
static struct self selves[MANY];
static int n_tasks;
static const char *next_step;     /* of the next task's body */
static uint32_t flags;
static bool returning;

static int
count_live(void)
{
	struct proclc_status status = PROCLC_STATUS_INIT;
	int i, live = 0;

	for (i = 0; i < n_tasks; i++)
		if (proclc_task_status(tasks[i], &status) == 0 &&
		    status.kind == PROCLC_STATUS_RUNNING)
			live++;
	return live;
}

/* Exit handlers: of the parent, and in a task. */

static void
tell_exit(void *name, const struct proclc_exit_cause *cause)
{
	(void)cause;
	say("%s %d", (const char *)name, count_live());
}

static void
add_handler(const char *name)
{
	die_if(proclc_atexit_register(tell_exit, (void *)(uintptr_t)name,
	    0) < 0, proclc_errmsg());
}

static void
tell_task_exit(void *name, const struct proclc_exit_cause *cause)
{
	say("%s ends %d", (const char *)name, (int)cause->kind);
}

/* Bodies. */

static void
begin_task(const struct self *self)
{
	die_if(proclc_atexit_register(tell_task_exit,
	    (void *)(uintptr_t)self->name, 0) < 0, proclc_errmsg());
	if (self->step != NULL)
		die_if(!posture_take(self->step), self->step);
	say("%s begins %d", self->name, (int)getpid());
}

static int
run_task(void *self)
{
	begin_task(self);
	posture_last();
	rest();
}

static int
begin_loop(void *self)
{
	begin_task(self);
	return 0;
}

static int64_t
go_round(void *unused)
{
	(void)unused;
	return 3600000;
}

static void
end_loop(void *self)
{
	say("%s stops", ((struct self *)self)->name);
}

static int
run_short(void *unused)
{
	(void)unused;
	return 0;
}

static const struct proclc_task_ops long_task = {
	.size = sizeof(long_task), .name = "task", .run = run_task,
};

static const struct proclc_task_ops short_task = {
	.size = sizeof(short_task), .name = "short", .run = run_short,
};

static const struct proclc_loop_ops long_loop = {
	.size = sizeof(long_loop), .name = "loop", .begin = begin_loop,
	.loop = go_round, .end = end_loop,
};

static void
make_self(const char *name)
{
	die_if(n_tasks == MANY, "too many");
	selves[n_tasks] = (struct self){ .name = name, .step = next_step };
	next_step = NULL;
}

static void
add_task(const char *name)
{
	struct proclc_task_options options = PROCLC_TASK_OPTIONS_INIT;

	options.flags = flags;
	make_self(name);
	if (!refused(proclc_task_new(&tasks[n_tasks], &long_task,
	    &selves[n_tasks], 0, &options)))
		n_tasks++;
}

static void
add_loop(const char *name)
{
	make_self(name);
	if (!refused(proclc_loop_new(&tasks[n_tasks], &long_loop,
	    &selves[n_tasks], 0, NULL)))
		n_tasks++;
}

static void
set_next_step(const char *word)
{
	next_step = word;
}

static void
set_no_terminate(const char *unused)
{
	(void)unused;
	flags = PROCLC_TASK_NO_TERMINATE_ON_SHUTDOWN;
}

static void
start_many(const char *number)
{
	int i, n = atoi(number);

	for (i = 0; i < n; i++)
		(i % 2 == 0 ? add_task : add_loop)("one");
}

/* A number of tasks that end at once, one after the other. */
static void
run_many(const char *number)
{
	struct proclc_task_options options = PROCLC_TASK_OPTIONS_INIT;
	struct proclc_task *task;
	int i, n = atoi(number);

	for (i = 0; i < n; i++) {
		options.flags = i % 2 == 0 ? PROCLC_TASK_WAIT_FOR_CHILD : 0;
		die_if(proclc_task_new(&task, &short_task, NULL, 0,
		    &options) < 0, proclc_errmsg());
		proclc_task_free(task);
	}
}

static void
start_at_exit(void *name, const struct proclc_exit_cause *cause)
{
	(void)cause;
	add_task(name);
}

static void
add_starting_handler(const char *name)
{
	die_if(proclc_atexit_register(start_at_exit, (void *)(uintptr_t)name,
	    0) < 0, proclc_errmsg());
}

static void
start_too_late(void)
{
	add_task("late");
}

/* Before the library is used, so that libc calls it after the library. */
static void
register_late(const char *unused)
{
	(void)unused;
	die_if(atexit(start_too_late) != 0, "atexit");
}

/* What is printed is in stdio's buffer. */

static void
print(const char *text)
{
	printf("%s\n", text);
}

static void *
hold_stdout(void *unused)
{
	flockfile(stdout);
	close(*(int *)unused);
	rest();
}

static void
lock_stdout(const char *unused)
{
	static int held[2];
	pthread_t thread;

	(void)unused;
	die_if(pipe(held) < 0 || pthread_create(&thread, NULL, hold_stdout,
	    &held[1]) != 0, "thread");
	/* Both ends are this process's: the thread closes one. */
	await_end(held[0]);
}

/* Ways to end, and others. */

static void
return_from_main(const char *unused)
{
	(void)unused;
	returning = true;
}

static void
call_exit(const char *code)
{
	exit(atoi(code));
}

static void
call_proclc_exit(const char *code)
{
	proclc_exit(atoi(code));
}

static void
leave_at_once(const char *code)
{
	_exit(atoi(code));
}

static void
raise_signal(const char *signo)
{
	kill(getpid(), atoi(signo));
	rest();
}

static void
arm(const char *unused)
{
	(void)unused;
	refused(proclc_exit_when_orphaned());
}

static void
daemonize(const char *unused)
{
	(void)unused;
	refused(proclc_daemonize(NULL));
}

static int
run_daemonize(void *unused)
{
	(void)unused;
	daemonize(NULL);
	return 0;
}

static void
daemonize_in_task(const char *unused)
{
	static const struct proclc_task_ops ops = {
		.size = sizeof(ops), .name = "daemon", .run = run_daemonize,
	};
	struct proclc_task *task;

	(void)unused;
	die_if(proclc_task_new(&task, &ops, NULL, 0, NULL) < 0 ||
	    proclc_task_wait(task, PROCLC_FOREVER, NULL) < 0,
	    proclc_errmsg());
	proclc_task_free(task);
}

static void
tell_live(const char *unused)
{
	(void)unused;
	say("live %d", count_live());
}

static void
shut_down_all(const char *unused)
{
	(void)unused;
	say("shutdown %d", proclc_shutdown_all(0));
}

/* Its children are in a new pid namespace, it is not. */
static void
enter_namespace(const char *unused)
{
	(void)unused;
	if (unshare(CLONE_NEWPID) == 0 ||
	    unshare(CLONE_NEWUSER | CLONE_NEWPID) == 0)
		return;
	say("no namespace");
	exit(0);
}

static const struct step steps[] = {
	{ "handler=", add_handler }, { "task=", add_task },
	{ "loop=", add_loop }, { "with=", set_next_step },
	{ "no-terminate", set_no_terminate }, { "many=", start_many },
	{ "run=", run_many }, { "task-at-exit=", add_starting_handler },
	{ "late", register_late }, { "print=", print },
	{ "lock-stdout", lock_stdout }, { "return", return_from_main },
	{ "exit=", call_exit }, { "proclc_exit=", call_proclc_exit },
	{ "_exit=", leave_at_once }, { "raise=", raise_signal },
	{ "arm", arm }, { "daemonize", daemonize },
	{ "daemonize-in-task", daemonize_in_task },
	{ "shutdown-all", shut_down_all }, { "live", tell_live },
	{ "namespace", enter_namespace },
};

static void
take(const char *word)
{
	die_if(!posture_take(word) && !step_take(steps,
	    sizeof(steps) / sizeof(steps[0]), word), word);
}

int
main(int argc, char **argv)
{
	static char line[16][64];
	int i;

	for (i = 1; i < argc; i++)
		take(argv[i]);
	say("ready");
	for (i = 0; i < 16 && !returning; i++) {
		if (hear(line[i], sizeof(line[i])) < 0)
			return 0;
		take(line[i]);
	}
	return 5;
}
