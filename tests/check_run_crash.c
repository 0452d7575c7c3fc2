/*
 * proclc run and a signal of a crash: sent by a process it is the program's;
 * raised by the kernel it is the end of proclc itself, which is seen.
 */
#define _GNU_SOURCE 1

#include "tools.h"

#include <sys/ptrace.h>

static struct tool t;

/* From here on its signals come to us first; false: that is forbidden. */
static bool
trace(pid_t pid)
{
	if (ptrace(PTRACE_SEIZE, pid, NULL, NULL) == 0)
		return true;
	toolkit_skip("ptrace: %s", strerror(errno));
	return false;
}

/* The signal that we send is handed on as if the kernel had raised it. */
static void
forge(pid_t pid, int signum)
{
	int64_t due = clock_deadline(0);
	siginfo_t info;
	int status;

	ck_assert_int_eq(kill(pid, signum), 0);
	while (waitpid(pid, &status, WNOHANG | __WALL) == 0) {
		ck_assert_msg(clock_now_ms() < due, "it does not stop");
		poll(NULL, 0, 1);
	}
	ck_assert(WIFSTOPPED(status) && WSTOPSIG(status) == signum);
	ck_assert_int_eq(ptrace(PTRACE_GETSIGINFO, pid, NULL, &info), 0);
	info.si_code = SEGV_MAPERR;
	ck_assert_int_eq(ptrace(PTRACE_SETSIGINFO, pid, NULL, &info), 0);
	ck_assert_int_eq(ptrace(PTRACE_DETACH, pid, NULL,
	    (void *)(intptr_t)signum), 0);
}

START_TEST(crash_of_its_own_ends_it_and_leaves_nothing)
{
	static const int signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL,
	    SIGTRAP, SIGSYS };
	pid_t program;
	int status;

	if (tool_skip())
		return;
	tool_start(&t, "run", "--grace=0.2", "--", tool_scenario("chorus"),
	    NULL);
	program = (pid_t)tool_number(&t);
	ck_assert_int_eq(tool_number(&t), 0);
	tool_await_handlers(&t);
	/* The first one after the others is handled, so these are. */
	kill(t.pid, signals[_i]);
	ck_assert_int_eq(tool_number(&t), signals[_i]);
	if (trace(t.pid)) {
		forge(t.pid, signals[_i]);
		status = tool_wait(&t);
		ck_assert(WIFSIGNALED(status));
		ck_assert_int_eq(WTERMSIG(status), signals[_i]);
	} else {
		kill(t.pid, SIGKILL);
		tool_wait(&t);
	}
	process_wait_gone(program, 20000);
	fd_wait_eof(t.out, 20000);
	close(t.out);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("run_crash");
	TCase *tcase = tcase_create("crash");

	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, toolkit_setup, toolkit_teardown);
	tcase_add_loop_test(tcase,
	    crash_of_its_own_ends_it_and_leaves_nothing, 0, 6);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
