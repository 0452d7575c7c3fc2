/*
 * Trees that grow while they are stopped, and strangers under the number of
 * one that has gone.
 */
#define _GNU_SOURCE 1

#include "trees.h"

#include <dirent.h>
#include <dlfcn.h>
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

static void
make_bombs(void)
{
	bombs = mmap(NULL, sizeof(*bombs), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(bombs, MAP_FAILED);
}

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
	while (!on_term && atomic_load(bombs) == 0)
		poll(NULL, 0, 1);
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
	make_bombs();
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

/* It has children without end; they are deaf, and in sessions of their own. */
static int
run_spring(void *unused)
{
	enum { BOUND = 20000 };

	(void)unused;
	letter_put('b');
	while (atomic_fetch_add(bombs, 1) < BOUND)
		if (fork() == 0) {
			signal(SIGTERM, SIG_IGN);
			setsid();
			for (;;)
				pause();
		}
	return 8;
}

static const struct proclc_task_ops spring_ops = {
	.size = sizeof(spring_ops), .name = "spring", .run = run_spring,
};

START_TEST(leader_that_forks_without_end_is_stopped)
{
	struct proclc_task *task;

	if (!begin(_i))
		return;
	make_bombs();
	task = task_make(&spring_ops, NULL, PROCLC_TASK_TREE);
	ck_assert_int_eq(letter_get(0), 'b');
	while (atomic_load(bombs) < 20)
		poll(NULL, 0, 1);
	ck_assert_int_eq(proclc_task_shutdown(task, PROCLC_NOW, NULL), 1);
	task_expect(task, PROCLC_STATUS_KILLED, SIGKILL);
	proclc_task_free(task);
	munmap(bombs, sizeof(*bombs));
	tree_expect_gone();
}
END_TEST

/* A child of ours under this number, which is free, by no fork handler; less
 * than 0: that cannot be had here. */
static pid_t
fork_as(pid_t pid)
{
	pid_t child = -1;
	int tries;
	FILE *file;

	for (tries = 0; tries < 50 && child != pid; tries++) {
		file = fopen("/proc/sys/kernel/ns_last_pid", "w");
		if (file == NULL)
			return -1;
		fprintf(file, "%d", (int)pid - 1);
		if (fclose(file) != 0)
			return -1;
		child = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
		while (child == 0 && getpid() == pid)
			pause();
		if (child == 0)
			_exit(0);
		if (child != pid)
			waitpid(child, NULL, 0);
	}
	return child == pid ? child : -1;
}

/* The first of the tree goes, and a stranger has its number, when the library
 * begins to look at all processes, or has done so. */
static enum { NEVER, BEFORE, AFTER } swap;
static pid_t top, stranger;

static void
swap_now(void)
{
	swap = NEVER;
	kill(tree_members[0], SIGKILL);
	waitpid(tree_members[0], NULL, 0);
	stranger = fork_as(tree_members[0]);
}

__attribute__((visibility("default")))
DIR *
opendir(const char *path)
{
	if (swap == BEFORE && !process_alive(top))
		swap_now();
	return fdopendir((int)syscall(SYS_openat, AT_FDCWD, path,
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0));
}

__attribute__((visibility("default")))
int
closedir(DIR *dir)
{
	static int (*next)(DIR *);

	if (next == NULL)
		*(void **)&next = dlsym(RTLD_NEXT, "closedir");
	if (swap == AFTER && !process_alive(top))
		swap_now();
	return next(dir);
}

START_TEST(stranger_under_the_number_of_one_is_not_killed)
{
	struct tree_shape shape = { .kind = DEAF, .detached = true,
	    .depth = 2 };
	struct proclc_task *task;
	int64_t due = clock_now_ms() + 50;
	int status;

	if (!begin(PLAIN) || !os_become_subreaper())
		return;
	toolkit_expect(TOOLKIT_TRAITS);
	task = tree_start(&shape, PROCLC_START_FORK, 0);
	top = (pid_t)proclc_task_pid(task);
	/* The system tells the start of a process in ticks. */
	while (clock_now_ms() < due)
		poll(NULL, 0, 10);
	swap = _i == 0 ? BEFORE : AFTER;
	ck_assert_int_eq(proclc_task_shutdown(task, GRACE_MS, NULL), 1);
	ck_assert_int_eq(swap, NEVER);
	proclc_task_free(task);
	ck_assert_int_eq(waitpid(tree_members[1], NULL, 0), tree_members[1]);
	if (stranger < 0) {
		toolkit_skip("a pid of one's choice");
		return;
	}
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
	tcase_add_loop_test(tcase, leader_that_forks_without_end_is_stopped,
	    0, WAYS);
	tcase_add_loop_test(tcase,
	    stranger_under_the_number_of_one_is_not_killed, 0, 2);
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
