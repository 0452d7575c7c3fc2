/* The launcher's word: it waits until the daemon is ready. */
#define _GNU_SOURCE 1

#include "daemons.h"

#include <proclc.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

enum { MOMENT_MS = 20 };

static void
begin(void)
{
	snprintf(pid_file, sizeof(pid_file), "%s/a.pid", toolkit_dir());
	scenario_start(&s, "daemon", NULL);
	scenario_send(&s, "pid_file %s;flags %d", pid_file,
	    PROCLC_DAEMON_WAIT_READY);
}

/* The daemon has not said that it is ready. */
static void
waiting(const char *command)
{
	answers(command, command[0] == 'f' ? "fork 0" : "daemonize 0");
	scenario_send(&s, "pid");
	daemon_pid = (pid_t)scenario_expect_number(&s, "pid ");
}

static void
file_has_pid(pid_t pid)
{
	char expected[32], text[100];

	snprintf(expected, sizeof(expected), "%d\n", (int)pid);
	ck_assert_int_gt(file_read(pid_file, text, sizeof(text)), 0);
	ck_assert_str_eq(text, expected);
}

/* From two processes, in either order. */
static void
both_say(const char *first, const char *second)
{
	char lines[2][100];
	int i;

	ck_assert(scenario_read_line(&s, lines[0], sizeof(lines[0]), 0));
	ck_assert(scenario_read_line(&s, lines[1], sizeof(lines[1]), 0));
	i = strcmp(lines[0], first) == 0 ? 0 : 1;
	ck_assert_str_eq(lines[i], first);
	ck_assert_str_eq(lines[1 - i], second);
}

static void
leave(void)
{
	scenario_send(&s, "exit 0");
	scenario_expect_eof(&s);
	process_wait_gone(daemon_pid, 0);
	ck_assert(!file_exists(pid_file));
}

/* It says ready. */

START_TEST(ready_lets_the_launcher_exit_0_and_not_before)
{
	begin();
	waiting("daemonize");
	file_has_pid(daemon_pid);
	ck_assert(!process_gone_within(s.pid, MOMENT_MS));
	answers("ready", "ready 0");
	scenario_expect_exit(&s, 0);
	file_has_pid(daemon_pid);
	ck_assert_str_eq(scenario_stderr(&s), "");
	leave();
}
END_TEST

START_TEST(ready_twice_is_EALREADY)
{
	begin();
	waiting("daemonize");
	answers("ready", "ready 0");
	answers("ready", "ready PROCLC_EALREADY");
	scenario_expect_exit(&s, 0);
	leave();
}
END_TEST

START_TEST(ready_after_an_unasked_one_is_EALREADY)
{
	begin();
	scenario_send(&s, "flags 0");
	waiting("daemonize");
	answers("ready", "ready PROCLC_EALREADY");
	scenario_expect_exit(&s, 0);
	leave();
}
END_TEST

START_TEST(ready_outside_a_daemon_is_EINVAL)
{
	toolkit_mark();
	ck_assert_int_eq(proclc_daemon_ready(), PROCLC_EINVAL);
	toolkit_unchanged();
}
END_TEST

/* A child of the daemon is not the daemon, before and after. */
START_TEST(ready_in_a_child_is_EINVAL)
{
	begin();
	waiting("daemonize");
	scenario_send(&s, "fork");
	scenario_expect_number(&s, "forked ");
	answers("child ready", "child ready PROCLC_EINVAL");
	answers("child exit 0;reap", "reaped 0 0");
	ck_assert(!process_gone_within(s.pid, MOMENT_MS));
	answers("ready", "ready 0");
	scenario_expect_exit(&s, 0);
	file_has_pid(daemon_pid);
	leave();
}
END_TEST

/* The daemon of a launcher that is gone goes on. */
START_TEST(ready_without_launcher_is_EPIPE_and_harmless)
{
	static const int signums[] = { SIGKILL, SIGTERM, SIGINT };

	begin();
	waiting("daemonize");
	scenario_signal(&s, signums[_i]);
	scenario_expect_killed(&s, signums[_i]);
	answers("ready", "ready PROCLC_EPIPE");
	answers("ready", "ready PROCLC_EALREADY");
	file_has_pid(daemon_pid);
	ck_assert_int_eq(proclc_ping(pid_file), 0);
	leave();
}
END_TEST

/* Not lost, though its handler is the daemon's and the launcher blocks it
 * while it forks. */
START_TEST(launcher_dies_of_a_signal_that_came_while_it_forked)
{
	begin();
	answers("install", "install 0");
	scenario_send(&s, "raise_at_fork %d", SIGTERM);
	answers("daemonize", "daemonize 0");
	scenario_expect_killed(&s, SIGTERM);
	scenario_send(&s, "pid");
	daemon_pid = (pid_t)scenario_expect_number(&s, "pid ");
	end();
	/* What the launcher has not reaped. */
	while (waitpid(-1, NULL, WNOHANG) > 0)
		continue;
}
END_TEST

/* Both return. */

START_TEST(fork_returns_in_both)
{
	begin();
	answers("register a say", "register new");
	waiting("fork_daemon launcher_exit 5");
	ck_assert(!process_gone_within(s.pid, MOMENT_MS));
	scenario_send(&s, "ready");
	both_say("ready 0", "launcher is the one");
	scenario_expect_exit(&s, 5);
	file_has_pid(daemon_pid);
	answers("proclc_exit 3", "a: call 3 0");
	scenario_expect_eof(&s);
	process_wait_gone(daemon_pid, 0);
	ck_assert(!file_exists(pid_file));
}
END_TEST

/* The handlers and the pid file are the daemon's now, whichever way. */
START_TEST(fork_launcher_runs_no_handler)
{
	static const char *const ends[] = { "launcher_exit 6", "exit 6",
	    "proclc_exit 6" };

	begin();
	answers("register a say shared", "register new");
	scenario_send(&s, "flags 0;fork_daemon %s", ends[_i]);
	both_say("fork 0", "launcher is the one");
	scenario_expect_exit(&s, 6);
	scenario_send(&s, "pid");
	daemon_pid = (pid_t)scenario_expect_number(&s, "pid ");
	file_has_pid(daemon_pid);
	answers("proclc_exit 0", "a: call 0 0");
	scenario_expect_eof(&s);
	process_wait_gone(daemon_pid, 0);
	ck_assert(!file_exists(pid_file));
}
END_TEST

/* N31: the one between is reaped, the daemon is nobody's child here. */
START_TEST(fork_launcher_has_no_child_left)
{
	char line[100];
	int none = 0;

	begin();
	scenario_send(&s, "flags 0;fork_daemon children");
	/* The daemon's "fork 0" comes before or after any of the others. */
	for (int i = 0; i < 3; i++) {
		ck_assert(scenario_read_line(&s, line, sizeof(line), 0));
		none += strcmp(line, "children 0") == 0;
	}
	ck_assert_int_eq(none, 1);
	scenario_expect_exit(&s, 99);
	scenario_send(&s, "pid");
	daemon_pid = (pid_t)scenario_expect_number(&s, "pid ");
	leave();
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("daemon_ready");
	TCase *ready = tcase_create("ready");
	TCase *both = tcase_create("fork");

	tcase_add_checked_fixture(ready, toolkit_setup, toolkit_teardown);
	tcase_add_test(ready, ready_lets_the_launcher_exit_0_and_not_before);
	tcase_add_test(ready, ready_twice_is_EALREADY);
	tcase_add_test(ready, ready_after_an_unasked_one_is_EALREADY);
	tcase_add_test(ready, ready_outside_a_daemon_is_EINVAL);
	tcase_add_test(ready, ready_in_a_child_is_EINVAL);
	tcase_add_loop_test(ready,
	    ready_without_launcher_is_EPIPE_and_harmless, 0, 3);
	tcase_add_test(ready,
	    launcher_dies_of_a_signal_that_came_while_it_forked);
	suite_add_tcase(suite, ready);

	tcase_add_checked_fixture(both, toolkit_setup, toolkit_teardown);
	tcase_add_test(both, fork_returns_in_both);
	tcase_add_loop_test(both, fork_launcher_runs_no_handler, 0, 3);
	tcase_add_test(both, fork_launcher_has_no_child_left);
	suite_add_tcase(suite, both);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
