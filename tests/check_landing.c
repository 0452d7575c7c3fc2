/* Signals that land inside malloc, inside stdio, and inside the library's own
 * calls: callbacks come out of it in ordinary context all the same. */
#define _GNU_SOURCE 1

#include "toolkit/clock.h"
#include "toolkit/toolkit.h"

#include <signal.h>
#include <string.h>

static struct scenario s;

static void
answers(const char *command, const char *answer)
{
	scenario_send(&s, "%s", command);
	scenario_expect(&s, "%s", answer);
}

static void
begin(void)
{
	scenario_start(&s, "landing", NULL);
}

/* What is still on its way is counted, and the program can end. */
static void
end(void)
{
	answers("set a 10 count", "set 0");
	answers("stop a", "stop 0");
	scenario_send(&s, "return");
	scenario_expect_exit(&s, 0);
}

static bool
skip_without_malloc(void)
{
	scenario_send(&s, "works");
	if (scenario_expect_number(&s, "works ") == 1)
		return false;
	toolkit_skip("malloc is a sanitizer's");
	return true;
}

/* Two lines in any order. */
static void
expect_both(const char *one, const char *other)
{
	char line[64];

	ck_assert(scenario_read_line(&s, line, sizeof(line), 0));
	if (strcmp(line, one) == 0) {
		scenario_expect(&s, "%s", other);
		return;
	}
	ck_assert_str_eq(line, other);
	scenario_expect(&s, "%s", one);
}

/* The dispatcher may take its time. */
static void
await_callback(void)
{
	int64_t deadline = clock_deadline(0);
	long count;

	do {
		scenario_send(&s, "counted");
		count = scenario_expect_number(&s, "counted ");
	} while (count == 0 && clock_left_ms(deadline) > 0);
	ck_assert_int_ge(count, 1);
}

/* The callback allocates, too; until the interrupted call is through it has
 * to wait, so a handler that did its work would wait for itself. */
START_TEST(M24_signal_inside_malloc_does_not_deadlock)
{
	begin();
	answers("handle a 10 work", "handle 0");
	if (!skip_without_malloc())
		for (int i = 0; i < 20; i++) {
			scenario_send(&s, i % 2 == 0 ? "malloc 10" :
			    "release 10");
			expect_both("landed 1", "a: worked 10");
		}
	end();
}
END_TEST

START_TEST(M24_signal_inside_malloc_of_our_own_calls_does_not_deadlock)
{
	begin();
	answers("handle a 10 count", "handle 0");
	if (!skip_without_malloc()) {
		scenario_send(&s, "calls 10 %s/x", toolkit_dir());
		ck_assert_int_ge(scenario_expect_number(&s, "calls landed "),
		    20);
		await_callback();
	}
	end();
}
END_TEST

START_TEST(signal_inside_stdio_waits_for_the_end_of_the_line)
{
	begin();
	for (int i = 0; i < 20; i++) {
		answers("print 10", "half line");
		scenario_expect(&s, "callback 10");
	}
	answers("handle a 10 count", "handle 0");
	end();
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("landing");
	TCase *tcase = tcase_create("landing");

	tcase_add_checked_fixture(tcase, toolkit_setup, toolkit_teardown);
	tcase_add_test(tcase, M24_signal_inside_malloc_does_not_deadlock);
	tcase_add_test(tcase,
	    M24_signal_inside_malloc_of_our_own_calls_does_not_deadlock);
	tcase_add_test(tcase,
	    signal_inside_stdio_waits_for_the_end_of_the_line);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
