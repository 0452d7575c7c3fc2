/*
 * Tasks that run again: after which ends, through which states, and who is
 * told; in each way in which an end is heard of.
 */
#define _GNU_SOURCE 1

#include "restarts.h"

#include <sys/wait.h>

/* The body's exit code; the parent's callback changes it. */
static int code;

/* Told like the others; the run that is to come ends well. */
static void
mend(struct proclc_task *task, int state, const struct proclc_status *status,
    void *user)
{
	if (state == PROCLC_TASK_BACKING_OFF &&
	    proclc_task_restarts(task) == *(const int *)user)
		code = 0;
	restart_tell(task, state, status, NULL);
}

START_TEST(one_that_fails_runs_again_until_it_does_not)
{
	struct proclc_restart policy =
	    restart_policy(PROCLC_RESTART_ON_FAILURE);
	struct proclc_task *task;
	int last = 2;

	if (!use_way(_i))
		return;
	code = 3;
	task = restart_new(&task_exits, &code, 0, &policy);
	ck_assert_int_eq(proclc_task_on_change(task, mend, &last), 0);
	ck_assert_int_eq(proclc_task_state(task), PROCLC_TASK_NEW);
	ck_assert_int_eq(proclc_task_start(task), 0);
	restart_expect_all("srbsrbsrbsrx");
	ck_assert_int_eq(proclc_task_restarts(task), 3);
	ck_assert_int_eq(proclc_task_state(task), PROCLC_TASK_STOPPED);
	task_expect(task, PROCLC_STATUS_EXITED, 0);
	proclc_task_free(task);
}
END_TEST

/* Which ends run again, and what those are that do not. */
static const struct ending {
	uint32_t when;
	int code;	/* 256: by a signal */
	const char *states;
} endings[] = {
	{ PROCLC_RESTART_NEVER, 0, "srx" },
	{ PROCLC_RESTART_NEVER, 1, "srf" },
	{ PROCLC_RESTART_NEVER, 256, "srf" },
	{ PROCLC_RESTART_ON_FAILURE, 0, "srx" },
	{ PROCLC_RESTART_ON_FAILURE, 1, "srb" },
	{ PROCLC_RESTART_ON_FAILURE, 256, "srb" },
	{ PROCLC_RESTART_ALWAYS, 0, "srb" },
	{ PROCLC_RESTART_ALWAYS, 1, "srb" },
	{ PROCLC_RESTART_ALWAYS, 256, "srb" },
};

START_TEST(end_is_one_to_run_after_or_not)
{
	const struct ending *e = &endings[_i];
	struct proclc_restart policy = restart_late(e->when);
	struct proclc_task *task;

	letters_expect_library();
	code = e->code;
	task = restart_start(&task_exits, &code, 0, &policy);
	restart_expect_all(e->states);
	ck_assert_int_eq(restart_letter(proclc_task_state(task)),
	    e->states[2]);
	ck_assert_int_eq(task_kind(task), e->code == 256 ?
	    PROCLC_STATUS_KILLED : PROCLC_STATUS_EXITED);
	ck_assert_int_eq(proclc_task_restarts(task), 0);
	proclc_task_free(task);
}
END_TEST

START_TEST(task_without_a_policy_has_states_too)
{
	struct proclc_task *task;

	if (!use_way(_i))
		return;
	task = task_make(&task_waits, NULL, PROCLC_TASK_EXPLICIT_START);
	ck_assert_int_eq(proclc_task_state(task), PROCLC_TASK_NEW);
	ck_assert_int_eq(proclc_task_start(task), 0);
	ck_assert_int_eq(proclc_task_state(task), PROCLC_TASK_RUNNING);
	ck_assert_int_eq(proclc_task_on_change(task, restart_tell, NULL), 0);
	restart_expect_all("r");
	task_let_go(1);
	restart_expect_all("x");
	ck_assert_int_eq(proclc_task_on_change(task, restart_tell, NULL), 0);
	restart_expect_all("x");
	proclc_task_free(task);
	if (toolkit_skip_tsan(TSAN_FORK))
		return;
	task = task_start(&task_waits, NULL);
	ck_assert_int_eq(proclc_task_shutdown(task, 0, NULL), 0);
	ck_assert_int_eq(proclc_task_state(task), PROCLC_TASK_STOPPED);
	proclc_task_free(task);
}
END_TEST

/* It is over: what is stopped later was not stopped by that. */
START_TEST(task_that_has_failed_has_failed_after_a_shutdown_too)
{
	struct proclc_task *task;

	if (!use_way(_i))
		return;
	code = 7;
	task = task_start(&task_exits, &code);
	task_expect(task, PROCLC_STATUS_EXITED, 7);
	ck_assert_int_eq(proclc_task_state(task), PROCLC_TASK_FAILED);
	if (_i == 0)
		ck_assert_int_eq(proclc_task_shutdown(task, 0, NULL), 0);
	else
		ck_assert_int_eq(proclc_shutdown_all(0), 0);
	ck_assert_int_eq(proclc_task_state(task), PROCLC_TASK_FAILED);
	proclc_task_free(task);
}
END_TEST

START_TEST(limit_ends_it_and_the_last_status_is_its_own)
{
	struct proclc_restart policy = restart_policy(PROCLC_RESTART_ALWAYS);
	struct proclc_task *task;

	if (!use_way(_i))
		return;
	policy.limit = 3;
	code = 7;
	task = restart_start(&task_exits, &code, 0, &policy);
	restart_expect_all("srbsrbsrf");
	ck_assert_int_eq(proclc_task_restarts(task), 2);
	ck_assert_int_eq(proclc_task_state(task), PROCLC_TASK_FAILED);
	task_expect(task, PROCLC_STATUS_EXITED, 7);
	ck_assert_int_eq(proclc_task_start(task), PROCLC_EALREADY);
	proclc_task_free(task);
}
END_TEST

static void
say_end(struct proclc_task *task, const struct proclc_status *status,
    void *user)
{
	(void)task;
	(void)user;
	letter_put(status->code == 0 ? 'E' : '?');
}

/* A wait, the callback and the descriptor all mean the very end. */
START_TEST(only_the_last_end_is_its_end)
{
	struct proclc_restart policy =
	    restart_policy(PROCLC_RESTART_ON_FAILURE);
	struct proclc_task *task;
	int fd;

	if (!use_way(_i))
		return;
	task = restart_start(&task_waits, NULL, 0, &policy);
	restart_expect("sr");
	fd = proclc_task_fd(task);
	ck_assert_int_ge(fd, 3);
	ck_assert_int_eq(proclc_task_on_exit(task, say_end, NULL), 0);
	ck_assert_int_eq(proclc_task_kill(task, PROCLC_SIGKILL), 0);
	restart_expect_all("bsr");
	ck_assert_int_eq(proclc_task_kill(task, PROCLC_SIGKILL), 0);
	restart_expect_all("bsr");
	ck_assert_int_eq(proclc_task_wait(task, 0, NULL), PROCLC_ETIMEDOUT);
	ck_assert(!fd_readable_within(fd, 1));
	ck_assert_int_eq(proclc_task_fd(task), fd);
	task_let_go(1);
	restart_expect_all("xE");
	ck_assert(restart_readable(fd, 0));
	ck_assert_int_eq(proclc_task_fd(task), fd);
	task_expect(task, PROCLC_STATUS_EXITED, 0);
	proclc_task_free(task);
}
END_TEST

START_TEST(nothing_reaches_one_that_backs_off)
{
	struct proclc_restart policy = restart_late(PROCLC_RESTART_ALWAYS);
	struct proclc_status status = PROCLC_STATUS_INIT;
	struct proclc_task *task;

	if (!use_way(_i))
		return;
	code = 5;
	task = restart_start(&task_exits, &code, 0, &policy);
	restart_expect_all("srb");
	ck_assert_int_eq(proclc_task_pid(task), 0);
	ck_assert_int_eq(proclc_task_kill(task, PROCLC_SIGTERM),
	    PROCLC_ESRCH);
	ck_assert_int_eq(proclc_task_status(task, &status), 0);
	ck_assert_int_eq(status.kind, PROCLC_STATUS_EXITED);
	ck_assert_int_eq(status.code, 5);
	ck_assert_int_eq(proclc_task_wait(task, 30, NULL), PROCLC_ETIMEDOUT);
	ck_assert_int_eq(proclc_wait_any(&task, 1, 30), PROCLC_ETIMEDOUT);
	ck_assert_int_eq(proclc_task_start(task), PROCLC_EALREADY);
	ck_assert_int_eq(proclc_task_detach(task), PROCLC_EINVAL);
	ck_assert_int_eq(proclc_task_shutdown(task, 0, &status), 0);
	ck_assert_int_eq(status.code, 5);
	ck_assert_int_eq(proclc_task_state(task), PROCLC_TASK_STOPPED);
	restart_expect_all("x");
	proclc_task_free(task);
}
END_TEST

static Suite *
restart_suite(void)
{
	Suite *suite = suite_create("restart");
	TCase *tc = tcase_create("states");

	tcase_add_checked_fixture(tc, task_setup, toolkit_teardown);
	tcase_add_loop_test(tc, one_that_fails_runs_again_until_it_does_not,
	    0, WAYS);
	tcase_add_loop_test(tc, end_is_one_to_run_after_or_not, 0,
	    (int)(sizeof(endings) / sizeof(endings[0])));
	tcase_add_loop_test(tc, task_without_a_policy_has_states_too, 0,
	    WAYS);
	tcase_add_loop_test(tc,
	    task_that_has_failed_has_failed_after_a_shutdown_too, 0, WAYS);
	tcase_add_loop_test(tc, limit_ends_it_and_the_last_status_is_its_own,
	    0, WAYS);
	tcase_add_loop_test(tc, only_the_last_end_is_its_end, 0, WAYS);
	tcase_add_loop_test(tc, nothing_reaches_one_that_backs_off, 0, WAYS);
	suite_add_tcase(suite, tc);
	return suite;
}

int
main(void)
{
	return toolkit_main(restart_suite);
}
