/* A start on a full disk: the launcher says so, and nothing is left. */
#define _GNU_SOURCE 1

#include "backend.h"
#include "kernel.h"
#include "toolkit/toolkit.h"

#include <proclc.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[600], file[700];

static void
fill_up(void)
{
	char name[700], block[4096];
	int fd;

	snprintf(name, sizeof(name), "%s/filler", dir);
	fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	ck_assert_int_ge(fd, 0);
	memset(block, 'x', sizeof(block));
	while (write(fd, block, sizeof(block)) > 0)
		continue;
	close(fd);
}

static bool
begin(void)
{
	snprintf(dir, sizeof(dir), "%s/disk", toolkit_dir());
	snprintf(file, sizeof(file), "%s/a.pid", dir);
	toolkit_expect(TOOLKIT_FILES);
	ck_assert_int_eq(mkdir(dir, 0755), 0);
	/* The end of a daemon that nobody reaps is not seen without. */
	if (skip_without("process", "pidfd"))
		return false;
	if (!kernel_isolated() || !kernel_mount_small(dir, 16)) {
		toolkit_skip("a full disk: only as root below isolate");
		return false;
	}
	fill_up();
	return true;
}

/* The daemon finds it out, after both forks. */
START_TEST(daemonize_on_a_full_disk_is_told)
{
	char expected[900];
	struct scenario s;

	if (!begin())
		return;
	snprintf(expected, sizeof(expected),
	    "daemonize: write %s: no space left\n", file);
	scenario_start(&s, "daemon", NULL);
	scenario_send(&s, "pid_file %s;daemonize", file);
	scenario_expect_exit(&s, 1);
	scenario_expect_eof(&s);
	ck_assert_str_eq(scenario_stderr(&s), expected);
	ck_assert(!file_exists(file));
	kernel_unmount(dir);
}
END_TEST

/* Told to a launcher that returns, too, with the system's own number. */
START_TEST(daemon_fork_on_a_full_disk_is_ENOSPC)
{
	struct scenario s;

	if (!begin())
		return;
	scenario_start(&s, "daemon", NULL);
	scenario_send(&s, "pid_file %s;fork_daemon nothing", file);
	scenario_expect(&s, "fork PROCLC_ENOSPC");
	scenario_expect(&s, "daemonize: write %s: no space left", file);
	ck_assert(!file_exists(file));
	/* The caller goes on, and says the same once more. */
	scenario_send(&s, "fork_daemon nothing");
	scenario_expect(&s, "fork PROCLC_ENOSPC");
	scenario_expect(&s, "daemonize: write %s: no space left", file);
	scenario_send(&s, "exit 0");
	scenario_expect_exit(&s, 0);
	scenario_expect_eof(&s);
	ck_assert_str_eq(scenario_stderr(&s), "");
	kernel_unmount(dir);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("full disk");
	TCase *disk = tcase_create("disk");

	tcase_add_checked_fixture(disk, toolkit_setup, toolkit_teardown);
	tcase_add_test(disk, daemonize_on_a_full_disk_is_told);
	tcase_add_test(disk, daemon_fork_on_a_full_disk_is_ENOSPC);
	suite_add_tcase(suite, disk);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
