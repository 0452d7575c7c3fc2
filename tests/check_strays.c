/*
 * Orphans that come to this process are reaped, as a subreaper and as the
 * first process of a namespace; who else hears of children still does.
 */
#define _GNU_SOURCE 1

#include "strays.h"

#include <errno.h>
#include <stdatomic.h>
#include <sys/prctl.h>

static int
reap_many(void)
{
	int i;

	strays_make(3, false);
	if (proclc_reap_strays() != 0)
		return 1;
	for (i = 0; i < 10; i++)
		strays_make(100, i % 2 == 0);
	task_let_go(500);
	return strays_all_gone() ? 0 : 2;
}

START_TEST(orphans_are_reaped_1000_of_1000)
{
	if (skip_subreaper())
		return;
	ck_assert_int_eq(reap_many(), 0);
}
END_TEST

START_TEST(first_process_reaps_orphans_1000_of_1000)
{
	int rc = strays_run_first(reap_many);

	if (rc < 0)
		toolkit_skip("a pid namespace: %s", strerror(errno));
	ck_assert_int_le(rc, 0);
}
END_TEST

static atomic_int told;

static void
count_told(int unused)
{
	(void)unused;
	atomic_fetch_add(&told, 1);
}

/* Before, or after: then it is to be asked for again. */
START_TEST(handler_of_the_program_hears_of_children_as_well)
{
	struct sigaction action = { .sa_handler = count_told };
	int64_t due = clock_deadline(0);

	if (skip_subreaper())
		return;
	if (_i == 1)
		ck_assert_int_eq(proclc_reap_strays(), 0);
	ck_assert_int_eq(sigaction(SIGCHLD, &action, NULL), 0);
	ck_assert_int_eq(proclc_reap_strays(), 0);
	atomic_store(&told, 0);
	strays_make(2, false);
	ck_assert(strays_all_gone());
	while (atomic_load(&told) == 0 && clock_now_ms() < due)
		poll(NULL, 0, 1);
	ck_assert_int_ge(atomic_load(&told), 1);
}
END_TEST

START_TEST(handler_object_for_CHLD_hears_of_children_as_well)
{
	struct proclc_sighandler *handler;

	if (skip_subreaper())
		return;
	ck_assert_int_eq(proclc_sighandler_new(&handler, NULL), 0);
	ck_assert_int_eq(proclc_sighandler_set(handler, SIGCHLD,
	    PROCLC_SIGNAL_WAIT, NULL), 0);
	ck_assert_int_eq(proclc_sighandler_start(handler), 0);
	ck_assert_int_eq(proclc_reap_strays(), 0);
	strays_make(2, false);
	ck_assert_int_eq(proclc_sighandler_wait(handler, task_bound()),
	    SIGCHLD);
	ck_assert(strays_all_gone());
	proclc_sighandler_free(handler);
}
END_TEST

/* What the child finds, bit by bit: its own children stay. */
static int
look_in_child(void)
{
	int subreaper = 1, code = 0;
	siginfo_t info;
	pid_t pid;

	if (prctl(PR_GET_CHILD_SUBREAPER, &subreaper, 0, 0, 0) == 0 &&
	    subreaper != 0)
		code |= 1;
	pid = fork();
	if (pid == 0)
		_exit(0);
	if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) != 0)
		code |= 2;
	poll(NULL, 0, 50);
	if (waitpid(pid, NULL, 0) != pid)
		code |= 4;
	return code;
}

START_TEST(forked_child_has_not_asked_for_it)
{
	int ends[2], code = -1;

	if (skip_subreaper())
		return;
	ck_assert_int_eq(os_pipe(ends), 0);
	ck_assert_int_eq(proclc_reap_strays(), 0);
	ck_assert_int_eq(proclc_reap_strays(), 0);
	if (fork() == 0) {
		code = look_in_child();
		_exit(write(ends[1], &code, sizeof(code)) < 0);
	}
	ck_assert(fd_readable_within(ends[0], 0));
	ck_assert_int_eq(read(ends[0], &code, sizeof(code)), sizeof(code));
	ck_assert_int_eq(code, 0);
	ck_assert(strays_all_gone());
	close(ends[0]);
	close(ends[1]);
}
END_TEST

START_TEST(in_MANUAL_mode_the_program_reaps_by_dispatch)
{
	int64_t due = clock_deadline(0);
	siginfo_t info;

	if (skip_subreaper())
		return;
	ck_assert_int_eq(proclc_set_dispatch_mode(PROCLC_DISPATCH_MANUAL), 0);
	ck_assert_int_eq(proclc_reap_strays(), 0);
	strays_make(20, false);
	while (waitid(P_ALL, 0, &info, WEXITED | WNOWAIT | WNOHANG) == 0 &&
	    clock_now_ms() < due)
		proclc_dispatch(10);
	ck_assert(strays_all_gone());
}
END_TEST

START_TEST(where_there_is_no_subreaper_it_is_ENOTSUP)
{
	if (backend_is("tree", "linux"))
		return;
	ck_assert_int_eq(proclc_reap_strays(), PROCLC_ENOTSUP);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("strays");
	TCase *tcase = tcase_create("strays");

	tcase_add_checked_fixture(tcase, strays_setup, toolkit_teardown);
	tcase_add_test(tcase, orphans_are_reaped_1000_of_1000);
	tcase_add_test(tcase, first_process_reaps_orphans_1000_of_1000);
	tcase_add_loop_test(tcase,
	    handler_of_the_program_hears_of_children_as_well, 0, 2);
	tcase_add_test(tcase,
	    handler_object_for_CHLD_hears_of_children_as_well);
	tcase_add_test(tcase, forked_child_has_not_asked_for_it);
	tcase_add_test(tcase, in_MANUAL_mode_the_program_reaps_by_dispatch);
	tcase_add_test(tcase, where_there_is_no_subreaper_it_is_ENOTSUP);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(int argc, char **argv)
{
	return spawn_main(argc, argv, make_suite);
}
