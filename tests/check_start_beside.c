/*
 * Sets of tasks started beside others: starts, shutdowns, foreign forks, and
 * programs that look at what a child has got.
 */
#define _GNU_SOURCE 1

#include "kernel.h"
#include "spawns.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/wait.h>

enum { N = 6 };

/* Tasks that wait and loops, by turns; spawned ones, too. */
static void
make_tasks(struct proclc_task **tasks, const struct spawn_self *self)
{
	int i;

	for (i = 0; i < N; i++)
		tasks[i] = spawn_new(i % 2 == 0 ? (const void *)&spawn_waits :
		    &spawn_loop, self, sizeof(*self),
		    i < N / 2 ? PROCLC_TASK_WAIT_FOR_CHILD :
		    PROCLC_TASK_NO_WAIT_FOR_CHILD, i % 3 == 0 ?
		    PROCLC_START_SPAWN : PROCLC_START_FORK);
}

static atomic_bool enough;

static void *
fork_foreign(void *unused)
{
	pid_t pid;

	while (!atomic_load(&enough)) {
		pid = kernel_raw_fork();
		if (pid == 0)
			_exit(0);
		waitpid(pid, NULL, 0);
	}
	return unused;
}

struct starter {
	pthread_t thread;
	int rc;
};

static void *
start_sets(void *user)
{
	struct starter *s = user;
	struct proclc_task *set[4];
	int round, i;

	for (round = 0; round < 10 && s->rc == 0; round++) {
		for (i = 0; i < 4; i++)
			set[i] = task_make(i % 2 == 0 ? &task_exits :
			    &task_waits, NULL, PROCLC_TASK_EXPLICIT_START |
			    PROCLC_TASK_WAIT_FOR_CHILD);
		s->rc = proclc_start_all(set, 4);
		if (s->rc == 0)
			s->rc = proclc_shutdown_set(set, 4, 0);
		for (i = 0; i < 4; i++)
			proclc_task_free(set[i]);
	}
	return NULL;
}

START_TEST(start_all_in_4_threads_beside_foreign_forks)
{
	struct starter starters[4];
	pthread_t forker;
	int i;

	if (skip_crowd())
		return;
	memset(starters, 0, sizeof(starters));
	pthread_create(&forker, NULL, fork_foreign, NULL);
	for (i = 0; i < 4; i++)
		pthread_create(&starters[i].thread, NULL, start_sets,
		    &starters[i]);
	for (i = 0; i < 4; i++) {
		pthread_join(starters[i].thread, NULL);
		ck_assert_int_eq(starters[i].rc, 0);
	}
	atomic_store(&enough, true);
	pthread_join(forker, NULL);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
}
END_TEST

static void *
shut_down_all(void *unused)
{
	while (!atomic_load(&enough))
		proclc_shutdown_all(0);
	return unused;
}

/* All are started and some shut down, or it was too early for one. */
START_TEST(start_all_beside_shutdown_all_is_all_or_none)
{
	struct spawn_self self = spawn_self('w');
	struct proclc_task *tasks[N];
	pthread_t thread;
	int round, i, rc;

	if (skip_crowd())
		return;
	pthread_create(&thread, NULL, shut_down_all, NULL);
	for (round = 0; round < 20; round++) {
		make_tasks(tasks, &self);
		rc = proclc_start_all(tasks, N);
		ck_assert(rc == 0 || rc == PROCLC_ESTARTFAILED);
		for (i = 0; i < N; i++) {
			if (rc != 0)
				ck_assert_int_ge(task_kind(tasks[i]),
				    PROCLC_STATUS_EXITED);
			proclc_task_free(tasks[i]);
		}
	}
	atomic_store(&enough, true);
	pthread_join(thread, NULL);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
}
END_TEST

static atomic_int worst;

static void *
start_counters(void *unused)
{
	int i, n;

	for (i = 0; i < 50; i++) {
		n = task_code_of(task_count_fds, PROCLC_TASK_WAIT_FOR_CHILD);
		if (n > atomic_load(&worst))
			atomic_store(&worst, n);
	}
	return unused;
}

static void *
start_spawned(void *unused)
{
	struct spawn_self self = spawn_self('w');
	struct proclc_task *task;

	while (!atomic_load(&enough)) {
		task = spawn_new(&spawn_exits, &self, sizeof(self),
		    PROCLC_TASK_WAIT_FOR_CHILD, PROCLC_START_SPAWN);
		proclc_task_start(task);
		proclc_task_free(task);
	}
	return unused;
}

/* Whatever other threads are about just then. */
START_TEST(child_has_no_handle_of_starts_beside)
{
	int alone = task_code_of(task_count_fds, PROCLC_TASK_WAIT_FOR_CHILD);
	pthread_t threads[4];
	int i;

	if (skip_crowd())
		return;
	for (i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, i < 2 ? start_counters :
		    start_spawned, NULL);
	for (i = 0; i < 4; i++) {
		if (i == 2)
			atomic_store(&enough, true);
		pthread_join(threads[i], NULL);
	}
	ck_assert_int_eq(atomic_load(&worst), alone);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("start_beside");
	TCase *tcase = tcase_create("start_beside");

	tcase_add_checked_fixture(tcase, spawn_setup, toolkit_teardown);
	tcase_add_test(tcase, start_all_in_4_threads_beside_foreign_forks);
	tcase_add_test(tcase, start_all_beside_shutdown_all_is_all_or_none);
	tcase_add_test(tcase, child_has_no_handle_of_starts_beside);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(int argc, char **argv)
{
	return spawn_main(argc, argv, make_suite);
}
