/*
 * The watch of some other process, in the process of the test: what is called
 * when that ends, and when it does not.
 */
#define _GNU_SOURCE 1

#include "kernel.h"
#include "toolkit/clock.h"
#include "watches.h"

#include <proclc/error.h>
#include <proclc/signals.h>

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Firing, with another process that ends. */

START_TEST(two_watches_each_tell_of_their_own)
{
	struct proclc_orphan *a, *b;
	struct scenario first, second;

	scenario_start(&first, "echo", NULL);
	scenario_start(&second, "echo", NULL);
	a = watch_new(first.pid, "a");
	b = watch_new(second.pid, "b");
	ck_assert_int_eq(proclc_orphan_start(a), 0);
	ck_assert_int_eq(proclc_orphan_start(b), 0);
	scenario_close_stdin(&second);
	scenario_expect_exit(&second, 0);
	ck_assert_int_eq(letter_get(0), 'b');
	scenario_close_stdin(&first);
	scenario_expect_exit(&first, 0);
	ck_assert_int_eq(letter_get(0), 'a');
	letters_expect("");
	proclc_orphan_free(a);
	proclc_orphan_free(b);
}
END_TEST

/* The second watch, behind the first in every list, says when the first
 * would have fired. */
START_TEST(stopped_watch_does_not_fire_and_restarted_one_does)
{
	struct scenario other;
	struct proclc_orphan *a, *b;

	scenario_start(&other, "echo", NULL);
	a = watch_new(other.pid, "a");
	b = watch_new(other.pid, "b");
	ck_assert_int_eq(proclc_orphan_start(a), 0);
	ck_assert_int_eq(proclc_orphan_start(b), 0);
	ck_assert_int_eq(proclc_orphan_stop(a), 0);
	if (_i == 1)
		ck_assert_int_eq(proclc_orphan_start(a), 0);
	scenario_close_stdin(&other);
	scenario_expect_exit(&other, 0);
	if (_i == 1)
		ck_assert_int_eq(letter_get(0), 'a');
	ck_assert_int_eq(letter_get(0), 'b');
	letters_expect("");
	proclc_orphan_free(a);
	proclc_orphan_free(b);
}
END_TEST

static int go_on[2];     /* a byte in it: the callback may */
static atomic_bool through, stopped;

static void
take_long(struct proclc_orphan *watch, void *user)
{
	char byte;

	watch_tell(watch, user);
	if (read(go_on[0], &byte, 1) != 1)
		abort();
	atomic_store(&through, !atomic_load(&stopped));
}

/* Lets the callback go on once the main thread sleeps, in stop. */
static void *
let_go_on(void *main_thread)
{
	while (process_state(*(pid_t *)main_thread) == 'R' &&
	    !atomic_load(&stopped))
		poll(NULL, 0, 1);
	if (write(go_on[1], "x", 1) != 1)
		abort();
	return NULL;
}

START_TEST(stop_waits_for_the_running_callback)
{
	struct proclc_orphan *watch;
	struct scenario other;
	pid_t self = getpid();
	pthread_t thread;

	ck_assert_int_eq(os_pipe(go_on), 0);
	scenario_start(&other, "echo", NULL);
	watch = watch_new(other.pid, "");
	ck_assert_int_eq(proclc_orphan_add_callback(watch, take_long,
	    letter_name('a')), 0);
	ck_assert_int_eq(proclc_orphan_start(watch), 0);
	scenario_close_stdin(&other);
	scenario_expect_exit(&other, 0);
	ck_assert_int_eq(letter_get(0), 'a');
	pthread_create(&thread, NULL, let_go_on, &self);
	ck_assert_int_eq(proclc_orphan_stop(watch), 0);
	atomic_store(&stopped, true);
	pthread_join(thread, NULL);
	ck_assert(atomic_load(&through));
	proclc_orphan_free(watch);
	close(go_on[0]);
	close(go_on[1]);
}
END_TEST

/* In a forked child, which leaves by the number of what is wrong. */
static int
use_as_stranger(struct proclc_orphan *watch)
{
	if (proclc_orphan_start(watch) != PROCLC_ENOTOWNER)
		return 1;
	if (proclc_orphan_stop(watch) != PROCLC_ENOTOWNER)
		return 2;
	if (proclc_orphan_add_callback(watch, watch_tell,
	    letter_name('x')) != PROCLC_ENOTOWNER)
		return 3;
	if (proclc_orphan_backend(watch) != NULL)
		return 4;
	proclc_orphan_free(watch);
	return 0;
}

START_TEST(forked_child_does_not_own_the_watch_and_harms_nothing)
{
	struct scenario other;
	struct proclc_orphan *watch;
	pid_t child;
	int status;

	scenario_start(&other, "echo", NULL);
	watch = watch_new(other.pid, "a");
	ck_assert_int_eq(proclc_orphan_start(watch), 0);
	child = fork();
	if (child == 0)
		_exit(use_as_stranger(watch));
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
	ck_assert_str_eq(proclc_orphan_backend(watch),
	    watch_has_pidfd ? "pidfd" : "poll");
	scenario_close_stdin(&other);
	scenario_expect_exit(&other, 0);
	ck_assert_int_eq(letter_get(0), 'a');
	proclc_orphan_free(watch);
}
END_TEST

/* A false alarm in any of them ends this process, or writes a letter. */
START_TEST(many_rounds_of_start_and_stop_raise_no_alarm)
{
	int64_t deadline = clock_deadline(8000);
	struct proclc_orphan *watch;
	int i;

	/* N1: 100,000, or as many as a busy machine allows. */
	for (i = 0; i < 100000 && clock_left_ms(deadline) > 0; i++) {
		watch = watch_new(0, i % 2 == 0 ? "" : "a");
		ck_assert_int_eq(proclc_orphan_start(watch), 0);
		if (i % 3 == 0)
			ck_assert_int_eq(proclc_orphan_stop(watch), 0);
		proclc_orphan_free(watch);
	}
	letters_expect("");
}
END_TEST

static int64_t
waits(void)
{
	int64_t guard = kernel_waits(getpid(), "proclc-guard");
	int64_t dispatcher = kernel_waits(getpid(), "proclc");

	return guard < 0 || dispatcher < 0 ? -1 : guard + dispatcher;
}

START_TEST(idle_watch_wakes_nobody)
{
	int64_t deadline = clock_deadline(9000);
	int64_t before;
	int quiet = 0;

	toolkit_expect(TOOLKIT_FDS);
	ck_assert_int_eq(proclc_exit_when_orphaned(), 0);
	if (!watch_has_pidfd || waits() < 0) {
		toolkit_skip("that nobody wakes up");
		return;
	}
	/* On a busy machine they come to rest late; then they stay so: who asks
	 * at intervals never has that long a rest. */
	while (quiet < 3 && clock_left_ms(deadline) > 0) {
		before = waits();
		poll(NULL, 0, 500);
		quiet = waits() == before ? quiet + 1 : 0;
	}
	ck_assert_int_eq(quiet, 3);
}
END_TEST

static void
add_firing(TCase *tcase)
{
	tcase_add_test(tcase, two_watches_each_tell_of_their_own);
	tcase_add_loop_test(tcase,
	    stopped_watch_does_not_fire_and_restarted_one_does, 0, 2);
	tcase_add_test(tcase, stop_waits_for_the_running_callback);
	tcase_add_test(tcase,
	    forked_child_does_not_own_the_watch_and_harms_nothing);
	tcase_add_test(tcase, many_rounds_of_start_and_stop_raise_no_alarm);
	tcase_add_test(tcase, idle_watch_wakes_nobody);
}

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("firing");
	TCase *tcase = tcase_create("firing");

	tcase_add_checked_fixture(tcase, watch_setup, toolkit_teardown);
	add_firing(tcase);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
