/* Daemons of others, which do not lock their pid file: signalled only when
 * the caller says so, and only one that can have written the file. */
#define _GNU_SOURCE 1

#include "backend.h"
#include "kernel.h"
#include "toolkit/clock.h"
#include "toolkit/toolkit.h"

#include <proclc.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char path[1024];
static pid_t child;

static void
put_text(const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	ck_assert_int_ge(dprintf(fd, "%s", text), 0);
	close(fd);
}

static void
put_pid(long pid)
{
	char text[32];

	snprintf(text, sizeof(text), "%ld\n", pid);
	put_text(text);
}

/* The file is as old as that. */
static void
set_age(time_t seconds)
{
	struct timespec times[2];

	clock_gettime(CLOCK_REALTIME, &times[1]);
	times[1].tv_sec -= seconds;
	times[0] = times[1];
	ck_assert_int_eq(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void
setup(void)
{
	toolkit_setup();
	snprintf(path, sizeof(path), "%s/x", toolkit_dir());
	toolkit_expect(TOOLKIT_FILES);
	child = fork();
	if (child == 0)
		for (;;)
			pause();
}

static void
teardown(void)
{
	if (child > 0) {
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
	}
	toolkit_teardown();
}

static void
expect_child_ended_by(int signum)
{
	int status;

	ck_assert_int_eq(waitpid(child, &status, 0), child);
	child = 0;
	ck_assert(WIFSIGNALED(status));
	ck_assert_int_eq(WTERMSIG(status), signum);
}

/* Not touched, by any call. */
static void
expect_refused(int code)
{
	struct proclc_stop_options stop = PROCLC_STOP_OPTIONS_INIT;

	stop.signum = PROCLC_SEND_UNLOCKED;
	ck_assert_int_eq(proclc_send(path, SIGTERM | PROCLC_SEND_UNLOCKED),
	    code);
	ck_assert_int_eq(proclc_stop(path, &stop), code);
	ck_assert_int_eq(waitpid(child, NULL, WNOHANG), 0);
}

START_TEST(send_unlocked_reaches_a_process_older_than_the_file)
{
	put_pid(child);
	if (!backend_is("process", "pidfd")) {
		expect_refused(PROCLC_ENOTSUP);
		return;
	}
	ck_assert_int_eq(proclc_send(path, SIGUSR1), PROCLC_EUNLOCKED);
	ck_assert_int_eq(proclc_send(path, SIGUSR1 | PROCLC_SEND_UNLOCKED),
	    0);
	expect_child_ended_by(SIGUSR1);
	ck_assert_int_eq(proclc_send(path, SIGUSR1 | PROCLC_SEND_UNLOCKED),
	    PROCLC_ENOTRUNNING);
}
END_TEST

START_TEST(stop_unlocked_stops_a_process_older_than_the_file)
{
	struct proclc_stop_options stop = PROCLC_STOP_OPTIONS_INIT;
	pid_t stopper;
	int status;

	put_pid(child);
	if (skip_without("process", "pidfd"))
		return;
	stop.signum = SIGHUP | PROCLC_SEND_UNLOCKED;
	/* We reap the child, so another one stops it. */
	stopper = fork();
	if (stopper == 0)
		_exit(proclc_stop(path, &stop) == 0 ? 0 : 1);
	expect_child_ended_by(SIGHUP);
	ck_assert_int_eq(waitpid(stopper, &status, 0), stopper);
	ck_assert_int_eq(status, 0);
}
END_TEST

/* Another process has got the pid since the file was written. */
START_TEST(send_unlocked_spares_a_process_younger_than_the_file)
{
	put_pid(child);
	set_age(3600);
	if (skip_without("process", "pidfd"))
		return;
	expect_refused(PROCLC_EUNLOCKED);
	set_age(0);
	ck_assert_int_eq(proclc_send(path, SIGUSR1 | PROCLC_SEND_UNLOCKED),
	    0);
	expect_child_ended_by(SIGUSR1);
}
END_TEST

START_TEST(send_unlocked_spares_init_and_the_caller)
{
	if (!kernel_isolated() && geteuid() == 0) {
		toolkit_skip("a signal to init: not as root outside of"
		    " isolate");
		return;
	}
	put_pid(1);
	expect_refused(PROCLC_EUNLOCKED);
	put_pid(getpid());
	expect_refused(PROCLC_EUNLOCKED);
}
END_TEST

START_TEST(send_unlocked_judges_the_text_as_ever)
{
	put_text("0\n");
	expect_refused(PROCLC_EMALFORMED);
	put_text("-1\n");
	expect_refused(PROCLC_EMALFORMED);
	put_text("");
	expect_refused(PROCLC_ENOTRUNNING);
	ck_assert_int_eq(proclc_send(path, 4711 | PROCLC_SEND_UNLOCKED),
	    PROCLC_ESIGNAL);
	ck_assert_int_eq(proclc_send(path, PROCLC_SEND_UNLOCKED),
	    PROCLC_ESIGNAL);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("unlocked");
	TCase *tcase = tcase_create("unlocked");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase,
	    send_unlocked_reaches_a_process_older_than_the_file);
	tcase_add_test(tcase,
	    stop_unlocked_stops_a_process_older_than_the_file);
	tcase_add_test(tcase,
	    send_unlocked_spares_a_process_younger_than_the_file);
	tcase_add_test(tcase, send_unlocked_spares_init_and_the_caller);
	tcase_add_test(tcase, send_unlocked_judges_the_text_as_ever);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
