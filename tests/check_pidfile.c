/* Pid files: what is in them, who holds them, and when they go. */
#define _GNU_SOURCE 1

#include "backend.h"
#include "toolkit/toolkit.h"

#include <proclc.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct scenario s;
static struct proclc_pidfile *pf;
static char path[1024];

static const char *
in_dir(const char *name)
{
	snprintf(path, sizeof(path), "%s/%s", toolkit_dir(), name);
	return path;
}

static void
put(const char *at, const char *text)
{
	int fd = open(at, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	ck_assert_int_eq(write(fd, text, strlen(text)),
	    (ssize_t)strlen(text));
	close(fd);
}

static void
expect_text(const char *at, const char *expected)
{
	char text[256];

	ck_assert_int_ge(file_read(at, text, sizeof(text)), 0);
	ck_assert_str_eq(text, expected);
}

static void
expect_pid(const char *at, pid_t pid)
{
	char expected[32];

	snprintf(expected, sizeof(expected), "%d\n", (int)pid);
	expect_text(at, expected);
}

static void
answers(struct scenario *who, const char *command, const char *answer)
{
	scenario_send(who, "%s", command);
	scenario_expect(who, "%s", answer);
}

/* Another process that holds path, and has said so. */
static void
begin_holder(void)
{
	scenario_start(&s, "pidfile", NULL);
	scenario_send(&s, "open a %s;write a", path);
	scenario_expect(&s, "open 0");
	scenario_expect(&s, "write 0");
}

static void
end_holder(void)
{
	answers(&s, "remove a", "remove 0");
	scenario_send(&s, "return");
	scenario_expect_exit(&s, 0);
}

static void
open_and_write(void)
{
	ck_assert_int_eq(proclc_pidfile_open(&pf, path, NULL), 0);
	ck_assert_int_eq(proclc_pidfile_write(pf), 0);
}

START_TEST(open_arguments_are_checked)
{
	in_dir("x");
	ck_assert_int_eq(proclc_pidfile_open(NULL, path, NULL),
	    PROCLC_EINVAL);
	ck_assert_int_eq(proclc_pidfile_open(&pf, NULL, NULL), PROCLC_EINVAL);
	ck_assert_int_eq(proclc_pidfile_open(&pf, "", NULL), PROCLC_EINVAL);
	ck_assert_int_eq(proclc_pidfile_write(NULL), PROCLC_EINVAL);
	ck_assert_int_eq(proclc_pidfile_status(NULL, NULL), PROCLC_EINVAL);
	ck_assert_int_eq(proclc_pidfile_remove(NULL), 0);
	proclc_pidfile_close(NULL);
	ck_assert_ptr_null(pf);
}
END_TEST

/* D4: exactly that, over a longer text, too. */
START_TEST(write_text_is_the_pid_and_a_newline)
{
	in_dir("x");
	if (_i == 1)
		put(path, "99999999 and a long line of rubbish\nand another\n");
	open_and_write();
	expect_pid(path, getpid());
	ck_assert_int_eq(proclc_pidfile_write(pf), 0);
	expect_pid(path, getpid());
	ck_assert_int_eq(proclc_pidfile_remove(pf), 0);
	ck_assert(!file_exists(path));
}
END_TEST

START_TEST(open_mode_is_0644_whatever_the_umask)
{
	static const mode_t masks[] = { 0, 022, 077, 0777 };
	struct stat st;
	mode_t before = umask(masks[_i]);
	int rc;

	in_dir("x");
	rc = proclc_pidfile_open(&pf, path, NULL);
	umask(before);
	ck_assert_int_eq(rc, 0);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0644);
	ck_assert_int_eq(proclc_pidfile_remove(pf), 0);
}
END_TEST

/* Whichever of 0-2 are closed at the start stay so. */
START_TEST(open_uses_no_low_descriptor)
{
	struct scenario_options options = { .closed = (unsigned)_i };
	char script[1100];

	in_dir("x");
	toolkit_expect(TOOLKIT_FILES);
	snprintf(script, sizeof(script), "open a %s;write a;low_fds", path);
	scenario_start_with(&s, &options, "pidfile", script, NULL);
	scenario_expect_exit(&s, 7 & ~_i);
	expect_pid(path, s.pid);
}
END_TEST

START_TEST(open_held_elsewhere_is_ERUNNING)
{
	struct proclc_error_detail detail = { .size = sizeof(detail) };
	char expected[1200];
	struct stat before, after;

	in_dir("x");
	begin_holder();
	ck_assert_int_eq(stat(path, &before), 0);
	toolkit_mark();
	ck_assert_int_eq(proclc_pidfile_open(&pf, path, NULL),
	    PROCLC_ERUNNING);
	snprintf(expected, sizeof(expected), "lock %s: held by pid %d", path,
	    (int)s.pid);
	ck_assert_str_eq(proclc_errmsg(), expected);
	ck_assert_int_eq(proclc_error_detail(&detail), 0);
	ck_assert_int_eq(detail.pid, s.pid);
	ck_assert_int_eq(detail.stage, PROCLC_STAGE_LOCK);
	toolkit_unchanged();
	expect_pid(path, s.pid);
	ck_assert_int_eq(stat(path, &after), 0);
	ck_assert_int_eq(memcmp(&before.st_mtim, &after.st_mtim,
	    sizeof(before.st_mtim)), 0);
	ck_assert_uint_eq(before.st_ino, after.st_ino);
	toolkit_expect(TOOLKIT_FILES | TOOLKIT_FDS | TOOLKIT_CHILDREN);
	end_holder();
}
END_TEST

/* D5: and the refused second open leaves the first its name. */
START_TEST(open_twice_in_a_process_is_ERUNNING)
{
	struct proclc_error_detail detail = { .size = sizeof(detail) };
	struct proclc_pidfile *second = NULL;

	in_dir("x");
	open_and_write();
	scenario_start(&s, "pidfile", NULL);
	ck_assert_int_eq(proclc_pidfile_open(&second, path, NULL),
	    PROCLC_ERUNNING);
	ck_assert_ptr_null(second);
	ck_assert_int_eq(proclc_error_detail(&detail), 0);
	ck_assert_int_eq(detail.pid, getpid());
	scenario_send(&s, "status %s", path);
	scenario_expect(&s, "status %d", (int)getpid());
	ck_assert_int_eq(proclc_pidfile_remove(pf), 0);
	scenario_send(&s, "return");
	scenario_expect_exit(&s, 0);
}
END_TEST

/* Before it is written, too, and at once. */
START_TEST(open_twice_unwritten_is_ERUNNING)
{
	struct proclc_error_detail detail = { .size = sizeof(detail) };
	struct proclc_pidfile *second = NULL;

	in_dir("x");
	ck_assert_int_eq(proclc_pidfile_open(&pf, path, NULL), 0);
	ck_assert_int_eq(proclc_pidfile_open(&second, path, NULL),
	    PROCLC_ERUNNING);
	ck_assert_int_eq(proclc_error_detail(&detail), 0);
	ck_assert_int_eq(detail.pid, getpid());
	ck_assert_int_eq(proclc_pidfile_remove(pf), 0);
}
END_TEST

/* Its holder was killed: the file is there, and nobody's. */
START_TEST(open_stale_is_taken_over)
{
	in_dir("x");
	begin_holder();
	scenario_signal(&s, SIGKILL);
	scenario_expect_killed(&s, SIGKILL);
	ck_assert(file_exists(path));
	ck_assert_int_eq(proclc_pidfile_status(path, NULL),
	    PROCLC_ENOTRUNNING);
	ck_assert_int_eq(proclc_pidfile_open(&pf, path, NULL), 0);
	expect_text(path, "");
	ck_assert_int_eq(proclc_pidfile_write(pf), 0);
	expect_pid(path, getpid());
	ck_assert_int_eq(proclc_pidfile_remove(pf), 0);
}
END_TEST

/* A container that starts again has its old file, and the old pids. */
START_TEST(open_takes_over_what_names_init_us_or_our_parent)
{
	char text[32];
	pid_t pids[3] = { 1, getpid(), getppid() };

	in_dir("x");
	snprintf(text, sizeof(text), "%d\n", (int)pids[_i]);
	put(path, text);
	open_and_write();
	expect_pid(path, getpid());
	ck_assert_int_eq(proclc_ping(path), 0);
	ck_assert_int_eq(proclc_pidfile_remove(pf), 0);
}
END_TEST

START_TEST(close_leaves_a_stale_file)
{
	in_dir("x");
	toolkit_expect(TOOLKIT_FILES);
	open_and_write();
	proclc_pidfile_close(pf);
	expect_pid(path, getpid());
	ck_assert_int_eq(proclc_pidfile_status(path, NULL),
	    PROCLC_EUNLOCKED);
	open_and_write();
	proclc_pidfile_close(pf);
}
END_TEST

START_TEST(status_own_file_is_running)
{
	int64_t pid = 0;

	in_dir("x");
	scenario_start(&s, "pidfile", NULL);
	open_and_write();
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(proclc_pidfile_status(path, &pid), 0);
		ck_assert_int_eq(pid, getpid());
		/* Asking does not cost the name, which a close would. */
		scenario_send(&s, "status %s", path);
		scenario_expect(&s, "status %d", (int)getpid());
	}
	ck_assert_int_eq(proclc_pidfile_remove(pf), 0);
	scenario_send(&s, "return");
	scenario_expect_exit(&s, 0);
}
END_TEST

/* A child holds nothing, and can do no harm. */
START_TEST(child_does_not_hold_the_lock)
{
	in_dir("x");
	begin_holder();
	scenario_send(&s, "fork");
	scenario_expect_number(&s, "forked ");
	answers(&s, "close a", "closed");
	ck_assert_int_eq(proclc_pidfile_open(&pf, path, NULL), 0);
	ck_assert_int_eq(proclc_pidfile_remove(pf), 0);
	answers(&s, "child _exit 4;reap", "reaped 0 4");
	scenario_send(&s, "return");
	scenario_expect_exit(&s, 0);
}
END_TEST

START_TEST(child_write_is_ENOTOWNER)
{
	in_dir("x");
	begin_holder();
	scenario_send(&s, "fork");
	scenario_expect_number(&s, "forked ");
	answers(&s, "child write a", "child write PROCLC_ENOTOWNER");
	answers(&s, _i == 0 ? "child remove a" : "child close a", _i == 0 ?
	    "child remove PROCLC_ENOTOWNER" : "child closed");
	answers(&s, "child _exit 0;reap", "reaped 0 0");
	expect_pid(path, s.pid);
	ck_assert_int_eq(proclc_pidfile_status(path, NULL), 0);
	ck_assert_int_eq(proclc_pidfile_open(&pf, path, NULL),
	    PROCLC_ERUNNING);
	end_holder();
}
END_TEST

/* D6 */
START_TEST(child_may_hold_one_of_its_own)
{
	long child;
	int64_t pid = 0;

	in_dir("x");
	scenario_start(&s, "pidfile", NULL);
	scenario_send(&s, "fork");
	child = scenario_expect_number(&s, "forked ");
	scenario_send(&s, "child open a %s;child write a", path);
	scenario_expect(&s, "child open 0");
	scenario_expect(&s, "child write 0");
	scenario_send(&s, "open b %s", path);
	scenario_expect(&s, "open PROCLC_ERUNNING");
	ck_assert_int_eq(proclc_pidfile_status(path, &pid), 0);
	ck_assert_int_eq(pid, child);
	answers(&s, "child remove a", "child remove 0");
	scenario_send(&s, "return");
	scenario_expect_exit(&s, 0);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("pidfile");
	TCase *text = tcase_create("text");
	TCase *lock = tcase_create("lock");
	TCase *child = tcase_create("child");

	tcase_add_checked_fixture(text, toolkit_setup, toolkit_teardown);
	tcase_add_test(text, open_arguments_are_checked);
	tcase_add_loop_test(text, write_text_is_the_pid_and_a_newline, 0, 2);
	tcase_add_loop_test(text, open_mode_is_0644_whatever_the_umask, 0, 4);
	tcase_add_loop_test(text, open_uses_no_low_descriptor, 0, 8);
	suite_add_tcase(suite, text);

	tcase_add_checked_fixture(lock, toolkit_setup, toolkit_teardown);
	tcase_add_test(lock, open_held_elsewhere_is_ERUNNING);
	tcase_add_test(lock, open_twice_in_a_process_is_ERUNNING);
	tcase_add_test(lock, open_twice_unwritten_is_ERUNNING);
	tcase_add_test(lock, open_stale_is_taken_over);
	tcase_add_loop_test(lock,
	    open_takes_over_what_names_init_us_or_our_parent, 0, 3);
	tcase_add_test(lock, close_leaves_a_stale_file);
	tcase_add_test(lock, status_own_file_is_running);
	suite_add_tcase(suite, lock);

	tcase_add_checked_fixture(child, toolkit_setup, toolkit_teardown);
	tcase_add_test(child, child_does_not_hold_the_lock);
	tcase_add_loop_test(child, child_write_is_ENOTOWNER, 0, 2);
	tcase_add_test(child, child_may_hold_one_of_its_own);
	suite_add_tcase(suite, child);

	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
