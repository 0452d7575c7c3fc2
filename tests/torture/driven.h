/* The driver, and what its tests share: the driver run on a victim. */
#ifndef TORTURE_DRIVEN_H
#define TORTURE_DRIVEN_H

#include "../toolkit/toolkit.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

static struct scenario s;
static char inject[1024], victim[1024], a[1000], b[1000];

static void
setup(void)
{
	toolkit_setup();
	toolkit_expect(TOOLKIT_FILES);
	scenario_path(inject, sizeof(inject), "torture/inject");
	scenario_path(victim, sizeof(victim), "torture/victim");
	snprintf(a, sizeof(a), "%s/a", toolkit_dir());
	snprintf(b, sizeof(b), "%s/b", toolkit_dir());
}

/* Where ptrace is forbidden nothing of this can be had. */
static bool
skip(void)
{
	int status;

	scenario_start(&s, inject, "--", victim, NULL);
	status = scenario_wait(&s);
	if (status != 77 << 8)
		return false;
	toolkit_skip("ptrace: %s", scenario_stderr(&s));
	return true;
}

/* Its report has this line, once. */
static inline void
expect_report(const char *line)
{
	const char *text = scenario_stderr(&s);
	const char *at = strstr(text, line);

	ck_assert_msg(at != NULL, "no \"%s\" in:\n%s", line, text);
	ck_assert_ptr_null(strstr(at + 1, line));
}

#endif
