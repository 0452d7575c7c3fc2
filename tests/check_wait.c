/*
 * The end of a child: waited for, asked about, told, signalled before and
 * after; and taken away by somebody else.
 */
#define _GNU_SOURCE 1

#include "backend.h"
#include "kernel.h"
#include "tasks.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

START_TEST(wait_may_be_repeated)
{
	struct proclc_task *task = task_start(&task_waits, NULL);
	struct proclc_status status = PROCLC_STATUS_INIT;
	int i;

	task_let_go(1);
	for (i = 0; i < 3; i++)
		task_expect(task, PROCLC_STATUS_EXITED, 0);
	ck_assert_int_eq(proclc_task_shutdown(task, 0, &status), 0);
	ck_assert_int_eq(status.kind, PROCLC_STATUS_EXITED);
	ck_assert_int_eq(proclc_task_shutdown(task, 0, NULL), 0);
	task_expect(task, PROCLC_STATUS_EXITED, 0);
	proclc_task_free(task);
}
END_TEST

START_TEST(wait_for_a_live_one_times_out)
{
	static const int64_t times[] = { 0, PROCLC_NOW, 1, 60 };
	struct proclc_task *task = task_start(&task_waits, NULL);
	struct proclc_status status = PROCLC_STATUS_INIT;
	int64_t before = clock_now_ms();
	struct proclc_error_detail detail = { .size = sizeof(detail) };

	ck_assert_int_eq(proclc_task_wait(task, times[_i], &status),
	    PROCLC_ETIMEDOUT);
	ck_assert_int_ge(clock_now_ms() - before, times[_i]);
	ck_assert_int_eq(status.kind, 0);
	ck_assert_int_eq(proclc_error_detail(&detail), 0);
	ck_assert_int_eq(detail.pid, proclc_task_pid(task));
	ck_assert_int_eq(task_kind(task), PROCLC_STATUS_RUNNING);
	proclc_task_free(task);
}
END_TEST

struct waiter {
	pthread_t thread;
	struct proclc_task *task;
	int rc;
	struct proclc_status status;
};

static void *
wait_in_thread(void *user)
{
	struct waiter *w = user;

	w->status.size = sizeof(w->status);
	w->rc = proclc_task_wait(w->task, task_bound(), &w->status);
	return NULL;
}

START_TEST(wait_in_8_threads_gives_all_the_same_status)
{
	int code = 77, i;
	struct waiter waiters[8];
	struct proclc_task *task = task_start(&task_waits, NULL);

	(void)code;
	memset(waiters, 0, sizeof(waiters));
	for (i = 0; i < 8; i++) {
		waiters[i].task = task;
		ck_assert_int_eq(pthread_create(&waiters[i].thread, NULL,
		    wait_in_thread, &waiters[i]), 0);
	}
	ck_assert_int_eq(proclc_task_kill(task, SIGUSR1), 0);
	for (i = 0; i < 8; i++) {
		pthread_join(waiters[i].thread, NULL);
		ck_assert_int_eq(waiters[i].rc, 0);
		ck_assert_int_eq(waiters[i].status.kind,
		    PROCLC_STATUS_KILLED);
		ck_assert_int_eq(waiters[i].status.signum, SIGUSR1);
		ck_assert_mem_eq(&waiters[i].status, &waiters[0].status,
		    sizeof(waiters[0].status));
	}
	proclc_task_free(task);
}
END_TEST

/* A program of an older version knows less of it. */
START_TEST(wait_fills_no_more_than_the_status_has)
{
	struct proclc_task *task;
	struct proclc_status status;
	int code = 3;

	memset(&status, 0x55, sizeof(status));
	status.size = offsetof(struct proclc_status, signum);
	task = task_start(&task_exits, &code);
	ck_assert_int_eq(proclc_task_wait(task, task_bound(), &status), 0);
	ck_assert_uint_eq(status.size, offsetof(struct proclc_status,
	    signum));
	ck_assert_int_eq(status.kind, PROCLC_STATUS_EXITED);
	ck_assert_int_eq(status.code, 3);
	ck_assert_int_eq(status.signum, 0x55555555);
	proclc_task_free(task);
}
END_TEST

static int
burn(void *unused)
{
	struct timespec now;

	(void)unused;
	do
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	while (now.tv_nsec < 50000000);
	return 0;
}

static const struct proclc_task_ops burning = {
	.size = sizeof(burning), .name = "burning", .run = burn,
};

START_TEST(wait_tells_what_the_child_has_used)
{
	struct proclc_task *task = task_start(&burning, NULL);
	struct proclc_status status = PROCLC_STATUS_INIT;

	ck_assert_int_eq(proclc_task_wait(task, task_bound(), &status), 0);
	ck_assert_int_ge(status.user_us + status.system_us, 40000);
	ck_assert_int_lt(status.user_us + status.system_us, 10000000);
	ck_assert_int_gt(status.max_rss_kb, 100);
	ck_assert_int_eq(status.core, 0);
	proclc_task_free(task);
}
END_TEST

/* Somebody else has taken it. */

/* What the kernel can still tell, given a handle from before the end. */
static int
kind_by_kernel(void)
{
	return backend_is("process", "pidfd") && kernel_keeps_status() ?
	    PROCLC_STATUS_EXITED : PROCLC_STATUS_UNKNOWN;
}

START_TEST(wait_with_SIGCHLD_ignored_tells_what_the_kernel_can)
{
	struct proclc_status status = PROCLC_STATUS_INIT;
	struct proclc_task *task, *ended;
	int kind = kind_by_kernel();

	ck_assert(signal(SIGCHLD, SIG_IGN) != SIG_ERR);
	/* It may be gone before anybody can have a handle. */
	ended = task_start(&task_exits, NULL);
	ck_assert_int_eq(proclc_task_wait(ended, task_bound(), &status), 0);
	ck_assert(status.kind == PROCLC_STATUS_UNKNOWN ||
	    status.kind == kind);
	task = task_start(&task_waits, NULL);
	ck_assert_int_eq(proclc_task_wait(task, 20, NULL), PROCLC_ETIMEDOUT);
	ck_assert_int_eq(task_kind(task), PROCLC_STATUS_RUNNING);
	task_let_go(1);
	task_expect(task, kind, 0);
	ck_assert_int_eq(proclc_task_kill(task, SIGTERM), PROCLC_ESRCH);
	/* The kernel takes it away a moment after it has said so. */
	while (process_state((pid_t)proclc_task_pid(task)) != 0)
		poll(NULL, 0, 1);
	proclc_task_free(task);
	proclc_task_free(ended);
	signal(SIGCHLD, SIG_DFL);
}
END_TEST

START_TEST(wait_after_a_thief_says_unknown)
{
	struct proclc_task *task = task_start(&task_exits, NULL);

	ck_assert_int_eq(waitpid(-1, NULL, 0), proclc_task_pid(task));
	task_expect(task, PROCLC_STATUS_UNKNOWN, 0);
	ck_assert_int_eq(proclc_task_shutdown(task, 0, NULL), 0);
	proclc_task_free(task);
}
END_TEST

static void *
steal(void *unused)
{
	while (waitpid(-1, NULL, 0) > 0)
		continue;
	return unused;
}

/* Both wait; either may get it. */
START_TEST(wait_beside_a_thief_does_not_hang)
{
	struct proclc_status status = PROCLC_STATUS_INIT;
	struct proclc_task *task;
	pthread_t thief;
	int i;

	for (i = 0; i < 50; i++) {
		task = task_start(&task_waits, NULL);
		pthread_create(&thief, NULL, steal, NULL);
		task_let_go(1);
		ck_assert_int_eq(proclc_task_wait(task, task_bound(),
		    &status), 0);
		pthread_join(thief, NULL);
		if (status.kind != PROCLC_STATUS_UNKNOWN)
			ck_assert_int_eq(status.kind, PROCLC_STATUS_EXITED);
		proclc_task_free(task);
	}
}
END_TEST

/* Signals. */

START_TEST(kill_reaches_a_live_one_and_no_ended_one)
{
	struct proclc_task *task = task_start(&task_waits, NULL);

	ck_assert_int_eq(proclc_task_kill(task, SIGHUP), 0);
	task_expect(task, PROCLC_STATUS_KILLED, SIGHUP);
	ck_assert_int_eq(proclc_task_kill(task, SIGHUP), PROCLC_ESRCH);
	proclc_task_free(task);
	task = task_start(&task_exits, NULL);
	process_wait_gone((pid_t)proclc_task_pid(task), 0);
	ck_assert_int_eq(proclc_task_kill(task, SIGHUP), PROCLC_ESRCH);
	proclc_task_free(task);
}
END_TEST

/* A grandchild with this pid, which waits at the gate: no child of ours.
 * false: this user may not choose pids. */
static bool
make_stranger(pid_t pid)
{
	pid_t between = fork();
	int status;

	if (between == 0) {
		if (!kernel_next_pid(pid))
			_exit(1);
		if (fork() == 0) {
			letter_put(getpid() == pid ? 's' : '?');
			_exit(task_wait_at_gate(NULL));
		}
		_exit(0);
	}
	ck_assert_int_eq(waitpid(between, &status, 0), between);
	if (status != 0)
		return false;
	ck_assert_int_eq(letter_get(0), 's');
	return true;
}

/* Waited for by us, or taken by a thief; then the pid is somebody else's. */
START_TEST(kill_spares_the_next_owner_of_the_pid)
{
	struct proclc_task *task;
	pid_t pid;

	if (!kernel_isolated()) {
		toolkit_skip("the next owner of a pid");
		return;
	}
	task = task_start(&task_exits, NULL);
	pid = (pid_t)proclc_task_pid(task);
	if (_i == 0)
		ck_assert_int_eq(proclc_task_wait(task, task_bound(), NULL),
		    0);
	else
		ck_assert_int_eq(waitpid(-1, NULL, 0), pid);
	if (!make_stranger(pid)) {
		toolkit_skip("the next owner of a pid: not this user's choice");
		proclc_task_free(task);
		return;
	}
	ck_assert_int_eq(proclc_task_kill(task, SIGKILL), PROCLC_ESRCH);
	ck_assert_int_eq(proclc_task_shutdown(task, PROCLC_NOW, NULL), 0);
	proclc_task_free(task);
	ck_assert(process_alive(pid));
	task_let_go(1);
	process_wait_gone(pid, 0);
}
END_TEST

START_TEST(many_tasks_leave_no_descriptor_and_no_zombie)
{
	int64_t deadline = clock_deadline(8000);
	struct proclc_task *task;
	int i;

	/* 2000, or as many as a busy machine allows. */
	for (i = 0; i < 2000 && clock_left_ms(deadline) > 0; i++) {
		task = task_make(&task_exits, NULL, 0);
		if (i % 2 == 0)
			ck_assert_int_eq(proclc_task_wait(task, task_bound(),
			    NULL), 0);
		proclc_task_free(task);
	}
	toolkit_unchanged();
}
END_TEST

/* Several hundred live ones cost no descriptor either. */
START_TEST(live_tasks_hold_no_descriptor)
{
	enum { N = 200 };
	struct proclc_task *tasks[N];
	int i;

	toolkit_mark();
	for (i = 0; i < N; i++)
		tasks[i] = task_make(&task_waits, NULL, 0);
	toolkit_expect(TOOLKIT_CHILDREN);
	toolkit_unchanged();
	task_let_go(N);
	for (i = 0; i < N; i++) {
		task_expect(tasks[i], PROCLC_STATUS_EXITED, 0);
		proclc_task_free(tasks[i]);
	}
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("wait");
	TCase *tcase = tcase_create("wait");

	tcase_add_checked_fixture(tcase, task_setup, toolkit_teardown);
	tcase_add_test(tcase, wait_may_be_repeated);
	tcase_add_loop_test(tcase, wait_for_a_live_one_times_out, 0, 4);
	tcase_add_test(tcase, wait_in_8_threads_gives_all_the_same_status);
	tcase_add_test(tcase, wait_fills_no_more_than_the_status_has);
	tcase_add_test(tcase, wait_tells_what_the_child_has_used);
	tcase_add_test(tcase,
	    wait_with_SIGCHLD_ignored_tells_what_the_kernel_can);
	tcase_add_test(tcase, wait_after_a_thief_says_unknown);
	tcase_add_test(tcase, wait_beside_a_thief_does_not_hang);
	tcase_add_test(tcase, kill_reaches_a_live_one_and_no_ended_one);
	tcase_add_loop_test(tcase, kill_spares_the_next_owner_of_the_pid, 0,
	    2);
	tcase_add_test(tcase, many_tasks_leave_no_descriptor_and_no_zombie);
	tcase_add_test(tcase, live_tasks_hold_no_descriptor);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
