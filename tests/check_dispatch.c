/* Where callbacks run: on the library's thread. */
#define _GNU_SOURCE 1

#include "backend.h"
#include "kernel.h"
#include "toolkit/clock.h"
#include "toolkit/toolkit.h"

#include <proclc.h>

#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static struct scenario s;

static void
begin(void)
{
	scenario_start(&s, "dispatch", NULL);
}

static void
end(void)
{
	scenario_send(&s, "return");
	scenario_expect_exit(&s, 0);
}

/* Have the object a tell of a signal. */
static void
handle(int signum, const char *kind)
{
	scenario_send(&s, "handle a %d %s", signum, kind);
	scenario_expect(&s, "handle 0");
}

static void
expect_delivery(int signum)
{
	scenario_send(&s, "kill %d", signum);
	scenario_expect(&s, "a: %d", signum);
}

/* How many threads it has; what the one called name blocks. */
static long
threads(const char *name, unsigned long long *blocked)
{
	char line[128], found[64];
	unsigned long long bits;

	*blocked = 0;
	scenario_send(&s, "threads");
	for (;;) {
		ck_assert(scenario_read_line(&s, line, sizeof(line), 0));
		if (sscanf(line, "thread %63s blocks %llx", found, &bits) != 2)
			break;
		if (strcmp(found, name) == 0)
			*blocked = bits;
	}
	ck_assert_int_eq(strncmp(line, "threads ", 8), 0);
	return strtol(line + 8, NULL, 10);
}

/* All signals but KILL, STOP and the C library's own. */
static unsigned long long
all_signals(void)
{
	unsigned long long bits = 0;
	sigset_t all;

	sigfillset(&all);
	for (int signum = 1; signum <= 64; signum++)
		if (sigismember(&all, signum) == 1)
			bits |= 1ULL << (signum - 1);
	return bits & ~(1ULL << (SIGKILL - 1)) & ~(1ULL << (SIGSTOP - 1));
}

START_TEST(thread_before_need_is_not_made)
{
	unsigned long long blocked;

	if (skip_without("threads", "proc"))
		return;
	begin();
	scenario_send(&s, "mode %d;new a;set a 10 say",
	    PROCLC_DISPATCH_THREAD);
	scenario_expect(&s, "mode 0");
	scenario_expect(&s, "new 0");
	scenario_expect(&s, "set 0");
	ck_assert_int_eq(threads("self", &blocked), 1);
	scenario_send(&s, "start a");
	scenario_expect(&s, "start 0");
	ck_assert_int_eq(threads("self", &blocked), 2);
	end();
}
END_TEST

/* While it waits only what is subscribed gets through. */
START_TEST(thread_is_named_and_blocks_all_else)
{
	unsigned long long blocked;

	if (skip_without("threads", "proc"))
		return;
	begin();
	handle(SIGUSR1, "say");
	expect_delivery(SIGUSR1);
	do
		threads("proclc", &blocked);
	while (blocked == all_signals());
	ck_assert_uint_eq(blocked,
	    all_signals() & ~(1ULL << (SIGUSR1 - 1)));
	threads("self", &blocked);
	ck_assert_uint_eq(blocked, 0);
	end();
}
END_TEST

START_TEST(thread_without_subscriber_blocks_all)
{
	unsigned long long blocked;

	if (skip_without("threads", "proc"))
		return;
	begin();
	handle(SIGUSR1, "say");
	expect_delivery(SIGUSR1);
	scenario_send(&s, "set a %d none", SIGUSR1);
	scenario_expect(&s, "set 0");
	do
		threads("proclc", &blocked);
	while (blocked != all_signals());
	end();
}
END_TEST

/* Nor while it runs a callback does it take what is meant for others. */
START_TEST(thread_in_a_callback_blocks_all)
{
	unsigned long long blocked;

	if (skip_without("threads", "proc"))
		return;
	begin();
	handle(SIGUSR1, "wait");
	scenario_send(&s, "kill %d", SIGUSR1);
	scenario_expect(&s, "a: in %d", SIGUSR1);
	threads("proclc", &blocked);
	ck_assert_uint_eq(blocked, all_signals());
	scenario_send(&s, "go");
	scenario_expect(&s, "a: out %d", SIGUSR1);
	end();
}
END_TEST

/* Nothing is waited for by time: not one wake-up. */
START_TEST(thread_idle_does_not_wake)
{
	int64_t before;
	char line[64];

	if (skip_without("threads", "proc"))
		return;
	begin();
	handle(SIGUSR1, "say");
	expect_delivery(SIGUSR1);
	ck_assert(!scenario_read_line(&s, line, sizeof(line), 100));
	before = kernel_waits(s.pid, "proclc");
	ck_assert_int_gt(before, 0);
	ck_assert(!scenario_read_line(&s, line, sizeof(line), 500));
	ck_assert_int_eq(kernel_waits(s.pid, "proclc"), before);
	end();
}
END_TEST

START_TEST(thread_callback_may_do_anything)
{
	begin();
	handle(SIGUSR1, "work");
	for (int i = 0; i < 10; i++) {
		scenario_send(&s, "kill %d", SIGUSR1);
		scenario_expect(&s, "a: worked %d", SIGUSR1);
	}
	end();
}
END_TEST

/* It says so in design and manual: only that callback ends. */
START_TEST(thread_outlives_pthread_exit_in_a_callback)
{
	begin();
	handle(SIGUSR1, "quit");
	handle(SIGUSR2, "say");
	for (int i = 0; i < 2; i++) {
		scenario_send(&s, "kill %d", SIGUSR1);
		scenario_expect(&s, "a: quits on %d", SIGUSR1);
		expect_delivery(SIGUSR2);
	}
	end();
}
END_TEST

static void
use_stack(struct proclc_sighandler *h,
    const struct proclc_signal_event *event, void *user)
{
	volatile char much[6 << 20];

	(void)h;
	(void)event;
	for (size_t i = 0; i < sizeof(much); i += 4096)
		much[i] = 1;
	atomic_store((atomic_int *)user, much[4096]);
}

START_TEST(thread_has_the_stack_that_was_asked_for)
{
	struct proclc_sighandler *h;
	atomic_int done = 0;
	int64_t deadline;

	expect_library_threads();
	toolkit_expect(TOOLKIT_FDS);
	ck_assert_int_eq(proclc_set_dispatch_stack((1 << 20) - 1),
	    PROCLC_EINVAL);
	ck_assert_int_eq(proclc_set_dispatch_stack(8 << 20), 0);
	ck_assert_int_eq(proclc_sighandler_new(&h, NULL), 0);
	ck_assert_int_eq(proclc_sighandler_set(h, SIGUSR1, use_stack, &done),
	    0);
	ck_assert_int_eq(proclc_sighandler_start(h), 0);
	ck_assert_int_eq(proclc_set_dispatch_stack(8 << 20), PROCLC_EBUSY);
	deadline = clock_deadline(0);
	raise(SIGUSR1);
	while (!atomic_load(&done) && clock_left_ms(deadline) > 0)
		poll(NULL, 0, 1);
	ck_assert_int_eq(atomic_load(&done), 1);
	proclc_sighandler_free(h);
}
END_TEST

START_TEST(thread_callback_cannot_dispatch_nor_daemonize)
{
	begin();
	handle(SIGUSR1, "dispatch");
	scenario_send(&s, "kill %d", SIGUSR1);
	scenario_expect(&s, "dispatch inside PROCLC_EINVAL");
	scenario_expect(&s, "daemonize inside PROCLC_ECALLBACK");
	end();
}
END_TEST

/* A program closes everything and has files of its own there. */
static bool
begin_closed(char path[1024])
{
	if (toolkit_skip_tsan(TSAN_CLOSE))
		return false;
	toolkit_expect(TOOLKIT_FILES);
	begin();
	handle(SIGUSR1, "say");
	snprintf(path, 1024, "%s/file", toolkit_dir());
	scenario_send(&s, "close_all;occupy %s", path);
	return true;
}

static long
size_of(const char *path)
{
	struct stat st;

	ck_assert_int_eq(stat(path, &st), 0);
	return (long)st.st_size;
}

START_TEST(thread_after_close_all_still_delivers)
{
	char path[1024];

	if (!begin_closed(path))
		return;
	for (int i = 0; i < 3; i++)
		expect_delivery(SIGUSR1);
	end();
	ck_assert_int_eq(size_of(path), 0);
}
END_TEST

START_TEST(thread_after_close_all_takes_new_signals)
{
	char path[1024];

	if (!begin_closed(path))
		return;
	handle(SIGUSR2, "say");
	expect_delivery(SIGUSR2);
	expect_delivery(SIGUSR1);
	end();
	ck_assert_int_eq(size_of(path), 0);
}
END_TEST

/* Files under the numbers of its pipes (one end, the other, both) are neither
 * written nor read. */
START_TEST(thread_leaves_reused_numbers_alone)
{
	if (toolkit_skip_tsan(TSAN_CLOSE))
		return;
	begin();
	toolkit_expect(TOOLKIT_FILES);
	handle(SIGUSR1, "say");
	expect_delivery(SIGUSR1);
	scenario_send(&s, "steal_pipes %s/file %d", toolkit_dir(), _i);
	handle(SIGUSR2, "say");
	expect_delivery(SIGUSR2);
	expect_delivery(SIGUSR1);
	scenario_send(&s, "stolen");
	scenario_expect(&s, "stolen: 4 bytes, read to 0");
	end();
}
END_TEST

/* Each process has its own events. */
START_TEST(thread_child_has_its_own)
{
	long child;

	if (toolkit_skip_tsan(TSAN_FORK))
		return;
	begin();
	handle(SIGUSR1, "say");
	scenario_send(&s, "fork");
	child = scenario_expect_number(&s, "forked ");
	scenario_send(&s, "child handle b %d say", SIGUSR1);
	scenario_expect(&s, "child handle 0");
	for (int i = 0; i < 3; i++) {
		expect_delivery(SIGUSR1);
		ck_assert_int_eq(kill((pid_t)child, SIGUSR1), 0);
		scenario_expect(&s, "child b: %d", SIGUSR1);
	}
	scenario_send(&s, "child _exit 3;reap");
	scenario_expect(&s, "reaped 0 3");
	expect_delivery(SIGUSR1);
	end();
}
END_TEST

START_TEST(thread_child_has_no_descriptor_of_ours)
{
	long before;

	begin();
	scenario_send(&s, "fds");
	before = scenario_expect_number(&s, "fds ");
	handle(SIGUSR1, "say");
	scenario_send(&s, "fork");
	scenario_expect_number(&s, "forked ");
	scenario_send(&s, "child fds;child _exit 0;reap");
	scenario_expect(&s, "child fds %ld", before);
	scenario_expect(&s, "reaped 0 0");
	end();
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("dispatch");
	TCase *thread = tcase_create("thread");
	TCase *fds = tcase_create("descriptors");

	tcase_add_checked_fixture(thread, toolkit_setup, toolkit_teardown);
	tcase_add_test(thread, thread_before_need_is_not_made);
	tcase_add_test(thread, thread_is_named_and_blocks_all_else);
	tcase_add_test(thread, thread_without_subscriber_blocks_all);
	tcase_add_test(thread, thread_in_a_callback_blocks_all);
	tcase_add_test(thread, thread_idle_does_not_wake);
	tcase_add_test(thread, thread_callback_may_do_anything);
	tcase_add_test(thread, thread_outlives_pthread_exit_in_a_callback);
	tcase_add_test(thread, thread_has_the_stack_that_was_asked_for);
	tcase_add_test(thread, thread_callback_cannot_dispatch_nor_daemonize);
	tcase_add_test(thread, thread_child_has_its_own);
	suite_add_tcase(suite, thread);
	tcase_add_checked_fixture(fds, toolkit_setup, toolkit_teardown);
	tcase_add_test(fds, thread_after_close_all_still_delivers);
	tcase_add_test(fds, thread_after_close_all_takes_new_signals);
	tcase_add_test(fds, thread_child_has_no_descriptor_of_ours);
	tcase_add_loop_test(fds, thread_leaves_reused_numbers_alone, 1, 4);
	suite_add_tcase(suite, fds);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
