/* check_win_exit.c - exit handlers, on every way out that there is. */
#include "tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <proclc.h>

void
tap_begin(void)
{
}

static void
say(void *user, const struct proclc_exit_cause *cause)
{
	char line[64];

	snprintf(line, sizeof(line), "%s %d %d", (const char *)user,
	    (int)cause->kind, (int)cause->signum);
	tap_say(line);
}

static void
say_foreign(void)
{
	tap_say("foreign");
}

/* Two handlers, and one of somebody else's between them. */
static bool
add_handlers(void)
{
	static char first[] = "first", second[] = "second";

	return proclc_atexit_register(say, first, 0) > 0 &&
	    atexit(say_foreign) == 0 &&
	    proclc_atexit_register(say, second, 0) > 0;
}

static int
by_return(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return add_handlers() ? 3 : 100;
}

static int
by_exit(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	if (add_handlers())
		exit(4);
	return 100;
}

static int
by_call(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	if (add_handlers())
		proclc_exit(5);
	return 100;
}

static DWORD WINAPI
call_exit(void *code)
{
	exit((int)(intptr_t)code);
}

/* Eight threads at once: each handler runs once, all others wait. */
static int
by_threads(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	if (!add_handlers())
		return 100;
	for (int i = 0; i < 8; i++)
		CreateThread(NULL, 0, call_exit, (void *)(intptr_t)6, 0, NULL);
	Sleep(INFINITE);
	return 101;
}

static int
by_signal(int argc, char **argv)
{
	struct proclc_pidfile *pf = NULL;
	FILE *file;

	if (argc != 2 || !add_handlers() || proclc_atexit_install(NULL) < 0 ||
	    proclc_pidfile_open(&pf, argv[0], NULL) < 0 ||
	    proclc_pidfile_write(pf) < 0)
		return 100;
	/* Not written yet: to end does that. */
	file = fopen(argv[1], "wb");
	if (file == NULL || fputs("buffered", file) < 0)
		return 102;
	tap_say("ready");
	Sleep(INFINITE);
	return 101;
}

static void
hang(void *user, const struct proclc_exit_cause *cause)
{
	(void)user;
	(void)cause;
	Sleep(INFINITE);
}

/* A handler that does not come back: the deadline ends the process. */
static int
by_deadline(int argc, char **argv)
{
	struct proclc_atexit_options o = PROCLC_ATEXIT_OPTIONS_INIT;
	struct proclc_pidfile *pf = NULL;

	(void)argc;
	o.deadline_ms = 300;
	if (proclc_atexit_register(hang, NULL, 0) < 0 ||
	    proclc_atexit_install(&o) < 0 ||
	    proclc_pidfile_open(&pf, argv[0], NULL) < 0 ||
	    proclc_pidfile_write(pf) < 0)
		return 100;
	tap_say("ready");
	Sleep(INFINITE);
	return 101;
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
by_fault(int argc, char **argv)
{
	(void)argv;
	/* Before: a filter of the program's is called, too. */
	tap_crash_quietly();
	if (proclc_atexit_register(say_crash, NULL,
	    PROCLC_ATEXIT_SIGNAL_SAFE) < 0)
		return 100;
	*(volatile int *)(intptr_t)argc = 1;
	return 101;
}

static int
by_abort(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	if (proclc_atexit_register(say_crash, NULL,
	    PROCLC_ATEXIT_SIGNAL_SAFE) < 0)
		return 100;
	abort();
}

static void
need_line(const struct tap_process *p, const char *line)
{
	const char *got = tap_line(p);

	if (strcmp(got, line) != 0)
		printf("# \"%s\"\n", got);
	need(strcmp(got, line) == 0);
}

/* Its handlers, newest first.  Ours are one entry of the C library's list, as
 * old as the first of them; where the library ends the process they are first
 * of all. */
static void
need_handlers(const struct tap_process *p, int kind, int signum)
{
	char line[64];

	if (kind == PROCLC_EXIT_NORMAL)
		need_line(p, "foreign");
	snprintf(line, sizeof(line), "second %d %d", kind, signum);
	need_line(p, line);
	snprintf(line, sizeof(line), "first %d %d", kind, signum);
	need_line(p, line);
	if (kind != PROCLC_EXIT_NORMAL)
		need_line(p, "foreign");
}

static void
they_run_on_return_from_main(void)
{
	struct tap_process p = tap_run("by_return", NULL);

	need_handlers(&p, PROCLC_EXIT_NORMAL, 0);
	need_line(&p, "");
	need_equal(tap_end(&p), 3);
}

static void
they_run_on_exit(void)
{
	struct tap_process p = tap_run("by_exit", NULL);

	need_handlers(&p, PROCLC_EXIT_NORMAL, 0);
	need_line(&p, "");
	need_equal(tap_end(&p), 4);
}

static void
they_run_on_the_call(void)
{
	struct tap_process p = tap_run("by_call", NULL);

	need_handlers(&p, PROCLC_EXIT_CALL, 0);
	need_line(&p, "");
	need_equal(tap_end(&p), 5);
}

static void
they_run_once_when_many_threads_exit(void)
{
	struct tap_process p = tap_run("by_threads", NULL);

	need_handlers(&p, PROCLC_EXIT_NORMAL, 0);
	need_line(&p, "");
	need_equal(tap_end(&p), 6);
}

static void
they_run_on_term_and_the_status_tells(void)
{
	const char *path = tap_path("term"), *text = tap_path("text");
	struct tap_process p = tap_run("by_signal", path, text, NULL);

	need_line(&p, "ready");
	need(strcmp(tap_text(text), "") == 0);
	need_equal(proclc_send(path, PROCLC_SIGTERM), 0);
	need_handlers(&p, PROCLC_EXIT_SIGNAL, PROCLC_SIGTERM);
	need_line(&p, "");
	/* Not exit's own 128 + 15, but the one that says it was a signal. */
	need_equal(tap_end(&p), 0xE050C080 + PROCLC_SIGTERM);
	need(strcmp(tap_text(text), "buffered") == 0);
	DeleteFileA(path);
	DeleteFileA(text);
}

static void
the_deadline_ends_a_handler_that_hangs(void)
{
	const char *path = tap_path("hang");
	struct tap_process p = tap_run("by_deadline", path, NULL);

	need_line(&p, "ready");
	need_equal(proclc_send(path, PROCLC_SIGTERM), 0);
	need_equal(tap_end(&p) & 0xff, 128 + PROCLC_SIGTERM);
	DeleteFileA(path);
}

static void
a_fault_runs_the_safe_ones_and_stays_a_fault(void)
{
	struct tap_process p = tap_run("by_fault", NULL);

	need_line(&p, "crashed");
	need_line(&p, "");
	need_equal(tap_end(&p), EXCEPTION_ACCESS_VIOLATION);
}

static void
abort_runs_the_safe_ones_and_tells(void)
{
	struct tap_process p = tap_run("by_abort", NULL);

	need_line(&p, "crashed");
	need_line(&p, "");
	need_equal(tap_end(&p) & 0xff, 128 + PROCLC_SIGABRT);
}

const struct tap_test tap_tests[] = {
	{ "they run on return from main", they_run_on_return_from_main },
	{ "they run on exit", they_run_on_exit },
	{ "they run on the call", they_run_on_the_call },
	{ "they run once when many threads exit",
	    they_run_once_when_many_threads_exit },
	{ "they run on TERM, and the status tells",
	    they_run_on_term_and_the_status_tells },
	{ "the deadline ends a handler that hangs",
	    the_deadline_ends_a_handler_that_hangs },
	{ "a fault runs the safe ones, and stays a fault",
	    a_fault_runs_the_safe_ones_and_stays_a_fault },
	{ "abort runs the safe ones, and tells",
	    abort_runs_the_safe_ones_and_tells },
	{ NULL, NULL }
};

const struct tap_role tap_roles[] = {
	{ "by_return", by_return },
	{ "by_exit", by_exit },
	{ "by_call", by_call },
	{ "by_threads", by_threads },
	{ "by_signal", by_signal },
	{ "by_deadline", by_deadline },
	{ "by_fault", by_fault },
	{ "by_abort", by_abort },
	{ NULL, NULL }
};
