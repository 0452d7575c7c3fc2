/* A watch for which there is no memory, or no thread: an error that says so. */
#define _GNU_SOURCE 1

#include "sanitized.h"
#include "../backend.h"
#include "../toolkit/toolkit.h"

#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct scenario s;
static char inject[1024], watched[1024];
static const char *const hows[] = { "arm", "new", "expected" };

enum { HOWS = 3, NO_TRACING = 77 };

static void
setup(void)
{
	toolkit_setup();
	sanitized_prepare();
	scenario_path(inject, sizeof(inject), "torture/inject");
	scenario_path(watched, sizeof(watched), "torture/watched");
}

/* The child ends in its own time; its parent does not. */
static void
expect_refused(const char *name, const char *message)
{
	scenario_expect(&s, "refused %s", name);
	scenario_expect(&s, "%s", message);
	scenario_expect(&s, "handler 2");
	scenario_signal(&s, SIGKILL);
	scenario_expect_killed(&s, SIGKILL);
	scenario_expect_eof(&s);
}

START_TEST(watch_without_memory_is_ENOMEM_and_says_so)
{
	char path[1024];

	scenario_path(path, sizeof(path), "torture/alloc.so");
	if (sanitized_memory() || access(path, R_OK) != 0) {
		toolkit_skip("no memory to be refused");
		return;
	}
	setenv("ALLOC_MARKED", "1", 1);
	setenv("ALLOC_FAIL", "1", 1);
	setenv("LD_PRELOAD", path, 1);
	scenario_start(&s, watched, hows[_i], "pidfd", "reaped", NULL);
	unsetenv("LD_PRELOAD");
	expect_refused("PROCLC_ENOMEM", "orphan watch: out of memory");
}
END_TEST

static bool
skip(void)
{
	int status;

	if (toolkit_skip_tsan(TSAN_DELAY))
		return true;
	scenario_start(&s, inject, "--", "/bin/true", NULL);
	status = scenario_wait(&s);
	if (status == NO_TRACING << 8)
		toolkit_skip("ptrace: %s", scenario_stderr(&s));
	return status != 0;
}

/* The one that bounds the end, then the one that calls back. */
START_TEST(watch_without_a_thread_names_the_step)
{
	static const char *const messages[] = {
		"guard thread: not now: a limit is reached",
		"dispatch thread: not now: a limit is reached",
	};
	char clone[64], clone3[64];

	if (skip() || skip_without("process", "pidfd"))
		return;
	/* libc makes threads by the one or the other. */
	snprintf(clone, sizeof(clone), "clone:%d+:EAGAIN@0.1", _i / HOWS + 1);
	snprintf(clone3, sizeof(clone3), "clone3:%d+:EAGAIN@0.1",
	    _i / HOWS + 1);
	scenario_start(&s, inject, "-m", "fail", clone, "fail", clone3, "--",
	    watched, hows[_i % HOWS], "pidfd", "reaped", NULL);
	expect_refused("PROCLC_EAGAIN", messages[_i / HOWS]);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("refused");
	TCase *tc = tcase_create("refused");

	tcase_add_checked_fixture(tc, setup, toolkit_teardown);
	tcase_add_loop_test(tc, watch_without_memory_is_ENOMEM_and_says_so, 0,
	    HOWS);
	tcase_add_loop_test(tc, watch_without_a_thread_names_the_step, 0,
	    2 * HOWS);
	suite_add_tcase(suite, tc);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
