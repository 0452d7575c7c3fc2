/* Waiting at a handler object: whom it tells, once, and where the callbacks
 * run meanwhile. */
#define _GNU_SOURCE 1

#include "backend.h"
#include "kernel.h"
#include "letters.h"
#include "settle.h"
#include "toolkit/clock.h"

#include <proclc.h>

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

static struct proclc_sighandler *h;
static pthread_t called_on, waiter;
static int gate[2];

static void
put_letter(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *user)
{
	(void)handler;
	(void)event;
	called_on = pthread_self();
	letter_put(*(char *)user);
}

static void
handle(int signum, void (*fn)(struct proclc_sighandler *,
    const struct proclc_signal_event *, void *), void *user)
{
	ck_assert_int_eq(proclc_sighandler_set(h, signum, fn, user), 0);
}

static void
setup(void)
{
	toolkit_setup();
	expect_library_threads();
	ck_assert_int_eq(proclc_sighandler_new(&h, NULL), 0);
	handle(SIGUSR2, PROCLC_SIGNAL_WAIT, NULL);
	/* With the library's thread there, only the test's own is compared. */
	ck_assert_int_eq(proclc_sighandler_start(h), 0);
	ck_assert_int_eq(proclc_sighandler_stop(h), 0);
	settle();
	toolkit_mark();
	letters_open();
	ck_assert_int_eq(os_pipe(gate), 0);
	ck_assert_int_eq(proclc_sighandler_start(h), 0);
}

static void
teardown(void)
{
	proclc_sighandler_free(h);
	h = NULL;
	letters_close();
	close(gate[0]);
	close(gate[1]);
	toolkit_teardown();
}

static void *
wait_long(void *object)
{
	return (void *)(intptr_t)proclc_sighandler_wait(object,
	    clock_left_ms(clock_deadline(0)));
}

/* Another thread waits, and sleeps in it. */
static void
begin_waiter(void)
{
	ck_assert_int_eq(pthread_create(&waiter, NULL, wait_long, h), 0);
	settle();
}

static int
waiter_result(void)
{
	void *result;

	ck_assert_int_eq(pthread_join(waiter, &result), 0);
	return (int)(intptr_t)result;
}

START_TEST(wait_tells_a_signal_that_came_before)
{
	ck_assert_int_eq(proclc_sighandler_wait(h, 0), PROCLC_ETIMEDOUT);
	raise(SIGUSR2);
	ck_assert_int_eq(proclc_sighandler_wait(h, PROCLC_FOREVER), SIGUSR2);
	ck_assert_int_eq(proclc_sighandler_wait(h, 0), PROCLC_ETIMEDOUT);
}
END_TEST

START_TEST(wait_is_woken_by_a_signal)
{
	begin_waiter();
	raise(SIGUSR2);
	ck_assert_int_eq(waiter_result(), SIGUSR2);
}
END_TEST

/* Each of 1000 is told, for the next is sent after that. */
START_TEST(wait_tells_one_after_the_other)
{
	char a[] = "a";

	handle(SIGUSR1, put_letter, a);
	for (int i = 0; i < 1000; i++) {
		int signum = i % 2 == 0 ? SIGUSR1 : SIGUSR2;

		raise(signum);
		ck_assert_int_eq(proclc_sighandler_wait(h, PROCLC_FOREVER),
		    signum);
		if (signum == SIGUSR1)
			ck_assert_int_eq(letter_get(0), 'a');
	}
}
END_TEST

START_TEST(wait_timeout_is_kept)
{
	int64_t begun = clock_now_ms();

	ck_assert_int_eq(proclc_sighandler_wait(h, 50), PROCLC_ETIMEDOUT);
	ck_assert_int_ge(clock_now_ms() - begun, 50);
	ck_assert_int_eq(proclc_sighandler_wait(h, -3), PROCLC_EINVAL);
	ck_assert_int_eq(proclc_sighandler_wait(NULL, 0), PROCLC_EINVAL);
}
END_TEST

START_TEST(wait_at_a_stopped_object_is_ENOTRUNNING)
{
	begin_waiter();
	ck_assert_int_eq(proclc_sighandler_stop(h), 0);
	ck_assert_int_eq(waiter_result(), PROCLC_ENOTRUNNING);
	ck_assert_int_eq(proclc_sighandler_wait(h, 1), PROCLC_ENOTRUNNING);
}
END_TEST

/* Also when its callback has run before the other's. */
START_TEST(wait_is_not_told_of_what_is_ignored)
{
	char a[] = "a";

	handle(SIGUSR1, PROCLC_SIGNAL_IGNORE, NULL);
	handle(SIGURG, PROCLC_SIGNAL_DEFAULT, NULL);
	handle(SIGUSR2, put_letter, a);
	raise(SIGUSR1);
	raise(SIGURG);
	raise(SIGUSR2);
	ck_assert_int_eq(proclc_sighandler_wait(h, PROCLC_FOREVER), SIGUSR2);
	ck_assert_int_eq(letter_get(0), 'a');
	ck_assert_int_eq(proclc_sighandler_wait(h, 30), PROCLC_ETIMEDOUT);
}
END_TEST

START_TEST(callback_runs_on_the_thread_that_waits)
{
	char a[] = "a";

	handle(SIGUSR1, put_letter, a);
	begin_waiter();
	raise(SIGUSR1);
	ck_assert_int_eq(letter_get(0), 'a');
	ck_assert(pthread_equal(called_on, waiter));
	ck_assert_int_eq(waiter_result(), SIGUSR1);
	raise(SIGUSR1);
	ck_assert_int_eq(letter_get(0), 'a');
	ck_assert(!pthread_equal(called_on, pthread_self()));
	ck_assert_int_eq(proclc_sighandler_wait(h, PROCLC_FOREVER), SIGUSR1);
}
END_TEST

/* Two threads, two signals: each is told one. */
START_TEST(wait_tells_each_signal_to_one_thread)
{
	pthread_t other;
	void *result;
	int first;

	ck_assert_int_eq(pthread_create(&other, NULL, wait_long, h), 0);
	begin_waiter();
	handle(SIGUSR1, PROCLC_SIGNAL_WAIT, NULL);
	raise(SIGUSR1);
	raise(SIGUSR2);
	first = waiter_result();
	ck_assert_int_eq(pthread_join(other, &result), 0);
	ck_assert_int_eq(first + (int)(intptr_t)result, SIGUSR1 + SIGUSR2);
	ck_assert(first == SIGUSR1 || first == SIGUSR2);
}
END_TEST

static void
wait_inside(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *user)
{
	(void)event;
	letter_put(proclc_sighandler_wait(handler, 0) ==
	    *(const int *)user ? 'y' : 'n');
}

/* On the dispatcher nobody else could bring a signal; elsewhere it may. */
START_TEST(wait_in_a_callback_is_ECALLBACK_on_the_dispatcher)
{
	int on_dispatcher = PROCLC_ECALLBACK, elsewhere = PROCLC_ETIMEDOUT;

	handle(SIGUSR1, wait_inside, &on_dispatcher);
	raise(SIGUSR1);
	ck_assert_int_eq(letter_get(0), 'y');
	ck_assert_int_eq(proclc_sighandler_wait(h, PROCLC_FOREVER), SIGUSR1);
	handle(SIGUSR1, wait_inside, &elsewhere);
	begin_waiter();
	raise(SIGUSR1);
	ck_assert_int_eq(letter_get(0), 'y');
	ck_assert_int_eq(waiter_result(), SIGUSR1);
}
END_TEST

static void
free_it(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *user)
{
	(void)event;
	(void)user;
	h = NULL;
	proclc_sighandler_free(handler);
	letter_put('f');
}

/* And the wait tells it all the same. */
START_TEST(callback_may_free_the_object_that_is_waited_at)
{
	handle(SIGUSR1, free_it, NULL);
	if (_i == 1)
		begin_waiter();
	raise(SIGUSR1);
	ck_assert_int_eq(letter_get(0), 'f');
	if (_i == 1)
		ck_assert_int_eq(waiter_result(), SIGUSR1);
}
END_TEST

static void
end_thread(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *user)
{
	(void)handler;
	(void)event;
	(void)user;
	letter_put('e');
	pthread_exit(NULL);
}

START_TEST(callback_may_end_the_thread_that_waits)
{
	char a[] = "a";

	handle(SIGUSR1, end_thread, NULL);
	begin_waiter();
	raise(SIGUSR1);
	ck_assert_int_eq(letter_get(0), 'e');
	ck_assert_int_eq(pthread_join(waiter, NULL), 0);
	/* It is told to the next, and nobody waits for that callback. */
	ck_assert_int_eq(proclc_sighandler_wait(h, PROCLC_FOREVER), SIGUSR1);
	/* Nor does anybody wait there. */
	handle(SIGUSR1, put_letter, a);
	raise(SIGUSR1);
	ck_assert_int_eq(letter_get(0), 'a');
	ck_assert_int_eq(proclc_sighandler_stop(h), 0);
}
END_TEST

static void
wait_at_gate(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *user)
{
	char byte;

	(void)handler;
	(void)event;
	(void)user;
	letter_put('w');
	while (read(gate[0], &byte, 1) != 1)
		continue;
	letter_put('g');
}

static void *
stop_it(void *object)
{
	proclc_sighandler_stop(object);
	letter_put('s');
	return NULL;
}

START_TEST(stop_waits_for_a_callback_on_the_thread_that_waits)
{
	pthread_t stopper;

	handle(SIGUSR1, wait_at_gate, NULL);
	begin_waiter();
	raise(SIGUSR1);
	ck_assert_int_eq(letter_get(0), 'w');
	ck_assert_int_eq(pthread_create(&stopper, NULL, stop_it, h), 0);
	settle();
	ck_assert_int_eq(letter_get(30), 0);
	ck_assert_int_eq(write(gate[1], "x", 1), 1);
	letters_expect("gs");
	pthread_join(stopper, NULL);
	ck_assert_int_eq(waiter_result(), SIGUSR1);
}
END_TEST

START_TEST(fd_is_readable_while_there_is_something_to_tell)
{
	int fd = proclc_sighandler_fd(h);

	ck_assert_int_ge(fd, 3);
	ck_assert_int_eq(proclc_sighandler_fd(h), fd);
	ck_assert(!fd_readable_within(fd, 1));
	for (int i = 0; i < 3; i++) {
		raise(SIGUSR2);
		ck_assert(fd_readable_within(fd, 0));
		ck_assert_int_eq(proclc_sighandler_wait(h, 0), SIGUSR2);
		ck_assert(!fd_readable_within(fd, 1));
	}
	/* One that came before it was asked for again. */
	raise(SIGUSR2);
	ck_assert(fd_readable_within(fd, 0));
	kernel_close(fd);
	fd = proclc_sighandler_fd(h);
	ck_assert_int_ge(fd, 3);
	ck_assert(fd_readable_within(fd, 0));
	ck_assert_int_eq(proclc_sighandler_fd(NULL), PROCLC_EINVAL);
}
END_TEST

/* Nothing of it is the child's. */
START_TEST(forked_child_does_not_wait_at_its_parents_object)
{
	int fd = proclc_sighandler_fd(h), status;
	pid_t pid = fork();

	if (pid == 0) {
		bool right = proclc_sighandler_wait(h, PROCLC_FOREVER) ==
		    PROCLC_ENOTOWNER && proclc_sighandler_fd(h) ==
		    PROCLC_ENOTOWNER && fcntl(fd, F_GETFD) < 0;

		proclc_sighandler_free(h);
		_exit(right ? 0 : 1);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	raise(SIGUSR2);
	ck_assert(fd_readable_within(fd, 0));
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("sigwait");
	TCase *tcase = tcase_create("sigwait");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, wait_tells_a_signal_that_came_before);
	tcase_add_test(tcase, wait_is_woken_by_a_signal);
	tcase_add_test(tcase, wait_tells_one_after_the_other);
	tcase_add_test(tcase, wait_timeout_is_kept);
	tcase_add_test(tcase, wait_at_a_stopped_object_is_ENOTRUNNING);
	tcase_add_test(tcase, wait_is_not_told_of_what_is_ignored);
	tcase_add_test(tcase, callback_runs_on_the_thread_that_waits);
	tcase_add_test(tcase, wait_tells_each_signal_to_one_thread);
	tcase_add_test(tcase,
	    wait_in_a_callback_is_ECALLBACK_on_the_dispatcher);
	tcase_add_loop_test(tcase,
	    callback_may_free_the_object_that_is_waited_at, 0, 2);
	tcase_add_test(tcase, callback_may_end_the_thread_that_waits);
	tcase_add_test(tcase,
	    stop_waits_for_a_callback_on_the_thread_that_waits);
	tcase_add_test(tcase,
	    fd_is_readable_while_there_is_something_to_tell);
	tcase_add_test(tcase,
	    forked_child_does_not_wait_at_its_parents_object);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
