/* Is this still the same process?  And the locks, in it and its children. */
#define _GNU_SOURCE 1

#include "backend.h"
#include "kernel.h"
#include "toolkit/toolkit.h"

#include "fork.h"

#include <proclc/error.h>

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t
plain_fork(void)
{
	return fork();
}

static const struct {
	const char *name;
	pid_t (*make)(void);
} makers[] = {
	{ "fork", plain_fork },
	{ "_Fork", kernel_quiet_fork },
	{ "clone", kernel_raw_fork },
	{ "clone into a pid namespace", kernel_fork_init },
};

enum { FORK, QUIET, RAW, INIT, MAKERS };

static uint32_t outer;

static int
status_of(pid_t pid)
{
	int status;

	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return status;
}

/* fn's answer in a child; -1: no such child to be had, and that is said. */
static int
in_child_of(pid_t (*make)(void), int (*fn)(void))
{
	pid_t pid = make();
	int status;

	if (pid == 0) {
		alarm(10);
		_exit(fn());
	}
	if (pid < 0)
		return -1;
	status = status_of(pid);
	ck_assert_msg(WIFEXITED(status), "killed by %d", WTERMSIG(status));
	return WEXITSTATUS(status);
}

/* Without a word that fork wipes, such a child is not noticed. */
static bool
skip_maker(int i)
{
	if (i != FORK && skip_without("identity", "wipeonfork"))
		return true;
	return false;
}

static void
expect_in_child(int i, int (*fn)(void))
{
	int answer;

	ck_assert_int_eq(pcl_fork_init(), 0);
	outer = pcl_process();
	if (skip_maker(i))
		return;
	answer = in_child_of(makers[i].make, fn);
	if (answer == -1)
		toolkit_skip("%s: not to be had", makers[i].name);
	else
		ck_assert_int_eq(answer, 0);
	ck_assert_uint_eq(pcl_process(), outer);
	ck_assert(pcl_process_is(outer));
}

START_TEST(process_same_process_keeps_its_number)
{
	uint32_t first;

	ck_assert_int_eq(pcl_fork_init(), 0);
	first = pcl_process();
	ck_assert_uint_ne(first, 0);
	ck_assert_int_eq(pcl_fork_init(), 0);
	ck_assert_uint_eq(pcl_process(), first);
	ck_assert(pcl_process_is(first));
	ck_assert(!pcl_process_is(first + 1));
	ck_assert(!pcl_process_is(0));
}
END_TEST

static int
is_another(void)
{
	/* Asked first, as a signal handler may be. */
	if (pcl_process_is(outer))
		return 1;
	if (pcl_process() == outer)
		return 2;
	if (pcl_process_is(outer))
		return 3;
	return pcl_process_is(pcl_process()) ? 0 : 4;
}

START_TEST(process_child_is_another)
{
	expect_in_child(_i, is_another);
}
END_TEST

static pid_t (*deeper)(void);

/* Not its parent's, not its grandparent's. */
static int
grandchild_is_another(void)
{
	uint32_t first = outer;
	int answer;

	outer = pcl_process();
	answer = in_child_of(deeper, is_another);
	outer = first;
	return answer == 0 ? in_child_of(deeper, is_another) : answer;
}

START_TEST(process_grandchild_is_another)
{
	deeper = makers[_i].make;
	expect_in_child(_i, grandchild_is_another);
}
END_TEST

/* Both are pid 1. */
static int
init_of_init_is_another(void)
{
	if (getpid() != 1)
		return 9;
	outer = pcl_process();
	return in_child_of(kernel_fork_init, is_another);
}

START_TEST(process_nested_namespaces_differ)
{
	expect_in_child(INIT, init_of_init_is_another);
}
END_TEST

/* It runs in our memory: it is not us, and writes nothing. */
START_TEST(process_vfork_child_is_not_us)
{
	static volatile int answer;
	pid_t pid;

	if (toolkit_skip_tsan(TSAN_CLONE))
		return;
	ck_assert_int_eq(pcl_fork_init(), 0);
	outer = pcl_process();
	pid = vfork();
	if (pid == 0) {
		answer = pcl_process() != outer ? 1 :
		    pcl_process_is(outer) ? 2 : 3;
		_exit(0);
	}
	ck_assert_int_eq(status_of(pid), 0);
	ck_assert_int_eq(answer, 3);
	ck_assert_uint_eq(pcl_process(), outer);
	ck_assert(pcl_process_is(outer));
}
END_TEST

/* Locks. */

static int
all_locks_are_free(void)
{
	for (int lock = 0; lock < PCL_LOCKS; lock++) {
		pcl_enter((enum pcl_lock)lock);
		pcl_unlock((enum pcl_lock)lock);
	}
	return 0;
}

static atomic_bool stop;
static int told[2], wait_for[2];

static void *
hold_one(void *which)
{
	char c = 'x';

	pcl_lock(*(const enum pcl_lock *)which);
	ck_assert_int_eq(write(told[1], &c, 1), 1);
	ck_assert_int_eq(read(wait_for[0], &c, 1), 1);
	pcl_unlock(*(const enum pcl_lock *)which);
	return NULL;
}

/* No handler waits for the thread that holds it. */
START_TEST(lock_held_by_another_thread_is_free_in_raw_child)
{
	enum pcl_lock lock = (enum pcl_lock)_i;
	pthread_t thread;
	char c;

	if (toolkit_skip_tsan(TSAN_CLONE))
		return;
	ck_assert_int_eq(pcl_fork_init(), 0);
	ck_assert(pipe(told) == 0 && pipe(wait_for) == 0);
	pthread_create(&thread, NULL, hold_one, &lock);
	ck_assert_int_eq(read(told[0], &c, 1), 1);
	expect_in_child(RAW, all_locks_are_free);
	ck_assert_int_eq(write(wait_for[1], "x", 1), 1);
	pthread_join(thread, NULL);
	for (int i = 0; i < 2; i++) {
		close(told[i]);
		close(wait_for[i]);
	}
}
END_TEST

static void *
take_in_turn(void *unused)
{
	while (!atomic_load(&stop))
		all_locks_are_free();
	return unused;
}

START_TEST(lock_busy_at_fork_is_free_in_child)
{
	pthread_t threads[2];

	ck_assert_int_eq(pcl_fork_init(), 0);
	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, take_in_turn, NULL);
	for (int i = 0; i < 200; i++)
		expect_in_child(FORK, all_locks_are_free);
	atomic_store(&stop, true);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	all_locks_are_free();
}
END_TEST

static void *
wait_on_lock(void *result)
{
	pcl_lock(PCL_LOCK_GUARD);
	ck_assert_int_eq(write(told[1], "x", 1), 1);
	pcl_wait(PCL_LOCK_GUARD, pcl_os_now() + 10000);
	pcl_unlock(PCL_LOCK_GUARD);
	*(bool *)result = true;
	return NULL;
}

START_TEST(wait_broadcast_ends_it)
{
	int64_t start = pcl_os_now();
	bool woken = false;
	pthread_t thread;
	char c;

	ck_assert_int_eq(pcl_fork_init(), 0);
	ck_assert_int_eq(pipe(told), 0);
	pthread_create(&thread, NULL, wait_on_lock, &woken);
	ck_assert_int_eq(read(told[0], &c, 1), 1);
	/* It lets go of the lock only by waiting. */
	pcl_lock(PCL_LOCK_GUARD);
	pcl_broadcast(PCL_LOCK_GUARD);
	pcl_unlock(PCL_LOCK_GUARD);
	pthread_join(thread, NULL);
	ck_assert(woken);
	ck_assert_int_lt(pcl_os_now() - start, 8000);
	close(told[0]);
	close(told[1]);
}
END_TEST

START_TEST(wait_ends_when_due)
{
	int64_t start = pcl_os_now();

	ck_assert_int_eq(pcl_fork_init(), 0);
	pcl_lock(PCL_LOCK_GUARD);
	while (pcl_os_now() < start + 20)
		pcl_wait(PCL_LOCK_GUARD, start + 20);
	pcl_unlock(PCL_LOCK_GUARD);
	ck_assert_int_lt(pcl_os_now() - start, 5000);
}
END_TEST

static int
take_backwards(void)
{
	struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
	close(2);
	pcl_lock(PCL_LOCK_GUARD);
	pcl_lock(PCL_LOCK_DISPATCH);
	return 0;
}

START_TEST(lock_out_of_order_is_caught_in_a_debug_build)
{
	pid_t pid;
	int status;

	ck_assert_int_eq(pcl_fork_init(), 0);
	pid = fork();
	if (pid == 0)
		_exit(take_backwards());
	status = status_of(pid);
#ifdef NDEBUG
	toolkit_skip("the order of locks: NDEBUG");
	ck_assert(WIFEXITED(status));
#else
	ck_assert(WIFSIGNALED(status));
	ck_assert_int_eq(WTERMSIG(status), SIGABRT);
#endif
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("fork");
	TCase *process = tcase_create("process");
	TCase *locks = tcase_create("locks");

	tcase_add_checked_fixture(process, toolkit_setup, toolkit_teardown);
	tcase_add_test(process, process_same_process_keeps_its_number);
	tcase_add_loop_test(process, process_child_is_another, 0, MAKERS);
	tcase_add_loop_test(process, process_grandchild_is_another, 0,
	    MAKERS);
	tcase_add_test(process, process_nested_namespaces_differ);
	tcase_add_test(process, process_vfork_child_is_not_us);
	suite_add_tcase(suite, process);

	tcase_add_checked_fixture(locks, toolkit_setup, toolkit_teardown);
	tcase_add_loop_test(locks,
	    lock_held_by_another_thread_is_free_in_raw_child, 0, PCL_LOCKS);
	tcase_add_test(locks, lock_busy_at_fork_is_free_in_child);
	tcase_add_test(locks, wait_broadcast_ends_it);
	tcase_add_test(locks, wait_ends_when_due);
	tcase_add_test(locks, lock_out_of_order_is_caught_in_a_debug_build);
	suite_add_tcase(suite, locks);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
