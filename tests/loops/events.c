/* What the library tells inside a loop: signals, ends of tasks, watches. */
#define _GNU_SOURCE 1

#include "loops.h"

#include "../kernel.h"
#include "../tasks.h"

#include <signal.h>

static void
listen_to(struct proclc_task *task, char letter)
{
	ck_assert_int_eq(proclc_task_on_exit(task, note_end,
	    letter_name(letter)), 0);
}

/* A watch of the task's process, with a callback for each letter. */
static struct proclc_orphan *
watch_task(struct proclc_task *task, const char *callbacks)
{
	struct proclc_orphan_options o = PROCLC_ORPHAN_OPTIONS_INIT;
	struct proclc_orphan *watch;

	o.pid = proclc_task_pid(task);
	o.poll_interval_ms = 20;
	ck_assert_int_eq(proclc_orphan_new(&watch, &o), 0);
	for (; *callbacks != '\0'; callbacks++)
		ck_assert_int_eq(proclc_orphan_add_callback(watch, note_gone,
		    letter_name(*callbacks)), 0);
	ck_assert_int_eq(proclc_orphan_start(watch), 0);
	return watch;
}

/* False, and said, where the kernel cannot be made to look like an old one. */
static bool
refuse_pidfds(void)
{
	if (kernel_refuse_pidfds())
		return true;
	toolkit_skip("a kernel without pidfds");
	return false;
}

/* All have come before the loop turns. */
START_TEST(signals_of_many_kinds_arrive_in_the_loop)
{
	struct proclc_sighandler *handler = handle(SIGTERM, 't');
	int round;

	add_signal(handler, SIGHUP, 'h');
	add_signal(handler, SIGINT, 'i');
	add_signal(handler, SIGUSR1, 'u');
	add_signal(handler, SIGWINCH, 'w');
	add_signal(handler, SIGRTMIN + 3, 'r');
	for (round = 0; round < 3; round++) {
		kill(getpid(), SIGRTMIN + 3);
		kill(getpid(), SIGTERM);
		kill(getpid(), SIGINT);
		kill(getpid(), SIGWINCH);
		kill(getpid(), SIGUSR1);
		kill(getpid(), SIGHUP);
		expect_heard("hiutwr");
	}
	expect_nothing_heard();
	proclc_sighandler_free(handler);
}
END_TEST

/* A body: signals its parent once that sleeps, and a moment longer, as it
 * sleeps in a loop. */
static int
signal_sleeper(void *unused)
{
	int64_t deadline = clock_deadline(5000);
	int times = 0;

	(void)unused;
	while (times < 5 && clock_left_ms(deadline) > 0) {
		poll(NULL, 0, 1);
		times = process_state(getppid()) == 'S' ? times + 1 : 0;
	}
	kill(getppid(), SIGUSR1);
	return 0;
}

START_TEST(signal_and_end_of_a_task_wake_a_sleeping_loop)
{
	static const struct proclc_task_ops ops = {
		.size = sizeof(ops), .name = "sender", .run = signal_sleeper,
	};
	struct proclc_sighandler *handler = handle(SIGUSR1, 's');
	struct proclc_task *task = task_make(&ops, NULL, 0);

	listen_to(task, 'e');
	expect_heard("se");
	proclc_task_free(task);
	proclc_sighandler_free(handler);
}
END_TEST

START_TEST(ends_of_many_tasks_arrive_once_each)
{
	enum { N = 20 };
	struct proclc_task *tasks[N];
	int i;

	for (i = 0; i < N; i++) {
		tasks[i] = start_waiter();
		listen_to(tasks[i], 'e');
	}
	expect_nothing_heard();
	let_waiters_go(1);
	expect_heard("e");
	let_waiters_go(N - 1);
	expect_heard("eeeeeeeeeeeeeeeeeee");
	expect_nothing_heard();
	for (i = 0; i < N; i++)
		proclc_task_free(tasks[i]);
}
END_TEST

/* One callback a call of proclc_dispatch(): the others are due, and only the
 * descriptor tells the loop so. */
START_TEST(every_callback_of_a_watch_arrives)
{
	struct proclc_task *task = start_waiter();
	struct proclc_orphan *watch = watch_task(task, "abcdef");

	expect_nothing_heard();
	let_waiters_go(1);
	expect_heard("abcdef");
	expect_nothing_heard();
	proclc_orphan_free(watch);
	proclc_task_free(task);
}
END_TEST

/* The ends are to be asked for: due times alone turn the loop, and not more
 * often than they come. */
START_TEST(due_times_turn_the_loop)
{
	enum { TURNS = 8, INTERVAL_MS = 20 };
	struct proclc_task *task;
	struct proclc_orphan *watch;
	int64_t start;

	if (!refuse_pidfds())
		return;
	task = start_waiter();
	watch = watch_task(task, "ab");
	ck_assert_str_eq(proclc_orphan_backend(watch), "poll");
	loop_once();
	calls_of_dispatch();
	start = clock_now_ms();
	for (int turns = 0; turns < TURNS; turns += calls_of_dispatch())
		loop_once();
	ck_assert_int_ge(clock_now_ms() - start, (TURNS - 2) * INTERVAL_MS);
	listen_to(task, 'e');
	proclc_orphan_stop(watch);
	let_waiters_go(1);
	expect_heard("e");
	expect_nothing_heard();
	proclc_orphan_free(watch);
	proclc_task_free(task);
}
END_TEST

START_TEST(watch_without_a_handle_fires_in_the_loop)
{
	struct proclc_task *task;
	struct proclc_orphan *watch;

	if (!refuse_pidfds())
		return;
	task = start_waiter();
	watch = watch_task(task, "ab");
	let_waiters_go(1);
	/* A zombie is dead. */
	expect_heard("ab");
	expect_nothing_heard();
	proclc_orphan_free(watch);
	proclc_task_free(task);
}
END_TEST

/* Each frees its own object. */
static void
free_handler(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *user)
{
	note_signal(handler, event, user);
	proclc_sighandler_free(handler);
}

static void
free_task(struct proclc_task *task, const struct proclc_status *status,
    void *user)
{
	note_end(task, status, user);
	proclc_task_free(task);
}

static void
free_watch(struct proclc_orphan *watch, void *user)
{
	note_gone(watch, user);
	proclc_orphan_free(watch);
}

START_TEST(callbacks_may_free_their_objects)
{
	struct proclc_orphan_options o = PROCLC_ORPHAN_OPTIONS_INIT;
	struct proclc_sighandler *stays = handle(SIGUSR1, 's');
	struct proclc_sighandler *goes = handle(SIGUSR1, 'x');
	struct proclc_task *task = start_waiter();
	struct proclc_orphan *watch;

	proclc_sighandler_set(goes, SIGUSR1, free_handler, letter_name('g'));
	proclc_task_on_exit(task, free_task, letter_name('e'));
	o.pid = proclc_task_pid(task);
	ck_assert_int_eq(proclc_orphan_new(&watch, &o), 0);
	proclc_orphan_add_callback(watch, free_watch, letter_name('w'));
	ck_assert_int_eq(proclc_orphan_start(watch), 0);
	kill(getpid(), SIGUSR1);
	expect_heard("gs");
	let_waiters_go(1);
	/* The watch sees the end in one call, and says it in another. */
	expect_heard("ew");
	kill(getpid(), SIGUSR1);
	expect_heard("s");
	expect_nothing_heard();
	proclc_sighandler_free(stays);
}
END_TEST

static struct proclc_sighandler *made;

static void
make_more(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *user)
{
	struct proclc_task *task;

	note_signal(handler, event, user);
	made = handle(SIGHUP, 'h');
	ck_assert_int_eq(proclc_task_new(&task, &task_exits, NULL, 0, NULL),
	    0);
	ck_assert_int_eq(proclc_task_on_exit(task, free_task,
	    letter_name('e')), 0);
	proclc_sighandler_set(handler, SIGUSR1, NULL, NULL);
}

START_TEST(objects_that_a_callback_makes_work_in_the_loop)
{
	struct proclc_sighandler *handler = handle(SIGUSR1, 'x');

	proclc_sighandler_set(handler, SIGUSR1, make_more, letter_name('m'));
	kill(getpid(), SIGUSR1);
	expect_heard("me");
	kill(getpid(), SIGHUP);
	expect_heard("h");
	expect_nothing_heard();
	proclc_sighandler_free(made);
	proclc_sighandler_free(handler);
}
END_TEST

void
add_events(TCase *tcase)
{
	tcase_add_test(tcase, signals_of_many_kinds_arrive_in_the_loop);
	tcase_add_test(tcase, signal_and_end_of_a_task_wake_a_sleeping_loop);
	tcase_add_test(tcase, ends_of_many_tasks_arrive_once_each);
	tcase_add_test(tcase, every_callback_of_a_watch_arrives);
	tcase_add_test(tcase, due_times_turn_the_loop);
	tcase_add_test(tcase, watch_without_a_handle_fires_in_the_loop);
	tcase_add_test(tcase, callbacks_may_free_their_objects);
	tcase_add_test(tcase, objects_that_a_callback_makes_work_in_the_loop);
}
