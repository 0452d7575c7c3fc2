/* A daemon that is never ready: the launcher tells why, and tidies up. */
#define _GNU_SOURCE 1

#include "backend.h"
#include "daemons.h"
#include "kernel.h"
#include "toolkit/clock.h"
#include "toolkit/os.h"

#include <proclc.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOMENT_MS = 20 };

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
reap(pid_t pid)
{
	if (!backend_is("process", "pidfd"))
		waitpid(pid, NULL, 0);
}

static void
begin(void)
{
	be_init();
	snprintf(pid_file, sizeof(pid_file), "%s/a.pid", toolkit_dir());
	scenario_start(&s, "daemon", NULL);
	scenario_send(&s, "pid_file %s;flags %d", pid_file,
	    PROCLC_DAEMON_WAIT_READY);
}

/* The daemon has not said that it is ready. */
static void
waiting(void)
{
	answers("daemonize", "daemonize 0");
	scenario_send(&s, "pid");
	daemon_pid = (pid_t)scenario_expect_number(&s, "pid ");
}

/* Time enough to start, also on a slow machine. */
static int
bound_ms(void)
{
	return (int)(800 * clock_multiplier());
}

/* At the very moment that the launcher says no, nothing of it is left. */
static void
failed(int code, const char *message)
{
	char expected[200];

	reap(daemon_pid);
	scenario_expect_exit(&s, code);
	ck_assert(!process_alive(daemon_pid));
	ck_assert(!file_exists(pid_file));
	snprintf(expected, sizeof(expected), "%s\n", message);
	ck_assert_str_eq(scenario_stderr(&s), expected);
	scenario_expect_eof(&s);
}

START_TEST(end_before_ready_is_told)
{
	static const char *const ends[] = { "_exit 0", "_exit 3", "exit 0",
	    "proclc_exit 0", "kill 9", "kill 15" };

	begin();
	waiting();
	scenario_send(&s, "%s", ends[_i]);
	failed(1, "daemonize: ended before it was ready");
}
END_TEST

/* What a child of the daemon holds does not hide it. */
START_TEST(end_before_ready_is_told_beside_a_child)
{
	pid_t left;

	/* That one has run no fork handler: it is not known to be there. */
	if (_i == 1 && skip_without("process", "pidfd"))
		return;
	begin();
	waiting();
	scenario_send(&s, _i == 1 ? "leave_child quiet" : "leave_child");
	left = (pid_t)scenario_expect_number(&s, "left ");
	scenario_send(&s, "_exit 3");
	reap(daemon_pid);
	scenario_expect_exit(&s, 1);
	ck_assert(!process_alive(daemon_pid));
	ck_assert(!file_exists(pid_file));
	ck_assert(process_alive(left));
	ck_assert_int_eq(kill(left, SIGKILL), 0);
	process_wait_gone(left, 0);
	reap(left);
}
END_TEST

/* As pid 1 of a container is: a failed daemon is its zombie else. */
START_TEST(end_before_ready_leaves_no_child_to_its_reaper)
{
	struct proclc_daemon_options o = PROCLC_DAEMON_OPTIONS_INIT;
	int role;

	if (skip_without("process", "pidfd"))
		return;
	toolkit_expect(TOOLKIT_TRAITS);
	if (!os_become_subreaper()) {
		toolkit_skip("nobody can be a reaper here");
		return;
	}
	o.flags = PROCLC_DAEMON_WAIT_READY;
	role = proclc_daemon_fork(&o);
	if (role == PROCLC_DAEMON_CHILD)
		_exit(1);
	ck_assert_int_eq(role, PROCLC_ESTARTFAILED);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	ck_assert_int_eq(errno, ECHILD);
}
END_TEST

/* The launcher is stopped as soon as it has forked; when it goes on, the
 * daemon lives, but has nothing open any more. */
START_TEST(daemon_without_descriptors_is_ended_by_a_late_launcher)
{
	begin();
	scenario_send(&s, "raise_at_fork %d", SIGSTOP);
	waiting();
	scenario_send(&s, "close_all;pid");
	scenario_expect(&s, "pid %d", (int)daemon_pid);
	while (process_state(s.pid) != 'T')
		poll(NULL, 0, 1);
	kill(s.pid, SIGCONT);
	reap(daemon_pid);
	scenario_expect_exit(&s, 1);
	scenario_expect_eof(&s);
	process_wait_gone(daemon_pid, 0);
	ck_assert(!file_exists(pid_file));
}
END_TEST

/* The daemon tells a pid that means another process here, and dies with the
 * first process of its namespace. */
START_TEST(daemon_in_another_pid_namespace_costs_no_stranger_its_life)
{
	int may;

	if (!kernel_isolated()) {
		toolkit_skip("it needs a pid namespace of its own");
		return;
	}
	begin();
	scenario_send(&s, "unshare");
	may = (int)scenario_expect_number(&s, "unshare ");
	if (may == 0)
		toolkit_skip("no pid namespace is to be had");
	scenario_send(&s, may == 0 ? "exit 1" : "daemonize");
	scenario_expect_exit(&s, 1);
	ck_assert(!file_exists(pid_file));
}
END_TEST

START_TEST(fail_gives_the_launcher_code_and_text)
{
	begin();
	waiting();
	scenario_send(&s, "fail 7 no bread in the house");
	failed(7, "no bread in the house");
}
END_TEST

/* It is not SIGPIPE that ends the launcher. */
START_TEST(fail_gives_the_code_also_when_nobody_reads)
{
	struct proclc_daemon_options o = PROCLC_DAEMON_OPTIONS_INIT;
	int ends[2], status;
	pid_t child;

	ck_assert_int_eq(os_pipe(ends), 0);
	o.flags = PROCLC_DAEMON_WAIT_READY;
	child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0) {
		dup2(ends[1], 2);
		close(ends[0]);
		if (proclc_daemonize(&o) < 0)
			_exit(1);
		proclc_daemon_fail(7, "no");
	}
	close(ends[0]);
	close(ends[1]);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 7);
}
END_TEST

START_TEST(fail_without_message_tells_the_last_failure)
{
	begin();
	waiting();
	answers("nonsense", "nonsense PROCLC_EINVAL");
	scenario_send(&s, "fail 255");
	reap(daemon_pid);
	scenario_expect_exit(&s, 255);
	ck_assert(!process_alive(daemon_pid));
	ck_assert(!file_exists(pid_file));
	ck_assert_str_eq(scenario_stderr(&s),
	    "register an exit handler: invalid argument\n");
}
END_TEST

START_TEST(fail_without_message_and_failure_says_so)
{
	begin();
	waiting();
	scenario_send(&s, "fail 7");
	failed(7, "daemonize: ended before it was ready");
}
END_TEST

START_TEST(fail_runs_the_exit_handlers)
{
	begin();
	scenario_send(&s, "watch %s", pid_file);
	answers("register a look", "register new");
	waiting();
	answers("fail 7 no", "a: call 7 0");
	scenario_expect(&s, "a: file there");
	failed(7, "no");
}
END_TEST

START_TEST(fail_after_ready_only_ends_the_daemon)
{
	begin();
	waiting();
	answers("register a say", "register new");
	answers("ready", "ready 0");
	scenario_expect_exit(&s, 0);
	answers("fail 7 too late", "a: call 7 0");
	scenario_expect_eof(&s);
	process_wait_gone(daemon_pid, 0);
	reap(daemon_pid);
	ck_assert(!file_exists(pid_file));
	ck_assert_str_eq(scenario_stderr(&s), "");
}
END_TEST

START_TEST(timeout_ends_the_daemon)
{
	begin();
	scenario_send(&s, "timeout %d", bound_ms());
	waiting();
	ck_assert(!process_gone_within(s.pid, MOMENT_MS));
	failed(1, "daemonize: wait for ready: timed out");
}
END_TEST

/* 30 s, when nothing else was said. */
START_TEST(timeout_is_30_s_by_default)
{
	int64_t before = clock_now_ms();

	begin();
	waiting();
	ck_assert(!process_gone_within(s.pid,
	    29900 - (int)(clock_now_ms() - before)));
	failed(1, "daemonize: wait for ready: timed out");
}
END_TEST

/* One that means to end in its own time has no more of it. */
START_TEST(timeout_ends_a_daemon_that_hangs)
{
	begin();
	scenario_send(&s, "timeout %d", bound_ms());
	answers("register a hang", "register new");
	waiting();
	answers("proclc_exit 3", "a: call 3 0");
	failed(1, "daemonize: wait for ready: timed out");
}
END_TEST

/* Perhaps the daemon was not even born; none is left, the fixture sees. */
START_TEST(timeout_before_birth_leaves_nothing)
{
	char line[100];

	if (skip_without("process", "pidfd"))
		return;
	begin();
	scenario_send(&s, "timeout %d", _i + 1);
	scenario_send(&s, "daemonize");
	scenario_expect_exit(&s, 1);
	ck_assert(!file_exists(pid_file));
	ck_assert_str_eq(scenario_stderr(&s),
	    "daemonize: wait for ready: timed out\n");
	if (scenario_read_line(&s, line, sizeof(line), 0))
		ck_assert_str_eq(line, "daemonize 0");
	scenario_expect_eof(&s);
}
END_TEST

/* A closed fd 2 stays closed in the launcher: its words go nowhere. */
START_TEST(fail_without_stderr_writes_to_no_file_of_ours)
{
	struct scenario_options closed = { .closed = (unsigned)_i,
	    .cwd = toolkit_dir() };
	char command[200], out[700], text[200];

	if (skip_without("process", "pidfd"))
		return;
	snprintf(pid_file, sizeof(pid_file), "%s/a.pid", toolkit_dir());
	snprintf(out, sizeof(out), "%s/out", toolkit_dir());
	snprintf(command, sizeof(command), "shut %d;pid_file a.pid;out out;"
	    "err out;flags 2;daemonize;fail 7 words", _i);
	scenario_start_with(&s, &closed, "daemon", command, NULL);
	scenario_expect_exit(&s, 7);
	ck_assert_int_gt(file_read(out, text, sizeof(text)), 0);
	ck_assert_str_eq(text, "daemonize 0\n");
	ck_assert(!file_exists(pid_file));
	ck_assert_str_eq(scenario_stderr(&s), "");
	ck_assert_int_eq(remove(out), 0);
}
END_TEST

/* It hears of the birth when nobody has that pid any more, and the channel
 * does not end. */
START_TEST(end_before_ready_is_told_to_a_slow_launcher_beside_a_child)
{
	if (toolkit_skip_tsan(TSAN_CLONE))
		return;
	scenario_start(&s, "slow", NULL);
	scenario_expect(&s, "it has ended");
	scenario_expect_exit(&s, 0);
	scenario_expect_eof(&s);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("daemon_failed");
	TCase *fail = tcase_create("fail"), *slow = tcase_create("slow");

	tcase_add_checked_fixture(fail, toolkit_setup, toolkit_teardown);
	tcase_add_loop_test(fail, end_before_ready_is_told, 0, 6);
	tcase_add_loop_test(fail, end_before_ready_is_told_beside_a_child, 0,
	    2);
	tcase_add_test(fail,
	    end_before_ready_is_told_to_a_slow_launcher_beside_a_child);
	tcase_add_test(fail, end_before_ready_leaves_no_child_to_its_reaper);
	tcase_add_test(fail,
	    daemon_without_descriptors_is_ended_by_a_late_launcher);
	tcase_add_test(fail,
	    daemon_in_another_pid_namespace_costs_no_stranger_its_life);
	tcase_add_test(fail, fail_gives_the_launcher_code_and_text);
	tcase_add_test(fail, fail_gives_the_code_also_when_nobody_reads);
	tcase_add_test(fail, fail_without_message_tells_the_last_failure);
	tcase_add_test(fail, fail_without_message_and_failure_says_so);
	tcase_add_test(fail, fail_runs_the_exit_handlers);
	tcase_add_test(fail, fail_after_ready_only_ends_the_daemon);
	tcase_add_test(fail, timeout_ends_the_daemon);
	tcase_add_test(fail, timeout_ends_a_daemon_that_hangs);
	tcase_add_loop_test(fail, timeout_before_birth_leaves_nothing, 0, 10);
	tcase_add_loop_test(fail,
	    fail_without_stderr_writes_to_no_file_of_ours, 4, 8);
	suite_add_tcase(suite, fail);
	tcase_set_tags(slow, "long");
	tcase_set_timeout(slow, 60);
	tcase_add_checked_fixture(slow, toolkit_setup, toolkit_teardown);
	tcase_add_test(slow, timeout_is_30_s_by_default);
	suite_add_tcase(suite, slow);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
