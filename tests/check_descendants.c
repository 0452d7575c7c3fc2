/*
 * All that is left below a process is stopped: orphans in sessions of their
 * own, children that are no tasks, tasks whatever their flags; and nobody
 * else.
 */
#define _GNU_SOURCE 1

#include "strays.h"

#include <errno.h>

static void
setup(void)
{
	/* Check's handler, which children would have, ends the group. */
	signal(SIGTERM, SIG_DFL);
	strays_setup();
	if (!backend_is("tree", "linux"))
		return;
	ck_assert_int_eq(proclc_reap_strays(), 0);
}

/* An orphan that says 'o' when it is there, and hears no SIGTERM. */
static void
make_stubborn_orphan(void)
{
	pid_t pid = fork();

	if (pid != 0)
		return;
	if (fork() == 0) {
		setsid();
		signal(SIGTERM, SIG_IGN);
		letter_put('o');
		_exit(task_wait_at_gate(NULL));
	}
	_exit(0);
}

static int
run_leaving_one(void *self)
{
	(void)self;
	make_stubborn_orphan();
	return task_wait_at_gate(NULL);
}

static const struct proclc_task_ops leaves_one = {
	.size = sizeof(leaves_one), .name = "leaves one",
	.run = run_leaving_one,
};

START_TEST(nobody_below_is_no_error)
{
	if (skip_subreaper())
		return;
	ck_assert_int_eq(proclc_shutdown_descendants(0), 0);
	ck_assert_int_eq(proclc_shutdown_descendants(PROCLC_NOW), 0);
}
END_TEST

START_TEST(orphans_in_sessions_of_their_own_end_by_TERM)
{
	if (skip_subreaper())
		return;
	strays_make(20, true);
	ck_assert_int_eq(proclc_shutdown_descendants(task_bound()), 0);
	ck_assert(strays_all_gone());
}
END_TEST

START_TEST(orphan_that_hears_no_TERM_is_killed_after_the_grace)
{
	int64_t since = clock_now_ms();

	if (skip_subreaper())
		return;
	make_stubborn_orphan();
	ck_assert_int_eq(letter_get(0), 'o');
	ck_assert_int_eq(proclc_shutdown_descendants(100), 1);
	ck_assert_int_ge(clock_now_ms() - since, 100);
	ck_assert(strays_all_gone());
}
END_TEST

START_TEST(without_a_grace_they_are_killed_at_once)
{
	if (skip_subreaper())
		return;
	make_stubborn_orphan();
	ck_assert_int_eq(letter_get(0), 'o');
	strays_make(3, true);
	ck_assert_int_eq(proclc_shutdown_descendants(PROCLC_NOW), 1);
	ck_assert(strays_all_gone());
}
END_TEST

/* Each forks the next one when it is told to end. */
static int fork_again_left = 20;

static void
fork_again(int signum)
{
	(void)signum;
	if (fork_again_left-- > 0 && fork() == 0)
		return;
	_exit(0);
}

START_TEST(who_is_forked_meanwhile_is_found)
{
	if (skip_subreaper())
		return;
	if (fork() == 0) {
		signal(SIGTERM, fork_again);
		letter_put('f');
		for (;;)
			pause();
	}
	ck_assert_int_eq(letter_get(0), 'f');
	ck_assert_int_ge(proclc_shutdown_descendants(task_bound()), 0);
	ck_assert(strays_all_gone());
}
END_TEST

START_TEST(tasks_are_stopped_whatever_their_flags)
{
	const uint32_t flags[3] = { 0, PROCLC_TASK_OUTLIVE_PARENT,
	    PROCLC_TASK_NO_TERMINATE_ON_SHUTDOWN };
	struct proclc_status status = PROCLC_STATUS_INIT;
	struct proclc_task *tasks[3];
	int i;

	if (skip_subreaper())
		return;
	for (i = 0; i < 3; i++)
		tasks[i] = task_make(&task_waits, NULL, flags[i] |
		    PROCLC_TASK_WAIT_FOR_CHILD);
	ck_assert_int_ge(proclc_shutdown_descendants(200), 0);
	for (i = 0; i < 3; i++) {
		ck_assert_int_eq(proclc_task_wait(tasks[i], task_bound(),
		    &status), 0);
		ck_assert_int_eq(status.kind, PROCLC_STATUS_KILLED);
		/* Or the grace was too short for a loaded machine. */
		ck_assert(status.signum == SIGTERM ||
		    status.signum == SIGKILL);
		proclc_task_free(tasks[i]);
	}
	ck_assert(strays_all_gone());
}
END_TEST

START_TEST(parent_and_sibling_live)
{
	pid_t sibling, middle;
	int status;

	if (skip_subreaper())
		return;
	sibling = fork();
	if (sibling == 0)
		_exit(task_wait_at_gate(NULL));
	middle = fork();
	if (middle == 0) {
		if (fork() == 0)
			_exit(task_wait_at_gate(NULL));
		status = proclc_shutdown_descendants(task_bound());
		letter_put(status == 0 ? 's' : 'f');
		_exit(0);
	}
	ck_assert_int_eq(letter_get(0), 's');
	ck_assert_int_eq(kill(sibling, 0), 0);
	ck_assert_int_eq(waitid(P_PID, (id_t)sibling, &(siginfo_t){ 0 },
	    WEXITED | WNOHANG | WNOWAIT), 0);
	task_let_go(1);
	ck_assert(strays_all_gone());
}
END_TEST

START_TEST(time_that_is_none_is_EINVAL_and_nobody_is_signalled)
{
	if (skip_subreaper())
		return;
	strays_make(1, true);
	ck_assert_int_eq(proclc_shutdown_descendants(-3), PROCLC_EINVAL);
	task_let_go(1);
	ck_assert(strays_all_gone());
}
END_TEST

START_TEST(strays_are_stopped_only_while_no_task_runs)
{
	struct proclc_task *task;

	if (skip_subreaper())
		return;
	ck_assert_int_eq(proclc_shutdown_strays(0), 0);
	strays_make(3, true);
	task = task_make(&task_waits, NULL, PROCLC_TASK_WAIT_FOR_CHILD);
	ck_assert_int_eq(proclc_shutdown_strays(0), PROCLC_ETASKS);
	ck_assert_int_eq(proclc_shutdown_strays(-3), PROCLC_EINVAL);
	task_let_go(4);
	ck_assert_int_eq(proclc_task_wait(task, task_bound(), NULL), 0);
	ck_assert(strays_all_gone());
	/* With a task that has ended; and who hears no SIGTERM. */
	make_stubborn_orphan();
	ck_assert_int_eq(letter_get(0), 'o');
	ck_assert_int_eq(proclc_shutdown_strays(100), 1);
	ck_assert(strays_all_gone());
	proclc_task_free(task);
}
END_TEST

static void
stop_strays(struct proclc_task *task, int state,
    const struct proclc_status *status, void *user)
{
	(void)task;
	(void)status;
	if (state == PROCLC_TASK_BACKING_OFF)
		*(int *)user = proclc_shutdown_strays(PROCLC_NOW);
}

/* Killed, it cannot see to its own child; the next run begins without that. */
START_TEST(strays_of_a_run_are_stopped_before_the_next_one)
{
	struct proclc_task_options o = PROCLC_TASK_OPTIONS_INIT;
	struct proclc_restart restart = PROCLC_RESTART_INIT;
	struct proclc_task *task;
	int stopped = -1;
	pid_t pid;

	if (skip_subreaper())
		return;
	restart.when = PROCLC_RESTART_ALWAYS;
	restart.delay_ms = PROCLC_NOW;
	o.flags = PROCLC_TASK_EXPLICIT_START;
	o.restart = &restart;
	ck_assert_int_eq(proclc_task_new(&task, &leaves_one, NULL, 0, &o), 0);
	ck_assert_int_eq(proclc_task_on_change(task, stop_strays, &stopped),
	    0);
	ck_assert_int_eq(proclc_task_start(task), 0);
	ck_assert_int_eq(letter_get(0), 'o');
	pid = (pid_t)proclc_task_pid(task);
	ck_assert_int_eq(proclc_task_kill(task, SIGKILL), 0);
	/* The next run. */
	ck_assert_int_eq(letter_get(0), 'o');
	ck_assert_int_ne(proclc_task_pid(task), pid);
	ck_assert_int_eq(stopped, 1);
	ck_assert_int_ge(proclc_shutdown_descendants(PROCLC_NOW), 0);
	proclc_task_free(task);
	ck_assert(strays_all_gone());
}
END_TEST

START_TEST(where_kin_is_not_told_it_is_ENOTSUP)
{
	if (backend_is("tree", "linux"))
		return;
	ck_assert_int_eq(proclc_shutdown_descendants(0), PROCLC_ENOTSUP);
	ck_assert_int_eq(proclc_shutdown_strays(0), PROCLC_ENOTSUP);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("descendants");
	TCase *tcase = tcase_create("descendants");

	tcase_add_checked_fixture(tcase, setup, toolkit_teardown);
	tcase_add_test(tcase, nobody_below_is_no_error);
	tcase_add_test(tcase, orphans_in_sessions_of_their_own_end_by_TERM);
	tcase_add_test(tcase,
	    orphan_that_hears_no_TERM_is_killed_after_the_grace);
	tcase_add_test(tcase, without_a_grace_they_are_killed_at_once);
	tcase_add_test(tcase, who_is_forked_meanwhile_is_found);
	tcase_add_test(tcase, tasks_are_stopped_whatever_their_flags);
	tcase_add_test(tcase, parent_and_sibling_live);
	tcase_add_test(tcase,
	    time_that_is_none_is_EINVAL_and_nobody_is_signalled);
	tcase_add_test(tcase, strays_are_stopped_only_while_no_task_runs);
	tcase_add_test(tcase, strays_of_a_run_are_stopped_before_the_next_one);
	tcase_add_test(tcase, where_kin_is_not_told_it_is_ENOTSUP);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(int argc, char **argv)
{
	return spawn_main(argc, argv, make_suite);
}
