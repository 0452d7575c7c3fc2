/* What the program's own blocking calls see of a handled signal: what the
 * manual says, and what they see of any handler with SA_RESTART. */
#define _GNU_SOURCE 1

#include "toolkit/toolkit.h"

#include <string.h>

static const char *const restarted[] = { "read", "waitpid", "sem_wait" };
static const char *const cut_short[] = { "nanosleep", "poll" };
static const char *const all[] = { "read", "waitpid", "sem_wait",
    "nanosleep", "poll", "sem_timedwait" };

enum { RESTARTED = 3, CUT_SHORT = 2, ALL = 6 };

static struct scenario s;

static void
begin(void)
{
	scenario_start(&s, "interrupted", NULL);
}

static void
end(void)
{
	scenario_send(&s, "return");
	scenario_expect_exit(&s, 0);
}

/* It sees to the signal once the call has returned, and knows the calls that
 * a signal cuts short. */
static bool
held_back(const char *call)
{
	return (strcmp(call, "read") == 0 || strcmp(call, "waitpid") == 0) &&
	    toolkit_skip_tsan(TSAN_DELAY);
}

START_TEST(call_that_can_be_restarted_is)
{
	if (held_back(restarted[_i]))
		return;
	begin();
	scenario_send(&s, "call %s object open", restarted[_i]);
	scenario_expect(&s, "call 0");
	end();
}
END_TEST

START_TEST(call_that_is_never_restarted_is_EINTR)
{
	begin();
	scenario_send(&s, "call %s object open", cut_short[_i]);
	scenario_expect(&s, "call EINTR");
	end();
}
END_TEST

/* Some of them differ between C libraries (sem_timedwait). */
START_TEST(call_returns_as_with_any_restarting_handler)
{
	char plain[64];

	if (held_back(all[_i]))
		return;
	begin();
	scenario_send(&s, "call %s plain open", all[_i]);
	ck_assert(scenario_read_line(&s, plain, sizeof(plain), 0));
	scenario_send(&s, "call %s object open", all[_i]);
	scenario_expect(&s, "%s", plain);
	end();
}
END_TEST

/* It is delivered all the same. */
START_TEST(call_of_a_thread_that_blocks_is_not_disturbed)
{
	begin();
	scenario_send(&s, "call %s object blocked", all[_i]);
	scenario_expect(&s, "call 0");
	end();
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("interrupted");
	TCase *tcase = tcase_create("calls");

	tcase_add_checked_fixture(tcase, toolkit_setup, toolkit_teardown);
	tcase_add_loop_test(tcase, call_that_can_be_restarted_is, 0,
	    RESTARTED);
	tcase_add_loop_test(tcase, call_that_is_never_restarted_is_EINTR, 0,
	    CUT_SHORT);
	tcase_add_loop_test(tcase,
	    call_returns_as_with_any_restarting_handler, 0, ALL);
	tcase_add_loop_test(tcase,
	    call_of_a_thread_that_blocks_is_not_disturbed, 0, ALL);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
