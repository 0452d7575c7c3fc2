/* What the units are told around forks and moves. */
#define _GNU_SOURCE 1

#include "toolkit/toolkit.h"

#include "error.h"
#include "fork.h"

#include <proclc/error.h>

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char calls[128];
static int refusal[2];
static int settle_result[2];

static void
note(const char *what)
{
	size_t used = strlen(calls);

	snprintf(calls + used, sizeof(calls) - used, "%s ", what);
}

static void
child_a(void)
{
	note("child-a");
}

static void
child_b(void)
{
	note("child-b");
}

static int
may_move_a(void)
{
	note("may-a");
	return refusal[0];
}

static int
may_move_b(void)
{
	note("may-b");
	return refusal[1];
}

static void
leave_a(void)
{
	note("leave-a");
}

static void
leave_b(void)
{
	note("leave-b");
}

static int
settle_a(bool moved)
{
	note(moved ? "moved-a" : "stayed-a");
	return settle_result[0];
}

static int
settle_b(bool moved)
{
	note(moved ? "moved-b" : "stayed-b");
	return settle_result[1];
}

static size_t
handles_a(int *fds, size_t room)
{
	size_t n = 0;

	pcl_handle_put(11, fds, room, &n);
	pcl_handle_put(PCL_NONE, fds, room, &n);
	pcl_handle_put(12, fds, room, &n);
	return n;
}

static size_t
handles_b(int *fds, size_t room)
{
	size_t n = 0;

	pcl_handle_put(21, fds, room, &n);
	return n;
}

static const struct pcl_fork_unit empty = { .name = "empty" };
static const struct pcl_fork_unit a = {
	.name = "a", .child = child_a, .may_move = may_move_a,
	.leave = leave_a, .settle = settle_a, .handles = handles_a,
};
static const struct pcl_fork_unit b = {
	.name = "b", .child = child_b, .may_move = may_move_b,
	.leave = leave_b, .settle = settle_b, .handles = handles_b,
};

static void
add_units(void)
{
	ck_assert_int_eq(pcl_fork_init(), 0);
	pcl_fork_add_unit(&a);
	pcl_fork_add_unit(&empty);
	pcl_fork_add_unit(&b);
}

/* The child's exit code: whether fn holds there. */
static void
expect_in_child(int64_t pid, bool (*fn)(void))
{
	int status;

	ck_assert_int_ge(pid, 0);
	if (pid == 0)
		_exit(fn() ? 0 : 1);
	ck_assert_int_eq(waitpid((pid_t)pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	ck_assert_str_eq(calls, "");
}

static uint32_t outer;

static bool
told_of_fork(void)
{
	return strcmp(calls, "child-a child-b ") == 0;
}

START_TEST(unit_child_is_called_lower_floors_first)
{
	add_units();
	expect_in_child(fork(), told_of_fork);
}
END_TEST

static bool
same_and_untold(void)
{
	return strcmp(calls, "") == 0 && pcl_process() == outer &&
	    pcl_process_is(outer);
}

/* The child goes on as this process, whatever its pid. */
START_TEST(move_fork_child_is_the_same_process)
{
	add_units();
	outer = pcl_process();
	expect_in_child(pcl_move_fork(), same_and_untold);
	expect_in_child(fork(), told_of_fork);
}
END_TEST

START_TEST(move_disown_and_resume_change_who_we_are)
{
	ck_assert_int_eq(pcl_fork_init(), 0);
	outer = pcl_process();
	pcl_move_disown();
	ck_assert(!pcl_process_is(outer));
	ck_assert_uint_ne(pcl_process(), outer);
	ck_assert(pcl_process_is(pcl_process()));
	pcl_move_resume();
	ck_assert_uint_eq(pcl_process(), outer);
	ck_assert(pcl_process_is(outer));
}
END_TEST

START_TEST(move_allowed_first_refusal_counts)
{
	add_units();
	ck_assert_int_eq(pcl_move_allowed(), 0);
	ck_assert_str_eq(calls, "may-a may-b ");
	refusal[1] = PROCLC_ETASKS;
	ck_assert_int_eq(pcl_move_allowed(), PROCLC_ETASKS);
	refusal[0] = PROCLC_ECALLBACK;
	calls[0] = '\0';
	ck_assert_int_eq(pcl_move_allowed(), PROCLC_ECALLBACK);
	ck_assert_str_eq(calls, "may-a ");
}
END_TEST

START_TEST(move_leave_and_settle_are_mirrored)
{
	add_units();
	pcl_move_leave();
	ck_assert_str_eq(calls, "leave-b leave-a ");
	calls[0] = '\0';
	ck_assert_int_eq(pcl_move_settle(true), 0);
	ck_assert_str_eq(calls, "moved-a moved-b ");
	calls[0] = '\0';
	ck_assert_int_eq(pcl_move_settle(false), 0);
	ck_assert_str_eq(calls, "stayed-a stayed-b ");
}
END_TEST

START_TEST(move_settle_failure_is_told)
{
	add_units();
	settle_result[0] = PROCLC_EAGAIN;
	ck_assert_int_eq(pcl_move_settle(true), PROCLC_EAGAIN);
}
END_TEST

START_TEST(fork_handles_are_all_counted)
{
	int fds[4] = { 0, 0, 0, -7 };

	add_units();
	ck_assert_uint_eq(pcl_fork_handles(NULL, 0), 3);
	ck_assert_uint_eq(pcl_fork_handles(fds, 3), 3);
	ck_assert_int_eq(fds[0], 11);
	ck_assert_int_eq(fds[1], 12);
	ck_assert_int_eq(fds[2], 21);
	ck_assert_int_eq(fds[3], -7);
}
END_TEST

START_TEST(fork_handles_keep_to_their_room)
{
	int fds[2] = { 0, -7 };

	add_units();
	ck_assert_uint_eq(pcl_fork_handles(fds, 1), 3);
	ck_assert_int_eq(fds[0], 11);
	ck_assert_int_eq(fds[1], -7);
}
END_TEST

static void
leave_with_7(void)
{
	_exit(7);
}

/* The child comes out of a callback that forked. */
static int
status_of_stray(void)
{
	uint32_t process = pcl_process();
	pid_t pid = fork();
	int status;

	pcl_returned(process);
	if (pid == 0)
		_exit(99);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return WEXITSTATUS(status);
}

START_TEST(returned_in_another_process_leaves)
{
	ck_assert_int_eq(pcl_fork_init(), 0);
	ck_assert_int_eq(status_of_stray(), 0);
	pcl_on_stray_return(leave_with_7);
	ck_assert_int_eq(status_of_stray(), 7);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("fork units");
	TCase *units = tcase_create("units");

	tcase_add_checked_fixture(units, toolkit_setup, toolkit_teardown);
	tcase_add_test(units, unit_child_is_called_lower_floors_first);
	tcase_add_test(units, move_fork_child_is_the_same_process);
	tcase_add_test(units, move_disown_and_resume_change_who_we_are);
	tcase_add_test(units, move_allowed_first_refusal_counts);
	tcase_add_test(units, move_leave_and_settle_are_mirrored);
	tcase_add_test(units, move_settle_failure_is_told);
	tcase_add_test(units, fork_handles_are_all_counted);
	tcase_add_test(units, fork_handles_keep_to_their_room);
	tcase_add_test(units, returned_in_another_process_leaves);
	suite_add_tcase(suite, units);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
