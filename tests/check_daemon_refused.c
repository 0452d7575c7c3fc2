/* What is wrong before the first fork is returned, and nothing has changed. */
#define _GNU_SOURCE 1

#include "backend.h"
#include "daemons.h"

#include <proclc.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void
begin(void)
{
	snprintf(pid_file, sizeof(pid_file), "%s", in_dir("a.pid"));
	scenario_start(&s, "daemon", NULL);
	scenario_send(&s, "pid_file %s", pid_file);
}

/* An exit in a test would pass for its end: hence the child. */
static void
refused_daemonize(const struct proclc_daemon_options *o, int code)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(proclc_daemonize(o) == code ? 42 : 43);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 42);
}

/* It returns in the process that called, and all is as before, the files,
 * too. */
static void
refused(const struct proclc_daemon_options *o, int code)
{
	pid_t self = getpid();

	toolkit_mark();
	refused_daemonize(o, code);
	ck_assert_int_eq(proclc_daemon_fork(o), code);
	ck_assert_int_eq(getpid(), self);
	toolkit_unchanged();
	/* What the test itself has made and opened goes after that. */
	toolkit_expect(TOOLKIT_FILES | TOOLKIT_FDS);
}

/* Another holder. */

/* What a program does: it prints the message, and exits with 1. */
START_TEST(second_start_is_refused_with_the_holders_pid)
{
	struct scenario first;
	struct stat before, after;
	char line[900], text[100];

	begin();
	started();
	ck_assert_int_eq(stat(pid_file, &before), 0);
	first = s;
	begin();
	scenario_send(&s, "run");
	scenario_expect_exit(&s, 1);
	snprintf(line, sizeof(line), "daemonize: lock %s: held by pid %d\n",
	    pid_file, (int)daemon_pid);
	ck_assert_str_eq(scenario_stderr(&s), line);
	scenario_expect_eof(&s);
	s = first;
	ck_assert_int_eq(stat(pid_file, &after), 0);
	ck_assert_uint_eq(before.st_ino, after.st_ino);
	ck_assert_int_eq(before.st_mtim.tv_nsec, after.st_mtim.tv_nsec);
	ck_assert_int_gt(file_read(pid_file, text, sizeof(text)), 0);
	snprintf(line, sizeof(line), "%d\n", (int)daemon_pid);
	ck_assert_str_eq(text, line);
	end();
}
END_TEST

START_TEST(held_file_is_ERUNNING_and_changes_nothing)
{
	struct proclc_daemon_options o = PROCLC_DAEMON_OPTIONS_INIT;
	struct proclc_error_detail d = { .size = sizeof(d) };

	begin();
	started();
	o.pid_file = pid_file;
	o.stdout_path = "/dev/null";
	o.chdir = "/";
	refused(&o, PROCLC_ERUNNING);
	ck_assert_int_eq(proclc_error_detail(&d), 0);
	ck_assert_int_eq(d.pid, daemon_pid);
	ck_assert_int_eq(proclc_ping(pid_file), 0);
	end();
}
END_TEST

/* Launched, and not yet a daemon that could be named. */
START_TEST(held_file_without_holder_is_ESTARTING)
{
	struct proclc_pidfile *pidfile;

	snprintf(pid_file, sizeof(pid_file), "%s", in_dir("a.pid"));
	ck_assert_int_eq(proclc_pidfile_open(&pidfile, pid_file, NULL), 0);
	begin();
	answers("daemonize", "daemonize PROCLC_ESTARTING");
	scenario_send(&s, "_exit 0");
	scenario_expect_exit(&s, 0);
	ck_assert_int_eq(proclc_pidfile_remove(pidfile), 0);
}
END_TEST

/* What does not exist, or is not what it should be. */

START_TEST(unusable_path_is_told_and_changes_nothing)
{
	static const struct {
		int which;
		const char *path;
		int code;
	} cases[] = {
		{ 0, "none/a.pid", PROCLC_ENOENT },
		{ 0, "dir", PROCLC_EUNSAFE },
		{ 1, "none", PROCLC_ENOENT },
		{ 1, "file", PROCLC_ENOTDIR },
		{ 2, "none", PROCLC_ENOENT },
		{ 3, "none/log", PROCLC_ENOENT },
		{ 3, "dir", PROCLC_EISDIR },
		{ 4, "none/log", PROCLC_ENOENT },
	};
	struct proclc_daemon_options o = PROCLC_DAEMON_OPTIONS_INIT;
	const char **members[] = { &o.pid_file, &o.chdir, &o.stdin_path,
	    &o.stdout_path, &o.stderr_path };
	char good[700], bad[700];
	FILE *file = fopen(in_dir("file"), "w");

	ck_assert_ptr_nonnull(file);
	fclose(file);
	ck_assert_int_eq(mkdir(in_dir("dir"), 0700), 0);
	snprintf(good, sizeof(good), "%s", in_dir("a.pid"));
	snprintf(bad, sizeof(bad), "%s", in_dir(cases[_i].path));
	o.pid_file = good;
	*members[cases[_i].which] = bad;
	refused(&o, cases[_i].code);
	ck_assert_ptr_nonnull(strstr(proclc_errmsg(), bad));
	ck_assert_int_eq(strncmp(proclc_errmsg(), "daemonize: ", 11), 0);
}
END_TEST

START_TEST(unwritable_log_is_EACCES_and_changes_nothing)
{
	struct scenario_options user = { .uid = 65534 };

	if (scenario_skip_user())
		return;
	ck_assert_int_eq(chmod(toolkit_dir(), 0755), 0);
	scenario_start_with(&s, &user, "daemon", NULL);
	scenario_send(&s, "out %s", in_dir("log"));
	answers("daemonize", "daemonize PROCLC_EACCES");
	scenario_send(&s, "_exit 0");
	scenario_expect_exit(&s, 0);
	ck_assert(!file_exists(in_dir("log")));
}
END_TEST

START_TEST(options_nonsense_is_EINVAL_and_changes_nothing)
{
	struct proclc_daemon_options o = PROCLC_DAEMON_OPTIONS_INIT;

	switch (_i) {
	case 0: o.flags = 16; break;
	case 1: o.args_size = 1; break;
	case 2: o.umask = 022; break;
	case 3: o.umask = 01000 | PROCLC_UMASK_SET; break;
	case 4: o.ready_timeout_ms = PROCLC_NOW; break;
	case 5: o.n_keep_fds = 1; break;
	default: o.size = 3; break;
	}
	snprintf(pid_file, sizeof(pid_file), "%s", in_dir("a.pid"));
	o.pid_file = pid_file;
	o.stdout_path = in_dir("log");
	refused(&o, PROCLC_EINVAL);
}
END_TEST

/* Who may not. */

START_TEST(daemon_again_is_EALREADY)
{
	char text[100], expected[32];

	begin();
	started();
	answers("daemonize", "daemonize PROCLC_EALREADY");
	answers("fork_daemon exit 9", "fork PROCLC_EALREADY");
	scenario_expect(&s, "daemonize: a daemon already: done already");
	scenario_send(&s, "pid");
	ck_assert_int_eq(scenario_expect_number(&s, "pid "), daemon_pid);
	ck_assert_int_gt(file_read(pid_file, text, sizeof(text)), 0);
	snprintf(expected, sizeof(expected), "%d\n", (int)daemon_pid);
	ck_assert_str_eq(text, expected);
	end();
}
END_TEST

/* The caller goes on, and can do it when the thread is gone. */
START_TEST(other_thread_is_ETHREADS_and_the_caller_goes_on)
{
	if (skip_without("threads", "proc"))
		return;
	begin();
	answers("handle a 10 say", "handle 0");
	answers("register b look", "register new");
	scenario_send(&s, "watch %s;spawn", pid_file);
	answers("daemonize", "daemonize PROCLC_ETHREADS");
	ck_assert(!file_exists(pid_file));
	answers("kill 10", "a: 10");
	answers("fork_daemon exit 9", "fork PROCLC_ETHREADS");
	scenario_expect(&s, "daemonize: 2 threads: "
	    "the process has other threads");
	answers("kill 10", "a: 10");
	scenario_send(&s, "unspawn");
	started();
	answers("kill 10", "a: 10");
	answers("proclc_exit 0", "b: call 0 0");
	scenario_expect(&s, "b: file there");
	scenario_expect_eof(&s);
	ck_assert(!file_exists(pid_file));
}
END_TEST

START_TEST(live_task_is_ETASKS_and_the_caller_goes_on)
{
	begin();
	answers("task", "task 0");
	answers("daemonize", "daemonize PROCLC_ETASKS");
	ck_assert(!file_exists(pid_file));
	scenario_send(&s, "free_task");
	started();
	end();
}
END_TEST

START_TEST(other_thread_is_allowed_by_flag)
{
	begin();
	scenario_send(&s, "spawn;flags %d", PROCLC_DAEMON_ALLOW_THREADS);
	started();
	end();
}
END_TEST

START_TEST(callback_that_daemonizes_gets_ECALLBACK)
{
	static const char *const modes[] = { "1", "2" };

	if (_i == 1 && skip_without("ready", "epoll"))
		return;
	begin();
	scenario_send(&s, "mode %s", modes[_i]);
	scenario_expect(&s, "mode 0");
	answers("handle a 10 dispatch", "handle 0");
	scenario_send(&s, _i == 0 ? "kill 10" : "kill 10;dispatch -1");
	scenario_expect(&s, _i == 0 ? "dispatch inside PROCLC_EINVAL" :
	    "dispatch inside PROCLC_ECALLBACK");
	scenario_expect(&s, "daemonize inside PROCLC_ECALLBACK");
	if (_i == 1)
		scenario_expect(&s, "dispatch 0");
	started();
	end();
}
END_TEST

START_TEST(caller_signals_and_place_are_as_before)
{
	struct scenario_options options = { .cwd = "/",
	    .blocked = SCENARIO_SIGNAL(SIGUSR2),
	    .ignored = SCENARIO_SIGNAL(SIGHUP) };
	char before[200], after[200];

	if (skip_without("threads", "proc"))
		return;
	snprintf(pid_file, sizeof(pid_file), "%s", in_dir("none/a.pid"));
	scenario_start_with(&s, &options, "daemon", NULL);
	scenario_send(&s, "signals;place");
	scenario_expect(&s, "blocked 800 ignored 1");
	ck_assert(scenario_read_line(&s, before, sizeof(before), 0));
	scenario_send(&s, "spawn;dir %s", toolkit_dir());
	answers("daemonize", "daemonize PROCLC_ETHREADS");
	answers("signals;place", "blocked 800 ignored 1");
	ck_assert(scenario_read_line(&s, after, sizeof(after), 0));
	ck_assert_str_eq(before, after);
	scenario_send(&s, "exit 3");
	scenario_expect_exit(&s, 3);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("daemon_refused");
	TCase *held = tcase_create("held");
	TCase *wrong = tcase_create("wrong");
	TCase *may = tcase_create("may");

	tcase_add_checked_fixture(held, toolkit_setup, toolkit_teardown);
	tcase_add_test(held, second_start_is_refused_with_the_holders_pid);
	tcase_add_test(held, held_file_is_ERUNNING_and_changes_nothing);
	tcase_add_test(held, held_file_without_holder_is_ESTARTING);
	suite_add_tcase(suite, held);

	tcase_add_checked_fixture(wrong, toolkit_setup, toolkit_teardown);
	tcase_add_loop_test(wrong, unusable_path_is_told_and_changes_nothing,
	    0, 8);
	tcase_add_test(wrong, unwritable_log_is_EACCES_and_changes_nothing);
	tcase_add_loop_test(wrong,
	    options_nonsense_is_EINVAL_and_changes_nothing, 0, 7);
	suite_add_tcase(suite, wrong);

	tcase_add_checked_fixture(may, toolkit_setup, toolkit_teardown);
	tcase_add_test(may, daemon_again_is_EALREADY);
	tcase_add_test(may, other_thread_is_ETHREADS_and_the_caller_goes_on);
	tcase_add_test(may, live_task_is_ETASKS_and_the_caller_goes_on);
	tcase_add_test(may, other_thread_is_allowed_by_flag);
	tcase_add_loop_test(may, callback_that_daemonizes_gets_ECALLBACK, 0,
	    2);
	tcase_add_test(may, caller_signals_and_place_are_as_before);
	suite_add_tcase(suite, may);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
