/* A hundred that want one pid file, some of them held up between opening and
 * locking it: the moment in which another may remove it, or take it over. */
#define _GNU_SOURCE 1

#include "sanitized.h"
#include "sweep.h"
#include "../backend.h"
#include "../toolkit/toolkit.h"

#include <check.h>
#include <stdio.h>
#include <unistd.h>

enum { ROUNDS = 4, ALL_ROUNDS = 100 };

static struct scenario s;
static char inject[1024], program[1024], path[1000];

/* Those that wait: the first lock, a later one, twenty of them, each. */
static const char *const delays[] = {
	"fcntl.OFD_SETLK:1:30", "fcntl.OFD_SETLK:2:30",
	"fcntl.OFD_SETLK:3+20:10", "fcntl.OFD_SETLK:1+:1",
};

START_TEST(racers_that_are_held_up_have_one_winner)
{
	int rounds = sweep_all() ? ALL_ROUNDS : ROUNDS;

	if (toolkit_skip_tsan(TSAN_DELAY) || skip_without("lock", "ofd"))
		return;
	sanitized_prepare();
	scenario_path(inject, sizeof(inject), "torture/inject");
	scenario_path(program, sizeof(program), "scn/pidfile");
	snprintf(path, sizeof(path), "%s/x", toolkit_dir());
	toolkit_expect(TOOLKIT_FILES);
	scenario_start(&s, inject, "delay", delays[_i], "--", program, NULL);
	for (int round = 0; round < rounds; round++) {
		if (round % 2 == 0)
			unlink(path);
		scenario_send(&s, "race %d %s", sweep_all() ? 100 : 25, path);
		if (round == 0 && !fd_readable_within(0, 1) &&
		    scenario_ended(&s)) {
			toolkit_skip("ptrace: %s", scenario_stderr(&s));
			scenario_expect_exit(&s, 77);
			return;
		}
		scenario_expect(&s, "race: 1 won, 0 wrong, misnamed 0");
	}
	scenario_send(&s, "return");
	scenario_expect_exit(&s, 0);
}
END_TEST

/* Each removes the file while others are held up before its lock. */
START_TEST(turns_that_are_held_up_are_never_two_at_once)
{
	if (toolkit_skip_tsan(TSAN_DELAY) || skip_without("lock", "ofd"))
		return;
	sanitized_prepare();
	scenario_path(inject, sizeof(inject), "torture/inject");
	scenario_path(program, sizeof(program), "scn/pidfile");
	snprintf(path, sizeof(path), "%s/x", toolkit_dir());
	/* And inside for a while, that they meet. */
	scenario_start(&s, inject, "delay", "fcntl.OFD_SETLK:1+:3", "delay",
	    "pwrite64:1+:5", "--", program, NULL);
	scenario_send(&s, "turns 4 %d %s", sweep_all() ? 100 : 8, path);
	if (!fd_readable_within(0, 1) && scenario_ended(&s)) {
		toolkit_skip("ptrace: %s", scenario_stderr(&s));
		scenario_expect_exit(&s, 77);
		return;
	}
	scenario_expect(&s, "turns: 0 together");
	scenario_send(&s, "return");
	scenario_expect_exit(&s, 0);
	ck_assert(!file_exists(path));
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("racers");
	TCase *tcase = tcase_create("racers");

	tcase_add_checked_fixture(tcase, toolkit_setup, toolkit_teardown);
	tcase_set_timeout(tcase, sweep_timeout());
	tcase_add_loop_test(tcase, racers_that_are_held_up_have_one_winner, 0,
	    (int)(sizeof(delays) / sizeof(delays[0])));
	tcase_add_test(tcase, turns_that_are_held_up_are_never_two_at_once);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
