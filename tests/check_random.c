/*
 * Exit handlers in programs of processes that are made from numbers, against
 * a plain list (scn/predict.c).
 *
 * A failure names its number; "scn/random NUMBER" repeats it, and so does
 *	PROCLC_TEST_SEED=NUMBER   the first of the numbers, instead of 1
 *	PROCLC_TEST_SEEDS=1000    how many
 */
#define _GNU_SOURCE 1

#include "backend.h"
#include "toolkit/toolkit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Each part has its own share of a test's time. */
enum { SEEDS = 1000, PARTS = 10 };

static struct scenario s;

static unsigned
setting(const char *name, unsigned usual)
{
	const char *text = getenv(name);

	return text == NULL ? usual : (unsigned)strtoul(text, NULL, 0);
}

/* The rest of what it says, to show. */
static void
differs(const char *line)
{
	char text[6000];
	size_t used = (size_t)snprintf(text, sizeof(text), "%s", line);
	char more[1000];

	while (scenario_read_line(&s, more, sizeof(more), 0) &&
	    used < sizeof(text))
		used += (size_t)snprintf(text + used, sizeof(text) - used,
		    "\n# %s", more);
	scenario_wait(&s);
	ck_abort_msg("%s", text);
}

START_TEST(random_processes_run_their_handlers_as_a_list_says)
{
	unsigned n = setting("PROCLC_TEST_SEEDS", SEEDS);
	unsigned first = setting("PROCLC_TEST_SEED", 1);
	unsigned from = n * (unsigned)_i / PARTS;
	unsigned to = n * (unsigned)(_i + 1) / PARTS;
	char begin[16], count[16], line[1000] = "", agreed[32];

	if (from == to || toolkit_skip_tsan(TSAN_FORK))
		return;
	snprintf(begin, sizeof(begin), "%u", first + from);
	snprintf(count, sizeof(count), "%u", to - from);
	snprintf(agreed, sizeof(agreed), "agreed %u", to - from);
	scenario_start(&s, "random", begin, count,
	    backend_is("identity", "wipeonfork") ? "3" : "1",
	    backend_is("exithook", "onexit") ? "1" : "0", NULL);
	if (!scenario_read_line(&s, line, sizeof(line), 600000) ||
	    strcmp(line, agreed) != 0)
		differs(line);
	scenario_expect_exit(&s, 0);
	scenario_expect_eof(&s);
	ck_assert_str_eq(scenario_stderr(&s), "");
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("random");
	TCase *tcase = tcase_create("random");

	tcase_add_checked_fixture(tcase, toolkit_setup, toolkit_teardown);
	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase,
	    random_processes_run_their_handlers_as_a_list_says, 0, PARTS);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
