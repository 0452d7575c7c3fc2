/* The library beside what the loop does of its own: neither disturbs the
 * other, and a loop that nothing happens in sleeps. */
#define _GNU_SOURCE 1

#include "loops.h"

#include "../tasks.h"

#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>

/* Two kinds for the library, the third for the loop's own watcher. */
enum { KINDS = 3, OWN = 2, EACH = 500 };
static const int signals[KINDS] = { SIGUSR1, SIGHUP, SIGUSR2 };

/* Shared with the sender: sent is counted before the sending. */
static struct board {
	atomic_int sent[KINDS];
	atomic_int end;
} *board;
static int seen[KINDS], calls[KINDS];
static int ticks;

static void
map_board(void)
{
	board = mmap(NULL, sizeof(*board), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(board, MAP_FAILED);
}

static void
saw(int kind)
{
	calls[kind]++;
	seen[kind] = atomic_load(&board->sent[kind]);
}

static void
see_signal(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *user)
{
	(void)handler;
	(void)user;
	saw(event->signum == signals[0] ? 0 : 1);
}

static void
see_own_signal(void)
{
	saw(OWN);
}

/* Handles the library's two kinds by fn, and the third by own. */
static struct proclc_sighandler *
handle_kinds(void (*fn)(struct proclc_sighandler *,
    const struct proclc_signal_event *, void *), void (*own)(void))
{
	struct proclc_sighandler *handler;

	ck_assert_int_eq(proclc_sighandler_new(&handler, NULL), 0);
	ck_assert_int_eq(proclc_sighandler_set(handler, signals[0], fn, NULL),
	    0);
	ck_assert_int_eq(proclc_sighandler_set(handler, signals[1], fn, NULL),
	    0);
	ck_assert_int_eq(proclc_sighandler_start(handler), 0);
	loop_on_signal(signals[OWN], own);
	return handler;
}

/* In turn each kind raises the next: none may be lost or come twice. */
static void
raise_next(int kind)
{
	calls[kind]++;
	if (calls[OWN] < EACH)
		kill(getpid(), signals[(kind + 1) % KINDS]);
	else
		loop_stop();
}

static void
pass_on(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *user)
{
	(void)handler;
	(void)user;
	raise_next(event->signum == signals[0] ? 0 : 1);
}

static void
pass_on_own(void)
{
	raise_next(OWN);
}

START_TEST(thousand_signals_and_500_of_the_loop_arrive_in_turn)
{
	struct proclc_sighandler *handler = handle_kinds(pass_on,
	    pass_on_own);

	kill(getpid(), signals[0]);
	loop_run();
	ck_assert_int_eq(calls[0], EACH);
	ck_assert_int_eq(calls[1], EACH);
	ck_assert_int_eq(calls[OWN], EACH);
	expect_nothing_heard();
	ck_assert_int_eq(calls[0] + calls[1] + calls[OWN], KINDS * EACH);
	loop_no_signal();
	proclc_sighandler_free(handler);
}
END_TEST

/* A body: EACH of each kind, or without end. */
static int
send_storm(void *endless)
{
	pid_t parent = getppid();
	int i, n = 0;

	while (n++ < EACH || (endless != NULL && atomic_load(&board->end) == 0))
		for (i = 0; i < KINDS; i++) {
			atomic_fetch_add(&board->sent[i], 1);
			kill(parent, signals[i]);
		}
	return 0;
}

static const struct proclc_task_ops storm = {
	.size = sizeof(storm), .name = "storm", .run = send_storm,
};

/* A signal is no counter; but after the last of a kind it is told of. */
START_TEST(last_signal_of_a_storm_is_told)
{
	struct proclc_sighandler *handler;
	struct proclc_task *task;

	map_board();
	handler = handle_kinds(see_signal, see_own_signal);
	task = task_make(&storm, NULL, 0);
	ck_assert_int_eq(proclc_task_on_exit(task, note_end,
	    letter_name('e')), 0);
	expect_heard("e");
	for (int i = 0; i < KINDS; i++) {
		while (seen[i] < EACH)
			loop_once();
		ck_assert_int_le(calls[i], EACH);
	}
	loop_no_signal();
	proclc_task_free(task);
	proclc_sighandler_free(handler);
	munmap(board, sizeof(*board));
}
END_TEST

static void
count_tick(void)
{
	ticks++;
	if (ticks >= 20 && calls[0] > 0 && calls[1] > 0 && calls[OWN] > 0)
		loop_stop();
}

/* The library has work all the time, and the loop's turn comes. */
START_TEST(timer_and_signal_of_the_loop_go_on_in_a_storm)
{
	struct proclc_sighandler *handler;
	struct proclc_task *task;
	int64_t start;
	bool endless = true;

	map_board();
	handler = handle_kinds(see_signal, see_own_signal);
	start = clock_now_ms();
	loop_every(5, count_tick);
	task = task_make(&storm, &endless, 0);
	loop_run();
	/* None comes early: a timer may start up to a turn of the loop ago. */
	ck_assert_int_ge(clock_now_ms() - start, 80);
	loop_no_timer();
	atomic_store(&board->end, 1);
	task_expect(task, PROCLC_STATUS_EXITED, 0);
	loop_no_signal();
	proclc_task_free(task);
	proclc_sighandler_free(handler);
	munmap(board, sizeof(*board));
}
END_TEST

static bool second_is_over;

static void
end_second(void)
{
	second_is_over = true;
	loop_stop();
}

static int
turns_in_a_second(void)
{
	int turns = 0;

	second_is_over = false;
	loop_every(1000, end_second);
	while (!second_is_over) {
		loop_once();
		turns++;
	}
	loop_no_timer();
	return turns;
}

/* Something of every kind; the objects stay.  What was due comes last, so that
 * no other change sets the time anew. */
static void
have_events(struct proclc_task **task, struct proclc_orphan **watch)
{
	struct proclc_orphan_options o = PROCLC_ORPHAN_OPTIONS_INIT;

	kill(getpid(), SIGUSR1);
	expect_heard("u");
	*task = start_waiter();
	o.pid = proclc_task_pid(*task);
	ck_assert_int_eq(proclc_orphan_new(watch, &o), 0);
	ck_assert_int_eq(proclc_orphan_add_callback(*watch, note_gone,
	    letter_name('w')), 0);
	ck_assert_int_eq(proclc_task_on_exit(*task, note_end,
	    letter_name('e')), 0);
	ck_assert_int_eq(proclc_orphan_start(*watch), 0);
	ck_assert_int_eq(proclc_task_kill(*task, SIGKILL), 0);
	expect_heard("ew");
}

/* Before anything has come, and after something has. */
START_TEST(idle_loop_does_not_turn)
{
	enum { TURNS_MAX = 5 };     /* its own, for its timer */
	struct proclc_task *task, *ended = NULL;
	struct proclc_orphan *parent, *fired = NULL;
	struct proclc_sighandler *handler;

	if (skip_without("process", "pidfd"))
		return;
	handler = handle(SIGUSR1, 'u');
	task = start_waiter();
	proclc_task_on_exit(task, note_end, letter_name('x'));
	ck_assert_int_eq(proclc_orphan_new(&parent, NULL), 0);
	proclc_orphan_add_callback(parent, note_gone, letter_name('p'));
	ck_assert_int_eq(proclc_orphan_start(parent), 0);
	if (_i == 1)
		have_events(&ended, &fired);
	/* A change of what is polled may wake it once. */
	expect_nothing_heard();
	calls_of_dispatch();
	ck_assert_int_le(turns_in_a_second(), TURNS_MAX);
	ck_assert_int_eq(calls_of_dispatch(), 0);
	ck_assert_int_eq(proclc_task_kill(task, SIGKILL), 0);
	expect_heard("x");
	proclc_orphan_free(parent);
	proclc_orphan_free(fired);
	proclc_task_free(task);
	proclc_task_free(ended);
	proclc_sighandler_free(handler);
}
END_TEST

static void
leave_loop(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *user)
{
	note_signal(handler, event, user);
	loop_unwatch();
	loop_stop();
}

/* Between, nothing runs; and what came then is not lost. */
START_TEST(loop_that_a_callback_leaves_takes_up_what_came_meanwhile)
{
	struct proclc_sighandler *handler = handle(SIGUSR1, 's');
	struct proclc_task *task = task_start(&task_exits, NULL);
	int round;

	ck_assert_int_eq(proclc_sighandler_set(handler, SIGHUP, leave_loop,
	    letter_name('l')), 0);
	for (round = 0; round < 3; round++) {
		kill(getpid(), SIGHUP);
		expect_heard("l");
		kill(getpid(), SIGUSR1);
		if (round == 0)
			proclc_task_on_exit(task, note_end, letter_name('e'));
		expect_nothing_heard();
		ck_assert_int_eq(calls_of_dispatch(), 1);
		watch_library();
		expect_heard(round == 0 ? "se" : "s");
		calls_of_dispatch();
	}
	proclc_task_free(task);
	proclc_sighandler_free(handler);
}
END_TEST

static void
count_call(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *user)
{
	(void)handler;
	(void)event;
	(*(int *)user)++;
}

/* The library needs no loop, and one can be made anew. */
START_TEST(library_outlives_the_loop)
{
	struct proclc_sighandler *handler = handle(SIGUSR1, 'u');
	int called = 0;

	kill(getpid(), SIGUSR1);
	expect_heard("u");
	loop_unwatch();
	loop_close();
	proclc_sighandler_set(handler, SIGUSR1, count_call, &called);
	kill(getpid(), SIGUSR1);
	ck_assert_int_eq(proclc_dispatch(0), 0);
	ck_assert_int_eq(called, 1);
	loop_open();
	watch_library();
	add_signal(handler, SIGUSR1, 'u');
	kill(getpid(), SIGUSR1);
	expect_heard("u");
	proclc_sighandler_free(handler);
}
END_TEST

void
add_beside(TCase *tcase)
{
	tcase_add_test(tcase,
	    thousand_signals_and_500_of_the_loop_arrive_in_turn);
	tcase_add_test(tcase, last_signal_of_a_storm_is_told);
	tcase_add_test(tcase, timer_and_signal_of_the_loop_go_on_in_a_storm);
	tcase_add_loop_test(tcase, idle_loop_does_not_turn, 0, 2);
	tcase_add_test(tcase,
	    loop_that_a_callback_leaves_takes_up_what_came_meanwhile);
	tcase_add_test(tcase, library_outlives_the_loop);
}
