/* The runner of the test programs: true status, no survivors. */
#define _GNU_SOURCE 1

#include "toolkit/toolkit.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Each test runs in both ways: with namespaces if allowed, and without. */
static const char *const modes[] = { "-t60", "-nt60" };

enum { MODES = sizeof(modes) / sizeof(modes[0]) };

static char isolate[1024];
static char echo[1024];

static void
setup(void)
{
	toolkit_setup();
	scenario_path(isolate, sizeof(isolate), "isolate");
	scenario_path(echo, sizeof(echo), "scn/echo");
}

static bool
says(struct scenario *s, const char *text)
{
	return strstr(scenario_stderr(s), text) != NULL;
}

/* Where it cannot, it says so; then there is no more to ask. */
static bool
finds_strays(struct scenario *s)
{
	if (!says(s, "isolate: no subreaper either: ") &&
	    !says(s, "this system does not tell which"))
		return true;
	toolkit_skip("isolate and leaked processes");
	return false;
}

START_TEST(exit_codes_come_through)
{
	static const int codes[] = { 0, 1, 2, 77, 99, 128, 255 };
	struct scenario s;
	size_t i;

	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		scenario_start(&s, isolate, modes[_i], echo, NULL);
		scenario_send(&s, "hello");
		scenario_send(&s, "exit %d", codes[i]);
		scenario_expect(&s, "hello");
		scenario_expect_exit(&s, codes[i]);
		scenario_expect_eof(&s);
	}
}
END_TEST

START_TEST(death_by_signal_is_told)
{
	static const int signals[] = { SIGTERM, SIGKILL, SIGUSR1, SIGHUP };
	struct scenario s;
	char text[64];
	size_t i;

	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		scenario_start(&s, isolate, modes[_i], echo, NULL);
		scenario_send(&s, "raise %d", signals[i]);
		scenario_expect_exit(&s, 128 + signals[i]);
		snprintf(text, sizeof(text), "isolate: ended by signal %d (",
		    signals[i]);
		ck_assert_msg(says(&s, text), "%s", scenario_stderr(&s));
		scenario_expect_eof(&s);
	}
}
END_TEST

/* The daemon holds stdout, has its own session, and must be gone after. */
START_TEST(leaked_daemon_is_named_and_killed)
{
	struct scenario s;
	char text[1200];
	long pid;

	scenario_start(&s, isolate, modes[_i], echo, NULL);
	scenario_send(&s, "daemon");
	pid = scenario_expect_number(&s, "daemon ");
	scenario_send(&s, "exit 0");
	scenario_wait(&s);
	if (!finds_strays(&s)) {
		kill((pid_t)pid, SIGKILL);
		return;
	}
	scenario_expect_exit(&s, 99);
	snprintf(text, sizeof(text), "isolate: leaked process %ld: %s", pid,
	    echo);
	ck_assert_msg(says(&s, text), "%s", scenario_stderr(&s));
	scenario_expect_eof(&s);
}
END_TEST

/* What ends by itself in time is no leak. */
START_TEST(orphans_are_reaped)
{
	struct scenario s;
	int i;

	scenario_start(&s, isolate, modes[_i], echo, NULL);
	for (i = 0; i < 20; i++)
		scenario_send(&s, "orphan");
	scenario_send(&s, "exit 3");
	scenario_expect_exit(&s, 3);
	ck_assert_msg(!says(&s, "leaked process "), "%s", scenario_stderr(&s));
	scenario_expect_eof(&s);
}
END_TEST

START_TEST(time_limit_ends_everything)
{
	struct scenario s;
	long pid;

	scenario_start(&s, isolate, modes[_i], "-t0.3", echo, "daemon", NULL);
	scenario_expect_exit(&s, 124);
	ck_assert_msg(says(&s, "isolate: still running after"), "%s",
	    scenario_stderr(&s));
	pid = scenario_expect_number(&s, "daemon ");
	if (!finds_strays(&s)) {
		kill((pid_t)pid, SIGKILL);
		return;
	}
	ck_assert_msg(says(&s, "isolate: running process"), "%s",
	    scenario_stderr(&s));
	scenario_expect_eof(&s);
}
END_TEST

START_TEST(signals_are_handed_on)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGQUIT, SIGHUP };
	struct scenario s;
	size_t i;

	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		scenario_start(&s, isolate, modes[_i], echo, "ready", NULL);
		scenario_expect(&s, "ready");
		scenario_signal(&s, signals[i]);
		scenario_expect_exit(&s, 128 + signals[i]);
	}
}
END_TEST

/* Its own end takes all along where there is a namespace. */
START_TEST(kill_of_isolate_takes_all_along)
{
	struct scenario s;

	scenario_start(&s, isolate, echo, "ready", NULL);
	scenario_expect(&s, "ready");
	if (says(&s, "no pid namespace")) {
		toolkit_skip("the end of isolate in its namespace");
		scenario_close_stdin(&s);
		scenario_expect_exit(&s, 0);
		return;
	}
	scenario_send(&s, "daemon");
	ck_assert_int_gt(scenario_expect_number(&s, "daemon "), 1);
	scenario_signal(&s, SIGKILL);
	scenario_expect_killed(&s, SIGKILL);
	scenario_expect_eof(&s);
}
END_TEST

START_TEST(program_starts_clean)
{
	struct scenario_options options = {
		.blocked = SCENARIO_ALL_SIGNALS,
		.ignored = SCENARIO_SIGNAL(SIGCHLD) | SCENARIO_SIGNAL(SIGHUP),
	};
	struct scenario s;
	int fd = open("/dev/null", O_RDONLY);

	scenario_start_with(&s, &options, isolate, modes[_i], echo, "state",
	    NULL);
	scenario_expect(&s, "blocked 0 ignored 1");
	scenario_send(&s, "fds");
	scenario_expect_exit(&s, 7);
	close(fd);
}
END_TEST

START_TEST(wrong_use_is_told)
{
	struct scenario s;

	scenario_start(&s, isolate, NULL);
	scenario_expect_exit(&s, 125);
	ck_assert(says(&s, "usage"));
	scenario_start(&s, isolate, "-t", "0", echo, NULL);
	scenario_expect_exit(&s, 125);
	scenario_start(&s, isolate, "/nonexistent/program", NULL);
	scenario_expect_exit(&s, 126);
	ck_assert(says(&s, "/nonexistent/program: "));
}
END_TEST

START_TEST(what_is_missing_is_said)
{
	struct scenario s;

	scenario_start(&s, isolate, "-n", echo, "exit 0", NULL);
	scenario_expect_exit(&s, 0);
	ck_assert(says(&s, "isolate: no pid namespace (not asked for)\n"));
	scenario_start(&s, isolate, "-nn", echo, "exit 0", NULL);
	scenario_expect_exit(&s, 0);
	ck_assert(says(&s, "isolate: no pid namespace (not asked for)\n"));
	ck_assert(says(&s, "isolate: no subreaper either: "));
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("isolate");
	TCase *tcase = tcase_create("isolate");

	tcase_add_checked_fixture(tcase, setup, toolkit_teardown);
	tcase_add_loop_test(tcase, exit_codes_come_through, 0, MODES);
	tcase_add_loop_test(tcase, death_by_signal_is_told, 0, MODES);
	tcase_add_loop_test(tcase, leaked_daemon_is_named_and_killed, 0,
	    MODES);
	tcase_add_loop_test(tcase, orphans_are_reaped, 0, MODES);
	tcase_add_loop_test(tcase, time_limit_ends_everything, 0, MODES);
	tcase_add_loop_test(tcase, signals_are_handed_on, 0, MODES);
	tcase_add_loop_test(tcase, program_starts_clean, 0, MODES);
	tcase_add_test(tcase, kill_of_isolate_takes_all_along);
	tcase_add_test(tcase, wrong_use_is_told);
	tcase_add_test(tcase, what_is_missing_is_said);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
