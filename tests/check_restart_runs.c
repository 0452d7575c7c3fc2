/*
 * The runs of a task that is restarted: what each is made of, and what holds
 * it up.
 */
#define _GNU_SOURCE 1

#include "restarts.h"
#include "spawns.h"

#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/wait.h>

/* What the bodies know of their run; the parent's callback counts. */
struct runs {
	int begun;	/* in the parent */
	int hang_from;	/* from this run on it hangs */
};

static void
count(struct proclc_task *task, int state, const struct proclc_status *status,
    void *user)
{
	struct runs *runs = user;

	(void)task;
	(void)status;
	if (state == PROCLC_TASK_BACKING_OFF)
		runs->begun++;
	else if (state >= PROCLC_TASK_FAILED)
		letter_put(restart_letter(state));
}

static struct proclc_task *
start_counted(const struct proclc_task_ops *ops, struct runs *runs,
    const struct proclc_restart *policy)
{
	struct proclc_task *task = restart_new(ops, runs, 0, policy);

	ck_assert_int_eq(proclc_task_on_change(task, count, runs), 0);
	ck_assert_int_eq(proclc_task_start(task), 0);
	return task;
}

static int
say_run(void *self)
{
	letter_put((char)('0' + ((struct runs *)self)->begun));
	return 1;
}

static const struct proclc_task_ops says_run = {
	.size = sizeof(says_run), .name = "says run", .run = say_run,
};

START_TEST(each_run_has_self_as_it_is_in_the_parent_then)
{
	struct proclc_restart policy =
	    restart_policy(PROCLC_RESTART_ON_FAILURE);
	struct runs runs = { 0 };
	struct proclc_task *task;

	if (!use_way(_i))
		return;
	policy.limit = 4;
	task = start_counted(&says_run, &runs, &policy);
	restart_expect_all("0123f");
	proclc_task_free(task);
}
END_TEST

static int
say_init(void *self, void *arg)
{
	(void)self;
	letter_put(*(char *)arg);
	return 0;
}

static void
say_fini(void *unused)
{
	(void)unused;
	letter_put('F');
}

static const struct proclc_task_ops framed = {
	.size = sizeof(framed), .name = "framed", .init = say_init,
	.run = task_exit, .fini = say_fini,
};

START_TEST(init_and_fini_are_called_once)
{
	struct proclc_restart policy = restart_policy(PROCLC_RESTART_ALWAYS);
	struct proclc_task_options options = PROCLC_TASK_OPTIONS_INIT;
	struct proclc_task *task;

	letters_expect_library();
	policy.limit = 3;
	options.arg = letter_name('I');
	options.restart = &policy;
	ck_assert_int_eq(proclc_task_new(&task, &framed, NULL, 0, &options),
	    0);
	memset(&policy, 0, sizeof(policy));
	ck_assert_int_eq(proclc_task_wait(task, task_bound(), NULL), 0);
	ck_assert_int_eq(proclc_task_restarts(task), 2);
	letters_expect("I");
	proclc_task_free(task);
	letters_expect("F");
}
END_TEST

static int
begin_or_hang(void *self)
{
	struct runs *runs = self;

	if (runs->begun >= runs->hang_from) {
		letter_put('h');
		task_wait_at_gate(NULL);
	}
	return -1;
}

static int64_t
never_go(void *unused)
{
	(void)unused;
	return PROCLC_LOOP_STOP;
}

static const struct proclc_loop_ops hangs = {
	.size = sizeof(hangs), .name = "hangs", .begin = begin_or_hang,
	.loop = never_go,
};

START_TEST(one_that_hangs_in_begin_holds_up_no_other)
{
	struct proclc_restart policy = restart_policy(PROCLC_RESTART_ALWAYS);
	struct proclc_task_options options = PROCLC_TASK_OPTIONS_INIT;
	struct runs runs = { .hang_from = 1 }, others = { 0 };
	struct proclc_task *task, *other;

	if (!use_way(_i))
		return;
	options.flags = PROCLC_TASK_EXPLICIT_START;
	options.restart = &policy;
	ck_assert_int_eq(proclc_loop_new(&task, &hangs, &runs, 0, &options),
	    0);
	ck_assert_int_eq(proclc_task_on_change(task, count, &runs), 0);
	ck_assert_int_eq(proclc_task_start(task), 0);
	restart_expect_all("h");
	ck_assert_int_eq(proclc_task_state(task), PROCLC_TASK_RUNNING);
	policy.limit = 4;
	other = start_counted(&says_run, &others, &policy);
	restart_expect_all("0123f");
	task_let_go(1);
	restart_expect("h");
	proclc_task_free(other);
	ck_assert_int_ge(proclc_task_shutdown(task, PROCLC_NOW, NULL), 0);
	restart_expect_all("x");
	proclc_task_free(task);
}
END_TEST

/* The status is the kernel's to keep, or lost. */
START_TEST(end_that_nobody_knows_is_a_failure)
{
	struct proclc_restart policy = restart_late(PROCLC_RESTART_ON_FAILURE);
	struct proclc_task *task;

	if (!kernel_refuse_pidfds()) {
		toolkit_skip("what comes without pidfds");
		return;
	}
	toolkit_expect_signal(SIGCHLD);
	signal(SIGCHLD, SIG_IGN);
	letters_expect_library();
	task = restart_start(&task_exits, NULL, 0, &policy);
	restart_expect_all("srb");
	ck_assert_int_eq(task_kind(task), PROCLC_STATUS_UNKNOWN);
	proclc_task_free(task);
	signal(SIGCHLD, SIG_DFL);
}
END_TEST

START_TEST(several_are_started_and_each_runs_again)
{
	struct proclc_restart policy = restart_policy(PROCLC_RESTART_ALWAYS);
	struct runs runs[3] = { { 0 }, { 0 }, { 0 } };
	struct proclc_task *tasks[3];

	letters_expect_library();
	policy.limit = 3;
	for (int i = 0; i < 3; i++)
		tasks[i] = restart_new(&says_run, &runs[i], i == 0 ?
		    PROCLC_TASK_WAIT_FOR_CHILD : 0, &policy);
	ck_assert_int_eq(proclc_start_all(tasks, 3), 0);
	ck_assert_int_eq(proclc_wait_all(tasks, 3, task_bound()), 0);
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(proclc_task_state(tasks[i]),
		    PROCLC_TASK_FAILED);
		ck_assert_int_eq(proclc_task_restarts(tasks[i]), 2);
		proclc_task_free(tasks[i]);
	}
	letters_expect("000000000");
}
END_TEST

/* A new run of the program each time, with self as it is then. */
START_TEST(spawned_one_runs_again)
{
	struct proclc_task_options options = PROCLC_TASK_OPTIONS_INIT;
	struct proclc_restart policy = restart_policy(PROCLC_RESTART_ALWAYS);
	struct spawn_self self;
	struct proclc_task *task;

	if (!use_way(_i))
		return;
	spawn_open();
	self = spawn_self('a');
	options.start_method = PROCLC_START_SPAWN;
	options.restart = &policy;
	ck_assert_int_eq(proclc_task_new(&task, &spawn_waits, &self,
	    sizeof(self), &options), 0);
	restart_expect("a");
	self.letter = 'b';
	task_let_go(1);
	restart_expect("b");
	ck_assert_int_eq(proclc_task_kill(task, PROCLC_SIGKILL), 0);
	restart_expect_all("b");
	ck_assert_int_eq(proclc_task_restarts(task), 2);
	ck_assert_int_eq(proclc_task_shutdown(task, 0, NULL), 0);
	proclc_task_free(task);
}
END_TEST

/* What a forked child has of it is dead: it may ask, and free it. */
START_TEST(nothing_restarts_in_a_forked_child)
{
	struct proclc_restart policy = restart_policy(PROCLC_RESTART_ALWAYS);
	struct runs runs = { 0 };
	struct proclc_task *task;
	int status;
	pid_t pid;

	if (toolkit_skip_tsan(TSAN_FORK))
		return;
	letters_expect_library();
	policy.delay_ms = policy.max_delay_ms = 300;
	policy.limit = 3;
	task = start_counted(&says_run, &runs, &policy);
	restart_expect("0");
	while (proclc_task_state(task) != PROCLC_TASK_BACKING_OFF)
		poll(NULL, 0, 1);
	pid = fork();
	if (pid == 0) {
		if (proclc_task_state(task) != PROCLC_ENOTOWNER ||
		    proclc_task_restarts(task) != PROCLC_ENOTOWNER ||
		    proclc_task_on_change(task, restart_tell, NULL) !=
		    PROCLC_ENOTOWNER)
			_exit(1);
		/* A dispatcher of its own, well beyond the delay. */
		if (task_code_of(task_exit, 0) != 0)
			_exit(2);
		_exit(task_wait_at_gate(NULL));
	}
	restart_expect_all("12f");
	task_let_go(1);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	proclc_task_free(task);
}
END_TEST

/* Programs that were compiled before there were policies; and bad ones. */
START_TEST(options_are_read_by_their_size)
{
	struct proclc_task_options o = PROCLC_TASK_OPTIONS_INIT;
	struct {
		struct proclc_restart known;
		int64_t more;
	} later = { PROCLC_RESTART_INIT, 1 };
	struct proclc_restart bad = PROCLC_RESTART_INIT;
	struct proclc_task *task;

	letters_expect_library();
	bad.when = 3;
	o.restart = &bad;
	ck_assert_int_eq(proclc_task_new(&task, &framed, NULL, 0, &o),
	    PROCLC_EINVAL);
	o.restart = &later.known;
	later.known.size = sizeof(later);
	ck_assert_int_eq(proclc_task_new(&task, &framed, NULL, 0, &o),
	    PROCLC_E2BIG);
	ck_assert_int_eq(letter_get(1), 0);
	o.arg = letter_name('I');
	o.size = offsetof(struct proclc_task_options, restart);
	ck_assert_int_eq(proclc_task_new(&task, &framed, NULL, 0, &o), 0);
	task_expect(task, PROCLC_STATUS_EXITED, 0);
	proclc_task_free(task);
	letters_expect("IF");
}
END_TEST

START_TEST(calls_without_a_task_are_refused)
{
	struct proclc_task *task;

	ck_assert_int_eq(proclc_task_state(NULL), PROCLC_EINVAL);
	ck_assert_int_eq(proclc_task_restarts(NULL), PROCLC_EINVAL);
	ck_assert_int_eq(proclc_task_on_change(NULL, restart_tell, NULL),
	    PROCLC_EINVAL);
	task = task_make(&task_exits, NULL, PROCLC_TASK_EXPLICIT_START);
	ck_assert_int_eq(proclc_task_on_change(task, NULL, NULL), 0);
	ck_assert_int_eq(proclc_task_restarts(task), 0);
	proclc_task_free(task);
}
END_TEST

static Suite *
runs_suite(void)
{
	Suite *suite = suite_create("restart runs");
	TCase *tc = tcase_create("runs");

	tcase_add_checked_fixture(tc, task_setup, toolkit_teardown);
	tcase_add_loop_test(tc,
	    each_run_has_self_as_it_is_in_the_parent_then, 0, WAYS);
	tcase_add_test(tc, init_and_fini_are_called_once);
	tcase_add_loop_test(tc, one_that_hangs_in_begin_holds_up_no_other, 0,
	    WAYS);
	tcase_add_test(tc, end_that_nobody_knows_is_a_failure);
	tcase_add_test(tc, several_are_started_and_each_runs_again);
	tcase_add_loop_test(tc, spawned_one_runs_again, 0, WAYS);
	tcase_add_test(tc, nothing_restarts_in_a_forked_child);
	tcase_add_test(tc, options_are_read_by_their_size);
	tcase_add_test(tc, calls_without_a_task_are_refused);
	suite_add_tcase(suite, tc);
	return suite;
}

int
main(int argc, char **argv)
{
	return spawn_main(argc, argv, runs_suite);
}
