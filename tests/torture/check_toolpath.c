/*
 * The way of proclc daemon under torture: the launcher, the process between or
 * the daemon is killed at each of its system calls.  Then the daemon is up, or
 * nothing is left; a launcher that lives says which, and the next start works.
 * Not where descriptors are closed by number: too many calls to be traced.
 */
#define _GNU_SOURCE 1

#include "sanitized.h"
#include "sweep.h"
#include "../backend.h"
#include "../kernel.h"
#include "../toolkit/clock.h"
#include "../toolkit/toolkit.h"

#include <proclc.h>

#include <check.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* How long make check may try, in each test; and of which calls every one. */
enum { BUDGET_MS = 3000, FIRST = 3 };

#define PROGRAM "/bin/sleep"

static char inject[1024], tool[1024], pid_file[1000], limit[32];

struct outcome {
	bool acted;	/* there was such a call */
	bool up;	/* the daemon is */
	int code;	/* the launcher's; -1: it was killed */
};

static void
setup(void)
{
	toolkit_setup();
	sanitized_prepare();
	scenario_path(inject, sizeof(inject), "torture/inject");
	scenario_path(tool, sizeof(tool), "torture/proclc");
	snprintf(pid_file, sizeof(pid_file), "%s/a.pid", toolkit_dir());
	snprintf(limit, sizeof(limit), "%.0f", 20000 * clock_multiplier());
}

/* It holds the file, and is the program by now. */
static bool
is_up(void)
{
	char path[64], name[32] = "";
	int64_t pid;

	if (proclc_pidfile_status(pid_file, &pid) != 0)
		return false;
	snprintf(path, sizeof(path), "/proc/%lld/comm", (long long)pid);
	return file_read(path, name, sizeof(name)) > 0 &&
	    strcmp(name, "sleep\n") == 0;
}

/* How the launcher has ended, of inject's report; false: not yet. */
static bool
launcher_ended(const char *report, int *code)
{
	const char *at = strstr(report, "\nend 0 ");

	if (at == NULL)
		return false;
	if (sscanf(at, "\nend 0 exited %d", code) != 1)
		*code = -1;
	return true;
}

/* With its launcher gone: until it is up, or all are gone. */
static bool
settles(struct scenario *s)
{
	int64_t due = clock_deadline(0);

	while (!scenario_ended(s)) {
		if (is_up())
			return true;
		ck_assert_msg(clock_left_ms(due) > 0, "neither up nor gone:"
		    "\n%s", scenario_stderr(s));
		poll(NULL, 0, 1);
	}
	return false;
}

static void
end_daemon(void)
{
	ck_assert_int_ge(proclc_stop(pid_file, NULL), 0);
	/* It is sleep's, who does not know of it. */
	unlink(pid_file);
}

static bool
run_with(const char *rule, struct outcome *o, char *report, size_t size)
{
	struct scenario s;
	int64_t due = clock_deadline(20000);

	*o = (struct outcome){ .code = -1 };
	scenario_start(&s, inject, "-t", limit, "record", "kill", rule, "--",
	    tool, "daemon", "--pidfile", pid_file, "--", PROGRAM, "1000",
	    NULL);
	while (!launcher_ended(scenario_stderr(&s), &o->code) &&
	    !scenario_ended(&s)) {
		ck_assert_msg(clock_left_ms(due) > 0, "the launcher hangs:"
		    "\n%s", scenario_stderr(&s));
		poll(NULL, 0, 1);
	}
	o->up = settles(&s);
	if (o->up)
		end_daemon();
	if (scenario_wait(&s) == 77 << 8) {
		toolkit_skip("ptrace: %s", scenario_stderr(&s));
		return false;
	}
	snprintf(report, size, "%s", scenario_stderr(&s));
	o->acted = strstr(report, "injected ") != NULL;
	ck_assert_msg(strstr(report, "late ") == NULL, "%s: somebody was "
	    "left:\n%s", rule, report);
	return true;
}

/* In peace. */
static void
next_start_works(const char *rule)
{
	struct scenario s;
	int status;

	scenario_start(&s, tool, "daemon", "--pidfile", pid_file, "--",
	    PROGRAM, "1000", NULL);
	status = scenario_wait(&s);
	ck_assert_msg(status == 0, "after %s: %#x: %s", rule,
	    (unsigned)status, scenario_stderr(&s));
	ck_assert_msg(is_up(), "after %s: not up", rule);
	end_daemon();
}

/* The k-th; false: it has no such call, or all is done that is to be. */
static bool
kill_at(const char *role, long k, struct outcome *o)
{
	char rule[64], report[8192];

	snprintf(rule, sizeof(rule), "*:%ld@%s", k, role);
	if (!run_with(rule, o, report, sizeof(report)) || !o->acted)
		return false;
	ck_assert_msg(o->code == 0 ? o->up : o->code < 0 || !o->up,
	    "%s: the launcher says %d, up: %d", rule, o->code, o->up);
	ck_assert_msg(o->code < 1 || !file_exists(pid_file),
	    "%s: the file has stayed", rule);
	next_start_works(rule);
	return true;
}

/* Every one, or some of the many, for so long. */
static long
next_call(long k, int64_t deadline, int from)
{
	if (sweep_all() || k < FIRST)
		return k + 1;
	if (clock_left_ms(deadline) == 0)
		return 0;
	return k + 11 + (k + from) % 3;
}

START_TEST(killed_at_any_call_the_daemon_is_up_or_nothing_is_left)
{
	static const char *const roles[] = { "0", "0.1" };
	int64_t deadline = clock_now_ms() + BUDGET_MS;
	struct outcome o;
	long k, done = 0;

	if (toolkit_skip_tsan(TSAN_DELAY) || skip_without("fds", "linux"))
		return;
	for (k = 1; k > 0 && kill_at(roles[_i], k, &o);
	    k = next_call(k, deadline, _i))
		done++;
	dprintf(1, "# %ld kills of %s, up to call %ld\n", done, roles[_i], k);
	ck_assert_int_gt(done, 0);
}
END_TEST

/* The number of the daemon's calls up to the exec, by a run that is ended
 * there; 0: it is said why not. */
static long
count_calls(struct outcome *o)
{
	static char report[8192];
	const char *line = report;
	long all = 0, n = 0;

	if (!run_with("execve:1@0.1.1", o, report, sizeof(report)))
		return 0;
	while ((line = strstr(line, "\ncall 0.1.1 ")) != NULL)
		if (sscanf(++line, "call 0.1.1 %*s %ld", &n) == 1)
			all += n;
	ck_assert(o->acted);
	ck_assert_int_gt(all, 0);
	return all;
}

/* As its orphan the daemon comes to us, and is reaped at once. */
static void
reap_daemon(struct scenario *s)
{
	int64_t due = clock_deadline(20000);
	const char *at;

	while (!scenario_ended(s)) {
		at = strstr(scenario_stderr(s), "process 0.1.1 ");
		if (at != NULL)
			waitpid((pid_t)atol(at + 14), NULL, WNOHANG);
		ck_assert_msg(clock_left_ms(due) > 0, "it does not end");
		poll(NULL, 0, 1);
	}
}

/* The launcher looks when the daemon is gone, and reaped: has it been the
 * program, which exits, or was it killed in place of the exec? */
START_TEST(late_launcher_tells_an_end_by_itself_from_a_kill)
{
	bool killed = _i == 1;
	struct scenario s;

	if (toolkit_skip_tsan(TSAN_DELAY) || skip_without("process", "pidfd"))
		return;
	if (!kernel_keeps_status()) {
		toolkit_skip("the kernel does not keep how a process ended");
		return;
	}
	ck_assert_int_eq(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 0);
	scenario_start(&s, inject, "-t", limit, "delay",
	    "openat:1:1000@0=stat", killed ? "kill" : "refuse",
	    killed ? "execve:1@0.1.1" : "swapon:EPERM", "--", tool, "daemon",
	    "--pidfile", pid_file, "--", "/bin/sh", "-c", ":", NULL);
	reap_daemon(&s);
	prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0);
	if (scenario_wait(&s) == 77 << 8) {
		toolkit_skip("ptrace: %s", scenario_stderr(&s));
		return;
	}
	ck_assert_msg(strstr(scenario_stderr(&s), "injected 0 0 openat") !=
	    NULL, "nobody has looked:\n%s", scenario_stderr(&s));
	ck_assert_msg(strstr(scenario_stderr(&s), killed ?
	    "\nend 0 exited 1\n" : "\nend 0 exited 0\n") != NULL, "%s",
	    scenario_stderr(&s));
	unlink(pid_file);
}
END_TEST

/* The last one is in place of the exec: then the kernel knows, or nobody. */
START_TEST(daemon_killed_before_its_program_is_no_success)
{
	bool known = backend_is("process", "pidfd") && kernel_keeps_status();
	int64_t deadline = clock_now_ms() + BUDGET_MS;
	struct outcome o;
	long k, done = 0, calls;

	if (toolkit_skip_tsan(TSAN_DELAY) || skip_without("fds", "linux"))
		return;
	calls = count_calls(&o);
	ck_assert(calls == 0 || !o.up);
	if (calls > 0 && known) {
		ck_assert_int_eq(o.code, 1);
		ck_assert(!file_exists(pid_file));
	}
	for (k = 1; k > 0 && k < calls; k = next_call(k, deadline, 0)) {
		ck_assert(kill_at("0.1.1", k, &o));
		ck_assert_msg(o.code > 0, "call %ld of %ld: 'ready' of a "
		    "daemon that never ran", k, calls);
		done++;
	}
	dprintf(1, "# %ld kills of the daemon, of %ld\n", done + 1, calls);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("toolpath");
	TCase *tcase = tcase_create("toolpath");

	tcase_add_checked_fixture(tcase, setup, toolkit_teardown);
	tcase_set_timeout(tcase, sweep_timeout());
	tcase_add_loop_test(tcase,
	    killed_at_any_call_the_daemon_is_up_or_nothing_is_left, 0, 2);
	tcase_add_loop_test(tcase,
	    late_launcher_tells_an_end_by_itself_from_a_kill, 0, 2);
	tcase_add_test(tcase, daemon_killed_before_its_program_is_no_success);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
