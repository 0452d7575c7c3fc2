/* A daemon that stays in the foreground: all that it is, and what it keeps. */
#define _GNU_SOURCE 1

#include "daemons.h"
#include "settle.h"

#include <proclc.h>

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void
begin_with(const struct scenario_options *options)
{
	snprintf(pid_file, sizeof(pid_file), "%s", in_dir("a.pid"));
	scenario_start_with(&s, options, "daemon", NULL);
	scenario_send(&s, "daemon_mode %d", PROCLC_DAEMON_FOREGROUND);
}

static void
begin(void)
{
	begin_with(&(struct scenario_options){ .cwd = NULL });
}

/* It is the process that we have started, and no other. */
static void
stayed(void)
{
	answers("daemonize", "daemonize 0");
	scenario_send(&s, "pid");
	ck_assert_int_eq(scenario_expect_number(&s, "pid "), s.pid);
}

static void
leave(void)
{
	scenario_send(&s, "exit 0");
	scenario_expect_exit(&s, 0);
	scenario_expect_eof(&s);
	ck_assert(!file_exists(pid_file));
	ck_assert_str_eq(scenario_stderr(&s), "");
}

static void
make_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)),
	    (ssize_t)strlen(text));
	close(fd);
}

/* What it stays. */

/* Its place, signals, descriptors, environment. */
enum { FACTS = 5 };

static void
look(char facts[FACTS][500])
{
	static const char *const asked[FACTS] = { "place", "signals", "fds",
	    "env NOTIFY_SOCKET", "env HOME" };

	for (int i = 0; i < FACTS; i++) {
		scenario_send(&s, "%s", asked[i]);
		ck_assert(scenario_read_line(&s, facts[i], sizeof(facts[i]),
		    0));
	}
}

START_TEST(foreground_stays_what_it_is)
{
	struct scenario_options options = {
		.ignored = SCENARIO_SIGNAL(SIGHUP),
		.blocked = SCENARIO_SIGNAL(SIGUSR1),
	};
	char before[FACTS][500], after[FACTS][500];
	pid_t parent, session, group;

	begin_with(&options);
	scenario_send(&s, "setenv NOTIFY_SOCKET word;setenv HOME word");
	scenario_send(&s, "open 50 /dev/null");
	look(before);
	ck_assert_ptr_nonnull(strstr(before[2], " 50"));
	parent = process_ppid(s.pid);
	session = process_sid(s.pid);
	group = process_pgid(s.pid);
	answers(_i == 0 ? "daemonize" : "fork_daemon", _i == 0 ?
	    "daemonize 0" : "fork 0");
	look(after);
	for (int i = 0; i < FACTS; i++)
		ck_assert_str_eq(before[i], after[i]);
	ck_assert_int_eq(process_ppid(s.pid), parent);
	ck_assert_int_eq(process_sid(s.pid), session);
	ck_assert_int_eq(process_pgid(s.pid), group);
	answers("children", "children 0");
	scenario_send(&s, "pid");
	ck_assert_int_eq(scenario_expect_number(&s, "pid "), s.pid);
	leave();
}
END_TEST

START_TEST(foreground_leaves_closed_fds_closed)
{
	begin();
	scenario_send(&s, "shut 7");
	stayed();
	answers("closed", "closed 111");
	leave();
}
END_TEST

/* Nothing of it moves: they are there, and work on. */
START_TEST(foreground_may_have_threads_and_tasks)
{
	begin();
	answers("task", "task 0");
	scenario_send(&s, "spawn;pid_file %s", pid_file);
	stayed();
	scenario_send(&s, "unspawn;free_task");
	leave();
}
END_TEST

START_TEST(foreground_in_a_callback_is_accepted)
{
	begin();
	answers("handle a 10 stay", "handle 0");
	answers("kill 10", "stay 0");
	answers("setup", "setup 0");
	leave();
}
END_TEST

/* What it is given. */

static void
standard_are(const char *kinds)
{
	char line[500];

	scenario_send(&s, "fds");
	ck_assert(scenario_read_line(&s, line, sizeof(line), 0));
	ck_assert_msg(strncmp(line + strlen("fds "), kinds, strlen(kinds)) ==
	    0, "%s, not %s", line, kinds);
}

START_TEST(foreground_has_its_pid_file_until_the_end)
{
	struct proclc_error_detail d = { .size = sizeof(d) };
	char text[32];

	begin();
	scenario_send(&s, "pid_file %s;watch %s", pid_file, pid_file);
	answers("register a look", "register new");
	stayed();
	snprintf(text, sizeof(text), "%d\n", (int)s.pid);
	file_has(pid_file, text);
	ck_assert_int_eq(proclc_ping(pid_file), 0);
	ck_assert_int_eq(proclc_pidfile_status(pid_file, &d.pid), 0);
	ck_assert_int_eq(d.pid, s.pid);
	/* It goes after all exit handlers, also older ones. */
	answers("register b look", "register new");
	answers("proclc_exit 0", "b: call 0 0");
	scenario_expect(&s, "b: file there");
	scenario_expect(&s, "a: call 0 0");
	scenario_expect(&s, "a: file there");
	scenario_expect_exit(&s, 0);
	ck_assert(!file_exists(pid_file));
}
END_TEST

START_TEST(foreground_child_takes_nothing_away)
{
	begin();
	scenario_send(&s, "pid_file %s;flags %d", pid_file,
	    PROCLC_DAEMON_WAIT_READY);
	stayed();
	scenario_send(&s, "fork");
	scenario_expect_number(&s, "forked ");
	answers("child ready", "child ready PROCLC_EINVAL");
	answers("child setup", "child setup 0");
	answers("child fail 3 word;reap", "reaped 0 3");
	ck_assert_int_eq(proclc_ping(pid_file), 0);
	answers("ready", "ready 0");
	leave();
}
END_TEST

START_TEST(foreground_has_the_umask_asked_for)
{
	static const char *const masks[] = { "000", "077" };

	begin();
	scenario_send(&s, "dir /;umask %s", masks[_i]);
	stayed();
	scenario_send(&s, "place");
	scenario_expect(&s, "umask %s cwd /", masks[_i]);
	leave();
}
END_TEST

/* Only what was asked for, and text goes where it belongs. */
START_TEST(foreground_redirects_what_was_asked_for)
{
	static const char *const names[] = { "in", "out", "err" };
	static const char *const fds[] = { "file other other",
	    "other append other", "other other append" };

	begin_with(&(struct scenario_options){ .cwd = toolkit_dir() });
	make_file(in_dir("log"), "old\n");
	scenario_send(&s, "dir /;%s log;print before", names[_i]);
	scenario_send(&s, "daemonize");
	if (_i > 0)
		scenario_expect(&s, "before");
	scenario_expect(&s, "daemonize 0");
	standard_are(fds[_i]);
	scenario_send(&s, "print after;exit 0");
	if (_i == 0)
		scenario_expect(&s, "before");
	if (_i != 1)
		scenario_expect(&s, "after");
	scenario_expect_exit(&s, 0);
	scenario_expect_eof(&s);
	file_has(in_dir("log"), _i == 1 ? "old\nafter\n" : "old\n");
	ck_assert_int_eq(unlink(in_dir("log")), 0);
}
END_TEST

START_TEST(foreground_reopens_its_log)
{
	char rotated[700];

	snprintf(rotated, sizeof(rotated), "%s", in_dir("log.0"));
	begin_with(&(struct scenario_options){ .cwd = toolkit_dir() });
	scenario_send(&s, "out log;dir /");
	stayed();
	scenario_send(&s, "print one");
	ck_assert_int_eq(rename(in_dir("log"), rotated), 0);
	answers("reopen", "reopen 0");
	standard_are("other append other");
	scenario_send(&s, "print two");
	leave();
	file_has(rotated, "one\n");
	file_has(in_dir("log"), "two\n");
	ck_assert_int_eq(unlink(rotated), 0);
	ck_assert_int_eq(unlink(in_dir("log")), 0);
}
END_TEST

START_TEST(foreground_has_its_arguments_and_is_set_up)
{
	begin();
	scenario_send(&s, "args some words");
	answers("told_args;setup", "no args 0");
	scenario_expect(&s, "setup 1");
	stayed();
	answers("told_args;setup", "args 12 some words");
	scenario_expect(&s, "setup 0");
	leave();
}
END_TEST

START_TEST(foreground_again_is_EALREADY)
{
	begin();
	stayed();
	answers("daemonize", "daemonize PROCLC_EALREADY");
	scenario_send(&s, "daemon_mode %d", PROCLC_DAEMON_DETACH);
	answers("daemonize", "daemonize PROCLC_EALREADY");
	leave();
}
END_TEST

static void
detached(int mode)
{
	pid_t pid;

	scenario_send(&s, "daemon_mode %d", mode);
	answers("daemonize", "daemonize 0");
	scenario_expect_exit(&s, 0);
	scenario_send(&s, "pid");
	pid = (pid_t)scenario_expect_number(&s, "pid ");
	ck_assert_int_ne(pid, s.pid);
	scenario_send(&s, "exit 0");
	scenario_expect_eof(&s);
	process_wait_gone(pid, 0);
}

/* The mode is asked for by number, and by none. */
START_TEST(foreground_is_not_the_default)
{
	begin();
	detached(_i == 0 ? 0 : PROCLC_DAEMON_DETACH);
}
END_TEST

START_TEST(auto_stays_for_a_supervisor_that_says_so)
{
	begin();
	scenario_send(&s, "daemon_mode %d", PROCLC_DAEMON_AUTO);
	scenario_send(&s, _i == 0 ? "setenv NOTIFY_SOCKET /run/notify" :
	    "setenv LISTEN_PID %d", (int)s.pid);
	stayed();
	leave();
}
END_TEST

/* What is empty, or for another process, says nothing. */
START_TEST(auto_leaves_when_nobody_says_so)
{
	begin();
	scenario_send(&s, "setenv LISTEN_PID %d", (int)getpid());
	scenario_send(&s, "setenv INVOCATION_ID 7");
	detached(PROCLC_DAEMON_AUTO);
}
END_TEST

START_TEST(auto_stays_as_process_1)
{
	/* LeakSanitizer needs a child, and there is no place for one then. */
	if (settle_under_asan() || unshare(CLONE_NEWPID) != 0) {
		toolkit_skip("process 1: no pid namespace to be had");
		return;
	}
	begin();
	scenario_send(&s, "daemon_mode %d", PROCLC_DAEMON_AUTO);
	answers("daemonize", "daemonize 0");
	answers("pid", "pid 1");
	leave();
}
END_TEST

/* What it says. */

START_TEST(foreground_is_ready_once)
{
	begin();
	scenario_send(&s, "flags %d", _i == 0 ? PROCLC_DAEMON_WAIT_READY : 0);
	stayed();
	if (_i == 0)
		answers("ready", "ready 0");
	answers("ready", "ready PROCLC_EALREADY");
	leave();
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("daemon_foreground");
	TCase *stays = tcase_create("stays");
	TCase *given = tcase_create("given");
	TCase *says = tcase_create("says");

	tcase_add_checked_fixture(stays, toolkit_setup, toolkit_teardown);
	tcase_add_loop_test(stays, foreground_stays_what_it_is, 0, 2);
	tcase_add_test(stays, foreground_leaves_closed_fds_closed);
	tcase_add_test(stays, foreground_may_have_threads_and_tasks);
	tcase_add_test(stays, foreground_in_a_callback_is_accepted);
	suite_add_tcase(suite, stays);

	tcase_add_checked_fixture(given, toolkit_setup, toolkit_teardown);
	tcase_add_test(given, foreground_has_its_pid_file_until_the_end);
	tcase_add_test(given, foreground_child_takes_nothing_away);
	tcase_add_loop_test(given, foreground_has_the_umask_asked_for, 0, 2);
	tcase_add_loop_test(given, foreground_redirects_what_was_asked_for, 0,
	    3);
	tcase_add_test(given, foreground_reopens_its_log);
	tcase_add_test(given, foreground_has_its_arguments_and_is_set_up);
	tcase_add_test(given, foreground_again_is_EALREADY);
	tcase_add_loop_test(given, foreground_is_not_the_default, 0, 2);
	tcase_add_loop_test(given, auto_stays_for_a_supervisor_that_says_so,
	    0, 2);
	tcase_add_test(given, auto_leaves_when_nobody_says_so);
	tcase_add_test(given, auto_stays_as_process_1);
	suite_add_tcase(suite, given);

	tcase_add_checked_fixture(says, toolkit_setup, toolkit_teardown);
	tcase_add_loop_test(says, foreground_is_ready_once, 0, 2);
	suite_add_tcase(suite, says);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
