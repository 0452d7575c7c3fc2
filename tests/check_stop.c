/* Stopping a process by its pid file: asked, waited for, killed. */
#define _GNU_SOURCE 1

#include "backend.h"
#include "toolkit/clock.h"
#include "toolkit/toolkit.h"

#include <proclc.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>

static struct scenario s;
static char path[1024];
static pid_t holder;

/* A holder below s, which reaps it: to ours the test itself would be deaf. */
static void
begin(const char *how)
{
	snprintf(path, sizeof(path), "%s/x", toolkit_dir());
	toolkit_expect(TOOLKIT_FILES);
	scenario_start(&s, "pidfile", NULL);
	scenario_send(&s, "fork");
	holder = (pid_t)scenario_expect_number(&s, "forked ");
	if (how != NULL) {
		scenario_send(&s, "child %s", how);
		scenario_expect(&s, "child ignored");
	}
	scenario_send(&s, "child open a %s;child write a;reap", path);
	scenario_expect(&s, "child open 0");
	scenario_expect(&s, "child write 0");
}

static void
end(int signum)
{
	scenario_expect(&s, "reaped %d", signum);
	scenario_send(&s, "return");
	scenario_expect_exit(&s, 0);
}

START_TEST(stop_obeyed_is_0)
{
	begin(NULL);
	ck_assert_int_eq(proclc_stop(path, NULL), 0);
	ck_assert(!process_alive(holder));
	end(SIGTERM);
	ck_assert_int_eq(proclc_stop(path, NULL), PROCLC_ENOTRUNNING);
}
END_TEST

START_TEST(stop_by_another_signal)
{
	struct proclc_stop_options o = PROCLC_STOP_OPTIONS_INIT;

	begin("ignore 15");
	o.signum = SIGUSR1;
	o.grace_ms = PROCLC_FOREVER;
	ck_assert_int_eq(proclc_stop(path, &o), 0);
	end(SIGUSR1);
}
END_TEST

START_TEST(stop_ignored_is_killed_after_the_grace)
{
	struct proclc_stop_options o = PROCLC_STOP_OPTIONS_INIT;
	int64_t start;

	begin("ignore 15");
	o.grace_ms = 150;
	start = clock_now_ms();
	ck_assert_int_eq(proclc_stop(path, &o), 1);
	ck_assert_int_ge(clock_now_ms() - start, 150);
	ck_assert_double_lt((double)(clock_now_ms() - start),
	    3000 * clock_multiplier());
	ck_assert(!process_alive(holder));
	end(SIGKILL);
}
END_TEST

START_TEST(stop_without_grace_kills_at_once)
{
	struct proclc_stop_options o = PROCLC_STOP_OPTIONS_INIT;
	int64_t start;

	begin("ignore 15");
	o.grace_ms = PROCLC_NOW;
	start = clock_now_ms();
	ck_assert_int_eq(proclc_stop(path, &o), 1);
	ck_assert_double_lt((double)(clock_now_ms() - start),
	    2000 * clock_multiplier());
	end(SIGKILL);
}
END_TEST

/* Asked not to kill, it does not. */
START_TEST(stop_without_kill_is_ETIMEDOUT)
{
	struct proclc_stop_options o = PROCLC_STOP_OPTIONS_INIT;
	struct proclc_error_detail detail = { .size = sizeof(detail) };
	int64_t start;

	begin("ignore 15");
	o.grace_ms = 100;
	o.kill_wait_ms = PROCLC_NOW;
	start = clock_now_ms();
	ck_assert_int_eq(proclc_stop(path, &o), PROCLC_ETIMEDOUT);
	ck_assert_int_ge(clock_now_ms() - start, 100);
	ck_assert(process_alive(holder));
	ck_assert_int_eq(proclc_error_detail(&detail), 0);
	ck_assert_int_eq(detail.pid, holder);
	ck_assert_int_eq(strncmp(proclc_errmsg(), "stop: ", 6), 0);
	ck_assert_int_eq(proclc_send(path, SIGKILL), 0);
	end(SIGKILL);
}
END_TEST

/* A stopped process does not take TERM, but KILL. */
START_TEST(stop_of_a_stopped_process_kills)
{
	struct proclc_stop_options o = PROCLC_STOP_OPTIONS_INIT;

	begin(NULL);
	ck_assert_int_eq(proclc_send(path, SIGSTOP), 0);
	while (process_state(holder) != 'T')
		ck_assert(process_alive(holder));
	o.grace_ms = 100;
	ck_assert_int_eq(proclc_stop(path, &o), 1);
	end(SIGKILL);
}
END_TEST

START_TEST(stop_refusals_are_those_of_send)
{
	snprintf(path, sizeof(path), "%s/x", toolkit_dir());
	ck_assert_int_eq(proclc_stop(path, NULL), PROCLC_ENOENT);
	ck_assert_int_eq(proclc_stop(toolkit_dir(), NULL), PROCLC_EUNSAFE);
	ck_assert_int_eq(proclc_stop("/dev/null", NULL), PROCLC_EUNSAFE);
	ck_assert_int_eq(proclc_stop(NULL, NULL), PROCLC_EINVAL);
	ck_assert_int_eq(proclc_ping(NULL), PROCLC_EINVAL);
	ck_assert_int_eq(proclc_send(NULL, SIGTERM), PROCLC_EINVAL);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("stop");
	TCase *stop = tcase_create("stop");

	tcase_add_checked_fixture(stop, toolkit_setup, toolkit_teardown);
	tcase_add_test(stop, stop_obeyed_is_0);
	tcase_add_test(stop, stop_by_another_signal);
	tcase_add_test(stop, stop_ignored_is_killed_after_the_grace);
	tcase_add_test(stop, stop_without_grace_kills_at_once);
	tcase_add_test(stop, stop_without_kill_is_ETIMEDOUT);
	tcase_add_test(stop, stop_of_a_stopped_process_kills);
	tcase_add_test(stop, stop_refusals_are_those_of_send);
	suite_add_tcase(suite, stop);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
