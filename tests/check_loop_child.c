/*
 * What a loop's child can ask, and what surrounds it.
 */
#define _GNU_SOURCE 1

#include "tasks.h"

#include <proclc/atexit.h>
#include <proclc/dispatch.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

static bool
is_readable(int fd, int ms)
{
	struct pollfd poller = { .fd = fd, .events = POLLIN };
	int rc;

	/* The signal may interrupt this thread. */
	do
		rc = poll(&poller, 1, ms);
	while (rc < 0 && errno == EINTR);
	return rc == 1 && (poller.revents & POLLIN) != 0;
}

static struct proclc_task *
start(const struct proclc_loop_ops *ops)
{
	struct proclc_task *task;
	int rc = proclc_loop_new(&task, ops, NULL, 0, NULL);

	ck_assert_msg(rc == 0, "%s", proclc_errmsg());
	return task;
}

/* The stop descriptor. */

/* 'w': it waits; 'r': readable by then, and still so. */
static int64_t
wait_for_stop(void *unused)
{
	int fd = proclc_stop_fd();

	(void)unused;
	if (fd < 3 || proclc_stop_fd() != fd || is_readable(fd, 0) ||
	    proclc_stop_requested())
		letter_put('!');
	letter_put('w');
	if (is_readable(fd, 60000) && is_readable(fd, 0) &&
	    is_readable(proclc_stop_fd(), 0) && proclc_stop_requested())
		letter_put('r');
	return PROCLC_LOOP_AGAIN;
}

START_TEST(stop_fd_becomes_readable_when_told_to_stop)
{
	static const struct proclc_loop_ops ops = {
		.size = sizeof(ops), .name = "fd", .loop = wait_for_stop,
	};
	struct proclc_task *task = start(&ops);

	ck_assert_int_eq(letter_get(0), 'w');
	ck_assert_int_eq(letter_get(30), 0);
	ck_assert_int_eq(proclc_task_kill(task, SIGTERM), 0);
	letters_expect("r");
	task_expect(task, PROCLC_STATUS_EXITED, 0);
	proclc_task_free(task);
}
END_TEST

static int64_t
rest_long(void *unused)
{
	(void)unused;
	letter_put('l');
	return 3600000;
}

static void
ask_at_the_end(void *unused)
{
	int fd = proclc_stop_fd();

	(void)unused;
	letter_put(fd >= 3 && is_readable(fd, 0) ? 'r' : '!');
}

START_TEST(stop_fd_asked_for_later_is_readable_too)
{
	static const struct proclc_loop_ops ops = {
		.size = sizeof(ops), .name = "fd", .loop = rest_long,
		.end = ask_at_the_end,
	};
	struct proclc_task *task = start(&ops);

	ck_assert_int_eq(letter_get(0), 'l');
	ck_assert_int_eq(proclc_task_kill(task, SIGTERM), 0);
	letters_expect("r");
	task_expect(task, PROCLC_STATUS_EXITED, 0);
	proclc_task_free(task);
}
END_TEST

/* In end: told to stop, which is nothing to a child of this child. */
static void
ask_in_a_child(void *unused)
{
	pid_t child = fork();
	int status;

	(void)unused;
	if (child == 0)
		_exit(proclc_stop_requested() == 0 && proclc_stop_fd() ==
		    PROCLC_EINVAL && proclc_task_self() == NULL ? 0 : 1);
	waitpid(child, &status, 0);
	letter_put(status == 0 && proclc_stop_requested() ? 'r' : '!');
}

START_TEST(stop_requested_is_0_in_a_forked_child)
{
	static const struct proclc_loop_ops ops = {
		.size = sizeof(ops), .name = "fork", .loop = rest_long,
		.end = ask_in_a_child,
	};
	struct proclc_task *task = start(&ops);

	ck_assert_int_eq(letter_get(0), 'l');
	ck_assert_int_eq(proclc_task_kill(task, SIGTERM), 0);
	letters_expect("r");
	task_expect(task, PROCLC_STATUS_EXITED, 0);
	proclc_task_free(task);
}
END_TEST

/* A loop that was told to stop starts another, which was not. */

static int64_t
go_round_once(void *unused)
{
	(void)unused;
	letter_put(proclc_stop_requested() ? '!' : 'L');
	if (is_readable(proclc_stop_fd(), 0))
		letter_put('!');
	return PROCLC_LOOP_STOP;
}

static void
start_another(void *unused)
{
	static const struct proclc_loop_ops ops = {
		.size = sizeof(ops), .name = "inner", .loop = go_round_once,
	};
	struct proclc_task *task;

	(void)unused;
	proclc_stop_fd();
	settle();
	if (proclc_loop_new(&task, &ops, NULL, 0, NULL) < 0 ||
	    proclc_task_wait(task, PROCLC_FOREVER, NULL) < 0)
		letter_put('!');
	letter_put('e');
}

START_TEST(loop_started_by_one_that_stops_goes_round)
{
	static const struct proclc_loop_ops ops = {
		.size = sizeof(ops), .name = "outer", .loop = rest_long,
		.end = start_another,
	};
	struct proclc_task *task = start(&ops);

	ck_assert_int_eq(letter_get(0), 'l');
	ck_assert_int_eq(proclc_task_kill(task, SIGTERM), 0);
	letters_expect("Le");
	task_expect(task, PROCLC_STATUS_EXITED, 0);
	proclc_task_free(task);
}
END_TEST

/* What surrounds it. */

static void
at_exit(void *letter, const struct proclc_exit_cause *cause)
{
	(void)cause;
	letter_put(*(char *)letter);
}

static int
register_own(void *unused)
{
	(void)unused;
	proclc_atexit_register(at_exit, letter_name('o'), 0);
	return 0;
}

static void
say_end(void *unused)
{
	(void)unused;
	letter_put('e');
}

static const struct proclc_loop_ops registering = {
	.size = sizeof(registering), .name = "registering",
	.begin = register_own, .loop = rest_long, .end = say_end,
};

START_TEST(loop_runs_exit_handlers_after_its_end)
{
	struct proclc_task *task;

	proclc_atexit_register(at_exit, letter_name('s'),
	    PROCLC_ATEXIT_SHARED);
	task = start(&registering);
	ck_assert_int_eq(letter_get(0), 'l');
	ck_assert_int_eq(proclc_task_shutdown(task, 0, NULL), 0);
	letters_expect("eos");
	task_expect(task, PROCLC_STATUS_EXITED, 0);
	proclc_task_free(task);
	proclc_atexit_unregister(at_exit, letter_name('s'));
}
END_TEST

/* INT goes to the whole group: each loop comes to its end. */
START_TEST(loop_of_one_that_installed_ends_by_INT)
{
	struct proclc_task *task;

	if (toolkit_skip_tsan(TSAN_FORK))
		return;
	/* Check has handlers of its own. */
	signal(SIGTERM, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	toolkit_mark();
	ck_assert_int_eq(proclc_atexit_install(NULL), 0);
	task = start(&registering);
	ck_assert_int_eq(letter_get(0), 'l');
	ck_assert_int_eq(proclc_task_kill(task, SIGINT), 0);
	letters_expect("eo");
	task_expect(task, PROCLC_STATUS_EXITED, 0);
	proclc_task_free(task);
	ck_assert_int_eq(proclc_atexit_uninstall(), 0);
	letters_expect_library();
}
END_TEST

START_TEST(loop_of_one_in_manual_mode_ends_by_TERM)
{
	struct proclc_task *task;

	if (skip_without("ready", "epoll"))
		return;
	ck_assert_int_eq(proclc_set_dispatch_mode(PROCLC_DISPATCH_MANUAL), 0);
	task = start(&registering);
	ck_assert_int_eq(letter_get(0), 'l');
	ck_assert_int_eq(proclc_task_kill(task, SIGTERM), 0);
	letters_expect("eo");
	task_expect(task, PROCLC_STATUS_EXITED, 0);
	proclc_task_free(task);
	toolkit_expect(TOOLKIT_FDS);
}
END_TEST

static int
fail_to_prepare(void *self, void *arg)
{
	(void)self;
	(void)arg;
	letter_put('i');
	return -77;
}

static void
say_fini(void *self)
{
	(void)self;
	letter_put('f');
}

START_TEST(loop_has_init_and_fini_in_the_parent)
{
	struct proclc_loop_ops ops = {
		.size = sizeof(ops), .name = "loop", .init = fail_to_prepare,
		.loop = go_round_once, .fini = say_fini,
	};
	struct proclc_task *task;

	ck_assert_int_eq(proclc_loop_new(&task, &ops, NULL, 0, NULL), -77);
	letters_expect("i");
	ops.init = NULL;
	task = start(&ops);
	task_expect(task, PROCLC_STATUS_EXITED, 0);
	letters_expect("L");
	proclc_task_free(task);
	letters_expect("f");
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("loop_child");
	TCase *tcase = tcase_create("loop_child");

	tcase_add_checked_fixture(tcase, task_setup, toolkit_teardown);
	tcase_add_test(tcase, stop_fd_becomes_readable_when_told_to_stop);
	tcase_add_test(tcase, stop_fd_asked_for_later_is_readable_too);
	tcase_add_test(tcase, stop_requested_is_0_in_a_forked_child);
	tcase_add_test(tcase, loop_started_by_one_that_stops_goes_round);
	tcase_add_test(tcase, loop_runs_exit_handlers_after_its_end);
	tcase_add_test(tcase, loop_of_one_that_installed_ends_by_INT);
	tcase_add_test(tcase, loop_of_one_in_manual_mode_ends_by_TERM);
	tcase_add_test(tcase, loop_has_init_and_fini_in_the_parent);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
