/* Many descriptors, a system that refuses to help, and a terminal that goes. */
#define _GNU_SOURCE 1

#include "backend.h"
#include "daemons.h"

#include <proclc.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { MANY = 20000, SPARE = 100 };

/* The highest number that a descriptor may have here: root may ask for more
 * than usual, and the scenario inherits it. */
static long
highest(void)
{
	struct rlimit limit = { 1 << 20, 1 << 20 };

	setrlimit(RLIMIT_NOFILE, &limit);
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	return limit.rlim_max > 1000000000 ? 1000000000 :
	    (long)limit.rlim_max - 1;
}

/* In a system that refuses: 0 nothing, 1 to close a range, 2 to list them,
 * too.  False: it cannot be made to refuse. */
static bool
begin(int refused)
{
	static const char *const words[] = { "", "close_range=ENOSYS",
	    "getdents64=EPERM" };
	char program[1024];

	if (refused == 0) {
		scenario_start(&s, "daemon", NULL);
		return true;
	}
	scenario_path(program, sizeof(program), "scn/daemon");
	if (refused == 1)
		scenario_start(&s, "refuse", words[1], program, NULL);
	else
		scenario_start(&s, "refuse", words[1], words[2], program,
		    NULL);
	scenario_send(&s, "setup");
	if (!fd_readable_within(0, 1) && scenario_ended(&s)) {
		toolkit_skip("no filter of system calls here");
		scenario_expect_exit(&s, 77);
		return false;
	}
	scenario_expect(&s, "setup 1");
	return true;
}

/* 20,000, and one as high as may be. */
START_TEST(many_descriptors_are_closed)
{
	/* By number they are looked for no further than told. */
	bool by_number = _i == 2 || !backend_is("fds", "linux");
	long last = highest(), many = MANY;

	if (last < MANY + SPARE) {
		toolkit_skip("%d descriptors: only %ld here", MANY, last);
		many = last - SPARE;
	}
	if (by_number && last > many + 60000)
		last = many + 60000;
	if (!begin(_i))
		return;
	scenario_send(&s, "many %ld %ld", many, last);
	scenario_expect(&s, "many");
	started();
	scenario_send(&s, "count_fds %ld", last);
	scenario_expect(&s, "count_fds 0");
	end();
}
END_TEST

/* A gap of so many ends the search by number. */
START_TEST(fallback_limit_ends_the_search_by_number)
{
	if (!begin(2))
		return;
	scenario_send(&s, "gap 300;open 60 /dev/zero;open 900 /dev/zero");
	started();
	answers("fds", "fds null null null 900");
	end();
}
END_TEST

START_TEST(fallback_limit_means_nothing_where_they_are_known)
{
	if (skip_without("fds", "linux") || !begin(_i))
		return;
	scenario_send(&s, "gap 300;open 60 /dev/zero;open 900 /dev/zero");
	started();
	answers("fds", "fds null null null");
	end();
}
END_TEST

START_TEST(kept_descriptors_stay_whoever_closes_the_others)
{
	if (!begin(_i))
		return;
	scenario_send(&s, "open 60 /dev/zero;open 61 /dev/zero;"
	    "open 900 /dev/zero;keep 900;keep 60;keep 60;keep 1;keep -1");
	started();
	answers("fds", "fds null null null 60 900");
	end();
}
END_TEST

/* Whose session leads at it is told HUP. */
/* What "fds" tells after the words for 0 to 2. */
static const char *
numbers(const char *line)
{
	return line + strcspn(line, "3456789");
}

/* A number to keep that nobody has open: none of ours stays under it. */
START_TEST(kept_numbers_that_were_free_are_free)
{
	char before[500], after[500];

	if (!begin(_i))
		return;
	for (int i = 3; i < 60; i++)
		scenario_send(&s, "keep %d", i);
	scenario_send(&s, "dir /;fds");
	ck_assert(scenario_read_line(&s, before, sizeof(before), 0));
	started();
	scenario_send(&s, "fds");
	ck_assert(scenario_read_line(&s, after, sizeof(after), 0));
	ck_assert_str_eq(numbers(after), numbers(before));
	end();
}
END_TEST

START_TEST(terminal_that_goes_does_not_take_the_daemon)
{
	scenario_start(&s, "daemon", NULL);
	answers("own_terminal 60", "terminal");
	scenario_send(&s, "keep 60");
	started();
	answers("terminal", "terminal 0 then 0");
	answers("close 60", "close 0");
	answers("signals", "blocked 0 ignored 0");
	end();
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("daemon_fds");
	TCase *tcase = tcase_create("fds");

	tcase_add_checked_fixture(tcase, toolkit_setup, toolkit_teardown);
	tcase_add_loop_test(tcase, many_descriptors_are_closed, 0, 3);
	tcase_add_test(tcase, fallback_limit_ends_the_search_by_number);
	tcase_add_loop_test(tcase,
	    fallback_limit_means_nothing_where_they_are_known, 0, 2);
	tcase_add_loop_test(tcase,
	    kept_descriptors_stay_whoever_closes_the_others, 0, 3);
	tcase_add_loop_test(tcase, kept_numbers_that_were_free_are_free, 0, 3);
	tcase_add_test(tcase, terminal_that_goes_does_not_take_the_daemon);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
