/*
 * Being told of a task's end: by the library's thread, or in MANUAL mode.
 */
#define _GNU_SOURCE 1

#include "tasks.h"

#include <proclc/dispatch.h>

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>

enum { MODES = 2 };     /* THREAD, MANUAL */

static bool manual;
static pthread_t called_in;
static struct proclc_status told;

/* _i of a test is the mode; false: not to be had here. */
static bool
use_mode(int mode)
{
	manual = mode == 1;
	if (manual && skip_without("ready", "epoll"))
		return false;
	if (manual)
		ck_assert_int_eq(proclc_set_dispatch_mode(
		    PROCLC_DISPATCH_MANUAL), 0);
	letters_expect_library();
	return true;
}

/* The next letter that a callback says; 0: none in ms. */
static int
next_letter(int ms)
{
	int64_t deadline = clock_deadline(ms);

	while (manual && !fd_readable_within(letters[0], 1) &&
	    clock_left_ms(deadline) > 0)
		ck_assert_int_eq(proclc_dispatch(10), 0);
	return letter_get(clock_left_ms(deadline) + 1);
}

static void
say_end(struct proclc_task *task, const struct proclc_status *status,
    void *user)
{
	(void)task;
	called_in = pthread_self();
	told = *status;
	letter_put(*(char *)user);
}

static void
say_end_and_free(struct proclc_task *task,
    const struct proclc_status *status, void *user)
{
	say_end(task, status, user);
	proclc_task_free(task);
	letter_put('f');
}

static void
listen_to(struct proclc_task *task, char letter)
{
	ck_assert_int_eq(proclc_task_on_exit(task, say_end,
	    letter_name(letter)), 0);
}

START_TEST(on_exit_before_the_end_is_called_at_the_end)
{
	struct proclc_task *task;

	if (!use_mode(_i))
		return;
	task = task_start(&task_waits, NULL);
	listen_to(task, 'a');
	ck_assert_int_eq(next_letter(30), 0);
	ck_assert_int_eq(proclc_task_kill(task, SIGUSR1), 0);
	ck_assert_int_eq(next_letter(0), 'a');
	ck_assert_uint_eq(told.size, sizeof(told));
	ck_assert_int_eq(told.kind, PROCLC_STATUS_KILLED);
	ck_assert_int_eq(told.signum, SIGUSR1);
	ck_assert_int_eq(pthread_equal(called_in, pthread_self()) != 0,
	    manual);
	ck_assert_int_eq(next_letter(30), 0);
	proclc_task_free(task);
}
END_TEST

START_TEST(on_exit_after_the_end_is_called_soon)
{
	struct proclc_task *task;
	int code = 9;

	if (!use_mode(_i))
		return;
	task = task_start(&task_exits, &code);
	task_expect(task, PROCLC_STATUS_EXITED, 9);
	listen_to(task, 'a');
	ck_assert_int_eq(next_letter(0), 'a');
	ck_assert_int_eq(told.code, 9);
	ck_assert_int_eq(next_letter(30), 0);
	proclc_task_free(task);
}
END_TEST

START_TEST(on_exit_before_the_start_is_called_at_the_end)
{
	struct proclc_task *task;

	if (!use_mode(_i))
		return;
	task = task_make(&task_waits, NULL, PROCLC_TASK_EXPLICIT_START);
	listen_to(task, 'a');
	ck_assert_int_eq(next_letter(30), 0);
	ck_assert_int_eq(proclc_task_start(task), 0);
	ck_assert_int_eq(next_letter(30), 0);
	task_let_go(1);
	ck_assert_int_eq(next_letter(0), 'a');
	ck_assert_int_eq(told.kind, PROCLC_STATUS_EXITED);
	proclc_task_free(task);
}
END_TEST

START_TEST(on_exit_replaced_or_taken_back_is_not_called)
{
	struct proclc_task *task, *other;

	if (!use_mode(_i))
		return;
	task = task_start(&task_waits, NULL);
	other = task_start(&task_waits, NULL);
	listen_to(task, 'a');
	listen_to(task, 'b');
	listen_to(other, 'o');
	ck_assert_int_eq(proclc_task_on_exit(other, NULL, NULL), 0);
	task_let_go(2);
	ck_assert_int_eq(next_letter(0), 'b');
	task_expect(other, PROCLC_STATUS_EXITED, 0);
	ck_assert_int_eq(next_letter(30), 0);
	proclc_task_free(task);
	proclc_task_free(other);
	ck_assert_int_eq(next_letter(30), 0);
}
END_TEST

START_TEST(on_exit_may_free_the_task)
{
	struct proclc_task *task;

	if (!use_mode(_i))
		return;
	task = task_start(&task_waits, NULL);
	ck_assert_int_eq(proclc_task_on_exit(task, say_end_and_free,
	    letter_name('a')), 0);
	task_let_go(1);
	ck_assert_int_eq(next_letter(0), 'a');
	ck_assert_int_eq(next_letter(0), 'f');
	ck_assert_int_eq(next_letter(30), 0);
	ck_assert_int_eq(proclc_shutdown_all(0), 0);
}
END_TEST

static void
start_again(struct proclc_task *task, const struct proclc_status *status,
    void *user)
{
	static int rounds;
	struct proclc_task *next;

	say_end_and_free(task, status, user);
	if (++rounds > 3)
		return;
	if (proclc_task_new(&next, &task_exits, NULL, 0, NULL) < 0 ||
	    proclc_task_on_exit(next, start_again, user) < 0)
		letter_put('!');
}

/* What keeps a service alive. */
START_TEST(on_exit_may_start_the_next_task)
{
	const char *expected = "afafafaf";
	struct proclc_task *task;

	if (!use_mode(_i))
		return;
	task = task_start(&task_exits, NULL);
	ck_assert_int_eq(proclc_task_on_exit(task, start_again,
	    letter_name('a')), 0);
	for (; *expected != '\0'; expected++)
		ck_assert_int_eq(next_letter(0), *expected);
	ck_assert_int_eq(next_letter(30), 0);
}
END_TEST

static void
shut_down_other(struct proclc_task *task, const struct proclc_status *status,
    void *other)
{
	(void)task;
	(void)status;
	letter_put(proclc_task_shutdown(other, 0, NULL) == 0 ? 's' : '!');
}

START_TEST(on_exit_may_shut_down_another)
{
	struct proclc_task *task, *other;

	if (!use_mode(_i))
		return;
	task = task_start(&task_exits, NULL);
	other = task_start(&task_waits, NULL);
	ck_assert_int_eq(proclc_task_on_exit(task, shut_down_other, other),
	    0);
	ck_assert_int_eq(next_letter(0), 's');
	task_expect(other, PROCLC_STATUS_KILLED, SIGTERM);
	proclc_task_free(task);
	proclc_task_free(other);
}
END_TEST

START_TEST(on_exit_of_many_is_called_once_for_each)
{
	enum { N = 100 };
	struct proclc_task *tasks[N];
	int i;

	if (!use_mode(_i))
		return;
	for (i = 0; i < N; i++) {
		tasks[i] = task_make(&task_waits, NULL, 0);
		listen_to(tasks[i], 'a');
	}
	task_let_go(N);
	for (i = 0; i < N; i++)
		ck_assert_int_eq(next_letter(0), 'a');
	ck_assert_int_eq(next_letter(30), 0);
	for (i = 0; i < N; i++)
		proclc_task_free(tasks[i]);
}
END_TEST

static void *
start_in_thread(void *task)
{
	ck_assert_int_eq(proclc_task_start(task), 0);
	return NULL;
}

/* Asked for while another thread starts it. */
START_TEST(on_exit_beside_the_start_is_called_once)
{
	struct proclc_task *task;
	pthread_t thread;
	int i;

	use_mode(0);
	for (i = 0; i < 300; i++) {
		task = task_make(&task_exits, NULL,
		    PROCLC_TASK_EXPLICIT_START);
		pthread_create(&thread, NULL, start_in_thread, task);
		while (proclc_task_pid(task) == 0 && i % 2 == 0 &&
		    task_kind(task) == PROCLC_STATUS_NEW)
			continue;
		listen_to(task, 'a');
		pthread_join(thread, NULL);
		ck_assert_int_eq(next_letter(0), 'a');
		task_expect(task, PROCLC_STATUS_EXITED, 0);
		ck_assert_int_eq(next_letter(1), 0);
		proclc_task_free(task);
	}
}
END_TEST

static atomic_bool through;

static void
take_long(struct proclc_task *task, const struct proclc_status *status,
    void *user)
{
	(void)task;
	(void)status;
	letter_put(*(char *)user);
	task_wait_at_gate(NULL);
	atomic_store(&through, true);
}

static void *
let_go_on(void *main_thread)
{
	int64_t deadline = clock_deadline(2000);

	while (process_state(*(pid_t *)main_thread) == 'R' &&
	    clock_left_ms(deadline) > 0)
		poll(NULL, 0, 1);
	task_let_go(1);
	return NULL;
}

/* By taking it back, or by freeing the task. */
START_TEST(on_exit_taken_back_waits_for_the_running_one)
{
	struct proclc_task *task;
	pid_t self = getpid();
	pthread_t thread;

	use_mode(0);
	task = task_start(&task_exits, NULL);
	ck_assert_int_eq(proclc_task_on_exit(task, take_long,
	    letter_name('a')), 0);
	ck_assert_int_eq(next_letter(0), 'a');
	pthread_create(&thread, NULL, let_go_on, &self);
	if (_i == 0)
		ck_assert_int_eq(proclc_task_on_exit(task, NULL, NULL), 0);
	else
		proclc_task_free(task);
	ck_assert(atomic_load(&through));
	pthread_join(thread, NULL);
	if (_i == 0)
		proclc_task_free(task);
}
END_TEST

/* pthread_exit ends a callback, not what goes on around it. */
static void
leave_thread(struct proclc_task *task, const struct proclc_status *status,
    void *user)
{
	(void)task;
	(void)status;
	letter_put(*(char *)user);
	pthread_exit(NULL);
}

START_TEST(on_exit_that_fails_is_over_and_others_are_called)
{
	struct proclc_task *task, *other;

	use_mode(0);
	task = task_start(&task_exits, NULL);
	ck_assert_int_eq(proclc_task_on_exit(task, leave_thread,
	    letter_name('a')), 0);
	ck_assert_int_eq(next_letter(0), 'a');
	other = task_start(&task_exits, NULL);
	listen_to(other, 'b');
	ck_assert_int_eq(next_letter(0), 'b');
	ck_assert_int_eq(next_letter(30), 0);
	proclc_task_free(task);
	proclc_task_free(other);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("on_exit");
	TCase *tcase = tcase_create("on_exit");

	tcase_add_checked_fixture(tcase, task_setup, toolkit_teardown);
	tcase_add_loop_test(tcase,
	    on_exit_before_the_end_is_called_at_the_end, 0, MODES);
	tcase_add_loop_test(tcase, on_exit_after_the_end_is_called_soon, 0,
	    MODES);
	tcase_add_loop_test(tcase,
	    on_exit_before_the_start_is_called_at_the_end, 0, MODES);
	tcase_add_loop_test(tcase,
	    on_exit_replaced_or_taken_back_is_not_called, 0, MODES);
	tcase_add_loop_test(tcase, on_exit_may_free_the_task, 0, MODES);
	tcase_add_loop_test(tcase, on_exit_may_start_the_next_task, 0, MODES);
	tcase_add_loop_test(tcase, on_exit_may_shut_down_another, 0, MODES);
	tcase_add_loop_test(tcase, on_exit_of_many_is_called_once_for_each, 0,
	    MODES);
	tcase_add_test(tcase, on_exit_beside_the_start_is_called_once);
	tcase_add_loop_test(tcase,
	    on_exit_taken_back_waits_for_the_running_one, 0, 2);
	tcase_add_test(tcase,
	    on_exit_that_fails_is_over_and_others_are_called);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
