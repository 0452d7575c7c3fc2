/*
 * A parent with tasks, in a program of its own (tests/scn/tasks).
 *
 *	struct scenario s;
 *
 *	if (!parent_start(&s, way, "handler=old", NULL))
 *		return;     it has said why
 *	parent_start_task(&s, "task", "a");
 *	scenario_send(&s, "exit=0");
 */
#ifndef PARENTS_H
#define PARENTS_H

#include "backend.h"
#include "toolkit/toolkit.h"

#include <stdio.h>
#include <string.h>

/* 0: as things are here; then as on an older kernel, and under a filter. */
enum { PARENT_WAYS = 3 };

static const char *const parent_refused[PARENT_WAYS] = {
	NULL, "pidfd_open=ENOSYS", "pidfd_open=EPERM",
};

/* Words: the first steps, of which one may be NULL.  false: not to be had. */
static inline bool
parent_start(struct scenario *s, int way, const char *first, const char *second)
{
	char path[1024], line[64] = "";

	scenario_path(path, sizeof(path), "scn/tasks");
	if (parent_refused[way] == NULL)
		scenario_start(s, "tasks", first, second, NULL);
	else
		scenario_start(s, "refuse", parent_refused[way], path, first,
		    second, NULL);
	if (scenario_read_line(s, line, sizeof(line), 0) &&
	    strcmp(line, "ready") == 0)
		return true;
	if (strcmp(line, "no namespace") != 0)
		scenario_expect_exit(s, 77);
	scenario_wait(s);
	toolkit_skip("what comes of a filter or a namespace");
	return false;
}

/* A step; a task has begun when it returns, and its pid is returned. */
static inline pid_t
parent_start_task(struct scenario *s, const char *kind, const char *name)
{
	char text[64];

	scenario_send(s, "%s=%s", kind, name);
	snprintf(text, sizeof(text), "%s begins ", name);
	return (pid_t)scenario_expect_number(s, text);
}

/* So many lines, of which each begins with one of the words. */
static inline void
parent_expect_lines(struct scenario *s, int n, const char *first,
    const char *second)
{
	char line[64];

	while (n-- > 0) {
		ck_assert(scenario_read_line(s, line, sizeof(line), 0));
		ck_assert_msg(strncmp(line, first, strlen(first)) == 0 ||
		    strncmp(line, second, strlen(second)) == 0, "\"%s\"",
		    line);
	}
}

#endif
