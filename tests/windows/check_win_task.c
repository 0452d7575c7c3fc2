/* check_win_task.c - tasks, which are new runs of the program. */
#include "order.h"

#include <string.h>

static void
it_gets_its_bytes_and_its_code_comes_back(void)
{
	struct order o = { .code = 77 };
	struct proclc_task *task = new_task(&answer, &o, 0);
	struct proclc_status status;

	need(proclc_task_pid(task) != (int64_t)GetCurrentProcessId());
	status = end_of(task);
	need_equal(status.kind, PROCLC_STATUS_EXITED);
	need_equal(status.code, 77);
	proclc_task_free(task);
}

static void
self_may_be_as_long_as_is_promised(void)
{
	static struct { struct order o; char rest[PROCLC_SPAWN_SELF_MAX -
	    sizeof(struct order)]; } big = { .o.code = 5 };
	struct proclc_task *task = NULL;

	need_equal(proclc_task_new(&task, &answer, &big, sizeof(big), NULL),
	    0);
	need_equal(end_of(task).code, 5);
	proclc_task_free(task);
	need_equal(proclc_task_new(&task, &answer, &big, sizeof(big) + 1,
	    NULL), PROCLC_E2BIG);
}

static void
a_fork_is_not_to_be_had(void)
{
	struct proclc_task_options options = PROCLC_TASK_OPTIONS_INIT;
	struct proclc_task *task = NULL;
	struct order o = { .code = 1 };

	options.start_method = PROCLC_START_FORK;
	need_equal(proclc_task_new(&task, &answer, &o, sizeof(o), &options),
	    PROCLC_ENOTSUP);
	/* Nor what no new run can know. */
	need_equal(proclc_task_new(&task, &stranger, &o, sizeof(o), NULL),
	    PROCLC_EINVAL);
}

static void
one_that_is_killed_says_so(void)
{
	struct order o = { .code = 0 };
	HANDLE begun = new_event(&o, "killed");
	struct proclc_task *task = new_task(&sleep_long, &o, 0);
	struct proclc_status status;

	need_event(begun);
	need_equal(proclc_task_kill(task, PROCLC_SIGKILL), 0);
	status = end_of(task);
	need_equal(status.kind, PROCLC_STATUS_KILLED);
	need_equal(status.signum, PROCLC_SIGKILL);
	proclc_task_free(task);
	CloseHandle(begun);
}

static void
one_that_crashes_says_so(void)
{
	struct order o = { .code = 8 };
	struct proclc_task *task = new_task(&fault, &o, 0);
	struct proclc_status status = end_of(task);

	need_equal(status.kind, PROCLC_STATUS_KILLED);
	need_equal(status.signum, proclc_signal_number("SEGV"));
	proclc_task_free(task);
}

static void
term_runs_its_exit_handlers(void)
{
	struct order o = { .code = 0 };
	HANDLE begun = new_event(&o, "tidy"), tidied = end_event(&o);
	struct proclc_task *task = new_task(&tidy, &o, 0);
	struct proclc_status status;

	need_event(begun);
	need_equal(proclc_task_kill(task, PROCLC_SIGTERM), 0);
	status = end_of(task);
	need_equal(status.kind, PROCLC_STATUS_KILLED);
	need_equal(status.signum, PROCLC_SIGTERM);
	need_equal(WaitForSingleObject(tidied, 0), WAIT_OBJECT_0);
	proclc_task_free(task);
	CloseHandle(begun);
	CloseHandle(tidied);
}

/* It is told before it can listen, and hears it all the same. */
static void
term_at_once_is_not_lost(void)
{
	struct order o = { .code = 0 };
	struct proclc_status status;

	for (int i = 0; i < 5; i++) {
		struct proclc_task *task = new_task(&sleep_long, &o,
		    PROCLC_TASK_NO_WAIT_FOR_CHILD);

		need_equal(proclc_task_kill(task, PROCLC_SIGTERM), 0);
		status = end_of(task);
		need_equal(status.signum, PROCLC_SIGTERM);
		proclc_task_free(task);
	}
}

static void
a_loop_ends_by_its_end_function(void)
{
	struct order o = { .code = 0 };
	HANDLE begun = new_event(&o, "loop"), ended = end_event(&o);
	struct proclc_status status = { .size = sizeof(status) };
	struct proclc_task *task = NULL;

	need_equal(proclc_loop_new(&task, &looper, &o, sizeof(o), NULL), 0);
	need_event(begun);
	need_equal(proclc_task_shutdown(task, 0, &status), 0);
	need_equal(status.kind, PROCLC_STATUS_EXITED);
	need_equal(status.code, 0);
	need_equal(WaitForSingleObject(ended, 0), WAIT_OBJECT_0);
	proclc_task_free(task);
	CloseHandle(begun);
	CloseHandle(ended);
}

/* Orphans come to nobody. */
static void
there_are_no_strays_to_reap(void)
{
	need_equal(proclc_reap_strays(), PROCLC_ENOTSUP);
}

/* What it leaves for its parent comes by memory that both have. */
static void
its_result_comes_back(void)
{
	struct proclc_task_options options = PROCLC_TASK_OPTIONS_INIT;
	struct proclc_task *task = NULL;
	struct order o = { .code = 0 };
	char text[16] = "";

	options.flags = PROCLC_TASK_RESULT;
	need_equal(proclc_task_new(&task, &leaves, &o, sizeof(o), &options),
	    0);
	need_equal(end_of(task).code, 0);
	need_equal(proclc_task_result(task, text, sizeof(text)), 5);
	need(memcmp(text, "done", 5) == 0);
	proclc_task_free(task);
}

const struct tap_test tap_tests[] = {
	{ "it gets its bytes and its code comes back",
	    it_gets_its_bytes_and_its_code_comes_back },
	{ "self may be as long as is promised",
	    self_may_be_as_long_as_is_promised },
	{ "a fork is not to be had", a_fork_is_not_to_be_had },
	{ "one that is killed says so", one_that_is_killed_says_so },
	{ "one that crashes says so", one_that_crashes_says_so },
	{ "TERM runs its exit handlers", term_runs_its_exit_handlers },
	{ "TERM at once is not lost", term_at_once_is_not_lost },
	{ "a loop ends by its end function",
	    a_loop_ends_by_its_end_function },
	{ "there are no strays to reap", there_are_no_strays_to_reap },
	{ "its result comes back", its_result_comes_back },
	{ NULL, NULL }
};

const struct tap_role tap_roles[] = {
	{ NULL, NULL }
};
