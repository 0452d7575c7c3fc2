/*
 * Commands whose start does not come to an end: a child waits in a FIFO that
 * nobody else opens.
 */
#define _GNU_SOURCE 1

#include "commands.h"
#include "restarts.h"

#include <pthread.h>
#include <sys/stat.h>

#include <proclc/dispatch.h>

static char fifo[512];
static struct proclc_command_options options;
static struct proclc_restart policy;

static void
setup(void)
{
	task_setup();
	letters_expect_library();
	toolkit_expect(TOOLKIT_FILES);
	snprintf(fifo, sizeof(fifo), "%s/fifo", toolkit_dir());
	ck_assert_int_eq(mkfifo(fifo, 0600), 0);
	options = (struct proclc_command_options)PROCLC_COMMAND_OPTIONS_INIT;
	options.in.kind = PROCLC_STDIO_FILE;
	options.in.path = fifo;
	policy = restart_policy(PROCLC_RESTART_ALWAYS);
}

/* A start that another thread makes. */
struct starter {
	pthread_t thread;
	struct proclc_task *task;
	int rc;
	char message[256];
};

static void *
start_it(void *user)
{
	struct starter *s = user;

	s->rc = proclc_task_start(s->task);
	snprintf(s->message, sizeof(s->message), "%s", proclc_errmsg());
	return NULL;
}

/* The state of a process that is listed, '?'. */
static char
state_of(int64_t pid)
{
	struct os_process *all;
	int n = os_processes(&all);
	char state = n < 0 ? 'S' : '?';

	for (int i = 0; i < n; i++)
		if (all[i].pid == (pid_t)pid)
			state = all[i].state;
	free(all);
	return state;
}

/* Until its child is there, and sleeps: that is in the FIFO. */
static void
await_child(struct proclc_task *task)
{
	int64_t due = clock_deadline(0), pid = 0;

	while (clock_now_ms() < due) {
		/* The task learns of it by a call that changes nothing. */
		proclc_task_kill(task, SIGCONT);
		pid = proclc_task_pid(task);
		if (proclc_task_state(task) == PROCLC_TASK_STARTING &&
		    pid > 0 && state_of(pid) == 'S')
			return;
		poll(NULL, 0, 1);
	}
	ck_abort_msg("no child in the FIFO: state %d, pid %d",
	    proclc_task_state(task), (int)pid);
}

static void
start_stuck(struct starter *s)
{
	options.flags |= PROCLC_TASK_EXPLICIT_START;
	s->task = command_start(&options, "true", NULL);
	pthread_create(&s->thread, NULL, start_it, s);
	await_child(s->task);
}

/* It is said that it was killed, and may be started again. */
static void
expect_killed(struct starter *s)
{
	pthread_join(s->thread, NULL);
	ck_assert_msg(s->rc == PROCLC_ESTARTFAILED, "%d: %s", s->rc,
	    s->message);
	ck_assert_ptr_nonnull(strstr(s->message, "before its program began"));
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
}

enum { BY_SHUTDOWN, BY_ALL, BY_NOW, BY_TERM, BY_KILL, BY_OTHER, WAYS_TO_END };

static void
end_it(struct proclc_task *task, int how)
{
	if (how == BY_SHUTDOWN)
		ck_assert_int_eq(proclc_task_shutdown(task, 0, NULL), 0);
	else if (how == BY_ALL)
		ck_assert_int_eq(proclc_shutdown_all(0), 0);
	else if (how == BY_NOW)
		ck_assert_int_ge(proclc_task_shutdown(task, PROCLC_NOW,
		    NULL), 0);
	else if (how == BY_TERM)
		ck_assert_int_eq(proclc_task_kill(task, SIGTERM), 0);
	else if (how == BY_KILL)
		ck_assert_int_eq(proclc_task_kill(task, SIGKILL), 0);
	else
		ck_assert_int_eq(kill((pid_t)proclc_task_pid(task), SIGKILL),
		    0);
}

START_TEST(command_that_does_not_begin_is_ended_from_another_thread)
{
	struct starter s;

	start_stuck(&s);
	end_it(s.task, _i);
	expect_killed(&s);
	ck_assert_int_eq(proclc_task_state(s.task), PROCLC_TASK_NEW);
	ck_assert_int_eq(proclc_task_pid(s.task), 0);
	proclc_task_free(s.task);
}
END_TEST

/* As the program, it would not hear of TERM. */
START_TEST(command_that_does_not_begin_and_ignores_term_is_killed)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, before;
	struct starter s;

	sigaction(SIGTERM, &ignore, &before);
	start_stuck(&s);
	ck_assert_int_eq(proclc_task_shutdown(s.task, 50, NULL), 1);
	expect_killed(&s);
	sigaction(SIGTERM, &before, NULL);
	proclc_task_free(s.task);
}
END_TEST

START_TEST(command_that_does_not_begin_is_freed)
{
	struct starter s;

	start_stuck(&s);
	proclc_task_free(s.task);
	expect_killed(&s);
}
END_TEST

START_TEST(command_that_dies_with_its_parent_does_not_begin_for_itself)
{
	struct proclc_command_options o = PROCLC_COMMAND_OPTIONS_INIT;
	struct starter s;

	if (skip_without("bare", "linux"))
		return;
	toolkit_expect(TOOLKIT_THREADS);
	options.flags = PROCLC_COMMAND_DIE_WITH_PARENT;
	start_stuck(&s);
	o.flags = PROCLC_COMMAND_DIE_WITH_PARENT;
	ck_assert_str_eq(command_says(&o, "echo", "other", NULL), "other");
	proclc_task_free(s.task);
	expect_killed(&s);
}
END_TEST

/* Its pipes, and its end, are had while it does not begin. */
START_TEST(command_that_does_not_begin_holds_no_caller)
{
	struct proclc_talk talk = command_talk(NULL);
	struct starter s;

	options.out.kind = PROCLC_STDIO_PIPE;
	start_stuck(&s);
	ck_assert_int_eq(proclc_command_talk(s.task, &talk, 10),
	    PROCLC_ETIMEDOUT);
	ck_assert_int_eq(proclc_task_wait(s.task, 10, NULL),
	    PROCLC_ETIMEDOUT);
	ck_assert_int_ge(proclc_command_fd(s.task, 1), 3);
	ck_assert_int_eq(proclc_command_close(s.task, 1), 0);
	ck_assert_int_eq(proclc_command_fd(s.task, 0), PROCLC_EINVAL);
	end_it(s.task, BY_SHUTDOWN);
	expect_killed(&s);
	proclc_task_free(s.task);
}
END_TEST

/* A sibling that waits for the end of its stdin finds it: the child in the
 * FIFO keeps no copy of the other end. */
START_TEST(command_that_does_not_begin_keeps_no_pipe_open)
{
	struct proclc_command_options o = PROCLC_COMMAND_OPTIONS_INIT;
	struct proclc_task *cat;
	struct starter s;

	o.in.kind = o.out.kind = PROCLC_STDIO_PIPE;
	cat = command_start(&o, "cat", NULL);
	if (_i > 0)
		options.flags = PROCLC_COMMAND_KEEP_FDS;
	start_stuck(&s);
	ck_assert_str_eq(command_finish(cat, "told", 0), "told");
	proclc_task_free(s.task);
	expect_killed(&s);
}
END_TEST

/* A first run with somebody at the other end, then one without. */
static struct proclc_task *
restart_stuck(void)
{
	int fd = open(fifo, O_RDWR | O_CLOEXEC);
	struct proclc_task *task;

	ck_assert_int_ge(fd, 0);
	options.restart = &policy;
	options.fds = &(struct proclc_pass){ .fd = task_gate[0], .as = 7 };
	options.n_fds = 1;
	task = command_start(&options, "sh", "-c",
	    "exec head -c 1 <&7 >/dev/null", NULL);
	close(fd);
	task_let_go(1);
	await_child(task);
	return task;
}

START_TEST(command_that_does_not_begin_again_holds_no_callback)
{
	struct proclc_task *stuck = restart_stuck(), *other;

	options = (struct proclc_command_options)PROCLC_COMMAND_OPTIONS_INIT;
	policy.limit = 3;
	options.restart = &policy;
	options.flags = PROCLC_TASK_EXPLICIT_START;
	other = command_start(&options, "false", NULL);
	ck_assert_int_eq(proclc_task_on_change(other, restart_tell, NULL),
	    0);
	ck_assert_int_eq(proclc_task_start(other), 0);
	restart_expect("srbsrbsrf");
	ck_assert_int_eq(proclc_task_state(stuck), PROCLC_TASK_STARTING);
	proclc_task_free(other);
	proclc_task_free(stuck);
}
END_TEST

START_TEST(command_that_does_not_begin_again_is_stopped)
{
	struct proclc_task *task = restart_stuck();

	restart_stop(task, _i);
	restart_expect_stopped(task, _i, 0);
}
END_TEST

/* A callback may be asked for, and taken back, in the middle of it. */
START_TEST(command_that_does_not_begin_again_tells_its_end)
{
	struct proclc_task *task = restart_stuck();

	ck_assert_int_eq(proclc_task_on_change(task, restart_tell, NULL), 0);
	ck_assert_int_eq(proclc_task_shutdown(task, 0, NULL), 0);
	restart_expect("sx");
	proclc_task_free(task);
}
END_TEST

START_TEST(command_goes_on_when_the_other_end_is_opened)
{
	struct proclc_task *task = restart_stuck();
	int fd = open(fifo, O_WRONLY | O_CLOEXEC);
	int64_t due = clock_deadline(0);

	ck_assert_int_ge(fd, 0);
	while (proclc_task_restarts(task) < 1 && clock_now_ms() < due)
		poll(NULL, 0, 1);
	ck_assert_int_eq(proclc_task_restarts(task), 1);
	ck_assert_int_eq(proclc_task_state(task), PROCLC_TASK_RUNNING);
	close(fd);
	proclc_task_free(task);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *s = suite_create("command_stuck");
	TCase *tc = tcase_create("command_stuck");

	tcase_add_checked_fixture(tc, setup, toolkit_teardown);
	tcase_add_loop_test(tc,
	    command_that_does_not_begin_is_ended_from_another_thread, 0,
	    WAYS_TO_END);
	tcase_add_test(tc,
	    command_that_does_not_begin_and_ignores_term_is_killed);
	tcase_add_test(tc, command_that_does_not_begin_is_freed);
	tcase_add_test(tc,
	    command_that_dies_with_its_parent_does_not_begin_for_itself);
	tcase_add_test(tc, command_that_does_not_begin_holds_no_caller);
	tcase_add_loop_test(tc,
	    command_that_does_not_begin_keeps_no_pipe_open, 0, 2);
	tcase_add_test(tc,
	    command_that_does_not_begin_again_holds_no_callback);
	tcase_add_loop_test(tc, command_that_does_not_begin_again_is_stopped,
	    0, STOPS);
	tcase_add_test(tc, command_that_does_not_begin_again_tells_its_end);
	tcase_add_test(tc, command_goes_on_when_the_other_end_is_opened);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
