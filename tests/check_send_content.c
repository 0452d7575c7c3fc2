/* What may stand in a pid file, and what may not: the ancestors took "-1" for
 * a pid, and signalled everybody. */
#define _GNU_SOURCE 1

#include "kernel.h"
#include "toolkit/toolkit.h"

#include <proclc.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char path[1024];

static void
set_path(void)
{
	snprintf(path, sizeof(path), "%s/x", toolkit_dir());
	toolkit_expect(TOOLKIT_FILES);
}

static void
put(const void *data, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	ck_assert_int_eq(write(fd, data, size), (ssize_t)size);
	close(fd);
}

/* The same answer to all who ask, and nobody hears of it: a signal to our
 * group, or to all, would end this very test. */
static void
expect_all(int code)
{
	int64_t pid = -4711;

	ck_assert_int_eq(proclc_pidfile_status(path, &pid), code);
	ck_assert_int_eq(pid, -4711);
	ck_assert_int_eq(proclc_ping(path), code);
	ck_assert_int_eq(proclc_send(path, SIGUSR1), code);
	ck_assert_ptr_nonnull(strstr(proclc_errmsg(), path));
	ck_assert_int_eq(strncmp(proclc_errmsg(), "send: ", 6), 0);
}

/* In a namespace of its own, or not as root, it may try. */
static bool
may_harm(void)
{
	if (kernel_isolated() || geteuid() != 0)
		return false;
	toolkit_skip("a signal to all: not as root outside of isolate");
	return true;
}

#define TEXT(text, code) { text, sizeof(text) - 1, code }

/* 4194305 is above every pid that a kernel gives out. */
static const struct {
	const char *text;
	size_t size;
	int code;
} contents[] = {
	TEXT("", PROCLC_ENOTRUNNING),
	TEXT("4194305\n", PROCLC_ENOTRUNNING),
	TEXT("4194305", PROCLC_ENOTRUNNING),
	TEXT("4194305\r\n", PROCLC_ENOTRUNNING),
	TEXT("  \t4194305 \t\n", PROCLC_ENOTRUNNING),
	TEXT("\n\n4194305\n", PROCLC_ENOTRUNNING),
	TEXT("0004194305\n", PROCLC_ENOTRUNNING),
	TEXT("4194305\nmore\n-1\n", PROCLC_ENOTRUNNING),
	TEXT("2147483647\n", PROCLC_ENOTRUNNING),
	TEXT("0\n", PROCLC_EMALFORMED),
	TEXT("000\n", PROCLC_EMALFORMED),
	TEXT("-1\n", PROCLC_EMALFORMED),
	TEXT("-4194305\n", PROCLC_EMALFORMED),
	TEXT("+5\n", PROCLC_EMALFORMED),
	TEXT("0x10\n", PROCLC_EMALFORMED),
	TEXT("1 2\n", PROCLC_EMALFORMED),
	TEXT("1_0\n", PROCLC_EMALFORMED),
	TEXT("1.5\n", PROCLC_EMALFORMED),
	TEXT("1e3\n", PROCLC_EMALFORMED),
	TEXT("4194305\0\n", PROCLC_EMALFORMED),
	TEXT("\0004194305\n", PROCLC_EMALFORMED),
	TEXT("41943\00005\n", PROCLC_EMALFORMED),
	TEXT("4194305\v\n", PROCLC_EMALFORMED),
	TEXT("pid 4194305\n", PROCLC_EMALFORMED),
	TEXT("4194305x\n", PROCLC_EMALFORMED),
	TEXT("\n", PROCLC_EMALFORMED),
	TEXT(" ", PROCLC_EMALFORMED),
	TEXT("2147483648\n", PROCLC_EMALFORMED),
	TEXT("4294967297\n", PROCLC_EMALFORMED),
	TEXT("18446744073709551617\n", PROCLC_EMALFORMED),
	TEXT("\xef\xbb\xbf" "4194305\n", PROCLC_EMALFORMED),
};

enum { CONTENTS = sizeof(contents) / sizeof(contents[0]) };

START_TEST(send_content_is_judged)
{
	set_path();
	if (may_harm())
		return;
	put(contents[_i].text, contents[_i].size);
	expect_all(contents[_i].code);
}
END_TEST

/* No more of it is read than a line needs. */
START_TEST(send_huge_file_is_malformed)
{
	char block[4096];
	int fd;

	set_path();
	if (may_harm())
		return;
	memset(block, _i == 0 ? '1' : ' ', sizeof(block));
	put(block, sizeof(block));
	fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	ck_assert_int_eq(ftruncate(fd, 1 << 30), 0);
	close(fd);
	expect_all(PROCLC_EMALFORMED);
}
END_TEST

START_TEST(send_missing_file_is_ENOENT)
{
	set_path();
	expect_all(PROCLC_ENOENT);
	snprintf(path, sizeof(path), "/nowhere/x");
	expect_all(PROCLC_ENOENT);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("send content");
	TCase *content = tcase_create("content");

	tcase_add_checked_fixture(content, toolkit_setup, toolkit_teardown);
	tcase_add_loop_test(content, send_content_is_judged, 0, CONTENTS);
	tcase_add_loop_test(content, send_huge_file_is_malformed, 0, 2);
	tcase_add_test(content, send_missing_file_is_ENOENT);
	suite_add_tcase(suite, content);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
