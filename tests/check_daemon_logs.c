/* A daemon's logs: what they may be, opened anew, and taken away again. */
#define _GNU_SOURCE 1

#include "backend.h"
#include "daemons.h"
#include "toolkit/clock.h"

#include <proclc.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void
remove_file(const char *name)
{
	ck_assert_int_eq(unlink(in_dir(name)), 0);
}

static void
rotate(const char *from, const char *to)
{
	char path[700];

	snprintf(path, sizeof(path), "%s", in_dir(from));
	ck_assert_int_eq(rename(path, in_dir(to)), 0);
}

/* D3: three files, two, one. */
START_TEST(logs_may_be_three_files_or_two_or_one)
{
	static const char *const names[3][3] = {
		{ "in", "out", "err" }, { "in", "log", "log" },
		{ "log", "log", "log" },
	};
	const char *const *name = names[_i];
	FILE *file = fopen(in_dir(name[0]), "w");

	ck_assert_ptr_nonnull(file);
	fclose(file);
	scenario_start(&s, "daemon", NULL);
	for (int i = 0; i < 3; i++)
		scenario_send(&s, "%s %s", i == 0 ? "in" : i == 1 ? "out" :
		    "err", in_dir(name[i]));
	started();
	answers("fds", "fds file append append");
	scenario_send(&s, "print word");
	end();
	file_has(in_dir(name[1]), "word\n");
	for (int i = 0; i < 3; i++)
		unlink(in_dir(name[i]));
}
END_TEST

/* Relative ones, too: they are found from another directory. */
START_TEST(reopen_after_a_rotation_writes_to_new_logs)
{
	struct scenario_options there = { .cwd = toolkit_dir() };

	scenario_start_with(&s, &there, "daemon", NULL);
	scenario_send(&s, "dir /;out out;err %s", in_dir("err"));
	started();
	scenario_send(&s, "print before");
	answers("setup", "setup 0");
	rotate("out", "out.1");
	rotate("err", "err.1");
	answers("reopen;fds", "reopen 0");
	scenario_expect(&s, "fds null append append");
	scenario_send(&s, "print after");
	end();
	/* What was printed before is in the old one. */
	file_has(in_dir("out.1"), "before\n");
	file_has(in_dir("out"), "after\n");
	file_has(in_dir("err"), "");
	remove_file("out");
	remove_file("out.1");
	remove_file("err");
	remove_file("err.1");
}
END_TEST

/* The first could be opened: it is not used without the other. */
START_TEST(reopen_that_fails_leaves_both_logs)
{
	char dir[700];

	snprintf(dir, sizeof(dir), "%s", in_dir("dir"));
	ck_assert_int_eq(mkdir(dir, 0755), 0);
	scenario_start(&s, "daemon", NULL);
	scenario_send(&s, "out %s", in_dir("out"));
	scenario_send(&s, "err %s", in_dir("dir/err"));
	started();
	rotate("out", "out.1");
	rotate("dir", "other");
	answers("reopen", "reopen PROCLC_ENOENT");
	scenario_send(&s, "print word");
	end();
	file_has(in_dir("out.1"), "word\n");
	file_has(in_dir("out"), "");
	remove_file("out");
	remove_file("out.1");
	remove_file("other/err");
	ck_assert_int_eq(rmdir(in_dir("other")), 0);
}
END_TEST

START_TEST(reopen_without_logs_changes_nothing)
{
	scenario_start(&s, "daemon", NULL);
	started();
	answers("reopen;fds", "reopen 0");
	scenario_expect(&s, "fds null null null");
	end();
}
END_TEST

START_TEST(reopen_outside_a_daemon_is_EINVAL)
{
	toolkit_mark();
	ck_assert_int_eq(proclc_daemon_reopen_logs(), PROCLC_EINVAL);
	toolkit_unchanged();
}
END_TEST

/* What a refused start has created goes again; what was there stays. */
START_TEST(logs_of_a_refused_start_are_taken_away)
{
	struct proclc_daemon_options o = PROCLC_DAEMON_OPTIONS_INIT;
	char out[700], err[700];
	struct proclc_pidfile *held;
	FILE *file = fopen(in_dir("err"), "w");

	ck_assert_ptr_nonnull(file);
	fclose(file);
	o.pid_file = strdup(in_dir("a.pid"));
	snprintf(out, sizeof(out), "%s", in_dir("out"));
	snprintf(err, sizeof(err), "%s", in_dir("err"));
	o.stdout_path = out;
	o.stderr_path = err;
	ck_assert_int_eq(proclc_pidfile_open(&held, o.pid_file, NULL), 0);
	ck_assert_int_eq(proclc_pidfile_write(held), 0);
	toolkit_mark();
	ck_assert_int_eq(proclc_daemon_fork(&o), PROCLC_ERUNNING);
	toolkit_unchanged();
	ck_assert(!file_exists(out));
	ck_assert_int_eq(proclc_pidfile_remove(held), 0);
	toolkit_expect(TOOLKIT_FDS);
	free((void *)(uintptr_t)o.pid_file);
	remove_file("err");
	toolkit_expect(TOOLKIT_FILES);
}
END_TEST

/* Who loses has not made the winner's log, for he would take it away. */
START_TEST(log_of_a_refused_start_is_not_made)
{
	struct proclc_daemon_options o = PROCLC_DAEMON_OPTIONS_INIT;
	struct timespec old[2] = { { .tv_sec = 1000 }, { .tv_sec = 1000 } };
	struct proclc_pidfile *held;
	char dir[700], out[720], err[720];
	struct stat st;

	snprintf(dir, sizeof(dir), "%s", in_dir("logs"));
	snprintf(out, sizeof(out), "%s/out", dir);
	snprintf(err, sizeof(err), "%s/err", dir);
	ck_assert_int_eq(mkdir(dir, 0700), 0);
	ck_assert_int_eq(utimensat(AT_FDCWD, dir, old, 0), 0);
	o.pid_file = in_dir("a.pid");
	o.stdout_path = out;
	o.stderr_path = err;
	ck_assert_int_eq(proclc_pidfile_open(&held, o.pid_file, NULL), 0);
	ck_assert_int_eq(proclc_pidfile_write(held), 0);
	ck_assert_int_eq(proclc_daemon_fork(&o), PROCLC_ERUNNING);
	ck_assert_int_eq(stat(dir, &st), 0);
	ck_assert_int_eq(st.st_mtime, 1000);
	ck_assert_int_eq(proclc_pidfile_remove(held), 0);
	ck_assert_int_eq(rmdir(dir), 0);
}
END_TEST

/* An empty one goes, if a pid file has kept others from writing to it. */
START_TEST(log_of_a_failed_daemon_stays_when_it_says_why)
{
	/* The end of a daemon that nobody reaps is not seen without. */
	if (skip_without("process", "pidfd"))
		return;
	scenario_start(&s, "daemon", NULL);
	scenario_send(&s, "flags %d;out %s", PROCLC_DAEMON_WAIT_READY,
	    in_dir("out"));
	scenario_send(&s, "err %s", in_dir("err"));
	if (_i == 0)
		scenario_send(&s, "pid_file %s", in_dir("a.pid"));
	answers("daemonize", "daemonize 0");
	scenario_send(&s, "print why");
	scenario_send(&s, "fail 7 no");
	scenario_expect_exit(&s, 7);
	scenario_expect_eof(&s);
	file_has(in_dir("out"), "why\n");
	ck_assert_int_eq(file_exists(in_dir("err")), _i == 1);
	remove_file("out");
	if (_i == 1)
		remove_file("err");
}
END_TEST

/* A FIFO blocks who opens it; nobody is made to wait. */
START_TEST(log_that_is_a_fifo_without_reader_is_refused_at_once)
{
	struct proclc_daemon_options o = PROCLC_DAEMON_OPTIONS_INIT;
	char fifo[700];
	int64_t start;

	snprintf(fifo, sizeof(fifo), "%s", in_dir("fifo"));
	ck_assert_int_eq(mkfifo(fifo, 0600), 0);
	o.stdout_path = fifo;
	toolkit_mark();
	start = clock_now_ms();
	ck_assert_int_eq(proclc_daemon_fork(&o), -ENXIO);
	ck_assert_double_lt((double)(clock_now_ms() - start),
	    500 * clock_multiplier());
	toolkit_unchanged();
	remove_file("fifo");
	toolkit_expect(TOOLKIT_FILES);
}
END_TEST

/* A logger that reads from one is a good log, and blocks as pipes do. */
START_TEST(log_may_be_a_fifo_that_is_read)
{
	char fifo[700], text[10] = "";
	int fd;

	snprintf(fifo, sizeof(fifo), "%s", in_dir("fifo"));
	ck_assert_int_eq(mkfifo(fifo, 0600), 0);
	fd = open(fifo, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	scenario_start(&s, "daemon", NULL);
	scenario_send(&s, "out %s;in %s", fifo, fifo);
	started();
	answers("blocking 0", "blocking 1");
	answers("blocking 1", "blocking 1");
	scenario_send(&s, "print word");
	end();
	ck_assert_int_eq(read(fd, text, sizeof(text) - 1), 5);
	ck_assert_str_eq(text, "word\n");
	close(fd);
	remove_file("fifo");
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("daemon_logs");
	TCase *tcase = tcase_create("logs");

	tcase_add_checked_fixture(tcase, toolkit_setup, toolkit_teardown);
	tcase_add_loop_test(tcase, logs_may_be_three_files_or_two_or_one, 0,
	    3);
	tcase_add_test(tcase, reopen_after_a_rotation_writes_to_new_logs);
	tcase_add_test(tcase, reopen_that_fails_leaves_both_logs);
	tcase_add_test(tcase, reopen_without_logs_changes_nothing);
	tcase_add_test(tcase, reopen_outside_a_daemon_is_EINVAL);
	tcase_add_test(tcase, logs_of_a_refused_start_are_taken_away);
	tcase_add_test(tcase, log_of_a_refused_start_is_not_made);
	tcase_add_loop_test(tcase,
	    log_of_a_failed_daemon_stays_when_it_says_why, 0, 2);
	tcase_add_test(tcase,
	    log_that_is_a_fifo_without_reader_is_refused_at_once);
	tcase_add_test(tcase, log_may_be_a_fifo_that_is_read);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
