/* The driver that kills, and is late: and all as if it were not there. */
#define _GNU_SOURCE 1

#include "driven.h"
#include "../toolkit/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Death. */

static long
length_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? (long)st.st_size : -1;
}

START_TEST(kill_comes_in_place_of_the_call)
{
	if (skip())
		return;
	scenario_start(&s, inject, "kill", "write:3@0=a", "--", victim,
	    "add", a, "add", a, "add", a, "add", a, NULL);
	scenario_expect_killed(&s, SIGKILL);
	ck_assert_int_eq(length_of(a), 2);
	expect_report("end 0 killed 9\n");
}
END_TEST

/* Open, write, close, twice: the file is as long as there were writes. */
START_TEST(kill_at_each_call_until_none_is_left)
{
	static const long lengths[] = { -1, 0, 1, 1, 1, 2, 2 };
	char rule[32];
	int k, status = SIGKILL;

	if (skip())
		return;
	for (k = 1; status == SIGKILL; k++) {
		snprintf(rule, sizeof(rule), "*:%d", k);
		unlink(a);
		scenario_start(&s, inject, "-m", "kill", rule, "--", victim,
		    "begin", "add", a, "add", a, "end", NULL);
		status = scenario_wait(&s);
		ck_assert_int_le(k, 7);
		ck_assert_int_eq(length_of(a), lengths[k - 1]);
	}
	ck_assert_int_eq(status, 0);
	ck_assert_int_eq(k, 8);
}
END_TEST

START_TEST(term_comes_while_the_call_runs)
{
	if (skip())
		return;
	scenario_start(&s, inject, "-m", "term", "read:1", "--", victim,
	    "catch", "begin", "wait", "end", NULL);
	scenario_expect(&s, "caught 15");     /* it still reads */
	scenario_close_stdin(&s);
	scenario_expect(&s, "end 1");
	scenario_expect_exit(&s, 0);
}
END_TEST

START_TEST(term_after_comes_before_the_next_instruction)
{
	if (skip())
		return;
	scenario_start(&s, inject, "term-after", "unlinkat:1=a", "--", victim,
	    "catch", "remove", b, "remove", a, NULL);
	scenario_expect(&s, "remove %d", ENOENT);
	scenario_expect(&s, "caught 15");
	scenario_expect(&s, "remove %d", ENOENT);
	scenario_expect_exit(&s, 0);
}
END_TEST

START_TEST(two_rules_act_on_one_call)
{
	if (skip())
		return;
	scenario_start(&s, inject, "fail", "unlinkat:1:EIO", "term-after",
	    "unlinkat:1", "--", victim, "catch", "remove", b, NULL);
	scenario_expect(&s, "caught 15");
	scenario_expect(&s, "remove %d", EIO);
	scenario_expect_exit(&s, 0);
	expect_report("done 2\n");
}
END_TEST

/* Delay. */

/* What follows this in its report, once it is there. */
static const char *
await_report(const char *words)
{
	int64_t deadline = clock_deadline(0);
	const char *at = NULL;

	while (at == NULL && clock_left_ms(deadline) > 0)
		at = strstr(scenario_stderr(&s), words);
	ck_assert_ptr_nonnull(at);
	return at + strlen(words);
}

/* b, which is not named, would take longer than the test may. */
START_TEST(delay_is_for_a_named_path)
{
	int64_t start = clock_now_ms();

	if (skip())
		return;
	scenario_start(&s, inject, "delay", "unlinkat:1:300=a", "--", victim,
	    "remove", b, "remove", a, NULL);
	scenario_expect(&s, "remove %d", ENOENT);
	/* The other side moves while the victim is about to. */
	close(open(a, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	scenario_expect(&s, "remove 0");
	scenario_expect_exit(&s, 0);
	ck_assert_int_ge(clock_now_ms() - start, 300);
	expect_report("injected 0 0 unlinkat\n");
	expect_report("done 1\n");
}
END_TEST

START_TEST(delay_ends_when_told)
{
	if (skip())
		return;
	scenario_start(&s, inject, "delay", "unlinkat:1:60000=a", "--", victim,
	    "remove", b, "remove", a, NULL);
	scenario_expect(&s, "remove %d", ENOENT);
	await_report("injected 0 0 unlinkat\n");
	close(open(a, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	scenario_signal(&s, SIGUSR1);
	scenario_expect(&s, "remove 0");
	scenario_expect_exit(&s, 0);
}
END_TEST

START_TEST(delay_holds_one_thread_only)
{
	if (skip())
		return;
	scenario_start(&s, inject, "delay", "openat:1:60000=a", "--", victim,
	    "leave", "open", b, "open", a, NULL);
	scenario_expect(&s, "open 0");
	ck_assert(!scenario_ended(&s));
	scenario_signal(&s, SIGKILL);
	scenario_expect_killed(&s, SIGKILL);
	scenario_expect_eof(&s);
}
END_TEST

/* The command as it is without a driver. */

START_TEST(status_is_the_commands)
{
	if (skip())
		return;
	scenario_start(&s, inject, "--", victim, "catch", NULL);
	scenario_expect_exit(&s, 0);
	scenario_start(&s, inject, "--", "/bin/sh", "-c", "exit 42", NULL);
	scenario_expect_exit(&s, 42);
	expect_report("end 0 exited 42\n");
	scenario_start(&s, inject, "--", "/bin/sh", "-c", "kill -15 $$", NULL);
	scenario_expect_killed(&s, SIGTERM);
	scenario_start(&s, inject, "--", "/nowhere/at/all", NULL);
	scenario_expect_exit(&s, 125);
}
END_TEST

static pid_t
victim_pid(void)
{
	return atoi(await_report("process 0 "));
}

static void
await_stop(pid_t pid)
{
	int64_t deadline = clock_deadline(0);
	char state = 'S';

	while (state != 'T' && state != 't' && clock_left_ms(deadline) > 0)
		state = process_state(pid);
	ck_assert(state == 'T' || state == 't');
}

START_TEST(stop_and_continue_work)
{
	char line[64];
	pid_t pid;

	if (skip())
		return;
	scenario_start(&s, inject, "--", victim, "remove", a, "wait",
	    "remove", b, NULL);
	scenario_expect(&s, "remove %d", ENOENT);
	pid = victim_pid();
	kill(pid, SIGSTOP);
	await_stop(pid);
	scenario_close_stdin(&s);
	ck_assert(!scenario_read_line(&s, line, sizeof(line), 100));
	kill(pid, SIGCONT);
	scenario_expect(&s, "remove %d", ENOENT);
	scenario_expect_exit(&s, 0);
}
END_TEST

START_TEST(limit_ends_all)
{
	if (skip())
		return;
	scenario_start(&s, inject, "-t", "100", "--", victim, "fork", "pause",
	    NULL);
	scenario_expect_exit(&s, 124);
	expect_report("late 0 ");
	expect_report("late 0.1 ");
	scenario_expect_eof(&s);
}
END_TEST

START_TEST(who_outlives_the_command_is_named)
{
	if (skip())
		return;
	scenario_start(&s, inject, "-l", "100", "--", victim, "leave",
	    "pause", NULL);
	scenario_expect_exit(&s, 0);
	expect_report("left 0.1 ");
	expect_report("end 0.1 killed 9\n");
	scenario_expect_eof(&s);
}
END_TEST

START_TEST(nobody_outlives_a_killed_driver)
{
	if (skip())
		return;
	scenario_start(&s, inject, "--", victim, "fork", "remove", a,
	    "thread", "pause", NULL);
	scenario_expect(&s, "remove %d", ENOENT);
	scenario_signal(&s, SIGKILL);
	scenario_expect_killed(&s, SIGKILL);
	scenario_expect_eof(&s);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("inject life");
	TCase *tc = tcase_create("inject life");

	tcase_add_checked_fixture(tc, setup, toolkit_teardown);
	tcase_add_test(tc, kill_comes_in_place_of_the_call);
	tcase_add_test(tc, kill_at_each_call_until_none_is_left);
	tcase_add_test(tc, term_comes_while_the_call_runs);
	tcase_add_test(tc, term_after_comes_before_the_next_instruction);
	tcase_add_test(tc, two_rules_act_on_one_call);
	tcase_add_test(tc, delay_is_for_a_named_path);
	tcase_add_test(tc, delay_ends_when_told);
	tcase_add_test(tc, delay_holds_one_thread_only);
	tcase_add_test(tc, status_is_the_commands);
	tcase_add_test(tc, stop_and_continue_work);
	tcase_add_test(tc, limit_ends_all);
	tcase_add_test(tc, who_outlives_the_command_is_named);
	tcase_add_test(tc, nobody_outlives_a_killed_driver);
	suite_add_tcase(suite, tc);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
