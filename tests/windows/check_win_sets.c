/* check_win_sets.c - several tasks at once: waited for and stopped; and what
 * one can be asked. */
#include "order.h"

#include <stdio.h>

/* More than the system waits for at once. */
enum { MANY = 68 };

static struct proclc_status
status_of(struct proclc_task *task)
{
	struct proclc_status status = { .size = sizeof(status) };

	need_equal(proclc_task_status(task, &status), 0);
	return status;
}

/* Sleepers, and one that answers. */
static void
make(struct proclc_task **tasks, size_t n, size_t answers)
{
	struct order o = { .code = 4 };

	for (size_t i = 0; i < n; i++)
		tasks[i] = new_task(i == answers ? &answer : &sleep_long, &o,
		    PROCLC_TASK_EXPLICIT_START);
}

static void
free_all(struct proclc_task **tasks, size_t n)
{
	for (size_t i = 0; i < n; i++)
		proclc_task_free(tasks[i]);
}

static void
the_one_that_ends_is_told(void)
{
	struct proclc_task *tasks[3];

	make(tasks, 3, 2);
	need_equal(proclc_start_all(tasks, 2), 0);
	need_equal(proclc_wait_any(tasks, 2, 30), PROCLC_ETIMEDOUT);
	need_equal(proclc_wait_all(tasks, 2, 30), PROCLC_ETIMEDOUT);
	need_equal(status_of(tasks[2]).kind, PROCLC_STATUS_NEW);
	need_equal(proclc_task_start(tasks[2]), 0);
	need_equal(proclc_task_start(tasks[2]), PROCLC_EALREADY);
	need_equal(proclc_wait_any(tasks, 3, tap_ms(TAP_PATIENCE_MS)), 2);
	need_equal(status_of(tasks[2]).code, 4);
	need_equal(status_of(tasks[0]).kind, PROCLC_STATUS_RUNNING);
	need_equal(proclc_wait_all(tasks + 2, 1, 0), 0);
	free_all(tasks, 3);
}

static void
a_set_may_have_more_than_the_system_waits_for(void)
{
	struct proclc_task *tasks[MANY];

	make(tasks, MANY, MANY - 1);
	need_equal(proclc_start_all(tasks, MANY), 0);
	need_equal(proclc_wait_any(tasks, MANY, tap_ms(TAP_PATIENCE_MS)),
	    MANY - 1);
	need_equal(proclc_shutdown_set(tasks, MANY, tap_ms(60000)), 0);
	need_equal(proclc_wait_all(tasks, MANY, 0), 0);
	for (int i = 0; i < MANY - 1; i++) {
		need_equal(status_of(tasks[i]).signum, PROCLC_SIGTERM);
		need_equal(status_of(tasks[i]).forced, 0);
	}
	free_all(tasks, MANY);
}

/* Each by its own exit handler. */
static void
all_can_be_shut_down(void)
{
	struct proclc_task *tasks[2];
	struct order o[2] = { { .code = 0 }, { .code = 0 } };
	HANDLE begun[2], ended[2];

	for (int i = 0; i < 2; i++) {
		begun[i] = new_event(&o[i], "all");
		ended[i] = end_event(&o[i]);
		tasks[i] = new_task(&tidy, &o[i], 0);
		need_event(begun[i]);
	}
	need_equal(proclc_shutdown_all(tap_ms(TAP_PATIENCE_MS)), 0);
	for (int i = 0; i < 2; i++) {
		need_equal(WaitForSingleObject(ended[i], 0), WAIT_OBJECT_0);
		need_equal(status_of(tasks[i]).signum, PROCLC_SIGTERM);
		CloseHandle(begun[i]);
		CloseHandle(ended[i]);
	}
	free_all(tasks, 2);
}

static void
one_that_is_given_up_goes_on(void)
{
	struct order o = { .code = 0 };
	HANDLE begun = new_event(&o, "given up"), child;
	struct proclc_task *task = new_task(&sleep_long, &o, 0);

	need_event(begun);
	child = OpenProcess(SYNCHRONIZE | PROCESS_TERMINATE, FALSE,
	    (DWORD)proclc_task_pid(task));
	need(child != NULL);
	need_equal(proclc_task_detach(task), 0);
	need_equal(proclc_shutdown_all(0), 0);
	need_equal(WaitForSingleObject(child, 0), WAIT_TIMEOUT);
	TerminateProcess(child, 1);
	need_event(child);
	CloseHandle(child);
	CloseHandle(begun);
}

static void
a_child_is_told_its_own_task(void)
{
	struct order o = { .code = 0 };
	struct proclc_task *task = new_task(&knows_itself, &o, 0);

	need(proclc_task_self() == NULL);
	need_equal(end_of(task).code, 5);
	proclc_task_free(task);
}

static void
a_loop_can_wait_for_its_stop(void)
{
	struct order o = { .code = 0 };
	struct proclc_task *task = NULL;
	HANDLE begun = new_event(&o, "heeds"), ended = end_event(&o);

	need_equal(proclc_stop_requested(), 0);
	need_equal(proclc_stop_fd(), PROCLC_EINVAL);
	need_equal(proclc_loop_new(&task, &heeds, &o, sizeof(o), NULL), 0);
	need_event(begun);
	need_equal(proclc_task_shutdown(task, tap_ms(TAP_PATIENCE_MS), NULL),
	    0);
	need_equal(WaitForSingleObject(ended, 0), WAIT_OBJECT_0);
	proclc_task_free(task);
	CloseHandle(begun);
	CloseHandle(ended);
}

const struct tap_test tap_tests[] = {
	{ "the one that ends is told", the_one_that_ends_is_told },
	{ "a set may have more than the system waits for",
	    a_set_may_have_more_than_the_system_waits_for },
	{ "all can be shut down", all_can_be_shut_down },
	{ "one that is given up goes on", one_that_is_given_up_goes_on },
	{ "a child is told its own task", a_child_is_told_its_own_task },
	{ "a loop can wait for its stop", a_loop_can_wait_for_its_stop },
	{ NULL, NULL }
};

const struct tap_role tap_roles[] = {
	{ NULL, NULL }
};
