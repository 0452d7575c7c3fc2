/* What the caller had is the daemon's: exit handlers, objects, the file. */
#define _GNU_SOURCE 1

#include "backend.h"
#include "daemons.h"
#include "toolkit/os.h"

#include <proclc.h>

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

/* Where a dead process that nobody has reaped looks alive to the library, we
 * reap it, as init does. */
static void
be_init(void)
{
	if (backend_is("process", "pidfd"))
		return;
	toolkit_expect(TOOLKIT_TRAITS);
	os_become_subreaper();
}

static void
reap_daemon(void)
{
	if (!backend_is("process", "pidfd"))
		waitpid(daemon_pid, NULL, 0);
}

static void
begin_with(const struct scenario_options *options)
{
	be_init();
	snprintf(pid_file, sizeof(pid_file), "%s/a.pid", toolkit_dir());
	scenario_start_with(&s, options, "daemon", NULL);
	scenario_send(&s, "pid_file %s;watch %s", pid_file, pid_file);
}

static void
begin(void)
{
	begin_with(&(struct scenario_options){ .cwd = NULL });
}

/* Gone with its file, and nothing more to say. */
static void
gone(void)
{
	scenario_expect_eof(&s);
	process_wait_gone(daemon_pid, 0);
	reap_daemon();
	/* And what a launcher that was killed has not reaped. */
	while (waitpid(-1, NULL, WNOHANG) > 0)
		continue;
	ck_assert(!file_exists(pid_file));
	ck_assert_str_eq(scenario_stderr(&s), "");
}

/* Registered before as well as after; each once, in the daemon. */
START_TEST(handlers_run_in_the_daemon_and_before_the_file_goes)
{
	static const char *const ends[] = { "proclc_exit 0", "atexit_run 0" };
	const char *cause = _i == 0 ? "call" : "explicit";

	begin();
	answers("register a look", "register new");
	answers("register b say", "register new");
	started();
	answers("register c look", "register new");
	scenario_send(&s, "%s", ends[_i]);
	scenario_expect(&s, "c: %s 0 0", cause);
	scenario_expect(&s, "c: file there");
	scenario_expect(&s, "b: %s 0 0", cause);
	scenario_expect(&s, "a: %s 0 0", cause);
	scenario_expect(&s, "a: file there");
	gone();
}
END_TEST

START_TEST(file_goes_whichever_way_the_daemon_ends)
{
	static const char *const ends[] = { "exit 3", "return",
	    "proclc_exit 0", "atexit_run 1" };

	begin();
	started();
	scenario_send(&s, "%s", ends[_i]);
	gone();
}
END_TEST

/* A child of the daemon may end as it likes. */
START_TEST(file_stays_when_a_child_ends)
{
	static const char *const ends[] = { "child exit 0",
	    "child proclc_exit 0" };

	begin();
	answers("register a say", "register new");
	started();
	scenario_send(&s, "fork");
	ck_assert_int_gt(scenario_expect_number(&s, "forked "), 0);
	scenario_send(&s, "%s", ends[_i]);
	answers("reap", "reaped 0 0");
	ck_assert_int_eq(proclc_ping(pid_file), 0);
	answers("proclc_exit 0", "a: call 0 0");
	gone();
}
END_TEST

/* Also one that was ignored till now: the daemon ignores it no more. */
START_TEST(installed_signals_move)
{
	struct scenario_options options = {
		.ignored = _i == 2 ? SCENARIO_SIGNAL(SIGTERM) : 0,
	};

	begin_with(&options);
	answers("register a look", "register new");
	answers(_i == 0 ? "handle a 15 default" : "install",
	    _i == 0 ? "handle 0" : "install 0");
	started();
	ck_assert_int_eq(kill(daemon_pid, SIGTERM), 0);
	scenario_expect(&s, "a: signal 143 15");
	scenario_expect(&s, "a: file there");
	gone();
}
END_TEST

START_TEST(objects_on_an_ignored_signal_leave_the_default)
{
	struct scenario_options options = {
		.ignored = SCENARIO_SIGNAL(SIGTERM),
	};

	begin_with(&options);
	answers("handle a 15 say", "handle 0");
	started();
	answers("kill 15", "a: 15");
	answers("stop a", "stop 0");
	answers("signals", "blocked 0 ignored 0");
	scenario_send(&s, "exit 0");
	gone();
}
END_TEST

/* The thread that sees to it moves, too. */
START_TEST(deadline_moves)
{
	begin();
	answers("register a hang", "register new");
	answers("install_within 200 15", "install 0");
	started();
	ck_assert_int_eq(kill(daemon_pid, SIGTERM), 0);
	scenario_expect(&s, "a: signal 143 15");
	scenario_expect_eof(&s);
	process_wait_gone(daemon_pid, 0);
	reap_daemon();
	ck_assert_int_eq(proclc_ping(pid_file), PROCLC_ENOTRUNNING);
	unlink(pid_file);
}
END_TEST

/* Also twice, and one that is made after. */
START_TEST(objects_move_and_work_on)
{
	begin();
	answers("handle a 10 say", "handle 0");
	answers("handle b 12 say", "handle 0");
	started();
	ck_assert_int_eq(kill(daemon_pid, SIGUSR1), 0);
	scenario_expect(&s, "a: 10");
	answers("kill 12", "b: 12");
	answers("stop b", "stop 0");
	answers("start b", "start 0");
	answers("handle c 1 say", "handle 0");
	answers("kill 12", "b: 12");
	answers("kill 1", "c: 1");
	answers("free a", "freed");
	ck_assert_int_eq(kill(daemon_pid, SIGUSR1), 0);
	process_wait_gone(daemon_pid, 0);
	reap_daemon();
	scenario_expect_eof(&s);
	ck_assert_int_eq(proclc_ping(pid_file), PROCLC_ENOTRUNNING);
	unlink(pid_file);
}
END_TEST

static void
held_by(const char *path, pid_t holder)
{
	char text[32], expected[32];
	int64_t pid = 0;

	ck_assert_int_eq(proclc_pidfile_status(path, &pid), 0);
	ck_assert_int_eq(pid, holder);
	ck_assert_int_gt(file_read(path, text, sizeof(text)), 0);
	snprintf(expected, sizeof(expected), "%d\n", (int)holder);
	ck_assert_str_eq(text, expected);
}

/* And comes back when there is no daemon after all. */
START_TEST(written_pid_file_of_the_callers_moves)
{
	char own[700];

	begin();
	snprintf(own, sizeof(own), "%s/own.pid", toolkit_dir());
	scenario_send(&s, "hold %s", own);
	scenario_expect(&s, "hold 0");
	scenario_send(&s, "flags %d", PROCLC_DAEMON_WAIT_READY);
	answers("fork_daemon exit 9", "fork 0");
	scenario_send(&s, "pid");
	daemon_pid = (pid_t)scenario_expect_number(&s, "pid ");
	held_by(own, daemon_pid);
	scenario_send(&s, "_exit 3");
	reap_daemon();
	scenario_expect(&s, "fork PROCLC_ESTARTFAILED");
	scenario_expect(&s, "daemonize: ended before it was ready");
	held_by(own, s.pid);
	scenario_send(&s, "flags 0");
	started();
	held_by(own, daemon_pid);
	scenario_send(&s, "exit 0");
	gone();
	ck_assert_int_eq(unlink(own), 0);
}
END_TEST

START_TEST(objects_move_in_manual_mode)
{
	if (skip_without("ready", "epoll"))
		return;
	begin();
	answers("mode 2", "mode 0");
	answers("handle a 10 say", "handle 0");
	answers("handle a 15 default", "handle 0");
	answers("register b look", "register new");
	started();
	ck_assert_int_eq(kill(daemon_pid, SIGUSR1), 0);
	answers("dispatch -1", "a: 10");
	scenario_expect(&s, "dispatch 0");
	scenario_send(&s, "dispatch -1");
	ck_assert_int_eq(kill(daemon_pid, SIGTERM), 0);
	scenario_expect(&s, "b: signal 143 15");
	scenario_expect(&s, "b: file there");
	gone();
}
END_TEST

/* Before the daemon is there, nothing is lost, and nothing comes twice. */
START_TEST(launcher_dies_of_a_handled_signal)
{
	begin();
	answers("handle a 15 say", "handle 0");
	scenario_send(&s, "flags %d", PROCLC_DAEMON_WAIT_READY);
	answers("daemonize", "daemonize 0");
	scenario_signal(&s, SIGTERM);
	scenario_expect_killed(&s, SIGTERM);
	answers("kill 15", "a: 15");
	scenario_send(&s, "pid");
	daemon_pid = (pid_t)scenario_expect_number(&s, "pid ");
	scenario_send(&s, "exit 0");
	gone();
}
END_TEST

/* In the daemon of a launcher that waits and would return. */
static void
waiting(void)
{
	answers("fork_daemon exit 9", "fork 0");
	scenario_send(&s, "pid");
	daemon_pid = (pid_t)scenario_expect_number(&s, "pid ");
}

/* After a failure the caller is what it was, and can try again. */
START_TEST(caller_goes_on_when_the_daemon_failed)
{
	static const struct {
		const char *how, *message;
	} cases[] = {
		{ "_exit 3", "daemonize: ended before it was ready" },
		{ "fail 4 no luck", "no luck" },
	};

	begin();
	answers("handle a 10 say", "handle 0");
	answers("register b say", "register new");
	scenario_send(&s, "flags %d", PROCLC_DAEMON_WAIT_READY);
	waiting();
	scenario_send(&s, "%s", cases[_i].how);
	reap_daemon();
	if (_i == 1)
		scenario_expect(&s, "b: call 4 0");
	scenario_expect(&s, "fork PROCLC_ESTARTFAILED");
	scenario_expect(&s, "%s", cases[_i].message);
	ck_assert(!file_exists(pid_file));
	answers("kill 10", "a: 10");
	ck_assert_str_eq(scenario_stderr(&s), "");
	scenario_send(&s, "flags 0");
	started();
	answers("kill 10", "a: 10");
	answers("proclc_exit 0", "b: call 0 0");
	gone();
}
END_TEST

/* And has its exit handlers and descriptors, and no child. */
START_TEST(caller_ends_as_ever_when_the_daemon_failed)
{
	char before[200], after[200];

	begin();
	answers("register b say", "register new");
	scenario_send(&s, "fds");
	ck_assert(scenario_read_line(&s, before, sizeof(before), 0));
	scenario_send(&s, "flags %d", PROCLC_DAEMON_WAIT_READY);
	waiting();
	scenario_send(&s, "_exit 3");
	reap_daemon();
	scenario_expect(&s, "fork PROCLC_ESTARTFAILED");
	scenario_expect(&s, "daemonize: ended before it was ready");
	scenario_send(&s, "fds");
	ck_assert(scenario_read_line(&s, after, sizeof(after), 0));
	ck_assert_str_eq(before, after);
	answers("children", "children 0");
	answers("proclc_exit 3", "b: call 3 0");
	scenario_expect_exit(&s, 3);
	ck_assert(!file_exists(pid_file));
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("daemon_moved");
	TCase *exits = tcase_create("exits");
	TCase *signals = tcase_create("signals");
	TCase *failed = tcase_create("failed");

	tcase_add_checked_fixture(exits, toolkit_setup, toolkit_teardown);
	tcase_add_loop_test(exits,
	    handlers_run_in_the_daemon_and_before_the_file_goes, 0, 2);
	tcase_add_loop_test(exits, file_goes_whichever_way_the_daemon_ends,
	    0, 4);
	tcase_add_loop_test(exits, file_stays_when_a_child_ends, 0, 2);
	suite_add_tcase(suite, exits);

	tcase_add_checked_fixture(signals, toolkit_setup, toolkit_teardown);
	tcase_add_loop_test(signals, installed_signals_move, 0, 3);
	tcase_add_test(signals,
	    objects_on_an_ignored_signal_leave_the_default);
	tcase_add_test(signals, deadline_moves);
	tcase_add_test(signals, objects_move_and_work_on);
	tcase_add_test(signals, written_pid_file_of_the_callers_moves);
	tcase_add_test(signals, objects_move_in_manual_mode);
	tcase_add_test(signals, launcher_dies_of_a_handled_signal);
	suite_add_tcase(suite, signals);

	tcase_add_checked_fixture(failed, toolkit_setup, toolkit_teardown);
	tcase_add_loop_test(failed, caller_goes_on_when_the_daemon_failed, 0,
	    2);
	tcase_add_test(failed, caller_ends_as_ever_when_the_daemon_failed);
	suite_add_tcase(suite, failed);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
