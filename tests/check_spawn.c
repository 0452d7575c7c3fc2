/*
 * Tasks and loops in new runs of this very program: what they get, how they
 * end, and what their start refuses.
 */
#define _GNU_SOURCE 1

#include "kernel.h"
#include "spawns.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

/* Bodies whose self is not struct spawn_self. */

/* 7 bits of a sum; the last byte counts, too. */
static int
sum_of(const unsigned char *bytes, size_t size)
{
	unsigned sum = 1;
	size_t i;

	for (i = 0; i < size; i++)
		sum = sum * 31 + bytes[i];
	return (int)(sum % 127);
}

/* The size is in the environment: only the bytes travel. */
static int
run_sum(void *self)
{
	const char *size = getenv("SPAWN_SIZE");

	if (self == NULL)
		return 200;
	return sum_of(self, (size_t)atoi(size));
}

/* Its name as ps shows it. */
static int
run_name(void *name)
{
	struct os_process process;

	if (os_process(getpid(), &process) < 0)
		return 77;
	return strcmp(process.name, name) == 0 ? 7 : 1;
}

static int
run_too_much(void *unused)
{
	(void)unused;
	return 256;
}

static int
exit_early(void *unused)
{
	(void)unused;
	return 9;
}

/* What comes from stdin. */
static int
read_stdin(void *unused)
{
	unsigned char byte = 0;

	(void)unused;
	return read(0, &byte, 1) == 1 ? byte : 255;
}

static const struct proclc_task_ops readers = {
	.size = sizeof(readers), .name = "reader", .run = read_stdin,
};
static const struct proclc_task_ops sums = {
	.size = sizeof(sums), .name = "sum", .run = run_sum,
};
static const struct proclc_task_ops counts = {
	.size = sizeof(counts), .name = "count", .run = task_count_fds,
};
static const struct proclc_task_ops names = {
	.size = sizeof(names), .name = "name", .run = run_name,
};
static const struct proclc_task_ops too_much = {
	.size = sizeof(too_much), .name = "too much", .run = run_too_much,
};
static const struct proclc_task_ops early = {
	.size = sizeof(early), .name = "early", .run = exit_early,
};

START_TEST(spawned_task_and_loop_run_with_every_flag)
{
	static const uint32_t flags[] = {
		0, PROCLC_TASK_WAIT_FOR_CHILD, PROCLC_TASK_NO_WAIT_FOR_CHILD,
		PROCLC_TASK_GROUP, PROCLC_TASK_OUTLIVE_PARENT,
		PROCLC_TASK_GROUP | PROCLC_TASK_OUTLIVE_PARENT |
		    PROCLC_TASK_WAIT_FOR_CHILD,
		PROCLC_TASK_NO_TERMINATE_ON_SHUTDOWN,
	};
	struct proclc_task *task = spawn_make(&spawn_waits, 'w', flags[_i]);
	struct proclc_task *loop = spawn_make(&spawn_loop, 0, flags[_i]);
	bool group = (flags[_i] & PROCLC_TASK_GROUP) != 0;
	pid_t pid = (pid_t)proclc_task_pid(task);

	ck_assert_int_eq(letter_get(0) + letter_get(0), 'w' + 'b');
	ck_assert_int_eq(process_ppid(pid), getpid());
	ck_assert_int_eq(process_pgid(pid), group ? pid : getpgrp());
	ck_assert_int_eq(proclc_task_kill(loop, SIGTERM), 0);
	task_expect(loop, PROCLC_STATUS_EXITED, 0);
	ck_assert_int_eq(letter_get(0), 'e');
	task_let_go(1);
	task_expect(task, PROCLC_STATUS_EXITED, 0);
	proclc_task_free(task);
	proclc_task_free(loop);
}
END_TEST

static struct proclc_task *
spawn_bytes(const struct proclc_task_ops *ops, const void *self, size_t size)
{
	struct proclc_task *task = spawn_new(ops, self, size,
	    PROCLC_TASK_WAIT_FOR_CHILD, PROCLC_START_SPAWN);

	ck_assert_msg(proclc_task_start(task) == 0, "%s", proclc_errmsg());
	return task;
}

START_TEST(spawned_task_has_the_bytes_of_self)
{
	static const size_t sizes[] = { 0, 1, 4096, PROCLC_SPAWN_SELF_MAX };
	static unsigned char bytes[PROCLC_SPAWN_SELF_MAX];
	struct proclc_task *task;
	char text[16];
	size_t i;

	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)(i * 7 + i / 256);
	snprintf(text, sizeof(text), "%zu", sizes[_i]);
	setenv("SPAWN_SIZE", text, 1);
	task = spawn_bytes(&sums, bytes, sizes[_i]);
	task_expect(task, PROCLC_STATUS_EXITED, sum_of(bytes, sizes[_i]));
	proclc_task_free(task);
}
END_TEST

START_TEST(spawned_task_without_self_has_none)
{
	struct proclc_task *task = spawn_bytes(&sums, NULL, _i == 0 ? 0 : 9);

	task_expect(task, PROCLC_STATUS_EXITED, 200);
	proclc_task_free(task);
}
END_TEST

START_TEST(spawned_task_with_a_bigger_self_is_E2BIG)
{
	static char bytes[PROCLC_SPAWN_SELF_MAX + 1];
	struct proclc_task_options options = PROCLC_TASK_OPTIONS_INIT;
	struct proclc_task *task = NULL;

	options.start_method = PROCLC_START_SPAWN;
	ck_assert_int_eq(proclc_task_new(&task, &sums, bytes, sizeof(bytes),
	    &options), PROCLC_E2BIG);
	ck_assert_ptr_null(task);
	options.start_method = PROCLC_START_FORK;
	options.flags = PROCLC_TASK_EXPLICIT_START;
	ck_assert_int_eq(proclc_task_new(&task, &sums, bytes, sizeof(bytes),
	    &options), 0);
	proclc_task_free(task);
}
END_TEST

/* 0-2, what the test leaves to it, and the handle on its parent, if it has
 * one; a descriptor to list them. */
START_TEST(spawned_child_has_no_other_descriptor)
{
	struct spawn_self self = spawn_self(0);
	bool outlives = _i == 1;
	struct proclc_task *task = spawn_new(&counts, &self, sizeof(self),
	    PROCLC_TASK_WAIT_FOR_CHILD | (outlives ?
	    PROCLC_TASK_OUTLIVE_PARENT : 0), PROCLC_START_SPAWN);
	int *list, i, n, expected = 1;

	n = fds_list(&list);
	for (i = 0; i < n; i++)
		expected += fcntl(list[i], F_GETFD) == 0;
	free(list);
	if (!outlives && backend_is("process", "pidfd"))
		expected++;
	ck_assert_int_eq(proclc_task_start(task), 0);
	task_expect(task, PROCLC_STATUS_EXITED, expected);
	proclc_task_free(task);
}
END_TEST

/* Forked or spawned. */
START_TEST(child_has_the_stdin_of_its_parent)
{
	int before = dup(0), ends[2];
	struct proclc_task *task = spawn_new(&readers, NULL, 0, 0, _i == 0 ?
	    PROCLC_START_FORK : PROCLC_START_SPAWN);

	ck_assert_int_eq(os_pipe(ends), 0);
	ck_assert_int_eq(write(ends[1], "*", 1), 1);
	ck_assert_int_eq(dup2(ends[0], 0), 0);
	ck_assert_int_eq(proclc_task_start(task), 0);
	task_expect(task, PROCLC_STATUS_EXITED, '*');
	proclc_task_free(task);
	ck_assert_int_eq(dup2(before, 0), 0);
	close(before);
	close(ends[0]);
	close(ends[1]);
}
END_TEST

START_TEST(spawned_child_has_the_name_of_the_program)
{
	struct os_process process;
	struct proclc_task *task;

	if (skip_without("threads", "proc"))
		return;
	if (os_process(getpid(), &process) < 0) {
		toolkit_skip("the name of a process");
		return;
	}
	task = spawn_bytes(&names, process.name, strlen(process.name) + 1);
	task_expect(task, PROCLC_STATUS_EXITED, 7);
	proclc_task_free(task);
}
END_TEST

START_TEST(spawned_task_with_a_wrong_answer_dies_by_ABRT)
{
	struct proclc_task *task = spawn_bytes(&too_much, NULL, 0);

	task_expect(task, PROCLC_STATUS_KILLED, SIGABRT);
	proclc_task_free(task);
}
END_TEST

/* Before proclc_init, in it, or after it. */
static void
end_right_after_the_start(int n)
{
	struct proclc_task *loop;
	int i, first;

	for (i = 0; i < n; i++) {
		loop = spawn_make(&spawn_loop, 0, i % 2 == 0 ?
		    PROCLC_TASK_NO_WAIT_FOR_CHILD : 0);
		ck_assert_int_eq(proclc_task_kill(loop, SIGTERM), 0);
		task_expect(loop, PROCLC_STATUS_EXITED, 0);
		first = letter_get(0);
		ck_assert_int_eq(first, 'b');
		ck_assert_int_eq(letter_get(0), 'e');
		proclc_task_free(loop);
	}
}

START_TEST(TERM_right_after_the_start_begins_and_ends)
{
	end_right_after_the_start(60);
}
END_TEST

START_TEST(TERM_right_after_the_start_1000_of_1000)
{
	end_right_after_the_start(1000);
}
END_TEST

/* What they are named as is not the only thing that counts. */
START_TEST(spawn_of_what_is_not_registered_is_EINVAL)
{
	static const struct proclc_task_ops same_name = {
		.size = sizeof(same_name), .name = "count", .run = exit_early,
	};
	static const struct proclc_task_ops unknown = {
		.size = sizeof(unknown), .name = "unknown", .run = exit_early,
	};
	struct proclc_task *task = spawn_new(_i == 0 ? &same_name : &unknown,
	    NULL, 0, 0, PROCLC_START_SPAWN);

	ck_assert_int_eq(proclc_task_start(task), PROCLC_EINVAL);
	ck_assert_ptr_nonnull(strstr(proclc_errmsg(), "not registered"));
	ck_assert_int_eq(task_kind(task), PROCLC_STATUS_NEW);
	proclc_task_free(task);
	ck_assert_int_eq(proclc_register(&same_name), PROCLC_EEXIST);
	ck_assert_int_eq(proclc_register(&counts), 0);
}
END_TEST

static void *
run_some(void *failed)
{
	struct spawn_self self = spawn_self(0);
	struct proclc_status status = PROCLC_STATUS_INIT;
	struct proclc_task *task;
	int i;

	for (i = 0; i < 15; i++) {
		self.code = (unsigned char)(i + 1);
		task = spawn_new(&spawn_exits, &self, sizeof(self), i % 2 == 0
		    ? PROCLC_TASK_WAIT_FOR_CHILD : 0, PROCLC_START_SPAWN);
		if (proclc_task_start(task) != 0 ||
		    proclc_task_wait(task, task_bound(), &status) != 0 ||
		    status.code != i + 1)
			*(int *)failed = i + 1;
		proclc_task_free(task);
	}
	return NULL;
}

START_TEST(spawned_at_once_from_4_threads)
{
	pthread_t threads[4];
	int failed[4] = { 0 }, i;

	for (i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, run_some, &failed[i]);
	for (i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	for (i = 0; i < 4; i++)
		ck_assert_int_eq(failed[i], 0);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	ck_assert_int_eq(errno, ECHILD);
}
END_TEST

static void
add_tests(TCase *tcase)
{
	tcase_add_loop_test(tcase, spawned_task_and_loop_run_with_every_flag,
	    0, 7);
	tcase_add_loop_test(tcase, spawned_task_has_the_bytes_of_self, 0, 4);
	tcase_add_loop_test(tcase, spawned_task_without_self_has_none, 0, 2);
	tcase_add_test(tcase, spawned_task_with_a_bigger_self_is_E2BIG);
	tcase_add_loop_test(tcase, spawned_child_has_no_other_descriptor, 0,
	    2);
	tcase_add_loop_test(tcase, child_has_the_stdin_of_its_parent, 0, 2);
	tcase_add_test(tcase, spawned_child_has_the_name_of_the_program);
	tcase_add_test(tcase, spawned_task_with_a_wrong_answer_dies_by_ABRT);
	tcase_add_test(tcase, TERM_right_after_the_start_begins_and_ends);
	tcase_add_loop_test(tcase,
	    spawn_of_what_is_not_registered_is_EINVAL, 0, 2);
	tcase_add_test(tcase, spawned_at_once_from_4_threads);
}

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("spawn");
	TCase *tcase = tcase_create("spawn"), *slow = tcase_create("long");

	tcase_add_checked_fixture(tcase, spawn_setup, toolkit_teardown);
	add_tests(tcase);
	suite_add_tcase(suite, tcase);
	tcase_add_checked_fixture(slow, spawn_setup, toolkit_teardown);
	tcase_set_timeout(slow, 100);
	tcase_set_tags(slow, "long");
	tcase_add_test(slow, TERM_right_after_the_start_1000_of_1000);
	suite_add_tcase(suite, slow);
	return suite;
}

int
main(int argc, char **argv)
{
	if (proclc_register(&sums) < 0 || proclc_register(&counts) < 0 ||
	    proclc_register(&names) < 0 || proclc_register(&too_much) < 0 ||
	    proclc_register(&early) < 0 || proclc_register(&readers) < 0)
		return 1;
	return spawn_main(argc, argv, make_suite);
}
