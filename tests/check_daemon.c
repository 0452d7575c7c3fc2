/* A daemon that has started: its file, place, descriptors, signals. */
#define _GNU_SOURCE 1

#include "daemons.h"

#include <proclc.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void
begin_with(const struct scenario_options *options)
{
	snprintf(pid_file, sizeof(pid_file), "%s", in_dir("a.pid"));
	scenario_start_with(&s, options, "daemon", NULL);
	scenario_send(&s, "pid_file %s", pid_file);
}

static void
begin(void)
{
	begin_with(&(struct scenario_options){ .cwd = NULL });
}

static void
file_has_pid(pid_t pid)
{
	char text[32];

	snprintf(text, sizeof(text), "%d\n", (int)pid);
	file_has(pid_file, text);
}

/* For what a test leaves in its directory on purpose. */
static void
remove_file(const char *path)
{
	ck_assert_int_eq(unlink(path), 0);
}

/* The pid file. */

START_TEST(daemonize_launcher_exits_0_with_the_file_complete)
{
	begin();
	answers("daemonize", "daemonize 0");
	scenario_expect_exit(&s, 0);
	scenario_send(&s, "pid");
	daemon_pid = (pid_t)scenario_expect_number(&s, "pid ");
	file_has_pid(daemon_pid);
	ck_assert_int_ne(daemon_pid, s.pid);
	ck_assert_int_eq(proclc_ping(pid_file), 0);
	end();
}
END_TEST

START_TEST(daemonize_without_pid_file_leaves_none)
{
	scenario_start(&s, "daemon", NULL);
	snprintf(pid_file, sizeof(pid_file), "%s", in_dir("none"));
	started();
	end();
}
END_TEST

/* Relative to where the caller is. */
START_TEST(daemonize_takes_relative_paths_before_chdir)
{
	struct scenario_options there = { .cwd = toolkit_dir() };
	char out[700];

	snprintf(out, sizeof(out), "%s", in_dir("log"));
	begin_with(&there);
	scenario_send(&s, "pid_file a.pid;out log;dir /");
	started();
	file_has_pid(daemon_pid);
	answers("place", "umask 027 cwd /");
	remove_file(out);
	end();
}
END_TEST

START_TEST(daemonize_over_the_file_of_a_killed_one_starts)
{
	begin();
	started();
	ck_assert_int_eq(kill(daemon_pid, SIGKILL), 0);
	scenario_expect_eof(&s);
	process_wait_gone(daemon_pid, 0);
	file_has_pid(daemon_pid);
	begin();
	started();
	file_has_pid(daemon_pid);
	end();
}
END_TEST

/* Its place. */

START_TEST(daemonize_leaves_session_and_terminal)
{
	pid_t sid;

	begin();
	started();
	sid = process_sid(daemon_pid);
	ck_assert_int_ne(process_ppid(daemon_pid), s.pid);
	ck_assert_int_ne(sid, daemon_pid);
	ck_assert_int_ne(sid, getsid(0));
	ck_assert(!process_alive(sid));
	answers("terminal", "terminal 0 then 0");
	end();
}
END_TEST

START_TEST(daemonize_has_the_umask_asked_for)
{
	static const char *const cases[][2] = {
		{ "pid", "umask 027" }, { "umask 0", "umask 000" },
		{ "umask 77", "umask 077" },
	};
	struct scenario_options there = { .cwd = "/" };
	char place[200];

	begin_with(&there);
	if (_i > 0)
		scenario_send(&s, "%s", cases[_i][0]);
	started();
	snprintf(place, sizeof(place), "%s cwd /", cases[_i][1]);
	answers("place", place);
	end();
}
END_TEST

START_TEST(daemonize_stays_or_goes_where_asked)
{
	struct scenario_options there = { .cwd = _i == 0 ? toolkit_dir() :
	    "/" };
	char *dir = realpath(toolkit_dir(), NULL), place[700];

	ck_assert_ptr_nonnull(dir);
	begin_with(&there);
	if (_i > 0)
		scenario_send(&s, "dir %s", toolkit_dir());
	started();
	snprintf(place, sizeof(place), "umask 027 cwd %s", dir);
	free(dir);
	answers("place", place);
	end();
}
END_TEST

/* Its descriptors. */

/* "fds A B C N..." in parts; others: how many besides. */
static void
fds_are(const char *standard, const char *others)
{
	char line[500];

	scenario_send(&s, "fds");
	ck_assert(scenario_read_line(&s, line, sizeof(line), 0));
	ck_assert_msg(strncmp(line, standard, strlen(standard)) == 0,
	    "expected \"%s\", got \"%s\"", standard, line);
	ck_assert_str_eq(line + strlen(standard), others);
}

START_TEST(daemonize_has_the_null_device_and_no_other_fd)
{
	scenario_start(&s, "daemon", NULL);
	snprintf(pid_file, sizeof(pid_file), "%s", in_dir("none"));
	scenario_send(&s, "open 60 /dev/zero;open 900 /dev/zero");
	started();
	fds_are("fds null null null", "");
	end();
}
END_TEST

START_TEST(daemonize_keeps_the_fds_asked_for)
{
	scenario_start(&s, "daemon", NULL);
	snprintf(pid_file, sizeof(pid_file), "%s", in_dir("none"));
	scenario_send(&s, "open 60 /dev/zero;open 61 /dev/zero;"
	    "open 62 /dev/zero;keep 62;keep 60;keep 900");
	started();
	fds_are("fds null null null", " 60 62");
	end();
}
END_TEST

START_TEST(daemonize_appends_to_its_logs)
{
	char out[700], err[700], text[100];
	FILE *file;

	snprintf(out, sizeof(out), "%s", in_dir("out"));
	snprintf(err, sizeof(err), "%s", in_dir("err"));
	file = fopen(out, "w");
	ck_assert_ptr_nonnull(file);
	fputs("old\n", file);
	fclose(file);
	begin();
	scenario_send(&s, "in %s;out %s;err %s", out, out, err);
	started();
	scenario_send(&s, "fds;print new");
	ck_assert(scenario_read_line(&s, text, sizeof(text), 0));
	ck_assert_int_eq(strncmp(text, "fds file append append", 22), 0);
	end();
	file_has(out, "old\nnew\n");
	file_has(err, "");
	remove_file(out);
	remove_file(err);
}
END_TEST

/* Whatever is closed at the start, nothing of ours has such a number. */
START_TEST(daemonize_with_closed_fds_has_them_all)
{
	struct scenario_options closed = { .closed = (unsigned)_i };
	char command[1700], out[700], text[200];
	const char *at;

	snprintf(out, sizeof(out), "%s", in_dir("out"));
	snprintf(pid_file, sizeof(pid_file), "%s", in_dir("a.pid"));
	snprintf(command, sizeof(command), "shut %d;pid_file %s;out %s;"
	    "flags 2;daemonize;fds;pid;ready;exit 0", _i, pid_file, out);
	scenario_start_with(&s, &closed, "daemon", command, NULL);
	scenario_expect_exit(&s, 0);
	ck_assert_int_gt(file_read(out, text, sizeof(text)), 0);
	ck_assert_ptr_nonnull(strstr(text, "daemonize 0\n"));
	ck_assert_ptr_nonnull(strstr(text, "fds null append null "));
	at = strstr(text, "pid ");
	ck_assert_ptr_nonnull(at);
	process_wait_gone(atoi(at + 4), 0);
	scenario_expect_eof(&s);
	remove_file(out);
}
END_TEST

/* What stdio holds is the launcher's to write, and only once. */
START_TEST(daemonize_writes_buffered_text_once)
{
	char out[700];

	snprintf(out, sizeof(out), "%s", in_dir("out"));
	begin();
	scenario_send(&s, "out %s;print before", out);
	scenario_send(&s, "daemonize");
	scenario_expect(&s, "before");
	scenario_expect(&s, "daemonize 0");
	scenario_expect_exit(&s, 0);
	scenario_send(&s, "pid");
	daemon_pid = (pid_t)scenario_expect_number(&s, "pid ");
	scenario_send(&s, "print after");
	end();
	file_has(out, "after\n");
	remove_file(out);
}
END_TEST

/* Its signals. */

/* 1 HUP, 2 INT, 13 PIPE, 15 TERM, 17 CHLD where Linux has them. */
START_TEST(daemonize_blocks_and_ignores_none_but_PIPE_and_CHLD)
{
	struct scenario_options options = {
		.blocked = SCENARIO_SIGNAL(SIGTERM) | SCENARIO_SIGNAL(SIGUSR1),
		.ignored = SCENARIO_SIGNAL(SIGTERM) | SCENARIO_SIGNAL(SIGHUP) |
		    SCENARIO_SIGNAL(SIGPIPE) | SCENARIO_SIGNAL(SIGCHLD),
	};
	uint64_t stay = SCENARIO_SIGNAL(SIGPIPE) | SCENARIO_SIGNAL(SIGCHLD);
	char line[100];

	begin_with(&options);
	started();
	snprintf(line, sizeof(line), "blocked 0 ignored %llx",
	    (unsigned long long)stay);
	answers("signals", line);
	ck_assert_int_eq(kill(daemon_pid, SIGTERM), 0);
	scenario_expect_eof(&s);
	process_wait_gone(daemon_pid, 0);
	remove_file(pid_file);
}
END_TEST

START_TEST(daemonize_does_not_ignore_by_itself)
{
	begin();
	started();
	answers("signals", "blocked 0 ignored 0");
	end();
}
END_TEST

static void
add_place(Suite *suite)
{
	TCase *tcase = tcase_create("place");

	tcase_add_checked_fixture(tcase, toolkit_setup, toolkit_teardown);
	tcase_add_test(tcase, daemonize_leaves_session_and_terminal);
	tcase_add_loop_test(tcase, daemonize_has_the_umask_asked_for, 0, 3);
	tcase_add_loop_test(tcase, daemonize_stays_or_goes_where_asked, 0, 2);
	tcase_add_test(tcase,
	    daemonize_blocks_and_ignores_none_but_PIPE_and_CHLD);
	tcase_add_test(tcase, daemonize_does_not_ignore_by_itself);
	suite_add_tcase(suite, tcase);
}

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("daemon");
	TCase *file = tcase_create("pidfile");
	TCase *fds = tcase_create("fds");

	tcase_add_checked_fixture(file, toolkit_setup, toolkit_teardown);
	tcase_add_test(file,
	    daemonize_launcher_exits_0_with_the_file_complete);
	tcase_add_test(file, daemonize_without_pid_file_leaves_none);
	tcase_add_test(file, daemonize_takes_relative_paths_before_chdir);
	tcase_add_test(file, daemonize_over_the_file_of_a_killed_one_starts);
	suite_add_tcase(suite, file);
	add_place(suite);

	tcase_add_checked_fixture(fds, toolkit_setup, toolkit_teardown);
	tcase_add_test(fds, daemonize_has_the_null_device_and_no_other_fd);
	tcase_add_test(fds, daemonize_keeps_the_fds_asked_for);
	tcase_add_test(fds, daemonize_appends_to_its_logs);
	tcase_add_loop_test(fds, daemonize_with_closed_fds_has_them_all, 0,
	    8);
	tcase_add_test(fds, daemonize_writes_buffered_text_once);
	suite_add_tcase(suite, fds);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
