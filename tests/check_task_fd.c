/*
 * A task's descriptor: readable from its end on, whatever the kernel has, in
 * both modes, and beside what else the program does with it.
 */
#define _GNU_SOURCE 1

#include "kernel.h"
#include "tasks.h"
#include "ways.h"

#include <proclc/dispatch.h>

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum { MANY = 50 };

static bool
readable(int fd, int ms)
{
	int64_t deadline = clock_deadline(ms);

	while (manual && !fd_readable_within(fd, 1) &&
	    clock_left_ms(deadline) > 0)
		ck_assert_int_eq(proclc_dispatch(10), 0);
	return fd_readable_within(fd, clock_left_ms(deadline) + 1);
}

static bool
is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

START_TEST(fd_is_readable_from_the_end_on)
{
	struct proclc_task *task;
	int fd, i;

	if (!use_way(_i))
		return;
	task = task_make(&task_waits, NULL, PROCLC_TASK_EXPLICIT_START);
	ck_assert_int_eq(proclc_task_fd(task), PROCLC_ESRCH);
	ck_assert_int_eq(proclc_task_start(task), 0);
	fd = proclc_task_fd(task);
	ck_assert_int_ge(fd, 3);
	ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
	ck_assert(!readable(fd, 30));
	task_let_go(1);
	for (i = 0; i < 2; i++) {
		ck_assert(readable(fd, 0));
		ck_assert_int_eq(proclc_task_fd(task), fd);
		task_expect(task, PROCLC_STATUS_EXITED, 0);
	}
	proclc_task_free(task);
	ck_assert(!is_open(fd));
}
END_TEST

START_TEST(fd_of_one_that_has_ended_is_readable)
{
	struct proclc_task *task;
	int fd;

	if (!use_way(_i))
		return;
	task = task_start(&task_exits, NULL);
	task_expect(task, PROCLC_STATUS_EXITED, 0);
	fd = proclc_task_fd(task);
	ck_assert_int_ge(fd, 3);
	ck_assert(fd_readable_within(fd, 1));
	ck_assert_int_eq(proclc_task_fd(task), fd);
	proclc_task_free(task);
	ck_assert(!is_open(fd));
}
END_TEST

static void
say_end(struct proclc_task *task, const struct proclc_status *status,
    void *user)
{
	(void)task;
	(void)status;
	letter_put(*(char *)user);
}

/* Asked for before the callback, or after; this must not take it away. */
START_TEST(fd_and_callback_are_both_told)
{
	struct proclc_task *task;
	int fd = -1;

	if (!use_way(_i % WAYS))
		return;
	task = task_start(&task_waits, NULL);
	if (_i < WAYS)
		fd = proclc_task_fd(task);
	ck_assert_int_eq(proclc_task_on_exit(task, say_end,
	    letter_name('a')), 0);
	if (_i >= WAYS)
		fd = proclc_task_fd(task);
	task_let_go(1);
	ck_assert(readable(fd, 0));
	ck_assert(readable(letters[0], 0));
	ck_assert_int_eq(letter_get(0), 'a');
	ck_assert(fd_readable_within(fd, 1));
	ck_assert_int_eq(proclc_task_fd(task), fd);
	ck_assert_int_eq(proclc_task_on_exit(task, NULL, NULL), 0);
	ck_assert(fd_readable_within(fd, 1));
	proclc_task_free(task);
	ck_assert(!is_open(fd));
}
END_TEST

/* The program has closed it, and has a file of its own there: before the end,
 * or after it. */
START_TEST(fd_that_the_program_closed_is_another_one)
{
	struct stat before, after;
	struct proclc_task *task;
	int fd, other;

	if (!use_way(_i % WAYS))
		return;
	task = task_start(&task_waits, NULL);
	fd = proclc_task_fd(task);
	ck_assert_int_eq(dup2(letters[0], fd), fd);
	fstat(fd, &before);
	if (_i >= WAYS) {
		task_let_go(1);
		task_expect(task, PROCLC_STATUS_EXITED, 0);
	}
	other = proclc_task_fd(task);
	ck_assert_int_ge(other, 3);
	ck_assert_int_ne(other, fd);
	ck_assert_int_eq(proclc_task_fd(task), other);
	if (_i < WAYS) {
		ck_assert(!readable(other, 30));
		task_let_go(1);
	}
	ck_assert(readable(other, 0));
	task_expect(task, PROCLC_STATUS_EXITED, 0);
	proclc_task_free(task);
	ck_assert(!is_open(other));
	ck_assert_int_eq(fstat(fd, &after), 0);
	ck_assert_uint_eq(before.st_ino, after.st_ino);
	close(fd);
}
END_TEST

static void *
wait_for_end(void *task)
{
	proclc_task_wait(task, PROCLC_FOREVER, NULL);
	letter_put('e');
	return NULL;
}

/* The same while a thread waits with a descriptor of its own. */
START_TEST(wait_whose_descriptor_the_program_closed_ends)
{
	struct proclc_task *task;
	int64_t deadline = clock_deadline(0);
	pthread_t thread;
	int fd;

	if (skip_without("process", "pidfd") || toolkit_skip_tsan(TSAN_FORK))
		return;
	task = task_start(&task_waits, NULL);
	fd = dup(letters[0]);
	close(fd);
	pthread_create(&thread, NULL, wait_for_end, task);
	while (!is_open(fd) && clock_left_ms(deadline) > 0)
		poll(NULL, 0, 1);
	settle();
	ck_assert(is_open(fd));
	ck_assert_int_eq(dup2(task_gate[1], fd), fd);
	ck_assert_int_eq(letter_get(1), 0);
	task_let_go(1);
	ck_assert_int_eq(letter_get(0), 'e');
	pthread_join(thread, NULL);
	ck_assert_int_eq(close(fd), 0);
	proclc_task_free(task);
}
END_TEST

START_TEST(fds_of_many_in_a_loop_of_the_program)
{
	struct proclc_task *tasks[MANY];
	struct pollfd entries[MANY];
	int i, live = MANY;

	if (!use_way(_i))
		return;
	for (i = 0; i < MANY; i++) {
		tasks[i] = task_make(&task_waits, NULL, 0);
		entries[i].fd = proclc_task_fd(tasks[i]);
		entries[i].events = POLLIN;
		ck_assert_int_ge(entries[i].fd, 3);
	}
	while (live > 0) {
		task_let_go(1);
		while (poll(entries, MANY, manual ? 1 : -1) <= 0)
			ck_assert_int_eq(proclc_dispatch(10), 0);
		for (i = 0; i < MANY; i++) {
			if (entries[i].fd < 0 || entries[i].revents == 0)
				continue;
			ck_assert_int_eq(proclc_task_wait(tasks[i],
			    PROCLC_NOW, NULL), 0);
			proclc_task_free(tasks[i]);
			ck_assert(!is_open(entries[i].fd));
			entries[i].fd = -1;
			live--;
		}
	}
}
END_TEST

START_TEST(fd_is_refused_where_there_is_none)
{
	struct rlimit before, few;
	struct proclc_task *task;
	int status, rc;
	pid_t pid;

	if (!use_way(_i))
		return;
	task = task_start(&task_waits, NULL);
	/* What the dispatcher needs it has from now on. */
	ck_assert_int_eq(proclc_task_on_exit(task, say_end,
	    letter_name('a')), 0);
	ck_assert_int_eq(proclc_task_on_exit(task, NULL, NULL), 0);
	settle();
	getrlimit(RLIMIT_NOFILE, &before);
	few = before;
	few.rlim_cur = 3;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
	rc = proclc_task_fd(task);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
	ck_assert_int_eq(rc, PROCLC_EMFILE);
	ck_assert_int_ge(proclc_task_fd(task), 3);
	pid = fork();
	if (pid == 0)
		_exit(proclc_task_fd(task) == PROCLC_ENOTOWNER ? 7 : 1);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 7 << 8);
	ck_assert_int_eq(proclc_task_fd(NULL), PROCLC_EINVAL);
	proclc_task_free(task);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("task_fd");
	TCase *tcase = tcase_create("task_fd");

	tcase_add_checked_fixture(tcase, task_setup, toolkit_teardown);
	tcase_add_loop_test(tcase, fd_is_readable_from_the_end_on, 0, WAYS);
	tcase_add_loop_test(tcase, fd_of_one_that_has_ended_is_readable, 0,
	    WAYS);
	tcase_add_loop_test(tcase, fd_and_callback_are_both_told, 0,
	    2 * WAYS);
	tcase_add_loop_test(tcase, fd_that_the_program_closed_is_another_one,
	    0, 2 * WAYS);
	tcase_add_test(tcase, wait_whose_descriptor_the_program_closed_ends);
	tcase_add_loop_test(tcase, fds_of_many_in_a_loop_of_the_program, 0,
	    WAYS);
	tcase_add_loop_test(tcase, fd_is_refused_where_there_is_none, 0,
	    WAYS);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
