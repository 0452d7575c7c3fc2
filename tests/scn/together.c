/*
 * together STORY PATH: a daemon in which the units meet.  What it and its tasks
 * tell goes to stdout, which it keeps.
 *
 *	served NEWEST|OLDEST   20 tasks, one of them stopped, 5 exit handlers
 *	                       between them, one more that hangs, a deadline of
 *	                       a second
 *	watched        armed, and with a watch of its parent and one of the
 *	               process PATH, before it is a daemon
 *	tasked         a task that has ended and one that was freed before, 3
 *	               tasks after
 */
#define _GNU_SOURCE 1

#include "../toolkit/scn.h"

#include <proclc.h>

#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>

enum { TOLD = 40, TASKS = 20, STOPPED = 7, EXITS = 5, DEADLINE_MS = 1000 };

static struct proclc_task *tasks[TASKS];
static char names[EXITS] = "12345";

__attribute__((format(printf, 1, 2)))
static void
tell(const char *format, ...)
{
	char line[200];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(line, sizeof(line) - 1, format, args);
	va_end(args);
	line[n++] = '\n';
	scn_write(TOLD, line, (size_t)n);
}

static void
rest(void)
{
	for (;;)
		pause();
}

static int
run(void *unused)
{
	(void)unused;
	while (pause() < 0)
		continue;
	return 0;
}

static struct proclc_task *
add_task(void)
{
	static const struct proclc_task_ops ops = {
		.size = sizeof(ops), .name = "task", .run = run,
	};
	struct proclc_task_options options = PROCLC_TASK_OPTIONS_INIT;
	struct proclc_task *task;

	options.flags = PROCLC_TASK_WAIT_FOR_CHILD;
	die_if(proclc_task_new(&task, &ops, NULL, 0, &options) < 0,
	    proclc_errmsg());
	return task;
}

static void
tell_task(struct proclc_task *task)
{
	tell("task %d", (int)proclc_task_pid(task));
}

static void
become_daemon(const char *pid_file)
{
	static const int kept[] = { TOLD };
	struct proclc_daemon_options o = PROCLC_DAEMON_OPTIONS_INIT;

	o.keep_fds = kept;
	o.n_keep_fds = 1;
	o.pid_file = pid_file;
	die_if(proclc_daemonize(&o) < 0, proclc_errmsg());
}

/* How many tasks live is told with each handler. */
static void
on_exit_handler(void *name, const struct proclc_exit_cause *cause)
{
	struct proclc_status status = PROCLC_STATUS_INIT;
	int live = 0;

	for (int i = 0; i < TASKS; i++)
		if (proclc_task_status(tasks[i], &status) == 0 &&
		    status.kind == PROCLC_STATUS_RUNNING)
			live++;
	tell("handler %c %d %d", *(char *)name, cause->signum, live);
}

static void
hang(void *unused, const struct proclc_exit_cause *cause)
{
	(void)unused;
	(void)cause;
	tell("hangs");
	rest();
}

static void
add_handler(void (*fn)(void *user, const struct proclc_exit_cause *cause),
    void *user)
{
	die_if(proclc_atexit_register(fn, user, 0) < 0, proclc_errmsg());
}

/* Four tasks and a handler, five times; one of the tasks does not move. */
static void
serve(bool hangs_first, const char *pid_file)
{
	struct proclc_atexit_options o = PROCLC_ATEXIT_OPTIONS_INIT;

	become_daemon(pid_file);
	o.deadline_ms = DEADLINE_MS;
	die_if(proclc_atexit_install(&o) < 0, proclc_errmsg());
	if (!hangs_first)
		add_handler(hang, NULL);
	for (int i = 0; i < TASKS; i++) {
		tasks[i] = add_task();
		tell_task(tasks[i]);
		if (i % 4 == 3)
			add_handler(on_exit_handler, &names[i / 4]);
	}
	die_if(proclc_task_kill(tasks[STOPPED], SIGSTOP) < 0, proclc_errmsg());
	if (hangs_first)
		add_handler(hang, NULL);
	tell("ready %d", (int)getpid());
	rest();
}

static void
on_gone(struct proclc_orphan *watch, void *what)
{
	(void)watch;
	tell("gone %s", (const char *)what);
}

static struct proclc_orphan *
add_watch(int64_t pid, char *what)
{
	struct proclc_orphan_options o = PROCLC_ORPHAN_OPTIONS_INIT;
	struct proclc_orphan *watch;

	o.pid = pid;
	die_if(proclc_orphan_new(&watch, &o) < 0 ||
	    proclc_orphan_add_callback(watch, on_gone, what) < 0 ||
	    proclc_orphan_start(watch) < 0, proclc_errmsg());
	return watch;
}

static void
be_watched(int64_t pid)
{
	static char parent[] = "parent", other[] = "other";
	struct proclc_orphan *of_parent, *of_other;

	die_if(proclc_exit_when_orphaned() < 0, proclc_errmsg());
	of_parent = add_watch(0, parent);
	of_other = add_watch(pid, other);
	become_daemon(NULL);
	tell("states %d %d", proclc_orphan_status(of_parent),
	    proclc_orphan_status(of_other));
	tell("ready %d", (int)getpid());
	rest();
}

static void
be_tasked(const char *pid_file)
{
	struct proclc_task *ended = add_task(), *freed = add_task();

	tell_task(ended);
	tell_task(freed);
	tell("daemonize %s", proclc_error_name(proclc_daemonize(NULL)));
	proclc_task_free(freed);
	die_if(proclc_task_shutdown(ended, 0, NULL) != 0, proclc_errmsg());
	become_daemon(pid_file);
	tell("state %d", proclc_task_state(ended));
	for (int i = 0; i < 3; i++)
		tell_task(add_task());
	tell("ready %d", (int)getpid());
	rest();
}

int
main(int argc, char **argv)
{
	die_if(argc != 3, "usage: together STORY PATH");
	die_if(dup2(STDOUT_FILENO, TOLD) != TOLD, "dup2");
	if (strcmp(argv[1], "watched") == 0)
		be_watched(strtol(argv[2], NULL, 10));
	else if (strcmp(argv[1], "tasked") == 0)
		be_tasked(argv[2]);
	else
		serve(strcmp(argv[1], "newest") == 0, argv[2]);
	return 0;
}
