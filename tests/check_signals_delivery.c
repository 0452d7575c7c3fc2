/* Handler objects at work: who is called, where, how often, and who not. */
#define _GNU_SOURCE 1

#include "backend.h"
#include "toolkit/toolkit.h"

#include <proclc.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct scenario s;

static void
begin(void)
{
	scenario_start(&s, "signals", NULL);
}

static void
end(void)
{
	scenario_send(&s, "return");
	scenario_expect_exit(&s, 0);
}

static void
answers(const char *command, const char *answer)
{
	scenario_send(&s, "%s", command);
	scenario_expect(&s, "%s", answer);
}

/* Object, signal, kind: from now on. */
static void
handle(const char *what)
{
	scenario_send(&s, "handle %s", what);
	scenario_expect(&s, "handle 0");
}

/* K47, D17: each in turn, several times. */
START_TEST(callback_is_called_for_its_signal)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGABRT };
	char what[32];

	begin();
	for (int i = 0; i < 3; i++) {
		snprintf(what, sizeof(what), "a %d say", signals[i]);
		handle(what);
	}
	for (int i = 0; i < 9; i++) {
		scenario_send(&s, "kill %d", signals[i % 3]);
		scenario_expect(&s, "a: %d", signals[i % 3]);
	}
	end();
}
END_TEST

START_TEST(callback_is_told_the_sender)
{
	begin();
	handle("a 10 who");
	scenario_signal(&s, SIGUSR1);
	scenario_expect(&s, "a: 10 from %d uid %u on another", (int)getpid(),
	    (unsigned)getuid());
	scenario_send(&s, "kill 10");
	scenario_expect(&s, "a: 10 from %d uid %u on another", (int)s.pid,
	    (unsigned)getuid());
	end();
}
END_TEST

START_TEST(callback_is_told_that_no_process_has_sent_it)
{
	begin();
	handle("a 14 who");
	scenario_send(&s, "alarm");
	scenario_expect(&s, "a: 14 from the system");
	scenario_signal(&s, SIGALRM);
	scenario_expect(&s, "a: 14 from %d uid %u on another", (int)getpid(),
	    (unsigned)getuid());
	end();
}
END_TEST

START_TEST(callback_is_told_another_users_id)
{
	struct scenario_options nobody = { .uid = 65534 };

	if (scenario_skip_user())
		return;
	scenario_start_with(&s, &nobody, "signals", NULL);
	handle("a 10 who");
	scenario_signal(&s, SIGUSR1);
	scenario_expect(&s, "a: 10 from %d uid 0 on another", (int)getpid());
	scenario_send(&s, "kill 10");
	scenario_expect(&s, "a: 10 from %d uid 65534 on another", (int)s.pid);
	end();
}
END_TEST

/* K48, D14: the next signal finds what was set last. */
START_TEST(set_while_running_takes_effect)
{
	begin();
	handle("a 10 say");
	answers("kill 10", "a: 10");
	answers("set a 10 other", "set 0");
	answers("kill 10", "a: other 10");
	answers("set a 10 ignore", "set 0");
	handle("a 12 say");
	answers("kill 10;kill 12", "a: 12");
	answers("set a 10 say", "set 0");
	answers("kill 10", "a: 10");
	end();
}
END_TEST

START_TEST(set_none_while_running_gives_the_signal_back)
{
	begin();
	scenario_send(&s, "foreign 10");
	handle("a 10 say");
	handle("a 12 say");
	answers("set a 10 none", "set 0");
	answers("kill 10", "foreign 10");
	answers("kill 12", "a: 12");
	scenario_send(&s, "stop a;kill 12");
	scenario_expect(&s, "stop 0");
	scenario_expect_killed(&s, SIGUSR2);
}
END_TEST

START_TEST(callback_may_replace_itself)
{
	begin();
	handle("a 10 replace");
	answers("kill 10", "replaced 0");
	answers("kill 10", "a: other 10");
	end();
}
END_TEST

/* K49: a no-op, not the kernel's, which programs would inherit. */
START_TEST(ignore_is_not_inherited_over_exec)
{
	begin();
	handle("a 15 ignore");
	answers("action 15", "action library");
	answers("run TERM", "run 15");
	scenario_signal(&s, SIGTERM);
	handle("a 10 say");
	answers("kill 15;kill 10", "a: 10");
	end();
}
END_TEST

/* K50, D15: what the kernel would do. */
START_TEST(default_terminates_by_the_signal)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGABRT, SIGHUP,
	    SIGUSR1, SIGALRM };

	begin();
	scenario_send(&s, "handle a %d default", signals[_i]);
	scenario_expect(&s, "handle 0");
	scenario_send(&s, "kill %d", signals[_i]);
	scenario_expect_killed(&s, signals[_i]);
}
END_TEST

START_TEST(default_harmless_signal_does_nothing)
{
	static const int signals[] = { SIGCHLD, SIGURG, SIGWINCH, SIGCONT };

	begin();
	for (int i = 0; i < 4; i++) {
		scenario_send(&s, "handle a %d default", signals[i]);
		scenario_expect(&s, "handle 0");
		scenario_send(&s, "kill %d", signals[i]);
	}
	handle("b 64 say");
	answers("kill 64", "b: 64");
	end();
}
END_TEST

START_TEST(default_stop_signal_stops)
{
	begin();
	handle("a 20 default");
	handle("a 10 say");
	scenario_signal(&s, SIGTSTP);
	while (process_state(s.pid) != 'T')
		ck_assert(process_alive(s.pid));
	scenario_signal(&s, SIGCONT);
	answers("kill 10", "a: 10");
	end();
}
END_TEST

/* N35: each gets it, and any may leave first. */
START_TEST(two_objects_get_it_newest_first)
{
	begin();
	handle("a 10 say");
	handle("b 10 say");
	handle("c 10 say");
	answers("kill 10", "c: 10");
	scenario_expect(&s, "b: 10");
	scenario_expect(&s, "a: 10");
	answers("stop b", "stop 0");
	answers("kill 10", "c: 10");
	scenario_expect(&s, "a: 10");
	answers("stop c;start b", "stop 0");
	scenario_expect(&s, "start 0");
	answers("kill 10", "b: 10");
	scenario_expect(&s, "a: 10");
	end();
}
END_TEST

START_TEST(callback_of_one_object_may_free_itself)
{
	begin();
	handle("a 10 say");
	handle("b 10 free");
	handle("c 10 say");
	answers("kill 10", "c: 10");
	scenario_expect(&s, "b: freed 10");
	scenario_expect(&s, "a: 10");
	answers("kill 10", "c: 10");
	scenario_expect(&s, "a: 10");
	end();
}
END_TEST

START_TEST(callback_may_free_the_last_object)
{
	begin();
	scenario_send(&s, "foreign 10");
	handle("a 10 free");
	answers("kill 10", "a: freed 10");
	answers("kill 10", "foreign 10");
	end();
}
END_TEST

/* Whoever stops it from outside waits for a callback that is in it. */
START_TEST(stop_waits_for_a_running_callback)
{
	char line[64];

	begin();
	handle(_i == 0 ? "a 10 wait" : "a 10 stop");
	scenario_send(&s, "kill 10");
	if (_i == 1)
		scenario_expect(&s, "stopped inside 0");
	scenario_expect(&s, "a: in 10");
	scenario_send(&s, "stop_beside a");
	ck_assert(!scenario_read_line(&s, line, sizeof(line), 100));
	answers("go", "a: out 10");
	scenario_expect(&s, "beside 0");
	end();
}
END_TEST

START_TEST(callback_runs_beside_a_busy_main_thread)
{
	begin();
	handle("a 10 work");
	handle("a 15 say");
	scenario_send(&s, "block all");
	answers("kill 10", "a: worked 10");
	answers("kill 15", "a: 15");
	end();
}
END_TEST

START_TEST(callback_is_called_once_with_many_threads)
{
	begin();
	scenario_send(&s, "spawn;spawn");
	handle("a 10 say");
	scenario_send(&s, "block all");
	for (int i = 0; i < 20; i++)
		answers("kill 10", "a: 10");
	handle("b 12 say");
	answers("kill 12", "b: 12");
	end();
}
END_TEST

/* What the program waits for by itself is left to it. */
START_TEST(sigwait_of_another_signal_is_undisturbed)
{
	begin();
	handle("a 10 say");
	scenario_send(&s, "block 12");
	answers("sigwait 12", "sigwait 12");
	answers("kill 10", "a: 10");
	end();
}
END_TEST

START_TEST(storm_last_signal_is_delivered_after)
{
	long count;

	begin();
	handle("a 10 count");
	answers("storm 10 100000", "after the last");
	scenario_send(&s, "counted");
	count = scenario_expect_number(&s, "counted ");
	ck_assert_int_ge(count, 1);
	ck_assert_int_le(count, 100001);
	answers("set a 10 say", "set 0");
	answers("kill 10", "a: 10");
	end();
}
END_TEST

START_TEST(contest_of_two_threads_ends)
{
	begin();
	scenario_send(&s, "ignore 10;new a;new b");
	scenario_expect(&s, "new 0");
	scenario_expect(&s, "new 0");
	answers("contest a b", "contest over");
	answers("action 10", "action ignored");
	end();
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("signals delivery");
	TCase *calls = tcase_create("calls");
	TCase *objects = tcase_create("objects");
	TCase *threads = tcase_create("threads");

	tcase_add_checked_fixture(calls, toolkit_setup, toolkit_teardown);
	tcase_add_test(calls, callback_is_called_for_its_signal);
	tcase_add_test(calls, callback_is_told_the_sender);
	tcase_add_test(calls, callback_is_told_that_no_process_has_sent_it);
	tcase_add_test(calls, callback_is_told_another_users_id);
	tcase_add_test(calls, set_while_running_takes_effect);
	tcase_add_test(calls, set_none_while_running_gives_the_signal_back);
	tcase_add_test(calls, callback_may_replace_itself);
	tcase_add_test(calls, ignore_is_not_inherited_over_exec);
	tcase_add_loop_test(calls, default_terminates_by_the_signal, 0, 6);
	tcase_add_test(calls, default_harmless_signal_does_nothing);
	tcase_add_test(calls, default_stop_signal_stops);
	suite_add_tcase(suite, calls);

	tcase_add_checked_fixture(objects, toolkit_setup, toolkit_teardown);
	tcase_add_test(objects, two_objects_get_it_newest_first);
	tcase_add_test(objects, callback_of_one_object_may_free_itself);
	tcase_add_test(objects, callback_may_free_the_last_object);
	tcase_add_loop_test(objects, stop_waits_for_a_running_callback, 0, 2);
	suite_add_tcase(suite, objects);

	tcase_add_checked_fixture(threads, toolkit_setup, toolkit_teardown);
	tcase_add_test(threads, callback_runs_beside_a_busy_main_thread);
	tcase_add_test(threads, callback_is_called_once_with_many_threads);
	tcase_add_test(threads, sigwait_of_another_signal_is_undisturbed);
	tcase_add_test(threads, storm_last_signal_is_delivered_after);
	tcase_add_test(threads, contest_of_two_threads_ends);
	suite_add_tcase(suite, threads);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
