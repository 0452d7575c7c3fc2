/*
 * What the callback of a task's states may do: shut the task down, free it,
 * and take itself back.
 */
#define _GNU_SOURCE 1

#include "restarts.h"

/* Shutdowns out of the callback itself, at the first of a state. */

struct stopper {
	int at, how;
	bool done;
};

static void
stop_there(struct proclc_task *task, int state,
    const struct proclc_status *status, void *user)
{
	struct stopper *stopper = user;

	(void)status;
	if (state == stopper->at && !stopper->done) {
		stopper->done = true;
		/* What runs may be killed before it hears anything. */
		restart_stop(task, stopper->how);
		letter_put('.');
		return;
	}
	letter_put(restart_letter(state));
}

static const struct {
	int at;
	const char *before, *after;
} callbacks[] = {
	{ PROCLC_TASK_STARTING, "", "rx" },
	{ PROCLC_TASK_RUNNING, "s", "x" },
	{ PROCLC_TASK_BACKING_OFF, "sr", "x" },
};

enum { CALLBACKS = sizeof(callbacks) / sizeof(callbacks[0]) };

START_TEST(callback_may_shut_it_down_or_free_it)
{
	int how = _i % STOPS, c = _i / STOPS % CALLBACKS;
	struct stopper stopper = { .at = callbacks[c].at, .how = how };
	bool exits = stopper.at == PROCLC_TASK_BACKING_OFF;
	struct proclc_restart policy = restart_late(PROCLC_RESTART_ALWAYS);
	struct proclc_task *task;

	if ((!exits && toolkit_skip_tsan(TSAN_FORK)) ||
	    !use_way(_i / STOPS / CALLBACKS))
		return;
	task = restart_new(exits ? &task_exits : &task_waits, NULL, 0,
	    &policy);
	ck_assert_int_eq(proclc_task_on_change(task, stop_there, &stopper),
	    0);
	ck_assert_int_eq(proclc_task_start(task), 0);
	restart_expect(callbacks[c].before);
	restart_expect(".");
	restart_expect_all(how == STOP_FREE ? "" : callbacks[c].after);
	restart_expect_stopped(task, how, 0);
}
END_TEST

START_TEST(last_callback_may_free_it)
{
	struct stopper stopper = { .at = _i % 2 == 0 ? PROCLC_TASK_FAILED :
	    PROCLC_TASK_STOPPED, .how = STOP_FREE };
	struct proclc_restart policy =
	    restart_policy(PROCLC_RESTART_ON_FAILURE);
	struct proclc_task *task;
	int code = 1 - _i % 2;

	if (!use_way(_i / 2))
		return;
	policy.limit = 2;
	task = restart_new(&task_exits, &code, 0, &policy);
	ck_assert_int_eq(proclc_task_on_change(task, stop_there, &stopper),
	    0);
	ck_assert_int_eq(proclc_task_start(task), 0);
	restart_expect_all(code == 0 ? "sr." : "srbsr.");
}
END_TEST

static void
take_back(struct proclc_task *task, int state,
    const struct proclc_status *status, void *user)
{
	(void)status;
	letter_put(restart_letter(state));
	ck_assert_int_eq(proclc_task_on_change(task, NULL, user), 0);
}

START_TEST(callback_is_taken_back_also_by_itself)
{
	struct proclc_restart policy = restart_policy(PROCLC_RESTART_ALWAYS);
	struct proclc_task *task;

	if (!use_way(_i))
		return;
	policy.limit = 4;
	task = restart_new(&task_waits, NULL, 0, &policy);
	ck_assert_int_eq(proclc_task_on_change(task, take_back, NULL), 0);
	ck_assert_int_eq(proclc_task_start(task), 0);
	restart_expect_all("s");
	ck_assert_int_eq(proclc_task_on_change(task, restart_tell, NULL), 0);
	restart_expect_all("r");
	ck_assert_int_eq(proclc_task_kill(task, SIGKILL), 0);
	restart_expect_all("bsr");
	ck_assert_int_eq(proclc_task_on_change(task, NULL, NULL), 0);
	task_let_go(3);
	restart_expect_all("");
	while (manual && proclc_task_wait(task, 0, NULL) != 0)
		ck_assert_int_eq(proclc_dispatch(10), 0);
	ck_assert_int_eq(proclc_task_wait(task, task_bound(), NULL), 0);
	ck_assert_int_eq(proclc_task_state(task), PROCLC_TASK_FAILED);
	proclc_task_free(task);
}
END_TEST

static Suite *
callback_suite(void)
{
	Suite *suite = suite_create("restart callback");
	TCase *tc = tcase_create("callback");

	tcase_add_checked_fixture(tc, task_setup, toolkit_teardown);
	tcase_add_loop_test(tc, callback_may_shut_it_down_or_free_it, 0,
	    STOPS * CALLBACKS * WAYS);
	tcase_add_loop_test(tc, last_callback_may_free_it, 0, 2 * WAYS);
	tcase_add_loop_test(tc, callback_is_taken_back_also_by_itself, 0,
	    WAYS);
	suite_add_tcase(suite, tc);
	return suite;
}

int
main(void)
{
	return toolkit_main(callback_suite);
}
