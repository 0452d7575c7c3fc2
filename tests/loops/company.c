/* Other threads, other children and the end of the process, in a loop. */
#define _GNU_SOURCE 1

#include "loops.h"

#include "../tasks.h"

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

static pid_t loop_thread;

/* Signals itself once the loop sleeps, and so does not interrupt it. */
static void *
take_signal(void *unused)
{
	int64_t deadline = clock_deadline(5000);
	int times = 0;

	while (times < 5 && clock_left_ms(deadline) > 0) {
		poll(NULL, 0, 1);
		times = process_state(loop_thread) == 'S' ? times + 1 : 0;
	}
	pthread_kill(pthread_self(), SIGUSR1);
	return unused;
}

START_TEST(signal_that_another_thread_takes_wakes_the_loop)
{
	struct proclc_sighandler *handler = handle(SIGUSR1, 'u');
	pthread_t thread;

	loop_thread = getpid();
	ck_assert_int_eq(pthread_create(&thread, NULL, take_signal, NULL), 0);
	expect_heard("u");
	pthread_join(thread, NULL);
	proclc_sighandler_free(handler);
}
END_TEST

static int codes[2], n_codes;

static void
note_code(int code)
{
	ck_assert_int_lt(n_codes, 2);
	codes[n_codes++] = code;
	loop_stop();
}

/* Neither reaps the other's. */
START_TEST(children_of_the_loop_and_tasks_are_beside_each_other)
{
	struct proclc_task *lives = start_waiter(), *task;
	int seven = 7, round;

	toolkit_expect_signal(SIGCHLD);     /* the loop's, which may stay */
	for (round = 0; round < 2; round++) {
		if (!loop_spawn(round == 0 ? "true" : "false", note_code)) {
			toolkit_skip("%s has no children", loop_name);
			break;
		}
		task = task_make(&task_exits, &seven, 0);
		proclc_task_on_exit(task, note_end, letter_name('e'));
		while (n_codes == round)
			loop_run();
		ck_assert_int_eq(codes[round], round);
		expect_heard("e");
		task_expect(task, PROCLC_STATUS_EXITED, 7);
		proclc_task_free(task);
	}
	ck_assert_int_eq(task_kind(lives), PROCLC_STATUS_RUNNING);
	let_waiters_go(1);
	task_expect(lives, PROCLC_STATUS_EXITED, 0);
	proclc_task_free(lives);
}
END_TEST

static int said[2];

static void
say_exit(void *user, const struct proclc_exit_cause *cause)
{
	char letter = cause->kind == PROCLC_EXIT_SIGNAL ? *(char *)user : '!';

	if (write(said[1], &letter, 1) != 1)
		abort();
}

static void
terminate_self(void)
{
	loop_no_timer();
	kill(getpid(), SIGTERM);
}

/* With a loop of its own: the end comes out of proclc_dispatch().  Two
 * signals have a handler of the test's runner. */
static void
end_in_the_loop(void)
{
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	loop_open();
	watch_library();
	if (proclc_atexit_register(say_exit, letter_name('b'), 0) < 0 ||
	    proclc_atexit_register(say_exit, letter_name('a'), 0) < 0 ||
	    proclc_atexit_install(NULL) < 0)
		_exit(1);
	loop_every(1, terminate_self);
	loop_run();
	_exit(2);
}

START_TEST(exit_handlers_run_when_a_signal_ends_the_loop)
{
	int status;
	char text[3] = "";
	pid_t child;

	loop_unwatch();
	loop_close();
	ck_assert_int_eq(os_pipe(said), 0);
	child = fork();
	if (child == 0)
		end_in_the_loop();
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM,
	    "status %x", (unsigned)status);
	ck_assert_int_eq(read(said[0], text, 2), 2);
	ck_assert_str_eq(text, "ab");
	close(said[0]);
	close(said[1]);
	loop_open();
	watch_library();
}
END_TEST

void
add_company(TCase *tcase)
{
	tcase_add_test(tcase, signal_that_another_thread_takes_wakes_the_loop);
	tcase_add_test(tcase,
	    children_of_the_loop_and_tasks_are_beside_each_other);
	tcase_add_test(tcase, exit_handlers_run_when_a_signal_ends_the_loop);
}
