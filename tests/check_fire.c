/* Handler objects under fire: other processes send the signal as fast as they
 * can.  The long runs: make check CK_EXCLUDE_TAGS= */
#define _GNU_SOURCE 1

#include "toolkit/toolkit.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct scenario s;

static void
begin(void)
{
	scenario_start(&s, "fire", NULL);
}

static void
answers(const char *command, const char *answer)
{
	scenario_send(&s, "%s", command);
	scenario_expect(&s, "%s", answer);
}

static void
end(void)
{
	scenario_send(&s, "return");
	scenario_expect_exit(&s, 0);
}

/* Longer than any single answer may take: in rounds. */
static void
in_rounds(const char *what, int signum, int n, int rounds, const char *how)
{
	begin();
	for (int i = 0; i < rounds; i++) {
		scenario_send(&s, "%s %d %d %s", what, signum, n, how);
		scenario_expect(&s, "wrong 0");
	}
	end();
}

static const int signals[] = { SIGUSR1, SIGTERM };

enum { SIGNALS = 2 };

START_TEST(cycles_of_start_and_stop_under_fire)
{
	in_rounds("cycles", signals[_i], 100, 10, "");
}
END_TEST

START_TEST(cycles_of_start_and_stop_under_fire_long)
{
	in_rounds("cycles", SIGUSR1, 200, 500, "");
}
END_TEST

START_TEST(lives_of_objects_under_fire)
{
	in_rounds("lives", signals[_i], 50, 10, "");
}
END_TEST

START_TEST(callback_stops_itself_under_fire)
{
	in_rounds("inside", SIGUSR1, 5, 10, "stop");
}
END_TEST

START_TEST(callback_frees_itself_under_fire)
{
	in_rounds("inside", SIGUSR1, 5, 10, "free");
}
END_TEST

START_TEST(callback_replaces_itself_under_fire)
{
	in_rounds("inside", SIGUSR1, 5, 10, "replace");
}
END_TEST

START_TEST(switched_callback_is_seen_whole)
{
	in_rounds("switch", SIGUSR1, 4000, 10, "");
}
END_TEST

START_TEST(switched_callback_is_seen_whole_long)
{
	in_rounds("switch", SIGUSR1, 5000, 200, "");
}
END_TEST

/* A number out of the scenario's status, as kB or else; -1: unknown. */
static long
status_number(const char *key)
{
	char path[64], text[4096];
	const char *at;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)s.pid);
	if (file_read(path, text, sizeof(text)) <= 0)
		return -1;
	at = strstr(text, key);
	return at == NULL ? -1 : strtol(at + strlen(key), NULL, 10);
}

/* Eight senders; the memory it has after a first storm is all it ever has. */
START_TEST(storm_from_eight_senders_takes_no_memory)
{
	long count, before;

	begin();
	answers("handle a 10 count", "handle 0");
	answers("storm 10 8000 8", "after the last");
	before = status_number("\nVmData:");
	for (int i = 0; i < 10; i++)
		answers("storm 10 10000 8", "after the last");
	scenario_send(&s, "counted");
	count = scenario_expect_number(&s, "counted ");
	ck_assert_int_ge(count, 11);
	ck_assert_int_le(count, 2 * 108000 + 11);
	if (before < 0 || getenv("ASAN_OPTIONS") != NULL)
		toolkit_skip("the size of another process");
	else
		ck_assert_int_le(status_number("\nVmData:"), before + 256);
	answers("stop a", "stop 0");
	end();
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("fire");
	TCase *cycles = tcase_create("cycles");
	TCase *storm = tcase_create("storm");
	TCase *more = tcase_create("long");

	/* A busy machine gives the senders no time. */
	tcase_set_timeout(cycles, 100);
	tcase_add_checked_fixture(cycles, toolkit_setup, toolkit_teardown);
	tcase_add_loop_test(cycles, cycles_of_start_and_stop_under_fire, 0,
	    SIGNALS);
	tcase_add_loop_test(cycles, lives_of_objects_under_fire, 0, SIGNALS);
	tcase_add_test(cycles, callback_stops_itself_under_fire);
	tcase_add_test(cycles, callback_frees_itself_under_fire);
	tcase_add_test(cycles, callback_replaces_itself_under_fire);
	tcase_add_test(cycles, switched_callback_is_seen_whole);
	suite_add_tcase(suite, cycles);

	tcase_set_timeout(storm, 100);
	tcase_add_checked_fixture(storm, toolkit_setup, toolkit_teardown);
	tcase_add_test(storm, storm_from_eight_senders_takes_no_memory);
	suite_add_tcase(suite, storm);

	tcase_add_checked_fixture(more, toolkit_setup, toolkit_teardown);
	tcase_set_tags(more, "long");
	tcase_set_timeout(more, 600);
	tcase_add_test(more, cycles_of_start_and_stop_under_fire_long);
	tcase_add_test(more, switched_callback_is_seen_whole_long);
	suite_add_tcase(suite, more);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
