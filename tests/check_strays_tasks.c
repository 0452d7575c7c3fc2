/*
 * Strays are reaped beside tasks: none of these loses its status, and none
 * hides a stray.
 */
#define _GNU_SOURCE 1

#include "settle.h"
#include "strays.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

enum { THREADS = 8 };

/* Each thread: tasks with many codes, one after the other and at once. */
static void *
run_tasks(void *failed)
{
	enum { N = 4 };
	/* With sanitizers a child takes long. */
	const int rounds = clock_multiplier() > 1 ? 2 : 12;
	struct proclc_status status = PROCLC_STATUS_INIT;
	struct spawn_self self[N];
	struct proclc_task *tasks[N];
	int i, k;

	for (i = 0; i < rounds; i++) {
		for (k = 0; k < N; k++) {
			self[k] = spawn_self(0);
			self[k].code = (unsigned char)(i * N + k + 1);
			tasks[k] = spawn_new(&spawn_exits, &self[k],
			    sizeof(self[k]), 0, k == 3 ? PROCLC_START_SPAWN :
			    PROCLC_START_FORK);
			if (proclc_task_start(tasks[k]) != 0)
				++*(int *)failed;
		}
		for (k = 0; k < N; k++) {
			if (proclc_task_wait(tasks[k], task_bound(),
			    &status) != 0 ||
			    status.kind != PROCLC_STATUS_EXITED ||
			    status.code != self[k].code)
				++*(int *)failed;
			proclc_task_free(tasks[k]);
		}
	}
	return NULL;
}

static atomic_bool enough;

static void *
rain_orphans(void *unused)
{
	(void)unused;
	while (!atomic_load(&enough)) {
		strays_make(5, false);
		poll(NULL, 0, 1);
	}
	return NULL;
}

static int
reap_beside_tasks(void)
{
	pthread_t threads[THREADS], rain;
	int failed[THREADS] = { 0 }, i, all = 0;

	if (proclc_reap_strays() != 0)
		return 200;
	pthread_create(&rain, NULL, rain_orphans, NULL);
	for (i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, run_tasks, &failed[i]);
	for (i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		all += failed[i];
	}
	atomic_store(&enough, true);
	pthread_join(rain, NULL);
	return !strays_all_gone() ? 201 : all;
}

START_TEST(tasks_of_8_threads_keep_their_statuses)
{
	int rc;

	if (skip_crowd() || (_i == 0 && skip_subreaper()))
		return;
	rc = _i == 0 ? reap_beside_tasks() :
	    strays_run_first(reap_beside_tasks);
	if (rc < 0)
		toolkit_skip("a pid namespace: %s", strerror(errno));
	ck_assert_int_le(rc, 0);
}
END_TEST

/* The child that ends at once, before its parent knows its pid: its fork
 * handler in the parent waits for that. */
static bool held_back;

static void
hold_back(void)
{
	siginfo_t info = { .si_pid = 0 };

	if (!held_back)
		return;
	held_back = false;
	/* It is there to be reaped, and the dispatcher has been told. */
	ck_assert_int_eq(waitid(P_ALL, 0, &info, WEXITED | WNOWAIT), 0);
	ck_assert(!fd_readable_within(letters[0], 150));
}

START_TEST(status_is_kept_when_the_child_ends_before_it_is_known)
{
	int code = 42, i;
	struct proclc_task *task;

	if (skip_subreaper())
		return;
	ck_assert_int_eq(proclc_reap_strays(), 0);
	ck_assert_int_eq(pthread_atfork(NULL, hold_back, NULL), 0);
	for (i = 0; i < 3; i++) {
		held_back = true;
		task = task_make(&task_exits, &code, 0);
		ck_assert(!held_back);
		task_expect(task, PROCLC_STATUS_EXITED, 42);
		proclc_task_free(task);
	}
}
END_TEST

/* A leader that has ended and is not to be reaped yet comes first in the
 * system's list; those behind it are reaped all the same. */
static int
lead(void *unused)
{
	(void)unused;
	if (fork() == 0) {
		signal(SIGTERM, SIG_IGN);
		letter_put('d');
		for (;;)
			pause();
	}
	return task_wait_at_gate(NULL);
}

static void *
shut_down_slowly(void *task)
{
	proclc_task_shutdown(task, PROCLC_FOREVER, NULL);
	return NULL;
}

static const struct proclc_task_ops leading = {
	.size = sizeof(leading), .name = "leader", .run = lead,
};

/* Dead ones that are not reaped, too. */
static int
count_children(void)
{
	struct os_process *list;
	int i, n = os_processes(&list), children = 0;

	for (i = 0; i < n; i++)
		children += list[i].ppid == getpid();
	free(list);
	return children;
}

/* The orphans are ours before their parent can be reaped. */
static void
await_children(int n)
{
	int64_t due = clock_deadline(0);

	while (count_children() != n && clock_now_ms() < due)
		poll(NULL, 0, 1);
	ck_assert_int_eq(count_children(), n);
}

START_TEST(strays_behind_a_leader_that_stays_are_reaped)
{
	struct proclc_task *task;
	pthread_t thread;

	if (skip_subreaper() || skip_without("group", "proc"))
		return;
	ck_assert_int_eq(proclc_reap_strays(), 0);
	task = task_make(&leading, NULL, PROCLC_TASK_GROUP |
	    PROCLC_TASK_WAIT_FOR_CHILD);
	ck_assert_int_eq(letter_get(0), 'd');
	pthread_create(&thread, NULL, shut_down_slowly, task);
	process_wait_gone((pid_t)proclc_task_pid(task), 0);
	strays_make(50, false);
	await_children(2);
	strays_make(50, true);
	task_let_go(50);
	await_children(2);
	ck_assert_int_eq(proclc_task_kill(task, SIGKILL), 0);
	pthread_join(thread, NULL);
	task_expect(task, PROCLC_STATUS_KILLED, SIGTERM);
	proclc_task_free(task);
	ck_assert(strays_all_gone());
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("strays and tasks");
	TCase *tcase = tcase_create("tasks");

	tcase_add_checked_fixture(tcase, strays_setup, toolkit_teardown);
	tcase_add_loop_test(tcase, tasks_of_8_threads_keep_their_statuses, 0,
	    2);
	tcase_add_test(tcase,
	    status_is_kept_when_the_child_ends_before_it_is_known);
	tcase_add_test(tcase, strays_behind_a_leader_that_stays_are_reaped);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(int argc, char **argv)
{
	return spawn_main(argc, argv, make_suite);
}
