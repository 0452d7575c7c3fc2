/*
 * Commands with a restart policy: the same program again, with pipes of its
 * own.
 */
#define _GNU_SOURCE 1

#include "commands.h"
#include "restarts.h"

static struct proclc_command_options options;
static struct proclc_restart policy;

static void
setup(void)
{
	task_setup();
	letters_expect_library();
	options = (struct proclc_command_options)PROCLC_COMMAND_OPTIONS_INIT;
	policy = restart_policy(PROCLC_RESTART_ON_FAILURE);
	options.restart = &policy;
}

static void
expect_over(struct proclc_task *task, int state, int restarts)
{
	ck_assert_int_eq(proclc_task_wait(task, task_bound(), NULL), 0);
	ck_assert_int_eq(proclc_task_state(task), state);
	ck_assert_int_eq(proclc_task_restarts(task), restarts);
}

START_TEST(command_runs_again_until_its_limit)
{
	char out[512], said[64];
	struct proclc_task *task;

	snprintf(out, sizeof(out), "%s", command_file("out", "", 0644));
	options.out.kind = PROCLC_STDIO_APPEND;
	options.out.path = out;
	policy.limit = 4;
	task = command_start(&options, "sh", "-c", "echo run; exit 1", NULL);
	/* It is copied. */
	policy.when = PROCLC_RESTART_NEVER;
	expect_over(task, PROCLC_TASK_FAILED, 3);
	task_expect(task, PROCLC_STATUS_EXITED, 1);
	ck_assert_int_ge(file_read(out, said, sizeof(said)), 0);
	ck_assert_str_eq(said, "run\nrun\nrun\nrun\n");
	proclc_task_free(task);
}
END_TEST

START_TEST(command_that_succeeds_is_not_run_again)
{
	char marker[512], script[1100];
	struct proclc_task *task;

	snprintf(marker, sizeof(marker), "%s", command_file("first", "",
	    0644));
	snprintf(script, sizeof(script), "[ ! -e %s ] || { rm %s; false; }",
	    marker, marker);
	task = command_start(&options, "sh", "-c", script, NULL);
	expect_over(task, PROCLC_TASK_STOPPED, 1);
	task_expect(task, PROCLC_STATUS_EXITED, 0);
	proclc_task_free(task);
}
END_TEST

/* What cannot be run has ended early, and nobody knows how. */
START_TEST(command_whose_file_goes_away_fails_in_the_end)
{
	char file[512];
	struct proclc_task *task;

	snprintf(file, sizeof(file), "%s", command_file("once",
	    "#!/bin/sh\nrm \"$0\"\nexit 1\n", 0755));
	policy.limit = 3;
	task = command_start(&options, file, NULL);
	expect_over(task, PROCLC_TASK_FAILED, 0);
	ck_assert_int_eq(task_kind(task), PROCLC_STATUS_UNKNOWN);
	proclc_task_free(task);
}
END_TEST

static void
talk_to_one_run(struct proclc_task *task, const char *word)
{
	struct proclc_talk talk = command_talk(word);

	ck_assert_int_eq(proclc_command_talk(task, &talk, task_bound()), 0);
	ck_assert_str_eq(command_out.bytes, word);
}

START_TEST(command_has_pipes_of_its_own_in_each_run)
{
	struct proclc_task *task;

	options.in.kind = options.out.kind = PROCLC_STDIO_PIPE;
	options.flags = PROCLC_TASK_EXPLICIT_START;
	policy.limit = 3;
	task = command_start(&options, "sh", "-c", "cat; exit 1", NULL);
	ck_assert_int_eq(proclc_task_on_change(task, restart_tell, NULL), 0);
	ck_assert_int_eq(proclc_task_start(task), 0);
	restart_expect("sr");
	talk_to_one_run(task, "one");
	restart_expect("bsr");
	talk_to_one_run(task, "two");
	restart_expect("bsr");
	talk_to_one_run(task, "three");
	restart_expect_all("f");
	proclc_task_free(task);
}
END_TEST

START_TEST(command_is_shut_down_while_it_backs_off)
{
	struct proclc_task *task;

	policy = restart_late(PROCLC_RESTART_ALWAYS);
	task = command_start(&options, "true", NULL);
	ck_assert_int_eq(proclc_task_on_change(task, restart_tell, NULL), 0);
	while (proclc_task_state(task) != PROCLC_TASK_BACKING_OFF)
		poll(NULL, 0, 1);
	ck_assert_int_eq(proclc_task_shutdown(task, 0, NULL), 0);
	expect_over(task, PROCLC_TASK_STOPPED, 0);
	proclc_task_free(task);
}
END_TEST

START_TEST(command_with_a_policy_that_is_none_is_EINVAL)
{
	struct proclc_task *task;
	char *argv[] = { (char[]){ "true" }, NULL };

	policy.when = 3;
	ck_assert_int_eq(proclc_command_new(&task, argv, &options),
	    PROCLC_EINVAL);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("command_restart");
	TCase *tcase = tcase_create("command_restart");

	tcase_add_checked_fixture(tcase, setup, toolkit_teardown);
	tcase_add_test(tcase, command_runs_again_until_its_limit);
	tcase_add_test(tcase, command_that_succeeds_is_not_run_again);
	tcase_add_test(tcase, command_whose_file_goes_away_fails_in_the_end);
	tcase_add_test(tcase, command_has_pipes_of_its_own_in_each_run);
	tcase_add_test(tcase, command_is_shut_down_while_it_backs_off);
	tcase_add_test(tcase, command_with_a_policy_that_is_none_is_EINVAL);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
