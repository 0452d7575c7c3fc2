/*
 * The watch as an object: what it takes, what it refuses, and that nothing
 * stays of it.  The parent of a test, which is watched here, lives.
 */
#define _GNU_SOURCE 1

#include "watches.h"
#include "toolkit/fds.h"

#include <proclc/error.h>
#include <proclc/signals.h>

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Refusals. */

static const struct {
	struct proclc_orphan_options options;
	int code;
} refused[] = {
	{ { .size = 3 }, PROCLC_EINVAL },
	{ { .flags = 1 }, PROCLC_EINVAL },
	{ { .backend = 3 }, PROCLC_EINVAL },
	{ { .parent = -1 }, PROCLC_EINVAL },
	{ { .pid = -1 }, PROCLC_EINVAL },
	{ { .parent = 1, .pid = 1 }, PROCLC_EINVAL },
	{ { .grace_ms = -3 }, PROCLC_EINVAL },
	{ { .poll_interval_ms = -1 }, PROCLC_EINVAL },
	{ { .signum = -1 }, PROCLC_ESIGNAL },
	{ { .signum = 65 }, PROCLC_ESIGNAL },
	{ { .signum = SIGKILL }, PROCLC_ESIGNAL },
	{ { .signum = SIGSTOP }, PROCLC_ESIGNAL },
	{ { .signum = SIGCHLD }, PROCLC_ESIGNAL },
	{ { .signum = SIGCONT }, PROCLC_ESIGNAL },
};

enum { REFUSED = sizeof(refused) / sizeof(refused[0]) };

START_TEST(new_with_nonsense_is_refused)
{
	struct proclc_orphan *watch = (void *)&watch_options;

	watch_options = refused[_i].options;
	if (watch_options.size == 0)
		watch_options.size = sizeof(watch_options);
	ck_assert_int_eq(proclc_orphan_new(&watch, &watch_options),
	    refused[_i].code);
	ck_assert_ptr_eq((void *)watch, (void *)&watch_options);
	ck_assert_str_ne(proclc_errmsg(), "");
}
END_TEST

START_TEST(new_with_members_unknown_here_is_E2BIG)
{
	struct {
		struct proclc_orphan_options known;
		uint64_t unknown;
	} longer = { .known = { .size = sizeof(longer) }, .unknown = 0 };
	struct proclc_orphan *watch = NULL;

	ck_assert_int_eq(proclc_orphan_new(&watch, &longer.known), 0);
	proclc_orphan_free(watch);
	longer.unknown = 1;
	ck_assert_int_eq(proclc_orphan_new(&watch, &longer.known),
	    PROCLC_E2BIG);
}
END_TEST

START_TEST(null_watch_is_EINVAL)
{
	ck_assert_int_eq(proclc_orphan_new(NULL, NULL), PROCLC_EINVAL);
	ck_assert_int_eq(proclc_orphan_start(NULL), PROCLC_EINVAL);
	ck_assert_int_eq(proclc_orphan_stop(NULL), PROCLC_EINVAL);
	ck_assert_int_eq(proclc_orphan_add_callback(NULL, watch_tell, NULL),
	    PROCLC_EINVAL);
	ck_assert_ptr_null(proclc_orphan_backend(NULL));
	proclc_orphan_free(NULL);
}
END_TEST

START_TEST(add_callback_at_wrong_time_or_NULL_is_refused)
{
	struct proclc_orphan *watch = watch_new(0, "a");

	ck_assert_int_eq(proclc_orphan_add_callback(watch, NULL, NULL),
	    PROCLC_EINVAL);
	ck_assert_int_eq(proclc_orphan_start(watch), 0);
	ck_assert_int_eq(proclc_orphan_add_callback(watch, watch_tell,
	    NULL), PROCLC_EBUSY);
	ck_assert_int_eq(proclc_orphan_stop(watch), 0);
	ck_assert_int_eq(proclc_orphan_add_callback(watch, watch_tell,
	    letter_name('b')), 0);
	proclc_orphan_free(watch);
}
END_TEST

/* Starting and stopping. */

START_TEST(stop_of_a_watch_that_never_started_is_0)
{
	struct proclc_orphan *watch = watch_new(0, "");

	ck_assert_ptr_null(proclc_orphan_backend(watch));
	ck_assert_int_eq(proclc_orphan_stop(watch), 0);
	ck_assert_int_eq(proclc_orphan_stop(watch), 0);
	proclc_orphan_free(watch);
	watch = watch_new(0, "");
	proclc_orphan_free(watch);
}
END_TEST

START_TEST(start_twice_is_EALREADY_and_stop_can_be_repeated)
{
	struct proclc_orphan *watch = watch_new(0, "a");
	int i;

	for (i = 0; i < 3; i++) {
		ck_assert_int_eq(proclc_orphan_start(watch), 0);
		ck_assert_ptr_nonnull(proclc_orphan_backend(watch));
		ck_assert_int_eq(proclc_orphan_start(watch), PROCLC_EALREADY);
		ck_assert_int_eq(proclc_orphan_stop(watch), 0);
		ck_assert_int_eq(proclc_orphan_stop(watch), 0);
		ck_assert_ptr_null(proclc_orphan_backend(watch));
		toolkit_unchanged();
	}
	proclc_orphan_free(watch);
	letters_expect("");
}
END_TEST

/* As the kernel has it; the build may do without. */
START_TEST(backend_is_pidfd_where_there_is_one)
{
	struct proclc_orphan *watch = watch_new(0, "");
	int handle = os_process_handle(getppid());

	ck_assert_int_eq(proclc_orphan_start(watch), 0);
	if (handle == OS_UNKNOWN)
		ck_assert_str_eq(proclc_orphan_backend(watch), "poll");
	else if (!watch_has_pidfd)
		toolkit_skip("pidfds: this build does without");
	if (handle != OS_UNKNOWN)
		close(handle);
	proclc_orphan_free(watch);
}
END_TEST

static void
expect_orphaned(struct proclc_orphan *watch, int64_t pid)
{
	struct proclc_error_detail detail = { .size = sizeof(detail) };

	ck_assert_int_eq(proclc_orphan_start(watch), PROCLC_EORPHANED);
	toolkit_unchanged();
	ck_assert_int_eq(proclc_error_detail(&detail), 0);
	ck_assert_int_eq(detail.code, PROCLC_EORPHANED);
	ck_assert_int_eq(detail.pid, pid);
	ck_assert_ptr_null(proclc_orphan_backend(watch));
	proclc_orphan_free(watch);
}

/* It lives, but is not our parent. */
START_TEST(start_with_another_parent_expected_is_EORPHANED)
{
	watch_options.parent = getpid();
	expect_orphaned(watch_new(0, "a"), getpid());
	letters_expect("");
}
END_TEST

START_TEST(start_with_dead_pid_is_EORPHANED)
{
	pid_t child = fork();

	if (child == 0)
		_exit(0);
	process_wait_gone(child, 0);
	toolkit_mark();
	if (watch_has_pidfd)
		expect_orphaned(watch_new(child, "a"), child);
	else
		toolkit_skip("a zombie");
	ck_assert_int_eq(waitpid(child, NULL, 0), child);
	toolkit_mark();
	expect_orphaned(watch_new(child, "a"), child);
	letters_expect("");
}
END_TEST

/* The parent of this test lives, so this process does. */
START_TEST(exit_when_orphaned_again_makes_no_second_watch)
{
	ck_assert_int_eq(proclc_exit_when_orphaned(), 0);
	toolkit_mark();
	ck_assert_int_eq(proclc_exit_when_orphaned(), 0);
	ck_assert_int_eq(proclc_exit_when_orphaned(), 0);
	toolkit_unchanged();
}
END_TEST

static int
open_now(void)
{
	int *fds, n = fds_list(&fds);

	free(fds);
	return n;
}

static void *
exit_when_orphaned(void *go)
{
	pthread_barrier_wait(go);
	return proclc_exit_when_orphaned() == 0 ? NULL : go;
}

START_TEST(exit_when_orphaned_of_many_threads_makes_one_watch)
{
	pthread_barrier_t go;
	pthread_t threads[8];
	int before = open_now();
	void *failed;

	pthread_barrier_init(&go, NULL, 8);
	for (int i = 0; i < 8; i++)
		pthread_create(&threads[i], NULL, exit_when_orphaned, &go);
	for (int i = 0; i < 8; i++) {
		pthread_join(threads[i], &failed);
		ck_assert_ptr_null(failed);
	}
	/* Its handle, where it has one. */
	ck_assert_int_eq(open_now(), before + (watch_has_pidfd ? 1 : 0));
	pthread_barrier_destroy(&go);
	toolkit_mark();
}
END_TEST

static void
add_object(TCase *tcase)
{
	tcase_add_loop_test(tcase, new_with_nonsense_is_refused, 0, REFUSED);
	tcase_add_test(tcase, new_with_members_unknown_here_is_E2BIG);
	tcase_add_test(tcase, null_watch_is_EINVAL);
	tcase_add_test(tcase,
	    add_callback_at_wrong_time_or_NULL_is_refused);
	tcase_add_test(tcase, stop_of_a_watch_that_never_started_is_0);
	tcase_add_test(tcase,
	    start_twice_is_EALREADY_and_stop_can_be_repeated);
	tcase_add_test(tcase, backend_is_pidfd_where_there_is_one);
	tcase_add_test(tcase,
	    start_with_another_parent_expected_is_EORPHANED);
	tcase_add_test(tcase, start_with_dead_pid_is_EORPHANED);
	tcase_add_test(tcase,
	    exit_when_orphaned_again_makes_no_second_watch);
	tcase_add_loop_test(tcase,
	    exit_when_orphaned_of_many_threads_makes_one_watch, 0, 20);
}

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("orphan");
	TCase *tcase = tcase_create("object");

	tcase_add_checked_fixture(tcase, watch_setup, toolkit_teardown);
	add_object(tcase);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
