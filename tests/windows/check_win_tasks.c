/* check_win_tasks.c - many tasks, groups of them, and their parents. */
#include "order.h"

#include <stdatomic.h>
#include <stdio.h>

static _Atomic int ends, strange, code_then, signum_then;

static void
count(struct proclc_task *task, const struct proclc_status *status,
    void *user)
{
	(void)task;
	(void)user;
	if (status->code != 3) {
		atomic_store(&code_then, status->code);
		atomic_store(&signum_then, status->signum);
		atomic_fetch_add(&strange, 1);
	}
	atomic_fetch_add(&ends, 1);
}

static bool
all_ended(void *n)
{
	return atomic_load(&ends) >= *(int *)n;
}

/* More of them than the system waits for at once. */
static void
seventy_tasks_are_all_told_of(void)
{
	enum { MANY = 70 };
	struct proclc_task *tasks[MANY];
	struct order o = { .code = 3 };
	int many = MANY;

	atomic_store(&ends, 0);
	for (int i = 0; i < MANY; i++) {
		tasks[i] = new_task(&answer, &o, PROCLC_TASK_EXPLICIT_START);
		need_equal(proclc_task_on_exit(tasks[i], count, NULL), 0);
	}
	need_equal(proclc_start_all(tasks, MANY), 0);
	need(tap_until(all_ended, &many));
	if (atomic_load(&strange) > 0)
		printf("# code %#x, signal %d\n",
		    (unsigned)atomic_load(&code_then),
		    atomic_load(&signum_then));
	need_equal(atomic_load(&strange), 0);
	need_equal(atomic_load(&ends), MANY);
	for (int i = 0; i < MANY; i++)
		proclc_task_free(tasks[i]);
}

static void
its_handle_can_be_waited_for(void)
{
	struct order o = { .code = 6 };
	struct proclc_task *task = new_task(&answer, &o, 0);
	proclc_waitable fd = proclc_task_fd(task);

	need(fd > 0);
	need_event((HANDLE)fd);
	need_equal(end_of(task).code, 6);
	proclc_task_free(task);
}

static HANDLE
pin(DWORD pid)
{
	HANDLE process = OpenProcess(SYNCHRONIZE, FALSE, pid);

	need(process != NULL);
	return process;
}

static bool
is_gone(void *name)
{
	HANDLE event = OpenEventA(SYNCHRONIZE, FALSE, name);

	if (event != NULL)
		CloseHandle(event);
	return event == NULL;
}

/* A group is ended whole: the task's own task, too, which by itself would go
 * on. */
static void
a_group_is_killed_with_all_that_is_in_it(void)
{
	struct order o = { .code = 0 };
	HANDLE begun = new_event(&o, "group");
	struct proclc_task *task = new_task(&family, &o, PROCLC_TASK_GROUP |
	    PROCLC_TASK_WAIT_FOR_CHILD);
	char name[80];

	snprintf(name, sizeof(name), "%s-lives", o.event);
	need_event(begun);
	need(!is_gone(name));
	need_equal(proclc_task_kill(task, PROCLC_SIGKILL), 0);
	need_equal(end_of(task).signum, PROCLC_SIGKILL);
	need(tap_until(is_gone, name));
	proclc_task_free(task);
	CloseHandle(begun);
}

/* And without a group it does. */
static void
without_a_group_one_that_outlives_goes_on(void)
{
	struct order o = { .code = 0 };
	HANDLE begun = new_event(&o, "alone");
	struct proclc_task *task = new_task(&family, &o,
	    PROCLC_TASK_WAIT_FOR_CHILD);
	char name[80];

	snprintf(name, sizeof(name), "%s-lives", o.event);
	need_event(begun);
	need_equal(proclc_task_kill(task, PROCLC_SIGKILL), 0);
	need_equal(end_of(task).signum, PROCLC_SIGKILL);
	need(!is_gone(name));
	proclc_task_free(task);
	CloseHandle(begun);
}

/* Have one, and say its pid. */
static bool
tell_of_a_task(void)
{
	struct order o = { .code = 0 };
	struct proclc_task *task = NULL;
	char line[32];

	if (proclc_task_new(&task, &sleep_long, &o, sizeof(o), NULL) < 0)
		return false;
	snprintf(line, sizeof(line), "%lld",
	    (long long)proclc_task_pid(task));
	tap_say(line);
	return true;
}

/* A program that has a task, and is ended by force. */
static int
have_task(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	if (!tell_of_a_task())
		return 100;
	Sleep(INFINITE);
	return 101;
}

/* The same, and it ends by itself: its task is shut down. */
static int
have_task_and_leave(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	if (!tell_of_a_task())
		return 100;
	getchar();
	return 0;
}

static void
it_ends_with_a_parent_that_is_terminated(void)
{
	struct tap_process p = tap_run("have_task", NULL);
	long pid = 0;
	HANDLE child;

	sscanf(tap_line(&p), "%ld", &pid);
	child = pin((DWORD)pid);
	need_equal(WaitForSingleObject(child, 100), WAIT_TIMEOUT);
	tap_kill(&p);
	need_event(child);
	CloseHandle(child);
}

static void
it_is_shut_down_at_its_parents_exit(void)
{
	struct tap_process p = tap_run("have_task_and_leave", NULL);
	long pid = 0;
	HANDLE child;

	sscanf(tap_line(&p), "%ld", &pid);
	child = OpenProcess(SYNCHRONIZE, FALSE, (DWORD)pid);
	need_equal(tap_end(&p), 0);
	/* It was waited for before the parent's end. */
	need(child == NULL || WaitForSingleObject(child, 0) ==
	    WAIT_OBJECT_0);
}

const struct tap_test tap_tests[] = {
	{ "seventy tasks are all told of", seventy_tasks_are_all_told_of },
	{ "its handle can be waited for", its_handle_can_be_waited_for },
	{ "a group is killed with all that is in it",
	    a_group_is_killed_with_all_that_is_in_it },
	{ "without a group one that outlives goes on",
	    without_a_group_one_that_outlives_goes_on },
	{ "it ends with a parent that is terminated",
	    it_ends_with_a_parent_that_is_terminated },
	{ "it is shut down at its parent's exit",
	    it_is_shut_down_at_its_parents_exit },
	{ NULL, NULL }
};

const struct tap_role tap_roles[] = {
	{ "have_task", have_task },
	{ "have_task_and_leave", have_task_and_leave },
	{ NULL, NULL }
};
