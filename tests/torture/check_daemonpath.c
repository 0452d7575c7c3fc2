/*
 * The way of a daemon under torture: each fallible call of launcher, the
 * process between and daemon fails, each allocation is refused, each process
 * is killed at each of its calls; and a launcher that is late.
 */
#define _GNU_SOURCE 1

#include "sanitized.h"
#include "sweep-run.h"
#include "../backend.h"
#include "../toolkit/clock.h"
#include "../toolkit/toolkit.h"

#include <proclc.h>

#include <check.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How long make check may try, in each test. */
enum { BUDGET_MS = 4000 };

static int64_t deadline;

static void
setup(void)
{
	sweep_setup();
	deadline = clock_now_ms() + BUDGET_MS;
}

static bool
time_is_up(void)
{
	return !sweep_all() && clock_left_ms(deadline) == 0;
}

/* What else than the system's errno is a true answer. */
static const struct sweep_answer answers[] = {
	/* the daemon, or the one between, did not get that far */
	{ "*", 0, PROCLC_ESTARTFAILED },
	/* somebody holds it, who does not say his pid */
	{ "flock", EAGAIN, PROCLC_ESTARTING },
	{ "fcntl.OFD_SETLK", EAGAIN, PROCLC_ESTARTING },
	{ "kill", ESRCH, PROCLC_ESTARTING },
	{ "openat", ELOOP, PROCLC_EUNSAFE },
	/* somebody removes the file again and again */
	{ "newfstatat", ENOENT, PROCLC_EAGAIN },
	{ NULL, 0, 0 }
};

/* What these may leave or lose is told in check_sweep.c: who cannot ask what a
 * new file is, or for its lock, must not remove it. */
static const char *const left[] = {
	"newfstatat.EMPTY_PATH+", "fstat+", "newfstatat+", "fcntl.OFD_SETLK+",
	"flock+", NULL
};
static const char *const lost[] = { "write", NULL };

static const struct sweep sweep = {
	.story = "daemon", .answers = answers, .leaves = left, .loses = lost,
};

/* Not where descriptors are closed one by one: a close that always fails looks
 * like one more that was open. */
START_TEST(failing_call_is_told_and_leaves_nothing)
{
	if (skip_without("fds", "linux"))
		return;
	sweep_calls(&sweep);
}
END_TEST

START_TEST(refused_memory_is_told_and_leaves_nothing)
{
	enum { MORE_THAN_ALL = 20 };
	static struct run run;
	struct job job = { .action = "memory" };
	long k;

	if (toolkit_skip_tsan(TSAN_DELAY))
		return;
	if (!run_refuses_memory()) {
		toolkit_skip("no memory to be refused");
		return;
	}
	/* The ones that the daemon makes are counted on from the caller's, and
	 * refused in the daemon. */
	for (k = 2; k < 2 * MORE_THAN_ALL && !time_is_up(); k++) {
		snprintf(job.memory, sizeof(job.memory), "%ld%s", k / 2,
		    k % 2 == 0 ? "" : "+");
		run_story(&sweep, &job, &run);
		if (run.status == 77 << 8) {
			toolkit_skip("ptrace: %s", run.report);
			return;
		}
		judge(&job, &run, NULL);
	}
	sweep_verdict("daemon, without memory", k - 2, k - 2);
}
END_TEST

/* Launcher, the one between, daemon. */
static const char *const roles[] = { "0", "0.1", "0.1.1" };

/* A launcher that lives says what has become of the daemon; else it goes on
 * alone.  Either way the next start works. */
START_TEST(killed_at_any_call_the_next_start_works)
{
	static struct run run;
	struct job job = { .action = "kill" };
	long k, done = 0;
	bool launcher = _i == 0;

	if (toolkit_skip_tsan(TSAN_DELAY))
		return;
	run.injected = 1;
	for (k = 1; run.injected > 0 && !time_is_up(); k++) {
		/* Every one, or some of the many. */
		if (!sweep_all() && k > 12 && (k + _i) % 7 != 0)
			continue;
		snprintf(job.rule, sizeof(job.rule), "*:%ld@%s", k, roles[_i]);
		run_story(&sweep, &job, &run);
		if (run.status == 77 << 8) {
			toolkit_skip("ptrace: %s", run.report);
			return;
		}
		if (run.status != 0 && !(launcher && run.status == SIGKILL))
			wrong(&job, &run, "status %#x", (unsigned)run.status);
		if (strstr(run.report, "\nleft ") != NULL)
			wrong(&job, &run, "somebody was left:\n%s",
			    run.report);
		run_in_peace(&sweep, job.rule);
		done++;
	}
	sweep_verdict("daemon, killed", done, k - 1);
}
END_TEST

/* A launcher that reads late. */

static struct scenario s;
static char inject[1024], program[1024], pid_file[1000];

/* Wait until inject has acted. */
static bool
met(void)
{
	int64_t due = clock_deadline(0);

	while (clock_left_ms(due) > 0 && !scenario_ended(&s))
		if (strstr(scenario_stderr(&s), "injected ") != NULL)
			return true;
	return false;
}

/* When it learns who the daemon is, the daemon has said all, and is in its
 * exit handlers: that is the moment to wait for. */
START_TEST(late_launcher_waits_for_the_end_of_a_failed_daemon)
{
	pid_t launcher_pid, daemon_pid;

	if (toolkit_skip_tsan(TSAN_DELAY) || skip_without("process", "pidfd"))
		return;
	sanitized_prepare();
	scenario_path(inject, sizeof(inject), "torture/inject");
	scenario_path(program, sizeof(program), "scn/daemon");
	snprintf(pid_file, sizeof(pid_file), "%s/a.pid", toolkit_dir());
	scenario_start(&s, inject, "delay", "recvfrom:1:60000@0", "--",
	    program, NULL);
	scenario_send(&s, "pid_file %s;flags %d;register a hear", pid_file,
	    PROCLC_DAEMON_WAIT_READY);
	if (scenario_ended(&s) && scenario_wait(&s) == 77 << 8) {
		toolkit_skip("ptrace: %s", scenario_stderr(&s));
		return;
	}
	scenario_expect(&s, "register new");
	scenario_send(&s, "pid");
	launcher_pid = (pid_t)scenario_expect_number(&s, "pid ");
	scenario_send(&s, "daemonize");
	scenario_expect(&s, "daemonize 0");
	ck_assert(met());
	scenario_send(&s, "pid");
	daemon_pid = (pid_t)scenario_expect_number(&s, "pid ");
	scenario_send(&s, "fail 7 no");
	scenario_expect(&s, "a: call 7 0");
	/* The delay is over: the launcher goes on. */
	scenario_signal(&s, SIGUSR1);
	ck_assert(!process_gone_within(launcher_pid, 300));
	ck_assert(process_alive(daemon_pid));
	scenario_send(&s, "go on");
	scenario_expect(&s, "a: out");
	process_wait_gone(launcher_pid, 0);
	ck_assert(!process_alive(daemon_pid));
	scenario_expect_exit(&s, 7);
	ck_assert(!file_exists(pid_file));
	ck_assert_ptr_nonnull(strstr(scenario_stderr(&s), "\nno\n"));
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("daemonpath");
	TCase *tcase = tcase_create("sweep");
	TCase *late = tcase_create("late");

	tcase_add_checked_fixture(tcase, setup, sweep_teardown);
	tcase_set_timeout(tcase, sweep_timeout());
	tcase_add_test(tcase, failing_call_is_told_and_leaves_nothing);
	tcase_add_test(tcase, refused_memory_is_told_and_leaves_nothing);
	tcase_add_loop_test(tcase, killed_at_any_call_the_next_start_works,
	    0, 3);
	suite_add_tcase(suite, tcase);

	tcase_add_checked_fixture(late, toolkit_setup, toolkit_teardown);
	tcase_add_test(late,
	    late_launcher_waits_for_the_end_of_a_failed_daemon);
	suite_add_tcase(suite, late);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
