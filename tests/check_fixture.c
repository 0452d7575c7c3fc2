/* The fixture fails what leaves something; the runner returns the truth. */
#define _GNU_SOURCE 1

#include "toolkit/plants.h"
#include "toolkit/toolkit.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

/* Bodies for a runner inside a test: passing and failing ones. */

START_TEST(body_clean)
{
	struct sigaction act;
	struct stat st;
	sigset_t mask;

	sigprocmask(SIG_SETMASK, NULL, &mask);
	ck_assert_int_eq(sigismember(&mask, SIGALRM), 0);
	ck_assert_int_eq(sigismember(&mask, SIGUSR1), 0);
	sigaction(SIGCHLD, NULL, &act);
	ck_assert(act.sa_handler == SIG_DFL);
	/* Check's own file, which has no name, must not have become fd 0 */
	ck_assert_int_eq(fstat(0, &st), 0);
	ck_assert_uint_ge(st.st_nlink, 1);
	ck_assert_int_eq(stat(toolkit_dir(), &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0700);
}
END_TEST

START_TEST(body_leak)
{
	plant_fd();
}
END_TEST

START_TEST(body_expected_leak)
{
	toolkit_expect(TOOLKIT_FDS);
	plant_fd();
}
END_TEST

START_TEST(body_expected_signal)
{
	toolkit_expect_signal(SIGUSR2);
	signal(SIGUSR2, SIG_IGN);
}
END_TEST

START_TEST(body_other_signal)
{
	toolkit_expect_signal(SIGUSR1);
	signal(SIGUSR2, SIG_IGN);
}
END_TEST

START_TEST(body_marked_leak)
{
	plant_fd();
	toolkit_mark();
	toolkit_unchanged();
}
END_TEST

START_TEST(body_changed)
{
	toolkit_mark();
	plant_fd();
	toolkit_unchanged();
}
END_TEST

START_TEST(body_file)
{
	char path[1024];

	snprintf(path, sizeof(path), "%s/closed", toolkit_dir());
	ck_assert_int_eq(mkdir(path, 0), 0);
}
END_TEST

START_TEST(body_closed_directory)
{
	char path[1024];

	toolkit_expect(TOOLKIT_FILES);
	snprintf(path, sizeof(path), "%s/closed", toolkit_dir());
	ck_assert_int_eq(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/closed/file", toolkit_dir());
	ck_assert_int_eq(mkdir(path, 0), 0);
	snprintf(path, sizeof(path), "%s/closed", toolkit_dir());
	ck_assert_int_eq(chmod(path, 0), 0);
}
END_TEST

/* It ends, but some time after the test. */
START_TEST(body_slow_orphan)
{
	struct itimerval timer = { .it_value = { .tv_usec = 50000 } };
	pid_t pid = fork();

	if (pid == 0) {
		pid = fork();
		if (pid > 0)
			_exit(0);
		signal(SIGALRM, SIG_DFL);
		setitimer(ITIMER_REAL, &timer, NULL);
		for (;;)
			pause();
	}
	waitpid(pid, NULL, 0);
}
END_TEST

START_TEST(body_lasting_orphan)
{
	pid_t pid = fork();

	setenv("PROCLC_TEST_MULTIPLIER", "0.05", 1);
	if (pid == 0) {
		pid = fork();
		while (pid == 0)
			pause();
		_exit(0);
	}
	waitpid(pid, NULL, 0);
}
END_TEST

START_TEST(body_unwaited)
{
	struct scenario s;

	scenario_start(&s, "echo", NULL);
}
END_TEST

START_TEST(body_wrong_line)
{
	struct scenario s;

	scenario_start(&s, "echo", "one", NULL);
	scenario_expect(&s, "two");
}
END_TEST

START_TEST(body_wrong_exit)
{
	struct scenario s;

	scenario_start(&s, "echo", "exit 4", NULL);
	scenario_expect_exit(&s, 3);
}
END_TEST

START_TEST(body_never_ends)
{
	struct scenario s;

	setenv("PROCLC_TEST_MULTIPLIER", "0.05", 1);
	scenario_start(&s, "echo", "still here", NULL);
	scenario_wait(&s);
}
END_TEST

static const struct {
	const TTest *const *body;
	const char *message;     /* part of its failure's; NULL: it passes */
} bodies[] = {
	{ &body_clean, NULL },
	{ &body_expected_leak, NULL },
	{ &body_expected_signal, NULL },
	{ &body_marked_leak, NULL },
	{ &body_closed_directory, NULL },
	{ &body_slow_orphan, NULL },
	{ &body_lasting_orphan, "#   new: stray " },
	{ &body_leak, "the test left:\n#   new: fd " },
	{ &body_other_signal, "#   gone: signal " },
	{ &body_changed, "changed since toolkit_mark():\n#   new: fd " },
	{ &body_file, "#   new: file closed (directory, mode 0000)" },
	{ &body_unwaited, "scenarios not waited for: echo" },
	{ &body_wrong_line, "echo: expected \"two\", got \"one\"; " },
	{ &body_wrong_exit, "expected exit with 3, exited with 4" },
	{ &body_never_ends, "has not ended; unread stdout: \"still here\n\"" },
};

enum { BODIES = sizeof(bodies) / sizeof(bodies[0]) };

/* Whether this system does not tell what the message would be about. */
static bool
is_untold(const char *message)
{
	unsigned kinds = snapshot_untold();

	return ((kinds & TOOLKIT_DISPOSITIONS) != 0 &&
	    strstr(message, "gone: signal ") != NULL) ||
	    ((kinds & TOOLKIT_STRAYS) != 0 &&
	    strstr(message, "new: stray ") != NULL);
}

static Suite *
make_nested(const TTest *body)
{
	Suite *suite = suite_create("nested");
	TCase *tcase = tcase_create("nested");

	tcase_add_checked_fixture(tcase, toolkit_setup, toolkit_teardown);
	if (body != NULL)
		tcase_add_test(tcase, body);
	suite_add_tcase(suite, tcase);
	return suite;
}

/* What chooses and prints tests is meant for the outer runner. */
static void
forget_environment(void)
{
	unsetenv("CK_TAP_LOG_FILE_NAME");
	unsetenv("CK_RUN_CASE");
	unsetenv("CK_RUN_SUITE");
	unsetenv("CK_INCLUDE_TAGS");
	unsetenv("CK_EXCLUDE_TAGS");
	setenv("CK_VERBOSITY", "silent", 1);
}

START_TEST(fixture_body_ends_as_it_should)
{
	const char *expected = bodies[_i].message;
	SRunner *runner = srunner_create(make_nested(*bodies[_i].body));
	TestResult **failures;
	const char *message = "";

	forget_environment();
	srunner_run_all(runner, CK_SILENT);
	failures = srunner_failures(runner);
	if (srunner_ntests_failed(runner) > 0)
		message = tr_msg(failures[0]);
	if (expected == NULL || is_untold(expected))
		ck_assert_str_eq(message, "");
	else
		ck_assert_msg(strstr(message, expected) != NULL,
		    "expected \"%s\", got \"%s\"", expected, message);
	free(failures);
	srunner_free(runner);
}
END_TEST

static Suite *
make_passing(void)
{
	return make_nested(body_clean);
}

static Suite *
make_failing(void)
{
	return make_nested(body_leak);
}

static Suite *
make_without_tests(void)
{
	return make_nested(NULL);
}

START_TEST(main_returns_the_truth)
{
	forget_environment();
	ck_assert_int_eq(toolkit_main(make_passing), 0);
	ck_assert_int_eq(toolkit_main(make_failing), 1);
	close(2);     /* it complains; fd 2 is the null device for it */
	ck_assert_int_eq(toolkit_main(make_without_tests), 1);
	setenv("CK_RUN_CASE", "another", 1);
	ck_assert_int_eq(toolkit_main(make_passing), 0);
}
END_TEST

/* Also when it starts with the state that makes Check hang. */
START_TEST(main_resets_signals)
{
	struct scenario_options options = {
		.ignored = SCENARIO_SIGNAL(SIGCHLD),
		.blocked = SCENARIO_ALL_SIGNALS,
		.closed = 1 << 0,
	};
	struct scenario s;
	char path[1024];

	scenario_path(path, sizeof(path), "check_fixture");
	forget_environment();
	setenv("CK_RUN_CASE", "simple", 1);
	scenario_start_with(&s, &options, path, NULL);
	scenario_expect_exit(&s, 0);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("fixture");
	TCase *simple = tcase_create("simple");
	TCase *nested = tcase_create("nested");

	tcase_add_checked_fixture(simple, toolkit_setup, toolkit_teardown);
	tcase_add_test(simple, body_clean);
	suite_add_tcase(suite, simple);

	tcase_add_loop_test(nested, fixture_body_ends_as_it_should, 0,
	    BODIES);
	tcase_add_test(nested, main_returns_the_truth);
	tcase_add_test(nested, main_resets_signals);
	suite_add_tcase(suite, nested);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
