/* check_win_base.c - errors, versions, dispatch and the loop of the program. */
#include "tap.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <proclc.h>

#include "os/kin.h"
#include "os/win32.h"

#include <shellapi.h>

void
tap_begin(void)
{
}

static void
errors_have_their_names_and_words(void)
{
	need(strcmp(proclc_error_name(PROCLC_ERUNNING),
	    "PROCLC_ERUNNING") == 0);
	need(strcmp(proclc_strerror(PROCLC_ENOTSUP),
	    "not supported here") == 0);
	need(strcmp(proclc_strerror(-12345), "error 12345") == 0);
	need(proclc_send(NULL, PROCLC_SIGTERM) == PROCLC_EINVAL);
	need(strncmp(proclc_errmsg(), "send: ", 6) == 0);
}

static int
number_of_failure(int code)
{
	struct proclc_error_detail detail = { .size = sizeof(detail) };

	need_equal(proclc_error_detail(&detail), 0);
	need_equal(detail.code, code);
	return detail.os_error;
}

/* Two that mean the same, and one that was the caller's own mistake. */
static void
a_failure_has_its_win32_error(void)
{
	need_equal(proclc_send("C:\\nowhere\\x", PROCLC_SIGTERM),
	    PROCLC_ENOENT);
	need_equal(number_of_failure(PROCLC_ENOENT), ERROR_PATH_NOT_FOUND);
	need_equal(proclc_send(tap_path("none"), PROCLC_SIGTERM),
	    PROCLC_ENOENT);
	need_equal(number_of_failure(PROCLC_ENOENT), ERROR_FILE_NOT_FOUND);
	need_equal(proclc_send(NULL, PROCLC_SIGTERM), PROCLC_EINVAL);
	need_equal(number_of_failure(PROCLC_EINVAL), 0);
	need_equal(proclc_send("x", 1000), PROCLC_ESIGNAL);
	need_equal(number_of_failure(PROCLC_ESIGNAL), 0);
}

/* Each error has one meaning, and none of them is "no failure". */
static void
every_win32_error_has_one_meaning(void)
{
	SetLastError(ERROR_SUCCESS);
	need_equal(pcl_win_last_error(), PROCLC_EIO);
	for (DWORD error = 1; error < 16000; error++) {
		SetLastError(error);
		need(pcl_win_last_error() < 0);
		need(proclc_error_name(pcl_win_error(error)) != NULL);
		need_equal(pcl_os_error_number(pcl_win_error(error)), error);
	}
	need_equal(pcl_win_error(ERROR_SHARING_VIOLATION), PROCLC_EBUSY);
	need_equal(pcl_win_error(ERROR_TOO_MANY_OPEN_FILES), PROCLC_EMFILE);
	need_equal(pcl_win_error(ERROR_OUTOFMEMORY), PROCLC_ENOMEM);
	need_equal(pcl_win_error(16000), PROCLC_EIO);
}

static void
every_signal_of_the_library_has_a_name(void)
{
	static const int signals[] = { PROCLC_SIGHUP, PROCLC_SIGINT,
	    PROCLC_SIGQUIT, PROCLC_SIGABRT, PROCLC_SIGKILL, PROCLC_SIGUSR1,
	    PROCLC_SIGUSR2, PROCLC_SIGTERM };

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		const char *name = proclc_signal_name(signals[i]);

		need(name != NULL);
		need_equal(proclc_signal_number(name), signals[i]);
	}
	need(proclc_signal_number("CHLD") == PROCLC_ESIGNAL);
}

/* As the system itself takes a line apart. */
static void
arguments_come_back_exactly(void)
{
	static char plain[] = "plain", spaces[] = "two words", empty[] = "",
	    quotes[] = "say \"hi\"", slashes[] = "C:\\dir\\",
	    both[] = "a\\\"b\\\\", tab[] = "\t", greek[] = "\xce\xb4";
	char *const argv[] = { plain, spaces, empty, quotes, slashes, both,
	    tab, greek, NULL };
	wchar_t *line = pcl_win_command_line(argv), **back;
	char text[64];
	int n = 0;

	need(line != NULL);
	back = CommandLineToArgvW(line, &n);
	need(back != NULL);
	need_equal(n, 8);
	for (int i = 0; i < n; i++) {
		WideCharToMultiByte(CP_UTF8, 0, back[i], -1, text,
		    sizeof(text), NULL, NULL);
		need(strcmp(text, argv[i]) == 0);
	}
	LocalFree(back);
	free(line);
}

static struct {
	_Atomic int calls;
	_Atomic int signum;
	_Atomic DWORD thread;
} heard;

static void
hear(struct proclc_sighandler *h, const struct proclc_signal_event *event,
    void *user)
{
	(void)h;
	(void)user;
	atomic_store(&heard.signum, event->signum);
	atomic_store(&heard.thread, GetCurrentThreadId());
	atomic_fetch_add(&heard.calls, 1);
}

static bool
is_heard(void *unused)
{
	(void)unused;
	return atomic_load(&heard.calls) > 0;
}

/* Our own pid file: the way for a signal to come back to us. */
static struct proclc_pidfile *
own_file(const char *path)
{
	struct proclc_pidfile *pf = NULL;

	need_equal(proclc_pidfile_open(&pf, path, NULL), 0);
	need_equal(proclc_pidfile_write(pf), 0);
	return pf;
}

static void
a_callback_runs_on_the_thread_of_the_library(void)
{
	const char *path = tap_path("own");
	struct proclc_pidfile *pf = own_file(path);
	struct proclc_sighandler *h = NULL;

	atomic_store(&heard.calls, 0);
	need_equal(proclc_sighandler_new(&h, path), 0);
	need_equal(proclc_sighandler_set(h, PROCLC_SIGUSR1, hear, NULL), 0);
	need_equal(proclc_sighandler_start(h), 0);
	need_equal(proclc_send(path, PROCLC_SIGUSR1), 0);
	need(tap_until(is_heard, NULL));
	need_equal(atomic_load(&heard.signum), PROCLC_SIGUSR1);
	need(atomic_load(&heard.thread) != GetCurrentThreadId());
	proclc_sighandler_free(h);
	need_equal(proclc_pidfile_remove(pf), 0);
}

/* A program of its own, for the mode is chosen once. */
static int
manual(int argc, char **argv)
{
	const char *path = tap_path("manual");
	struct proclc_sighandler *h = NULL;
	struct proclc_pidfile *pf = NULL;
	proclc_waitable fd;

	(void)argc;
	(void)argv;
	if (proclc_set_dispatch_mode(PROCLC_DISPATCH_MANUAL) < 0 ||
	    (fd = proclc_dispatch_fd()) < 0)
		return 1;
	if (proclc_pidfile_open(&pf, path, NULL) < 0 ||
	    proclc_pidfile_write(pf) < 0 ||
	    proclc_sighandler_new(&h, path) < 0 ||
	    proclc_sighandler_set(h, PROCLC_SIGHUP, hear, NULL) < 0 ||
	    proclc_sighandler_start(h) < 0)
		return 2;
	while (proclc_dispatch(PROCLC_NOW) == 0 &&
	    WaitForSingleObject((HANDLE)fd, 0) == WAIT_OBJECT_0)
		continue;
	if (proclc_send(path, PROCLC_SIGHUP) < 0)
		return 3;
	if (WaitForSingleObject((HANDLE)fd, (DWORD)tap_ms(5000)) !=
	    WAIT_OBJECT_0)
		return 4;
	/* It shows that there is work; the work is done here. */
	if (is_heard(NULL))
		return 5;
	if (proclc_dispatch(PROCLC_NOW) < 0 || !is_heard(NULL))
		return 6;
	if (atomic_load(&heard.thread) != GetCurrentThreadId())
		return 7;
	if (WaitForSingleObject((HANDLE)fd, 0) != WAIT_TIMEOUT)
		return 8;
	proclc_sighandler_free(h);
	return proclc_pidfile_remove(pf) < 0 ? 9 : 0;
}

static void
in_manual_mode_a_handle_tells_when_to_dispatch(void)
{
	struct tap_process p = tap_run("manual", NULL);

	need_equal(tap_end(&p), 0);
}

const struct tap_test tap_tests[] = {
	{ "errors have their names and words",
	    errors_have_their_names_and_words },
	{ "a failure has its Win32 error", a_failure_has_its_win32_error },
	{ "every Win32 error has one meaning",
	    every_win32_error_has_one_meaning },
	{ "every signal of the library has a name",
	    every_signal_of_the_library_has_a_name },
	{ "arguments come back exactly", arguments_come_back_exactly },
	{ "a callback runs on the thread of the library",
	    a_callback_runs_on_the_thread_of_the_library },
	{ "in MANUAL mode a handle tells when to dispatch",
	    in_manual_mode_a_handle_tells_when_to_dispatch },
	{ NULL, NULL }
};

const struct tap_role tap_roles[] = {
	{ "manual", manual },
	{ NULL, NULL }
};
