/* check_win_rest.c - signals no more handled, crashes of a thread, and what
 * there is nothing of on Windows. */
#include "order.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <proclc.h>

static void
ignore(struct proclc_sighandler *h, const struct proclc_signal_event *event,
    void *user)
{
	(void)h;
	(void)event;
	(void)user;
}

/* A handler of HUP, which waits or does nothing, and a pid file. */
static struct proclc_sighandler *
listen_at(const char *path)
{
	struct proclc_sighandler *h = NULL;
	struct proclc_pidfile *pf = NULL;

	if (proclc_pidfile_open(&pf, path, NULL) < 0 ||
	    proclc_sighandler_new(&h, path) < 0 ||
	    proclc_sighandler_set(h, PROCLC_SIGUSR1, PROCLC_SIGNAL_IGNORE,
	    NULL) < 0 || proclc_sighandler_set(h, PROCLC_SIGHUP, ignore,
	    NULL) < 0 || proclc_sighandler_start(h) < 0 ||
	    proclc_pidfile_write(pf) < 0)
		return NULL;
	return h;
}

/* Wait for one by the handle; then handle none. */
static int
stopper(int argc, char **argv)
{
	struct proclc_sighandler *h = argc < 1 ? NULL : listen_at(argv[0]);
	proclc_waitable fd = h == NULL ? -1 : proclc_sighandler_fd(h);

	if (fd < 0)
		return 100;
	tap_say("ready");
	if (WaitForSingleObject((HANDLE)fd, (DWORD)tap_ms(
	    TAP_PATIENCE_MS)) != WAIT_OBJECT_0 || proclc_sighandler_wait(h,
	    0) != PROCLC_SIGHUP || WaitForSingleObject((HANDLE)fd, 0) !=
	    WAIT_TIMEOUT)
		return 101;
	if (proclc_sighandler_stop(h) < 0 || proclc_sighandler_stop(h) < 0)
		return 102;
	tap_say("stopped");
	Sleep(INFINITE);
	return 103;
}

static void
one_that_is_stopped_leaves_its_signals_to_the_system(void)
{
	const char *path = tap_path("stopper");
	struct tap_process p = tap_run("stopper", path, NULL);

	need(strcmp(tap_line(&p), "ready") == 0);
	need_equal(proclc_send(path, PROCLC_SIGUSR1), 0);
	need_equal(proclc_send(path, PROCLC_SIGHUP), 0);
	need(strcmp(tap_line(&p), "stopped") == 0);
	need_equal(proclc_send(path, PROCLC_SIGHUP), 0);
	need_equal(tap_end(&p), 0xE050C080 + PROCLC_SIGHUP);
	DeleteFileA(path);
}

static void
say_crash(void *user, const struct proclc_exit_cause *cause)
{
	DWORD n;

	(void)user;
	(void)cause;
	WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), "crashed\n", 8, &n, NULL);
}

static int
fall(volatile char *below)
{
	volatile char here[4096];

	here[0] = *below;
	return here[0] != 0 ? 0 : fall(here) + here[0];
}

static DWORD WINAPI
use_up_stack(void *unused)
{
	volatile char zero = 0;

	(void)unused;
	if (proclc_crash_thread() < 0)
		ExitProcess(102);
	return (DWORD)fall(&zero);
}

static int
by_stack(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	tap_crash_quietly();
	if (proclc_atexit_register(say_crash, NULL,
	    PROCLC_ATEXIT_SIGNAL_SAFE) < 0 ||
	    CreateThread(NULL, 0, use_up_stack, NULL, 0, NULL) == NULL)
		return 100;
	Sleep(INFINITE);
	return 101;
}

static void
a_thread_without_stack_runs_the_safe_ones(void)
{
	struct tap_process p = tap_run("by_stack", NULL);

	need(strcmp(tap_line(&p), "crashed") == 0);
	need_equal(tap_end(&p), EXCEPTION_STACK_OVERFLOW);
}

static void
nobody_listens_who_would_be_notified(void)
{
	SetEnvironmentVariableA("NOTIFY_SOCKET", "/run/notify");
	putenv("NOTIFY_SOCKET=/run/notify");
	putenv("WATCHDOG_USEC=1000000");
	need_equal(proclc_notify_ready(), 0);
	need_equal(proclc_notify_reloading(), 0);
	need_equal(proclc_notify_stopping(), 0);
	need_equal(proclc_notify_status("well"), 0);
	need_equal(proclc_notify_ping(), 0);
	need_equal(proclc_notify_watchdog(), 0);
	need_equal(proclc_notify_take(), 0);
	need_equal(proclc_notify_ready_fd(1), PROCLC_ENOTSUP);
}

/* And nothing is half done. */
static void
what_cannot_be_had_is_refused(void)
{
	struct order o = { .code = 0 };
	HANDLE begun = new_event(&o, "rest");
	struct proclc_task *task = new_task(&sleep_long, &o, 0);
	struct proclc_status status = PROCLC_STATUS_INIT;
	struct proclc_pidfile *pf = NULL;

	need_event(begun);
	need_equal(proclc_shutdown_descendants(0), PROCLC_ENOTSUP);
	need_equal(proclc_task_status(task, &status), 0);
	need_equal(status.kind, PROCLC_STATUS_RUNNING);
	need(proclc_pidfile_adopt(&pf, tap_path("adopt"), 3) < 0);
	need(pf == NULL);
	proclc_task_free(task);
	CloseHandle(begun);
}

const struct tap_test tap_tests[] = {
	{ "one that is stopped leaves its signals to the system",
	    one_that_is_stopped_leaves_its_signals_to_the_system },
	{ "a thread without stack runs the safe ones",
	    a_thread_without_stack_runs_the_safe_ones },
	{ "nobody listens who would be notified",
	    nobody_listens_who_would_be_notified },
	{ "what cannot be had is refused", what_cannot_be_had_is_refused },
	{ NULL, NULL }
};

const struct tap_role tap_roles[] = {
	{ "stopper", stopper },
	{ "by_stack", by_stack },
	{ NULL, NULL }
};
