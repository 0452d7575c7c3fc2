/* Pid files where something else lies, or where others could meddle: each an
 * error of its own, at once, and nothing is touched. */
#define _GNU_SOURCE 1

#include "kernel.h"
#include "toolkit/clock.h"
#include "toolkit/toolkit.h"

#include <proclc.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { NOBODY = 65534 };

static struct scenario s;
static struct proclc_pidfile *pf;
static char path[1024], other[1024];

static void
set_paths(void)
{
	snprintf(path, sizeof(path), "%s/x", toolkit_dir());
	snprintf(other, sizeof(other), "%s/other", toolkit_dir());
	toolkit_expect(TOOLKIT_FILES);
}

static void
put(const char *at, mode_t mode)
{
	int fd = open(at, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	ck_assert_int_eq(write(fd, "4711\n", 5), 5);
	ck_assert_int_eq(fchmod(fd, mode), 0);
	close(fd);
}

/* Things to find at path. */

static bool
make_link(void)
{
	put(other, 0644);
	return symlink("other", path) == 0;
}

static bool
make_dangling_link(void)
{
	return symlink("other", path) == 0;
}

static bool
make_fifo(void)
{
	return mkfifo(path, 0600) == 0;
}

static bool
make_directory(void)
{
	return mkdir(path, 0755) == 0;
}

static bool
make_device(void)
{
	return mknod(path, S_IFCHR | 0600, (dev_t)0x0105) == 0;
}

static bool
make_socket(void)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int rc;

	if (strlen(path) >= sizeof(name.sun_path))
		return false;
	memcpy(name.sun_path, path, strlen(path) + 1);
	rc = bind(fd, (struct sockaddr *)&name, sizeof(name));
	close(fd);
	return rc == 0;
}

static bool
make_hard_link(void)
{
	put(other, 0644);
	return link(other, path) == 0;
}

static bool
make_group_writable(void)
{
	put(path, 0664);
	return true;
}

static bool
make_world_writable(void)
{
	put(path, 0646);
	return true;
}

static bool
make_foreign(void)
{
	put(path, 0644);
	return geteuid() == 0 && chown(path, NOBODY, NOBODY) == 0;
}

/* A directory, too. */

static bool
make_open_directory(void)
{
	return chmod(toolkit_dir(), 0777) == 0;
}

static bool
make_foreign_directory(void)
{
	return geteuid() == 0 && chown(toolkit_dir(), NOBODY, NOBODY) == 0;
}

static bool
make_foreign_group_directory(void)
{
	return geteuid() == 0 && chown(toolkit_dir(), 0, NOBODY) == 0 &&
	    chmod(toolkit_dir(), 0775) == 0;
}

static const struct {
	const char *name;
	bool (*make)(void);
	bool readable;          /* by status: a regular file */
} things[] = {
	{ "link", make_link, false },
	{ "dangling link", make_dangling_link, false },
	{ "fifo", make_fifo, false },
	{ "directory", make_directory, false },
	{ "device", make_device, false },
	{ "socket", make_socket, false },
	{ "hard link", make_hard_link, true },
	{ "group-writable file", make_group_writable, true },
	{ "world-writable file", make_world_writable, true },
	{ "another's file", make_foreign, true },
	{ "directory of all", make_open_directory, true },
	{ "another's directory", make_foreign_directory, true },
	{ "directory of a group", make_foreign_group_directory, true },
};

enum { THINGS = sizeof(things) / sizeof(things[0]) };

START_TEST(open_unsafe_is_refused_at_once)
{
	struct stat before, after;
	int64_t start;
	int there;

	set_paths();
	if (!things[_i].make()) {
		toolkit_skip("%s: not to be made here", things[_i].name);
		return;
	}
	there = lstat(path, &before);
	toolkit_mark();
	start = clock_now_ms();
	ck_assert_int_eq(proclc_pidfile_open(&pf, path, NULL),
	    PROCLC_EUNSAFE);
	ck_assert_double_lt((double)(clock_now_ms() - start),
	    500 * clock_multiplier());
	ck_assert_ptr_nonnull(strstr(proclc_errmsg(), path));
	toolkit_unchanged();
	ck_assert_int_eq(lstat(path, &after), there);
	if (there == 0)
		ck_assert_int_eq(memcmp(&before.st_mtim, &after.st_mtim,
		    sizeof(before.st_mtim)), 0);
	ck_assert(things[_i].make != make_dangling_link ||
	    !file_exists(other));
}
END_TEST

START_TEST(status_of_no_regular_file_is_EUNSAFE)
{
	int64_t start = clock_now_ms();

	set_paths();
	if (things[_i].readable || !things[_i].make())
		return;
	toolkit_mark();
	ck_assert_int_eq(proclc_pidfile_status(path, NULL), PROCLC_EUNSAFE);
	ck_assert_int_eq(proclc_ping(path), PROCLC_EUNSAFE);
	ck_assert_int_eq(proclc_send(path, SIGUSR1), PROCLC_EUNSAFE);
	ck_assert_double_lt((double)(clock_now_ms() - start),
	    500 * clock_multiplier());
	toolkit_unchanged();
}
END_TEST

/* As /tmp is. */
START_TEST(open_in_sticky_directory_is_safe)
{
	set_paths();
	ck_assert_int_eq(chmod(toolkit_dir(), 01777), 0);
	ck_assert_int_eq(proclc_pidfile_open(&pf, path, NULL), 0);
	ck_assert_int_eq(proclc_pidfile_remove(pf), 0);
}
END_TEST

START_TEST(open_bad_path_is_told)
{
	static const struct {
		const char *path;
		int code;
	} cases[] = {
		{ "/nowhere/x", PROCLC_ENOENT },
		{ "/dev/null/x", PROCLC_ENOTDIR },
		{ "/tmp/", PROCLC_EISDIR },
		{ "/", PROCLC_EISDIR },
		{ "/dev/null", PROCLC_EUNSAFE },
		{ "/tmp/.", PROCLC_EUNSAFE },
		{ "/tmp/..", PROCLC_EUNSAFE },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_int_eq(proclc_pidfile_open(&pf, cases[i].path,
		    NULL), cases[i].code);
		ck_assert_ptr_nonnull(strstr(proclc_errmsg(),
		    cases[i].path));
	}
	ck_assert_ptr_null(pf);
}
END_TEST

START_TEST(open_name_too_long_is_told)
{
	char name[300];

	set_paths();
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	snprintf(path, sizeof(path), "%s/%s", toolkit_dir(), name);
	ck_assert_int_eq(proclc_pidfile_open(&pf, path, NULL),
	    PROCLC_ENAMETOOLONG);
}
END_TEST

/* Another user, in our directory. */
static bool
begin_nobody(mode_t dir_mode)
{
	struct scenario_options nobody = { .uid = NOBODY,
	    .cwd = toolkit_dir() };

	set_paths();
	if (scenario_skip_user())
		return false;
	ck_assert_int_eq(chmod(toolkit_dir(), dir_mode), 0);
	scenario_start_with(&s, &nobody, "pidfile", NULL);
	return true;
}

static void
answers(const char *command, const char *answer)
{
	scenario_send(&s, "%s", command);
	scenario_expect(&s, "%s", answer);
}

static void
end(void)
{
	scenario_send(&s, "return");
	scenario_expect_exit(&s, 0);
}

START_TEST(open_without_permission_is_EACCES)
{
	if (!begin_nobody(0755))
		return;
	answers("open a x", "open PROCLC_EACCES");
	ck_assert(!file_exists(path));
	end();
}
END_TEST

START_TEST(status_of_unreadable_file_is_EACCES)
{
	if (!begin_nobody(0755))
		return;
	put(path, 0600);
	answers("status x", "status PROCLC_EACCES");
	answers("ping x", "ping PROCLC_EACCES");
	answers("send x 15", "send PROCLC_EACCES");
	end();
}
END_TEST

static void
fill_up(const char *dir)
{
	char name[1100], block[4096];
	int fd;

	snprintf(name, sizeof(name), "%s/filler", dir);
	fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	ck_assert_int_ge(fd, 0);
	memset(block, 'x', sizeof(block));
	while (write(fd, block, sizeof(block)) > 0)
		continue;
	close(fd);
}

START_TEST(write_on_full_disk_is_ENOSPC)
{
	char file[1100];
	struct stat st;

	set_paths();
	ck_assert_int_eq(mkdir(path, 0755), 0);
	if (!kernel_isolated() || !kernel_mount_small(path, 16)) {
		toolkit_skip("a full disk: only as root below isolate");
		return;
	}
	fill_up(path);
	snprintf(file, sizeof(file), "%s/pid", path);
	ck_assert_int_eq(proclc_pidfile_open(&pf, file, NULL), 0);
	ck_assert_int_eq(proclc_pidfile_write(pf), PROCLC_ENOSPC);
	ck_assert_ptr_nonnull(strstr(proclc_errmsg(), file));
	ck_assert_int_eq(stat(file, &st), 0);
	ck_assert_int_eq(st.st_size, 0);
	ck_assert_int_eq(proclc_pidfile_remove(pf), 0);
	ck_assert(!file_exists(file));
	kernel_unmount(path);
}
END_TEST

/* Half a pid is a stranger's. */
START_TEST(write_over_the_size_limit_is_EFBIG)
{
	struct stat st;

	set_paths();
	scenario_start(&s, "pidfile", NULL);
	scenario_send(&s, "ignore %d;limit_size %d;open a %s", SIGXFSZ, _i,
	    path);
	scenario_expect(&s, "ignored");
	scenario_expect(&s, "open 0");
	answers("write a", "write PROCLC_EFBIG");
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_size, 0);
	answers("remove a", "remove 0");
	end();
	ck_assert(!file_exists(path));
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("pidfile safety");
	TCase *unsafe = tcase_create("unsafe");
	TCase *refused = tcase_create("refused");

	tcase_add_checked_fixture(unsafe, toolkit_setup, toolkit_teardown);
	tcase_add_loop_test(unsafe, open_unsafe_is_refused_at_once, 0,
	    THINGS);
	tcase_add_loop_test(unsafe, status_of_no_regular_file_is_EUNSAFE, 0,
	    THINGS);
	tcase_add_test(unsafe, open_in_sticky_directory_is_safe);
	suite_add_tcase(suite, unsafe);

	tcase_add_checked_fixture(refused, toolkit_setup, toolkit_teardown);
	tcase_add_test(refused, open_bad_path_is_told);
	tcase_add_test(refused, open_name_too_long_is_told);
	tcase_add_test(refused, open_without_permission_is_EACCES);
	tcase_add_test(refused, status_of_unreadable_file_is_EACCES);
	tcase_add_test(refused, write_on_full_disk_is_ENOSPC);
	tcase_add_loop_test(refused, write_over_the_size_limit_is_EFBIG, 0,
	    2);
	suite_add_tcase(suite, refused);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
