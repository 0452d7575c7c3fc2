/* Two copies of the library in one process. */
#define _GNU_SOURCE 1

#include "toolkit/toolkit.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static bool
copy_file(const char *from, const char *to)
{
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = open(to, O_WRONLY | O_CREAT | O_CLOEXEC, 0700);
	char block[16384];
	ssize_t n = -1;

	while (in >= 0 && out >= 0 && (n = read(in, block,
	    sizeof(block))) > 0)
		ck_assert_int_eq(write(out, block, (size_t)n), n);
	close(in);
	close(out);
	return n == 0;
}

/* Another copy's handler is a foreign one.  Each runs what is its own: the
 * one that installed on the signal, the other as libc's exit goes on. */
START_TEST(second_copy_is_refused_what_the_first_has)
{
	char library[1024], copy[1100];
	struct scenario s;

	toolkit_expect(TOOLKIT_FILES);
	scenario_path(library, sizeof(library), "../src/.libs/libproclc.so");
	snprintf(copy, sizeof(copy), "%s/copy.so", toolkit_dir());
	if (!file_exists(library) || !copy_file(library, copy)) {
		toolkit_skip("copies: there is no shared library");
		return;
	}
	scenario_start(&s, "copies", library, copy, NULL);
	scenario_expect(&s, "install PROCLC_OK");
	scenario_expect(&s, "install PROCLC_EBUSY");
	scenario_expect(&s, "uninstall PROCLC_EINVAL");
	scenario_expect(&s, "uninstall PROCLC_OK");
	scenario_expect(&s, "install PROCLC_OK");
	scenario_expect(&s, "install PROCLC_EBUSY");
	scenario_expect(&s, "second 4");
	scenario_expect(&s, "first 1");
	scenario_expect_killed(&s, SIGTERM);
	scenario_expect_eof(&s);
	ck_assert_str_eq(scenario_stderr(&s), "");
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("copies");
	TCase *tcase = tcase_create("copies");

	tcase_add_checked_fixture(tcase, toolkit_setup, toolkit_teardown);
	tcase_add_test(tcase, second_copy_is_refused_what_the_first_has);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
