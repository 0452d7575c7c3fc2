/*
 * anywhere PLACE
 *
 * Starts a task in an unusual place (the table at the end has them), and says
 * what came of it: "PLACE 7" when it ended as it should, or "PLACE ERROR".
 */
#define _GNU_SOURCE 1

#include "../toolkit/clock.h"
#include "../toolkit/scn.h"

#include <proclc.h>

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>

enum { THREADS = 8, EACH = 25, CODE = 7, GRACE_MS = 1500 };

static const char *place;
static int told[2];     /* a pipe: what was to be seen has been */

static void
must(int rc)
{
	die_if(rc < 0, proclc_errmsg());
}

static int
give_code(void *unused)
{
	(void)unused;
	return CODE;
}

static const struct proclc_task_ops plain = {
	.size = sizeof(plain), .name = "plain", .run = give_code,
};

static struct proclc_task *
start(const struct proclc_task_ops *ops)
{
	struct proclc_task_options options = PROCLC_TASK_OPTIONS_INIT;
	struct proclc_task *task;

	options.flags = PROCLC_TASK_WAIT_FOR_CHILD;
	must(proclc_task_new(&task, ops, NULL, 0, &options));
	return task;
}

/* CODE, or an error. */
static int
start_here(void)
{
	struct proclc_task_options options = PROCLC_TASK_OPTIONS_INIT;
	struct proclc_status status = PROCLC_STATUS_INIT;
	struct proclc_task *task;
	int rc;

	options.flags = PROCLC_TASK_WAIT_FOR_CHILD;
	rc = proclc_task_new(&task, &plain, NULL, 0, &options);
	if (rc < 0)
		return rc;
	must(proclc_task_wait(task, PROCLC_FOREVER, &status));
	proclc_task_free(task);
	return status.code;
}

static void
tell(int rc)
{
	if (rc < 0)
		say("%s %s", place, proclc_error_name(rc));
	else
		say("%s %d", place, rc);
	die_if(write(told[1], "x", 1) != 1, "pipe");
}

static void
await(void)
{
	char byte;

	while (read(told[0], &byte, 1) != 1)
		continue;
}

/* In a task, and in a task's exit handler. */

static int
run_inner(void *unused)
{
	(void)unused;
	tell(start_here());
	return 0;
}

static void
at_exit(void *unused, const struct proclc_exit_cause *cause)
{
	(void)unused;
	(void)cause;
	tell(start_here());
}

static int
register_handler(void *unused)
{
	(void)unused;
	must(proclc_atexit_register(at_exit, NULL, 0));
	return 0;
}

static void
run_task(int (*body)(void *))
{
	struct proclc_task_ops ops = {
		.size = sizeof(ops), .name = "outer", .run = body,
	};
	struct proclc_task *task = start(&ops);

	must(proclc_task_wait(task, PROCLC_FOREVER, NULL));
	proclc_task_free(task);
}

static void
in_task(void)
{
	run_task(run_inner);
}

static void
in_exit_handler_of_task(void)
{
	run_task(register_handler);
}

static void
in_exit_handler(void)
{
	register_handler(NULL);
}

static void
in_forked_child(void)
{
	pid_t pid = fork();

	die_if(pid < 0, "fork");
	if (pid == 0) {
		tell(start_here());
		exit(0);
	}
	await();
	die_if(waitpid(pid, NULL, 0) != pid, "waitpid");
}

/* In a callback. */

static void
on_signal(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *user)
{
	(void)handler;
	(void)event;
	(void)user;
	tell(start_here());
}

static void
in_signal_callback(void)
{
	struct proclc_sighandler *handler;

	must(proclc_sighandler_new(&handler, NULL));
	must(proclc_sighandler_set(handler, PROCLC_SIGUSR1, on_signal, NULL));
	must(proclc_sighandler_start(handler));
	kill(getpid(), SIGUSR1);
	await();
	proclc_sighandler_free(handler);
}

static void
on_orphaned(struct proclc_orphan *watch, void *user)
{
	(void)watch;
	(void)user;
	tell(start_here());
}

static void
in_orphan_callback(void)
{
	struct proclc_orphan_options options = PROCLC_ORPHAN_OPTIONS_INIT;
	struct proclc_orphan *watch;
	pid_t pid = fork();

	if (pid == 0) {
		await();
		_exit(0);
	}
	options.pid = pid;
	must(proclc_orphan_new(&watch, &options));
	must(proclc_orphan_add_callback(watch, on_orphaned, NULL));
	must(proclc_orphan_start(watch));
	die_if(write(told[1], "x", 1) != 1, "pipe");
	die_if(waitpid(pid, NULL, 0) != pid, "waitpid");
	await();
	proclc_orphan_free(watch);
}

static void
on_exit_of(struct proclc_task *task, const struct proclc_status *status,
    void *user)
{
	(void)task;
	(void)status;
	(void)user;
	tell(start_here());
}

static void
in_on_exit_callback(void)
{
	struct proclc_task *task = start(&plain);

	must(proclc_task_on_exit(task, on_exit_of, NULL));
	await();
	proclc_task_free(task);
}

/* While others shut down, or the process ends. */

static int
stay(void *unused)
{
	(void)unused;
	while (pause() != 0)
		continue;
	return 0;
}

static const struct proclc_task_ops staying = {
	.size = sizeof(staying), .name = "staying", .run = stay,
};

/* Hears TERM, and says so; then it stays all the same. */
static void
on_term(int unused)
{
	(void)unused;
	die_if(write(told[1], "t", 1) != 1, "pipe");
}

static int
tell_term(void *unused)
{
	(void)unused;
	signal(SIGTERM, on_term);
	die_if(write(told[1], "r", 1) != 1, "pipe");
	while (pause() != 0)
		continue;
	return 0;
}

static const struct proclc_task_ops telling = {
	.size = sizeof(telling), .name = "telling", .run = tell_term,
};

static void *
shut_down(void *unused)
{
	must(proclc_shutdown_all((int64_t)(GRACE_MS * clock_multiplier())));
	return unused;
}

/* What comes then is this shutdown's, too: it is told to end, and has ended
 * when that is over. */
static void
in_shutdown(void)
{
	struct proclc_task *task = start(&telling), *late;
	struct proclc_status status = PROCLC_STATUS_INIT;
	pthread_t thread;

	await();
	die_if(pthread_create(&thread, NULL, shut_down, NULL) != 0,
	    "pthread_create");
	await();
	late = start(&staying);
	pthread_join(thread, NULL);
	must(proclc_task_status(late, &status));
	say("%s %d", place, status.kind == PROCLC_STATUS_KILLED &&
	    status.signum == SIGTERM && !status.forced ? CODE : -1);
	proclc_task_free(task);
	proclc_task_free(late);
}

static void *
start_when_told(void *unused)
{
	await();
	tell(start_here());
	return unused;
}

/* The exit handlers have got to the tasks, of which one has been told. */
static void
in_shutdown_at_exit(void)
{
	pthread_t thread;

	start(&telling);
	await();
	die_if(pthread_create(&thread, NULL, start_when_told, NULL) != 0,
	    "pthread_create");
}

/* In many threads. */

static void *
start_many(void *right)
{
	for (int i = 0; i < EACH; i++)
		if (start_here() == CODE)
			atomic_fetch_add((atomic_int *)right, 1);
	return NULL;
}

static void
in_threads(void)
{
	pthread_t threads[THREADS];
	atomic_int right = 0;
	int i;

	for (i = 0; i < THREADS; i++)
		die_if(pthread_create(&threads[i], NULL, start_many,
		    &right) != 0, "pthread_create");
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	say("%s %d", place, right == THREADS * EACH ? CODE : right);
}

static const struct {
	const char *name;
	void (*fn)(void);
} places[] = {
	{ "task", in_task }, { "signal", in_signal_callback },
	{ "orphan", in_orphan_callback }, { "on_exit", in_on_exit_callback },
	{ "exit", in_exit_handler }, { "task-exit", in_exit_handler_of_task },
	{ "shutdown", in_shutdown }, { "at-exit", in_shutdown_at_exit },
	{ "threads", in_threads }, { "fork", in_forked_child },
};

int
main(int argc, char **argv)
{
	size_t i, n = sizeof(places) / sizeof(places[0]);

	place = argc > 1 ? argv[1] : "";
	die_if(pipe(told) != 0, "pipe");
	for (i = 0; i < n; i++)
		if (strcmp(places[i].name, place) == 0)
			places[i].fn();
	return 3;
}
