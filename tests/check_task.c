/*
 * The task as an object: made, started, waited for, signalled, freed.
 */
#define _GNU_SOURCE 1

#include "tasks.h"

#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

/* The exit code. */

START_TEST(run_code_reaches_the_status)
{
	struct proclc_task *task;
	int code;

	for (code = 0; code <= 255; code++) {
		task = task_start(&task_exits, &code);
		task_expect(task, PROCLC_STATUS_EXITED, code);
		proclc_task_free(task);
	}
}
END_TEST

START_TEST(run_code_that_is_none_is_death_by_ABRT)
{
	static const int none[] = { -1, 256, INT_MIN, INT_MAX };
	struct rlimit core = { 0, 0 };
	struct proclc_task *task;
	int code = none[_i];

	setrlimit(RLIMIT_CORE, &core);
	task = task_start(&task_exits, &code);
	task_expect(task, PROCLC_STATUS_KILLED, SIGABRT);
	proclc_task_free(task);
}
END_TEST

/* init and fini. */

static struct work {
	pid_t pid;
	void *arg;
	int inits, finis;
	int answer;     /* of init */
} work;

static int
init_work(void *self, void *arg)
{
	struct work *w = self;

	w->pid = getpid();
	w->arg = arg;
	w->inits++;
	return w->answer;
}

/* 42: init has run in our parent, and we have what it has left in self. */
static int
run_work(void *self)
{
	struct work *w = self;

	w->inits = 100;     /* the child's copy */
	return w->pid == getppid() && w->arg == &work ? 42 : 1;
}

static void
fini_work(void *self)
{
	struct work *w = self;

	ck_assert_int_eq(w->pid, getpid());
	w->finis++;
}

static const struct proclc_task_ops working = {
	.size = sizeof(working),
	.name = "working",
	.init = init_work,
	.run = run_work,
	.fini = fini_work,
};

static int
make_working(struct proclc_task **task, int answer, uint32_t flags)
{
	struct proclc_task_options options = PROCLC_TASK_OPTIONS_INIT;

	work.answer = answer;
	options.arg = &work;
	options.flags = flags;
	return proclc_task_new(task, &working, &work, sizeof(work), &options);
}

START_TEST(init_runs_in_the_parent_with_its_arg)
{
	struct proclc_task *task;

	ck_assert_int_eq(make_working(&task, 0, 0), 0);
	ck_assert_int_eq(work.inits, 1);
	task_expect(task, PROCLC_STATUS_EXITED, 42);
	ck_assert_int_eq(work.inits, 1);
	ck_assert_int_eq(work.finis, 0);
	proclc_task_free(task);
	ck_assert_int_eq(work.finis, 1);
}
END_TEST

START_TEST(init_that_fails_makes_no_child)
{
	struct proclc_task *task = (void *)&work;

	ck_assert_int_eq(make_working(&task, -12345, 0), -12345);
	ck_assert_ptr_eq((void *)task, (void *)&work);
	ck_assert_ptr_nonnull(strstr(proclc_errmsg(), "working"));
	toolkit_unchanged();
	ck_assert_int_eq(work.inits, 1);
	ck_assert_int_eq(work.finis, 0);
}
END_TEST

START_TEST(fini_runs_once_for_a_task_that_never_started)
{
	struct proclc_task *task;

	ck_assert_int_eq(make_working(&task, 0, PROCLC_TASK_EXPLICIT_START),
	    0);
	ck_assert_int_eq(work.finis, 0);
	proclc_task_free(task);
	ck_assert_int_eq(work.finis, 1);
	proclc_task_free(NULL);
}
END_TEST

/* What is refused. */

START_TEST(new_with_nonsense_is_EINVAL)
{
	struct proclc_task_options options = PROCLC_TASK_OPTIONS_INIT;
	struct proclc_task_ops ops = task_exits;
	struct proclc_task *task = (void *)&work;

	ck_assert_int_eq(proclc_task_new(NULL, &ops, NULL, 0, NULL),
	    PROCLC_EINVAL);
	ck_assert_int_eq(proclc_task_new(&task, NULL, NULL, 0, NULL),
	    PROCLC_EINVAL);
	options.flags = 1u << 30;
	ck_assert_int_eq(proclc_task_new(&task, &ops, NULL, 0, &options),
	    PROCLC_EINVAL);
	options.flags = PROCLC_TASK_WAIT_FOR_CHILD |
	    PROCLC_TASK_NO_WAIT_FOR_CHILD;
	ck_assert_int_eq(proclc_task_new(&task, &ops, NULL, 0, &options),
	    PROCLC_EINVAL);
	options = (struct proclc_task_options){ .size = 2 };
	ck_assert_int_eq(proclc_task_new(&task, &ops, NULL, 0, &options),
	    PROCLC_EINVAL);
	ck_assert_ptr_eq((void *)task, (void *)&work);
}
END_TEST

START_TEST(new_without_run_name_or_size_is_EINVAL)
{
	struct proclc_task_ops ops = task_exits;
	struct proclc_task *task;

	if (_i == 0)
		ops.run = NULL;
	else if (_i == 1)
		ops.name = NULL;
	else
		ops.size = 8;
	ck_assert_int_eq(proclc_task_new(&task, &ops, NULL, 0, NULL),
	    PROCLC_EINVAL);
	ck_assert_int_eq(proclc_register(&ops), PROCLC_EINVAL);
}
END_TEST

START_TEST(null_task_is_EINVAL)
{
	struct proclc_status status = PROCLC_STATUS_INIT;

	ck_assert_int_eq(proclc_task_start(NULL), PROCLC_EINVAL);
	ck_assert_int_eq(proclc_task_wait(NULL, 0, NULL), PROCLC_EINVAL);
	ck_assert_int_eq(proclc_task_shutdown(NULL, 0, NULL), PROCLC_EINVAL);
	ck_assert_int_eq(proclc_task_kill(NULL, SIGTERM), PROCLC_EINVAL);
	ck_assert_int_eq(proclc_task_status(NULL, &status), PROCLC_EINVAL);
	ck_assert_int_eq((int)proclc_task_pid(NULL), PROCLC_EINVAL);
	ck_assert_int_eq(proclc_task_on_exit(NULL, NULL, NULL),
	    PROCLC_EINVAL);
}
END_TEST

START_TEST(arguments_that_make_no_sense_are_EINVAL)
{
	struct proclc_task *task = task_start(&task_waits, NULL);
	struct proclc_status status = { .size = 2 };

	ck_assert_int_eq(proclc_task_wait(task, -3, NULL), PROCLC_EINVAL);
	ck_assert_int_eq(proclc_task_wait(task, 0, &status), PROCLC_EINVAL);
	ck_assert_int_eq(proclc_task_status(task, &status), PROCLC_EINVAL);
	ck_assert_int_eq(proclc_task_status(task, NULL), PROCLC_EINVAL);
	ck_assert_int_eq(proclc_task_shutdown(task, 0, &status),
	    PROCLC_EINVAL);
	ck_assert_int_eq(proclc_shutdown_all(-3), PROCLC_EINVAL);
	ck_assert_int_eq(proclc_task_kill(task, 0), PROCLC_ESIGNAL);
	ck_assert_int_eq(proclc_task_kill(task, 65), PROCLC_ESIGNAL);
	ck_assert_int_eq(proclc_task_kill(task, -1), PROCLC_ESIGNAL);
	ck_assert_int_eq(task_kind(task), PROCLC_STATUS_RUNNING);
	proclc_task_free(task);
}
END_TEST

/* Starting. */

START_TEST(explicit_start_makes_the_child_then)
{
	struct proclc_task *task = task_make(&task_waits, NULL,
	    PROCLC_TASK_EXPLICIT_START);

	toolkit_unchanged();
	ck_assert_int_eq((int)proclc_task_pid(task), 0);
	ck_assert_int_eq(task_kind(task), PROCLC_STATUS_NEW);
	ck_assert_int_eq(proclc_task_start(task), 0);
	ck_assert_int_eq(process_ppid((pid_t)proclc_task_pid(task)),
	    getpid());
	ck_assert_int_eq(task_kind(task), PROCLC_STATUS_RUNNING);
	task_let_go(1);
	task_expect(task, PROCLC_STATUS_EXITED, 0);
	proclc_task_free(task);
}
END_TEST

START_TEST(start_twice_is_EALREADY_and_after_the_end_too)
{
	struct proclc_task *task = task_start(&task_waits, NULL);
	int64_t pid = proclc_task_pid(task);

	ck_assert_int_eq(proclc_task_start(task), PROCLC_EALREADY);
	task_let_go(1);
	task_expect(task, PROCLC_STATUS_EXITED, 0);
	ck_assert_int_eq(proclc_task_start(task), PROCLC_EALREADY);
	ck_assert_int_eq((int)proclc_task_pid(task), (int)pid);
	proclc_task_free(task);
}
END_TEST

START_TEST(before_the_start_wait_and_shutdown_do_nothing)
{
	struct proclc_task *task = task_make(&task_waits, NULL,
	    PROCLC_TASK_EXPLICIT_START);
	struct proclc_status status = PROCLC_STATUS_INIT;
	int i;

	for (i = 0; i < 2; i++) {
		ck_assert_int_eq(proclc_task_wait(task, PROCLC_FOREVER,
		    &status), 0);
		ck_assert_int_eq(status.kind, PROCLC_STATUS_NEW);
		ck_assert_int_eq(proclc_task_shutdown(task, PROCLC_FOREVER,
		    NULL), 0);
		ck_assert_int_eq(proclc_shutdown_all(PROCLC_FOREVER), 0);
		ck_assert_int_eq(proclc_task_kill(task, SIGTERM),
		    PROCLC_ESRCH);
	}
	ck_assert_int_eq(proclc_task_start(task), 0);
	proclc_task_free(task);
}
END_TEST

/* Threads that are cancelled: no call is a cancellation point, nor leaves
 * something locked. */

static bool came_back;

static void
call(struct proclc_task *task, int which)
{
	struct proclc_task_options options = PROCLC_TASK_OPTIONS_INIT;
	struct proclc_status status = PROCLC_STATUS_INIT;
	struct proclc_task *other;

	options.flags = PROCLC_TASK_WAIT_FOR_CHILD;
	if (which == 0)
		proclc_task_status(task, &status);
	else if (which == 1)
		proclc_task_kill(task, SIGCONT);
	else if (which == 2)
		proclc_task_wait(task, 50, NULL);
	else if (which == 3)
		proclc_wait_any(&task, 1, 50);
	else if (which == 4)
		proclc_task_shutdown(task, PROCLC_NOW, NULL);
	else if (proclc_task_new(&other, &task_exits, NULL, 0, &options) == 0)
		proclc_task_free(other);
}

static struct proclc_task *target;

static void *
call_cancelled(void *which)
{
	pthread_cancel(pthread_self());
	call(target, *(int *)which);
	came_back = true;
	pthread_testcancel();
	return NULL;
}

START_TEST(cancelled_thread_comes_out_of_the_call)
{
	pthread_t thread;
	void *result;

	if (toolkit_skip_tsan(TSAN_FORK))
		return;
	came_back = false;
	target = task_start(&task_waits, NULL);
	ck_assert_int_eq(pthread_create(&thread, NULL, call_cancelled, &_i),
	    0);
	ck_assert_int_eq(pthread_join(thread, &result), 0);
	ck_assert(came_back);
	ck_assert(result == PTHREAD_CANCELED);
	proclc_task_free(target);
}
END_TEST

/* Registering, which a forked child does not need. */

START_TEST(register_takes_a_name_once)
{
	static struct proclc_task_ops other;
	static const struct proclc_loop_ops loop = {
		.size = sizeof(loop), .name = "exits",
	};
	char *words[] = { (char *)(uintptr_t)"x", NULL };
	char **argv = words;
	int argc = 1;

	other = task_exits;
	ck_assert_int_eq(proclc_register(&task_exits), 0);
	ck_assert_int_eq(proclc_register(&task_exits), 0);
	ck_assert_int_eq(proclc_register(&task_waits), 0);
	ck_assert_int_eq(proclc_register(&other), PROCLC_EEXIST);
	ck_assert_int_eq(proclc_register(NULL), PROCLC_EINVAL);
	ck_assert_int_eq(proclc_register_loop(&loop), PROCLC_EINVAL);
	ck_assert_int_eq(proclc_register_loop(NULL), PROCLC_EINVAL);
	ck_assert_int_eq(proclc_init(&argc, &argv), 0);
	ck_assert_int_eq(argc, 1);
	ck_assert_ptr_eq((void *)argv, (void *)words);
	ck_assert_int_eq(proclc_init(NULL, &argv), PROCLC_EINVAL);
	ck_assert_int_eq(proclc_init(&argc, NULL), PROCLC_EINVAL);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("task");
	TCase *tcase = tcase_create("object");

	tcase_add_checked_fixture(tcase, task_setup, toolkit_teardown);
	tcase_add_test(tcase, run_code_reaches_the_status);
	tcase_add_loop_test(tcase, run_code_that_is_none_is_death_by_ABRT, 0,
	    4);
	tcase_add_test(tcase, init_runs_in_the_parent_with_its_arg);
	tcase_add_test(tcase, init_that_fails_makes_no_child);
	tcase_add_test(tcase, fini_runs_once_for_a_task_that_never_started);
	tcase_add_test(tcase, new_with_nonsense_is_EINVAL);
	tcase_add_loop_test(tcase, new_without_run_name_or_size_is_EINVAL, 0,
	    3);
	tcase_add_test(tcase, null_task_is_EINVAL);
	tcase_add_test(tcase, arguments_that_make_no_sense_are_EINVAL);
	tcase_add_test(tcase, explicit_start_makes_the_child_then);
	tcase_add_test(tcase, start_twice_is_EALREADY_and_after_the_end_too);
	tcase_add_test(tcase, before_the_start_wait_and_shutdown_do_nothing);
	tcase_add_loop_test(tcase, cancelled_thread_comes_out_of_the_call, 0,
	    6);
	tcase_add_test(tcase, register_takes_a_name_once);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
