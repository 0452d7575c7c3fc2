/*
 * Waiting for any, or all, of several: also where the kernel gives no handle
 * on a process, for want of descriptors or altogether.
 */
#define _GNU_SOURCE 1

#include "kernel.h"
#include "tasks.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

enum { N = 5, MANY = 500 };

static struct proclc_task *tasks[MANY];

static void
start_tasks(int n)
{
	int i;

	for (i = 0; i < n; i++)
		tasks[i] = task_make(&task_waits, NULL, 0);
}

static void
end_tasks(int n)
{
	int i;

	for (i = 0; i < n; i++)
		if (tasks[i] != NULL)
			proclc_task_kill(tasks[i], SIGKILL);
	for (i = 0; i < n; i++)
		proclc_task_free(tasks[i]);
}

/* How the kernel gives handles: as it does, not at all, no more. */
enum { WAYS = 3 };

static struct rlimit descriptors;

static bool
use_way(int way)
{
	struct rlimit few;
	int next;

	getrlimit(RLIMIT_NOFILE, &descriptors);
	few = descriptors;
	if (way == 1 && !kernel_refuse_pidfds()) {
		toolkit_skip("what comes without pidfds");
		return false;
	}
	if (way == 2) {
		next = dup(0);
		close(next);
		few.rlim_cur = (rlim_t)next;
		ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
	}
	return true;
}

static void
end_way(void)
{
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &descriptors), 0);
}

START_TEST(wait_any_names_the_lowest_that_has_ended)
{
	start_tasks(N);
	if (!use_way(_i))
		return;
	ck_assert_int_eq(proclc_wait_any(tasks, N, PROCLC_NOW),
	    PROCLC_ETIMEDOUT);
	ck_assert_int_eq(proclc_task_kill(tasks[3], SIGKILL), 0);
	ck_assert_int_eq(proclc_wait_any(tasks, N, task_bound()), 3);
	task_expect(tasks[3], PROCLC_STATUS_KILLED, SIGKILL);
	ck_assert_int_eq(proclc_wait_any(tasks, N, PROCLC_FOREVER), 3);
	ck_assert_int_eq(proclc_wait_any(tasks, 3, PROCLC_NOW),
	    PROCLC_ETIMEDOUT);
	ck_assert_int_eq(proclc_task_kill(tasks[1], SIGKILL), 0);
	task_expect(tasks[1], PROCLC_STATUS_KILLED, SIGKILL);
	ck_assert_int_eq(proclc_wait_any(tasks, N, PROCLC_NOW), 1);
	end_way();
	end_tasks(N);
}
END_TEST

START_TEST(wait_any_takes_one_never_started_for_ended)
{
	start_tasks(2);
	tasks[2] = task_make(&task_exits, NULL, PROCLC_TASK_EXPLICIT_START);
	ck_assert_int_eq(proclc_wait_any(tasks, 3, PROCLC_FOREVER), 2);
	ck_assert_int_eq(proclc_wait_all(tasks + 2, 1, PROCLC_FOREVER), 0);
	ck_assert_int_eq(proclc_wait_all(tasks, 3, 20), PROCLC_ETIMEDOUT);
	end_tasks(3);
}
END_TEST

START_TEST(wait_set_times_out_when_it_should)
{
	static const int64_t times[] = { 0, PROCLC_NOW, 1, 60 };
	struct proclc_error_detail detail = { .size = sizeof(detail) };
	int64_t before;
	int i;

	start_tasks(N);
	if (!use_way(_i))
		return;
	for (i = 0; i < 4; i++) {
		before = clock_now_ms();
		ck_assert_int_eq(proclc_wait_any(tasks, N, times[i]),
		    PROCLC_ETIMEDOUT);
		ck_assert_int_ge(clock_now_ms() - before, times[i]);
		before = clock_now_ms();
		ck_assert_int_eq(proclc_wait_all(tasks, N, times[i]),
		    PROCLC_ETIMEDOUT);
		ck_assert_int_ge(clock_now_ms() - before, times[i]);
		ck_assert_int_lt(clock_now_ms() - before, times[i] +
		    (int64_t)(1000 * clock_multiplier()));
	}
	ck_assert_int_eq(proclc_error_detail(&detail), 0);
	ck_assert_int_eq(detail.pid, proclc_task_pid(tasks[0]));
	ck_assert_ptr_nonnull(strstr(proclc_errmsg(), "waits"));
	end_way();
	end_tasks(N);
}
END_TEST

struct waiter {
	pthread_t thread;
	int n, rc;
	bool all;
};

static void *
wait_in_thread(void *user)
{
	struct waiter *w = user;

	w->rc = (w->all ? proclc_wait_all : proclc_wait_any)(tasks,
	    (size_t)w->n, task_bound());
	return NULL;
}

START_TEST(wait_set_in_8_threads_is_told_to_all)
{
	struct waiter w[8];
	int i;

	start_tasks(N);
	if (!use_way(_i))
		return;
	for (i = 0; i < 8; i++) {
		w[i] = (struct waiter){ .n = N, .all = i % 2 == 1 };
		ck_assert_int_eq(pthread_create(&w[i].thread, NULL,
		    wait_in_thread, &w[i]), 0);
	}
	ck_assert_int_eq(proclc_task_kill(tasks[4], SIGKILL), 0);
	for (i = 0; i < 8; i += 2) {
		pthread_join(w[i].thread, NULL);
		ck_assert_int_eq(w[i].rc, 4);
	}
	task_let_go(N - 1);
	for (i = 1; i < 8; i += 2) {
		pthread_join(w[i].thread, NULL);
		ck_assert_int_eq(w[i].rc, 0);
	}
	end_way();
	end_tasks(N);
}
END_TEST

/* Somebody else takes it while it is waited for. */
START_TEST(wait_any_sees_one_that_a_thief_has_taken)
{
	struct waiter w = { .n = N };
	pid_t pid;

	start_tasks(N);
	if (!use_way(_i))
		return;
	pid = (pid_t)proclc_task_pid(tasks[2]);
	pthread_create(&w.thread, NULL, wait_in_thread, &w);
	ck_assert_int_eq(kill(pid, SIGKILL), 0);
	waitpid(pid, NULL, 0);
	pthread_join(w.thread, NULL);
	ck_assert_int_eq(w.rc, 2);
	end_way();
	end_tasks(N);
}
END_TEST

START_TEST(wait_set_of_500)
{
	int n = settle_under_asan() ? 100 : MANY;
	int i;

	start_tasks(n);
	ck_assert_int_eq(proclc_wait_any(tasks, (size_t)n, PROCLC_NOW),
	    PROCLC_ETIMEDOUT);
	task_let_go(1);
	i = proclc_wait_any(tasks, (size_t)n, task_bound());
	ck_assert_int_ge(i, 0);
	ck_assert_int_lt(i, n);
	ck_assert_int_eq(task_kind(tasks[i]), PROCLC_STATUS_EXITED);
	ck_assert_int_eq(proclc_wait_all(tasks, (size_t)n, 20),
	    PROCLC_ETIMEDOUT);
	task_let_go(n - 1);
	ck_assert_int_eq(proclc_wait_all(tasks, (size_t)n, task_bound()), 0);
	for (i = 0; i < n; i++) {
		ck_assert_int_eq(task_kind(tasks[i]), PROCLC_STATUS_EXITED);
		proclc_task_free(tasks[i]);
	}
}
END_TEST

START_TEST(wait_set_refuses_what_is_none)
{
	struct proclc_task *none[2] = { NULL, NULL };
	int status;
	pid_t pid;

	start_tasks(1);
	none[0] = tasks[0];
	ck_assert_int_eq(proclc_wait_any(tasks, 0, 0), PROCLC_EINVAL);
	ck_assert_int_eq(proclc_wait_any(NULL, 1, 0), PROCLC_EINVAL);
	ck_assert_int_eq(proclc_wait_any(none, 2, 0), PROCLC_EINVAL);
	ck_assert_int_eq(proclc_wait_any(tasks, 1, -7), PROCLC_EINVAL);
	ck_assert_int_eq(proclc_wait_all(tasks, 0, 0), 0);
	ck_assert_int_eq(proclc_wait_all(NULL, 0, 0), 0);
	ck_assert_int_eq(proclc_wait_all(NULL, 1, 0), PROCLC_EINVAL);
	ck_assert_int_eq(proclc_wait_all(none, 2, 0), PROCLC_EINVAL);
	ck_assert_int_eq(proclc_wait_all(tasks, 1, -7), PROCLC_EINVAL);
	pid = fork();
	if (pid == 0)
		_exit(proclc_wait_any(tasks, 1, 0) == PROCLC_ENOTOWNER &&
		    proclc_wait_all(tasks, 1, 0) == PROCLC_ENOTOWNER ? 7 : 1);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 7 << 8);
	end_tasks(1);
}
END_TEST

static void
free_it(struct proclc_task *task, const struct proclc_status *status,
    void *user)
{
	(void)status;
	letter_put('a');
	proclc_task_free(task);
	letter_put(*(char *)user);
}

/* The call goes on with the set, and the callback does not wait for it. */
START_TEST(wait_set_keeps_one_that_its_callback_frees)
{
	struct waiter w = { .n = 2, .all = true };
	int i;

	letters_expect_library();
	for (i = 0; i < 2; i++) {
		tasks[i] = task_make(&task_waits, NULL, 0);
		ck_assert_int_eq(proclc_task_on_exit(tasks[i], free_it,
		    letter_name('f')), 0);
	}
	pthread_create(&w.thread, NULL, wait_in_thread, &w);
	settle();
	task_let_go(1);
	ck_assert_int_eq(letter_get(0), 'a');
	ck_assert_int_eq(letter_get(0), 'f');
	ck_assert_int_eq(letter_get(50), 0);
	task_let_go(1);
	pthread_join(w.thread, NULL);
	ck_assert_int_eq(w.rc, 0);
	letters_expect("af");
}
END_TEST

START_TEST(child_has_no_handle_of_those_waited_for_beside)
{
	struct waiter w = { .n = 20, .all = _i == 1 };
	int alone, beside;

	start_tasks(20);
	alone = task_code_of(task_count_fds, 0);
	pthread_create(&w.thread, NULL, wait_in_thread, &w);
	settle();
	beside = task_code_of(task_count_fds, 0);
	task_let_go(20);
	pthread_join(w.thread, NULL);
	ck_assert_int_eq(beside, alone);
	end_tasks(20);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("waitset");
	TCase *tcase = tcase_create("waitset");

	tcase_add_checked_fixture(tcase, task_setup, toolkit_teardown);
	tcase_add_loop_test(tcase, wait_any_names_the_lowest_that_has_ended,
	    0, WAYS);
	tcase_add_test(tcase, wait_any_takes_one_never_started_for_ended);
	tcase_add_loop_test(tcase, wait_set_times_out_when_it_should, 0,
	    WAYS);
	tcase_add_loop_test(tcase, wait_set_in_8_threads_is_told_to_all, 0,
	    WAYS);
	tcase_add_loop_test(tcase, wait_any_sees_one_that_a_thief_has_taken,
	    0, WAYS);
	tcase_add_test(tcase, wait_set_of_500);
	tcase_add_test(tcase, wait_set_refuses_what_is_none);
	tcase_add_test(tcase, wait_set_keeps_one_that_its_callback_frees);
	tcase_add_loop_test(tcase,
	    child_has_no_handle_of_those_waited_for_beside, 0, 2);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
