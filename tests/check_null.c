/* What every header counts on and none repeats (error.h): NULL for something
 * that is needed, and a time that is none, are PROCLC_EINVAL, with a message,
 * and change nothing. */
#define _GNU_SOURCE 1

#include "toolkit/toolkit.h"

#include <proclc.h>

#include <unistd.h>

static char here[] = "there-is-no-such-file";

#define REFUSES(call) refuses(#call, (int64_t)(call))

static void
refuses(const char *call, int64_t rc)
{
	struct proclc_error_detail d = { .size = sizeof(d) };

	ck_assert_msg(rc == PROCLC_EINVAL, "%s: %lld", call, (long long)rc);
	ck_assert_int_eq(proclc_error_detail(&d), 0);
	ck_assert_msg(d.code == PROCLC_EINVAL, "%s: %d", call, (int)d.code);
	ck_assert_msg(*proclc_errmsg() != '\0', "%s: no message", call);
	/* Another failure, so that the next one is seen to be told. */
	ck_assert_int_eq(proclc_signal_number("NONE"), PROCLC_ESIGNAL);
}

START_TEST(null_for_a_watch_is_refused)
{
	REFUSES(proclc_orphan_new(NULL, NULL));
	REFUSES(proclc_orphan_add_callback(NULL, NULL, NULL));
	REFUSES(proclc_orphan_start(NULL));
	REFUSES(proclc_orphan_stop(NULL));
	REFUSES(proclc_orphan_status(NULL));
	REFUSES(proclc_orphan_fd(NULL));
	ck_assert_ptr_null(proclc_orphan_backend(NULL));
	proclc_orphan_free(NULL);
}
END_TEST

START_TEST(null_for_a_handler_or_a_name_is_refused)
{
	REFUSES(proclc_sighandler_new(NULL, NULL));
	REFUSES(proclc_sighandler_set(NULL, PROCLC_SIGHUP, NULL, NULL));
	REFUSES(proclc_sighandler_start(NULL));
	REFUSES(proclc_sighandler_stop(NULL));
	REFUSES(proclc_sighandler_wait(NULL, 0));
	REFUSES(proclc_sighandler_fd(NULL));
	proclc_sighandler_free(NULL);
	REFUSES(proclc_send(NULL, PROCLC_SIGTERM));
	REFUSES(proclc_ping(NULL));
	REFUSES(proclc_stop(NULL, NULL));
	REFUSES(proclc_signal_number(NULL));
}
END_TEST

START_TEST(null_for_a_pidfile_is_refused)
{
	struct proclc_pidfile *file;

	REFUSES(proclc_pidfile_open(NULL, here, NULL));
	REFUSES(proclc_pidfile_open(&file, NULL, NULL));
	ck_assert_int_ne(access(here, F_OK), 0);
	REFUSES(proclc_pidfile_write(NULL));
	REFUSES(proclc_pidfile_keep_over_exec(NULL));
	REFUSES(proclc_pidfile_adopt(NULL, here, STDIN_FILENO));
	REFUSES(proclc_pidfile_adopt(&file, NULL, STDIN_FILENO));
	REFUSES(proclc_pidfile_status(NULL, NULL));
	/* As free does. */
	ck_assert_int_eq(proclc_pidfile_remove(NULL), 0);
	proclc_pidfile_close(NULL);
}
END_TEST

START_TEST(null_for_a_task_is_refused)
{
	REFUSES(proclc_task_new(NULL, NULL, NULL, 0, NULL));
	REFUSES(proclc_loop_new(NULL, NULL, NULL, 0, NULL));
	REFUSES(proclc_task_start(NULL));
	REFUSES(proclc_task_wait(NULL, 0, NULL));
	REFUSES(proclc_task_shutdown(NULL, 0, NULL));
	REFUSES(proclc_task_kill(NULL, PROCLC_SIGTERM));
	REFUSES(proclc_task_status(NULL, NULL));
	REFUSES(proclc_task_pid(NULL));
	REFUSES(proclc_task_on_exit(NULL, NULL, NULL));
	REFUSES(proclc_task_on_change(NULL, NULL, NULL));
	REFUSES(proclc_task_fd(NULL));
	REFUSES(proclc_task_result(NULL, NULL, 0));
	REFUSES(proclc_task_detach(NULL));
	REFUSES(proclc_task_state(NULL));
	REFUSES(proclc_task_restarts(NULL));
	proclc_task_free(NULL);
}
END_TEST

START_TEST(null_for_several_tasks_is_refused)
{
	REFUSES(proclc_start_all(NULL, 1));
	REFUSES(proclc_wait_any(NULL, 1, 0));
	REFUSES(proclc_wait_any(NULL, 0, 0));
	REFUSES(proclc_wait_all(NULL, 1, 0));
	REFUSES(proclc_shutdown_set(NULL, 1, 0));
	REFUSES(proclc_shutdown_all(-7));
	REFUSES(proclc_register(NULL));
	REFUSES(proclc_register_loop(NULL));
	REFUSES(proclc_init(NULL, NULL));
	REFUSES(proclc_shutdown_descendants(-7));
	REFUSES(proclc_shutdown_strays(-7));
	REFUSES(proclc_notify_status(NULL));
}
END_TEST

START_TEST(null_for_a_command_is_refused)
{
	struct proclc_task *task;

	REFUSES(proclc_command_new(NULL, NULL, NULL));
	REFUSES(proclc_command_new(&task, NULL, NULL));
	REFUSES(proclc_command_fd(NULL, 0));
	REFUSES(proclc_command_close(NULL, 0));
	REFUSES(proclc_command_talk(NULL, NULL, 0));
}
END_TEST

START_TEST(null_for_an_exit_handler_is_refused_or_not_there)
{
	REFUSES(proclc_atexit_register(NULL, NULL, 0));
	ck_assert_int_eq(proclc_atexit_unregister(NULL, NULL), 0);
	ck_assert_int_eq(proclc_atexit_cancel(-1), 0);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("null");
	TCase *null = tcase_create("null");

	tcase_add_checked_fixture(null, toolkit_setup, toolkit_teardown);
	tcase_add_test(null, null_for_a_watch_is_refused);
	tcase_add_test(null, null_for_a_handler_or_a_name_is_refused);
	tcase_add_test(null, null_for_a_pidfile_is_refused);
	tcase_add_test(null, null_for_a_task_is_refused);
	tcase_add_test(null, null_for_several_tasks_is_refused);
	tcase_add_test(null, null_for_a_command_is_refused);
	tcase_add_test(null,
	    null_for_an_exit_handler_is_refused_or_not_there);
	suite_add_tcase(suite, null);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
