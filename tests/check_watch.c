/*
 * Starting a watch: of which process, from where, in which mode.
 */
#define _GNU_SOURCE 1

#include "family.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* How the child that is not let go of is ended at last. */
enum { GRACE_MS = 300 };

/* How it starts. */

START_TEST(start_after_parents_end_is_EORPHANED)
{
	static const family_words words[] = {
		{ "lives", "expect", "await-gone", "new", "start" },
		{ "lives", "new", "await-gone", "start" },
	};
	struct family f;

	if (!family_start(&f, _i / 2, words[_i % 2]))
		return;
	scenario_expect(&f.s, "awaiting");
	family_kill_parent(&f);
	scenario_expect(&f.s, "refused PROCLC_EORPHANED");
	scenario_expect(&f.s, "armed");
	scenario_close_stdin(&f.s);
	family_expect_end(&f, 0, 0);
}
END_TEST

START_TEST(start_with_the_parent_as_expected_watches)
{
	struct family f;

	family_arm(&f, 0, STEPS("lives", "exit-told", "expect",
	    "interval=20", "new", "start"));
	family_expect_alive(&f);
	family_kill_parent(&f);
	scenario_expect(&f.s, "exit 5 143 15");
	family_expect_end(&f, 0, SIGTERM);
}
END_TEST

/* The parent's number is 0 there: its end could not be seen. */
START_TEST(start_with_parent_outside_namespace_is_ENOTSUP)
{
	struct family f;

	if (!family_start(&f, _i, STEPS("in-namespace", "arm", "new",
	    "start")))
		return;
	scenario_expect(&f.s, "refused PROCLC_ENOTSUP");
	scenario_expect(&f.s, "refused PROCLC_ENOTSUP");
	scenario_expect(&f.s, "armed");
	family_kill_parent(&f);
	scenario_close_stdin(&f.s);
	family_expect_end(&f, 0, 0);
}
END_TEST

START_TEST(start_again_in_forked_child_watches_its_own_parent)
{
	struct family f;
	pid_t again, never;

	ck_assert(family_start(&f, 0, STEPS("lives", "exit-told", "arm",
	    "fork-two")));
	again = (pid_t)scenario_expect_number(&f.s, "again ");
	never = (pid_t)scenario_expect_number(&f.s, "never ");
	scenario_expect(&f.s, "armed");
	ck_assert_int_eq(kill(f.child, SIGKILL), 0);
	family_expect_status(again, 0, SIGTERM);
	ck_assert(!process_gone_within(never, 100));
	family_kill_parent(&f);
	ck_assert(!process_gone_within(never, 100));
	ck_assert_int_eq(kill(never, SIGKILL), 0);
	family_expect_status(never, 0, SIGKILL);
	family_expect_status(f.child, 0, SIGKILL);
	scenario_expect_killed(&f.s, SIGKILL);
	scenario_expect_eof(&f.s);
}
END_TEST

START_TEST(start_then_credentials_dropped_and_end_is_noticed)
{
	struct family f;

	if (geteuid() != 0) {
		toolkit_skip("a watch of one who drops his credentials");
		return;
	}
	if (!family_arm(&f, _i, STEPS("lives", "exit-told", "term-hangs",
	    "interval=20", "grace=300", "new", "start", "nobody")))
		return;
	family_expect_alive(&f);
	family_kill_parent(&f);
	family_expect_end(&f, GRACE_MS + 500, SIGTERM);
}
END_TEST

/* Another process than the parent. */

static void
start_watching(struct family *f, struct scenario *other, int way,
    char *word, size_t size)
{
	scenario_start(other, "echo", NULL);
	snprintf(word, size, "pid=%d", (int)other->pid);
	if (!family_arm(f, way, STEPS("lives", word, "interval=20", "new",
	    "callback=one", "start")))
		f->child = 0;
}

/* Where that can be told, it is a zombie: the test does not wait for it. */
static void
let_end(struct scenario *other)
{
	if (!backend_is("process", "pidfd"))
		scenario_wait(other);
}

START_TEST(start_with_pid_tells_of_that_process)
{
	struct scenario other;
	struct family f;
	char word[32];

	start_watching(&f, &other, _i, word, sizeof(word));
	if (f.child != 0) {
		family_expect_alive(&f);
		scenario_signal(&other, SIGKILL);
		let_end(&other);
		family_expect_within(&f, "one 1", 500);
		family_kill_parent(&f);
		family_expect_alive(&f);
		scenario_close_stdin(&f.s);
		family_expect_end(&f, 0, 0);
	} else {
		scenario_signal(&other, SIGKILL);
	}
	scenario_expect_killed(&other, SIGKILL);
}
END_TEST

START_TEST(start_with_pid_whose_first_thread_ends_is_no_alarm)
{
	struct scenario other;
	struct family f;
	char word[32];

	start_watching(&f, &other, _i, word, sizeof(word));
	scenario_send(&other, "leave");
	scenario_expect(&other, "second thread");
	if (f.child != 0) {
		family_expect_alive(&f);
		scenario_send(&other, "go");
		let_end(&other);
		family_expect_within(&f, "one 1", 500);
		family_kill_parent(&f);
		scenario_close_stdin(&f.s);
		family_expect_end(&f, 0, 0);
	} else {
		scenario_send(&other, "go");
	}
	scenario_expect_exit(&other, 7);
}
END_TEST

/* The dispatcher waits already, and has lost what wakes it. */
START_TEST(start_after_all_descriptors_closed_watches)
{
	static const char *const how[] = {
		"close=free", "close=ready", "close=quiet",
	};
	struct family f;

	if (toolkit_skip_tsan(TSAN_CLOSE))
		return;
	ck_assert(family_arm(&f, 0, STEPS("lives", "exit-told", "install",
	    how[_i], "new", "callback=one", "start")));
	family_expect_alive(&f);
	family_kill_parent(&f);
	scenario_expect(&f.s, "one 1");
	scenario_close_stdin(&f.s);
	scenario_expect(&f.s, "exit 2 0 0");
	family_expect_end(&f, 0, 0);
}
END_TEST

/* Nobody who could be told: MANUAL mode without dispatching, or a callback
 * that takes for ever.  The end comes all the same. */
START_TEST(start_then_nobody_dispatches_and_child_ends_after_grace)
{
	static const char *const how[] = { "manual", "stick" };
	static const char *const closed[] = {
		"grace=300", "close=free", "close=quiet",
	};
	struct family f;
	char line[64];

	if (_i % 2 == 0 && skip_without("ready", "epoll"))
		return;
	if (!family_start(&f, _i / 6, STEPS("lives", how[_i % 2],
	    "interval=20", "grace=300", "new", "start", closed[_i / 2 % 3])))
		return;
	do
		ck_assert(scenario_read_line(&f.s, line, sizeof(line), 0));
	while (strcmp(line, "armed") != 0);
	family_expect_alive(&f);
	family_kill_parent(&f);
	family_expect_end(&f, GRACE_MS + 500, SIGTERM);
}
END_TEST

/* MANUAL mode. */

START_TEST(start_in_manual_mode_calls_from_dispatch)
{
	struct family f;

	if (skip_without("ready", "epoll"))
		return;
	family_arm(&f, 0, STEPS("lives", "manual", "interval=20", "new",
	    "callback=one", "callback=term", "start", "dispatch"));
	ck_assert(!process_gone_within(f.child, 100));
	family_kill_parent(&f);
	scenario_expect(&f.s, "one 1");
	scenario_expect(&f.s, "term 1");
	family_expect_end(&f, 0, SIGTERM);
}
END_TEST

START_TEST(start_in_manual_mode_runs_exit_handlers_from_dispatch)
{
	struct family f;

	if (skip_without("ready", "epoll"))
		return;
	family_arm(&f, 0, STEPS("lives", "manual", "exit-told", "arm",
	    "dispatch"));
	ck_assert(!process_gone_within(f.child, 100));
	family_kill_parent(&f);
	scenario_expect(&f.s, "exit 5 143 15");
	family_expect_end(&f, 0, SIGTERM);
}
END_TEST

/* Then nobody can be promised an end, but be told. */
START_TEST(start_without_threads_to_end_is_ENOTSUP)
{
	static const family_words words[] = {
		{ "lives", "no-threads", "arm" },
		{ "lives", "no-threads", "new", "start" },
		{ "lives", "no-threads", "grace=300", "new", "callback=one",
		  "start" },
	};
	struct family f;

	if (skip_without("ready", "epoll"))
		return;
	family_start(&f, 0, words[_i]);
	scenario_expect(&f.s, "refused PROCLC_ENOTSUP");
	scenario_expect(&f.s, "armed");
	family_kill_parent(&f);
	scenario_close_stdin(&f.s);
	family_expect_end(&f, 0, 0);
}
END_TEST

START_TEST(start_without_threads_calls_from_dispatch)
{
	struct family f;

	if (skip_without("ready", "epoll"))
		return;
	family_arm(&f, 0, STEPS("lives", "no-threads", "interval=20", "new",
	    "callback=one", "callback=term", "start", "dispatch"));
	family_kill_parent(&f);
	scenario_expect(&f.s, "one 1");
	scenario_expect(&f.s, "term 1");
	family_expect_end(&f, 0, SIGTERM);
}
END_TEST

static void
add_starts(TCase *tcase)
{
	tcase_add_loop_test(tcase, start_after_parents_end_is_EORPHANED, 0,
	    2 * FAMILY_WAYS);
	tcase_add_test(tcase, start_with_the_parent_as_expected_watches);
	tcase_add_loop_test(tcase,
	    start_with_parent_outside_namespace_is_ENOTSUP, 0, FAMILY_WAYS);
	tcase_add_test(tcase,
	    start_again_in_forked_child_watches_its_own_parent);
	tcase_add_loop_test(tcase,
	    start_then_credentials_dropped_and_end_is_noticed, 0,
	    FAMILY_WAYS);
	tcase_add_loop_test(tcase, start_with_pid_tells_of_that_process, 0,
	    FAMILY_WAYS);
	tcase_add_loop_test(tcase,
	    start_with_pid_whose_first_thread_ends_is_no_alarm, 0,
	    FAMILY_WAYS);
	tcase_add_loop_test(tcase,
	    start_after_all_descriptors_closed_watches, 0, 3);
	tcase_add_test(tcase, start_in_manual_mode_calls_from_dispatch);
	tcase_add_test(tcase,
	    start_in_manual_mode_runs_exit_handlers_from_dispatch);
	tcase_add_loop_test(tcase,
	    start_then_nobody_dispatches_and_child_ends_after_grace, 0,
	    6 * FAMILY_WAYS);
	tcase_add_loop_test(tcase, start_without_threads_to_end_is_ENOTSUP,
	    0, 3);
	tcase_add_test(tcase, start_without_threads_calls_from_dispatch);
}

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("watch");
	TCase *tcase = tcase_create("starts");

	tcase_add_checked_fixture(tcase, family_setup, toolkit_teardown);
	add_starts(tcase);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
