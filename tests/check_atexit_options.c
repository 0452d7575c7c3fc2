/* What proclc_atexit_install() can do otherwise. */
#define _GNU_SOURCE 1

#include "backend.h"
#include "toolkit/clock.h"
#include "toolkit/toolkit.h"

#include <proclc.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>

static struct scenario s;
static pid_t child;

static void
answers(const char *command, const char *answer)
{
	scenario_send(&s, "%s", command);
	scenario_expect(&s, "%s", answer);
}

/* With a, which is the process's own, and maybe b, which is shared. */
static void
begin(bool shared, unsigned flags, const char *more)
{
	scenario_start(&s, "atexit", NULL);
	answers("register a say", "register new");
	if (shared)
		answers("register b say shared", "register new");
	scenario_send(&s, "install_with %u %s", flags, more);
	scenario_expect(&s, "install 0");
}

static void
make_child(const char *how)
{
	scenario_send(&s, "%s", how);
	child = (pid_t)scenario_expect_number(&s, "forked ");
}

static void
end(bool shared)
{
	scenario_send(&s, "proclc_exit 1");
	if (shared)
		scenario_expect(&s, "b: call 1 0");
	scenario_expect(&s, "a: call 1 0");
	scenario_expect_exit(&s, 1);
	scenario_expect_eof(&s);
}

START_TEST(status_signum_exits_with_the_number)
{
	begin(false, PROCLC_ATEXIT_STATUS_SIGNUM, "0 15 10");
	scenario_signal(&s, _i == 0 ? SIGTERM : SIGUSR1);
	scenario_expect(&s, "a: signal %d %d", _i == 0 ? 143 : 138,
	    _i == 0 ? 15 : 10);
	scenario_expect_exit(&s, _i == 0 ? 15 : 10);
}
END_TEST

START_TEST(status_signum_holds_at_the_deadline)
{
	scenario_start(&s, "atexit", NULL);
	answers("register a hang", "register new");
	scenario_send(&s, "install_with %u 100 15",
	    (unsigned)PROCLC_ATEXIT_STATUS_SIGNUM);
	scenario_expect(&s, "install 0");
	scenario_signal(&s, SIGTERM);
	scenario_expect(&s, "a: signal 143 15");
	scenario_expect_exit(&s, 15);
}
END_TEST

/* The handlers of others run, or not. */
START_TEST(no_libc_exit_leaves_without_it)
{
	scenario_start(&s, "atexit", NULL);
	scenario_send(&s, "libc l");
	answers("register a say", "register new");
	scenario_send(&s, "install_with %u 0 15", _i == 0 ? 0 :
	    (unsigned)PROCLC_ATEXIT_NO_LIBC_EXIT);
	scenario_expect(&s, "install 0");
	scenario_signal(&s, SIGTERM);
	scenario_expect(&s, "a: signal 143 15");
	if (_i == 0) {
		scenario_expect(&s, "libc l");
		scenario_expect(&s, "late PROCLC_EENDING");
	}
	scenario_expect_killed(&s, SIGTERM);
	scenario_expect_eof(&s);
}
END_TEST

START_TEST(second_signal_ends_at_once)
{
	scenario_start(&s, "atexit", NULL);
	answers("register a hang", "register new");
	scenario_send(&s, "install_with %u 600000",
	    (unsigned)PROCLC_ATEXIT_SECOND_ENDS);
	scenario_expect(&s, "install 0");
	/* The library's own wake-ups are no second signal. */
	if (_i > 1)
		answers("no_queue", "no queue");
	scenario_signal(&s, SIGTERM);
	scenario_expect(&s, "a: signal 143 15");
	ck_assert(!process_gone_within(s.pid, 50));
	scenario_signal(&s, _i % 2 == 0 ? SIGTERM : SIGINT);
	scenario_expect_killed(&s, _i % 2 == 0 ? SIGTERM : SIGINT);
}
END_TEST

/* First the program's own, in a signal handler as ever. */
START_TEST(chain_calls_the_handler_that_was_there)
{
	scenario_start(&s, "atexit", NULL);
	scenario_send(&s, "foreign 15");
	answers("register a say", "register new");
	answers("install_with 0 0 15", "install PROCLC_EBUSY");
	scenario_send(&s, "install_with %u 0 15",
	    (unsigned)PROCLC_ATEXIT_CHAIN);
	scenario_expect(&s, "install 0");
	if (_i == 0) {
		scenario_signal(&s, SIGTERM);
		scenario_expect(&s, "foreign 15");
		scenario_expect(&s, "a: signal 143 15");
		scenario_expect_killed(&s, SIGTERM);
		return;
	}
	answers("uninstall", "uninstall 0");
	answers("kill 15", "foreign 15");
	end(false);
}
END_TEST

/* SIGINT hits the whole terminal's group: the parent drives the shutdown.
 * Children that no fork handler has announced have what was before. */
START_TEST(interrupt_does_nothing_in_children)
{
	static const char *const makers[] = { "fork", "fork quiet",
	    "fork raw" };

	if (_i > 0 && skip_without("identity", "wipeonfork"))
		return;
	begin(false, 0, "0");
	make_child(makers[_i]);
	ck_assert_int_eq(kill(child, SIGINT), 0);
	if (_i == 0) {
		scenario_send(&s, "child pid");
		ck_assert_int_eq(scenario_expect_number(&s, "child pid "),
		    child);
		scenario_send(&s, "child _exit 3");
		answers("reap", "reaped 0 3");
	} else {
		answers("reap", "reaped 2");
	}
	end(false);
}
END_TEST

START_TEST(interrupt_does_nothing_in_children_with_a_thread)
{
	if (toolkit_skip_tsan(TSAN_FORK))
		return;
	begin(true, 0, "0");
	make_child("fork");
	ck_assert_int_eq(kill(child, SIGINT), 0);
	scenario_send(&s, "child pid");
	ck_assert_int_eq(scenario_expect_number(&s, "child pid "), child);
	ck_assert_int_eq(kill(child, SIGTERM), 0);
	scenario_expect(&s, "child b: signal 143 15");
	answers("reap", "reaped 15");
	end(true);
}
END_TEST

START_TEST(interrupt_in_children_does_what_it_did)
{
	if (toolkit_skip_tsan(TSAN_FORK))
		return;
	begin(false, PROCLC_ATEXIT_INT_IN_CHILDREN, "0");
	make_child("fork");
	ck_assert_int_eq(kill(child, SIGINT), 0);
	answers("reap", "reaped 2");
	end(false);
}
END_TEST

START_TEST(no_child_thread_leaves_shared_handlers_alone)
{
	if (toolkit_skip_tsan(TSAN_FORK))
		return;
	begin(true, PROCLC_ATEXIT_NO_CHILD_THREAD, "0");
	make_child("fork");
	ck_assert_int_eq(kill(child, SIGTERM), 0);
	answers("reap", "reaped 15");
	end(true);
}
END_TEST

/* A child's child, too; and the bound holds there. */
START_TEST(shared_handler_that_hangs_in_a_child_is_bounded)
{
	if (toolkit_skip_tsan(TSAN_FORK))
		return;
	scenario_start(&s, "atexit", NULL);
	answers("register b hang shared", "register new");
	answers("install_with 0 100 15", "install 0");
	make_child("fork");
	ck_assert_int_eq(kill(child, SIGTERM), 0);
	scenario_expect(&s, "child b: signal 143 15");
	answers("reap", "reaped 15");
	scenario_send(&s, "_exit 1");
	scenario_expect_exit(&s, 1);
}
END_TEST

/* Libc's own exit may wait for that lock for ever. */
START_TEST(end_beside_a_held_stream_is_bounded_and_written)
{
	char path[1024], text[64];
	int64_t begun;

	snprintf(path, sizeof(path), "%s/x", toolkit_dir());
	toolkit_expect(TOOLKIT_FILES);
	begin(false, 0, "60000");
	scenario_send(&s, "text %s words", path);
	scenario_send(&s, "hold");
	begun = clock_now_ms();
	if (_i == 0)
		scenario_send(&s, "proclc_exit 7");
	else
		scenario_send(&s, "kill 15");
	scenario_expect(&s, _i == 0 ? "a: call 7 0" : "a: signal 143 15");
	if (_i == 0)
		scenario_expect_exit(&s, 7);
	else
		scenario_expect_killed(&s, SIGTERM);
	ck_assert(clock_now_ms() - begun <
	    (int64_t)(5000 * clock_multiplier()));
	ck_assert_int_eq(file_read(path, text, sizeof(text)), 5);
	ck_assert_str_eq(text, "words");
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("options");
	TCase *tcase = tcase_create("options");

	tcase_add_checked_fixture(tcase, toolkit_setup, toolkit_teardown);
	tcase_add_loop_test(tcase, status_signum_exits_with_the_number, 0, 2);
	tcase_add_test(tcase, status_signum_holds_at_the_deadline);
	tcase_add_loop_test(tcase, no_libc_exit_leaves_without_it, 0, 2);
	tcase_add_loop_test(tcase, second_signal_ends_at_once, 0, 4);
	tcase_add_loop_test(tcase, chain_calls_the_handler_that_was_there, 0,
	    2);
	tcase_add_loop_test(tcase, interrupt_does_nothing_in_children, 0, 3);
	tcase_add_test(tcase,
	    interrupt_does_nothing_in_children_with_a_thread);
	tcase_add_test(tcase, interrupt_in_children_does_what_it_did);
	tcase_add_test(tcase, no_child_thread_leaves_shared_handlers_alone);
	tcase_add_test(tcase,
	    shared_handler_that_hangs_in_a_child_is_bounded);
	tcase_add_loop_test(tcase,
	    end_beside_a_held_stream_is_bounded_and_written, 0, 2);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
