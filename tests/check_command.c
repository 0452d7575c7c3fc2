/*
 * Commands: programs as tasks, started, told, stopped, given up.
 */
#define _GNU_SOURCE 1

#include "commands.h"

#include <errno.h>
#include <string.h>

static const struct proclc_command_options plain =
    PROCLC_COMMAND_OPTIONS_INIT;

START_TEST(command_runs_with_its_arguments)
{
	ck_assert_str_eq(command_says(&plain, "%show", "one", "", "two words",
	    NULL), "one\n\ntwo words");
}
END_TEST

START_TEST(command_is_looked_for_in_path)
{
	ck_assert_str_eq(command_says(&plain, "echo", "here", NULL), "here");
}
END_TEST

START_TEST(command_exit_code_and_signal_are_its_status)
{
	struct proclc_task *task = command_start(&plain, "sh", "-c", "exit 7",
	    NULL);

	task_expect(task, PROCLC_STATUS_EXITED, 7);
	proclc_task_free(task);
	task = command_start(&plain, "sh", "-c", "kill -9 $$", NULL);
	task_expect(task, PROCLC_STATUS_KILLED, SIGKILL);
	proclc_task_free(task);
}
END_TEST

START_TEST(command_copies_what_it_is_given)
{
	struct proclc_command_options o = plain;
	char word[] = "before", name[] = "FOO=before", show[512];
	char what[] = "umask", *argv[] = { show, word, what, NULL };
	char *env[] = { name, NULL };
	struct proclc_task *task;

	scenario_path(show, sizeof(show), "scn/show");
	o.flags = PROCLC_TASK_EXPLICIT_START;
	o.out.kind = PROCLC_STDIO_PIPE;
	o.env = env;
	ck_assert_int_eq(proclc_command_new(&task, argv, &o), 0);
	memset(word, 'x', sizeof(word) - 1);
	memset(show, 'x', sizeof(show));
	memset(name, 'x', sizeof(name) - 1);
	argv[1] = env[0] = NULL;
	ck_assert_int_eq(task_kind(task), PROCLC_STATUS_NEW);
	ck_assert_int_eq(proclc_task_start(task), 0);
	ck_assert_str_eq(command_finish(task, NULL, 0), "before\n022");
}
END_TEST

START_TEST(command_shutdown_and_kill_end_it)
{
	struct proclc_command_options o = plain;
	struct proclc_task *task;

	o.in.kind = o.out.kind = PROCLC_STDIO_PIPE;
	task = command_start(&o, "%show", "stay", NULL);
	ck_assert_int_gt(proclc_task_pid(task), 0);
	ck_assert_int_eq(proclc_task_wait(task, 0, NULL), PROCLC_ETIMEDOUT);
	ck_assert_int_eq(proclc_task_shutdown(task, 0, NULL), 0);
	task_expect(task, PROCLC_STATUS_KILLED, SIGTERM);
	proclc_task_free(task);
	task = command_start(&o, "%show", "stay", NULL);
	ck_assert_int_eq(proclc_task_kill(task, SIGKILL), 0);
	task_expect(task, PROCLC_STATUS_KILLED, SIGKILL);
	proclc_task_free(task);
}
END_TEST

START_TEST(command_that_lives_is_shut_down_by_free)
{
	struct proclc_command_options o = plain;
	struct proclc_task *task;
	pid_t pid;

	o.in.kind = o.out.kind = o.err.kind = PROCLC_STDIO_PIPE;
	task = command_start(&o, "%show", "stay", NULL);
	pid = (pid_t)proclc_task_pid(task);
	proclc_task_free(task);
	ck_assert_int_eq(kill(pid, 0), -1);
}
END_TEST

static void
put_letter(struct proclc_task *task, const struct proclc_status *status,
    void *user)
{
	(void)task;
	(void)user;
	letter_put(status->code == 3 ? 'y' : 'n');
}

START_TEST(command_on_exit_is_told_of_its_end)
{
	struct proclc_command_options o = plain;
	struct proclc_task *task;

	letters_expect_library();
	o.in.kind = PROCLC_STDIO_PIPE;
	task = command_start(&o, "sh", "-c", "read x; exit 3", NULL);
	ck_assert_int_eq(proclc_task_on_exit(task, put_letter, NULL), 0);
	ck_assert(!fd_readable_within(proclc_task_fd(task), 1));
	ck_assert_int_eq(proclc_command_close(task, 0), 0);
	ck_assert_int_eq(letter_get(0), 'y');
	ck_assert(fd_readable_within(proclc_task_fd(task), 0));
	proclc_task_free(task);
}
END_TEST

/* What it was given is gone from here, and it goes on. */
START_TEST(command_detached_goes_on_without_its_pipes)
{
	struct proclc_command_options o = plain;
	struct proclc_task *task;
	pid_t pid;

	letters_expect_library();
	o.in.kind = PROCLC_STDIO_PIPE;
	task = command_start(&o, "cat", NULL);
	pid = (pid_t)proclc_task_pid(task);
	ck_assert_int_eq(proclc_task_detach(task), 0);
	/* Its stdin has ended: so it does, and the library reaps it. */
	process_wait_gone(pid, 0);
	while (waitpid(pid, NULL, WNOHANG) == 0)
		poll(NULL, 0, 1);
}
END_TEST

START_TEST(command_starts_in_a_set_with_tasks)
{
	struct proclc_command_options o = plain;
	struct proclc_task *set[3];

	o.flags = PROCLC_TASK_EXPLICIT_START;
	set[0] = task_make(&task_exits, NULL, PROCLC_TASK_EXPLICIT_START |
	    PROCLC_TASK_WAIT_FOR_CHILD);
	set[1] = command_start(&o, "true", NULL);
	set[2] = command_start(&o, "false", NULL);
	ck_assert_int_eq(proclc_start_all(set, 3), 0);
	ck_assert_int_eq(proclc_start_all(set, 3), PROCLC_EALREADY);
	ck_assert_int_eq(proclc_wait_all(set, 3, task_bound()), 0);
	task_expect(set[1], PROCLC_STATUS_EXITED, 0);
	task_expect(set[2], PROCLC_STATUS_EXITED, 1);
	for (int i = 0; i < 3; i++)
		proclc_task_free(set[i]);
}
END_TEST

START_TEST(command_that_fails_undoes_its_set)
{
	struct proclc_command_options o = plain;
	struct proclc_error_detail detail = { .size = sizeof(detail) };
	struct proclc_task *set[3];

	o.flags = PROCLC_TASK_EXPLICIT_START;
	o.in.kind = o.out.kind = PROCLC_STDIO_PIPE;
	set[0] = command_start(&o, "%show", "stay", NULL);
	set[1] = command_start(&o, "/none/at/all", NULL);
	set[2] = command_start(&o, "%show", "stay", NULL);
	toolkit_mark();
	ck_assert_int_eq(proclc_start_all(set, 3), PROCLC_ENOENT);
	proclc_error_detail(&detail);
	ck_assert_int_eq(detail.stage, PROCLC_STAGE_EXEC);
	ck_assert_int_eq(task_kind(set[0]), PROCLC_STATUS_KILLED);
	ck_assert_int_eq(task_kind(set[1]), PROCLC_STATUS_NEW);
	ck_assert_int_eq(task_kind(set[2]), PROCLC_STATUS_NEW);
	ck_assert_int_eq(proclc_task_start(set[2]), 0);
	for (int i = 0; i < 3; i++)
		proclc_task_free(set[i]);
	toolkit_unchanged();
}
END_TEST

START_TEST(command_refuses_wrong_options)
{
	static const struct proclc_pass twice[2] = { { 0, 5 }, { 1, 5 } };
	static const struct proclc_pass low[1] = { { 0, 2 } };
	static const struct proclc_limit limit[1] = { { .reserved = 1 } };
	struct proclc_command_options o = plain;

	switch (_i) {
	case 0: o.flags = 1u << 30; break;
	case 1: o.flags = PROCLC_TASK_NO_WAIT_FOR_CHILD; break;
	case 2: o.flags = PROCLC_TASK_OUTLIVE_PARENT |
	    PROCLC_COMMAND_DIE_WITH_PARENT; break;
	case 3: o.in.kind = PROCLC_STDIO_OUT; break;
	case 4: o.out.kind = PROCLC_STDIO_OUT; break;
	case 5: o.err.kind = PROCLC_STDIO_OUT + 1; break;
	case 6: o.out.kind = PROCLC_STDIO_FILE; break;
	case 7: o.out.kind = PROCLC_STDIO_FD; o.out.fd = -1; break;
	case 8: o.fds = twice; o.n_fds = 2; break;
	case 9: o.fds = low; o.n_fds = 1; break;
	case 10: o.n_fds = 1; break;
	case 11: o.limits = limit; o.n_limits = 1; break;
	case 12: o.umask = 022; break;
	case 13: o.umask = 01000 | PROCLC_UMASK_SET; break;
	case 14: o.size = 2; break;
	default: o.reserved = 1; break;
	}
	command_fails(&o, PROCLC_EINVAL, PROCLC_STAGE_ARGUMENTS, "true", NULL);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *s = suite_create("command");
	TCase *tc = tcase_create("command");

	tcase_add_checked_fixture(tc, task_setup, toolkit_teardown);
	tcase_add_test(tc, command_runs_with_its_arguments);
	tcase_add_test(tc, command_is_looked_for_in_path);
	tcase_add_test(tc, command_exit_code_and_signal_are_its_status);
	tcase_add_test(tc, command_copies_what_it_is_given);
	tcase_add_test(tc, command_shutdown_and_kill_end_it);
	tcase_add_test(tc, command_that_lives_is_shut_down_by_free);
	tcase_add_test(tc, command_on_exit_is_told_of_its_end);
	tcase_add_test(tc, command_detached_goes_on_without_its_pipes);
	tcase_add_test(tc, command_starts_in_a_set_with_tasks);
	tcase_add_test(tc, command_that_fails_undoes_its_set);
	tcase_add_loop_test(tc, command_refuses_wrong_options, 0, 16);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
