/*
 * proclc run: the exit status is the program's, signals are passed on,
 * orphans are reaped, and nothing is left, whatever ends whom.
 */
#define _GNU_SOURCE 1

#include "tools.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>

static struct tool t;

START_TEST(every_exit_code_is_the_programs)
{
	enum { AT_ONCE = 8 };
	struct tool tools[AT_ONCE];
	char script[32];
	int i, code;

	if (tool_skip())
		return;
	for (code = 0; code < 256; code += AT_ONCE) {
		for (i = 0; i < AT_ONCE; i++) {
			snprintf(script, sizeof(script), "exit %d", code + i);
			tool_start(&tools[i], "run", "--", "/bin/sh", "-c",
			    script, NULL);
		}
		for (i = 0; i < AT_ONCE; i++)
			ck_assert_int_eq(tool_code(&tools[i]), code + i);
	}
}
END_TEST

START_TEST(death_by_signal_n_is_128_and_n)
{
	static const int signals[] = { SIGHUP, SIGINT, SIGABRT, SIGKILL,
	    SIGUSR1, SIGSEGV, SIGTERM };
	char script[32];
	size_t i;

	if (tool_skip())
		return;
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		snprintf(script, sizeof(script), "kill -%d $$", signals[i]);
		ck_assert_int_eq(tool_run_sh(script), 128 + signals[i]);
	}
}
END_TEST

START_TEST(what_cannot_be_run_is_127_or_126)
{
	if (tool_skip())
		return;
	tool_start(&t, "run", "--", "/no/such/program", NULL);
	ck_assert_int_eq(tool_code(&t), 127);
	tool_start(&t, "run", "--", "/dev/null", NULL);
	ck_assert_int_eq(tool_code(&t), 126);
}
END_TEST

/* Can it be caught, and is it passed on? */
static bool
is_passed(int signum)
{
	switch (signum) {
	case SIGKILL:
	case SIGSTOP:
	case SIGCHLD:
		return false;
	case SIGTSTP:
		/* It stops. */
		return false;
	default:
		return signum < 32 || signum >= SIGRTMIN;
	}
}

static pid_t
start_chorus(const char *option, const char *first, const char *second)
{
	pid_t pid;

	tool_start(&t, "run", option, "--", tool_scenario("chorus"), first,
	    second, NULL);
	pid = (pid_t)tool_number(&t);
	ck_assert_int_gt(pid, 0);
	return pid;
}

static void
end_by_kill(pid_t pid)
{
	kill(pid, SIGKILL);
	ck_assert_int_eq(tool_code(&t), 128 + SIGKILL);
}

START_TEST(signals_are_passed_on)
{
	int signum;
	pid_t pid;

	if (tool_skip())
		return;
	pid = start_chorus("--grace=1", NULL, NULL);
	ck_assert_int_eq(tool_number(&t), 0);
	tool_await_handlers(&t);
	for (signum = 1; signum <= 64; signum++) {
		if (!is_passed(signum))
			continue;
		ck_assert_int_eq(kill(t.pid, signum), 0);
		ck_assert_int_eq(tool_number(&t), signum);
	}
	end_by_kill(pid);
}
END_TEST

/* Not the one that a key makes: that has stopped the program already. */
START_TEST(TSTP_that_was_sent_is_passed_on)
{
	if (tool_skip())
		return;
	tool_start(&t, "run", "--grace=0.2", "--", "/bin/sh", "-c",
	    "trap 'echo 20' TSTP; trap 'exit 5' USR1; echo 1; "
	    "while :; do sleep 0.01; done", NULL);
	ck_assert_int_eq(tool_number(&t), 1);
	tool_await_handlers(&t);
	kill(t.pid, SIGTSTP);
	ck_assert_int_eq(tool_number(&t), 20);
	kill(t.pid, SIGUSR1);
	ck_assert_int_eq(tool_code(&t), 5);
}
END_TEST

START_TEST(signals_are_rewritten_once_or_dropped)
{
	pid_t pid;

	if (tool_skip())
		return;
	tool_start(&t, "run", "--rewrite", "USR1=USR2", "--rewrite=USR2=USR1",
	    "--rewrite=TERM=0", "--rewrite=SEGV=HUP", "--",
	    tool_scenario("chorus"), NULL);
	pid = (pid_t)tool_number(&t);
	ck_assert_int_eq(tool_number(&t), 0);
	tool_await_handlers(&t);
	kill(t.pid, SIGUSR1);
	ck_assert_int_eq(tool_number(&t), SIGUSR2);
	kill(t.pid, SIGTERM);
	kill(t.pid, SIGUSR2);
	ck_assert_int_eq(tool_number(&t), SIGUSR1);
	kill(t.pid, SIGSEGV);
	ck_assert_int_eq(tool_number(&t), SIGHUP);
	end_by_kill(pid);
}
END_TEST

START_TEST(expected_codes_become_0)
{
	int i;

	if (tool_skip())
		return;
	for (i = 1; i < 4; i++) {
		char script[16];

		snprintf(script, sizeof(script), "exit %d", i);
		tool_start(&t, "run", "--expect=1", "--expect=3", "--",
		    "/bin/sh", "-c", script, NULL);
		ck_assert_int_eq(tool_code(&t), i == 2 ? 2 : 0);
	}
}
END_TEST

/* Children of pid: all, or only zombies. */
static int
count_children(pid_t pid, bool zombies)
{
	struct os_process *list;
	int i, found = 0, n = os_processes(&list);

	for (i = 0; i < n; i++)
		found += list[i].ppid == pid &&
		    (!zombies || list[i].state == 'Z');
	free(list);
	return found;
}

START_TEST(orphans_are_reaped_100_of_100)
{
	int64_t due = clock_deadline(0);
	pid_t pid, inner;

	if (tool_skip())
		return;
	pid = start_chorus("--grace=1", "100", NULL);
	ck_assert_int_eq(tool_number(&t), 0);
	inner = process_ppid(pid);
	while (count_children(inner, false) != 1 && clock_now_ms() < due)
		poll(NULL, 0, 1);
	ck_assert_int_eq(count_children(inner, false), 1);
	ck_assert_int_eq(count_children(t.pid, true), 0);
	end_by_kill(pid);
}
END_TEST

/* Who is found in the tree of one run. */
struct tree {
	pid_t program, orphan, inner;
};

static struct tree
start_tree(void)
{
	struct tree tree;

	tree.program = start_chorus("--grace=0.2", "stubborn", NULL);
	tree.orphan = (pid_t)tool_number(&t);
	ck_assert_int_eq(tool_number(&t), 0);
	tree.inner = process_ppid(tree.program);
	ck_assert_int_eq(process_ppid(tree.inner), t.pid);
	return tree;
}

static void
all_gone(const struct tree *tree)
{
	process_wait_gone(tree->program, 20000);
	process_wait_gone(tree->orphan, 20000);
	process_wait_gone(tree->inner, 20000);
	/* And nobody holds its stdout. */
	fd_wait_eof(t.out, 20000);
}

START_TEST(KILL_of_the_outer_process_leaves_nothing)
{
	struct tree tree;

	if (tool_skip())
		return;
	tree = start_tree();
	kill(t.pid, SIGKILL);
	ck_assert(WIFSIGNALED(tool_wait(&t)));
	all_gone(&tree);
	close(t.out);
}
END_TEST

START_TEST(KILL_of_the_inner_process_leaves_nothing)
{
	struct tree tree;

	if (tool_skip())
		return;
	tree = start_tree();
	kill(tree.inner, SIGKILL);
	all_gone(&tree);
	ck_assert_int_eq(tool_code(&t), 128 + SIGKILL);
}
END_TEST

START_TEST(KILL_of_the_program_leaves_nothing)
{
	struct tree tree;

	if (tool_skip())
		return;
	tree = start_tree();
	kill(tree.program, SIGKILL);
	all_gone(&tree);
	ck_assert_int_eq(tool_code(&t), 128 + SIGKILL);
}
END_TEST

/* As a shell's job: its own group, which is killed as one. */
START_TEST(KILL_of_the_whole_group_leaves_nothing)
{
	int64_t due = clock_deadline(0);
	struct tree tree;
	pid_t leader;
	int ends[2], status;

	if (tool_skip())
		return;
	ck_assert_int_eq(pipe(ends), 0);
	leader = fork();
	if (leader == 0) {
		setpgid(0, 0);
		close(ends[0]);
		tool_become((const char *[]){ tool_program(),
		    "run", "--grace=0.2", "--",
		    tool_scenario("chorus"), "stubborn",
		    NULL }, ends[1]);
	}
	close(ends[1]);
	t = (struct tool){ .pid = leader, .out = ends[0] };
	tree.program = (pid_t)tool_number(&t);
	tree.orphan = (pid_t)tool_number(&t);
	ck_assert_int_eq(tool_number(&t), 0);
	tree.inner = process_ppid(tree.program);
	while (process_pgid(tree.inner) == leader) {
		ck_assert_msg(clock_now_ms() < due, "it is in our group");
		poll(NULL, 0, 1);
	}
	kill(-leader, SIGKILL);
	status = tool_wait(&t);
	ck_assert(WIFSIGNALED(status));
	all_gone(&tree);
	close(t.out);
}
END_TEST

START_TEST(end_of_its_parent_leaves_nothing)
{
	struct tree tree;
	pid_t parent;
	int ends[2];

	if (tool_skip())
		return;
	ck_assert_int_eq(pipe(ends), 0);
	parent = fork();
	if (parent == 0) {
		close(ends[0]);
		if (fork() == 0)
			tool_become((const char *[]){
			    tool_program(), "run",
			    "--grace=0.2", "--",
			    tool_scenario("chorus"),
			    "stubborn", NULL }, ends[1]);
		close(ends[1]);
		for (;;)
			pause();
	}
	close(ends[1]);
	t.out = ends[0];
	tree.program = (pid_t)tool_number(&t);
	tree.orphan = (pid_t)tool_number(&t);
	ck_assert_int_eq(tool_number(&t), 0);
	tree.inner = process_ppid(tree.program);
	/* When signals are handled its parent is watched, too. */
	t.pid = process_ppid(tree.inner);
	tool_await_handlers(&t);
	kill(parent, SIGKILL);
	waitpid(parent, NULL, 0);
	all_gone(&tree);
	close(t.out);
}
END_TEST

START_TEST(program_that_ends_leaves_nothing)
{
	char fifo[4096];

	if (tool_skip())
		return;
	snprintf(fifo, sizeof(fifo), "%s/fifo", toolkit_dir());
	tool_start(&t, "run", "--grace=0.2", "--", "/bin/sh", "-c",
	    "mkfifo \"$0\"; (setsid sh -c 'trap \"\" TERM; echo $$; "
	    "echo >\"$0\"; sleep 1000' \"$0\" &); read x <\"$0\"; exit 3",
	    fifo, NULL);
	process_wait_gone((pid_t)tool_number(&t), 20000);
	ck_assert_int_eq(tool_number(&t), -1);
	ck_assert_int_eq(tool_code(&t), 3);
	unlink(fifo);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("run");
	TCase *tcase = tcase_create("run");

	tcase_set_timeout(tcase, 120);
	tcase_add_checked_fixture(tcase, toolkit_setup, toolkit_teardown);
	tcase_add_test(tcase, every_exit_code_is_the_programs);
	tcase_add_test(tcase, death_by_signal_n_is_128_and_n);
	tcase_add_test(tcase, what_cannot_be_run_is_127_or_126);
	tcase_add_test(tcase, signals_are_passed_on);
	tcase_add_test(tcase, TSTP_that_was_sent_is_passed_on);
	tcase_add_test(tcase, signals_are_rewritten_once_or_dropped);
	tcase_add_test(tcase, expected_codes_become_0);
	tcase_add_test(tcase, orphans_are_reaped_100_of_100);
	tcase_add_test(tcase, KILL_of_the_outer_process_leaves_nothing);
	tcase_add_test(tcase, KILL_of_the_inner_process_leaves_nothing);
	tcase_add_test(tcase, KILL_of_the_program_leaves_nothing);
	tcase_add_test(tcase, KILL_of_the_whole_group_leaves_nothing);
	tcase_add_test(tcase, end_of_its_parent_leaves_nothing);
	tcase_add_test(tcase, program_that_ends_leaves_nothing);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
