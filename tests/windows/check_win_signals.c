/* check_win_signals.c - a process is reached by its pid file. */
#include "tap.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include <proclc.h>

#include "os/win32.h"

void
tap_begin(void)
{
}

static void
say_signal(struct proclc_sighandler *h,
    const struct proclc_signal_event *event, void *user)
{
	(void)h;
	(void)user;
	tap_say(proclc_signal_name(event->signum));
}

static const int told[] = { PROCLC_SIGHUP, PROCLC_SIGINT, PROCLC_SIGQUIT,
    PROCLC_SIGABRT, PROCLC_SIGUSR1, PROCLC_SIGUSR2, PROCLC_SIGTERM };
enum { TOLD = sizeof(told) / sizeof(told[0]) };

/* Say each signal that comes. */
static int
listener(int argc, char **argv)
{
	struct proclc_sighandler *h = NULL;
	struct proclc_pidfile *pf = NULL;

	(void)argc;
	if (proclc_pidfile_open(&pf, argv[0], NULL) < 0 ||
	    proclc_sighandler_new(&h, argv[0]) < 0)
		return 1;
	for (int i = 0; i < TOLD; i++)
		if (proclc_sighandler_set(h, told[i], say_signal, NULL) < 0)
			return 2;
	if (proclc_sighandler_start(h) < 0 || proclc_pidfile_write(pf) < 0)
		return 3;
	tap_say("ready");
	Sleep(INFINITE);
	return 0;
}

/* Wait for one at the object; its number is the exit code. */
static int
waiter(int argc, char **argv)
{
	struct proclc_sighandler *h = NULL;
	struct proclc_pidfile *pf = NULL;
	int rc;

	(void)argc;
	if (proclc_pidfile_open(&pf, argv[0], NULL) < 0 ||
	    proclc_sighandler_new(&h, argv[0]) < 0 ||
	    proclc_sighandler_set(h, PROCLC_SIGINT, PROCLC_SIGNAL_WAIT,
	    NULL) < 0 || proclc_sighandler_set(h, PROCLC_SIGTERM,
	    PROCLC_SIGNAL_WAIT, NULL) < 0 || proclc_sighandler_set(h,
	    PROCLC_SIGABRT, PROCLC_SIGNAL_WAIT, NULL) < 0 ||
	    proclc_sighandler_start(h) < 0 || proclc_pidfile_write(pf) < 0)
		return 100;
	tap_say("ready");
	rc = proclc_sighandler_wait(h, tap_ms(TAP_PATIENCE_MS));
	return rc < 0 ? 101 : rc;
}

/* End as the library does: handlers, then the signal. */
static int
server(int argc, char **argv)
{
	struct proclc_sighandler *h = NULL;
	struct proclc_pidfile *pf = NULL;

	(void)argc;
	if (proclc_pidfile_open(&pf, argv[0], NULL) < 0 ||
	    proclc_sighandler_new(&h, argv[0]) < 0 ||
	    proclc_sighandler_set(h, PROCLC_SIGTERM, PROCLC_SIGNAL_DEFAULT,
	    NULL) < 0 || proclc_sighandler_set(h, PROCLC_SIGINT,
	    PROCLC_SIGNAL_DEFAULT, NULL) < 0 || proclc_sighandler_set(h,
	    PROCLC_SIGABRT, PROCLC_SIGNAL_DEFAULT, NULL) < 0 ||
	    proclc_sighandler_start(h) < 0 || proclc_pidfile_write(pf) < 0)
		return 100;
	tap_say("ready");
	Sleep(INFINITE);
	return 0;
}

/* It hears of nothing. */
static int
deaf(int argc, char **argv)
{
	struct proclc_pidfile *pf = NULL;

	(void)argc;
	if (proclc_pidfile_open(&pf, argv[0], NULL) < 0 ||
	    proclc_pidfile_write(pf) < 0)
		return 100;
	tap_say("ready");
	Sleep(INFINITE);
	return 0;
}

static struct tap_process
run_ready(const char *role, const char *path)
{
	struct tap_process p = tap_run(role, path, NULL);

	need(strcmp(tap_line(&p), "ready") == 0);
	return p;
}

static void
each_signal_reaches_its_handler(void)
{
	const char *path = tap_path("each");
	struct tap_process p = run_ready("listener", path);

	need_equal(proclc_ping(path), 0);
	for (int i = 0; i < TOLD; i++) {
		ULONGLONG before = GetTickCount64();

		need_equal(proclc_send(path, told[i]), 0);
		need(strcmp(tap_line(&p), proclc_signal_name(told[i])) == 0);
		need(GetTickCount64() - before <
		    (ULONGLONG)tap_ms(1000));
	}
	tap_kill(&p);
	need_equal(proclc_send(path, PROCLC_SIGTERM), PROCLC_ENOTRUNNING);
	need_equal(proclc_ping(path), PROCLC_ENOTRUNNING);
	DeleteFileA(path);
}

static const int ending[] = { PROCLC_SIGINT, PROCLC_SIGTERM,
    PROCLC_SIGABRT };

static void
a_thread_may_wait_for_one(void)
{
	for (int i = 0; i < 3; i++) {
		const char *path = tap_path("wait");
		struct tap_process p = run_ready("waiter", path);

		need_equal(proclc_send(path, ending[i]), 0);
		need_equal(tap_end(&p), ending[i]);
		DeleteFileA(path);
	}
}

static void
the_default_ends_it_and_the_status_tells_which(void)
{
	for (int i = 0; i < 3; i++) {
		const char *path = tap_path("default");
		struct tap_process p = run_ready("server", path);

		need_equal(proclc_send(path, ending[i]), 0);
		need_equal(tap_end(&p) & 0xff, 128 + ending[i]);
		need_equal(proclc_send(path, ending[i]),
		    PROCLC_ENOTRUNNING);
		DeleteFileA(path);
	}
}

/* Of those that wine does not send, at least what they stand for. */
static void
the_console_speaks_in_two_signals(void)
{
	need_equal(pcl_win_console_signal(CTRL_C_EVENT), PROCLC_SIGINT);
	need_equal(pcl_win_console_signal(CTRL_BREAK_EVENT), PROCLC_SIGINT);
	need_equal(pcl_win_console_signal(CTRL_CLOSE_EVENT), PROCLC_SIGTERM);
	need_equal(pcl_win_console_signal(CTRL_SHUTDOWN_EVENT),
	    PROCLC_SIGTERM);
	need_equal(pcl_win_console_signal(CTRL_LOGOFF_EVENT), 0);
}

static void
stop_ends_who_listens_in_its_own_time(void)
{
	const char *path = tap_path("stop");
	struct tap_process p = run_ready("server", path);

	need_equal(proclc_stop(path, NULL), 0);
	/* What a shell shows of it is 128 + 15. */
	need_equal(tap_end(&p) & 0xff, 128 + PROCLC_SIGTERM);
	DeleteFileA(path);
}

static void
who_does_not_listen_is_not_ended_by_a_send(void)
{
	const char *path = tap_path("deaf");
	struct tap_process p = run_ready("deaf", path);

	need_equal(proclc_send(path, PROCLC_SIGTERM), PROCLC_ENOTSUP);
	need_equal(proclc_ping(path), 0);
	need_equal(proclc_send(path, PROCLC_SIGKILL), 0);
	need_equal(tap_end(&p) & 0xff, 128 + PROCLC_SIGKILL);
	DeleteFileA(path);
}

static void
stop_kills_at_once_who_does_not_listen(void)
{
	const char *path = tap_path("killed");
	struct tap_process p = run_ready("deaf", path);
	ULONGLONG before = GetTickCount64();

	need_equal(proclc_stop(path, NULL), 1);
	need(GetTickCount64() - before < 5000);
	need_equal(tap_end(&p) & 0xff, 128 + PROCLC_SIGKILL);
	DeleteFileA(path);
}

static void
stop_may_be_told_not_to_kill(void)
{
	struct proclc_stop_options o = PROCLC_STOP_OPTIONS_INIT;
	const char *path = tap_path("spared");
	struct tap_process p = run_ready("deaf", path);

	o.kill_wait_ms = PROCLC_NOW;
	need_equal(proclc_stop(path, &o), PROCLC_ENOTSUP);
	need_equal(proclc_ping(path), 0);
	tap_kill(&p);
	DeleteFileA(path);
}

static void
hear_nothing(struct proclc_sighandler *h,
    const struct proclc_signal_event *event, void *user)
{
	(void)h;
	(void)event;
	atomic_fetch_add((_Atomic int *)user, 1);
}

static bool
is_positive(void *number)
{
	return atomic_load((_Atomic int *)number) > 0;
}

/* A storm: all of it may be one signal, but not none after the last. */
static void
the_last_of_a_storm_is_heard(void)
{
	const char *path = tap_path("storm");
	struct proclc_sighandler *h = NULL;
	struct proclc_pidfile *pf = NULL;
	static _Atomic int heard;

	need_equal(proclc_pidfile_open(&pf, path, NULL), 0);
	need_equal(proclc_pidfile_write(pf), 0);
	need_equal(proclc_sighandler_new(&h, NULL), 0);
	need_equal(proclc_sighandler_set(h, PROCLC_SIGUSR2, hear_nothing,
	    &heard), 0);
	need_equal(proclc_sighandler_start(h), 0);
	for (int i = 0; i < 2000; i++)
		need_equal(proclc_send(path, PROCLC_SIGUSR2), 0);
	need(tap_until(is_positive, &heard));
	atomic_store(&heard, 0);
	need_equal(proclc_send(path, PROCLC_SIGUSR2), 0);
	need(tap_until(is_positive, &heard));
	proclc_sighandler_free(h);
	need_equal(proclc_pidfile_remove(pf), 0);
}

/* Send Ctrl-C to the console of another process. */
static int
press(int argc, char **argv)
{
	DWORD pid = 0;

	(void)argc;
	sscanf(argv[0], "%lu", &pid);
	FreeConsole();
	if (!AttachConsole(pid))
		return 1;
	SetConsoleCtrlHandler(NULL, TRUE);
	return GenerateConsoleCtrlEvent(CTRL_C_EVENT, 0) ? 0 : 2;
}

/* It needs a console to hear of its keys: it makes itself one. */
static int
typist(int argc, char **argv)
{
	struct proclc_sighandler *h = NULL;

	(void)argc;
	(void)argv;
	if (GetConsoleCP() == 0)
		return 50;
	if (proclc_sighandler_new(&h, NULL) < 0 ||
	    proclc_sighandler_set(h, PROCLC_SIGINT, PROCLC_SIGNAL_WAIT,
	    NULL) < 0 || proclc_sighandler_start(h) < 0)
		return 100;
	tap_say("ready");
	return proclc_sighandler_wait(h, tap_ms(TAP_PATIENCE_MS)) ==
	    PROCLC_SIGINT ? 7 : 101;
}

static void
control_c_arrives_as_int(void)
{
	struct tap_process p, presser;
	char pid[32];

	p = tap_run_console("typist", NULL);
	need(strcmp(tap_line(&p), "ready") == 0);
	snprintf(pid, sizeof(pid), "%lu", p.pid);
	presser = tap_run("press", pid, NULL);
	need_equal(tap_end(&presser), 0);
	need_equal(tap_end(&p), 7);
}

const struct tap_test tap_tests[] = {
	{ "each signal reaches its handler",
	    each_signal_reaches_its_handler },
	{ "a thread may wait for one", a_thread_may_wait_for_one },
	{ "the default ends it, and the status tells which",
	    the_default_ends_it_and_the_status_tells_which },
	{ "the console speaks in two signals",
	    the_console_speaks_in_two_signals },
	{ "stop ends who listens in its own time",
	    stop_ends_who_listens_in_its_own_time },
	{ "who does not listen is not ended by a send",
	    who_does_not_listen_is_not_ended_by_a_send },
	{ "stop kills at once who does not listen",
	    stop_kills_at_once_who_does_not_listen },
	{ "stop may be told not to kill", stop_may_be_told_not_to_kill },
	{ "the last of a storm is heard", the_last_of_a_storm_is_heard },
	{ "Control-C arrives as INT", control_c_arrives_as_int },
	{ NULL, NULL }
};

const struct tap_role tap_roles[] = {
	{ "listener", listener },
	{ "waiter", waiter },
	{ "server", server },
	{ "deaf", deaf },
	{ "press", press },
	{ "typist", typist },
	{ NULL, NULL }
};
