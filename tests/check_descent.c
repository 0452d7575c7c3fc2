/*
 * Who is whose: the task in its own child, a forked child of the parent, and
 * the children of children.
 */
#define _GNU_SOURCE 1

#include "kernel.h"
#include "tasks.h"

#include <proclc/atexit.h>

#include <signal.h>
#include <sys/wait.h>

/* Who it is. */

static int
check_self(void *unused)
{
	struct proclc_task *self = proclc_task_self();
	pid_t child;
	int status;

	(void)unused;
	if (self == NULL || proclc_task_pid(self) != getpid())
		return 1;
	if (proclc_stop_requested() != 0 || proclc_stop_fd() != PROCLC_EINVAL)
		return 2;
	child = fork();
	if (child == 0)
		_exit(proclc_task_self() == NULL ? 0 : 1);
	waitpid(child, &status, 0);
	return status == 0 ? 0 : 3;
}

START_TEST(task_self_is_the_task_in_its_child_only)
{
	ck_assert_int_eq(task_code_of(check_self, (uint32_t)_i), 0);
	ck_assert_ptr_null(proclc_task_self());
	ck_assert_int_eq(proclc_stop_requested(), 0);
	ck_assert_int_eq(proclc_stop_fd(), PROCLC_EINVAL);
}
END_TEST

/* In a child that the test has forked: the number of what is wrong. */
static int
use_as_stranger(struct proclc_task *task)
{
	struct proclc_status status = PROCLC_STATUS_INIT;

	if (proclc_task_start(task) != PROCLC_ENOTOWNER ||
	    proclc_task_wait(task, 0, NULL) != PROCLC_ENOTOWNER ||
	    proclc_task_shutdown(task, 0, NULL) != PROCLC_ENOTOWNER)
		return 1;
	if (proclc_task_kill(task, SIGKILL) != PROCLC_ENOTOWNER ||
	    proclc_task_status(task, &status) != PROCLC_ENOTOWNER ||
	    proclc_task_on_exit(task, NULL, NULL) != PROCLC_ENOTOWNER)
		return 2;
	if (proclc_task_pid(task) <= 0)
		return 3;
	if (proclc_shutdown_all(PROCLC_NOW) != 0)
		return 4;
	proclc_task_free(task);
	return 0;
}

START_TEST(forked_child_owns_no_task_of_its_parent)
{
	struct proclc_task *task;
	pid_t child;
	int status;

	if (_i == 1 && skip_without("identity", "wipeonfork"))
		return;
	task = task_start(&task_waits, NULL);
	child = _i == 0 ? fork() : kernel_raw_fork();
	if (child == 0)
		_exit(use_as_stranger(task));
	ck_assert_int_gt(child, 0);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
	ck_assert_int_eq(task_kind(task), PROCLC_STATUS_RUNNING);
	task_let_go(1);
	task_expect(task, PROCLC_STATUS_EXITED, 0);
	proclc_task_free(task);
}
END_TEST

/* Its exit is none of the tasks' business either. */
START_TEST(forked_child_that_exits_ends_no_task_of_its_parent)
{
	struct proclc_task *task = task_start(&task_waits, NULL);
	pid_t child = fork();
	int status;

	if (child == 0)
		proclc_exit(3);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 3 << 8);
	ck_assert_int_eq(task_kind(task), PROCLC_STATUS_RUNNING);
	proclc_task_free(task);
}
END_TEST

/* A child has children: the letter of its depth, then theirs. */
static int
start_next(void *unused)
{
	static int depth;
	struct proclc_task *task;
	struct proclc_status status = PROCLC_STATUS_INIT;
	struct proclc_task_ops ops = {
		.size = sizeof(ops), .name = "next", .run = start_next,
	};

	(void)unused;
	letter_put((char)('0' + ++depth));
	if (depth == 3)
		return 7;
	settle();
	if (proclc_task_new(&task, &ops, NULL, 0, NULL) < 0)
		return 100;
	if (proclc_task_wait(task, PROCLC_FOREVER, &status) < 0)
		return 101;
	proclc_task_free(task);
	return status.code;
}

START_TEST(child_starts_a_task_which_starts_one)
{
	ck_assert_int_eq(task_code_of(start_next,
	    PROCLC_TASK_WAIT_FOR_CHILD), 7);
	letters_expect("123");
}
END_TEST

static void
at_exit(void *letter, const struct proclc_exit_cause *cause)
{
	(void)cause;
	letter_put(*(char *)letter);
}

/* TERM ends the whole chain: each shuts down its own. */
static int
wait_below(void *unused)
{
	static int depth;
	struct proclc_task *task;
	struct proclc_task_ops ops = {
		.size = sizeof(ops), .name = "below", .run = wait_below,
	};

	proclc_atexit_register(at_exit, letter_name((char)('1' + depth)), 0);
	settle();
	if (++depth < 3 && proclc_task_new(&task, &ops, NULL, 0, NULL) < 0)
		return 100;
	if (depth == 3)
		letter_put('r');
	return task_wait_at_gate(unused);
}

START_TEST(child_that_is_shut_down_shuts_down_its_own_tasks)
{
	struct proclc_task_ops ops = {
		.size = sizeof(ops), .name = "below", .run = wait_below,
	};
	struct proclc_task *task;

	if (toolkit_skip_tsan(TSAN_FORK))
		return;
	task = task_start(&ops, NULL);
	ck_assert_int_eq(letter_get(0), 'r');
	ck_assert_int_eq(proclc_task_shutdown(task, 0, NULL), 0);
	task_expect(task, PROCLC_STATUS_KILLED, SIGTERM);
	proclc_task_free(task);
	letters_expect("321");
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("descent");
	TCase *tcase = tcase_create("descent");

	tcase_add_checked_fixture(tcase, task_setup, toolkit_teardown);
	tcase_add_loop_test(tcase, task_self_is_the_task_in_its_child_only, 0,
	    2);
	tcase_add_loop_test(tcase, forked_child_owns_no_task_of_its_parent, 0,
	    2);
	tcase_add_test(tcase,
	    forked_child_that_exits_ends_no_task_of_its_parent);
	tcase_add_test(tcase, child_starts_a_task_which_starts_one);
	tcase_add_test(tcase,
	    child_that_is_shut_down_shuts_down_its_own_tasks);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
