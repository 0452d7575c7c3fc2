/*
 * Races made wide: the other side moves while a call waits (and each case is
 * certain to be met), a signal lands inside malloc, and nothing happens.
 */
#define _GNU_SOURCE 1

#include "sanitized.h"
#include "stranger.h"
#include "../toolkit/clock.h"
#include "../toolkit/toolkit.h"

#include <proclc.h>

#include <check.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct scenario s;
static struct stranger holder, stranger;
static char inject[1024], story[1024], alloc[1024], path[1000], text[4096];

static void
setup(void)
{
	toolkit_setup();
	sanitized_prepare();
	scenario_path(inject, sizeof(inject), "torture/inject");
	scenario_path(story, sizeof(story), "torture/story");
	scenario_path(alloc, sizeof(alloc), "torture/alloc.so");
	snprintf(path, sizeof(path), "%s/x", toolkit_dir());
}

/* Until inject has said that it acts; false: it never does. */
static bool
await_injection(void)
{
	int64_t deadline = clock_deadline(0);

	while (clock_left_ms(deadline) > 0 && !scenario_ended(&s))
		if (strstr(scenario_stderr(&s), "\ninjected ") != NULL)
			return true;
	return false;
}

/* The calls of proclc_send() before which its findings may become old. */
static const char *const moments[] = {
	"openat:2:60000", "fcntl.OFD_GETLK:1:60000", "pidfd_open:1:60000",
	"fcntl.OFD_GETLK:2:60000", "pidfd_send_signal:1:60000",
};

/* While the call waits, the holder ends, and a stranger gets its pid. */
static bool
replace_holder(void)
{
	pid_t pid = holder.pid;
	bool met = await_injection(), replaced;

	if (!met)
		toolkit_skip("not met: %s", scenario_stderr(&s));
	stranger_end(&holder);
	replaced = met && stranger_start(&stranger, pid, NULL);
	if (met && !replaced)
		toolkit_skip("%s", stranger_why());
	if (met)
		scenario_signal(&s, SIGUSR1);     /* go on */
	scenario_wait(&s);
	return replaced;
}

START_TEST(send_spares_who_has_the_pid_now)
{
	const char *out;

	if (toolkit_skip_tsan(TSAN_DELAY))
		return;
	ck_assert_msg(stranger_start(&holder, 0, path), "%s", stranger_why());
	scenario_start(&s, inject, "-m", "delay", moments[_i], "--", story,
	    "send", path, NULL);
	if (!replace_holder())
		return;
	ck_assert_int_eq(stranger_heard(&stranger, text, sizeof(text)), 0);
	stranger_end(&stranger);
	/* No file, not running, unlocked, or starting: it depends. */
	out = scenario_stdout(&s);
	ck_assert_msg(strstr(out, " proclc_send -20") != NULL || (_i == 0 &&
	    strstr(out, " proclc_send -2 ") != NULL), "%s", out);
}
END_TEST

/* Of the signal that comes while malloc holds its lock, the handler takes
 * note without allocating; and its callback may allocate. */
START_TEST(signal_inside_malloc_is_handled)
{
	if (access(alloc, R_OK) != 0 || sanitized_memory()) {
		toolkit_skip("no allocator to be interrupted");
		return;
	}
	setenv("LD_PRELOAD", alloc, 1);
	setenv("ALLOC_MARKED", "1", 1);
	setenv("ALLOC_RAISE", "1:10", 1);
	scenario_start(&s, story, "allocating", path, NULL);
	scenario_expect_exit(&s, 0);
	ck_assert_ptr_nonnull(strstr(scenario_stdout(&s), " raised 1\n"));
	ck_assert_ptr_nonnull(strstr(scenario_stdout(&s), " raised 0\n"));
}
END_TEST

/* U11, without a tracer: less than 1 % of the processor while idle. */
START_TEST(handler_costs_nothing_while_idle)
{
	setenv("TORTURE_IDLE_CALM", "1", 1);
	scenario_start(&s, story, "handler", path, NULL);
	scenario_expect_exit(&s, 0);
	ck_assert_ptr_null(strstr(scenario_stdout(&s), "FAIL"));
	ck_assert_ptr_nonnull(strstr(scenario_stdout(&s), " idle "));
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("widened");
	TCase *tc = tcase_create("widened");

	tcase_add_checked_fixture(tc, setup, toolkit_teardown);
	tcase_add_loop_test(tc, send_spares_who_has_the_pid_now, 0,
	    (int)(sizeof(moments) / sizeof(moments[0])));
	tcase_add_test(tc, signal_inside_malloc_is_handled);
	tcase_add_test(tc, handler_costs_nothing_while_idle);
	suite_add_tcase(suite, tc);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
