/*
 * proclc run where it is at work: as the first process of a pid namespace, at
 * a terminal, with sockets and descriptors that are not its own.
 */
#define _GNU_SOURCE 1

#include "tools.h"

#include <sys/ioctl.h>

static struct tool t;

/* "unshare", as a container begins. */
static bool
start_first(const char *script)
{
	static const char *const try[] = { "/bin/sh", "-c",
	    "unshare --pid --fork --mount-proc true 2>/dev/null", NULL };
	int ends[2];

	ck_assert_int_eq(pipe(ends), 0);
	t = (struct tool){ .pid = fork(), .out = ends[0] };
	if (t.pid == 0)
		tool_become(try, ends[1]);
	if (tool_wait(&t) != 0) {
		close(ends[0]);
		close(ends[1]);
		toolkit_skip("a pid namespace: it is refused");
		return false;
	}
	t.pid = fork();
	if (t.pid == 0)
		tool_become((const char *[]){ "/bin/sh", "-c",
		    "exec unshare --pid --fork --mount-proc \"$@\"", "sh",
		    tool_program(), "run", "--grace=0.2", "--", "/bin/sh",
		    "-c", script, NULL }, ends[1]);
	close(ends[1]);
	return true;
}

START_TEST(first_process_is_the_programs_parent_and_has_its_code)
{
	if (tool_skip() || !start_first("echo $PPID; exit 5"))
		return;
	ck_assert_int_eq(tool_number(&t), 1);
	ck_assert_int_eq(tool_code(&t), 5);
}
END_TEST

START_TEST(first_process_reaps_orphans_100_of_100)
{
	if (tool_skip() || !start_first("i=0; while [ $i -lt 100 ]; do "
	    "(: &); i=$((i + 1)); done; n=0; "
	    "while grep -qs '^State:.Z' /proc/[0-9]*/status; do "
	    "n=$((n + 1)); [ $n -lt 2000 ] || exit 9; done; exit 6"))
		return;
	ck_assert_int_eq(tool_code(&t), 6);
}
END_TEST

static pid_t
child_of(pid_t pid)
{
	struct os_process *list;
	int i, n = os_processes(&list);
	pid_t found = 0;

	for (i = 0; i < n; i++)
		if (list[i].ppid == pid)
			found = list[i].pid;
	free(list);
	return found;
}

/* Whose pid is 0 in there, as that of nobody. */
START_TEST(first_process_passes_on_signals_from_outside)
{
	pid_t first;
	int signum = _i == 0 ? SIGINT : SIGQUIT;

	if (tool_skip() || !start_first("trap 'exit 42' INT; "
	    "trap 'exit 43' QUIT; echo 1; sleep 1000 & wait; wait"))
		return;
	ck_assert_int_eq(tool_number(&t), 1);
	first = child_of(t.pid);
	tool_await_handlers(&(struct tool){ .pid = first });
	kill(first, signum);
	ck_assert_int_eq(tool_code(&t), 42 + _i);
}
END_TEST

START_TEST(KILL_of_the_first_process_leaves_nothing)
{
	pid_t first;

	if (tool_skip() || !start_first("(setsid sh -c 'trap \"\" TERM HUP; "
	    "sleep 1000' &); echo 1; sleep 1000"))
		return;
	ck_assert_int_eq(tool_number(&t), 1);
	first = child_of(t.pid);
	kill(first, SIGKILL);
	fd_wait_eof(t.out, 20000);
	ck_assert_int_ne(tool_wait(&t), 0);
	close(t.out);
}
END_TEST

/* --- at a terminal ------------------------------------------------------ */

static int master;

/* A shell with one job in the foreground; it ends as that. */
static void
be_shell(const char *tty, const char *option, int out)
{
	int fd, status = 0;
	pid_t job;

	setsid();
	fd = open(tty, O_RDWR);
	if (fd < 0 || ioctl(fd, TIOCSCTTY, 0) != 0)
		_exit(90);
	signal(SIGTTOU, SIG_IGN);
	job = fork();
	if (job == 0) {
		setpgid(0, 0);
		if (tcsetpgrp(fd, getpid()) != 0)
			_exit(91);
		tool_become((const char *[]){ tool_program(), "run",
		    "--grace=0.2", option, "--", tool_scenario("chorus"),
		    NULL }, out);
	}
	close(out);
	signal(SIGHUP, SIG_IGN);
	while (waitpid(job, &status, 0) < 0)
		continue;
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 92);
}

static pid_t
start_at_terminal(const char *option)
{
	const char *tty;
	int ends[2];
	pid_t pid;

	master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0 ||
	    (tty = ptsname(master)) == NULL)
		return -1;
	ck_assert_int_eq(pipe(ends), 0);
	t.pid = fork();
	if (t.pid == 0) {
		close(ends[0]);
		be_shell(tty, option, ends[1]);
	}
	close(ends[1]);
	t.out = ends[0];
	pid = (pid_t)tool_number(&t);
	ck_assert_int_gt(pid, 0);
	ck_assert_int_eq(tool_number(&t), 0);
	return pid;
}

static void
press(char key)
{
	ck_assert_int_eq(write(master, &key, 1), 1);
}

static void
await_state(pid_t pid, bool stopped)
{
	int64_t due = clock_deadline(0);

	while ((process_state(pid) == 'T') != stopped) {
		ck_assert_msg(clock_now_ms() < due, "%ld: %c", (long)pid,
		    process_state(pid));
		poll(NULL, 0, 1);
	}
}

START_TEST(keys_of_the_terminal_are_heard_once_and_stop_both)
{
	pid_t program, outer;
	long number;

	if (tool_skip())
		return;
	program = start_at_terminal("--grace=0.2");
	if (program < 0) {
		toolkit_skip("a terminal: %s", strerror(errno));
		return;
	}
	outer = process_ppid(process_ppid(program));
	tool_await_handlers(&(struct tool){ .pid = outer });
	press(3);
	ck_assert_int_eq(tool_number(&t), SIGINT);
	kill(outer, SIGUSR1);
	ck_assert_int_eq(tool_number(&t), SIGUSR1);
	press(26);
	await_state(program, true);
	await_state(outer, true);
	kill(-outer, SIGCONT);
	await_state(program, false);
	await_state(outer, false);
	press(28);
	while ((number = tool_number(&t)) == SIGCONT)
		continue;
	ck_assert_int_eq(number, SIGQUIT);
	kill(outer, SIGUSR2);
	while ((number = tool_number(&t)) == SIGCONT)
		continue;
	ck_assert_int_eq(number, SIGUSR2);
	kill(program, SIGKILL);
	ck_assert_int_eq(tool_code(&t), 128 + SIGKILL);
	close(master);
}
END_TEST

/* Its end is told to its foreground group, so to the program. */
START_TEST(end_of_the_terminal_is_heard_once)
{
	pid_t program, outer;
	long number;

	if (tool_skip())
		return;
	program = start_at_terminal("--outlive-parent");
	if (program < 0) {
		toolkit_skip("a terminal: %s", strerror(errno));
		return;
	}
	outer = process_ppid(process_ppid(program));
	tool_await_handlers(&(struct tool){ .pid = outer });
	kill(t.pid, SIGKILL);
	waitpid(t.pid, NULL, 0);
	ck_assert_int_eq(tool_number(&t), SIGHUP);
	kill(outer, SIGUSR1);
	while ((number = tool_number(&t)) == SIGCONT)
		continue;
	ck_assert_int_eq(number, SIGUSR1);
	kill(program, SIGKILL);
	process_wait_gone(outer, 20000);
	fd_wait_eof(t.out, 20000);
	close(t.out);
	close(master);
}
END_TEST

/* --- what it was given -------------------------------------------------- */

START_TEST(what_the_program_closes_is_closed)
{
	int ends[2], inherited;

	if (tool_skip())
		return;
	ck_assert_int_eq(pipe(ends), 0);
	fcntl(ends[0], F_SETFD, FD_CLOEXEC);
	inherited = fcntl(ends[1], F_DUPFD, 7);
	ck_assert_int_eq(inherited, 7);
	close(ends[1]);
	tool_start(&t, "run", "--", "/bin/sh", "-c",
	    "exec 7>&- 1>&-; exec sleep 1000", NULL);
	close(inherited);
	fd_wait_eof(ends[0], 20000);
	fd_wait_eof(t.out, 20000);
	tool_await_handlers(&t);
	kill(t.pid, SIGTERM);
	ck_assert_int_eq(tool_code(&t), 128 + SIGTERM);
	close(ends[0]);
}
END_TEST

START_TEST(sockets_for_it_are_for_the_program)
{
	char script[9000];
	long pid;
	int ends[2];

	if (tool_skip())
		return;
	snprintf(script, sizeof(script), "export LISTEN_FDS=1; "
	    "export LISTEN_PIDFDID=7 LISTEN_PID=%s; exec %s run -- sh -c "
	    "'echo $LISTEN_PID; echo $$; echo $LISTEN_FDS; "
	    "echo ${LISTEN_PIDFDID-0}; exit 3'",
	    _i == 0 ? "$$" : "1", tool_program());
	ck_assert_int_eq(pipe(ends), 0);
	t = (struct tool){ .pid = fork(), .out = ends[0] };
	if (t.pid == 0)
		tool_become((const char *[]){ "/bin/sh", "-c", script, NULL },
		    ends[1]);
	close(ends[1]);
	pid = tool_number(&t);
	if (_i == 0)
		ck_assert_int_eq(tool_number(&t), pid);
	else {
		ck_assert_int_eq(pid, 1);
		ck_assert_int_gt(tool_number(&t), 1);
	}
	ck_assert_int_eq(tool_number(&t), 1);
	/* That names the process, too. */
	ck_assert_int_eq(tool_number(&t), _i == 0 ? 0 : 7);
	ck_assert_int_eq(tool_code(&t), 3);
}
END_TEST

START_TEST(group_of_the_program_hears_all_signals)
{
	pid_t program;

	if (tool_skip())
		return;
	tool_start(&t, "run", "--group", "--grace=0.2", "--", "/bin/sh", "-c",
	    "trap 'echo 1' USR1; echo $$; "
	    "sh -c 'trap \"echo 1; exit\" USR1; echo 2; sleep 1000 & wait' & "
	    "wait; wait; exit 7", NULL);
	program = (pid_t)tool_number(&t);
	ck_assert_int_eq(process_pgid(program), program);
	ck_assert_int_eq(tool_number(&t), 2);
	tool_await_handlers(&t);
	kill(t.pid, SIGUSR1);
	ck_assert_int_eq(tool_number(&t), 1);
	ck_assert_int_eq(tool_number(&t), 1);
	tool_code(&t);
}
END_TEST

START_TEST(asked_to_it_outlives_its_parent)
{
	pid_t parent, program;
	int ends[2];

	if (tool_skip())
		return;
	ck_assert_int_eq(pipe(ends), 0);
	parent = fork();
	if (parent == 0) {
		close(ends[0]);
		if (fork() == 0)
			tool_become((const char *[]){ tool_program(), "run",
			    "--outlive-parent", "--grace=0.2", "--",
			    tool_scenario("chorus"), NULL }, ends[1]);
		close(ends[1]);
		for (;;)
			pause();
	}
	close(ends[1]);
	t.out = ends[0];
	program = (pid_t)tool_number(&t);
	ck_assert_int_eq(tool_number(&t), 0);
	t.pid = process_ppid(process_ppid(program));
	tool_await_handlers(&t);
	kill(parent, SIGKILL);
	waitpid(parent, NULL, 0);
	/* Longer than the grace. */
	ck_assert(!process_gone_within(program, 500));
	kill(t.pid, SIGUSR1);
	ck_assert_int_eq(tool_number(&t), SIGUSR1);
	kill(program, SIGKILL);
	process_wait_gone(t.pid, 20000);
	fd_wait_eof(t.out, 20000);
	close(t.out);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("run_places");
	TCase *tcase = tcase_create("places");

	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, toolkit_setup, toolkit_teardown);
	tcase_add_test(tcase,
	    first_process_is_the_programs_parent_and_has_its_code);
	tcase_add_test(tcase, first_process_reaps_orphans_100_of_100);
	tcase_add_loop_test(tcase,
	    first_process_passes_on_signals_from_outside, 0, 2);
	tcase_add_test(tcase, KILL_of_the_first_process_leaves_nothing);
	tcase_add_test(tcase,
	    keys_of_the_terminal_are_heard_once_and_stop_both);
	tcase_add_test(tcase, end_of_the_terminal_is_heard_once);
	tcase_add_test(tcase, what_the_program_closes_is_closed);
	tcase_add_loop_test(tcase, sockets_for_it_are_for_the_program, 0, 2);
	tcase_add_test(tcase, group_of_the_program_hears_all_signals);
	tcase_add_test(tcase, asked_to_it_outlives_its_parent);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
