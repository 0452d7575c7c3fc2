/*
 * The child: what it has of its parent, what not, and what it is.
 */
#define _GNU_SOURCE 1

#include "tasks.h"
#include "toolkit/fds.h"

#include <proclc/atexit.h>
#include <proclc/dispatch.h>
#include <proclc/orphan.h>

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* Signals. */

static void
handle(int signo)
{
	(void)signo;
}

/* 1 for each that is not as after exec. */
static int
count_wrong_signals(void *unused)
{
	struct sigaction action;
	sigset_t mask;
	int signo, wrong = 0;

	(void)unused;
	pthread_sigmask(SIG_SETMASK, NULL, &mask);
	for (signo = 1; signo < 32; signo++)
		wrong += sigismember(&mask, signo) == 1;
	sigaction(SIGUSR1, NULL, &action);
	wrong += action.sa_handler != SIG_DFL;
	sigaction(SIGHUP, NULL, &action);
	wrong += action.sa_handler != SIG_DFL;
	sigaction(SIGUSR2, NULL, &action);
	wrong += action.sa_handler != SIG_IGN;
	sigaction(SIGPIPE, NULL, &action);
	wrong += action.sa_handler != SIG_IGN;
	return wrong;
}

static void
told(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *user)
{
	(void)handler;
	(void)event;
	(void)user;
}

/* The program's handlers, the library's own, ignored ones; and the starting
 * thread blocks everything. */
START_TEST(child_has_signals_as_after_exec)
{
	struct proclc_sighandler *h;
	sigset_t all, before;

	signal(SIGUSR1, handle);
	signal(SIGUSR2, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	ck_assert_int_eq(proclc_sighandler_new(&h, NULL), 0);
	ck_assert_int_eq(proclc_sighandler_set(h, SIGHUP, told, NULL), 0);
	ck_assert_int_eq(proclc_sighandler_start(h), 0);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	ck_assert_int_eq(task_code_of(count_wrong_signals, (uint32_t)_i), 0);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	proclc_sighandler_free(h);
	letters_expect_library();
	toolkit_expect_signal(SIGUSR1);
	toolkit_expect_signal(SIGUSR2);
	toolkit_expect_signal(SIGPIPE);
}
END_TEST

/* TERM in the mask of the parent's thread: the child hears it. */
START_TEST(child_hears_TERM_that_its_parent_blocks)
{
	struct proclc_task *task;
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	task = task_start(&task_waits, NULL);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	ck_assert_int_eq(proclc_task_kill(task, SIGTERM), 0);
	task_expect(task, PROCLC_STATUS_KILLED, SIGTERM);
	proclc_task_free(task);
}
END_TEST

/* A shutdown is the parent's business there. */
START_TEST(child_of_one_that_installed_does_not_care_for_INT)
{
	struct proclc_task *task;

	if (toolkit_skip_tsan(TSAN_FORK))
		return;
	/* Check has handlers of its own. */
	signal(SIGTERM, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	toolkit_mark();
	ck_assert_int_eq(proclc_atexit_install(NULL), 0);
	task = task_start(&task_waits, NULL);
	ck_assert_int_eq(proclc_task_kill(task, SIGINT), 0);
	ck_assert_int_eq(proclc_task_kill(task, SIGINT), 0);
	ck_assert_int_eq(proclc_task_wait(task, 50, NULL),
	    PROCLC_ETIMEDOUT);
	ck_assert_int_eq(proclc_task_kill(task, SIGTERM), 0);
	task_expect(task, PROCLC_STATUS_KILLED, SIGTERM);
	proclc_task_free(task);
	ck_assert_int_eq(proclc_atexit_uninstall(), 0);
	letters_expect_library();
}
END_TEST

START_TEST(child_of_one_that_did_not_install_dies_of_INT)
{
	struct proclc_task *task = task_start(&task_waits, NULL);

	ck_assert_int_eq(proclc_task_kill(task, SIGINT), 0);
	task_expect(task, PROCLC_STATUS_KILLED, SIGINT);
	proclc_task_free(task);
}
END_TEST

/* Who dispatches in MANUAL mode is the program: not so in the child. */
START_TEST(child_of_one_in_manual_mode_hears_TERM)
{
	struct proclc_task *task;

	if (skip_without("ready", "epoll"))
		return;
	ck_assert_int_eq(proclc_set_dispatch_mode(PROCLC_DISPATCH_MANUAL |
	    (_i == 0 ? 0 : PROCLC_NO_THREADS)), 0);
	task = task_start(&task_waits, NULL);
	ck_assert_int_eq(proclc_task_kill(task, SIGTERM), 0);
	task_expect(task, PROCLC_STATUS_KILLED, SIGTERM);
	proclc_task_free(task);
	toolkit_expect(TOOLKIT_FDS);
}
END_TEST

/* Exit handlers. */

static void
at_exit(void *letter, const struct proclc_exit_cause *cause)
{
	(void)cause;
	letter_put(*(char *)letter);
}

static int
register_and_leave(void *unused)
{
	(void)unused;
	proclc_atexit_register(at_exit, letter_name('c'), 0);
	return 0;
}

static int
register_and_wait(void *unused)
{
	proclc_atexit_register(at_exit, letter_name('c'), 0);
	letter_put('r');
	return task_wait_at_gate(unused);
}

/* Its own, then the shared ones; not its parent's. */
START_TEST(child_runs_its_own_and_shared_exit_handlers)
{
	struct proclc_task_ops ops = {
		.size = sizeof(ops), .name = "body", .run = register_and_wait,
	};
	struct proclc_task *task;

	proclc_atexit_register(at_exit, letter_name('s'),
	    PROCLC_ATEXIT_SHARED);
	proclc_atexit_register(at_exit, letter_name('p'), 0);
	if (_i == 0) {
		ck_assert_int_eq(task_code_of(register_and_leave, 0), 0);
	} else {
		task = task_start(&ops, NULL);
		ck_assert_int_eq(letter_get(0), 'r');
		ck_assert_int_eq(proclc_task_kill(task, SIGTERM), 0);
		task_expect(task, PROCLC_STATUS_KILLED, SIGTERM);
		proclc_task_free(task);
	}
	letters_expect("cs");
	proclc_atexit_unregister(at_exit, letter_name('s'));
	proclc_atexit_unregister(at_exit, letter_name('p'));
}
END_TEST

/* Descriptors. */

enum { MANY = 256 };

static struct {
	dev_t device;
	ino_t file;
} parents[MANY];     /* by number: what the parent has there */
static bool programs[MANY];     /* that was so before the library came */

static void
note_descriptors(bool before)
{
	struct stat st;
	int *fds;
	int i, n = fds_list(&fds);

	for (i = 0; i < n; i++) {
		if (fds[i] >= MANY || fstat(fds[i], &st) < 0)
			continue;
		programs[fds[i]] = programs[fds[i]] || before;
		parents[fds[i]].device = st.st_dev;
		parents[fds[i]].file = st.st_ino;
	}
	free(fds);
}

/* 100: something of the program is gone; 50: a pipe of the parent's library
 * is there; else how many the child has in addition. */
static int
count_descriptors(void *unused)
{
	struct stat st;
	int fd, more = 0;

	(void)unused;
	for (fd = 0; fd < MANY; fd++) {
		bool open = fstat(fd, &st) == 0;

		if (programs[fd] && !(open && st.st_dev ==
		    parents[fd].device && st.st_ino == parents[fd].file))
			return 100;
		if (programs[fd] || !open)
			continue;
		if (S_ISFIFO(st.st_mode) && st.st_ino == parents[fd].file)
			return 50;
		more++;
	}
	return more;
}

static void
told_end(struct proclc_task *task, const struct proclc_status *status,
    void *user)
{
	(void)task;
	(void)status;
	(void)user;
}

/* The library has a handle on a sibling, pipes, and an epoll set there. */
START_TEST(child_has_no_descriptor_of_its_parents_library)
{
	struct proclc_task *sibling;
	struct proclc_orphan *watch;

	if (_i == 1 && skip_without("ready", "epoll"))
		return;
	note_descriptors(true);
	if (_i == 1)
		ck_assert_int_eq(proclc_set_dispatch_mode(
		    PROCLC_DISPATCH_MANUAL), 0);
	sibling = task_start(&task_waits, NULL);
	ck_assert_int_eq(proclc_task_on_exit(sibling, told_end, NULL), 0);
	ck_assert_int_eq(proclc_orphan_new(&watch, NULL), 0);
	ck_assert_int_eq(proclc_orphan_start(watch), 0);
	note_descriptors(false);
	settle();
	/* A pipe for each of its two threads, the handle on its parent. */
	ck_assert_int_le(task_code_of(count_descriptors, (uint32_t)_i), 5);
	proclc_orphan_free(watch);
	proclc_task_free(sibling);
	letters_expect_library();
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("child");
	TCase *tcase = tcase_create("child");

	tcase_add_checked_fixture(tcase, task_setup, toolkit_teardown);
	tcase_add_loop_test(tcase, child_has_signals_as_after_exec, 0, 2);
	tcase_add_test(tcase, child_hears_TERM_that_its_parent_blocks);
	tcase_add_test(tcase,
	    child_of_one_that_installed_does_not_care_for_INT);
	tcase_add_test(tcase,
	    child_of_one_that_did_not_install_dies_of_INT);
	tcase_add_loop_test(tcase, child_of_one_in_manual_mode_hears_TERM, 0,
	    2);
	tcase_add_loop_test(tcase,
	    child_runs_its_own_and_shared_exit_handlers, 0, 2);
	tcase_add_loop_test(tcase,
	    child_has_no_descriptor_of_its_parents_library, 0, 2);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
