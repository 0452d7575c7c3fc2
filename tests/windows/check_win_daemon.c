/* check_win_daemon.c - daemons, which are the program run again. */
#include "order.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
note_end(void *path, const struct proclc_exit_cause *cause)
{
	char text[32];

	snprintf(text, sizeof(text), "%d %d", (int)cause->kind,
	    (int)cause->signum);
	tap_append(path, text);
}

static struct proclc_daemon_options
options_of(const char *path)
{
	struct proclc_daemon_options o = PROCLC_DAEMON_OPTIONS_INIT;

	o.pid_file = path;
	o.ready_timeout_ms = tap_ms(TAP_PATIENCE_MS);
	return o;
}

/* What it is, and has: into files beside its pid file. */
static void
describe(const char *path)
{
	char text[MAX_PATH + 64], dir[MAX_PATH];
	const char *args;
	size_t size;

	args = proclc_daemon_args(&size);
	GetCurrentDirectoryA(sizeof(dir), dir);
	snprintf(text, sizeof(text), "%.*s|%s|%u|%s", (int)size,
	    args == NULL ? "" : args, dir, GetConsoleCP(),
	    getenv("PROCLC_DAEMON") == NULL ? "" : "leaked");
	tap_append(tap_beside(path, "what"), text);
}

static int
serve(int argc, char **argv)
{
	struct proclc_daemon_options o = options_of(argv[0]);
	static char note[MAX_PATH + 80];
	int rc;

	(void)argc;
	snprintf(note, sizeof(note), "%s", tap_beside(argv[0], "end"));
	o.chdir = "C:\\windows";
	o.args = "some bytes";
	o.args_size = 10;
	o.stdout_path = tap_beside(argv[0], "out");
	o.flags = PROCLC_DAEMON_WAIT_READY;
	if (proclc_daemon_is_setup())
		tap_append(tap_beside(argv[0], "setup"), "setup");
	rc = proclc_daemonize(&o);
	if (rc == PROCLC_ERUNNING)
		return 50;
	if (rc != PROCLC_DAEMON_CHILD ||
	    proclc_atexit_install(NULL) < 0 ||
	    proclc_atexit_register(note_end, note, 0) < 0)
		return 100;
	describe(argv[0]);
	tap_say("to the log");
	if (proclc_daemon_ready() < 0)
		return 101;
	Sleep(INFINITE);
	return 102;
}

/* The launcher has its own word to say. */
static int
serve_by_fork(int argc, char **argv)
{
	struct proclc_daemon_options o = options_of(argv[0]);

	(void)argc;
	switch (proclc_daemon_fork(&o)) {
	case PROCLC_DAEMON_LAUNCHER:
		proclc_daemon_launcher_exit(23);
	case PROCLC_DAEMON_CHILD:
		Sleep(INFINITE);
		return 0;
	default:
		return 100;
	}
}

static int
refuse(int argc, char **argv)
{
	struct proclc_daemon_options o = options_of(argv[0]);

	(void)argc;
	o.flags = PROCLC_DAEMON_WAIT_READY;
	if (proclc_daemonize(&o) == PROCLC_DAEMON_CHILD)
		proclc_daemon_fail(7, "the program says no");
	return 100;
}

static int
die_early(int argc, char **argv)
{
	struct proclc_daemon_options o = options_of(argv[0]);

	(void)argc;
	o.flags = PROCLC_DAEMON_WAIT_READY;
	if (proclc_daemonize(&o) == PROCLC_DAEMON_CHILD)
		ExitProcess(3);
	return 100;
}

static int
hang(int argc, char **argv)
{
	struct proclc_daemon_options o = options_of(argv[0]);

	(void)argc;
	o.flags = PROCLC_DAEMON_WAIT_READY;
	o.ready_timeout_ms = 1000;
	if (proclc_daemonize(&o) == PROCLC_DAEMON_CHILD)
		Sleep(INFINITE);
	return 100;
}

/* Its arguments are taken from it, so a variable says what it is. */
static int
serve_bare(int argc, char **argv)
{
	struct proclc_daemon_options o;
	const char *from = getenv("TAP_PATH");
	char text[16], path[MAX_PATH];

	snprintf(path, sizeof(path), "%s", from == NULL ? argv[0] : from);
	SetEnvironmentVariableA("TAP_PATH", path);
	SetEnvironmentVariableA("TAP_ROLE", "serve_bare");
	o = options_of(path);
	o.flags = PROCLC_DAEMON_STRIP_CMD_ARGS;
	if (proclc_daemonize(&o) != PROCLC_DAEMON_CHILD)
		return 100;
	snprintf(text, sizeof(text), "%d", argc);
	tap_append(tap_beside(path, "argc"), text);
	Sleep(INFINITE);
	return 0;
}

/* A daemon with a task, whose pid it tells. */
static int
serve_with_task(int argc, char **argv)
{
	struct proclc_daemon_options o = options_of(argv[0]);
	struct order order = { .code = 0 };
	struct proclc_task *task = NULL;
	char text[32];

	(void)argc;
	o.flags = PROCLC_DAEMON_WAIT_READY;
	if (proclc_daemonize(&o) != PROCLC_DAEMON_CHILD ||
	    proclc_task_new(&task, &sleep_long, &order, sizeof(order),
	    NULL) < 0)
		return 100;
	snprintf(text, sizeof(text), "%lld",
	    (long long)proclc_task_pid(task));
	tap_append(tap_beside(argv[0], "task"), text);
	proclc_daemon_ready();
	Sleep(INFINITE);
	return 0;
}

static void
launch(const char *role, const char *path, DWORD code)
{
	struct tap_process p = tap_run(role, path, NULL);

	need_equal(tap_end(&p), code);
}

static HANDLE
pin_daemon(const char *path)
{
	int64_t pid = 0;
	HANDLE process;

	need_equal(proclc_pidfile_status(path, &pid), 0);
	need(pid != (int64_t)GetCurrentProcessId());
	process = OpenProcess(SYNCHRONIZE, FALSE, (DWORD)pid);
	need(process != NULL);
	return process;
}

static void
clear(const char *path)
{
	static const char *const what[] = { "what", "end", "out", "setup",
	    "argc", "task" };

	for (size_t i = 0; i < sizeof(what) / sizeof(what[0]); i++)
		DeleteFileA(tap_beside(path, what[i]));
	DeleteFileA(path);
}

static void
it_lives_and_is_told_and_ends(void)
{
	const char *path = tap_path("story");
	HANDLE daemon;

	launch("serve", path, 0);
	daemon = pin_daemon(path);
	need_equal(WaitForSingleObject(daemon, 0), WAIT_TIMEOUT);
	/* Args, directory, no console, and nothing in the environment. */
	need(strcmp(tap_text(tap_beside(path, "what")),
	    "some bytes|C:\\windows|0|") == 0);
	need(strcmp(tap_text(tap_beside(path, "setup")), "setup") == 0);
	need(strncmp(tap_text(tap_beside(path, "out")), "to the log", 10) == 0);
	/* A second one is refused, and the first one does not notice. */
	launch("serve", path, 50);
	need_equal(proclc_ping(path), 0);
	need_equal(proclc_stop(path, NULL), 0);
	need_event(daemon);
	need(strcmp(tap_text(tap_beside(path, "end")), "4 15") == 0);
	need(!tap_exists(path));
	CloseHandle(daemon);
	clear(path);
}

static void
one_that_was_killed_is_followed_by_another(void)
{
	const char *path = tap_path("stale");
	HANDLE daemon;

	launch("serve", path, 0);
	daemon = pin_daemon(path);
	need_equal(proclc_send(path, PROCLC_SIGKILL), 0);
	need_event(daemon);
	CloseHandle(daemon);
	need(tap_exists(path));
	launch("serve", path, 0);
	daemon = pin_daemon(path);
	need_equal(proclc_stop(path, NULL), 0);
	need_event(daemon);
	CloseHandle(daemon);
	clear(path);
}

static void
the_launcher_may_say_its_own_code(void)
{
	const char *path = tap_path("fork");

	launch("serve_by_fork", path, 23);
	need_equal(proclc_stop(path, NULL), 1);
	clear(path);
}

static void
its_refusal_reaches_the_launcher(void)
{
	const char *path = tap_path("refused");

	launch("refuse", path, 7);
	need(!tap_exists(path));
}

static void
its_early_death_reaches_the_launcher(void)
{
	const char *path = tap_path("dead");

	launch("die_early", path, 1);
	need(!tap_exists(path));
}

static void
one_that_is_not_ready_in_time_is_ended(void)
{
	const char *path = tap_path("late");

	launch("hang", path, 1);
	need(!tap_exists(path));
}

static void
its_arguments_can_be_taken_from_it(void)
{
	const char *path = tap_path("bare");

	launch("serve_bare", path, 0);
	need(tap_until_text(tap_beside(path, "argc"), "0"));
	need_equal(proclc_stop(path, NULL), 1);
	clear(path);
}

static void
its_tasks_end_with_it(void)
{
	const char *path = tap_path("tasks");
	HANDLE task;

	launch("serve_with_task", path, 0);
	task = OpenProcess(SYNCHRONIZE, FALSE,
	    (DWORD)atoi(tap_text(tap_beside(path, "task"))));
	need(task != NULL);
	need_equal(WaitForSingleObject(task, 0), WAIT_TIMEOUT);
	need_equal(proclc_send(path, PROCLC_SIGKILL), 0);
	need_event(task);
	CloseHandle(task);
	clear(path);
}

static void
a_bad_option_is_told_to_the_caller(void)
{
	struct proclc_daemon_options o = PROCLC_DAEMON_OPTIONS_INIT;

	o.user = "somebody";
	need_equal(proclc_daemonize(&o), PROCLC_ENOTSUP);
	o.user = NULL;
	o.chdir = "C:\\not\\there";
	need_equal(proclc_daemonize(&o), PROCLC_ENOENT);
	/* No run was made, and this one is as it was. */
	need(proclc_daemon_is_setup());
}

const struct tap_test tap_tests[] = {
	{ "it lives, and is told, and ends", it_lives_and_is_told_and_ends },
	{ "one that was killed is followed by another",
	    one_that_was_killed_is_followed_by_another },
	{ "the launcher may say its own code",
	    the_launcher_may_say_its_own_code },
	{ "its refusal reaches the launcher",
	    its_refusal_reaches_the_launcher },
	{ "its early death reaches the launcher",
	    its_early_death_reaches_the_launcher },
	{ "one that is not ready in time is ended",
	    one_that_is_not_ready_in_time_is_ended },
	{ "its arguments can be taken from it",
	    its_arguments_can_be_taken_from_it },
	{ "its tasks end with it", its_tasks_end_with_it },
	{ "a bad option is told to the caller",
	    a_bad_option_is_told_to_the_caller },
	{ NULL, NULL }
};

const struct tap_role tap_roles[] = {
	{ "serve", serve },
	{ "serve_by_fork", serve_by_fork },
	{ "refuse", refuse },
	{ "die_early", die_early },
	{ "hang", hang },
	{ "serve_bare", serve_bare },
	{ "serve_with_task", serve_with_task },
	{ NULL, NULL }
};
