/* Daemons: one that starts waits before each call at its pid file until
 * another has started, one that ends until another wants to start, and who
 * stops one until that has ended and its pid is another's. */
#define _GNU_SOURCE 1

#include "stranger.h"
#include "widened.h"
#include "../backend.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOST = 40 };

static struct scenario slow, other;
static struct stranger holder, stranger;
static bool has_holder, has_stranger;
static char path[1000];

static void
setup(void)
{
	toolkit_setup();
	toolkit_expect(TOOLKIT_FILES);
	snprintf(path, sizeof(path), "%s/x", toolkit_dir());
}

static void
teardown(void)
{
	if (has_holder)
		stranger_end(&holder);
	if (has_stranger)
		stranger_end(&stranger);
	has_holder = has_stranger = false;
	toolkit_teardown();
}

/* Starts. */

static const struct {
	const char *rule;
	bool locked;     /* by then */
} moments[] = {
	{ "openat:1:60000=x", false },
	{ "fcntl.OFD_SETLK:1:60000=x", false },
	{ "newfstatat:1:60000=x", true },
	{ "ftruncate:1:60000=x", true },
	{ "pwrite64:1:60000=x", true },
	{ "fcntl.SETLK:1:60000=x", true },
};

static void
begin(const char *rule)
{
	char inject[1024], program[1024];

	scenario_path(inject, sizeof(inject), "torture/inject");
	scenario_path(program, sizeof(program), "scn/daemon");
	scenario_start(&slow, inject, "delay", rule, "--", program, NULL);
	scenario_start(&other, "daemon", NULL);
	scenario_send(&slow, "pid_file %s", path);
	scenario_send(&other, "pid_file %s", path);
}

static void
await_delay(void)
{
	ck_assert_msg(widened_met(&slow, NULL), "%s%s",
	    scenario_stdout(&slow), scenario_stderr(&slow));
}

/* It has started: the file names it. */
static pid_t
expect_daemon(struct scenario *s)
{
	char text[100];
	pid_t pid;

	scenario_expect(s, "daemonize 0");
	scenario_send(s, "pid");
	pid = (pid_t)scenario_expect_number(s, "pid ");
	ck_assert_int_gt(file_read(path, text, sizeof(text)), 0);
	ck_assert_int_eq(atoi(text), pid);
	return pid;
}

static void
expect_refusal(struct scenario *s, bool named)
{
	char line[200];

	ck_assert(scenario_read_line(s, line, sizeof(line), 10000));
	ck_assert_msg(strcmp(line, "daemonize PROCLC_ERUNNING") == 0 ||
	    (!named && strcmp(line, "daemonize PROCLC_ESTARTING") == 0),
	    "%s", line);
}

static void
end_daemon(struct scenario *s, pid_t pid)
{
	scenario_send(s, "exit 0");
	scenario_expect_eof(s);
	process_wait_gone(pid, 0);
	ck_assert(!file_exists(path));
}

static void
end_refused(struct scenario *s)
{
	scenario_send(s, "exit 0");
	scenario_expect_exit(s, 0);
}

START_TEST(start_beside_another_start_has_one_winner)
{
	bool locked = moments[_i].locked;
	struct scenario *winner = locked ? &slow : &other;
	struct scenario *loser = locked ? &other : &slow;
	pid_t pid;

	if (skip_without("lock", "ofd") || widened_skip())
		return;
	begin(moments[_i].rule);
	scenario_send(&slow, "daemonize");
	await_delay();
	scenario_send(&other, "daemonize");
	if (locked)
		expect_refusal(loser, false);
	else
		pid = expect_daemon(winner);
	widened_go_on(&slow);
	if (locked)
		pid = expect_daemon(winner);
	else
		expect_refusal(loser, true);
	end_refused(loser);
	end_daemon(winner, pid);
	scenario_wait(winner);
}
END_TEST

/* It holds the file until that is gone; then it is the next one's. */
START_TEST(start_beside_an_end_is_refused_and_then_works)
{
	pid_t pid, next;

	if (skip_without("lock", "ofd") || widened_skip())
		return;
	begin("unlinkat:1:60000=x");
	scenario_send(&slow, "daemonize");
	pid = expect_daemon(&slow);
	scenario_send(&slow, "exit 0");
	await_delay();
	scenario_send(&other, "daemonize");
	expect_refusal(&other, true);
	widened_go_on(&slow);
	process_wait_gone(pid, 0);
	scenario_wait(&slow);
	scenario_send(&other, "daemonize");
	next = expect_daemon(&other);
	end_daemon(&other, next);
	scenario_wait(&other);
}
END_TEST

/* Stops. */

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
start_stop(int n)
{
	char inject[1024], program[1024], rule[64], names[64];

	scenario_close_all(names, sizeof(names));
	scenario_path(inject, sizeof(inject), "torture/inject");
	scenario_path(program, sizeof(program), "torture/rival");
	snprintf(rule, sizeof(rule), "*:%d:60000@0", n);
	has_holder = stranger_start(&holder, 0, path);
	ck_assert_msg(has_holder, "%s", stranger_why());
	scenario_start(&slow, inject, "-m", "delay", rule, "--", program,
	    "stop", path, NULL);
}

/* False: it waits for the end already, or is done. */
static bool
stop_is_held(void)
{
	const struct timespec step = { 0, 200000 };
	int64_t deadline = clock_deadline(300);

	while (strstr(scenario_stderr(&slow), "\ninjected ") == NULL) {
		if (clock_left_ms(deadline) == 0 || scenario_ended(&slow))
			return false;
		nanosleep(&step, NULL);
	}
	return true;
}

static void
judge_stop(int n)
{
	char line[200] = "", heard[1024];

	ck_assert(scenario_read_line(&slow, line, sizeof(line), 20000));
	/* No file, not running, unlocked, or starting: it depends. */
	ck_assert_msg(strcmp(line, "stop 0") == 0 ||
	    strncmp(line, "stop PROCLC_", 12) == 0, "at call %d: %s", n,
	    line);
	scenario_expect_exit(&slow, 0);
	if (has_stranger)
		ck_assert_msg(stranger_heard(&stranger, heard,
		    sizeof(heard)) == 0, "at call %d: a stranger: %s", n,
		    heard);
}

/* False: it has no such call. */
static bool
run_stop(int n)
{
	const struct timespec step = { 0, 200000 };
	pid_t pid;
	bool held;

	start_stop(n);
	pid = holder.pid;
	held = stop_is_held();
	stranger_end(&holder);
	has_holder = false;
	if (held)
		take_pid(pid);
	while (!held && !scenario_ended(&slow)) {
		held = strstr(scenario_stderr(&slow), "\ninjected ") != NULL;
		nanosleep(&step, NULL);
	}
	widened_go_on(&slow);
	judge_stop(n);
	return held;
}

START_TEST(stop_beside_the_end_meets_no_stranger)
{
	int n = 0;

	if (skip_without("process", "pidfd") || widened_skip())
		return;
	do
		n += sweep_all() ? 1 : 1 + n / 4;
	while (n < MOST && run_stop(n));
	dprintf(1, "# stop: held before calls up to %d\n", n - 1);
	ck_assert_int_gt(n, 5);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("widened daemons");
	TCase *tc = tcase_create("widened daemons");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, start_beside_another_start_has_one_winner, 0,
	    (int)(sizeof(moments) / sizeof(moments[0])));
	tcase_add_test(tc, start_beside_an_end_is_refused_and_then_works);
	tcase_add_test(tc, stop_beside_the_end_meets_no_stranger);
	suite_add_tcase(suite, tc);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
