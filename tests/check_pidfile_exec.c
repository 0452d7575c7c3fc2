/* A pid file over an exec, and after its holder has read it. */
#define _GNU_SOURCE 1

#include "backend.h"
#include "toolkit/toolkit.h"

#include <proclc.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static struct scenario s;
static struct proclc_pidfile *pf;
static char path[700];
static int fd;

static void
answers(const char *command, const char *answer)
{
	scenario_send(&s, "%s", command);
	scenario_expect(&s, "%s", answer);
}

static void
begin(void)
{
	snprintf(path, sizeof(path), "%s/x", toolkit_dir());
	scenario_start(&s, "handover", NULL);
	scenario_send(&s, "open %s", path);
	scenario_expect(&s, "open 0");
}

static void
over_exec(void)
{
	begin();
	scenario_send(&s, "keep");
	fd = (int)scenario_expect_number(&s, "keep ");
	ck_assert_int_ge(fd, 3);
	answers("exec", "exec");
	scenario_send(&s, "pid");
	scenario_expect(&s, "pid %d", (int)s.pid);
}

/* It is held, by the process, for everybody who asks. */
static void
held(void)
{
	struct proclc_error_detail detail = { .size = sizeof(detail) };
	char text[32], expected[32];
	int64_t pid = 0;

	ck_assert_int_eq(proclc_pidfile_open(&pf, path, NULL),
	    PROCLC_ERUNNING);
	ck_assert_int_eq(proclc_error_detail(&detail), 0);
	ck_assert_int_eq(detail.pid, s.pid);
	ck_assert_int_eq(proclc_pidfile_status(path, &pid), 0);
	ck_assert_int_eq(pid, s.pid);
	ck_assert_int_eq(proclc_ping(path), 0);
	ck_assert_int_gt(file_read(path, text, sizeof(text)), 0);
	snprintf(expected, sizeof(expected), "%d\n", (int)s.pid);
	ck_assert_str_eq(text, expected);
}

static void
free_again(void)
{
	ck_assert_int_eq(proclc_pidfile_open(&pf, path, NULL), 0);
	ck_assert_int_eq(proclc_pidfile_remove(pf), 0);
	ck_assert(!file_exists(path));
}

static void
end(void)
{
	scenario_send(&s, "_exit 0");
	scenario_expect_exit(&s, 0);
	free_again();
}

/* The new program knows nothing of it. */
START_TEST(keep_over_exec_holds_the_file_on)
{
	over_exec();
	held();
	end();
}
END_TEST

START_TEST(keep_over_exec_with_threads_holds_the_file_on)
{
	begin();
	answers("threads", "threads 0");
	scenario_send(&s, "keep");
	fd = (int)scenario_expect_number(&s, "keep ");
	answers("exec", "exec");
	scenario_send(&s, "pid");
	scenario_expect(&s, "pid %d", (int)s.pid);
	held();
	end();
}
END_TEST

START_TEST(keep_over_exec_without_exec_changes_nothing)
{
	begin();
	scenario_send(&s, "keep");
	fd = (int)scenario_expect_number(&s, "keep ");
	held();
	answers("write", "write 0");
	held();
	answers("remove", "remove 0");
	ck_assert(!file_exists(path));
	end();
}
END_TEST

/* As after an exec that failed: from the next write on it is held by both
 * locks again, and can lose the one. */
START_TEST(write_after_keep_takes_the_file_back)
{
	begin();
	scenario_send(&s, "keep");
	fd = (int)scenario_expect_number(&s, "keep ");
	answers("write", "write 0");
	scenario_send(&s, "touch %s", path);
	scenario_expect(&s, "touched");
	ck_assert_int_eq(proclc_pidfile_open(&pf, path, NULL),
	    PROCLC_ERUNNING);
	answers("exec", "exec");
	scenario_send(&s, "shut %d", fd);
	scenario_expect(&s, "shut -1");
	end();
}
END_TEST

START_TEST(exec_without_keep_gives_the_file_up)
{
	begin();
	answers("write", "write 0");
	answers("exec", "exec");
	scenario_send(&s, "pid");
	scenario_expect(&s, "pid %d", (int)s.pid);
	ck_assert_int_eq(proclc_pidfile_status(path, NULL),
	    PROCLC_EUNLOCKED);
	end();
}
END_TEST

/* What outlives the holder is not the holder. */
START_TEST(children_of_the_new_program_do_not_hold_the_file)
{
	pid_t child;

	if (skip_without("lock", "ofd"))
		return;
	over_exec();
	scenario_send(&s, "spawn");
	child = (pid_t)scenario_expect_number(&s, "spawned ");
	held();
	scenario_signal(&s, SIGKILL);
	scenario_expect_killed(&s, SIGKILL);
	ck_assert(process_alive(child));
	ck_assert_int_eq(proclc_pidfile_status(path, NULL),
	    PROCLC_ENOTRUNNING);
	free_again();
	ck_assert_int_eq(kill(child, SIGKILL), 0);
	process_wait_gone(child, 0);
	scenario_expect_eof(&s);
}
END_TEST

/* Adopting. */

START_TEST(adopt_makes_an_object_of_it_again)
{
	over_exec();
	scenario_send(&s, "adopt %d %s", fd, path);
	scenario_expect(&s, "adopt 0");
	held();
	/* As any other: the next exec closes it. */
	scenario_send(&s, _i == 0 ? "remove" : "close");
	scenario_expect(&s, _i == 0 ? "remove 0" : "closed");
	ck_assert_int_eq(file_exists(path), _i == 1);
	end();
}
END_TEST

START_TEST(adopt_then_exec_gives_the_file_up)
{
	over_exec();
	scenario_send(&s, "adopt %d %s", fd, path);
	scenario_expect(&s, "adopt 0");
	answers("exec", "exec");
	scenario_send(&s, "pid");
	scenario_expect(&s, "pid %d", (int)s.pid);
	ck_assert_int_eq(proclc_pidfile_status(path, NULL),
	    PROCLC_EUNLOCKED);
	end();
}
END_TEST

START_TEST(adopt_of_a_file_that_is_not_held_is_ENOTOWNER)
{
	int other;

	if (skip_without("lock", "ofd"))
		return;
	begin();
	answers("write", "write 0");
	other = open(path, O_RDWR | O_CLOEXEC);
	ck_assert_int_eq(proclc_pidfile_adopt(&pf, path, other),
	    PROCLC_ENOTOWNER);
	scenario_send(&s, "close");
	scenario_expect(&s, "closed");
	ck_assert_int_eq(proclc_pidfile_adopt(&pf, path, other),
	    PROCLC_ENOTOWNER);
	ck_assert_int_eq(fcntl(other, F_GETFD), FD_CLOEXEC);
	close(other);
	end();
}
END_TEST

/* Two objects of one descriptor would close it twice. */
START_TEST(adopt_of_what_has_an_object_is_EALREADY)
{
	if (_i == 0) {
		over_exec();
		scenario_send(&s, "adopt %d %s", fd, path);
		scenario_expect(&s, "adopt 0");
	} else {
		begin();
		scenario_send(&s, "keep");
		fd = (int)scenario_expect_number(&s, "keep ");
	}
	scenario_send(&s, "adopt %d %s", fd, path);
	scenario_expect(&s, "adopt PROCLC_EALREADY");
	held();
	end();
}
END_TEST

START_TEST(adopt_of_another_file_is_told)
{
	begin();
	answers("write", "write 0");
	scenario_send(&s, "adopt 0 %s", path);
	scenario_expect(&s, "adopt PROCLC_EINVAL");
	scenario_send(&s, "adopt 500 %s", path);
	scenario_expect(&s, "adopt PROCLC_EBADF");
	scenario_send(&s, "adopt 3 %s.none", path);
	scenario_expect(&s, "adopt PROCLC_ENOENT");
	ck_assert_int_eq(proclc_pidfile_adopt(&pf, path, 0), PROCLC_EINVAL);
	ck_assert_int_eq(proclc_pidfile_adopt(NULL, path, 3), PROCLC_EINVAL);
	ck_assert_int_eq(proclc_pidfile_keep_over_exec(NULL), PROCLC_EINVAL);
	end();
}
END_TEST

START_TEST(keep_in_a_child_is_ENOTOWNER)
{
	begin();
	answers("write", "write 0");
	scenario_send(&s, "fork");
	scenario_expect_number(&s, "forked ");
	answers("child keep", "child keep PROCLC_ENOTOWNER");
	answers("child exit 0;reap", "reaped 0 0");
	held();
	end();
}
END_TEST

/* A holder that reads its file loses its name, and is found all the same. */
START_TEST(holder_that_has_read_its_file_is_found)
{
	begin();
	answers("write", "write 0");
	scenario_send(&s, "touch %s", path);
	scenario_expect(&s, "touched");
	if (backend_is("process", "pidfd")) {
		held();
	} else {
		/* It cannot be told that it is older than the text. */
		ck_assert_int_eq(proclc_pidfile_open(&pf, path, NULL),
		    backend_is("lock", "ofd") ? PROCLC_ESTARTING :
		    PROCLC_ERUNNING);
	}
	answers("write", "write 0");
	held();
	end();
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("pidfile_exec");
	TCase *tcase = tcase_create("exec");

	tcase_add_checked_fixture(tcase, toolkit_setup, toolkit_teardown);
	tcase_add_test(tcase, keep_over_exec_holds_the_file_on);
	tcase_add_test(tcase, keep_over_exec_with_threads_holds_the_file_on);
	tcase_add_test(tcase, keep_over_exec_without_exec_changes_nothing);
	tcase_add_test(tcase, write_after_keep_takes_the_file_back);
	tcase_add_test(tcase, exec_without_keep_gives_the_file_up);
	tcase_add_test(tcase,
	    children_of_the_new_program_do_not_hold_the_file);
	tcase_add_loop_test(tcase, adopt_makes_an_object_of_it_again, 0, 2);
	tcase_add_test(tcase, adopt_then_exec_gives_the_file_up);
	tcase_add_test(tcase, adopt_of_a_file_that_is_not_held_is_ENOTOWNER);
	tcase_add_loop_test(tcase,
	    adopt_of_what_has_an_object_is_EALREADY, 0, 2);
	tcase_add_test(tcase, adopt_of_another_file_is_told);
	tcase_add_test(tcase, keep_in_a_child_is_ENOTOWNER);
	tcase_add_test(tcase, holder_that_has_read_its_file_is_found);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
