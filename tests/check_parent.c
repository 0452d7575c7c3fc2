/*
 * When the parent ends, and when it only seems to (tests/scn/orphan).
 */
#define _GNU_SOURCE 1

#include "family.h"
#include "toolkit/clock.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

/* How the child that is not let go of is ended at last. */
enum { GRACE_MS = 300 };

START_TEST(parent_killed_child_runs_exit_handlers_and_dies_by_TERM)
{
	struct family f;

	if (!family_arm(&f, _i, STEPS("lives", "exit-told", "arm", "arm")))
		return;
	family_expect_alive(&f);
	family_kill_parent(&f);
	scenario_expect(&f.s, "exit 5 143 15");
	family_expect_end(&f, 0, SIGTERM);
}
END_TEST

START_TEST(parent_killed_is_noticed_without_asking)
{
	struct family f;

	family_arm(&f, 0, STEPS("lives", "interval=60000", "new",
	    "callback=one", "start"));
	if (strcmp(f.backend, "pidfd") != 0)
		toolkit_skip("that nobody asks: there is no pidfd");
	family_kill_parent(&f);
	if (strcmp(f.backend, "pidfd") == 0)
		family_expect_within(&f, "one 1", 500);
	scenario_close_stdin(&f.s);
	family_expect_end(&f, 0, 0);
}
END_TEST

START_TEST(parent_killed_without_handle_is_noticed_in_an_interval)
{
	struct family f;

	if (!family_arm(&f, _i, STEPS("lives", "interval=20", "new",
	    "callback=one", "start")))
		return;
	ck_assert_str_eq(f.backend, "poll");
	family_expect_alive(&f);
	family_kill_parent(&f);
	family_expect_within(&f, "one 1", 500);
	scenario_close_stdin(&f.s);
	family_expect_end(&f, 0, 0);
}
END_TEST

START_TEST(parent_killed_programs_own_handler_of_TERM_decides)
{
	struct family f;

	family_arm(&f, 0, STEPS("lives", "term-exits", "exit-told", "arm"));
	family_kill_parent(&f);
	family_expect_end(&f, 0, 7 << 8);
}
END_TEST

START_TEST(parent_killed_child_dies_by_the_signal_of_the_options)
{
	struct family f;

	family_arm(&f, 0, STEPS("lives", "signal=1", "exit-told", "new",
	    "start"));
	family_kill_parent(&f);
	scenario_expect(&f.s, "exit 5 129 1");
	family_expect_end(&f, 0, SIGHUP);
}
END_TEST

/* Nothing of what it does keeps the child beyond the grace.  line: what it
 * says; waits: it takes the grace. */
static const struct {
	const char *posture;
	const char *line;
	bool waits;
} stubborn[] = {
	{ "term-ignored", "exit 5 143 15", false },
	{ "term-blocked", "exit 5 143 15", false },
	{ "term-hangs", NULL, true },
	{ "term-returns", NULL, true },
	{ "term-object", "object 15", true },
	{ "exit-hangs", "hanging", true },
	{ "write", "exit 5 143 15", false },
	{ "callback=hang", "hang 1", true },
};

enum { STUBBORN = sizeof(stubborn) / sizeof(stubborn[0]) };

START_TEST(parent_killed_stubborn_child_is_gone_within_grace)
{
	const char *posture = stubborn[_i].posture;
	struct family f;
	int64_t killed;

	family_arm(&f, 0, STEPS("lives", "grace=300", "interval=20",
	    "exit-told", "new", posture, "start"));
	killed = clock_now_ms();
	family_kill_parent(&f);
	if (stubborn[_i].line != NULL)
		scenario_expect(&f.s, "%s", stubborn[_i].line);
	family_expect_end(&f, GRACE_MS + 500, SIGTERM);
	if (stubborn[_i].waits)
		ck_assert_int_ge(clock_now_ms() - killed, GRACE_MS);
}
END_TEST

/* Callbacks. */

START_TEST(callbacks_of_parent_run_in_order_and_child_lives)
{
	struct family f;

	if (!family_arm(&f, _i, STEPS("lives", "interval=20", "new",
	    "callback=one", "callback=two", "callback=three", "start")))
		return;
	family_kill_parent(&f);
	scenario_expect(&f.s, "one 1");
	scenario_expect(&f.s, "two 1");
	scenario_expect(&f.s, "three 1");
	family_expect_alive(&f);
	ck_assert_int_ne(process_ppid(f.child), f.s.pid);
	scenario_close_stdin(&f.s);
	family_expect_end(&f, 0, 0);
}
END_TEST

/* pthread_exit ends a callback, not the others. */
START_TEST(callback_that_fails_does_not_keep_the_next_from_running)
{
	struct family f;

	family_arm(&f, 0, STEPS("lives", "exit-told", "grace=2000",
	    "interval=20", "new", "callback=leave", "callback=two",
	    "start"));
	family_kill_parent(&f);
	scenario_expect(&f.s, "leave 1");
	scenario_expect(&f.s, "two 1");
	scenario_expect(&f.s, "exit 5 143 15");
	family_expect_end(&f, 2500, SIGTERM);
}
END_TEST

START_TEST(callbacks_with_grace_run_and_child_ends)
{
	struct family f;

	family_arm(&f, 0, STEPS("lives", "exit-told", "grace=300",
	    "interval=20", "new", "callback=one", "callback=two", "start"));
	family_kill_parent(&f);
	scenario_expect(&f.s, "one 1");
	scenario_expect(&f.s, "two 1");
	scenario_expect(&f.s, "exit 5 143 15");
	family_expect_end(&f, GRACE_MS + 500, SIGTERM);
}
END_TEST

/* Nothing fires after stop or free, be it the next callback or the end. */
START_TEST(callback_stops_or_frees_and_nothing_else_happens)
{
	static const char *const words[] = { "callback=stop", "callback=free" };
	struct family f;

	family_arm(&f, 0, STEPS("lives", "exit-told", "grace=100",
	    "interval=20", "new", words[_i], "callback=two", "start"));
	family_kill_parent(&f);
	scenario_expect(&f.s, "%s 1", words[_i] + 9);
	family_expect_alive(&f);
	ck_assert(!process_gone_within(f.child, 100));
	scenario_close_stdin(&f.s);
	scenario_expect(&f.s, "exit 2 0 0");
	family_expect_end(&f, 0, 0);
}
END_TEST

START_TEST(callback_raises_TERM_whose_handler_stops_and_frees)
{
	struct family f;

	family_arm(&f, 0, STEPS("lives", "term-frees", "interval=20", "new",
	    "callback=called", "callback=term", "start"));
	family_kill_parent(&f);
	scenario_expect(&f.s, "called 1");
	scenario_expect(&f.s, "term 1");
	scenario_expect(&f.s, "freed");
	family_expect_end(&f, 0, 9 << 8);
}
END_TEST

/* What only looks like the parent's end; event: what the parent says. */

static const struct change {
	const char *parent;
	const char *event;
} living[] = {
	{ "forks-in-thread", "thread ended" },
	{ "leaves-main", "main ended" },
	{ "execs", "execed" },
};

enum { LIVING = sizeof(living) / sizeof(living[0]) };

START_TEST(parent_changes_and_child_lives_on)
{
	const struct change *how = &living[_i / FAMILY_WAYS];
	struct family f;

	if (strcmp(how->parent, "leaves-main") == 0 &&
	    toolkit_skip_tsan(TSAN_THREAD))
		return;
	if (!family_arm(&f, _i % FAMILY_WAYS, STEPS(how->parent, "exit-told",
	    "interval=20", "new", "start")))
		return;
	scenario_expect(&f.s, "%s", how->event);
	family_expect_alive(&f);
	family_kill_parent(&f);
	scenario_expect(&f.s, "exit 5 143 15");
	family_expect_end(&f, 0, SIGTERM);
}
END_TEST

START_TEST(parent_stopped_and_child_lives_on)
{
	struct family f;
	siginfo_t info;

	if (!family_arm(&f, _i, STEPS("lives", "exit-told", "interval=20",
	    "new", "start")))
		return;
	scenario_signal(&f.s, SIGSTOP);
	ck_assert_int_eq(waitid(P_PID, (id_t)f.s.pid, &info,
	    WSTOPPED | WNOWAIT), 0);
	family_expect_alive(&f);
	family_kill_parent(&f);
	scenario_expect(&f.s, "exit 5 143 15");
	family_expect_end(&f, 0, SIGTERM);
}
END_TEST

/* Descriptors gone, or gone and their numbers somebody else's. */
START_TEST(handle_closed_is_no_alarm_and_end_is_noticed)
{
	static const char *const how[] = {
		"close=free", "close=ready", "close=quiet",
	};
	struct family f;

	if (toolkit_skip_tsan(TSAN_CLOSE) ||
	    !family_arm(&f, _i / 3, STEPS("lives", "exit-told", "interval=20",
	    "new", "start", how[_i % 3])))
		return;
	family_expect_alive(&f);
	family_kill_parent(&f);
	scenario_expect(&f.s, "exit 5 143 15");
	family_expect_end(&f, 0, SIGTERM);
}
END_TEST

static void
add_ends(TCase *tcase)
{
	tcase_add_loop_test(tcase,
	    parent_killed_child_runs_exit_handlers_and_dies_by_TERM, 0,
	    FAMILY_WAYS);
	tcase_add_test(tcase, parent_killed_is_noticed_without_asking);
	tcase_add_loop_test(tcase,
	    parent_killed_without_handle_is_noticed_in_an_interval, 1,
	    FAMILY_WAYS);
	tcase_add_test(tcase,
	    parent_killed_programs_own_handler_of_TERM_decides);
	tcase_add_test(tcase,
	    parent_killed_child_dies_by_the_signal_of_the_options);
	tcase_add_loop_test(tcase,
	    parent_killed_stubborn_child_is_gone_within_grace, 0, STUBBORN);
}

static void
add_callbacks(TCase *tcase)
{
	tcase_add_loop_test(tcase,
	    callbacks_of_parent_run_in_order_and_child_lives, 0,
	    FAMILY_WAYS);
	tcase_add_test(tcase, callbacks_with_grace_run_and_child_ends);
	tcase_add_test(tcase,
	    callback_that_fails_does_not_keep_the_next_from_running);
	tcase_add_loop_test(tcase,
	    callback_stops_or_frees_and_nothing_else_happens, 0, 2);
	tcase_add_test(tcase,
	    callback_raises_TERM_whose_handler_stops_and_frees);
}

static void
add_lives(TCase *tcase)
{
	tcase_add_loop_test(tcase, parent_changes_and_child_lives_on, 0,
	    LIVING * FAMILY_WAYS);
	tcase_add_loop_test(tcase, parent_stopped_and_child_lives_on, 0,
	    FAMILY_WAYS);
	tcase_add_loop_test(tcase,
	    handle_closed_is_no_alarm_and_end_is_noticed, 0,
	    3 * FAMILY_WAYS);
}

static Suite *
make_suite(void)
{
	static void (*const add[])(TCase *) = {
		add_ends, add_callbacks, add_lives,
	};
	static const char *const names[] = {
		"ends", "callbacks", "lives",
	};
	Suite *suite = suite_create("parent");

	for (size_t i = 0; i < sizeof(add) / sizeof(add[0]); i++) {
		TCase *tcase = tcase_create(names[i]);

		tcase_add_checked_fixture(tcase, family_setup,
		    toolkit_teardown);
		add[i](tcase);
		suite_add_tcase(suite, tcase);
	}
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
