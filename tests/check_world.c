/*
 * Processes that use the whole library, in worlds that are made from numbers,
 * against a model (scn/world.h).
 *
 * A failure names its number and shows its steps; "scn/world NUMBER", in an
 * empty directory, repeats it, and so does
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
enum { SEEDS = 100, FEW_SEEDS = 5, ALL_SEEDS = 10000, PARTS = 10 };

static const char alone[] = "no subreaper";

static struct scenario s;

static unsigned
setting(const char *name, unsigned usual)
{
	const char *text = getenv(name);

	return text == NULL ? usual : (unsigned)strtoul(text, NULL, 0);
}

static bool
all(void)
{
	const char *text = getenv("TORTURE");

	return text != NULL && strcmp(text, "all") == 0;
}

static void
differs(const char *line)
{
	char text[6000], more[1000];
	size_t used = (size_t)snprintf(text, sizeof(text), "%s", line);

	while (scenario_read_line(&s, more, sizeof(more), 0) &&
	    used < sizeof(text))
		used += (size_t)snprintf(text + used, sizeof(text) - used,
		    "\n# %s", more);
	scenario_wait(&s);
	ck_abort_msg("%s\n%s", text, scenario_stderr(&s));
}

START_TEST(random_worlds_go_as_the_model_says)
{
	struct scenario_options options = { .cwd = toolkit_dir() };
	/* Without handles each end of a parent is seen within a second. */
	unsigned usual = backend_is("process", "pidfd") ? SEEDS : FEW_SEEDS;
	unsigned n = setting("PROCLC_TEST_SEEDS", all() ? ALL_SEEDS : usual);
	unsigned first = setting("PROCLC_TEST_SEED", 1);
	unsigned from = n * (unsigned)_i / PARTS;
	unsigned to = n * (unsigned)(_i + 1) / PARTS;
	char begin[16], count[16], line[1000] = "", agreed[32];

	if (from == to || toolkit_skip_tsan(TSAN_FORK))
		return;
	snprintf(begin, sizeof(begin), "%u", first + from);
	snprintf(count, sizeof(count), "%u", to - from);
	snprintf(agreed, sizeof(agreed), "agreed %u", to - from);
	scenario_start_with(&s, &options, "world", begin, count,
	    backend_is("exithook", "onexit") ? "1" : "0",
	    backend_is("process", "pidfd") ? "1" : "0", NULL);
	if (!scenario_read_line(&s, line, sizeof(line), 3000000) ||
	    (strcmp(line, agreed) != 0 && strcmp(line, alone) != 0))
		differs(line);
	if (strcmp(line, alone) == 0)
		toolkit_skip("%s", alone);
	scenario_expect_exit(&s, 0);
	scenario_expect_eof(&s);
	ck_assert_str_eq(scenario_stderr(&s), "");
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("world");
	TCase *tcase = tcase_create("world");

	tcase_add_checked_fixture(tcase, toolkit_setup, toolkit_teardown);
	tcase_set_timeout(tcase, all() ? 3000 : 300);
	tcase_add_loop_test(tcase, random_worlds_go_as_the_model_says, 0,
	    PARTS);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
