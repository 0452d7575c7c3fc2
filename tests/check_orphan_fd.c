/* What a watch says of itself, and its descriptor for event loops. */
#define _GNU_SOURCE 1

#include "backend.h"
#include "settle.h"
#include "toolkit/clock.h"
#include "toolkit/toolkit.h"

#include <proclc.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static struct proclc_orphan *watch;
static pid_t child;

static void
do_nothing(struct proclc_orphan *w, void *user)
{
	(void)w;
	(void)user;
}

/* Of a child that waits to be killed; the process is told only. */
static void
make(uint32_t backend)
{
	struct proclc_orphan_options o = PROCLC_ORPHAN_OPTIONS_INIT;

	child = fork();
	if (child == 0)
		for (;;)
			pause();
	o.pid = child;
	o.backend = backend;
	o.poll_interval_ms = 10;
	ck_assert_int_eq(proclc_orphan_new(&watch, &o), 0);
	ck_assert_int_eq(proclc_orphan_add_callback(watch, do_nothing, NULL),
	    0);
}

/* Reaped, for without a handle a zombie may look alive. */
static void
end_child(void)
{
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	child = 0;
}

static void
setup(void)
{
	toolkit_setup();
	expect_library_threads();
	toolkit_expect(TOOLKIT_FDS);
}

static void
teardown(void)
{
	proclc_orphan_free(watch);
	watch = NULL;
	if (child > 0)
		end_child();
	toolkit_teardown();
}

static bool
gone_within(int64_t ms)
{
	int64_t deadline = clock_deadline((int)ms);

	while (proclc_orphan_status(watch) != PROCLC_ORPHAN_GONE)
		if (clock_left_ms(deadline) == 0)
			return false;
	return true;
}

static void
expect_story(const char *backend)
{
	int fd;

	ck_assert_int_eq(proclc_orphan_status(watch), PROCLC_ORPHAN_IDLE);
	ck_assert_int_eq(proclc_orphan_fd(watch), PROCLC_ENOTRUNNING);
	ck_assert_int_eq(proclc_orphan_start(watch), 0);
	ck_assert_int_eq(proclc_orphan_status(watch), PROCLC_ORPHAN_WATCHING);
	ck_assert_str_eq(proclc_orphan_backend(watch), backend);
	fd = proclc_orphan_fd(watch);
	ck_assert_int_ge(fd, 3);
	ck_assert(!fd_readable_within(fd, 30));
	end_child();
	ck_assert(fd_readable_within(fd, 0));
	ck_assert(gone_within(0));
	/* Who asks later is told, too. */
	ck_assert(fd_readable_within(proclc_orphan_fd(watch), 0));
	ck_assert_int_eq(proclc_orphan_stop(watch), 0);
	ck_assert_int_eq(proclc_orphan_status(watch), PROCLC_ORPHAN_IDLE);
	ck_assert_int_eq(proclc_orphan_fd(watch), PROCLC_ENOTRUNNING);
	ck_assert_int_eq(proclc_orphan_start(watch), PROCLC_EORPHANED);
}

START_TEST(fd_with_a_handle_is_readable_from_the_end_on)
{
	if (skip_without("process", "pidfd"))
		return;
	make(_i == 0 ? 0 : PROCLC_ORPHAN_PIDFD);
	expect_story("pidfd");
}
END_TEST

START_TEST(fd_without_a_handle_is_readable_from_the_end_on)
{
	make(PROCLC_ORPHAN_POLL);
	expect_story("poll");
}
END_TEST

START_TEST(handle_that_is_not_to_be_had_is_ENOTSUP)
{
	if (backend_is("process", "pidfd")) {
		toolkit_skip("no handles: there are");
		return;
	}
	make(PROCLC_ORPHAN_PIDFD);
	ck_assert_int_eq(proclc_orphan_start(watch), PROCLC_ENOTSUP);
	ck_assert_int_eq(proclc_orphan_status(watch), PROCLC_ORPHAN_IDLE);
}
END_TEST

/* Neither a thread nor a dispatch. */
START_TEST(fd_needs_no_thread)
{
	struct os_thread *threads;
	int n;

	if (skip_without("process", "pidfd") ||
	    skip_without("ready", "epoll"))
		return;
	ck_assert_int_eq(proclc_set_dispatch_mode(PROCLC_DISPATCH_MANUAL |
	    PROCLC_NO_THREADS), 0);
	make(0);
	ck_assert_int_eq(proclc_orphan_start(watch), 0);
	n = os_threads(&threads);
	free(threads);
	if (n != OS_UNKNOWN && !toolkit_skip_tsan(TSAN_THREAD))
		ck_assert_int_eq(n, 1);
	ck_assert(!fd_readable_within(proclc_orphan_fd(watch), 30));
	end_child();
	ck_assert(fd_readable_within(proclc_orphan_fd(watch), 0));
}
END_TEST

START_TEST(forked_child_learns_nothing_of_its_parents_watch)
{
	int status;
	pid_t pid;

	make(_i == 0 ? 0 : PROCLC_ORPHAN_POLL);
	ck_assert_int_eq(proclc_orphan_start(watch), 0);
	ck_assert_int_ge(proclc_orphan_fd(watch), 3);
	pid = fork();
	if (pid == 0)
		_exit(proclc_orphan_status(watch) == PROCLC_ENOTOWNER &&
		    proclc_orphan_fd(watch) == PROCLC_ENOTOWNER ? 0 : 1);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	ck_assert_int_eq(proclc_orphan_status(NULL), PROCLC_EINVAL);
	ck_assert_int_eq(proclc_orphan_fd(NULL), PROCLC_EINVAL);
}
END_TEST

/* The dispatcher has found the handle closed, and says so. */

static struct {
	_Atomic int looking, stopping, called;
} look;

static void
count(struct proclc_orphan *w, void *user)
{
	(void)w;
	(void)user;
	look.called++;
}

/* Comes back when the test's thread, which stops the watch, waits for it. */
static void
hold_the_dispatcher(const char *line, void *user)
{
	struct os_process state = { .state = '?' };
	int times = 0;

	(void)line;
	(void)user;
	look.looking = 1;
	while (times < 5) {
		poll(NULL, 0, 1);
		os_process(getpid(), &state);
		times = look.stopping && state.state == 'S' ? times + 1 : 0;
	}
}

static void
close_the_handle(void)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	ck_assert_int_ge(null, 0);
	dup2(null, proclc_orphan_fd(watch));
	close(null);
}

/* What the look would have put back stays out: the watch may be freed. */
START_TEST(stop_in_the_middle_of_a_look_is_the_end)
{
	struct proclc_orphan_options o = PROCLC_ORPHAN_OPTIONS_INIT;
	struct proclc_orphan *other;

	if (skip_without("process", "pidfd") ||
	    skip_without("threads", "proc"))
		return;
	make(0);
	ck_assert_int_eq(proclc_orphan_add_callback(watch, count, NULL), 0);
	ck_assert_int_eq(proclc_orphan_new(&other, &o), 0);
	ck_assert_int_eq(proclc_orphan_start(watch), 0);
	proclc_set_log(hold_the_dispatcher, NULL);
	close_the_handle();
	/* It looks at all of them when there is a new one. */
	ck_assert_int_eq(proclc_orphan_start(other), 0);
	while (!look.looking)
		poll(NULL, 0, 1);
	look.stopping = 1;
	ck_assert_int_eq(proclc_orphan_stop(watch), 0);
	proclc_set_log(NULL, NULL);
	end_child();
	/* Ten of its intervals. */
	poll(NULL, 0, 100);
	ck_assert_int_eq(look.called, 0);
	proclc_orphan_free(other);
	toolkit_mark();
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("orphan_fd");
	TCase *tcase = tcase_create("orphan_fd");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase,
	    fd_with_a_handle_is_readable_from_the_end_on, 0, 2);
	tcase_add_test(tcase, fd_without_a_handle_is_readable_from_the_end_on);
	tcase_add_test(tcase, handle_that_is_not_to_be_had_is_ENOTSUP);
	tcase_add_test(tcase, fd_needs_no_thread);
	tcase_add_loop_test(tcase,
	    forked_child_learns_nothing_of_its_parents_watch, 0, 2);
	tcase_add_test(tcase, stop_in_the_middle_of_a_look_is_the_end);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
