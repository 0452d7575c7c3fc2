/*
 * A task given up: its object is gone, its child goes on, and nothing is left
 * of it when it ends.
 */
#define _GNU_SOURCE 1

#include "kernel.h"
#include "tasks.h"
#include "ways.h"

#include <proclc/dispatch.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

enum { MANY = 1000, LIVE = 200 };

static void
say_fini(void *unused)
{
	(void)unused;
	letter_put('F');
}

static const struct proclc_task_ops waiting = {
	.size = sizeof(waiting), .name = "waiting", .run = task_wait_at_gate,
	.fini = say_fini,
};

/* Not even a zombie is left. */
static void
expect_reaped(pid_t pid)
{
	int64_t deadline = clock_deadline(0);

	while (process_state(pid) != 0 && clock_left_ms(deadline) > 0) {
		if (manual)
			ck_assert_int_eq(proclc_dispatch(10), 0);
		else
			poll(NULL, 0, 1);
	}
	ck_assert_int_eq(process_state(pid), 0);
	ck_assert_int_eq(waitpid(pid, NULL, WNOHANG), -1);
}

START_TEST(detached_one_goes_on_and_is_reaped)
{
	struct proclc_task *task;
	pid_t pid;

	if (!use_way(_i))
		return;
	task = task_start(&waiting, NULL);
	pid = (pid_t)proclc_task_pid(task);
	ck_assert_int_eq(proclc_task_detach(task), 0);
	letters_expect("F");
	ck_assert_int_eq(proclc_shutdown_all(PROCLC_NOW), 0);
	if (manual)
		ck_assert_int_eq(proclc_dispatch(10), 0);
	ck_assert(process_alive(pid));
	task_let_go(1);
	expect_reaped(pid);
	letters_expect("");
}
END_TEST

static void
say_end(struct proclc_task *task, const struct proclc_status *status,
    void *user)
{
	(void)task;
	(void)status;
	letter_put(*(char *)user);
}

/* Neither its callback nor its descriptor goes on. */
START_TEST(detached_one_tells_nobody)
{
	struct proclc_task *task;
	int fd;
	pid_t pid;

	if (!use_way(_i))
		return;
	task = task_start(&waiting, NULL);
	pid = (pid_t)proclc_task_pid(task);
	ck_assert_int_eq(proclc_task_on_exit(task, say_end,
	    letter_name('a')), 0);
	fd = proclc_task_fd(task);
	ck_assert_int_ge(fd, 3);
	ck_assert_int_eq(proclc_task_detach(task), 0);
	task_let_go(1);
	expect_reaped(pid);
	letters_expect("F");
	/* It is closed with the object, a moment later. */
	while (fcntl(fd, F_GETFD) >= 0)
		poll(NULL, 0, 1);
}
END_TEST

START_TEST(detach_of_one_that_does_not_run_frees_it)
{
	struct proclc_task *task;

	if (!use_way(_i % WAYS))
		return;
	task = task_make(&waiting, NULL, PROCLC_TASK_EXPLICIT_START);
	if (_i >= WAYS) {
		ck_assert_int_eq(proclc_task_start(task), 0);
		task_let_go(1);
		task_expect(task, PROCLC_STATUS_EXITED, 0);
	}
	ck_assert_int_eq(proclc_task_detach(task), 0);
	letters_expect("F");
}
END_TEST

static void
detach_it(struct proclc_task *task, const struct proclc_status *status,
    void *user)
{
	(void)status;
	letter_put(proclc_task_detach(task) == 0 ? *(char *)user : '?');
}

START_TEST(detach_in_its_own_callback_frees_it)
{
	struct proclc_task *task;
	pid_t pid;

	if (!use_way(_i))
		return;
	task = task_start(&waiting, NULL);
	pid = (pid_t)proclc_task_pid(task);
	ck_assert_int_eq(proclc_task_on_exit(task, detach_it,
	    letter_name('d')), 0);
	task_let_go(1);
	expect_reaped(pid);
	letters_expect("Fd");
}
END_TEST

START_TEST(detach_is_for_the_owner)
{
	struct proclc_task *task = task_start(&waiting, NULL);
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(proclc_task_detach(task) == PROCLC_ENOTOWNER ? 7 : 1);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 7 << 8);
	ck_assert_int_eq(proclc_task_detach(NULL), PROCLC_EINVAL);
	ck_assert_int_eq(task_kind(task), PROCLC_STATUS_RUNNING);
	proclc_task_free(task);
	letters_expect("F");
}
END_TEST

static int
count_fds(void)
{
	int *list, n = os_fds(&list);

	if (n >= 0)
		free(list);
	return n;
}

/* They end while others are made, and many at once. */
START_TEST(detached_ones_leave_nothing)
{
	int n = settle_under_asan() ? MANY / 5 : MANY;
	int live = settle_under_asan() ? LIVE / 4 : LIVE;
	int64_t deadline;
	int i, before;

	if (!use_way(_i))
		return;
	/* What the library keeps it has from now on. */
	ck_assert_int_eq(proclc_task_detach(task_make(&task_exits, NULL, 0)),
	    0);
	while (waitid(P_ALL, 0, &(siginfo_t){ 0 }, WEXITED | WNOHANG |
	    WNOWAIT) == 0)
		if (manual)
			proclc_dispatch(10);
	settle();
	before = count_fds();
	for (i = 0; i < n; i++) {
		ck_assert_int_eq(proclc_task_detach(task_make(&task_exits,
		    NULL, 0)), 0);
		if (manual && i % 50 == 0)
			ck_assert_int_eq(proclc_dispatch(0), 0);
	}
	for (i = 0; i < live; i++)
		ck_assert_int_eq(proclc_task_detach(task_make(&task_waits,
		    NULL, 0)), 0);
	task_let_go(live);
	deadline = clock_deadline(0);
	while ((waitid(P_ALL, 0, &(siginfo_t){ 0 }, WEXITED | WNOHANG |
	    WNOWAIT) == 0 || count_fds() > before) &&
	    clock_left_ms(deadline) > 0)
		if (!manual)
			poll(NULL, 0, 1);
		else
			ck_assert_int_eq(proclc_dispatch(10), 0);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	ck_assert_int_eq(errno, ECHILD);
	ck_assert_int_eq(count_fds(), before);
}
END_TEST

/* A child of the program has no handle on them, and does nothing to them. */
START_TEST(detached_ones_are_not_a_forked_childs)
{
	struct proclc_task *task;
	int alone = count_fds(), status, i;
	pid_t pid, pids[10];

	letters_expect_library();
	for (i = 0; i < 10; i++) {
		task = task_start(&task_waits, NULL);
		pids[i] = (pid_t)proclc_task_pid(task);
		ck_assert_int_eq(proclc_task_detach(task), 0);
	}
	pid = fork();
	if (pid == 0)
		_exit(proclc_shutdown_all(PROCLC_NOW) == 0 &&
		    count_fds() <= alone ? 7 : 1);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 7 << 8);
	for (i = 0; i < 10; i++)
		ck_assert(process_alive(pids[i]));
	task_let_go(10);
	for (i = 0; i < 10; i++)
		expect_reaped(pids[i]);
}
END_TEST

/* Killed, it stays a zombie as long as somebody traces it. */
START_TEST(freed_one_that_is_held_is_reaped_when_released)
{
	struct proclc_task *task = task_start(&waiting, NULL);
	pid_t pid = (pid_t)proclc_task_pid(task), tracer = fork();
	int letter;

	if (tracer == 0) {
		letter_put(ptrace(PTRACE_SEIZE, pid, NULL, NULL) == 0 ? 'T' :
		    '-');
		_exit(task_wait_at_gate(NULL));
	}
	letters_expect_library();
	letter = letter_get(0);
	proclc_task_free(task);
	letters_expect("F");
	if (letter == 'T')
		ck_assert_int_eq(process_state(pid), 'Z');
	else
		toolkit_skip("a traced task: it may not be");
	ck_assert_int_eq(kill(tracer, SIGKILL), 0);
	ck_assert_int_eq(waitpid(tracer, NULL, 0), tracer);
	expect_reaped(pid);
}
END_TEST

static void *
shut_all_down(void *rc)
{
	*(int *)rc = proclc_shutdown_all(task_bound());
	return NULL;
}

/* While it waits for one that is given up meanwhile, as another was before. */
START_TEST(shutdown_does_not_wait_for_those_given_up_before)
{
	struct proclc_task *before, *meanwhile;
	pid_t pids[2];
	pthread_t thread;
	int64_t start = clock_now_ms();
	int rc = 1;

	/* Nobody dispatches: the shutdown sees the end first. */
	if (!use_way(1))
		return;
	before = task_start(&waiting, NULL);
	pids[0] = (pid_t)proclc_task_pid(before);
	ck_assert_int_eq(proclc_task_detach(before), 0);
	meanwhile = task_make(&task_stubborn, NULL, 0);
	pids[1] = (pid_t)proclc_task_pid(meanwhile);
	letters_expect("Fr");
	pthread_create(&thread, NULL, shut_all_down, &rc);
	settle();
	ck_assert_int_eq(proclc_task_detach(meanwhile), 0);
	ck_assert_int_eq(kill(pids[1], SIGKILL), 0);
	pthread_join(thread, NULL);
	ck_assert_int_eq(rc, 0);
	ck_assert_int_lt(clock_now_ms() - start, task_bound());
	ck_assert(process_alive(pids[0]));
	task_let_go(1);
	expect_reaped(pids[0]);
	expect_reaped(pids[1]);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("detach");
	TCase *tcase = tcase_create("detach");

	tcase_add_checked_fixture(tcase, task_setup, toolkit_teardown);
	tcase_add_loop_test(tcase, detached_one_goes_on_and_is_reaped, 0,
	    WAYS);
	tcase_add_loop_test(tcase, detached_one_tells_nobody, 0, WAYS);
	tcase_add_loop_test(tcase, detach_of_one_that_does_not_run_frees_it,
	    0, 2 * WAYS);
	tcase_add_loop_test(tcase, detach_in_its_own_callback_frees_it, 0,
	    WAYS);
	tcase_add_test(tcase, detach_is_for_the_owner);
	tcase_add_loop_test(tcase, detached_ones_leave_nothing, 0, WAYS);
	tcase_add_test(tcase, detached_ones_are_not_a_forked_childs);
	tcase_add_test(tcase,
	    shutdown_does_not_wait_for_those_given_up_before);
	tcase_add_test(tcase, freed_one_that_is_held_is_reaped_when_released);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
