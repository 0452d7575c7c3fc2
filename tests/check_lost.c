/* Callbacks that do not return, and callbacks when the process ends. */
#define _GNU_SOURCE 1

#include "backend.h"
#include "toolkit/toolkit.h"

static struct scenario s;

static void
begin(const char *name)
{
	scenario_start(&s, name, NULL);
}

static void
end(void)
{
	scenario_send(&s, "return");
	scenario_expect_exit(&s, 0);
}

static void
answers(const char *command, const char *answer)
{
	scenario_send(&s, "%s", command);
	scenario_expect(&s, "%s", answer);
}

static void
handle(const char *what)
{
	scenario_send(&s, "handle %s", what);
	scenario_expect(&s, "handle 0");
}

/* That ends only the callback: the others get the signal all the same. */
START_TEST(callback_of_one_object_may_end_its_thread)
{
	begin("signals");
	handle("a 10 say");
	handle("b 10 quit");
	handle("c 10 say");
	for (int i = 0; i < 3; i++) {
		answers("kill 10", "c: 10");
		scenario_expect(&s, "b: quits on 10");
		scenario_expect(&s, "a: 10");
	}
	end();
}
END_TEST

/* An exit handler older than the object: what the callbacks use may be gone
 * by then. */
START_TEST(object_is_stopped_when_the_exit_handlers_have_run)
{
	begin("signals");
	scenario_send(&s, "foreign 10;at_exit 10");
	handle("a 10 say");
	answers("action 10", "action library");
	scenario_send(&s, "exit 3");
	scenario_expect(&s, "action foreign");
	scenario_expect(&s, "foreign 10");
	scenario_expect(&s, "last");
	scenario_expect_exit(&s, 3);
}
END_TEST

/* The thread is gone, and another one may dispatch what it left. */
START_TEST(dispatch_outlives_pthread_exit_in_a_callback)
{
	if (skip_without("ready", "epoll"))
		return;
	begin("dispatch");
	answers("mode 2", "mode 0");
	handle("a 10 quit");
	handle("a 12 say");
	for (int i = 0; i < 2; i++) {
		scenario_send(&s, "kill 12;kill 10;dispatch_beside");
		scenario_expect(&s, "a: quits on 10");
		scenario_send(&s, "dispatch 0");
		scenario_expect(&s, "a: 12");
		scenario_expect(&s, "dispatch 0");
	}
	end();
}
END_TEST

/* The program has closed the set and has its own under the numbers: those are
 * left alone, and there is another one. */
START_TEST(manual_set_under_reused_numbers_is_left_alone)
{
	if (skip_without("ready", "epoll"))
		return;
	begin("dispatch");
	answers("mode 2", "mode 0");
	handle("a 10 say");
	answers("steal_set", "set stolen");
	handle("b 12 say");
	answers("kill 10;dispatch 0", "a: 10");
	scenario_expect(&s, "dispatch 0");
	answers("stolen_set", "set: 0 members, timer mine, fd another");
	answers("kill 12;poll 1000", "readable");
	answers("dispatch 0", "b: 12");
	scenario_expect(&s, "dispatch 0");
	answers("stolen_set", "set: 0 members, timer mine, fd another");
	end();
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("lost");
	TCase *tcase = tcase_create("lost");

	tcase_add_checked_fixture(tcase, toolkit_setup, toolkit_teardown);
	tcase_add_test(tcase, callback_of_one_object_may_end_its_thread);
	tcase_add_test(tcase, dispatch_outlives_pthread_exit_in_a_callback);
	tcase_add_test(tcase,
	    manual_set_under_reused_numbers_is_left_alone);
	tcase_add_test(tcase,
	    object_is_stopped_when_the_exit_handlers_have_run);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
