/* check_win_family.c - programs and tasks with all that comes of them. */
#include "order.h"
#include "program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tlhelp32.h>

/* While a process of this name lives there is an event of its own. */
static HANDLE
be_seen(const char *name)
{
	return CreateEventA(NULL, TRUE, FALSE, name);
}

static bool
is_gone(void *name)
{
	HANDLE event = OpenEventA(SYNCHRONIZE, FALSE, name);

	if (event != NULL)
		CloseHandle(event);
	return event == NULL;
}

static bool
is_there(void *name)
{
	return !is_gone(name);
}

static int
be_deaf(int argc, char **argv)
{
	if (argc < 1 || be_seen(argv[0]) == NULL)
		return 1;
	Sleep(INFINITE);
	return 0;
}

static void
note(void *name, const struct proclc_exit_cause *cause)
{
	char text[96];
	HANDLE event;

	(void)cause;
	snprintf(text, sizeof(text), "%s-end", (char *)name);
	event = OpenEventA(EVENT_MODIFY_STATE, FALSE, text);
	if (event != NULL)
		SetEvent(event);
}

/* It has an exit handler, so it listens. */
static int
be_tidy(int argc, char **argv)
{
	if (argc < 1 || proclc_atexit_register(note, argv[0], 0) < 0 ||
	    proclc_atexit_install(NULL) < 0 || be_seen(argv[0]) == NULL)
		return 1;
	Sleep(INFINITE);
	return 0;
}

/* Make a child that nobody knows of, in a role; stay, or leave it. */
static int
have_child(int argc, char **argv)
{
	STARTUPINFOA start = { .cb = sizeof(start) };
	PROCESS_INFORMATION made;
	char line[2 * MAX_PATH];

	if (argc < 3)
		return 1;
	snprintf(line, sizeof(line), "\"%s\" %s %s", this_program(), argv[1],
	    argv[2]);
	if (!CreateProcessA(NULL, line, NULL, NULL, FALSE, 0, NULL, NULL,
	    &start, &made) || !tap_until(is_there, argv[2]))
		return 2;
	tap_say("there");
	while (strcmp(argv[0], "stay") == 0)
		Sleep(INFINITE);
	return 3;
}

/* Have a command that dies with this process and say its pid. */
static int
have_command(int argc, char **argv)
{
	struct proclc_command_options o = PROCLC_COMMAND_OPTIONS_INIT;
	struct proclc_task *task;
	char line[32];

	if (argc < 2)
		return 1;
	o.flags = PROCLC_COMMAND_DIE_WITH_PARENT;
	o.out.kind = PROCLC_STDIO_NULL;
	task = run_role(&o, "have_child", "stay", argv[1], argv[0], NULL);
	if (!tap_until(is_there, argv[0]))
		return 2;
	snprintf(line, sizeof(line), "%lld",
	    (long long)proclc_task_pid(task));
	tap_say(line);
	Sleep(INFINITE);
	return 3;
}

/* A name for the last of them. */
static char *
new_name(void)
{
	static char name[64];
	static unsigned serial;

	snprintf(name, sizeof(name), "proclc-family-%lu-%u",
	    GetCurrentProcessId(), serial++);
	return name;
}

static struct proclc_task *
run_family(uint32_t flags, const char *how, const char *role, char *name)
{
	struct proclc_command_options o = PROCLC_COMMAND_OPTIONS_INIT;
	struct proclc_task *task;

	o.flags = flags;
	o.out.kind = PROCLC_STDIO_NULL;
	task = run_role(&o, "have_child", how, role, name, NULL);
	if (strcmp(how, "stay") == 0)
		need(tap_until(is_there, name));
	return task;
}

/* The parent is ended by force; what its child has made goes on. */
static void
it_dies_with_its_parent(void)
{
	char *name = new_name();
	struct tap_process p = tap_run("have_command", name, "deaf", NULL);
	HANDLE child;
	long pid = 0;

	sscanf(tap_line(&p), "%ld", &pid);
	child = OpenProcess(SYNCHRONIZE, FALSE, (DWORD)pid);
	need(child != NULL);
	need_equal(WaitForSingleObject(child, 100), WAIT_TIMEOUT);
	tap_kill(&p);
	need_event(child);
	CloseHandle(child);
	need(!is_gone(name));
}

static int
threads(void)
{
	THREADENTRY32 entry = { .dwSize = sizeof(entry) };
	HANDLE all = CreateToolhelp32Snapshot(TH32CS_SNAPTHREAD, 0);
	int n = 0;

	need(all != INVALID_HANDLE_VALUE);
	for (BOOL is = Thread32First(all, &entry); is;
	    is = Thread32Next(all, &entry))
		n += entry.th32OwnerProcessID == GetCurrentProcessId();
	CloseHandle(all);
	return n;
}

/* The first one brings the threads that any command needs. */
static void
to_die_with_its_parent_takes_no_thread(void)
{
	struct proclc_command_options o = PROCLC_COMMAND_OPTIONS_INIT;
	char *name = new_name();
	struct proclc_task *plain = run_role(NULL, "deaf", name, NULL), *tied;
	int before;

	need(tap_until(is_there, name));
	before = threads();
	need(before > 0);
	name = new_name();
	o.flags = PROCLC_COMMAND_DIE_WITH_PARENT;
	tied = run_role(&o, "deaf", name, NULL);
	need(tap_until(is_there, name));
	need_equal(threads(), before);
	proclc_task_free(tied);
	proclc_task_free(plain);
}

static void
a_group_is_killed_with_all_that_is_in_it(void)
{
	char *name = new_name();
	struct proclc_task *task = run_family(PROCLC_TASK_GROUP |
	    PROCLC_COMMAND_DIE_WITH_PARENT, "stay", "deaf", name);

	need_equal(proclc_task_kill(task, PROCLC_SIGKILL), 0);
	need_equal(end_of(task).signum, PROCLC_SIGKILL);
	need(tap_until(is_gone, name));
	proclc_task_free(task);
}

static void
what_is_left_of_a_tree_is_killed(void)
{
	char *name = new_name();
	struct proclc_task *task = run_family(PROCLC_TASK_TREE, "leave",
	    "deaf", name);

	need_equal(end_of(task).code, 3);
	need(is_gone(name));
	proclc_task_free(task);
}

static void
need_shutdown(struct proclc_task *task, bool killed)
{
	ULONGLONG before = GetTickCount64();

	need_equal(proclc_task_shutdown(task, 60000, NULL), killed);
	need(GetTickCount64() - before < (ULONGLONG)tap_ms(10000));
	proclc_task_free(task);
}

/* Who listens is told; who does not is killed, and nobody waits for him. */
static void
all_of_a_tree_that_listen_are_told(void)
{
	struct order o = { .code = 0 };
	char *name = new_name();
	struct proclc_task *task;
	HANDLE ended;

	snprintf(o.event, sizeof(o.event), "%s", name);
	ended = end_event(&o);
	task = run_family(PROCLC_TASK_TREE, "stay", "tidy", name);
	need_shutdown(task, false);
	need(is_gone(name));
	need_equal(WaitForSingleObject(ended, 0), WAIT_OBJECT_0);
	CloseHandle(ended);
}

static void
one_that_does_not_listen_is_killed_at_once(void)
{
	char *name = new_name();
	struct proclc_task *task = run_role(NULL, "deaf", name, NULL);

	need(tap_until(is_there, name));
	need_equal(proclc_task_kill(task, PROCLC_SIGTERM), PROCLC_ENOTSUP);
	need(!is_gone(name));
	need_shutdown(task, true);
	need(is_gone(name));
}

static void
one_that_listens_is_told(void)
{
	struct order o = { .code = 0 };
	char *name = new_name();
	struct proclc_task *task;
	HANDLE ended;

	snprintf(o.event, sizeof(o.event), "%s", name);
	ended = end_event(&o);
	task = run_role(NULL, "tidy", name, NULL);
	need(tap_until(is_there, name));
	need_shutdown(task, false);
	need_equal(WaitForSingleObject(ended, 0), WAIT_OBJECT_0);
	CloseHandle(ended);
}

/* The task's own task, which outlives it, is below it all the same. */
static void
a_task_is_stopped_with_its_tree(void)
{
	struct order o = { .code = 0 };
	HANDLE begun = new_event(&o, "tree");
	struct proclc_task *task = new_task(&family, &o, PROCLC_TASK_TREE);
	char name[80];

	snprintf(name, sizeof(name), "%s-lives", o.event);
	need_event(begun);
	need(!is_gone(name));
	need_equal(proclc_task_kill(task, PROCLC_SIGKILL), 0);
	need_equal(end_of(task).signum, PROCLC_SIGKILL);
	need(is_gone(name));
	proclc_task_free(task);
	CloseHandle(begun);
}

static void
a_group_can_be_in_a_tree(void)
{
	char *name = new_name();
	struct proclc_task *task = run_family(PROCLC_TASK_TREE |
	    PROCLC_TASK_GROUP | PROCLC_COMMAND_DIE_WITH_PARENT, "leave",
	    "deaf", name);

	need_equal(end_of(task).code, 3);
	need(is_gone(name));
	proclc_task_free(task);
}

const struct tap_test tap_tests[] = {
	{ "it dies with its parent", it_dies_with_its_parent },
	{ "to die with its parent takes no thread",
	    to_die_with_its_parent_takes_no_thread },
	{ "a group is killed with all that is in it",
	    a_group_is_killed_with_all_that_is_in_it },
	{ "what is left of a tree is killed",
	    what_is_left_of_a_tree_is_killed },
	{ "all of a tree that listen are told",
	    all_of_a_tree_that_listen_are_told },
	{ "one that does not listen is killed at once",
	    one_that_does_not_listen_is_killed_at_once },
	{ "one that listens is told", one_that_listens_is_told },
	{ "a task is stopped with its tree",
	    a_task_is_stopped_with_its_tree },
	{ "a group can be in a tree", a_group_can_be_in_a_tree },
	{ NULL, NULL }
};

const struct tap_role tap_roles[] = {
	{ "deaf", be_deaf },
	{ "tidy", be_tidy },
	{ "have_child", have_child },
	{ "have_command", have_command },
	{ NULL, NULL }
};
