/* check_win_examples.c - the examples that are for Windows, too: they do what
 * tests/examples.sh has them do elsewhere. */
#include "tap.h"

#include <stdio.h>
#include <string.h>

void
tap_begin(void)
{
}

static void
need_line(const struct tap_process *p, const char *line)
{
	const char *got = tap_line(p);

	if (strcmp(got, line) != 0)
		printf("# \"%s\"\n", got);
	need(strcmp(got, line) == 0);
}

static void
task_counts_in_children(void)
{
	struct tap_process p = tap_run_other(tap_built("examples\\task.exe"),
	    "child", "two words", "", NULL);

	need_line(&p, "child: 5");
	need_line(&p, "two words: 9");
	need_line(&p, ": 0");
	need_line(&p, "");
	need_equal(tap_end(&p), 0);
}

/* It is told to stop by the end of its stdin, after the third tick. */
static void
loop_ticks_until_it_is_told_to_stop(void)
{
	SECURITY_ATTRIBUTES inherited = { sizeof(inherited), NULL, TRUE };
	HANDLE before = GetStdHandle(STD_INPUT_HANDLE), in, end;
	struct tap_process p;

	need(CreatePipe(&in, &end, &inherited, 0));
	SetHandleInformation(end, HANDLE_FLAG_INHERIT, 0);
	SetStdHandle(STD_INPUT_HANDLE, in);
	p = tap_run_other(tap_built("examples\\loop.exe"), NULL);
	SetStdHandle(STD_INPUT_HANDLE, before);
	CloseHandle(in);
	need_line(&p, "begin");
	need_line(&p, "tick 1");
	need_line(&p, "tick 2");
	need_line(&p, "tick 3");
	CloseHandle(end);
	need_line(&p, "end after 3");
	need_line(&p, "exit code 0, and here 0 ticks");
	need_line(&p, "");
	need_equal(tap_end(&p), 0);
}

static DWORD
tell(const char *path, const char *name)
{
	struct tap_process p = tap_run_other(
	    tap_built("examples\\signals.exe"), path, name, NULL);

	return tap_end(&p);
}

/* A sender's pid is not known. */
static void
signals_reloads_and_stops(void)
{
	const char *path = tap_path("signals");
	struct tap_process p = tap_run_other(
	    tap_built("examples\\signals.exe"), path, NULL);
	char line[MAX_PATH + 80];

	need_line(&p, "ready");
	snprintf(line, sizeof(line), "reload %s, says pid 0", path);
	need_equal(tell(path, "HUP"), 0);
	need_line(&p, line);
	need_equal(tell(path, "SIGHUP"), 0);
	need_line(&p, line);
	need_equal(tell(path, "NOSUCH"), 1);
	need_equal(tell(path, "TERM"), 0);
	need_line(&p, "stop");
	need_equal(tap_end(&p), 0);
	need(!tap_exists(path));
	need_equal(tell(path, "TERM"), 1);
}

const struct tap_test tap_tests[] = {
	{ "task counts in children", task_counts_in_children },
	{ "loop ticks until it is told to stop",
	    loop_ticks_until_it_is_told_to_stop },
	{ "signals reloads and stops", signals_reloads_and_stops },
	{ NULL, NULL }
};

const struct tap_role tap_roles[] = {
	{ NULL, NULL }
};
