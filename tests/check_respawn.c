/*
 * Which run of a program is a task's: only one that a start has made, of the
 * same program, whatever became of its file.
 */
#define _GNU_SOURCE 1

#include "toolkit/clock.h"
#include "toolkit/toolkit.h"

#include <proclc/atexit.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static void
expect_init(struct scenario *s, const char *answer)
{
	scenario_expect(s, "init %s", answer);
	scenario_expect_eof(s);
	scenario_expect_exit(s, 0);
	ck_assert_str_eq(scenario_stderr(s), "");
}

static const char *const forged[] = {
	"--proclc-task=99", "--proclc-task=", "--proclc-task=x",
	"--proclc-task=-1", "--proclc-task=0", "--proclc-task=1",
	"--proclc-task=99x", "--proclc-task=4294967296",
	"--proclc-task=99999999999999999999",
};

enum { FORGED = sizeof(forged) / sizeof(forged[0]) };

START_TEST(argument_that_names_no_task_is_EINVAL)
{
	struct scenario s;

	scenario_start(&s, "kin", forged[_i], NULL);
	expect_init(&s, "PROCLC_EINVAL");
}
END_TEST

START_TEST(argument_of_the_program_is_its_own)
{
	static const char *const others[] = {
		"--proclc-task", "--proclc", "--", "--other=99",
	};
	struct scenario s;

	scenario_start(&s, "kin", others[_i], NULL);
	expect_init(&s, "0");
}
END_TEST

/* Something of somebody else's: silent, over, or full of what is no task. */
static int
foreign_handle(int kind)
{
	static const char rubbish[200] = "proclc 9.9.9";
	int ends[2], fd;

	if (kind == 0) {
		fd = open("/dev/zero", O_RDONLY);
		ck_assert_int_ge(fd, 3);
		return fd;
	}
	if (kind == 1)
		ck_assert_int_eq(pipe(ends), 0);
	else
		ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends),
		    0);
	if (kind == 3)
		ck_assert_int_eq(shutdown(ends[1], SHUT_WR), 0);
	if (kind == 4)
		ck_assert_int_eq(send(ends[1], rubbish + 1,
		    sizeof(rubbish) - 1, 0), (int)sizeof(rubbish) - 1);
	if (kind == 5)
		ck_assert_int_eq(send(ends[1], rubbish, 20, 0), 20);
	fcntl(ends[1], F_SETFD, FD_CLOEXEC);
	return ends[0];
}

START_TEST(argument_that_names_a_foreign_handle_is_EINVAL)
{
	struct scenario s;
	char argument[64];
	int fd = foreign_handle(_i);

	toolkit_expect(TOOLKIT_FDS);
	snprintf(argument, sizeof(argument), "--proclc-task=%d", fd);
	scenario_start(&s, "kin", argument, NULL);
	expect_init(&s, "PROCLC_EINVAL");
}
END_TEST

START_TEST(spawn_without_init_is_EINVAL)
{
	struct scenario s;

	scenario_start(&s, "kin", "no-init", "spawn", NULL);
	scenario_expect(&s, "ready");
	scenario_send(&s, "task=a");
	scenario_expect(&s, "refused PROCLC_EINVAL");
	scenario_send(&s, "exit=0");
	scenario_expect_eof(&s);
	scenario_expect_exit(&s, 0);
}
END_TEST

/* The file. */

/* A copy of the program that may be done with as one likes. */
static void
copy_program(const char *path)
{
	static char block[65536];
	char from[1024];
	ssize_t n;
	int in, out;

	scenario_path(from, sizeof(from), "scn/kin");
	in = open(from, O_RDONLY | O_CLOEXEC);
	out = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
	ck_assert_int_ge(in, 0);
	ck_assert_int_ge(out, 0);
	while ((n = read(in, block, sizeof(block))) > 0)
		ck_assert_int_eq(write(out, block, (size_t)n), n);
	ck_assert_int_eq(n, 0);
	close(in);
	close(out);
}

/* A task begins, says so, and is shut down. */
static void
expect_task(struct scenario *s)
{
	scenario_send(s, "task=a");
	scenario_expect_number(s, "a begins ");
	scenario_send(s, "shutdown-all");
	scenario_expect(s, "a ends %d", PROCLC_EXIT_SIGNAL);
	scenario_expect(s, "shutdown 0");
	scenario_send(s, "exit=0");
	scenario_expect_eof(s);
	scenario_expect_exit(s, 0);
}

static const char replacement[] = "#!/bin/sh\necho replaced\n";

START_TEST(spawned_one_is_the_same_program_whatever_its_file_is)
{
	struct scenario s;
	char path[1024];
	int fd;

	snprintf(path, sizeof(path), "%s/kin", toolkit_dir());
	copy_program(path);
	scenario_start(&s, path, "spawn", NULL);
	scenario_expect(&s, "ready");
	ck_assert_int_eq(unlink(path), 0);
	if (_i == 1) {
		fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
		ck_assert_int_eq(write(fd, replacement,
		    sizeof(replacement) - 1), (int)sizeof(replacement) - 1);
		close(fd);
	}
	expect_task(&s);
	if (_i == 1)
		ck_assert_int_eq(unlink(path), 0);
}
END_TEST

/* Then it is what the program was called as. */
START_TEST(spawn_without_proc_runs_the_file_of_argv)
{
	char line[64] = "";
	struct scenario s;

	scenario_start(&s, "kin", "no-proc", "spawn", NULL);
	ck_assert(scenario_read_line(&s, line, sizeof(line), 0));
	if (strcmp(line, "no namespace") == 0) {
		toolkit_skip("what comes without /proc");
		scenario_expect_exit(&s, 0);
		return;
	}
	ck_assert_str_eq(line, "ready");
	expect_task(&s);
}
END_TEST

/* Nobody else may have it be a task: it does not look. */
START_TEST(program_with_more_rights_is_no_task)
{
	struct scenario_options options = { .uid = 65534 };
	struct statvfs fs;
	struct scenario s;
	char path[1024], above[1024];

	if (scenario_skip_user())
		return;
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 0 ||
	    statvfs(toolkit_dir(), &fs) != 0 ||
	    (fs.f_flag & ST_NOSUID) != 0) {
		toolkit_skip("a set-user-ID program");
		return;
	}
	snprintf(path, sizeof(path), "%s/kin", toolkit_dir());
	snprintf(above, sizeof(above), "%s/..", toolkit_dir());
	ck_assert_int_eq(chmod(above, 0711), 0);
	ck_assert_int_eq(chmod(toolkit_dir(), 0711), 0);
	copy_program(path);
	ck_assert_int_eq(chmod(path, 04755), 0);
	scenario_start_with(&s, &options, path, "--proclc-task=99", NULL);
	expect_init(&s, "0");
	/* The same without these rights. */
	ck_assert_int_eq(chmod(path, 0755), 0);
	scenario_start_with(&s, &options, path, "--proclc-task=99", NULL);
	expect_init(&s, "PROCLC_EINVAL");
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(chmod(above, 0700), 0);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("respawn");
	TCase *tcase = tcase_create("respawn");

	tcase_add_checked_fixture(tcase, toolkit_setup, toolkit_teardown);
	tcase_add_loop_test(tcase, argument_that_names_no_task_is_EINVAL, 0,
	    FORGED);
	tcase_add_loop_test(tcase, argument_of_the_program_is_its_own, 0, 4);
	tcase_add_loop_test(tcase,
	    argument_that_names_a_foreign_handle_is_EINVAL, 0, 6);
	tcase_add_test(tcase, spawn_without_init_is_EINVAL);
	tcase_add_loop_test(tcase,
	    spawned_one_is_the_same_program_whatever_its_file_is, 0, 2);
	tcase_add_test(tcase, spawn_without_proc_runs_the_file_of_argv);
	tcase_add_test(tcase, program_with_more_rights_is_no_task);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
