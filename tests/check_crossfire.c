/* Handler objects under fire, with many threads, and with children. */
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
	if (_i == 0 && toolkit_skip_tsan(TSAN_FORK))
		return;
	if (_i < 2 || !skip_without("identity", "wipeonfork"))
		in_rounds("forks", 5, 10, makers[_i]);
}
END_TEST

/* Whoever comes second waits for the thread that the first one makes. */
START_TEST(first_need_of_many_threads_makes_one_dispatcher)
{
	if (skip_without("threads", "proc"))
		return;
	for (int i = 0; i < 20; i++) {
		begin();
		scenario_send(&s, "first %d 8", SIGUSR1);
		scenario_expect(&s, "dispatchers 1");
		scenario_expect(&s, "wrong 0");
		end();
	}
}
END_TEST

START_TEST(start_beside_the_thread_under_fire_holds)
{
	in_rounds("beside", 200, 10, "");
}
END_TEST

START_TEST(start_beside_the_thread_under_fire_holds_long)
{
	in_rounds("beside", 200, 500, "");
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("crossfire");
	TCase *children = tcase_create("children");
	TCase *threads = tcase_create("threads");
	TCase *more = tcase_create("long");

	/* A busy machine gives the senders no time. */
	tcase_set_timeout(children, 100);
	tcase_add_checked_fixture(children, toolkit_setup, toolkit_teardown);
	tcase_add_loop_test(children,
	    M20_child_made_under_fire_gets_none_of_it, 0, MAKERS);
	suite_add_tcase(suite, children);
	tcase_add_checked_fixture(threads, toolkit_setup, toolkit_teardown);
	tcase_add_test(threads,
	    first_need_of_many_threads_makes_one_dispatcher);
	tcase_add_test(threads, start_beside_the_thread_under_fire_holds);
	tcase_set_timeout(threads, 100);
	suite_add_tcase(suite, threads);

	tcase_add_checked_fixture(more, toolkit_setup, toolkit_teardown);
	tcase_set_tags(more, "long");
	tcase_set_timeout(more, 600);
	tcase_add_test(more, start_beside_the_thread_under_fire_holds_long);
	suite_add_tcase(suite, more);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
