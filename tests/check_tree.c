/*
 * A task that is stopped with all its descendants: those in other groups and
 * sessions, orphans, deaf and stopped ones; with a control group and without.
 */
#define _GNU_SOURCE 1

#include "trees.h"

#include <pthread.h>
#include <sys/resource.h>

enum { GRACE_MS = 400, METHODS = 2, JOBS = 2 };

static uint32_t
method_of(int i)
{
	return i == 0 ? PROCLC_START_FORK : PROCLC_START_SPAWN;
}

/* What it returns, and that it is over. */
static void
expect_shutdown(struct proclc_task *task, int64_t grace, int rc)
{
	struct proclc_status status = PROCLC_STATUS_INIT;

	ck_assert_int_eq(proclc_task_shutdown(task, grace, &status), rc);
	ck_assert_int_eq(status.forced, rc);
}

/* Each kind, in sessions of their own or not, with both methods. */
START_TEST(shutdown_reaches_all_descendants)
{
	bool job = _i % JOBS == 1;
	struct tree_shape shape = { .kind = (enum tree_kind)(_i / 2 % KINDS),
	    .detached = _i / 6 % 2 == 1, .depth = 4 };
	struct proclc_task *task;

	if (!tree_begin(job))
		return;
	task = tree_start(&shape, method_of(_i / 12), 0);
	tree_lacks_job(job);
	expect_shutdown(task, shape.kind == POLITE ? task_bound() : GRACE_MS,
	    shape.kind == POLITE ? 0 : 1);
	tree_expect_gone();
	task_expect(task, PROCLC_STATUS_KILLED, SIGTERM);
	proclc_task_free(task);
}
END_TEST

/* By each way; with and without a group of its own. */
START_TEST(every_end_by_the_parent_reaches_all_descendants)
{
	bool job = _i % JOBS == 1;
	struct tree_shape shape = { .kind = DEAF, .detached = true,
	    .depth = 3, .deaf = true };
	struct proclc_task *task;

	if (!tree_begin(job))
		return;
	task = tree_start(&shape, PROCLC_START_FORK, _i / 2 % 2 == 0 ? 0 :
	    PROCLC_TASK_GROUP);
	if (_i / 4 == 0)
		expect_shutdown(task, PROCLC_NOW, 1);
	else if (_i / 4 == 1)
		ck_assert_int_eq(proclc_shutdown_all(PROCLC_NOW), 1);
	proclc_task_free(task);
	tree_expect_gone();
}
END_TEST

/* Its grandchildren are deaf: they are killed as soon as its end is seen. */
START_TEST(what_a_leader_leaves_is_killed_when_its_end_is_seen)
{
	struct tree_shape shape = { .kind = DEAF, .detached = _i % 2 == 1,
	    .depth = 3, .goes = true };
	struct proclc_task *task;

	if (!tree_begin(true))
		return;
	task = tree_start(&shape, method_of(_i / 2), 0);
	if (tree_lacks_job(true)) {
		proclc_task_free(task);
		return;
	}
	task_let_go(1);
	task_expect(task, PROCLC_STATUS_EXITED, 3);
	tree_expect_gone();
	proclc_task_free(task);
}
END_TEST

/* The leader is gone, and nobody has seen that, when the shutdown begins. */
START_TEST(what_a_leader_left_has_the_grace_of_a_shutdown)
{
	struct tree_shape shape = { .kind = _i == 0 ? POLITE : DEAF,
	    .detached = true, .depth = 3, .goes = true };
	struct proclc_task *task;

	if (!tree_begin(true))
		return;
	task = tree_start(&shape, PROCLC_START_FORK, 0);
	if (tree_lacks_job(true)) {
		proclc_task_free(task);
		return;
	}
	task_let_go(1);
	process_wait_gone((pid_t)proclc_task_pid(task), 0);
	expect_shutdown(task, _i == 0 ? task_bound() : GRACE_MS, _i);
	tree_expect_gone();
	task_expect(task, PROCLC_STATUS_EXITED, 3);
	proclc_task_free(task);
}
END_TEST

/* Without a control group it is found below its parent only: so says the
 * manual. */
START_TEST(without_a_job_what_a_dead_leader_left_is_out_of_reach)
{
	struct tree_shape shape = { .kind = DEAF, .detached = true,
	    .depth = 1, .goes = true };
	struct proclc_task *task;

	if (!tree_begin(false))
		return;
	task = tree_start(&shape, PROCLC_START_FORK, 0);
	task_let_go(1);
	task_expect(task, PROCLC_STATUS_EXITED, 3);
	expect_shutdown(task, PROCLC_NOW, 0);
	proclc_task_free(task);
	tree_end_strays(1);
}
END_TEST

START_TEST(task_not_to_be_terminated_is_not_killed)
{
	struct tree_shape shape = { .kind = POLITE, .detached = true,
	    .depth = 2, .goes = true };
	bool job = _i == 1;
	struct proclc_task *task;

	if (!tree_begin(job))
		return;
	task = tree_start(&shape, PROCLC_START_FORK,
	    PROCLC_TASK_NO_TERMINATE_ON_SHUTDOWN);
	ck_assert_int_eq(proclc_task_shutdown(task, 50, NULL),
	    PROCLC_ETIMEDOUT);
	task_let_go(1);
	task_expect(task, PROCLC_STATUS_EXITED, 3);
	proclc_task_free(task);
	tree_end_strays(2);
}
END_TEST

static int outer[2];

/* A task in a tree has a tree of its own: both are the outer one's. */
static int
run_outer(void *user)
{
	struct tree_shape *shape = user;
	struct proclc_task *inner;

	shape->kind = DEAF;
	inner = tree_start(shape, PROCLC_START_FORK, 0);
	if (write(outer[1], "o", 1) != 1)
		return 9;
	signal(SIGTERM, SIG_IGN);
	for (;;)
		pause();
	return inner == NULL;
}

static const struct proclc_task_ops outers = {
	.size = sizeof(outers), .name = "outer", .run = run_outer,
};

START_TEST(tree_in_a_tree_goes_with_it)
{
	struct tree_shape shape = { .detached = true, .depth = 3 };
	bool job = _i == 1;
	struct proclc_task *task;

	if (!tree_begin(job))
		return;
	ck_assert_int_eq(os_pipe(outer), 0);
	task = task_make(&outers, &shape, PROCLC_TASK_TREE);
	ck_assert(fd_readable_within(outer[0], 0));
	tree_find_place((pid_t)proclc_task_pid(task));
	expect_shutdown(task, GRACE_MS, 1);
	tree_expect_gone();
	proclc_task_free(task);
	close(outer[0]);
	close(outer[1]);
}
END_TEST

/* Other children, other trees, and this process itself hear nothing. */
START_TEST(nobody_else_is_signalled)
{
	struct tree_shape shape = { .kind = DEAF, .detached = true,
	    .depth = 2 };
	bool job = _i == 1;
	struct proclc_task *task, *other, *plain;
	pid_t foreign;

	if (!tree_begin(job))
		return;
	plain = task_start(&task_waits, NULL);
	foreign = fork();
	if (foreign == 0)
		_exit(task_wait_at_gate(NULL));
	other = tree_start(&shape, PROCLC_START_FORK, 0);
	task = tree_start(&shape, PROCLC_START_FORK, 0);
	expect_shutdown(task, PROCLC_NOW, 1);
	ck_assert_int_eq(task_kind(other), PROCLC_STATUS_RUNNING);
	ck_assert_int_eq(task_kind(plain), PROCLC_STATUS_RUNNING);
	ck_assert_int_eq(waitpid(foreign, NULL, WNOHANG), 0);
	task_let_go(2);
	ck_assert_int_eq(waitpid(foreign, NULL, 0), foreign);
	task_expect(plain, PROCLC_STATUS_EXITED, 0);
	expect_shutdown(other, PROCLC_NOW, 1);
	proclc_task_free(task);
	proclc_task_free(other);
	proclc_task_free(plain);
	tree_expect_gone();
}
END_TEST

/* Another process makes a tree at the same place. */
static void
make_another_tree(void)
{
	struct tree_shape shape = { .kind = POLITE };
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		proclc_task_free(tree_start(&shape, PROCLC_START_FORK, 0));
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}

/* Its parent is killed: the child tells the others. */
START_TEST(descendants_are_told_when_the_parent_is_gone)
{
	struct tree_shape shape = { .kind = POLITE, .detached = true,
	    .depth = 3 };
	bool job = _i == 1;
	char place[sizeof(tree_place)] = "";
	int64_t due = clock_deadline(0);
	int ends[2];
	pid_t parent;

	if (!tree_begin(job))
		return;
	ck_assert_int_eq(os_pipe(ends), 0);
	parent = fork();
	if (parent == 0) {
		tree_start(&shape, PROCLC_START_FORK, 0);
		if (write(ends[1], tree_place, sizeof(tree_place)) < 0)
			_exit(1);
		for (;;)
			pause();
	}
	ck_assert(fd_readable_within(ends[0], 0));
	ck_assert_int_gt(read(ends[0], place, sizeof(place)), 0);
	kill(parent, SIGKILL);
	ck_assert_int_eq(waitpid(parent, NULL, 0), parent);
	tree_expect_gone();
	/* Its maker is not there to remove it, so another one does, once its
	 * members are gone for the kernel, too. */
	while (*place != '\0' && file_exists(place) && clock_now_ms() < due)
		make_another_tree();
	ck_assert(*place == '\0' || !file_exists(place));
	close(ends[0]);
	close(ends[1]);
}
END_TEST

START_TEST(tree_where_it_cannot_be_had_is_ENOTSUP)
{
	struct proclc_task_options options = PROCLC_TASK_OPTIONS_INIT;
	struct proclc_task *task = NULL;

	if (backend_is("tree", "linux") && backend_is("process", "pidfd"))
		return;
	options.flags = PROCLC_TASK_TREE;
	ck_assert_int_eq(proclc_task_new(&task, &task_waits, NULL, 0,
	    &options), PROCLC_ENOTSUP);
	ck_assert_ptr_null(task);
}
END_TEST

/* None is to be had to pin a process: the child is told all the same; but
 * nobody knows whether it has left others. */
START_TEST(child_is_told_without_descriptors)
{
	struct tree_shape shape = { .kind = POLITE };
	struct rlimit limit, none;
	struct proclc_task *task;

	if (!tree_begin(_i == 1))
		return;
	task = tree_start(&shape, PROCLC_START_FORK, 0);
	getrlimit(RLIMIT_NOFILE, &limit);
	none = limit;
	none.rlim_cur = 0;
	setrlimit(RLIMIT_NOFILE, &none);
	ck_assert_int_eq(proclc_task_shutdown(task, GRACE_MS, NULL),
	    PROCLC_ETIMEDOUT);
	setrlimit(RLIMIT_NOFILE, &limit);
	task_expect(task, PROCLC_STATUS_KILLED, SIGTERM);
	proclc_task_free(task);
	tree_remove(tree_place);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("tree");
	TCase *tcase = tcase_create("tree");

	tcase_add_checked_fixture(tcase, tree_setup, toolkit_teardown);
	tcase_add_loop_test(tcase, shutdown_reaches_all_descendants, 0,
	    2 * KINDS * 2 * METHODS);
	tcase_add_loop_test(tcase,
	    every_end_by_the_parent_reaches_all_descendants, 0, 10);
	tcase_add_loop_test(tcase,
	    what_a_leader_leaves_is_killed_when_its_end_is_seen, 0, 4);
	tcase_add_loop_test(tcase,
	    what_a_leader_left_has_the_grace_of_a_shutdown, 0, 2);
	tcase_add_test(tcase,
	    without_a_job_what_a_dead_leader_left_is_out_of_reach);
	tcase_add_loop_test(tcase, task_not_to_be_terminated_is_not_killed, 0,
	    2);
	tcase_add_loop_test(tcase, tree_in_a_tree_goes_with_it, 0, 2);
	tcase_add_loop_test(tcase, nobody_else_is_signalled, 0, 2);
	tcase_add_loop_test(tcase,
	    descendants_are_told_when_the_parent_is_gone, 0, 2);
	tcase_add_loop_test(tcase, child_is_told_without_descriptors, 0, 2);
	tcase_add_test(tcase, tree_where_it_cannot_be_had_is_ENOTSUP);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(int argc, char **argv)
{
	if (proclc_register(&tree_ops) < 0)
		return 1;
	return spawn_main(argc, argv, make_suite);
}
