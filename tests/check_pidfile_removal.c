/* When a pid file goes: only by its owner, and only if it is still his. */
#define _GNU_SOURCE 1

#include "toolkit/toolkit.h"

#include <proclc.h>

#include <fcntl.h>
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

static void
open_and_write(void)
{
	ck_assert_int_eq(proclc_pidfile_open(&pf, path, NULL), 0);
	ck_assert_int_eq(proclc_pidfile_write(pf), 0);
}

START_TEST(remove_replaced_file_survives)
{
	char other[1100];

	in_dir("x");
	toolkit_expect(TOOLKIT_FILES);
	snprintf(other, sizeof(other), "%s.new", path);
	open_and_write();
	put(other, "another's\n");
	ck_assert_int_eq(rename(other, path), 0);
	ck_assert_int_eq(proclc_pidfile_remove(pf), PROCLC_ENOENT);
	expect_text(path, "another's\n");
}
END_TEST

START_TEST(remove_missing_file_is_ENOENT)
{
	in_dir("x");
	open_and_write();
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(proclc_pidfile_remove(pf), PROCLC_ENOENT);
}
END_TEST

START_TEST(remove_after_chdir_finds_a_relative_path)
{
	struct scenario_options options = { .cwd = toolkit_dir() };

	in_dir("x");
	scenario_start_with(&s, &options, "pidfile", NULL);
	answers(&s, "open a x;write a", "open 0");
	scenario_expect(&s, "write 0");
	expect_pid(path, s.pid);
	answers(&s, "chdir /;remove a", "remove 0");
	ck_assert(!file_exists(path));
	scenario_send(&s, "return");
	scenario_expect_exit(&s, 0);
}
END_TEST

START_TEST(remove_after_rename_of_the_directory)
{
	char one[1024], two[1024], file[1100];
	int64_t pid = 0;

	toolkit_expect(TOOLKIT_FILES);
	snprintf(one, sizeof(one), "%s", in_dir("one"));
	snprintf(two, sizeof(two), "%s", in_dir("two"));
	ck_assert_int_eq(mkdir(one, 0755), 0);
	in_dir("one/x");
	open_and_write();
	ck_assert_int_eq(rename(one, two), 0);
	ck_assert_int_eq(mkdir(one, 0755), 0);
	put(path, "another's\n");
	snprintf(file, sizeof(file), "%s/x", two);
	ck_assert_int_eq(proclc_pidfile_status(file, &pid), 0);
	ck_assert_int_eq(pid, getpid());
	ck_assert_int_eq(proclc_pidfile_remove(pf), 0);
	ck_assert(!file_exists(file));
	expect_text(path, "another's\n");
}
END_TEST

/* The way to the directory now leads elsewhere. */
START_TEST(remove_after_a_link_to_the_directory_changed)
{
	char one[1024], two[1024], way[1024], file[1100];

	toolkit_expect(TOOLKIT_FILES);
	snprintf(one, sizeof(one), "%s", in_dir("one"));
	snprintf(two, sizeof(two), "%s", in_dir("two"));
	snprintf(way, sizeof(way), "%s", in_dir("way"));
	ck_assert_int_eq(mkdir(one, 0755) + mkdir(two, 0755), 0);
	ck_assert_int_eq(symlink("one", way), 0);
	in_dir("way/x");
	open_and_write();
	ck_assert_int_eq(unlink(way), 0);
	ck_assert_int_eq(symlink("two", way), 0);
	put(path, "another's\n");
	snprintf(file, sizeof(file), "%s/x", one);
	expect_pid(file, getpid());
	ck_assert_int_eq(proclc_pidfile_remove(pf), 0);
	ck_assert(!file_exists(file));
	expect_text(path, "another's\n");
}
END_TEST

/* What may not be removed is emptied. */
START_TEST(remove_without_permission_leaves_it_empty)
{
	struct scenario_options nobody = { .uid = 65534,
	    .cwd = toolkit_dir() };
	struct stat st;

	if (scenario_skip_user())
		return;
	in_dir("x");
	toolkit_expect(TOOLKIT_FILES);
	ck_assert_int_eq(chmod(toolkit_dir(), 01777), 0);
	scenario_start_with(&s, &nobody, "pidfile", NULL);
	answers(&s, "open a x;write a", "open 0");
	scenario_expect(&s, "write 0");
	ck_assert_int_eq(chmod(toolkit_dir(), 0755), 0);
	answers(&s, "remove a", "remove PROCLC_EACCES");
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_size, 0);
	ck_assert_int_eq(proclc_ping(path), PROCLC_ENOTRUNNING);
	scenario_send(&s, "return");
	scenario_expect_exit(&s, 0);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("pidfile removal");
	TCase *removal = tcase_create("removal");

	tcase_add_checked_fixture(removal, toolkit_setup, toolkit_teardown);
	tcase_add_test(removal, remove_replaced_file_survives);
	tcase_add_test(removal, remove_missing_file_is_ENOENT);
	tcase_add_test(removal, remove_after_chdir_finds_a_relative_path);
	tcase_add_test(removal, remove_after_rename_of_the_directory);
	tcase_add_test(removal, remove_after_a_link_to_the_directory_changed);
	tcase_add_test(removal, remove_without_permission_leaves_it_empty);
	suite_add_tcase(suite, removal);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
