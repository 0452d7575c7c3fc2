/* What happens outside of any call, told to who has asked. */
#define _GNU_SOURCE 1

#include "toolkit/toolkit.h"

#include "error.h"

#include <proclc/error.h>

#include <stdio.h>
#include <string.h>

static char heard[1000];
static int calls;

static void
listener(const char *line, void *user)
{
	calls++;
	snprintf(heard, sizeof(heard), "%s: %s", (const char *)user, line);
}

static char first[] = "first", second[] = "second";

START_TEST(log_without_listener_is_silent)
{
	pcl_log("nobody hears %d", 1);
	proclc_set_log(listener, first);
	proclc_set_log(NULL, NULL);
	pcl_log("nobody hears %d", 2);
	ck_assert_int_eq(calls, 0);
}
END_TEST

START_TEST(log_line_reaches_the_listener)
{
	proclc_set_log(listener, first);
	pcl_log("file %s: %d", "/x", 7);
	ck_assert_str_eq(heard, "first: file /x: 7");
	proclc_set_log(listener, second);
	pcl_log("again");
	ck_assert_str_eq(heard, "second: again");
	ck_assert_int_eq(calls, 2);
}
END_TEST

START_TEST(log_long_line_is_cut)
{
	char text[5000];

	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	proclc_set_log(listener, first);
	pcl_log("%s", text);
	ck_assert_int_eq(calls, 1);
	ck_assert_uint_gt(strlen(heard), 200);
	ck_assert_ptr_null(strchr(heard, '\n'));
}
END_TEST

/* It is no failure of the calling thread. */
START_TEST(log_leaves_the_last_failure)
{
	proclc_set_log(listener, first);
	ck_assert_int_eq(pcl_fail(PROCLC_EBUSY, PROCLC_STAGE_WAIT, "step"),
	    PROCLC_EBUSY);
	pcl_log("something else");
	ck_assert_str_eq(proclc_errmsg(), "step: in use");
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("log");
	TCase *log = tcase_create("log");

	tcase_add_checked_fixture(log, toolkit_setup, toolkit_teardown);
	tcase_add_test(log, log_without_listener_is_silent);
	tcase_add_test(log, log_line_reaches_the_listener);
	tcase_add_test(log, log_long_line_is_cut);
	tcase_add_test(log, log_leaves_the_last_failure);
	suite_add_tcase(suite, log);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
