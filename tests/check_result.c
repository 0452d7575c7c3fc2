/*
 * What a task leaves for its parent: whole or not at all, whoever asks, and
 * however the child ends.
 */
#define _GNU_SOURCE 1

#include "results.h"

#include <sys/wait.h>

/* Forked or spawned. */
START_TEST(result_is_there_after_every_end)
{
	static const size_t sizes[] = { 0, 1, 4096, PROCLC_RESULT_MAX };
	static const int ends[] = { 0, SIGKILL, SIGABRT };
	struct leave leave = { .size = sizes[_i / 2 % 4], .times = 3,
	    .end = ends[_i / 8] };
	struct proclc_task *task = start_method(&leaves, &leave,
	    sizeof(leave), 0, _i % 2 == 0 ? PROCLC_START_FORK :
	    PROCLC_START_SPAWN);

	task_expect(task, leave.end == 0 ? PROCLC_STATUS_EXITED :
	    PROCLC_STATUS_KILLED, leave.end);
	ck_assert_int_eq(proclc_task_result(task, NULL, 0),
	    (int64_t)leave.size);
	ck_assert_int_eq(expect_whole(task), (int64_t)leave.size);
	proclc_task_free(task);
}
END_TEST

/* As a set of tasks, of which not each one has a result. */
START_TEST(results_of_a_set_are_those_of_each)
{
	enum { N = 6 };
	struct leave leave[N];
	struct proclc_task *tasks[N];
	int i;

	for (i = 0; i < N; i++) {
		leave[i] = (struct leave){ .size = 10 + (size_t)i, .times = 1 };
		tasks[i] = spawn_new(&leaves, &leave[i], sizeof(leave[i]),
		    i == 4 ? 0 : PROCLC_TASK_RESULT, i % 2 == 0 ?
		    PROCLC_START_SPAWN : PROCLC_START_FORK);
	}
	ck_assert_int_eq(proclc_start_all(tasks, N), 0);
	ck_assert_int_eq(proclc_wait_all(tasks, N, task_bound()), 0);
	for (i = 0; i < N; i++) {
		if (i != 4)
			ck_assert_int_eq(expect_whole(tasks[i]), 10 + i);
		proclc_task_free(tasks[i]);
	}
}
END_TEST

START_TEST(result_that_was_not_left_is_ENOENT)
{
	struct leave leave = { .times = 0 };
	struct proclc_task *task = spawn_new(&leaves, &leave, sizeof(leave),
	    PROCLC_TASK_RESULT, _i == 0 ? PROCLC_START_FORK :
	    PROCLC_START_SPAWN);
	char byte;

	ck_assert_int_eq(proclc_task_result(task, NULL, 0), PROCLC_ENOENT);
	ck_assert_int_eq(proclc_task_start(task), 0);
	task_expect(task, PROCLC_STATUS_EXITED, 0);
	ck_assert_int_eq(proclc_task_result(task, &byte, 1), PROCLC_ENOENT);
	proclc_task_free(task);
}
END_TEST

START_TEST(result_needs_room_for_all_of_it)
{
	struct leave leave = { .size = 5, .times = 1 };
	struct proclc_task *task = start(&leaves, &leave);
	char buf[6] = "......", untouched[6] = "......";

	task_expect(task, PROCLC_STATUS_EXITED, 0);
	ck_assert_int_eq(proclc_task_result(task, buf, 4), PROCLC_E2BIG);
	ck_assert_int_eq(proclc_task_result(task, buf, 0), PROCLC_E2BIG);
	ck_assert_mem_eq(buf, untouched, sizeof(buf));
	ck_assert_int_eq(proclc_task_result(task, NULL, 4), PROCLC_EINVAL);
	ck_assert_int_eq(proclc_task_result(task, buf, 5), 5);
	ck_assert_int_eq(buf[5], '.');
	ck_assert_int_eq(proclc_task_result(NULL, buf, 5), PROCLC_EINVAL);
	proclc_task_free(task);
}
END_TEST

/* Says what the calls said, bit by bit. */
static int
run_errors(void *opted_in)
{
	static char bytes[PROCLC_RESULT_MAX + 1];
	int code = 0, status = 0;
	pid_t pid;

	if (opted_in == NULL)
		return proclc_task_result_set("x", 1) == PROCLC_EINVAL ? 0 : 1;
	if (proclc_task_result_set(bytes, sizeof(bytes)) != PROCLC_E2BIG)
		code |= 1;
	if (proclc_task_result_set(NULL, 1) != PROCLC_EINVAL)
		code |= 2;
	if (proclc_task_result_set("mine", 4) != 0)
		code |= 4;
	pid = fork();
	if (pid == 0)
		_exit(proclc_task_result_set("stranger", 8) ==
		    PROCLC_ENOTOWNER ? 0 : 1);
	if (waitpid(pid, &status, 0) != pid || status != 0)
		code |= 8;
	return code;
}

static const struct proclc_task_ops errors = {
	.size = sizeof(errors), .name = "errors", .run = run_errors,
};

START_TEST(result_set_says_what_is_wrong)
{
	struct proclc_task *task = start(&errors, "");
	char got[8] = "";

	task_expect(task, PROCLC_STATUS_EXITED, 0);
	ck_assert_int_eq(proclc_task_result(task, got, sizeof(got)), 4);
	ck_assert_str_eq(got, "mine");
	proclc_task_free(task);
	ck_assert_int_eq(proclc_task_result_set("x", 1), PROCLC_EINVAL);
}
END_TEST

START_TEST(result_of_a_task_without_the_flag_is_EINVAL)
{
	struct proclc_task *task = task_make(&errors, NULL, 0);

	task_expect(task, PROCLC_STATUS_EXITED, 0);
	ck_assert_int_eq(proclc_task_result(task, NULL, 0), PROCLC_EINVAL);
	proclc_task_free(task);
}
END_TEST

/* A task has a task: what the inner one leaves is not the outer one's. */
static int
run_outer(void *unused)
{
	struct proclc_task_options options = PROCLC_TASK_OPTIONS_INIT;
	struct leave leave = { .size = 7, .times = 1 };
	struct proclc_task *inner, *plain;
	int code = 1;

	(void)unused;
	proclc_task_result_set("outer", 5);
	if (proclc_task_new(&plain, &errors, NULL, 0, &options) != 0)
		return 2;
	options.flags = PROCLC_TASK_RESULT;
	if (proclc_task_new(&inner, &leaves, &leave, 0, &options) == 0 &&
	    proclc_task_wait(inner, task_bound(), NULL) == 0 &&
	    proclc_task_wait(plain, task_bound(), NULL) == 0 &&
	    proclc_task_result(inner, NULL, 0) == 7)
		code = 0;
	proclc_task_free(inner);
	proclc_task_free(plain);
	return code;
}

static const struct proclc_task_ops outers = {
	.size = sizeof(outers), .name = "outer", .run = run_outer,
};

START_TEST(result_of_an_inner_task_is_its_own)
{
	struct proclc_task *task = start(&outers, NULL);

	task_expect(task, PROCLC_STATUS_EXITED, 0);
	ck_assert_int_eq(proclc_task_result(task, NULL, 0), 5);
	proclc_task_free(task);
}
END_TEST

static int
count_own_fds(void)
{
	int *list, n = fds_list(&list);

	free(list);
	return n;
}

/* No descriptor is left in either, and none of the memory in the parent. */
static int
run_counts(void *unused)
{
	(void)unused;
	proclc_task_result_set("c", 1);
	return task_count_fds(NULL);
}

static const struct proclc_task_ops counts = {
	.size = sizeof(counts), .name = "result counts", .run = run_counts,
};

START_TEST(result_costs_no_descriptor_and_leaves_no_memory)
{
	uint32_t method = _i == 0 ? PROCLC_START_FORK : PROCLC_START_SPAWN;
	struct proclc_task *plain = spawn_new(&counts, NULL, 0, 0, method);
	struct proclc_status status = PROCLC_STATUS_INIT;
	struct proclc_task *task;
	size_t size;
	int before;

	ck_assert_int_eq(proclc_task_start(plain), 0);
	ck_assert_int_eq(proclc_task_wait(plain, task_bound(), &status), 0);
	proclc_task_free(plain);
	before = count_own_fds();
	task = start_method(&counts, NULL, 0, 0, method);
	ck_assert_int_eq(count_own_fds(), before);
	task_expect(task, PROCLC_STATUS_EXITED, status.code);
	ck_assert_int_eq(proclc_task_result(task, NULL, 0), 1);
	proclc_task_free(task);
	ck_assert_ptr_null(find_area(&size));
}
END_TEST

static int
ask_in_child(void *task)
{
	return proclc_task_result(task, NULL, 0) == PROCLC_ENOTOWNER ? 0 : 1;
}

START_TEST(result_in_a_forked_child_is_not_its_own)
{
	struct leave leave = { .size = 5, .times = 1 };
	struct proclc_task *task = start(&leaves, &leave);
	int status;
	pid_t pid;

	task_expect(task, PROCLC_STATUS_EXITED, 0);
	pid = fork();
	if (pid == 0) {
		status = ask_in_child(task);
		proclc_task_free(task);
		_exit(status);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	ck_assert_int_eq(expect_whole(task), 5);
	proclc_task_free(task);
}
END_TEST

/* To free its own object does not take its place away. */
static int
free_itself(void *self)
{
	(void)self;
	proclc_task_free(proclc_task_self());
	return proclc_task_result_set("left", 4) == 0 ? 0 : 9;
}

static const struct proclc_task_ops frees = {
	.size = sizeof(frees), .name = "frees", .run = free_itself,
};

START_TEST(result_is_left_by_a_child_that_frees_its_object)
{
	struct proclc_task *task = task_make(&frees, NULL,
	    PROCLC_TASK_RESULT);
	char text[8];

	task_expect(task, PROCLC_STATUS_EXITED, 0);
	ck_assert_int_eq(proclc_task_result(task, text, sizeof(text)), 4);
	proclc_task_free(task);
}
END_TEST

static void
add_tests(TCase *tcase)
{
	tcase_add_loop_test(tcase, result_is_there_after_every_end, 0, 24);
	tcase_add_test(tcase, results_of_a_set_are_those_of_each);
	tcase_add_loop_test(tcase, result_that_was_not_left_is_ENOENT, 0, 2);
	tcase_add_test(tcase, result_needs_room_for_all_of_it);
	tcase_add_test(tcase, result_set_says_what_is_wrong);
	tcase_add_test(tcase, result_of_a_task_without_the_flag_is_EINVAL);
	tcase_add_test(tcase, result_of_an_inner_task_is_its_own);
	tcase_add_loop_test(tcase,
	    result_costs_no_descriptor_and_leaves_no_memory, 0, 2);
	tcase_add_test(tcase, result_is_left_by_a_child_that_frees_its_object);
	tcase_add_test(tcase, result_in_a_forked_child_is_not_its_own);
}

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("result");
	TCase *tcase = tcase_create("result");

	tcase_add_checked_fixture(tcase, spawn_setup, toolkit_teardown);
	add_tests(tcase);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(int argc, char **argv)
{
	if (proclc_register(&leaves) < 0 || proclc_register(&counts) < 0)
		return 1;
	return spawn_main(argc, argv, make_suite);
}
