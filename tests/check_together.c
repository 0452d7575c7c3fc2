/* The units at work together: a daemon with tasks and handlers that is told to
 * end, watches and tasks over a daemon's start, handler objects beside exit
 * handlers on one signal. */
#define _GNU_SOURCE 1

#include "backend.h"
#include "toolkit/clock.h"
#include "toolkit/toolkit.h"

#include <proclc.h>

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

enum { TASKS = 20, STOPPED = 7, DEADLINE_MS = 1000 };

static struct scenario s;
static char path[1000];
static pid_t tasks[TASKS];
static int n_tasks;

static void
setup(void)
{
	toolkit_setup();
	toolkit_expect(TOOLKIT_FILES);
	snprintf(path, sizeof(path), "%s/x", toolkit_dir());
}

static void
expect_tasks(int n)
{
	for (n_tasks = 0; n_tasks < n; n_tasks++)
		tasks[n_tasks] = (pid_t)scenario_expect_number(&s, "task ");
}

static void
expect_tasks_gone(void)
{
	for (int i = 0; i < n_tasks; i++)
		process_wait_gone(tasks[i], 0);
}

/* Without handles one that was not waited for looks alive. */
static void
expect_stale(void)
{
	int rc = proclc_ping(path);

	ck_assert_msg(rc == PROCLC_ENOTRUNNING || (rc == PROCLC_EUNLOCKED &&
	    !backend_is("process", "pidfd")), "%d", rc);
}

/* The launcher has left, too. */
static pid_t
ready(void)
{
	pid_t pid = (pid_t)scenario_expect_number(&s, "ready ");

	scenario_expect_exit(&s, 0);
	return pid;
}

/* Newer handlers run while its tasks live, older ones when they have gone; the
 * stopped one goes with them.  The oldest hangs, and the deadline ends it; so
 * the file stays, and is the next one's. */
START_TEST(daemon_with_tasks_and_a_hung_handler_ends_in_order)
{
	int64_t took;
	pid_t pid;

	scenario_start(&s, "together", "oldest", path, NULL);
	expect_tasks(TASKS);
	pid = ready();
	took = clock_now_ms();
	ck_assert_int_eq(proclc_send(path, SIGTERM), 0);
	process_wait_gone(pid, 0);
	took = clock_now_ms() - took;
	ck_assert_int_le(took, (int64_t)((DEADLINE_MS + 1500) *
	    clock_multiplier()));
	for (int i = 5; i > 0; i--)
		scenario_expect(&s, "handler %d %d %d", i, SIGTERM, 4 * i);
	scenario_expect(&s, "hangs");
	scenario_expect_eof(&s);
	expect_tasks_gone();
	expect_stale();
}
END_TEST

/* Nothing but that one runs, and yet nobody is left: the tasks watch their
 * parent, the stopped one as soon as it goes on. */
START_TEST(daemon_whose_newest_handler_hangs_leaves_no_task)
{
	pid_t pid;

	scenario_start(&s, "together", "newest", path, NULL);
	expect_tasks(TASKS);
	pid = ready();
	ck_assert_int_eq(proclc_send(path, SIGTERM), 0);
	scenario_expect(&s, "hangs");
	process_wait_gone(pid, 0);
	ck_assert_int_eq(process_state(tasks[STOPPED]), 'T');
	kill(tasks[STOPPED], SIGCONT);
	expect_tasks_gone();
	scenario_expect_eof(&s);
	expect_stale();
}
END_TEST

/* A daemon has another parent by design; what else it watches it watches on. */
START_TEST(watches_of_the_parent_end_with_the_start_and_others_go_on)
{
	struct scenario other;
	char number[32];
	pid_t pid;

	scenario_start(&other, "echo", NULL);
	snprintf(number, sizeof(number), "%d", (int)other.pid);
	scenario_start(&s, "together", "watched", number, NULL);
	scenario_expect(&s, "states %d %d", PROCLC_ORPHAN_IDLE,
	    PROCLC_ORPHAN_WATCHING);
	pid = ready();
	scenario_signal(&other, SIGKILL);
	scenario_expect_killed(&other, SIGKILL);
	scenario_expect(&s, "gone other");
	ck_assert(process_alive(pid));
	kill(pid, SIGKILL);
	process_wait_gone(pid, 0);
	scenario_expect_eof(&s);
}
END_TEST

START_TEST(tasks_before_the_start_are_in_the_way_until_they_have_ended)
{
	pid_t pid;

	scenario_start(&s, "together", "tasked", path, NULL);
	expect_tasks(2);
	scenario_expect(&s, "daemonize PROCLC_ETASKS");
	scenario_expect(&s, "state %d", PROCLC_TASK_STOPPED);
	expect_tasks_gone();
	expect_tasks(3);
	pid = ready();
	for (int i = 0; i < n_tasks; i++)
		ck_assert(process_alive(tasks[i]));
	/* However it ends. */
	ck_assert_int_eq(proclc_send(path, _i == 0 ? SIGKILL : SIGTERM), 0);
	process_wait_gone(pid, 0);
	expect_tasks_gone();
	scenario_expect_eof(&s);
}
END_TEST

/* Starts and stops of two objects and of the exit handlers, in every order. */

enum step { INSTALL, START_A, START_B, UNINSTALL, STOP_A, STOP_B, STEPS };

static const char *const commands[STEPS] = {
	"install", "start a", "start b", "uninstall", "stop a", "stop b",
};
static const char *const told[STEPS] = {
	"install 0", "start 0", "start 0", "uninstall 0", "stop 0", "stop 0",
};

/* The newest first: "ba"; and whether the handlers are installed. */
struct state {
	char objects[3];
	bool installed;
};

static void
apply(struct state *state, enum step step)
{
	char name = step == START_A || step == STOP_A ? 'a' : 'b';
	char *objects = state->objects;

	if (step == INSTALL || step == UNINSTALL) {
		state->installed = step == INSTALL;
	} else if (step == START_A || step == START_B) {
		objects[1] = objects[0];
		objects[0] = name;
	} else {
		if (objects[0] == name)
			objects[0] = objects[1];
		objects[1] = '\0';
	}
}

static void
signal_comes(const struct state *state)
{
	scenario_signal(&s, SIGTERM);
	for (const char *name = state->objects; *name != '\0'; name++)
		scenario_expect(&s, "%c: %d", *name, SIGTERM);
	if (state->objects[0] != '\0')
		return;
	if (state->installed)
		scenario_expect(&s, "h: signal %d %d", 128 + SIGTERM, SIGTERM);
	scenario_expect_killed(&s, SIGTERM);
}

/* With the signal after each step: the last one ends it, or else no one. */
static void
live_through(const enum step *steps, int n)
{
	struct state state = { .installed = false };
	static const char *const begin[][2] = {
		{ "register h say", "register new" }, { "new a", "new 0" },
		{ "set a 15 say", "set 0" }, { "new b", "new 0" },
		{ "set b 15 say", "set 0" },
	};

	scenario_start(&s, "atexit", NULL);
	for (int i = 0; i < 5; i++) {
		scenario_send(&s, "%s", begin[i][0]);
		scenario_expect(&s, "%s", begin[i][1]);
	}
	for (int i = 0; i < n; i++) {
		scenario_send(&s, "%s", commands[steps[i]]);
		scenario_expect(&s, "%s", told[steps[i]]);
		apply(&state, steps[i]);
		if (i == n - 1 || state.objects[0] != '\0')
			signal_comes(&state);
	}
}

/* Those that end, from here on. */
static int
live_all(enum step *steps, int n, unsigned done, const struct state *state)
{
	int lives = 0;

	if (n > 0 && state->objects[0] == '\0') {
		live_through(steps, n);
		lives++;
	}
	for (int step = 0; step < STEPS; step++) {
		bool undone = step < 3 ||
		    (done >> (step - 3) & 1) != 0;
		struct state next = *state;

		if ((done >> step & 1) != 0 || !undone)
			continue;
		steps[n] = (enum step)step;
		apply(&next, (enum step)step);
		lives += live_all(steps, n + 1, done | 1U << step, &next);
	}
	return lives;
}

START_TEST(objects_and_exit_handlers_share_a_signal_in_every_order)
{
	const struct state none = { .installed = false };
	enum step steps[STEPS], first = (enum step)_i;
	struct state state = none;

	steps[0] = first;
	apply(&state, first);
	ck_assert_int_gt(live_all(steps, 1, 1U << first, &state), 20);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("together");
	TCase *tc = tcase_create("together");

	tcase_add_checked_fixture(tc, setup, toolkit_teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, daemon_with_tasks_and_a_hung_handler_ends_in_order);
	tcase_add_test(tc, daemon_whose_newest_handler_hangs_leaves_no_task);
	tcase_add_test(tc,
	    watches_of_the_parent_end_with_the_start_and_others_go_on);
	tcase_add_loop_test(tc,
	    tasks_before_the_start_are_in_the_way_until_they_have_ended, 0, 2);
	tcase_add_loop_test(tc,
	    objects_and_exit_handlers_share_a_signal_in_every_order, 0, 3);
	suite_add_tcase(suite, tc);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
