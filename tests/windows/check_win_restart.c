/* check_win_restart.c - programs and tasks that run again. */
#include "order.h"
#include "program.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

static int
fail(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return 4;
}

/* It says what it hears. */
static int
echo(int argc, char **argv)
{
	char line[64] = "";

	(void)argc;
	(void)argv;
	if (fgets(line, sizeof(line), stdin) == NULL)
		return 2;
	fputs(line, stdout);
	return 5;
}

static _Atomic int changes[PROCLC_TASK_STOPPED + 1];

static void
count(struct proclc_task *task, int state, const struct proclc_status *status,
    void *user)
{
	(void)task;
	(void)status;
	(void)user;
	atomic_fetch_add(&changes[state], 1);
}

static bool
is_over(void *task)
{
	return proclc_task_state(task) >= PROCLC_TASK_FAILED &&
	    atomic_load(&changes[PROCLC_TASK_FAILED]) +
	    atomic_load(&changes[PROCLC_TASK_STOPPED]) > 0;
}

static const struct proclc_restart *
three_times(void)
{
	static struct proclc_restart policy = PROCLC_RESTART_INIT;

	for (int i = 0; i <= PROCLC_TASK_STOPPED; i++)
		atomic_store(&changes[i], 0);
	policy.when = PROCLC_RESTART_ON_FAILURE;
	policy.min_uptime_ms = 60000;
	policy.delay_ms = 5;
	policy.limit = 3;
	return &policy;
}

/* It has failed when it has ended early three times. */
static void
need_three_runs(struct proclc_task *task)
{
	need_equal(proclc_task_on_change(task, count, NULL), 0);
	need(tap_until(is_over, task));
	need_equal(proclc_task_state(task), PROCLC_TASK_FAILED);
	need_equal(proclc_task_restarts(task), 2);
	need_equal(atomic_load(&changes[PROCLC_TASK_FAILED]), 1);
	proclc_task_free(task);
}

static void
a_program_that_fails_runs_again(void)
{
	struct proclc_command_options o = PROCLC_COMMAND_OPTIONS_INIT;

	o.restart = three_times();
	need_three_runs(run_role(&o, "fail", NULL));
}

static void
a_task_that_fails_runs_again(void)
{
	struct proclc_task_options o = PROCLC_TASK_OPTIONS_INIT;
	struct proclc_task *task = NULL;
	struct order order = { .code = 4 };

	o.restart = three_times();
	need_equal(proclc_task_new(&task, &answer, &order, sizeof(order),
	    &o), 0);
	need_three_runs(task);
}

static char heard[16];

static void
hear(const void *data, size_t n, void *user)
{
	(void)user;
	strncat(heard, data, n < 8 ? n : 8);
}

static bool
runs_again(void *task)
{
	return proclc_task_restarts(task) == 1 &&
	    proclc_task_state(task) == PROCLC_TASK_RUNNING;
}

/* Each run has pipes of its own. */
static void
the_next_run_can_be_talked_to(void)
{
	struct proclc_command_options o = PROCLC_COMMAND_OPTIONS_INIT;
	struct proclc_talk talk = PROCLC_TALK_INIT;
	struct proclc_task *task;

	o.restart = three_times();
	talk.out = hear;
	o.in.kind = o.out.kind = PROCLC_STDIO_PIPE;
	task = run_role(&o, "echo", NULL);
	talk.in = "one\n";
	talk.in_size = 4;
	need_equal(proclc_command_talk(task, &talk, tap_ms(TAP_PATIENCE_MS)),
	    0);
	need(tap_until(runs_again, task));
	talk.in = "two\n";
	need_equal(proclc_command_talk(task, &talk, tap_ms(TAP_PATIENCE_MS)),
	    0);
	need(strncmp(heard, "one", 3) == 0 && strstr(heard, "two") != NULL);
	proclc_task_free(task);
}

static bool
backs_off(void *task)
{
	return proclc_task_state(task) == PROCLC_TASK_BACKING_OFF;
}

static void
a_shutdown_ends_the_restarts(void)
{
	struct proclc_command_options o = PROCLC_COMMAND_OPTIONS_INIT;
	struct proclc_restart policy = *three_times();
	struct proclc_task *task;

	policy.limit = 0;
	policy.delay_ms = 60000;
	policy.max_delay_ms = 60000;
	o.restart = &policy;
	task = run_role(&o, "fail", NULL);
	need(tap_until(backs_off, task));
	need_equal(proclc_task_shutdown(task, 0, NULL), 0);
	need(proclc_task_state(task) >= PROCLC_TASK_FAILED);
	need_equal(proclc_task_restarts(task), 0);
	proclc_task_free(task);
}

const struct tap_test tap_tests[] = {
	{ "a program that fails runs again", a_program_that_fails_runs_again },
	{ "a task that fails runs again", a_task_that_fails_runs_again },
	{ "the next run can be talked to", the_next_run_can_be_talked_to },
	{ "a shutdown ends the restarts", a_shutdown_ends_the_restarts },
	{ NULL, NULL }
};

const struct tap_role tap_roles[] = {
	{ "fail", fail },
	{ "echo", echo },
	{ NULL, NULL }
};
