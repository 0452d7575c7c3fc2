/*
 * Trees that grow while they are stopped, and strangers under the number of
 * one that has gone.
 */
#define _GNU_SOURCE 1

#include "trees.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <sys/mman.h>

enum { GRACE_MS = 150, BOMB = 400 };

/* How it is killed: without a control group, with one, or with one of a kernel
 * that cannot kill a whole group. */
enum { PLAIN, JOB, OLD_JOB, WAYS };

static bool old_kernel;

__attribute__((visibility("default")))
int
open(const char *path, int flags, ...)
{
	size_t n = strlen(path);
	va_list args;
	int mode;

	va_start(args, flags);
	mode = va_arg(args, int);
	va_end(args);
	if (old_kernel && n > 12 &&
	    strcmp(path + n - 12, "/cgroup.kill") == 0) {
		errno = ENOENT;
		return -1;
	}
	return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

static bool
begin(int way)
{
	old_kernel = way == OLD_JOB;
	return tree_begin(way != PLAIN);
}

/* How many there were, of all. */
static atomic_int *bombs;

/* Each has children until there are enough, in sessions of their own, and
 * hears no TERM. */
static void
explode(int unused)
{
	(void)unused;
	while (atomic_fetch_add(bombs, 1) < BOMB) {
		if (fork() != 0)
			continue;
		setsid();
	}
}

static int
run_bomb(void *on_term)
{
	int i;

	signal(SIGTERM, on_term == NULL ? SIG_IGN : explode);
	for (i = 0; i < 5; i++)
		if (fork() == 0) {
			letter_put('b');
			break;
		}
	if (i == 5)
		letter_put('b');
	if (on_term == NULL)
		explode(0);
	for (;;)
		pause();
	return 0;
}

static const struct proclc_task_ops bomb_ops = {
	.size = sizeof(bomb_ops), .name = "bomb", .run = run_bomb,
};

/* At once, or from the moment when they hear TERM. */
static void
stop_bomb(int way, bool on_term)
{
	struct proclc_task *task;
	int i;

	atomic_store(bombs, 0);
	task = task_make(&bomb_ops, on_term ? bombs : NULL, PROCLC_TASK_TREE);
	for (i = 0; i < 6; i++)
		ck_assert_int_eq(letter_get(0), 'b');
	tree_find_place((pid_t)proclc_task_pid(task));
	if (tree_lacks_job(way != PLAIN)) {
		proclc_task_free(task);
		return;
	}
	ck_assert_int_eq(proclc_task_shutdown(task, on_term ? GRACE_MS :
	    PROCLC_NOW, NULL), 1);
	ck_assert_int_gt(atomic_load(bombs), 0);
	proclc_task_free(task);
	if (*tree_place != '\0')
		ck_assert(!file_exists(tree_place));
}

static void
stop_bombs(int way, bool on_term, int n)
{
	if (!begin(way))
		return;
	bombs = mmap(NULL, sizeof(*bombs), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(bombs, MAP_FAILED);
	while (n-- > 0)
		stop_bomb(way, on_term);
	munmap(bombs, sizeof(*bombs));
	tree_expect_gone();
}

START_TEST(tree_that_grows_while_it_is_stopped_is_all_gone)
{
	stop_bombs(_i % WAYS, _i / WAYS == 1, 3);
}
END_TEST

START_TEST(tree_that_grows_while_it_is_stopped_is_all_gone_50_times)
{
	stop_bombs(_i % WAYS, _i / WAYS == 1, 50);
}
END_TEST

static void *
shut_down(void *task)
{
	return (void *)(intptr_t)proclc_task_shutdown(task,
	    (int64_t)(4 * GRACE_MS * clock_multiplier()), NULL);
}

/* A child of ours under this number, which is free; less than 0: that cannot
 * be had here. */
static pid_t
fork_as(pid_t pid)
{
	pid_t child = -1;
	int tries;
	FILE *file;

	for (tries = 0; tries < 20 && child != pid; tries++) {
		file = fopen("/proc/sys/kernel/ns_last_pid", "w");
		if (file == NULL)
			return -1;
		fprintf(file, "%d", (int)pid - 1);
		if (fclose(file) != 0)
			return -1;
		child = fork();
		if (child == 0 && getpid() == pid)
			for (;;)
				pause();
		if (child == 0)
			_exit(0);
		if (child != pid)
			waitpid(child, NULL, 0);
	}
	return child == pid ? child : -1;
}

/* One of the tree is seen, and is gone before the grace is over. */
START_TEST(stranger_under_the_number_of_one_is_not_killed)
{
	struct tree_shape shape = { .kind = DEAF, .detached = true,
	    .depth = 2 };
	struct proclc_task *task;
	pthread_t thread;
	pid_t stranger;
	void *rc;
	int status;

	if (!begin(PLAIN) || !os_become_subreaper())
		return;
	toolkit_expect(TOOLKIT_TRAITS);
	task = tree_start(&shape, PROCLC_START_FORK, 0);
	ck_assert_int_eq(pthread_create(&thread, NULL, shut_down, task), 0);
	process_wait_gone((pid_t)proclc_task_pid(task), 0);
	ck_assert_int_eq(kill(tree_members[0], SIGKILL), 0);
	ck_assert_int_eq(waitpid(tree_members[0], NULL, 0), tree_members[0]);
	stranger = fork_as(tree_members[0]);
	if (stranger < 0)
		toolkit_skip("a pid of one's choice");
	pthread_join(thread, &rc);
	ck_assert_int_eq((intptr_t)rc, 1);
	proclc_task_free(task);
	ck_assert_int_eq(waitpid(tree_members[1], NULL, 0), tree_members[1]);
	if (stranger < 0)
		return;
	ck_assert_int_eq(waitpid(stranger, &status, WNOHANG), 0);
	kill(stranger, SIGKILL);
	ck_assert_int_eq(waitpid(stranger, NULL, 0), stranger);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("tree hostile");
	TCase *tcase = tcase_create("hostile"), *slow = tcase_create("long");

	tcase_add_checked_fixture(tcase, tree_setup, toolkit_teardown);
	tcase_add_loop_test(tcase,
	    tree_that_grows_while_it_is_stopped_is_all_gone, 0, 2 * WAYS);
	tcase_add_test(tcase, stranger_under_the_number_of_one_is_not_killed);
	suite_add_tcase(suite, tcase);
	tcase_add_checked_fixture(slow, tree_setup, toolkit_teardown);
	tcase_set_timeout(slow, 100);
	tcase_set_tags(slow, "long");
	tcase_add_loop_test(slow,
	    tree_that_grows_while_it_is_stopped_is_all_gone_50_times, 0,
	    2 * WAYS);
	suite_add_tcase(suite, slow);
	return suite;
}

int
main(int argc, char **argv)
{
	return spawn_main(argc, argv, make_suite);
}
