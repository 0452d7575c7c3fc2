/*
 * proclc keep: the program runs again, each time from nothing; a stop is a
 * stop, and nothing is left.
 */
#define _GNU_SOURCE 1

#include "tools.h"

static struct tool t;

/* How many lines there are, until the end of the output. */
static int
count_lines(void)
{
	int n = 0;

	while (tool_number(&t) >= 0)
		n++;
	return n;
}

START_TEST(program_that_ends_runs_again_until_the_limit)
{
	if (tool_skip())
		return;
	tool_start(&t, "keep", "--quiet", "--delay=0", "--min-uptime=100",
	    "--limit=4", "--", "/bin/sh", "-c", "echo 1; exit 0", NULL);
	ck_assert_int_eq(count_lines(), 4);
	ck_assert_int_eq(tool_code(&t), 0);
}
END_TEST

START_TEST(when_says_after_which_ends)
{
	static const char *const whens[] = { "--when=on-failure",
	    "--when=on-failure", "--when=never" };
	static const char *const scripts[] = { "echo 1; exit 0",
	    "echo 1; exit 3", "echo 1; exit 3" };
	static const int runs[] = { 1, 2, 1 }, codes[] = { 0, 3, 3 };

	if (tool_skip())
		return;
	tool_start(&t, "keep", "--quiet", "--delay=0", "--min-uptime=100",
	    "--limit=2", whens[_i], "--", "/bin/sh", "-c", scripts[_i], NULL);
	ck_assert_int_eq(count_lines(), runs[_i]);
	ck_assert_int_eq(tool_code(&t), codes[_i]);
}
END_TEST

static pid_t
start_chorus(const char *first)
{
	pid_t pid;

	tool_start(&t, "keep", "--quiet", "--delay=0", "--grace=0.2", "--",
	    tool_scenario("chorus"), first, NULL);
	pid = (pid_t)tool_number(&t);
	ck_assert_int_gt(pid, 0);
	return pid;
}

/* A stopped one goes on when it is to end, so each stop comes with CONT. */
static long
next_but_cont(void)
{
	long number;

	do
		number = tool_number(&t);
	while (number == SIGCONT);
	return number;
}

START_TEST(TERM_and_INT_stop_it_by_TERM_and_then_KILL)
{
	if (tool_skip())
		return;
	start_chorus(NULL);
	ck_assert_int_eq(tool_number(&t), 0);
	tool_await_handlers(&t);
	kill(t.pid, SIGUSR1);
	ck_assert_int_eq(tool_number(&t), SIGUSR1);
	kill(t.pid, _i == 0 ? SIGTERM : SIGINT);
	ck_assert_int_eq(next_but_cont(), SIGTERM);
	ck_assert_int_eq(next_but_cont(), -1);
	ck_assert_int_eq(tool_code(&t), 128 + SIGKILL);
}
END_TEST

START_TEST(each_run_begins_when_nothing_is_left_of_the_one_before)
{
	pid_t program, orphan, next;

	if (tool_skip())
		return;
	program = start_chorus("stubborn");
	orphan = (pid_t)tool_number(&t);
	ck_assert_int_eq(tool_number(&t), 0);
	kill(program, SIGKILL);
	next = (pid_t)tool_number(&t);
	ck_assert_int_gt(next, 0);
	ck_assert_int_ne(next, program);
	ck_assert(!process_alive(orphan));
	ck_assert_int_gt(tool_number(&t), 0);
	ck_assert_int_eq(tool_number(&t), 0);
	tool_await_handlers(&t);
	kill(t.pid, SIGTERM);
	ck_assert_int_eq(tool_code(&t), 128 + SIGKILL);
}
END_TEST

/* The outer process, or the inner one. */
START_TEST(KILL_of_one_of_its_processes_leaves_nothing)
{
	pid_t program, orphan, inner;

	if (tool_skip())
		return;
	program = start_chorus("stubborn");
	orphan = (pid_t)tool_number(&t);
	ck_assert_int_eq(tool_number(&t), 0);
	inner = process_ppid(program);
	tool_await_handlers(&t);
	kill(_i == 0 ? t.pid : inner, SIGKILL);
	process_wait_gone(program, 20000);
	if (_i == 1) {
		/* It is another run, without them. */
		ck_assert_int_gt(tool_number(&t), 0);
		ck_assert(!process_alive(orphan));
		kill(t.pid, SIGTERM);
		tool_code(&t);
		return;
	}
	process_wait_gone(orphan, 20000);
	process_wait_gone(inner, 20000);
	tool_wait(&t);
	fd_wait_eof(t.out, 20000);
	close(t.out);
}
END_TEST

START_TEST(what_cannot_be_run_at_first_is_not_tried_again)
{
	if (tool_skip())
		return;
	tool_start(&t, "keep", "--delay=0", "--", _i == 0 ?
	    "/no/such/program" : "/dev/null", NULL);
	ck_assert_int_eq(tool_code(&t), _i == 0 ? 127 : 126);
}
END_TEST

START_TEST(delays_are_kept_and_bounded)
{
	int64_t since;
	int i;

	if (tool_skip())
		return;
	tool_start(&t, "keep", "--quiet", "--delay=0.2", "--max-delay=0.3",
	    "--min-uptime=100", "--limit=4", "--", "/bin/sh", "-c", "echo 1",
	    NULL);
	ck_assert_int_eq(tool_number(&t), 1);
	since = clock_now_ms();
	for (i = 0; i < 3; i++)
		ck_assert_int_eq(tool_number(&t), 1);
	/* 200, 300, 300; not 200, 400, 800. */
	ck_assert_int_ge(clock_now_ms() - since, 700);
	ck_assert_int_eq(tool_code(&t), 0);
}
END_TEST

START_TEST(stop_while_it_waits_ends_it_at_once)
{
	if (tool_skip())
		return;
	tool_start(&t, "keep", "--quiet", "--delay=1000", "--max-delay=1000",
	    "--expect=3", "--", "/bin/sh", "-c", "echo $$; exit 3", NULL);
	process_wait_gone((pid_t)tool_number(&t), 20000);
	tool_await_handlers(&t);
	kill(t.pid, SIGTERM);
	ck_assert_int_eq(tool_code(&t), 0);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("keep");
	TCase *tcase = tcase_create("keep");

	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, toolkit_setup, toolkit_teardown);
	tcase_add_test(tcase, program_that_ends_runs_again_until_the_limit);
	tcase_add_loop_test(tcase, when_says_after_which_ends, 0, 3);
	tcase_add_loop_test(tcase,
	    TERM_and_INT_stop_it_by_TERM_and_then_KILL, 0, 2);
	tcase_add_test(tcase,
	    each_run_begins_when_nothing_is_left_of_the_one_before);
	tcase_add_loop_test(tcase,
	    KILL_of_one_of_its_processes_leaves_nothing, 0, 2);
	tcase_add_loop_test(tcase,
	    what_cannot_be_run_at_first_is_not_tried_again, 0, 2);
	tcase_add_test(tcase, delays_are_kept_and_bounded);
	tcase_add_test(tcase, stop_while_it_waits_ends_it_at_once);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
