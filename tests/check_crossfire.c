/* Handler objects under fire, and children that are made meanwhile. */
#define _GNU_SOURCE 1

#include "backend.h"
#include "toolkit/toolkit.h"

#include <signal.h>

static struct scenario s;

static void
begin(void)
{
	scenario_start(&s, "crossfire", NULL);
}

static void
end(void)
{
	scenario_send(&s, "return");
	scenario_expect_exit(&s, 0);
}

/* Longer than any single answer may take: in rounds. */
static void
in_rounds(const char *what, int n, int rounds, const char *how)
{
	begin();
	for (int i = 0; i < rounds; i++) {
		scenario_send(&s, "%s %d %d %s", what, SIGUSR1, n, how);
		scenario_expect(&s, "wrong 0");
	}
	end();
}

static const char *const makers[] = { "fork", "vfork", "quiet", "raw" };

enum { MAKERS = 4 };

/* Neither side ever sees what is meant for the other. */
START_TEST(M20_child_made_under_fire_gets_none_of_it)
{
	if (_i < 2 || !skip_without("identity", "wipeonfork"))
		in_rounds("forks", 5, 10, makers[_i]);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("crossfire");
	TCase *children = tcase_create("children");

	/* A busy machine gives the senders no time. */
	tcase_set_timeout(children, 100);
	tcase_add_checked_fixture(children, toolkit_setup, toolkit_teardown);
	tcase_add_loop_test(children,
	    M20_child_made_under_fire_gets_none_of_it, 0, MAKERS);
	suite_add_tcase(suite, children);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
