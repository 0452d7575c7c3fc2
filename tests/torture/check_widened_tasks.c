/* Tasks: a call of the parent waits before each of its system calls, until the
 * child has ended, and, where that can be, its pid is another's. */
#define _GNU_SOURCE 1

#include "stranger.h"
#include "widened.h"

#include <proclc.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOST = 60, IDLE_MS = 200 };

static struct scenario s;
static struct stranger stranger;
static bool has_stranger;

static const struct {
	const char *name, *option;
	int signum;     /* that it sends */
} calls[] = {
	{ "kill", NULL, SIGUSR2 }, { "kill", "ignore", SIGUSR2 },
	{ "shutdown", NULL, SIGTERM }, { "shutdown", "ignore", SIGTERM },
	{ "wait", NULL, 0 }, { "wait", "ignore", 0 },
	{ "any", NULL, 0 }, { "any", "ignore", 0 },
};

static void
teardown(void)
{
	if (has_stranger)
		stranger_end(&stranger);
	has_stranger = false;
	toolkit_teardown();
}

static void
start(int i, int n)
{
	char inject[1024], program[1024], rule[64], names[64];

	scenario_close_all(names, sizeof(names));
	scenario_path(inject, sizeof(inject), "torture/inject");
	scenario_path(program, sizeof(program), "torture/rival");
	snprintf(rule, sizeof(rule), "*:%d:60000@0", n);
	scenario_start(&s, inject, "-m", "delay", rule, "--", program,
	    calls[i].name, calls[i].option, NULL);
}

/* Its pid is taken at once, if it is free. */
static void
take_pid(pid_t pid)
{
	int tries = 0;

	if (has_stranger)
		stranger_end(&stranger);
	do
		has_stranger = stranger_start(&stranger, pid, NULL);
	while (!has_stranger && errno == EAGAIN && tries++ < 100);
}

static void
judge(int i, int n)
{
	char heard[1024], line[200] = "";
	int kind = 0, signum = 0;
	char code[64] = "";

	scenario_read_line(&s, line, sizeof(line), 20000);
	ck_assert_msg(sscanf(line, "%*s %60[^,], %d %d", code, &kind,
	    &signum) == 3, "%s at call %d: \"%s\"\n%s", calls[i].name, n,
	    line, scenario_stderr(&s));
	ck_assert_msg(strcmp(code, "0") == 0 || (calls[i].name[0] == 'k' &&
	    strcmp(code, "PROCLC_ESRCH") == 0), "%s at call %d: %s",
	    calls[i].name, n, line);
	ck_assert_msg((kind == PROCLC_STATUS_KILLED && (signum == SIGKILL ||
	    signum == calls[i].signum)) || (calls[i].option != NULL &&
	    kind == PROCLC_STATUS_UNKNOWN),
	    "%s at call %d: %s", calls[i].name, n, line);
	scenario_expect_exit(&s, 0);
	if (has_stranger)
		ck_assert_msg(stranger_heard(&stranger, heard,
		    sizeof(heard)) == 0, "%s at call %d: a stranger: %s",
		    calls[i].name, n, heard);
}

/* False: it ends, or waits for the child's end, before its n-th call. */
static bool
is_held(void)
{
	const struct timespec step = { 0, 200000 };
	int64_t deadline = clock_deadline(IDLE_MS);

	while (strstr(scenario_stderr(&s), "\ninjected ") == NULL) {
		if (clock_left_ms(deadline) == 0 || scenario_ended(&s))
			return false;
		nanosleep(&step, NULL);
	}
	return true;
}

/* It may come to its n-th call only now. */
static void
let_go(bool held)
{
	const struct timespec step = { 0, 200000 };
	int64_t deadline = clock_deadline(0);

	while (!held && !scenario_ended(&s) && clock_left_ms(deadline) > 0) {
		held = strstr(scenario_stderr(&s), "\ninjected ") != NULL;
		nanosleep(&step, NULL);
	}
	if (held)
		widened_go_on(&s);
}

/* False: there is no such call. */
static bool
run(int i, int n)
{
	bool held;
	pid_t pid;

	start(i, n);
	pid = (pid_t)scenario_expect_number(&s, "child ");
	held = is_held();
	kill(pid, SIGKILL);
	if (held)
		process_wait_gone(pid, 0);
	if (held && calls[i].option != NULL)
		take_pid(pid);
	let_go(held);
	judge(i, n);
	return held;
}

START_TEST(call_beside_the_childs_end_is_true_and_meets_no_stranger)
{
	int n = 0;

	if (widened_skip())
		return;
	do
		n += sweep_all() ? 1 : 1 + n / 3;
	while (n < MOST && run(_i, n));
	dprintf(1, "# %s%s: held before calls up to %d\n", calls[_i].name,
	    calls[_i].option == NULL ? "" : ", nobody to wait", n - 1);
	ck_assert_int_gt(n, 3);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("widened tasks");
	TCase *tc = tcase_create("widened tasks");

	tcase_add_checked_fixture(tc, toolkit_setup, teardown);
	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc,
	    call_beside_the_childs_end_is_true_and_meets_no_stranger, 0,
	    (int)(sizeof(calls) / sizeof(calls[0])));
	suite_add_tcase(suite, tc);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
