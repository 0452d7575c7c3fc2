/*
 * A program that was compiled with the library's first headers, and runs with
 * today's library: its structs are smaller, and behind them lies what the
 * library must neither read nor write.
 */
#define _GNU_SOURCE 1

#include "first.h"

#include "letters.h"
#include "toolkit/toolkit.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { FOREIGN = 256, MARK = 0xa5 };

/* A struct of that time before FOREIGN bytes that are none of it. */
#define OLD(type, name, ...) \
	struct { \
		struct type it; \
		unsigned char foreign[FOREIGN]; \
	} name = { __VA_ARGS__, { 0 } }; \
	memset(name.foreign, MARK, FOREIGN)

static bool
untouched(const unsigned char *foreign)
{
	int i;

	for (i = 0; i < FOREIGN; i++)
		if (foreign[i] != MARK)
			return false;
	return true;
}

static void
setup(void)
{
	toolkit_setup();
	letters_open();
}

static void
teardown(void)
{
	letters_close();
	toolkit_teardown();
}

static int
body(void *self)
{
	return *(int *)self;
}

static const struct proclc_task_ops task_ops = {
	.size = sizeof(task_ops),
	.name = "first",
	.run = body,
};

START_TEST(a_task_with_options_and_status_of_that_time_runs)
{
	OLD(proclc_task_options, options, PROCLC_TASK_OPTIONS_INIT);
	OLD(proclc_status, status, PROCLC_STATUS_INIT);
	struct proclc_task *task;
	int code = 42;

	letters_expect_library();
	options.it.flags = PROCLC_TASK_EXPLICIT_START;
	ck_assert_int_eq(proclc_task_new(&task, &task_ops, &code, sizeof(code),
	    &options.it), 0);
	ck_assert_int_eq(proclc_task_start(task), 0);
	ck_assert_int_ge(proclc_task_wait(task, 10000, &status.it), 0);
	ck_assert_int_eq(status.it.kind, PROCLC_STATUS_EXITED);
	ck_assert_int_eq(status.it.code, 42);
	ck_assert(untouched(status.foreign));
	proclc_task_free(task);
}
END_TEST

static int64_t
round_and_round(void *self)
{
	(void)self;
	return 60000;
}

static void
say_end(void *self)
{
	(void)self;
	letter_put('e');
}

static const struct proclc_loop_ops loop_ops = {
	.size = sizeof(loop_ops),
	.name = "first",
	.loop = round_and_round,
	.end = say_end,
};

START_TEST(a_loop_of_that_time_ends_when_asked)
{
	OLD(proclc_task_options, options, PROCLC_TASK_OPTIONS_INIT);
	OLD(proclc_status, status, PROCLC_STATUS_INIT);
	struct proclc_task *task;

	letters_expect_library();
	ck_assert_int_eq(proclc_loop_new(&task, &loop_ops, NULL, 0,
	    &options.it), 0);
	ck_assert_int_eq(proclc_task_shutdown(task, 10000, &status.it), 0);
	ck_assert_int_eq(letter_get(0), 'e');
	ck_assert_int_eq(status.it.kind, PROCLC_STATUS_EXITED);
	ck_assert(untouched(status.foreign));
	proclc_task_free(task);
}
END_TEST

START_TEST(a_failure_fills_the_detail_of_that_time)
{
	OLD(proclc_error_detail, detail, { 0 });
	OLD(proclc_pidfile_options, options, PROCLC_PIDFILE_OPTIONS_INIT);
	struct proclc_pidfile *pidfile;

	detail.it.size = sizeof(detail.it);
	ck_assert_int_eq(proclc_pidfile_open(&pidfile, "/nowhere/x.pid",
	    &options.it), PROCLC_ENOENT);
	ck_assert_int_eq(proclc_error_detail(&detail.it), 0);
	ck_assert_int_eq(detail.it.code, PROCLC_ENOENT);
	ck_assert(untouched(detail.foreign));
}
END_TEST

START_TEST(a_pid_file_of_that_time_is_held_and_gone)
{
	OLD(proclc_pidfile_options, options, PROCLC_PIDFILE_OPTIONS_INIT);
	struct proclc_pidfile *pidfile;
	char path[600];
	int64_t pid = 0;

	snprintf(path, sizeof(path), "%s/x.pid", toolkit_dir());
	ck_assert_int_eq(proclc_pidfile_open(&pidfile, path, &options.it), 0);
	ck_assert_int_eq(proclc_pidfile_write(pidfile), 0);
	ck_assert_int_eq(proclc_pidfile_status(path, &pid), 0);
	ck_assert_int_eq(pid, getpid());
	ck_assert_int_eq(proclc_pidfile_remove(pidfile), 0);
	ck_assert_int_ne(access(path, F_OK), 0);
}
END_TEST

static void
say_orphaned(struct proclc_orphan *watch, void *user)
{
	(void)watch;
	letter_put(*(char *)user);
}

START_TEST(a_watch_with_options_of_that_time_starts_and_stops)
{
	OLD(proclc_orphan_options, options, PROCLC_ORPHAN_OPTIONS_INIT);
	struct proclc_orphan *watch;
	char letter = 'o';

	letters_expect_library();
	ck_assert_int_eq(proclc_orphan_new(&watch, &options.it), 0);
	ck_assert_int_eq(proclc_orphan_add_callback(watch, say_orphaned,
	    &letter), 0);
	ck_assert_int_eq(proclc_orphan_start(watch), 0);
	ck_assert_ptr_nonnull(proclc_orphan_backend(watch));
	ck_assert_int_eq(proclc_orphan_stop(watch), 0);
	proclc_orphan_free(watch);
}
END_TEST

START_TEST(a_daemon_of_that_time_runs_and_is_stopped)
{
	OLD(proclc_stop_options, options, PROCLC_STOP_OPTIONS_INIT);
	struct scenario s;
	char path[600], text[100];
	FILE *file;
	size_t n;

	/* The daemon's zombie waits for the end of this test. */
	if (skip_without("process", "pidfd"))
		return;
	scenario_start(&s, "first", toolkit_dir(), NULL);
	scenario_expect_exit(&s, 0);
	snprintf(path, sizeof(path), "%s/pid", toolkit_dir());
	ck_assert_int_eq(proclc_ping(path), 0);
	ck_assert_int_ge(proclc_stop(path, &options.it), 0);
	ck_assert_int_ne(access(path, F_OK), 0);
	snprintf(path, sizeof(path), "%s/log", toolkit_dir());
	file = fopen(path, "r");
	ck_assert_ptr_nonnull(file);
	n = fread(text, 1, sizeof(text) - 1, file);
	text[n] = '\0';
	fclose(file);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_str_eq(text, "the end 4 15\n");
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("first");
	TCase *tcase = tcase_create("then");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, a_task_with_options_and_status_of_that_time_runs);
	tcase_add_test(tcase, a_loop_of_that_time_ends_when_asked);
	tcase_add_test(tcase, a_failure_fills_the_detail_of_that_time);
	tcase_add_test(tcase, a_pid_file_of_that_time_is_held_and_gone);
	tcase_add_test(tcase,
	    a_watch_with_options_of_that_time_starts_and_stops);
	tcase_add_test(tcase, a_daemon_of_that_time_runs_and_is_stopped);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
