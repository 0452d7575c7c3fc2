/*
 * A task that leads a process group: signals and shutdowns are for all of it,
 * and for nobody else.
 */
#define _GNU_SOURCE 1

#include "births.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>

enum { SLOW_MS = 200, SLACK_MS = 500 };

/* What a leader is: it has a child, stays or goes, and its child hears. */
struct leader {
	void (*child)(void);
	bool goes;	/* at once */
	bool leaves;	/* its group */
};

static int pids[2];	/* of grandchildren */

static void
setup(void)
{
	birth_setup();
	ck_assert_int_eq(os_pipe(pids), 0);
	toolkit_mark();
}

static void
on_term(void (*handler)(int))
{
	struct sigaction action = { .sa_handler = handler };

	sigaction(SIGTERM, &action, NULL);
}

static void
take_long(int unused)
{
	(void)unused;
	poll(NULL, 0, SLOW_MS);
	letter_put('s');
	_exit(0);
}

static void
be_polite(void)
{
	on_term(SIG_DFL);
}

static void
be_slow(void)
{
	on_term(take_long);
}

static void
be_deaf(void)
{
	on_term(SIG_IGN);
}

/* As the library's handlers are not for a child of a task. */
static void
be_grandchild(const struct leader *leader)
{
	pid_t self = getpid();

	leader->child();
	if (write(pids[1], &self, sizeof(self)) != sizeof(self))
		_exit(1);
	for (;;)
		pause();
}

static int
lead(void *user)
{
	const struct leader *leader = user;

	if (leader->child != NULL && fork() == 0)
		be_grandchild(leader);
	if (leader->leaves && setpgid(0, getpgid(getppid())) != 0)
		return 99;
	letter_put('r');
	if (leader->goes)
		task_wait_at_gate(NULL);
	for (; !leader->goes;)
		pause();
	return 3;
}

static const struct proclc_task_ops leading = {
	.size = sizeof(leading), .name = "leader", .run = lead,
};

/* Its grandchild, once both have come so far. */
static pid_t
start_leader(struct proclc_task **task, struct leader *leader, uint32_t flags)
{
	pid_t pid = 0;

	*task = task_make(&leading, leader, flags | PROCLC_TASK_GROUP |
	    PROCLC_TASK_WAIT_FOR_CHILD);
	ck_assert_int_eq(letter_get(0), 'r');
	if (leader->child == NULL)
		return 0;
	ck_assert(fd_readable_within(pids[0], 0));
	ck_assert_int_eq(read(pids[0], &pid, sizeof(pid)), sizeof(pid));
	return pid;
}

/* A leader that has ended, and left a grandchild behind. */
static pid_t
start_gone(struct proclc_task **task, void (*child)(void), uint32_t flags)
{
	struct leader leader = { .child = child, .goes = true };
	pid_t pid = start_leader(task, &leader, flags);

	task_let_go(1);
	process_wait_gone((pid_t)proclc_task_pid(*task), 0);
	ck_assert(process_alive(pid));
	return pid;
}

/* The reaper of orphans is another process: it takes its time. */
static void
end_stray(pid_t pid)
{
	kill(pid, SIGKILL);
	process_wait_gone(pid, 0);
}

START_TEST(group_is_of_the_task_and_its_children)
{
	struct leader leader = { .child = be_polite };
	struct proclc_task *task, *plain;
	pid_t child = start_leader(&task, &leader, 0);
	pid_t pid = (pid_t)proclc_task_pid(task);

	ck_assert_int_eq(process_pgid(pid), pid);
	ck_assert_int_eq(process_pgid(child), pid);
	plain = task_start(&task_waits, NULL);
	ck_assert_int_eq(process_pgid((pid_t)proclc_task_pid(plain)),
	    getpgrp());
	ck_assert_int_eq(proclc_task_kill(task, SIGTERM), 0);
	task_expect(task, PROCLC_STATUS_KILLED, SIGTERM);
	process_wait_gone(child, 0);
	ck_assert_int_eq(task_kind(plain), PROCLC_STATUS_RUNNING);
	proclc_task_free(task);
	proclc_task_free(plain);
}
END_TEST

/* A shutdown: what it returns, how long it took. */
static void
expect_shutdown(struct proclc_task *task, int64_t grace, int rc, int64_t least)
{
	struct proclc_status status = PROCLC_STATUS_INIT;
	int64_t took, before = clock_now_ms();

	ck_assert_int_eq(proclc_task_shutdown(task, grace, &status), rc);
	took = clock_now_ms() - before;
	ck_assert_int_ge(took, least);
	ck_assert_int_lt(took, least +
	    (int64_t)(SLACK_MS * clock_multiplier()));
	ck_assert_int_eq(status.forced, rc);
}

/* The leader ends at once, or had ended already. */
START_TEST(group_has_the_grace_although_its_leader_is_gone)
{
	struct leader leader = { .child = be_slow };
	struct proclc_task *task;
	pid_t child;

	if (skip_without("group", "proc"))
		return;
	child = _i == 0 ? start_leader(&task, &leader, 0) :
	    start_gone(&task, be_slow, 0);
	expect_shutdown(task, 10 * task_bound(), 0, SLOW_MS);
	ck_assert_int_eq(letter_get(0), 's');
	ck_assert(!process_alive(child));
	task_expect(task, _i == 0 ? PROCLC_STATUS_KILLED :
	    PROCLC_STATUS_EXITED, _i == 0 ? SIGTERM : 3);
	proclc_task_free(task);
}
END_TEST

START_TEST(group_that_is_deaf_is_killed_after_the_grace)
{
	struct leader leader = { .child = be_deaf };
	struct proclc_task *task;
	pid_t child;

	if (skip_without("group", "proc"))
		return;
	child = _i == 0 ? start_leader(&task, &leader, 0) :
	    start_gone(&task, be_deaf, 0);
	expect_shutdown(task, 150, 1, 150);
	process_wait_gone(child, 0);
	proclc_task_free(task);
}
END_TEST

static void
say_end(struct proclc_task *task, const struct proclc_status *status,
    void *unused)
{
	(void)task;
	(void)unused;
	letter_put(status->code == 3 ? 'x' : '?');
}

/* By wait, a look, a callback, a signal. */
START_TEST(group_without_leader_is_killed_when_that_is_noticed)
{
	struct proclc_task *task;
	pid_t child = start_gone(&task, be_deaf, 0);

	if (_i == 0)
		task_expect(task, PROCLC_STATUS_EXITED, 3);
	else if (_i == 1)
		ck_assert_int_eq(task_kind(task), PROCLC_STATUS_EXITED);
	else if (_i == 2)
		ck_assert_int_eq(proclc_task_kill(task, SIGUSR1),
		    PROCLC_ESRCH);
	if (_i == 3) {
		letters_expect_library();
		ck_assert_int_eq(proclc_task_on_exit(task, say_end, NULL), 0);
		ck_assert_int_eq(letter_get(0), 'x');
	}
	process_wait_gone(child, 0);
	proclc_task_free(task);
}
END_TEST

/* The leader ends just after a look at it: the next one is not the first. */
static bool racing;

__attribute__((visibility("default")))
int
waitid(idtype_t type, id_t id, siginfo_t *info, int options)
{
	int rc = (int)syscall(SYS_waitid, type, id, info, options, NULL);

	if (racing && type == P_PID && rc == 0 && info->si_pid == 0) {
		racing = false;
		task_let_go(1);
		process_wait_gone((pid_t)id, 0);
	}
	return rc;
}

START_TEST(group_is_killed_when_its_leader_ends_during_a_look)
{
	struct leader leader = { .child = be_deaf, .goes = true };
	struct proclc_task *task;
	pid_t child = start_leader(&task, &leader, 0);

	racing = true;
	task_expect(task, PROCLC_STATUS_EXITED, 3);
	ck_assert(!racing);
	process_wait_gone(child, 0);
	proclc_task_free(task);
}
END_TEST

/* The parent comes back from fork when the child has come so far; that is not
 * for the forks of the child. */
static void
await_leader(void)
{
	birth_parent = NULL;
	letter_put((char)letter_get(0));
}

static void
forget_parent(void)
{
	birth_parent = NULL;
}

/* It and its child are in two groups; or nobody is in its own. */
START_TEST(group_left_by_its_leader_is_signalled_as_well)
{
	struct leader leader = { .child = _i % 2 == 0 ? be_polite : NULL,
	    .leaves = true };
	struct proclc_task *task;
	pid_t child;

	birth_parent = _i < 2 ? NULL : await_leader;
	birth = forget_parent;
	child = start_leader(&task, &leader, 0);
	ck_assert_int_eq(process_pgid((pid_t)proclc_task_pid(task)),
	    getpgrp());
	expect_shutdown(task, 10 * task_bound(), 0, 0);
	task_expect(task, PROCLC_STATUS_KILLED, SIGTERM);
	if (child != 0)
		process_wait_gone(child, 0);
	proclc_task_free(task);
}
END_TEST

/* Waited for is the leader; nobody is killed. */
START_TEST(group_not_to_be_terminated_is_not_killed)
{
	struct proclc_task *task;
	pid_t child = start_gone(&task, be_polite,
	    PROCLC_TASK_NO_TERMINATE_ON_SHUTDOWN);

	expect_shutdown(task, 50, 0, 0);
	task_expect(task, PROCLC_STATUS_EXITED, 3);
	proclc_task_free(task);
	ck_assert(!process_gone_within(child, 50));
	end_stray(child);
}
END_TEST

/* The leader's pid could be anybody's by now. */
START_TEST(group_whose_leader_a_thief_has_taken_hears_nothing)
{
	struct proclc_task *task;
	pid_t child = start_gone(&task, be_polite, 0);

	ck_assert_int_eq(waitpid((pid_t)proclc_task_pid(task), NULL, 0),
	    proclc_task_pid(task));
	ck_assert_int_eq(proclc_task_kill(task, SIGTERM), PROCLC_ESRCH);
	expect_shutdown(task, 50, 0, 0);
	task_expect(task, PROCLC_STATUS_UNKNOWN, 0);
	proclc_task_free(task);
	ck_assert(!process_gone_within(child, 50));
	end_stray(child);
}
END_TEST

/* Other groups of the program: of a task, of a child that it made itself. */
START_TEST(group_is_not_another_one)
{
	struct leader leader = { .child = be_polite };
	struct proclc_task *task, *other;
	pid_t foreign = fork(), child, others;

	if (foreign == 0) {
		setpgid(0, 0);
		_exit(task_wait_at_gate(NULL));
	}
	child = start_leader(&task, &leader, 0);
	others = start_leader(&other, &leader, 0);
	ck_assert_int_eq(proclc_task_shutdown(task, PROCLC_NOW, NULL) < 0, 0);
	process_wait_gone(child, 0);
	ck_assert(process_alive(others));
	ck_assert_int_eq(task_kind(other), PROCLC_STATUS_RUNNING);
	task_let_go(1);
	ck_assert_int_eq(waitpid(foreign, NULL, 0), foreign);
	proclc_task_free(task);
	proclc_task_free(other);
	process_wait_gone(others, 0);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("group");
	TCase *tcase = tcase_create("group");

	tcase_add_checked_fixture(tcase, setup, toolkit_teardown);
	tcase_add_test(tcase, group_is_of_the_task_and_its_children);
	tcase_add_loop_test(tcase,
	    group_has_the_grace_although_its_leader_is_gone, 0, 2);
	tcase_add_loop_test(tcase,
	    group_that_is_deaf_is_killed_after_the_grace, 0, 2);
	tcase_add_loop_test(tcase,
	    group_without_leader_is_killed_when_that_is_noticed, 0, 4);
	tcase_add_test(tcase,
	    group_is_killed_when_its_leader_ends_during_a_look);
	tcase_add_loop_test(tcase,
	    group_left_by_its_leader_is_signalled_as_well, 0, 4);
	tcase_add_test(tcase, group_not_to_be_terminated_is_not_killed);
	tcase_add_test(tcase,
	    group_whose_leader_a_thief_has_taken_hears_nothing);
	tcase_add_test(tcase, group_is_not_another_one);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
