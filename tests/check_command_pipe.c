/*
 * The pipes to a program, by hand.
 */
#define _GNU_SOURCE 1

#include "commands.h"

#include <errno.h>

static const struct proclc_command_options plain =
    PROCLC_COMMAND_OPTIONS_INIT;

START_TEST(pipe_ends_do_not_block_and_are_known)
{
	struct proclc_command_options o = command_piped();
	struct proclc_task *task = command_start(&o, "cat", NULL);
	char byte;
	int fd[3];

	for (int i = 0; i < 3; i++) {
		fd[i] = proclc_command_fd(task, i);
		ck_assert_int_ge(fd[i], 3);
		ck_assert_int_eq(proclc_command_fd(task, i), fd[i]);
		ck_assert_int_eq(fcntl(fd[i], F_GETFD), FD_CLOEXEC);
	}
	ck_assert_int_eq(read(fd[1], &byte, 1), -1);
	ck_assert_int_eq(errno, EAGAIN);
	ck_assert_int_eq(write(fd[0], "x", 1), 1);
	ck_assert(fd_readable_within(fd[1], 0));
	ck_assert_int_eq(read(fd[1], &byte, 1), 1);
	ck_assert_int_eq(proclc_command_close(task, 0), 0);
	ck_assert_int_eq(proclc_command_close(task, 0), 0);
	ck_assert_int_eq(proclc_command_fd(task, 0), PROCLC_EBADF);
	task_expect(task, PROCLC_STATUS_EXITED, 0);
	/* Those that are left stay until it is freed. */
	ck_assert_int_eq(read(fd[1], &byte, 1), 0);
	proclc_task_free(task);
	ck_assert_int_eq(fcntl(fd[1], F_GETFD), -1);
}
END_TEST

/* A file of the program's under the number of ours stays open. */
START_TEST(pipe_end_that_was_replaced_is_left_alone)
{
	struct proclc_command_options o = command_piped();
	struct proclc_task *task = command_start(&o, "cat", NULL);
	int fd = proclc_command_fd(task, 1);
	int other = open("/dev/null", O_RDONLY | O_CLOEXEC);

	ck_assert_int_eq(dup3(other, fd, O_CLOEXEC), fd);
	ck_assert_int_eq(proclc_command_fd(task, 1), PROCLC_EBADF);
	ck_assert_int_eq(proclc_command_close(task, 1), 0);
	proclc_task_free(task);
	ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
	close(fd);
	close(other);
}
END_TEST

START_TEST(pipe_calls_refuse_what_has_none)
{
	struct proclc_command_options o = plain;
	struct proclc_task *task = task_start(&task_exits, NULL);

	ck_assert_int_eq(proclc_command_fd(task, 0), PROCLC_EINVAL);
	ck_assert_int_eq(proclc_command_close(task, 0), PROCLC_EINVAL);
	ck_assert_int_eq(proclc_command_talk(task, NULL, 0), PROCLC_EINVAL);
	proclc_task_free(task);
	o.in.kind = PROCLC_STDIO_PIPE;
	o.flags = PROCLC_TASK_EXPLICIT_START;
	task = command_start(&o, "cat", NULL);
	ck_assert_int_eq(proclc_command_fd(task, 0), PROCLC_ESRCH);
	ck_assert_int_eq(proclc_command_talk(task, NULL, 0), PROCLC_ESRCH);
	ck_assert_int_eq(proclc_task_start(task), 0);
	ck_assert_int_eq(proclc_command_fd(task, 1), PROCLC_EINVAL);
	ck_assert_int_eq(proclc_command_fd(task, -1), PROCLC_EINVAL);
	ck_assert_int_eq(proclc_command_fd(task, 3), PROCLC_EINVAL);
	ck_assert_int_eq(proclc_command_talk(task, NULL, -3), PROCLC_EINVAL);
	proclc_task_free(task);
	ck_assert_int_eq(proclc_command_fd(NULL, 0), PROCLC_EINVAL);
}
END_TEST

/* A task that is forked meanwhile does not keep its stdin open. */
START_TEST(pipe_is_not_kept_by_a_sibling)
{
	struct proclc_command_options o = command_piped();
	struct proclc_task *task = command_start(&o, "cat", NULL);
	struct proclc_task *sibling = task_start(&task_waits, NULL);

	ck_assert_int_eq(proclc_command_close(task, 0), 0);
	task_expect(task, PROCLC_STATUS_EXITED, 0);
	task_let_go(1);
	task_expect(sibling, PROCLC_STATUS_EXITED, 0);
	proclc_task_free(sibling);
	proclc_task_free(task);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *s = suite_create("command_pipe");
	TCase *tc = tcase_create("command_pipe");

	tcase_add_checked_fixture(tc, task_setup, toolkit_teardown);
	tcase_add_test(tc, pipe_ends_do_not_block_and_are_known);
	tcase_add_test(tc, pipe_end_that_was_replaced_is_left_alone);
	tcase_add_test(tc, pipe_calls_refuse_what_has_none);
	tcase_add_test(tc, pipe_is_not_kept_by_a_sibling);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
