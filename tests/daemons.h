/*
 * A test and the daemon that it has made: the scenario is s, and after
 * started() it is the daemon that obeys.
 *
 *	scenario_start(&s, "daemon", NULL);
 *	started();
 *	answers("told_args", "args 0");
 *	end();
 */
#ifndef TESTS_DAEMONS_H
#define TESTS_DAEMONS_H

#include "toolkit/toolkit.h"

#include <stdio.h>

static struct scenario s;
static pid_t daemon_pid;
static char pid_file[700];	/* "": there is none */

static inline void
answers(const char *command, const char *answer)
{
	scenario_send(&s, "%s", command);
	scenario_expect(&s, "%s", answer);
}

/* The path of a name in this test's directory, until the next call. */
static inline const char *
in_dir(const char *name)
{
	static char path[700];

	snprintf(path, sizeof(path), "%s/%s", toolkit_dir(), name);
	return path;
}

/* The launcher has ended with 0, and the daemon answers. */
static inline void
started(void)
{
	answers("daemonize", "daemonize 0");
	scenario_expect_exit(&s, 0);
	scenario_send(&s, "pid");
	daemon_pid = (pid_t)scenario_expect_number(&s, "pid ");
}

/* It leaves, its file goes along, and nobody has complained. */
static inline void
end(void)
{
	scenario_send(&s, "exit 0");
	scenario_expect_eof(&s);
	process_wait_gone(daemon_pid, 0);
	ck_assert(pid_file[0] == '\0' || !file_exists(pid_file));
	ck_assert_str_eq(scenario_stderr(&s), "");
}

static inline void
file_has(const char *path, const char *text)
{
	char content[200];

	ck_assert_int_ge(file_read(path, content, sizeof(content)), 0);
	ck_assert_str_eq(content, text);
}

#endif
