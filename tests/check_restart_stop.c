/*
 * The end of restarts: a shutdown, a free, or the end of the process, at each
 * moment; and who waits for it.
 */
#define _GNU_SOURCE 1

#include "births.h"
#include "restarts.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>

START_TEST(shutdown_ends_one_that_backs_off_at_once)
{
	struct proclc_restart policy = restart_late(PROCLC_RESTART_ALWAYS);
	int how = _i % STOPS;
	struct proclc_task *task;
	int64_t before;

	if (!use_way(_i / STOPS))
		return;
	task = restart_start(&task_exits, NULL,
	    how == STOP_SET ? PROCLC_TASK_NO_TERMINATE_ON_SHUTDOWN : 0,
	    &policy);
	restart_expect_all("srb");
	before = clock_now_ms();
	restart_stop(task, how);
	ck_assert_int_lt(clock_now_ms() - before, task_bound() / 10);
	restart_expect_told(how);
	restart_expect_stopped(task, how, 0);
}
END_TEST

START_TEST(shutdown_ends_one_that_runs_and_it_stays_ended)
{
	struct proclc_restart policy = restart_policy(PROCLC_RESTART_ALWAYS);
	int how = _i % STOPS;
	struct proclc_task *task;

	if (toolkit_skip_tsan(TSAN_FORK) || !use_way(_i / STOPS))
		return;
	task = restart_start(&task_waits, NULL, 0, &policy);
	restart_expect_all("sr");
	ck_assert_int_eq(proclc_task_kill(task, SIGKILL), 0);
	restart_expect_all("bsr");
	restart_stop(task, how);
	restart_expect_told(how);
	restart_expect_stopped(task, how, 1);
}
END_TEST

/* The one that is left alive does not run again either. */
START_TEST(shutdown_that_leaves_it_alive_ends_its_restarts)
{
	struct proclc_restart policy = restart_policy(PROCLC_RESTART_ALWAYS);
	struct proclc_task *task;

	if (!use_way(_i))
		return;
	task = restart_start(&task_waits, NULL,
	    PROCLC_TASK_NO_TERMINATE_ON_SHUTDOWN, &policy);
	restart_expect_all("sr");
	ck_assert_int_eq(proclc_task_detach(task), PROCLC_EINVAL);
	ck_assert_int_eq(proclc_task_shutdown(task, PROCLC_NOW, NULL),
	    PROCLC_ETIMEDOUT);
	task_let_go(1);
	restart_expect_all("x");
	task_expect(task, PROCLC_STATUS_EXITED, 0);
	proclc_task_free(task);
}
END_TEST

/* The dispatcher is held in the middle of making the next child. */

static void
hold_once(void)
{
	birth_before = NULL;
	letter_put('h');
	task_wait_at_gate(NULL);
}

struct helper {
	struct proclc_task *task;
	int how;
	pthread_t thread;
};

static void *
stop_in_thread(void *user)
{
	struct helper *helper = user;

	letter_put('t');
	restart_stop(helper->task, helper->how);
	letter_put('.');
	return NULL;
}

START_TEST(shutdown_beside_a_restart_ends_what_comes_of_it)
{
	struct proclc_restart policy = restart_policy(PROCLC_RESTART_ALWAYS);
	struct helper helper = { .how = _i % STOPS };

	if (skip_crowd() || toolkit_skip_tsan(TSAN_FORK) ||
	    !use_way(_i / STOPS * 2))
		return;
	helper.task = restart_new(&task_waits, NULL, 0, &policy);
	ck_assert_int_eq(proclc_task_start(helper.task), 0);
	birth_before = hold_once;
	ck_assert_int_eq(proclc_task_kill(helper.task, SIGKILL), 0);
	restart_expect("h");
	ck_assert_int_eq(proclc_task_state(helper.task),
	    PROCLC_TASK_STARTING);
	ck_assert_int_eq(pthread_create(&helper.thread, NULL, stop_in_thread,
	    &helper), 0);
	letters_expect("t");
	task_let_go(1);
	restart_expect_all(".");
	pthread_join(helper.thread, NULL);
	restart_expect_stopped(helper.task, helper.how, 1);
}
END_TEST

static void *
wait_in_thread(void *user)
{
	struct helper *helper = user;
	struct proclc_status status = PROCLC_STATUS_INIT;
	int rc = 0;

	if (helper->how == 0)
		rc = proclc_task_wait(helper->task, PROCLC_FOREVER, &status);
	else if (helper->how == 1)
		rc = proclc_wait_any(&helper->task, 1, PROCLC_FOREVER);
	else
		rc = proclc_wait_all(&helper->task, 1, PROCLC_FOREVER);
	letter_put(rc == 0 ? 'w' : '?');
	return NULL;
}

/* Through restarts, to an end that comes of itself or by a shutdown. */
START_TEST(eight_threads_wait_for_the_very_end)
{
	bool shut = _i % 2 == 1;
	struct proclc_restart policy = shut ?
	    restart_late(PROCLC_RESTART_ON_FAILURE) :
	    restart_policy(PROCLC_RESTART_ON_FAILURE);
	struct helper helpers[8];
	struct proclc_task *task;
	int i;

	if (skip_crowd() || !use_way(_i / 2 * 2))
		return;
	task = restart_start(&task_waits, NULL, 0, &policy);
	restart_expect("sr");
	for (i = 0; i < 8; i++) {
		helpers[i] = (struct helper){ .task = task, .how = i % 3 };
		ck_assert_int_eq(pthread_create(&helpers[i].thread, NULL,
		    wait_in_thread, &helpers[i]), 0);
	}
	for (i = 0; i < (shut ? 1 : 5); i++) {
		ck_assert_int_eq(proclc_task_kill(task, SIGKILL), 0);
		restart_expect(shut ? "b" : "bsr");
	}
	restart_expect_all("");
	if (shut)
		ck_assert_int_eq(proclc_task_shutdown(task, 0, NULL), 0);
	else
		task_let_go(1);
	/* The callback comes when it does. */
	for (i = 0; i < 9; i++) {
		int letter = letter_get(0);

		ck_assert_msg(letter == 'w' || letter == 'x', "%c", letter);
	}
	letters_expect("");
	for (i = 0; i < 8; i++)
		pthread_join(helpers[i].thread, NULL);
	task_expect(task, shut ? PROCLC_STATUS_KILLED : PROCLC_STATUS_EXITED,
	    shut ? SIGKILL : 0);
	proclc_task_free(task);
}
END_TEST

START_TEST(first_start_that_fails_does_not_run_again)
{
	struct proclc_restart policy = restart_policy(PROCLC_RESTART_ALWAYS);
	struct proclc_task *tasks[2];

	letters_expect_library();
	tasks[0] = restart_new(&task_waits, NULL, 0, &policy);
	tasks[1] = restart_new(&task_waits, NULL, PROCLC_TASK_WAIT_FOR_CHILD,
	    &policy);
	birth = birth_exits;
	ck_assert_int_eq(proclc_start_all(tasks, 2), PROCLC_ESTARTFAILED);
	birth = NULL;
	for (int i = 0; i < 2; i++) {
		ck_assert_int_ge(proclc_task_state(tasks[i]),
		    PROCLC_TASK_FAILED);
		task_expect(tasks[i], PROCLC_STATUS_EXITED, 33);
		ck_assert_int_eq(proclc_task_restarts(tasks[i]), 0);
		proclc_task_free(tasks[i]);
	}
}
END_TEST

static Suite *
stop_suite(void)
{
	Suite *suite = suite_create("restart stop");
	TCase *tc = tcase_create("stop");

	tcase_add_checked_fixture(tc, birth_setup, toolkit_teardown);
	tcase_add_loop_test(tc, shutdown_ends_one_that_backs_off_at_once, 0,
	    STOPS * WAYS);
	tcase_add_loop_test(tc,
	    shutdown_ends_one_that_runs_and_it_stays_ended, 0, STOPS * WAYS);
	tcase_add_loop_test(tc,
	    shutdown_that_leaves_it_alive_ends_its_restarts, 0, WAYS);
	tcase_add_loop_test(tc,
	    shutdown_beside_a_restart_ends_what_comes_of_it, 0, STOPS * 2);
	tcase_add_loop_test(tc, eight_threads_wait_for_the_very_end, 0, 4);
	tcase_add_test(tc, first_start_that_fails_does_not_run_again);
	suite_add_tcase(suite, tc);
	return suite;
}

int
main(void)
{
	return toolkit_main(stop_suite);
}
