/* The driver that makes system calls fail: does it do just what it says? */
#define _GNU_SOURCE 1

#include "driven.h"

#include <errno.h>
#include <stdlib.h>

/* The k-th one. */

static void
fail_second(void)
{
	char rule[1100];

	snprintf(rule, sizeof(rule), "openat:2:EMFILE=%s", a);
	scenario_start(&s, inject, "fail", rule, "--", victim, "open", a,
	    "open", b, "open", a, "open", a, NULL);
	scenario_expect(&s, "open 0");
	scenario_expect(&s, "open 0");
	scenario_expect(&s, "open %d", EMFILE);
	scenario_expect(&s, "open 0");
	scenario_expect_exit(&s, 0);
	expect_report("injected 0 0 openat\n");
	expect_report("done 1\n");
}

START_TEST(fail_is_the_kth_call_of_that_path)
{
	if (!skip())
		fail_second();
}
END_TEST

START_TEST(fail_by_registers_is_the_same)
{
	int status;

	setenv("TORTURE_REGISTERS", "1", 1);
	scenario_start(&s, inject, "fail", "openat:1:EIO@0", "--", victim,
	    NULL);
	status = scenario_wait(&s);
	if (status == 77 << 8)
		toolkit_skip("%s", scenario_stderr(&s));
	else
		fail_second();
	unsetenv("TORTURE_REGISTERS");
}
END_TEST

START_TEST(fail_onwards_is_all_from_the_kth)
{
	if (skip())
		return;
	scenario_start(&s, inject, "-m", "fail", "openat:2+:ENOSPC", "--",
	    victim, "begin", "open", a, "open", a, "open", b, "end", "open",
	    a, NULL);
	scenario_expect(&s, "open 0");
	scenario_expect(&s, "open %d", ENOSPC);
	scenario_expect(&s, "open %d", ENOSPC);
	scenario_expect(&s, "end 2");
	scenario_expect(&s, "open 0");
	scenario_expect_exit(&s, 0);
	ck_assert(!file_exists(b));     /* it was not made, either */
}
END_TEST

START_TEST(fail_onwards_may_end)
{
	if (skip())
		return;
	scenario_start(&s, inject, "fail", "openat:2+2:EINTR=a", "--", victim,
	    "open", a, "open", a, "open", a, "open", a, NULL);
	scenario_expect(&s, "open 0");
	scenario_expect(&s, "open %d", EINTR);
	scenario_expect(&s, "open %d", EINTR);
	scenario_expect(&s, "open 0");
	scenario_expect_exit(&s, 0);
}
END_TEST

/* A file is closed although close() says no. */
START_TEST(fail_of_close_comes_after_the_call)
{
	if (skip())
		return;
	scenario_start(&s, inject, "-m", "fail", "close:1:EIO", "--", victim,
	    "begin", "close", "close", "end", NULL);
	scenario_expect(&s, "close %d open 0", EIO);
	scenario_expect(&s, "close 0 open 0");
	scenario_expect(&s, "end 1");
	scenario_expect_exit(&s, 0);
}
END_TEST

START_TEST(refuse_is_for_everybody)
{
	if (skip())
		return;
	scenario_start(&s, inject, "refuse", "openat:ENOSYS=a", "--", victim,
	    "open", a, "fork", "open", b, "thread", "open", a, NULL);
	scenario_expect(&s, "open %d", ENOSYS);
	scenario_expect(&s, "open 0");
	scenario_expect(&s, "open %d", ENOSYS);
	scenario_expect_exit(&s, 0);
	expect_report("done 2\n");
}
END_TEST

/* Who. */

static const struct {
	const char *rule;
	bool first, child, thread, grandchild;
} roles[] = {
	{ "openat:1+:EIO@0=a", true, false, false, false },
	{ "openat:1+:EIO@0.1=a", false, true, false, false },
	{ "openat:1+:EIO@0.1/1=a", false, false, true, false },
	{ "openat:1+:EIO@0.1/second=a", false, false, true, false },
	{ "openat:1+:EIO@0.1/=a", false, true, true, false },
	{ "openat:1+:EIO@0.1.1=a", false, false, false, true },
	{ "openat:3:EIO=a", false, false, true, false },
};

START_TEST(role_says_whose_calls)
{
	if (skip())
		return;
	scenario_start(&s, inject, "fail", roles[_i].rule, "--", victim,
	    "open", a, "fork", "open", a, "thread", "open", a, "fork",
	    "open", a, NULL);
	scenario_expect(&s, "open %d", roles[_i].first ? EIO : 0);
	scenario_expect(&s, "open %d", roles[_i].child ? EIO : 0);
	scenario_expect(&s, "open %d", roles[_i].thread ? EIO : 0);
	scenario_expect(&s, "open %d", roles[_i].grandchild ? EIO : 0);
	scenario_expect_exit(&s, 0);
}
END_TEST

/* Between the marks, and the marks are no calls. */
START_TEST(record_counts_by_role_and_call)
{
	if (skip())
		return;
	scenario_start(&s, inject, "-m", "record", "--", victim, "remove", a,
	    "begin", "remove", a, "remove", a, "close", "fork", "remove", a,
	    "end", "remove", a, NULL);
	scenario_expect_exit(&s, 0);
	expect_report("call 0 unlinkat 2 victim\n");
	expect_report("call 0.1 unlinkat 1 victim\n");
	expect_report("call 0 fcntl.DUPFD_CLOEXEC 1 victim\n");
	ck_assert_ptr_null(strstr(scenario_stderr(&s), "prctl"));
	expect_report("done 0\n");
	scenario_stdout(&s);
}
END_TEST

static const char *const mistakes[] = {
	"openat:1", "openat:0:EIO", "openat:1:EWHAT", "open_at:1:EIO",
	"openat:1:EIO:2", "openat:1+0:EIO", "fcntl.WHAT:1:EIO", "",
};

START_TEST(rule_with_a_mistake_is_refused)
{
	scenario_start(&s, inject, "fail", mistakes[_i], "--", victim,
	    "remove", a, NULL);
	scenario_expect_exit(&s, 125);
	ck_assert_str_eq(scenario_stdout(&s), "");
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("inject");
	TCase *tc = tcase_create("inject");

	tcase_add_checked_fixture(tc, setup, toolkit_teardown);
	tcase_add_test(tc, fail_is_the_kth_call_of_that_path);
	tcase_add_test(tc, fail_by_registers_is_the_same);
	tcase_add_test(tc, fail_onwards_is_all_from_the_kth);
	tcase_add_test(tc, fail_onwards_may_end);
	tcase_add_test(tc, fail_of_close_comes_after_the_call);
	tcase_add_test(tc, refuse_is_for_everybody);
	tcase_add_loop_test(tc, role_says_whose_calls, 0,
	    (int)(sizeof(roles) / sizeof(roles[0])));
	tcase_add_test(tc, record_counts_by_role_and_call);
	tcase_add_loop_test(tc, rule_with_a_mistake_is_refused, 0,
	    (int)(sizeof(mistakes) / sizeof(mistakes[0])));
	suite_add_tcase(suite, tc);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
