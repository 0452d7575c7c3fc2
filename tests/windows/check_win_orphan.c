/* check_win_orphan.c - a process does not outlive its parent unnoticed. */
#include "tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <proclc.h>

void
tap_begin(void)
{
}

/* A parent that is to be ended: it makes a child of the role that it is told,
 * whose lines go where its own would, and names it. */
static int
parent(int argc, char **argv)
{
	struct tap_process child = tap_run(argv[0],
	    argc > 1 ? argv[1] : NULL, NULL);
	char line[64];

	snprintf(line, sizeof(line), "%lu %s", child.pid, tap_line(&child));
	tap_say(line);
	Sleep(INFINITE);
	return 0;
}

static int
one_line(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	if (proclc_exit_when_orphaned() < 0)
		return 100;
	tap_say("armed");
	Sleep(INFINITE);
	return 101;
}

static void
leave(struct proclc_orphan *watch, void *user)
{
	(void)user;
	ExitProcess(proclc_orphan_status(watch) == PROCLC_ORPHAN_GONE ? 42 :
	    102);
}

static int
told(int argc, char **argv)
{
	struct proclc_orphan *w = NULL;

	(void)argc;
	(void)argv;
	if (proclc_orphan_new(&w, NULL) < 0 ||
	    proclc_orphan_add_callback(w, leave, NULL) < 0 ||
	    proclc_orphan_start(w) < 0)
		return 100;
	tap_say("armed");
	Sleep(INFINITE);
	return 101;
}

/* The handle, waited for by ourselves. */
static int
waits(int argc, char **argv)
{
	struct proclc_orphan *w = NULL;
	proclc_waitable fd;

	(void)argc;
	(void)argv;
	if (proclc_orphan_new(&w, NULL) < 0)
		return 100;
	if (proclc_orphan_add_callback(w, (void (*)(struct proclc_orphan *,
	    void *))(uintptr_t)proclc_orphan_status, NULL) < 0 ||
	    proclc_orphan_start(w) < 0)
		return 101;
	fd = proclc_orphan_fd(w);
	if (fd < 0 || WaitForSingleObject((HANDLE)fd, 0) != WAIT_TIMEOUT)
		return 102;
	tap_say("armed");
	return WaitForSingleObject((HANDLE)fd, INFINITE) == WAIT_OBJECT_0 ?
	    43 : 103;
}

/* Its parent has ended before it looks. */
static int
late(int argc, char **argv)
{
	struct proclc_orphan_options o = PROCLC_ORPHAN_OPTIONS_INIT;
	struct proclc_orphan *w = NULL;
	HANDLE go;

	(void)argc;
	tap_say("waits");
	go = OpenEventA(SYNCHRONIZE, FALSE, argv[0]);
	if (go == NULL || WaitForSingleObject(go, INFINITE) != WAIT_OBJECT_0 ||
	    proclc_orphan_new(&w, &o) < 0)
		return 100;
	return proclc_orphan_start(w) == PROCLC_EORPHANED ? 44 : 101;
}

/* Run a parent with a child, and pin the child. */
static HANDLE
run_family(struct tap_process *p, const char *child, const char *argument)
{
	const char *line;
	HANDLE process;

	*p = tap_run("parent", child, argument, NULL);
	line = tap_line(p);
	process = OpenProcess(SYNCHRONIZE | PROCESS_QUERY_INFORMATION |
	    PROCESS_TERMINATE, FALSE, (DWORD)atoi(line));
	need(process != NULL);
	need(strstr(line, "armed") != NULL || strstr(line, "waits") != NULL);
	need_equal(WaitForSingleObject(process, 100), WAIT_TIMEOUT);
	return process;
}

static DWORD
end_of(HANDLE process)
{
	DWORD code = 0;

	if (WaitForSingleObject(process, (DWORD)tap_ms(TAP_PATIENCE_MS)) !=
	    WAIT_OBJECT_0) {
		TerminateProcess(process, 1);
		need(!"it has ended");
	}
	need(GetExitCodeProcess(process, &code));
	CloseHandle(process);
	return code;
}

static void
it_ends_with_its_parent(void)
{
	struct tap_process p;
	HANDLE child = run_family(&p, "one_line", NULL);

	tap_kill(&p);
	need_equal(end_of(child) & 0xff, 128 + PROCLC_SIGTERM);
}

static void
it_is_told_of_its_parents_end(void)
{
	struct tap_process p;
	HANDLE child = run_family(&p, "told", NULL);

	tap_kill(&p);
	need_equal(end_of(child), 42);
}

static void
its_handle_can_be_waited_for(void)
{
	struct tap_process p;
	HANDLE child = run_family(&p, "waits", NULL);

	tap_kill(&p);
	need_equal(end_of(child), 43);
}

static void
a_parent_that_is_gone_before_is_an_error(void)
{
	char name[64];
	struct tap_process p;
	HANDLE go, child;

	snprintf(name, sizeof(name), "proclc-test-%lu", GetCurrentProcessId());
	go = CreateEventA(NULL, TRUE, FALSE, name);
	need(go != NULL);
	child = run_family(&p, "late", name);
	tap_kill(&p);
	SetEvent(go);
	need_equal(end_of(child), 44);
	CloseHandle(go);
}

static bool
is_gone(void *watch)
{
	return proclc_orphan_status(watch) == PROCLC_ORPHAN_GONE;
}

static void
nothing(struct proclc_orphan *watch, void *user)
{
	(void)watch;
	(void)user;
}

/* By what there is here, or as was asked for. */
static void
a_watch_names_how_it_sees_the_end(void)
{
	struct tap_process p = tap_run("sleeper", NULL);
	struct proclc_orphan_options o = PROCLC_ORPHAN_OPTIONS_INIT;
	struct proclc_orphan *w = NULL;

	o.pid = p.pid;
	need_equal(proclc_orphan_new(&w, &o), 0);
	need(proclc_orphan_backend(w) == NULL);
	need_equal(proclc_orphan_add_callback(w, nothing, NULL), 0);
	need_equal(proclc_orphan_start(w), 0);
	need(strcmp(proclc_orphan_backend(w), "handle") == 0);
	proclc_orphan_free(w);
	o.backend = PROCLC_ORPHAN_POLL;
	need_equal(proclc_orphan_new(&w, &o), 0);
	need_equal(proclc_orphan_add_callback(w, nothing, NULL), 0);
	need_equal(proclc_orphan_start(w), 0);
	need(strcmp(proclc_orphan_backend(w), "poll") == 0);
	proclc_orphan_free(w);
	tap_kill(&p);
}

static void
any_other_process_can_be_watched(void)
{
	struct proclc_orphan_options o = PROCLC_ORPHAN_OPTIONS_INIT;
	struct tap_process p = tap_run("sleeper", NULL);
	struct proclc_orphan *w = NULL;

	o.pid = p.pid;
	need_equal(proclc_orphan_new(&w, &o), 0);
	need_equal(proclc_orphan_add_callback(w, nothing, NULL), 0);
	need_equal(proclc_orphan_start(w), 0);
	need_equal(proclc_orphan_status(w), PROCLC_ORPHAN_WATCHING);
	tap_kill(&p);
	need(tap_until(is_gone, w));
	proclc_orphan_free(w);
	/* And one that is dead already is an error. */
	need_equal(proclc_orphan_new(&w, &o), 0);
	need_equal(proclc_orphan_start(w), PROCLC_EORPHANED);
	proclc_orphan_free(w);
}

static int
sleeper(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	Sleep(INFINITE);
	return 0;
}

const struct tap_test tap_tests[] = {
	{ "it ends with its parent", it_ends_with_its_parent },
	{ "it is told of its parent's end", it_is_told_of_its_parents_end },
	{ "its handle can be waited for", its_handle_can_be_waited_for },
	{ "a parent that is gone before is an error",
	    a_parent_that_is_gone_before_is_an_error },
	{ "a watch names how it sees the end",
	    a_watch_names_how_it_sees_the_end },
	{ "any other process can be watched",
	    any_other_process_can_be_watched },
	{ NULL, NULL }
};

const struct tap_role tap_roles[] = {
	{ "parent", parent },
	{ "one_line", one_line },
	{ "told", told },
	{ "waits", waits },
	{ "late", late },
	{ "sleeper", sleeper },
	{ NULL, NULL }
};
