/*
 * check_win_story.c - one daemon's whole life, its logs, and one that stays in
 * the foreground.
 */
#include "order.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As text for whoever asks: its pid file is there while this runs. */
static char pid_path[MAX_PATH];

static void
note_end(void *unused, const struct proclc_exit_cause *cause)
{
	char text[40];

	(void)unused;
	snprintf(text, sizeof(text), "end %d %s;", (int)cause->signum,
	    tap_exists(pid_path) ? "held" : "gone");
	tap_append(tap_beside(pid_path, "said"), text);
}

/* HUP: the logs anew, and a line into them; USR1: the same without a place for
 * them. */
static void
hear(struct proclc_sighandler *h, const struct proclc_signal_event *event,
    void *user)
{
	char text[80];
	int rc = proclc_daemon_reopen_logs();

	(void)h;
	(void)user;
	printf("after %d\n", event->signum);
	fflush(stdout);
	fprintf(stderr, "error after %d\n", event->signum);
	fflush(stderr);
	snprintf(text, sizeof(text), "reopen %d;", rc);
	tap_append(tap_beside(pid_path, "said"), text);
}

static int
listen_for(int signum)
{
	struct proclc_sighandler *h;
	int rc = proclc_sighandler_new(&h, pid_path);

	if (rc == 0)
		rc = proclc_sighandler_set(h, signum, hear, NULL);
	return rc < 0 ? rc : proclc_sighandler_start(h);
}

static struct proclc_daemon_options
options_of(const char *path, uint32_t mode)
{
	struct proclc_daemon_options o = PROCLC_DAEMON_OPTIONS_INIT;

	snprintf(pid_path, sizeof(pid_path), "%s", path);
	o.mode = mode;
	o.pid_file = path;
	o.ready_timeout_ms = tap_ms(TAP_PATIENCE_MS);
	o.stdout_path = tap_beside(path, "out");
	o.stderr_path = tap_beside(path, "err");
	return o;
}

/* A daemon with a task, whose pid it tells. */
static int
serve(int argc, char **argv)
{
	struct proclc_daemon_options o = options_of(argv[0],
	    PROCLC_DAEMON_DETACH);
	struct order order = { .code = 0 };
	struct proclc_task *task = NULL;
	char text[32];
	int rc;

	(void)argc;
	o.flags = PROCLC_DAEMON_WAIT_READY;
	rc = proclc_daemonize(&o);
	if (rc == PROCLC_ERUNNING)
		return 50;
	if (rc != PROCLC_DAEMON_CHILD || proclc_atexit_install(NULL) < 0 ||
	    proclc_atexit_register(note_end, NULL, 0) < 0 ||
	    listen_for(PROCLC_SIGHUP) < 0 ||
	    proclc_task_new(&task, &sleep_long, &order, sizeof(order),
	    NULL) < 0)
		return 100;
	snprintf(text, sizeof(text), "%lld",
	    (long long)proclc_task_pid(task));
	tap_append(tap_beside(argv[0], "task"), text);
	printf("begun\n");
	fflush(stdout);
	if (proclc_daemon_ready() < 0)
		return 101;
	Sleep(INFINITE);
	return 102;
}

/* In the foreground: this very process, which goes on after its pid file is
 * written, and hears of TERM. */
static int
stay(int argc, char **argv)
{
	struct proclc_daemon_options o = options_of(argv[0],
	    PROCLC_DAEMON_FOREGROUND);
	char text[64];

	(void)argc;
	o.stderr_path = NULL;
	tap_say("before");
	if (proclc_daemonize(&o) != PROCLC_DAEMON_CHILD ||
	    proclc_atexit_install(NULL) < 0 ||
	    proclc_atexit_register(note_end, NULL, 0) < 0)
		return 100;
	snprintf(text, sizeof(text), "pid %lu;", GetCurrentProcessId());
	tap_append(tap_beside(argv[0], "said"), text);
	tap_say("after");
	Sleep(INFINITE);
	return 101;
}

static void
launch(const char *path, DWORD code)
{
	struct tap_process p = tap_run("serve", path, NULL);

	need_equal(tap_end(&p), code);
}

static HANDLE
pin(int64_t pid)
{
	HANDLE process = OpenProcess(SYNCHRONIZE, FALSE, (DWORD)pid);

	need(process != NULL);
	need_equal(WaitForSingleObject(process, 0), WAIT_TIMEOUT);
	return process;
}

/* The daemon and its task. */
struct pair {
	HANDLE daemon, task;
};

static struct pair
pin_both(const char *path)
{
	struct pair p;
	int64_t pid = 0;

	need_equal(proclc_pidfile_status(path, &pid), 0);
	p.daemon = pin(pid);
	p.task = pin(atoi(tap_text(tap_beside(path, "task"))));
	need(DeleteFileA(tap_beside(path, "task")));
	return p;
}

static void
need_both_ended(struct pair *p)
{
	need_event(p->daemon);
	need_event(p->task);
	CloseHandle(p->daemon);
	CloseHandle(p->task);
}

static void
clear(const char *path)
{
	static const char *const what[] = { "said", "out", "err", "task",
	    "old" };

	for (size_t i = 0; i < sizeof(what) / sizeof(what[0]); i++)
		DeleteFileA(tap_beside(path, what[i]));
	DeleteFileA(path);
}

/* Start; a second one is refused; TERM; start; KILL; start over what that has
 * left; stop. */
static void
a_daemon_from_its_start_to_its_last_stop(void)
{
	const char *path = tap_path("life");
	struct pair p;

	launch(path, 0);
	p = pin_both(path);
	launch(path, 50);
	need(!tap_exists(tap_beside(path, "task")));
	need_equal(proclc_ping(path), 0);
	need_equal(proclc_send(path, PROCLC_SIGTERM), 0);
	need_both_ended(&p);
	/* Its handler ran while it still held the file. */
	need(tap_until_text(tap_beside(path, "said"), "end 15 held;"));
	need(!tap_exists(path));
	need_equal(proclc_ping(path), PROCLC_ENOENT);

	launch(path, 0);
	p = pin_both(path);
	need_equal(proclc_send(path, PROCLC_SIGKILL), 0);
	need_both_ended(&p);
	need(tap_exists(path));
	need_equal(proclc_ping(path), PROCLC_ENOTRUNNING);
	/* No handler. */
	need(strcmp(tap_text(tap_beside(path, "said")), "end 15 held;") == 0);

	launch(path, 0);
	p = pin_both(path);
	need_equal(proclc_stop(path, NULL), 0);
	need_both_ended(&p);
	need(!tap_exists(path));
	need(tap_until_text(tap_beside(path, "said"),
	    "end 15 held;end 15 held;"));
	clear(path);
}

/* What rotates them renames them, while the daemon has them open. */
static void
its_logs_are_opened_anew(void)
{
	const char *path = tap_path("logs");
	struct pair p;

	launch(path, 0);
	p = pin_both(path);
	need(tap_until_text(tap_beside(path, "out"), "begun\n"));
	need(MoveFileA(tap_beside(path, "out"), tap_beside(path, "old")));
	need_equal(proclc_send(path, PROCLC_SIGHUP), 0);
	need(tap_until_text(tap_beside(path, "said"), "reopen 0;"));
	need(tap_until_text(tap_beside(path, "out"), "after 1\n"));
	need(tap_until_text(tap_beside(path, "err"), "error after 1\n"));
	need(strcmp(tap_text(tap_beside(path, "old")), "begun\n") == 0);
	need_equal(proclc_stop(path, NULL), 0);
	need_both_ended(&p);
	clear(path);
}

static void
who_is_no_daemon_has_no_logs(void)
{
	need_equal(proclc_daemon_reopen_logs(), PROCLC_EINVAL);
}

static void
in_the_foreground_it_is_this_process(void)
{
	const char *path = tap_path("stay");
	struct tap_process p = tap_run("stay", path, NULL);
	int64_t pid = 0;
	char text[64];

	need(strcmp(tap_line(&p), "before") == 0);
	need(tap_until_text(tap_beside(path, "out"), "after\n"));
	need_equal(proclc_pidfile_status(path, &pid), 0);
	need_equal(pid, (int64_t)p.pid);
	need_equal(proclc_send(path, PROCLC_SIGTERM), 0);
	need_equal(tap_end(&p) & 0xff, 128 + PROCLC_SIGTERM);
	snprintf(text, sizeof(text), "pid %lu;end 15 held;", p.pid);
	need(strcmp(tap_text(tap_beside(path, "said")), text) == 0);
	need(!tap_exists(path));
	clear(path);
}

/* It changes nothing where it cannot be. */
static void
in_the_foreground_a_failure_undoes_all(void)
{
	const char *path = tap_path("undone");
	struct proclc_daemon_options o = options_of(path,
	    PROCLC_DAEMON_FOREGROUND);
	char before[MAX_PATH], after[MAX_PATH];
	struct proclc_pidfile *held;

	need_equal(proclc_pidfile_open(&held, path, NULL), 0);
	need_equal(proclc_pidfile_write(held), 0);
	GetCurrentDirectoryA(sizeof(before), before);
	o.chdir = "C:\\windows";
	need_equal(proclc_daemonize(&o), PROCLC_ERUNNING);
	GetCurrentDirectoryA(sizeof(after), after);
	need(strcmp(before, after) == 0);
	need_equal(proclc_pidfile_remove(held), 0);
	proclc_pidfile_close(held);
	clear(path);
}

const struct tap_test tap_tests[] = {
	{ "a daemon from its start to its last stop",
	    a_daemon_from_its_start_to_its_last_stop },
	{ "its logs are opened anew", its_logs_are_opened_anew },
	{ "who is no daemon has no logs", who_is_no_daemon_has_no_logs },
	{ "in the foreground it is this process",
	    in_the_foreground_it_is_this_process },
	{ "in the foreground a failure undoes all",
	    in_the_foreground_a_failure_undoes_all },
	{ NULL, NULL }
};

const struct tap_role tap_roles[] = {
	{ "serve", serve },
	{ "stay", stay },
	{ NULL, NULL }
};
