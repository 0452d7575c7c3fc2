/*
 * Tasks that are freed while others wait for them, and waits that only the
 * waiting thread could bring to an end.
 */
#define _GNU_SOURCE 1

#include "commands.h"
#include "restarts.h"
#include "settle.h"

#include <pthread.h>

static struct proclc_task *set[2];

struct waiter {
	pthread_t thread;
	int rc;
};

static void
free_it(struct proclc_task *task, const struct proclc_status *status,
    void *user)
{
	(void)status;
	(void)user;
	proclc_task_free(task);
	letter_put('f');
}

static void *
wait_for_set(void *user)
{
	struct waiter *w = user;

	w->rc = proclc_wait_all(set, 2, PROCLC_FOREVER);
	letter_put('w');
	return NULL;
}

/* The restarts are the dispatcher's, as the callback is. */
START_TEST(callback_frees_one_of_a_set_of_which_another_restarts)
{
	struct proclc_restart policy = restart_policy(PROCLC_RESTART_ALWAYS);
	struct waiter w = { .rc = 1 };
	int code = 1;

	if (!use_way(_i))
		return;
	policy.limit = 20;
	set[0] = task_make(&task_waits, NULL, PROCLC_TASK_EXPLICIT_START);
	set[1] = restart_new(&task_exits, &code, 0, &policy);
	ck_assert_int_eq(proclc_task_on_exit(set[0], free_it, NULL), 0);
	ck_assert_int_eq(proclc_start_all(set, 2), 0);
	pthread_create(&w.thread, NULL, wait_for_set, &w);
	settle();
	task_let_go(1);
	restart_expect("fw");
	pthread_join(w.thread, NULL);
	ck_assert_int_eq(w.rc, 0);
	ck_assert_int_eq(proclc_task_restarts(set[1]), 19);
	proclc_task_free(set[1]);
}
END_TEST

static void *
wait_for_one(void *user)
{
	struct proclc_status status = PROCLC_STATUS_INIT;
	struct waiter *w = user;

	w->rc = proclc_task_wait(set[0], task_bound(), &status);
	if (w->rc == 0)
		w->rc = status.kind;
	return NULL;
}

START_TEST(wait_tells_how_one_ended_that_is_freed_meanwhile)
{
	struct waiter w[8];
	int i;

	if (!use_way(_i))
		return;
	set[0] = task_make(&task_waits, NULL, 0);
	ck_assert_int_eq(proclc_task_on_exit(set[0], free_it, NULL), 0);
	for (i = 0; i < 8; i++)
		pthread_create(&w[i].thread, NULL, wait_for_one, &w[i]);
	/* All of them wait: nobody may begin to when it is freed. */
	settle();
	task_let_go(1);
	restart_expect("f");
	for (i = 0; i < 8; i++) {
		pthread_join(w[i].thread, NULL);
		ck_assert_int_eq(w[i].rc, PROCLC_STATUS_EXITED);
	}
}
END_TEST

static void *
talk_to_it(void *user)
{
	struct proclc_talk talk = command_talk(NULL);
	struct waiter *w = user;

	talk.linger_ms = PROCLC_FOREVER;
	w->rc = proclc_command_talk(set[0], &talk, task_bound());
	letter_put('t');
	return NULL;
}

/* Another process keeps the pipe, and speaks when it is let go. */
START_TEST(talk_hears_all_of_one_that_is_freed_meanwhile)
{
	struct proclc_command_options o = command_piped();
	struct waiter w = { .rc = -1 };
	int before, beside;

	if (!use_way(_i))
		return;
	toolkit_expect(TOOLKIT_STRAYS);
	before = task_code_of(task_count_fds, 0);
	set[0] = command_start(&o, "sh", "-c",
	    "(" COMMAND_WAIT "echo late) & read x; echo early", NULL);
	pthread_create(&w.thread, NULL, talk_to_it, &w);
	ck_assert_int_eq(proclc_task_on_exit(set[0], free_it, NULL), 0);
	restart_expect("f");
	beside = task_code_of(task_count_fds, 0);
	task_let_go(1);
	restart_expect("t");
	pthread_join(w.thread, NULL);
	ck_assert_int_eq(w.rc, 0);
	ck_assert_str_eq(command_out.bytes, "early\nlate\n");
	/* A child that is forked meanwhile has nothing of it. */
	ck_assert_int_eq(beside, before);
}
END_TEST

/* What a wait says, without end or for a while, in the callback of a task. */
static void
wait_in_callback(struct proclc_task *task, int state,
    const struct proclc_status *status, void *user)
{
	int rc;

	(void)status;
	(void)user;
	if (state != PROCLC_TASK_BACKING_OFF)
		return;
	rc = proclc_task_wait(task, PROCLC_FOREVER, NULL);
	letter_put(rc == PROCLC_EDEADLK ? 'd' : '?');
	rc = proclc_wait_any(&task, 1, PROCLC_FOREVER);
	letter_put(rc == PROCLC_EDEADLK ? 'd' : '?');
	rc = proclc_wait_all(&task, 1, PROCLC_FOREVER);
	letter_put(rc == PROCLC_EDEADLK ? 'd' : '?');
	rc = proclc_task_wait(task, 20, NULL);
	letter_put(rc == PROCLC_ETIMEDOUT ? 't' : '?');
	rc = proclc_task_wait(task, 0, NULL);
	letter_put(rc == PROCLC_ETIMEDOUT ? 't' : '?');
}

START_TEST(wait_without_end_for_a_restart_in_a_callback_is_EDEADLK)
{
	struct proclc_restart policy = restart_late(PROCLC_RESTART_ALWAYS);
	struct proclc_task *task;

	if (!use_way(_i))
		return;
	task = restart_new(&task_exits, NULL, 0, &policy);
	ck_assert_int_eq(proclc_task_on_change(task, wait_in_callback, NULL),
	    0);
	ck_assert_int_eq(proclc_task_start(task), 0);
	restart_expect_all("dddtt");
	proclc_task_free(task);
}
END_TEST

/* It is the one to drive the dispatcher, as before or as the only one. */
START_TEST(wait_without_end_for_a_restart_by_who_drives_is_EDEADLK)
{
	struct proclc_restart policy = restart_late(PROCLC_RESTART_ALWAYS);

	if (!use_way(1))
		return;
	/* Where threads are not counted nobody knows that it is the only. */
	if (_i == 0 && skip_without("threads", "proc"))
		return;
	if (_i == 1)
		ck_assert_int_eq(proclc_dispatch(0), 0);
	set[0] = restart_new(&task_waits, NULL, 0, &policy);
	set[1] = restart_new(&task_exits, NULL, 0, &policy);
	ck_assert_int_eq(proclc_start_all(set, 2), 0);
	ck_assert_int_eq(proclc_task_wait(set[1], PROCLC_FOREVER, NULL),
	    PROCLC_EDEADLK);
	ck_assert_int_eq(proclc_task_wait(set[1], 20, NULL),
	    PROCLC_ETIMEDOUT);
	task_let_go(1);
	ck_assert_int_eq(proclc_wait_any(set, 2, PROCLC_FOREVER),
	    PROCLC_EDEADLK);
	ck_assert_int_eq(proclc_wait_all(set, 2, PROCLC_FOREVER),
	    PROCLC_EDEADLK);
	/* A shutdown makes an end of it. */
	ck_assert_int_eq(proclc_shutdown_set(set, 2, 0), 0);
	ck_assert_int_eq(proclc_wait_all(set, 2, PROCLC_FOREVER), 0);
	proclc_task_free(set[0]);
	proclc_task_free(set[1]);
}
END_TEST

/* Another thread drives it, and so may end what this one waits for. */
START_TEST(wait_without_end_beside_who_drives_goes_on)
{
	struct proclc_restart policy = restart_policy(PROCLC_RESTART_ALWAYS);
	struct waiter w = { .rc = 1 };
	int code = 1;

	if (!use_way(1))
		return;
	policy.limit = 20;
	set[0] = restart_new(&task_exits, &code, 0, &policy);
	set[1] = restart_new(&task_exits, &code, 0, &policy);
	ck_assert_int_eq(proclc_dispatch(0), 0);
	ck_assert_int_eq(proclc_start_all(set, 2), 0);
	pthread_create(&w.thread, NULL, wait_for_set, &w);
	restart_expect("w");
	pthread_join(w.thread, NULL);
	ck_assert_int_eq(w.rc, 0);
	proclc_task_free(set[0]);
	proclc_task_free(set[1]);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("freed");
	TCase *tcase = tcase_create("freed");

	tcase_add_checked_fixture(tcase, task_setup, toolkit_teardown);
	tcase_add_loop_test(tcase,
	    callback_frees_one_of_a_set_of_which_another_restarts, 0, WAYS);
	tcase_add_loop_test(tcase,
	    wait_tells_how_one_ended_that_is_freed_meanwhile, 0, WAYS);
	tcase_add_loop_test(tcase,
	    talk_hears_all_of_one_that_is_freed_meanwhile, 0, WAYS);
	tcase_add_loop_test(tcase,
	    wait_without_end_for_a_restart_in_a_callback_is_EDEADLK, 0, WAYS);
	tcase_add_loop_test(tcase,
	    wait_without_end_for_a_restart_by_who_drives_is_EDEADLK, 0, 2);
	tcase_add_test(tcase, wait_without_end_beside_who_drives_goes_on);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
