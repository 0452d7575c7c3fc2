/*
 * Trees without a control group, whose processes cannot be listed, or not be
 * signalled, and whose first one forks until the last moment.
 */
#define _GNU_SOURCE 1

#include "trees.h"

#include <dirent.h>
#include <dlfcn.h>
#include <stdarg.h>
#include <sys/prctl.h>

enum { GRACE_MS = 150 };

/* The library cannot list them: never, or as long as the first one lives, or
 * not at first, for the files of some of them cannot be opened. */
static bool blind;
static pid_t blind_while;
static int half_blind;

__attribute__((visibility("default")))
DIR *
opendir(const char *path)
{
	if (!blind && (blind_while == 0 || !process_alive(blind_while)))
		return fdopendir((int)syscall(SYS_openat, AT_FDCWD, path,
		    O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0));
	errno = EMFILE;
	return NULL;
}

__attribute__((visibility("default")))
int
openat(int dir, const char *path, int flags, ...)
{
	va_list args;
	int mode;

	va_start(args, flags);
	mode = va_arg(args, int);
	va_end(args);
	if (half_blind > 0 && half_blind-- % 2 == 0) {
		errno = EMFILE;
		return -1;
	}
	return (int)syscall(SYS_openat, dir, path, flags, mode);
}

/* After each list the first process is given a chance to fork. */
static bool chances;

__attribute__((visibility("default")))
int
closedir(DIR *dir)
{
	static int (*real)(DIR *);
	char letter;

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "closedir");
	if (chances) {
		task_let_go(1);
		if (fd_readable_within(letters[0], 100))
			ck_assert_int_eq(read(letters[0], &letter, 1), 1);
	}
	return real(dir);
}

static void
expect_pid(pid_t pid, const char *part)
{
	struct proclc_error_detail detail = { .size = sizeof(detail) };

	ck_assert_int_eq(proclc_error_detail(&detail), 0);
	ck_assert_int_eq(detail.pid, pid);
	ck_assert_ptr_nonnull(strstr(proclc_errmsg(), part));
}

static struct tree_shape shape;

/* One that hears no TERM, in a session of its own. */
static struct proclc_task *
start(void)
{
	shape = (struct tree_shape){ .kind = DEAF, .detached = true,
	    .depth = 1 };
	return tree_start(&shape, PROCLC_START_FORK, 0);
}

START_TEST(tree_that_cannot_be_listed_is_told_to_live_perhaps)
{
	struct proclc_task *task;
	pid_t pid;

	if (!tree_begin(false))
		return;
	task = start();
	pid = (pid_t)proclc_task_pid(task);
	blind = true;
	ck_assert_int_eq(proclc_task_shutdown(task, GRACE_MS, NULL),
	    PROCLC_ETIMEDOUT);
	expect_pid(pid, "has ended, its descendants cannot be listed");
	blind = false;
	task_expect(task, PROCLC_STATUS_KILLED, SIGTERM);
	proclc_task_free(task);
	tree_end_strays(1);
}
END_TEST

START_TEST(tree_that_could_be_listed_too_late_is_told_to_live_perhaps)
{
	struct proclc_task *task;

	if (!tree_begin(false))
		return;
	task = start();
	blind_while = (pid_t)proclc_task_pid(task);
	ck_assert_int_eq(proclc_task_shutdown(task, task_bound(), NULL),
	    PROCLC_ETIMEDOUT);
	expect_pid(blind_while, "has ended, its descendants cannot be listed");
	ck_assert_int_eq(proclc_shutdown_all(PROCLC_NOW), 0);
	proclc_task_free(task);
	tree_end_strays(1);
}
END_TEST

START_TEST(tree_that_cannot_be_listed_at_first_is_stopped)
{
	struct proclc_task *task;

	if (!tree_begin(false))
		return;
	task = start();
	half_blind = 40;
	ck_assert_int_eq(proclc_task_shutdown(task, GRACE_MS, NULL), 1);
	ck_assert_int_eq(half_blind, 0);
	proclc_task_free(task);
	tree_expect_gone();
}
END_TEST

/* It stays another user's: here nobody asks for a program that may become
 * root. */
START_TEST(one_that_may_not_be_signalled_is_named)
{
	struct proclc_task *task;
	int rc;

	if (!tree_begin(false))
		return;
	if (getuid() != 0) {
		toolkit_skip("the rights of another user");
		return;
	}
	shape = (struct tree_shape){ .kind = DEAF, .detached = true,
	    .depth = 1, .drops = true };
	task = tree_start(&shape, PROCLC_START_FORK, 0);
	ck_assert_int_eq(setresuid(65534, 65534, 0), 0);
	rc = proclc_task_shutdown(task, GRACE_MS, NULL);
	ck_assert_int_eq(setresuid(0, 0, 0), 0);
	ck_assert_int_eq(prctl(PR_SET_DUMPABLE, 1), 0);
	ck_assert_int_eq(rc, PROCLC_ETIMEDOUT);
	expect_pid(tree_members[0], "lives");
	proclc_task_free(task);
	tree_end_strays(1);
}
END_TEST

START_TEST(descendants_that_cannot_be_listed_are_an_error)
{
	int64_t due;

	if (!tree_begin(false))
		return;
	due = clock_deadline(2000);
	blind = true;
	ck_assert_int_eq(proclc_shutdown_descendants(10000), PROCLC_EMFILE);
	ck_assert_ptr_nonnull(strstr(proclc_errmsg(), "cannot be listed"));
	ck_assert_int_eq(proclc_shutdown_descendants(PROCLC_NOW),
	    PROCLC_EMFILE);
	blind = false;
	ck_assert_int_lt(clock_now_ms(), due);
	ck_assert_int_eq(proclc_shutdown_descendants(0), 0);
}
END_TEST

/* A child for each byte, in a session of its own; TERM ends it at once. */
static int
run_spring(void *unused)
{
	char byte;

	(void)unused;
	signal(SIGTERM, SIG_DFL);
	letter_put('s');
	while (read(task_gate[0], &byte, 1) == 1)
		if (fork() == 0) {
			setsid();
			letter_put('f');
			for (;;)
				pause();
		}
	return 8;
}

static const struct proclc_task_ops spring_ops = {
	.size = sizeof(spring_ops), .name = "spring", .run = run_spring,
};

START_TEST(first_one_that_forks_until_it_is_asked_leaves_nobody)
{
	struct proclc_task *task;

	if (!tree_begin(false))
		return;
	task = task_make(&spring_ops, NULL, PROCLC_TASK_TREE);
	ck_assert_int_eq(letter_get(0), 's');
	chances = true;
	ck_assert_int_ge(proclc_task_shutdown(task, task_bound(), NULL), 0);
	chances = false;
	proclc_task_free(task);
	tree_expect_gone();
}
END_TEST

/* On TERM it has a program clean up, which would hear TERM. */
static void
clean_up(int signum)
{
	pid_t pid = fork();
	sigset_t none;

	if (pid == 0) {
		signal(signum, SIG_DFL);
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		/* Longer than it takes to look again. */
		poll(NULL, 0, 100);
		letter_put('d');
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	_exit(0);
}

static int
run_tidy(void *unused)
{
	(void)unused;
	signal(SIGTERM, clean_up);
	letter_put('t');
	while (pause() < 0)
		continue;
	return 8;
}

static const struct proclc_task_ops tidy_ops = {
	.size = sizeof(tidy_ops), .name = "tidy", .run = run_tidy,
};

START_TEST(what_the_first_one_cleans_up_with_has_the_grace)
{
	struct proclc_task *task;

	if (!tree_begin(_i == 1))
		return;
	task = task_make(&tidy_ops, NULL, PROCLC_TASK_TREE);
	ck_assert_int_eq(letter_get(0), 't');
	ck_assert_int_eq(proclc_task_shutdown(task, task_bound(), NULL), 0);
	ck_assert_int_eq(letter_get(0), 'd');
	proclc_task_free(task);
	tree_expect_gone();
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("tree blind");
	TCase *tcase = tcase_create("blind");

	tcase_add_checked_fixture(tcase, tree_setup, toolkit_teardown);
	tcase_add_test(tcase,
	    tree_that_cannot_be_listed_is_told_to_live_perhaps);
	tcase_add_test(tcase,
	    tree_that_could_be_listed_too_late_is_told_to_live_perhaps);
	tcase_add_test(tcase, tree_that_cannot_be_listed_at_first_is_stopped);
	tcase_add_test(tcase, one_that_may_not_be_signalled_is_named);
	tcase_add_test(tcase, descendants_that_cannot_be_listed_are_an_error);
	tcase_add_test(tcase,
	    first_one_that_forks_until_it_is_asked_leaves_nobody);
	tcase_add_loop_test(tcase,
	    what_the_first_one_cleans_up_with_has_the_grace, 0, 2);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(int argc, char **argv)
{
	return spawn_main(argc, argv, make_suite);
}
