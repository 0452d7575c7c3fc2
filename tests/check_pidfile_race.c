/* Pid files that many want at once. */
#define _GNU_SOURCE 1

#include "backend.h"
#include "toolkit/clock.h"
#include "toolkit/toolkit.h"

#include <proclc.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct scenario s, t;
static char path[1024];

static void
set_path(void)
{
	snprintf(path, sizeof(path), "%s/x", toolkit_dir());
	toolkit_expect(TOOLKIT_FILES);
}

static void
answers(struct scenario *who, const char *command, const char *answer)
{
	scenario_send(who, "%s", command);
	scenario_expect(who, "%s", answer);
}

static void
end(struct scenario *who)
{
	scenario_send(who, "return");
	scenario_expect_exit(who, 0);
}

/* N24, N25: the first finds no file, the next a stale one; each time another
 * holder ends without removing it. */
START_TEST(race_of_100_has_one_winner)
{
	long misnamed;

	set_path();
	scenario_start(&s, "pidfile", NULL);
	for (int round = 0; round < 20; round++) {
		if (round % 3 == 0)
			unlink(path);
		scenario_send(&s, "race 100 %s", path);
		misnamed = scenario_expect_number(&s,
		    "race: 1 won, 0 wrong, misnamed ");
		/* Where the text is the name, it may be an older one. */
		if (backend_is("lock", "ofd"))
			ck_assert_int_eq(misnamed, 0);
	}
	end(&s);
}
END_TEST

/* Each removes the file in which others already wait for the lock: who gets
 * the lock of a removed one does not hold the new one. */
START_TEST(turns_of_many_are_never_two_at_once)
{
	set_path();
	scenario_start(&s, "pidfile", NULL);
	scenario_send(&s, "turns 8 300 %s", path);
	scenario_expect(&s, "turns: 0 together");
	ck_assert(!file_exists(path));
	end(&s);
}
END_TEST

/* A reader takes no lock, so that no start fails of it. */
static void
start_under_questions(int starts)
{
	set_path();
	scenario_start(&s, "pidfile", NULL);
	scenario_send(&s, "starts %d %s", starts, path);
	scenario_expect(&s, "starts: 0 refused");
	end(&s);
}

START_TEST(starts_while_asked_are_not_refused)
{
	start_under_questions(2000);
}
END_TEST

START_TEST(starts_while_asked_are_not_refused_long)
{
	for (int i = 0; i < 10; i++)
		start_under_questions(2000);
}
END_TEST

/* Held, and no pid in it yet: the answer comes in time, and says so. */
START_TEST(status_of_a_starter_is_ESTARTING)
{
	struct proclc_pidfile *pf;
	int64_t start;

	set_path();
	scenario_start(&s, "pidfile", NULL);
	scenario_send(&s, "open a %s", path);
	scenario_expect(&s, "open 0");
	start = clock_now_ms();
	ck_assert_int_eq(proclc_pidfile_status(path, NULL), PROCLC_ESTARTING);
	ck_assert_int_ge(clock_now_ms() - start, 400);
	ck_assert_int_eq(proclc_pidfile_open(&pf, path, NULL),
	    PROCLC_ESTARTING);
	ck_assert_int_eq(proclc_send(path, SIGUSR1), PROCLC_ESTARTING);
	ck_assert_double_lt((double)(clock_now_ms() - start),
	    3000 * clock_multiplier());
	answers(&s, "write a", "write 0");
	ck_assert_int_eq(proclc_pidfile_status(path, NULL), 0);
	answers(&s, "remove a", "remove 0");
	end(&s);
}
END_TEST

/* It has the file of one before, whose pid is not the holder's. */
START_TEST(status_of_a_starter_never_names_an_older_pid)
{
	int64_t pid = 4711;
	int fd;

	set_path();
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	ck_assert_int_gt(dprintf(fd, "%d\n", (int)getpid()), 1);
	close(fd);
	scenario_start(&s, "pidfile", NULL);
	scenario_send(&s, "open a %s", path);
	scenario_expect(&s, "open 0");
	ck_assert_int_eq(proclc_pidfile_status(path, &pid), PROCLC_ESTARTING);
	ck_assert_int_eq(pid, 4711);
	answers(&s, "close a", "closed");
	end(&s);
}
END_TEST

/* A waiting status hears the pid when it comes. */
START_TEST(status_waits_for_a_starter)
{
	set_path();
	scenario_start(&s, "pidfile", NULL);
	scenario_start(&t, "pidfile", NULL);
	scenario_send(&s, "open a %s", path);
	scenario_expect(&s, "open 0");
	scenario_send(&t, "pid;status %s", path);
	scenario_expect(&t, "pid %d", (int)t.pid);
	answers(&s, "write a", "write 0");
	scenario_expect(&t, "status %d", (int)s.pid);
	answers(&s, "remove a", "remove 0");
	end(&s);
	end(&t);
}
END_TEST

/* What another thread of the holder has open of the same file, and closes,
 * must not cost the holder its name. */
static bool
other_thread_wins(void)
{
	char line[64];

	scenario_send(&s, "open a %s", path);
	scenario_expect(&s, "open 0");
	scenario_send(&t, "open_beside a %s;pid", path);
	scenario_expect(&t, "pid %d", (int)t.pid);
	ck_assert(!scenario_read_line(&t, line, sizeof(line), 20));
	answers(&s, "close a", "closed");
	scenario_send(&t, "open b %s", path);
	ck_assert(scenario_read_line(&t, line, sizeof(line), 0));
	if (strcmp(line, "open 0") == 0)
		return true;
	/* The waiting one was quicker. */
	ck_assert_str_eq(line, "beside 0");
	scenario_expect(&t, "open PROCLC_ERUNNING");
	answers(&t, "close a", "closed");
	return false;
}

START_TEST(open_of_a_waiting_thread_leaves_the_name)
{
	int64_t pid = 0;
	int tries = 0;

	set_path();
	scenario_start(&s, "pidfile", NULL);
	scenario_start(&t, "pidfile", NULL);
	while (!other_thread_wins())
		ck_assert_int_lt(++tries, 50);
	answers(&t, "write b", "write 0");
	scenario_expect(&t, "beside PROCLC_ERUNNING");
	ck_assert_int_eq(proclc_pidfile_status(path, &pid), 0);
	ck_assert_int_eq(pid, t.pid);
	answers(&t, "remove b", "remove 0");
	end(&s);
	end(&t);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("pidfile race");
	TCase *race = tcase_create("race");
	TCase *starter = tcase_create("starter");
	TCase *more = tcase_create("long");

	tcase_add_checked_fixture(race, toolkit_setup, toolkit_teardown);
	tcase_add_test(race, race_of_100_has_one_winner);
	tcase_add_test(race, turns_of_many_are_never_two_at_once);
	tcase_add_test(race, starts_while_asked_are_not_refused);
	suite_add_tcase(suite, race);

	tcase_add_checked_fixture(starter, toolkit_setup, toolkit_teardown);
	tcase_add_test(starter, status_of_a_starter_is_ESTARTING);
	tcase_add_test(starter, status_of_a_starter_never_names_an_older_pid);
	tcase_add_test(starter, status_waits_for_a_starter);
	tcase_add_test(starter, open_of_a_waiting_thread_leaves_the_name);
	suite_add_tcase(suite, starter);

	tcase_add_checked_fixture(more, toolkit_setup, toolkit_teardown);
	tcase_set_tags(more, "long");
	tcase_set_timeout(more, 120);
	tcase_add_test(more, starts_while_asked_are_not_refused_long);
	suite_add_tcase(suite, more);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
