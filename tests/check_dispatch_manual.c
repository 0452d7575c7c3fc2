/* Where callbacks run: in proclc_dispatch(), when the program says so. */
#define _GNU_SOURCE 1

#include "backend.h"
#include "toolkit/toolkit.h"

#include <proclc.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>

static struct scenario s;

/* False, and said, where there is no MANUAL mode. */
static bool
begin(void)
{
	if (skip_without("ready", "epoll"))
		return false;
	scenario_start(&s, "dispatch", NULL);
	scenario_send(&s, "mode %d", PROCLC_DISPATCH_MANUAL);
	scenario_expect(&s, "mode 0");
	return true;
}

static void
end(void)
{
	scenario_send(&s, "return");
	scenario_expect_exit(&s, 0);
}

static void
handle(int signum, const char *kind)
{
	scenario_send(&s, "handle a %d %s", signum, kind);
	scenario_expect(&s, "handle 0");
}

/* A command, and its one line of answer. */
static void
answers(const char *command, const char *answer)
{
	scenario_send(&s, "%s", command);
	scenario_expect(&s, "%s", answer);
}

START_TEST(mode_nonsense_is_EINVAL)
{
	static const unsigned modes[] = { 0, 3, 4, 5, 7, 8, 9, 10, 1u << 31 };

	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		ck_assert_int_eq(proclc_set_dispatch_mode(modes[i]),
		    PROCLC_EINVAL);
}
END_TEST

START_TEST(mode_change_is_EBUSY)
{
	static const unsigned modes[] = { PROCLC_DISPATCH_THREAD,
	    PROCLC_DISPATCH_MANUAL,
	    PROCLC_DISPATCH_MANUAL | PROCLC_NO_THREADS };

	if (skip_without("ready", "epoll"))
		return;
	toolkit_expect(TOOLKIT_FDS | TOOLKIT_LIBRARY_THREADS);
	for (int i = 0; i < 3; i++) {
		int rc = proclc_set_dispatch_mode(modes[(_i + i) % 3]);

		ck_assert_int_eq(rc, i == 0 ? 0 : PROCLC_EBUSY);
		rc = proclc_set_dispatch_mode(modes[_i]);
		ck_assert_int_eq(rc, 0);
	}
}
END_TEST

/* The default counts as chosen once it is used. */
START_TEST(mode_change_after_use_is_EBUSY)
{
	scenario_start(&s, "dispatch", NULL);
	handle(SIGUSR1, "say");
	answers("mode 2", "mode PROCLC_EBUSY");
	answers("mode 6", "mode PROCLC_EBUSY");
	answers("mode 1", "mode 0");
	end();
}
END_TEST

START_TEST(mode_missing_backend_is_ENOTSUP)
{
	if (!backend_is("ready", "none")) {
		toolkit_skip("MANUAL mode is to be had");
		return;
	}
	ck_assert_int_eq(proclc_set_dispatch_mode(PROCLC_DISPATCH_MANUAL),
	    PROCLC_ENOTSUP);
	ck_assert_int_eq(proclc_set_dispatch_mode(PROCLC_DISPATCH_THREAD), 0);
}
END_TEST

START_TEST(dispatch_without_mode_is_EINVAL)
{
	ck_assert_int_eq(proclc_dispatch(0), PROCLC_EINVAL);
	ck_assert_int_eq(proclc_dispatch_fd(), PROCLC_EINVAL);
}
END_TEST

START_TEST(dispatch_bad_time_is_EINVAL)
{
	if (!begin())
		return;
	answers("dispatch -3", "dispatch PROCLC_EINVAL");
	answers("dispatch -2147483648", "dispatch PROCLC_EINVAL");
	answers("dispatch -2", "dispatch 0");
	end();
}
END_TEST

START_TEST(manual_makes_no_thread)
{
	char line[64];

	if (!begin())
		return;
	handle(SIGUSR1, "say");
	answers("threads", "thread self blocks 0");
	scenario_expect(&s, "threads 1");
	scenario_send(&s, "kill %d", SIGUSR1);
	ck_assert(!scenario_read_line(&s, line, sizeof(line), 50));
	answers("dispatch 0", "a: 10");
	scenario_expect(&s, "dispatch 0");
	end();
}
END_TEST

START_TEST(dispatch_fd_is_readable_with_work_only)
{
	if (!begin())
		return;
	handle(SIGUSR1, "say");
	for (int i = 0; i < 3; i++) {
		answers("poll 0", "quiet");
		answers("kill 10;poll 0", "readable");
		answers("dispatch 0", "a: 10");
		scenario_expect(&s, "dispatch 0");
	}
	answers("poll 0", "quiet");
	answers("dispatch 0", "dispatch 0");
	end();
}
END_TEST

START_TEST(dispatch_fd_stays_the_same)
{
	char first[64], again[64];

	if (!begin())
		return;
	scenario_send(&s, "fd");
	ck_assert(scenario_read_line(&s, first, sizeof(first), 0));
	ck_assert_int_ge(first[3] - '0', 3);
	ck_assert_ptr_nonnull(strstr(first, "closed by exec"));
	handle(SIGUSR1, "say");
	answers("kill 10;dispatch 0", "a: 10");
	scenario_expect(&s, "dispatch 0");
	scenario_send(&s, "fd");
	ck_assert(scenario_read_line(&s, again, sizeof(again), 0));
	ck_assert_str_eq(first, again);
	end();
}
END_TEST

/* Nothing comes: it waits, and not longer. */
START_TEST(dispatch_timeout_is_kept)
{
	long took;

	if (!begin())
		return;
	handle(SIGUSR1, "say");
	answers("dispatch 60 took", "dispatch 0");
	took = scenario_expect_number(&s, "took ");
	ck_assert_int_ge(took, 50);
	ck_assert_int_lt(took, 5000);
	end();
}
END_TEST

START_TEST(dispatch_forever_ends_with_a_signal)
{
	if (!begin())
		return;
	handle(SIGUSR1, "say");
	answers("dispatch 0", "dispatch 0");
	scenario_send(&s, "dispatch -1");
	scenario_signal(&s, SIGUSR1);
	scenario_expect(&s, "a: 10");
	scenario_expect(&s, "dispatch 0");
	end();
}
END_TEST

START_TEST(dispatch_second_thread_is_EBUSY)
{
	if (!begin())
		return;
	handle(SIGUSR1, "wait");
	answers("kill 10;dispatch_background", "a: in 10");
	answers("dispatch 0", "dispatch PROCLC_EBUSY");
	answers("go", "a: out 10");
	scenario_expect(&s, "background 0");
	answers("dispatch 0", "dispatch 0");
	end();
}
END_TEST

START_TEST(dispatch_in_a_callback_is_ECALLBACK)
{
	if (!begin())
		return;
	handle(SIGUSR1, "dispatch");
	answers("kill 10;dispatch 0", "dispatch inside PROCLC_ECALLBACK");
	scenario_expect(&s, "daemonize inside PROCLC_ECALLBACK");
	scenario_expect(&s, "dispatch 0");
	end();
}
END_TEST

START_TEST(dispatch_in_another_thread_is_allowed_after)
{
	if (!begin())
		return;
	handle(SIGUSR1, "who");
	answers("dispatch 0", "dispatch 0");
	scenario_send(&s, "kill 10;dispatch_beside");
	scenario_expect(&s, "a: 10 from %d uid %u on another", (int)s.pid,
	    (unsigned)getuid());
	scenario_expect(&s, "beside 0");
	end();
}
END_TEST

/* Neither side's events reach the other, nor does its descriptor. */
START_TEST(manual_child_has_its_own)
{
	long child;

	if (!begin())
		return;
	handle(SIGUSR1, "say");
	scenario_send(&s, "fork");
	child = scenario_expect_number(&s, "forked ");
	answers("child handle b 10 say;child dispatch 0", "child handle 0");
	scenario_expect(&s, "child dispatch 0");
	answers("child poll 0", "child quiet");
	answers("kill 10;child poll 0", "child quiet");
	answers("child dispatch 0", "child dispatch 0");
	answers("poll 0;dispatch 0", "readable");
	scenario_expect(&s, "a: 10");
	scenario_expect(&s, "dispatch 0");
	ck_assert_int_eq(kill((pid_t)child, SIGUSR1), 0);
	answers("child poll 5000", "child readable");
	answers("poll 0;dispatch 0", "quiet");
	scenario_expect(&s, "dispatch 0");
	answers("child dispatch 0", "child b: 10");
	scenario_expect(&s, "child dispatch 0");
	answers("child _exit 0;reap", "reaped 0 0");
	end();
}
END_TEST

/* The inherited event neither shows nor runs in the child. */
START_TEST(manual_pending_event_stays_with_the_parent)
{
	if (!begin())
		return;
	handle(SIGUSR1, "say");
	scenario_send(&s, "kill 10;fork");
	scenario_expect_number(&s, "forked ");
	answers("child handle b 10 say;child dispatch 0", "child handle 0");
	scenario_expect(&s, "child dispatch 0");
	answers("child _exit 0;reap", "reaped 0 0");
	answers("poll 0;dispatch 0", "readable");
	scenario_expect(&s, "a: 10");
	scenario_expect(&s, "dispatch 0");
	end();
}
END_TEST

START_TEST(manual_child_has_no_descriptor_of_ours)
{
	long before;

	if (skip_without("ready", "epoll"))
		return;
	scenario_start(&s, "dispatch", NULL);
	scenario_send(&s, "fds");
	before = scenario_expect_number(&s, "fds ");
	answers("mode 2", "mode 0");
	handle(SIGUSR1, "say");
	scenario_send(&s, "fork");
	scenario_expect_number(&s, "forked ");
	scenario_send(&s, "child fds;child _exit 0;reap");
	scenario_expect(&s, "child fds %ld", before);
	scenario_expect(&s, "reaped 0 0");
	end();
}
END_TEST

START_TEST(manual_leaves_reused_numbers_alone)
{
	if (!begin())
		return;
	toolkit_expect(TOOLKIT_FILES);
	handle(SIGUSR1, "say");
	scenario_send(&s, "steal_pipes %s/file %d", toolkit_dir(), _i);
	answers("kill 10;dispatch 0", "a: 10");
	scenario_expect(&s, "dispatch 0");
	answers("kill 10;poll 0;dispatch 0", "readable");
	scenario_expect(&s, "a: 10");
	scenario_expect(&s, "dispatch 0");
	answers("stolen", "stolen: 4 bytes, read to 0");
	end();
}
END_TEST

/* Its calls fail on closed descriptors, and errno is still the program's. */
START_TEST(manual_handler_keeps_errno)
{
	if (!begin())
		return;
	handle(SIGUSR1, "say");
	answers("errno 10", "errno 4711");
	answers("close_all;errno 10", "errno 4711");
	end();
}
END_TEST

START_TEST(manual_no_threads_makes_deadlines_ENOTSUP)
{
	static const int signals[] = { SIGUSR1 };
	struct proclc_atexit_options o = PROCLC_ATEXIT_OPTIONS_INIT;

	if (skip_without("ready", "epoll"))
		return;
	toolkit_expect(TOOLKIT_FDS);
	ck_assert_int_eq(proclc_set_dispatch_mode(PROCLC_DISPATCH_MANUAL |
	    PROCLC_NO_THREADS), 0);
	o.signals = signals;
	o.n_signals = 1;
	ck_assert_int_eq(proclc_atexit_install(&o), PROCLC_ENOTSUP);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("dispatch manual");
	TCase *mode = tcase_create("mode");
	TCase *manual = tcase_create("manual");

	tcase_add_checked_fixture(mode, toolkit_setup, toolkit_teardown);
	tcase_add_test(mode, mode_nonsense_is_EINVAL);
	tcase_add_loop_test(mode, mode_change_is_EBUSY, 0, 3);
	tcase_add_test(mode, mode_change_after_use_is_EBUSY);
	tcase_add_test(mode, mode_missing_backend_is_ENOTSUP);
	tcase_add_test(mode, dispatch_without_mode_is_EINVAL);
	tcase_add_test(mode, manual_no_threads_makes_deadlines_ENOTSUP);
	suite_add_tcase(suite, mode);

	tcase_add_checked_fixture(manual, toolkit_setup, toolkit_teardown);
	tcase_add_test(manual, dispatch_bad_time_is_EINVAL);
	tcase_add_test(manual, manual_makes_no_thread);
	tcase_add_test(manual, dispatch_fd_is_readable_with_work_only);
	tcase_add_test(manual, dispatch_fd_stays_the_same);
	tcase_add_test(manual, dispatch_timeout_is_kept);
	tcase_add_test(manual, dispatch_forever_ends_with_a_signal);
	tcase_add_test(manual, dispatch_second_thread_is_EBUSY);
	tcase_add_test(manual, dispatch_in_a_callback_is_ECALLBACK);
	tcase_add_test(manual, dispatch_in_another_thread_is_allowed_after);
	tcase_add_test(manual, manual_child_has_its_own);
	tcase_add_test(manual, manual_pending_event_stays_with_the_parent);
	tcase_add_test(manual, manual_child_has_no_descriptor_of_ours);
	tcase_add_loop_test(manual, manual_leaves_reused_numbers_alone, 1, 4);
	tcase_add_test(manual, manual_handler_keeps_errno);
	suite_add_tcase(suite, manual);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
