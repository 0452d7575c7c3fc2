/*
 * A supervisor's socket is told how the process is, in the words of
 * sd_notify(3); where there is none, nothing happens.
 */
#define _GNU_SOURCE 1

#include "toolkit/clock.h"
#include "toolkit/os.h"
#include "toolkit/toolkit.h"

#include <proclc.h>

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int supervisor = -1;
static char path[200];

static void
setup(void)
{
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
	toolkit_setup();
}

/* In a directory, or in none; NOTIFY_SOCKET is its name. */
static void
listen_at(bool abstract)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	size_t n;
	int on = 1;

	snprintf(path, sizeof(path), abstract ? "@%.90s/n" : "%.90s/n",
	    toolkit_dir());
	n = strlen(path);
	memcpy(at.sun_path, path, n);
	if (abstract)
		at.sun_path[0] = '\0';
	supervisor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(bind(supervisor, (struct sockaddr *)&at,
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n +
	    !abstract)), 0);
	ck_assert_int_eq(setsockopt(supervisor, SOL_SOCKET, SO_PASSCRED, &on,
	    sizeof(on)), 0);
	ck_assert_int_eq(setenv("NOTIFY_SOCKET", path, 1), 0);
}

static void
stop_listening(void)
{
	close(supervisor);
	if (path[0] == '/')
		unlink(path);
	unsetenv("NOTIFY_SOCKET");
}

/* The next message; *pid: whose it is; the descriptor with it, or -1. */
static int
hear(char *text, size_t size, pid_t *pid)
{
	union {
		char bytes[CMSG_SPACE(sizeof(struct ucred)) +
		    CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec v = { .iov_base = text, .iov_len = size - 1 };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1,
	    .msg_control = &control, .msg_controllen = sizeof(control) };
	struct cmsghdr *c;
	struct ucred who;
	int fd = -1;
	ssize_t n;

	ck_assert(fd_readable_within(supervisor, 0));
	n = recvmsg(supervisor, &m, MSG_CMSG_CLOEXEC);
	ck_assert_int_gt(n, 0);
	text[n] = '\0';
	for (c = CMSG_FIRSTHDR(&m); c != NULL; c = CMSG_NXTHDR(&m, c)) {
		if (c->cmsg_type == SCM_RIGHTS)
			memcpy(&fd, CMSG_DATA(c), sizeof(fd));
		if (c->cmsg_type == SCM_CREDENTIALS) {
			memcpy(&who, CMSG_DATA(c), sizeof(who));
			*pid = who.pid;
		}
	}
	return fd;
}

static void
expect(const char *expected)
{
	char text[4096];
	pid_t pid = 0;

	ck_assert_int_eq(hear(text, sizeof(text), &pid), -1);
	ck_assert_str_eq(text, expected);
	ck_assert_int_eq(pid, getpid());
}

START_TEST(without_a_supervisor_nothing_happens)
{
	ck_assert_int_eq(proclc_notify_ready(), 0);
	ck_assert_int_eq(proclc_notify_stopping(), 0);
	ck_assert_int_eq(proclc_notify_reloading(), 0);
	ck_assert_int_eq(proclc_notify_status("x"), 0);
	ck_assert_int_eq(proclc_notify_ping(), 0);
	ck_assert_int_eq(proclc_notify_barrier(PROCLC_FOREVER), 0);
	ck_assert_int_eq(proclc_notify_watchdog(), 0);
	ck_assert_int_eq(proclc_notify_take(), 0);
}
END_TEST

START_TEST(each_call_sends_its_words)
{
	listen_at(_i == 1);
	ck_assert_int_eq(proclc_notify_ready(), 1);
	expect("READY=1");
	ck_assert_int_eq(proclc_notify_stopping(), 1);
	expect("STOPPING=1");
	ck_assert_int_eq(proclc_notify_status("all is well: 100 %"), 1);
	expect("STATUS=all is well: 100 %");
	ck_assert_int_eq(proclc_notify_ping(), 1);
	expect("WATCHDOG=1");
	stop_listening();
}
END_TEST

static int64_t
now_usec(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* A supervisor takes an earlier one for that of the reload before. */
START_TEST(reload_has_the_time_at_which_it_begins)
{
	static const char words[] = "RELOADING=1\nMONOTONIC_USEC=";
	int64_t since = now_usec(), told;
	char text[4096];
	pid_t pid;

	listen_at(false);
	ck_assert_int_eq(proclc_notify_reloading(), 1);
	hear(text, sizeof(text), &pid);
	ck_assert_int_eq(strncmp(text, words, sizeof(words) - 1), 0);
	told = atoll(text + sizeof(words) - 1);
	ck_assert_int_ge(told, since);
	ck_assert_int_le(told, now_usec());
	stop_listening();
}
END_TEST

static void *
read_slowly(void *unused)
{
	char text[4096];
	pid_t pid;
	int fd;

	(void)unused;
	expect("READY=1");
	fd = hear(text, sizeof(text), &pid);
	if (strcmp(text, "BARRIER=1") != 0 || fd < 0)
		return path;
	close(fd);
	return NULL;
}

START_TEST(barrier_ends_when_all_is_read)
{
	pthread_t thread;
	void *wrong = NULL;

	listen_at(true);
	ck_assert_int_eq(proclc_notify_ready(), 1);
	ck_assert_int_eq(proclc_notify_barrier(0), PROCLC_ETIMEDOUT);
	expect("READY=1");
	close(hear((char[64]){ 0 }, 64, &(pid_t){ 0 }));
	ck_assert_int_eq(proclc_notify_ready(), 1);
	ck_assert_int_eq(pthread_create(&thread, NULL, read_slowly, NULL), 0);
	ck_assert_int_eq(proclc_notify_barrier(PROCLC_FOREVER), 1);
	pthread_join(thread, &wrong);
	ck_assert_ptr_null(wrong);
	stop_listening();
}
END_TEST

START_TEST(taken_it_is_not_inherited_and_still_told)
{
	listen_at(false);
	setenv("WATCHDOG_USEC", "2000000", 1);
	ck_assert_int_eq(proclc_notify_take(), 1);
	ck_assert_ptr_null(getenv("NOTIFY_SOCKET"));
	ck_assert_ptr_null(getenv("WATCHDOG_USEC"));
	ck_assert_ptr_nonnull(getenv("PATH"));
	ck_assert_int_eq(proclc_notify_ready(), 1);
	expect("READY=1");
	ck_assert_int_eq(proclc_notify_watchdog(), 2000);
	ck_assert_int_eq(proclc_notify_take(), 1);
	stop_listening();
}
END_TEST

START_TEST(watchdog_is_for_the_process_that_was_started)
{
	char pid[32];

	setenv("WATCHDOG_USEC", "1500", 1);
	ck_assert_int_eq(proclc_notify_watchdog(), 1);
	setenv("WATCHDOG_USEC", "30000000", 1);
	ck_assert_int_eq(proclc_notify_watchdog(), 30000);
	snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	setenv("WATCHDOG_PID", pid, 1);
	ck_assert_int_eq(proclc_notify_watchdog(), 30000);
	setenv("WATCHDOG_PID", "1000000000", 1);
	ck_assert_int_eq(proclc_notify_watchdog(), 0);
	setenv("WATCHDOG_PID", "x", 1);
	ck_assert_int_eq(proclc_notify_watchdog(), PROCLC_EINVAL);
	unsetenv("WATCHDOG_PID");
	setenv("WATCHDOG_USEC", "soon", 1);
	ck_assert_int_eq(proclc_notify_watchdog(), PROCLC_EINVAL);
	setenv("WATCHDOG_USEC", "-5", 1);
	ck_assert_int_eq(proclc_notify_watchdog(), PROCLC_EINVAL);
	unsetenv("WATCHDOG_USEC");
}
END_TEST

START_TEST(wrong_sockets_are_errors_and_leave_nothing)
{
	char name[300];

	snprintf(name, sizeof(name), "%s/none", toolkit_dir());
	toolkit_mark();
	setenv("NOTIFY_SOCKET", name, 1);
	ck_assert_int_eq(proclc_notify_ready(), PROCLC_ENOENT);
	ck_assert_int_eq(proclc_notify_barrier(0), PROCLC_ENOENT);
	setenv("NOTIFY_SOCKET", "vsock:2:1", 1);
	ck_assert_int_eq(proclc_notify_ready(), PROCLC_ENOTSUP);
	setenv("NOTIFY_SOCKET", "@", 1);
	ck_assert_int_eq(proclc_notify_ready(), PROCLC_EINVAL);
	memset(name, 'x', 299);
	name[0] = '/';
	name[299] = '\0';
	setenv("NOTIFY_SOCKET", name, 1);
	ck_assert_int_eq(proclc_notify_ready(), PROCLC_EINVAL);
	ck_assert_int_eq(proclc_notify_take(), PROCLC_EINVAL);
	ck_assert_int_eq(proclc_notify_barrier(-3), PROCLC_EINVAL);
	ck_assert_int_eq(proclc_notify_status("a\nREADY=1"), PROCLC_EINVAL);
	ck_assert_int_eq(proclc_notify_status(NULL), PROCLC_EINVAL);
	unsetenv("NOTIFY_SOCKET");
	toolkit_unchanged();
}
END_TEST

START_TEST(full_queue_is_EAGAIN_and_not_waited_for)
{
	int rc = 1, n;

	listen_at(true);
	for (n = 0; rc == 1 && n < 100000; n++)
		rc = proclc_notify_ping();
	ck_assert_int_eq(rc, PROCLC_EAGAIN);
	stop_listening();
}
END_TEST

START_TEST(descriptor_gets_a_line_and_is_closed)
{
	char text[8];
	int ends[2];

	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_eq(proclc_notify_ready_fd(ends[1]), 1);
	ck_assert_int_eq(read(ends[0], text, sizeof(text)), 1);
	ck_assert_int_eq(text[0], '\n');
	ck_assert_int_eq(read(ends[0], text, sizeof(text)), 0);
	ck_assert_int_eq(proclc_notify_ready_fd(ends[1]), PROCLC_EBADF);
	ck_assert_int_eq(proclc_notify_ready_fd(-1), PROCLC_EBADF);
	close(ends[0]);
	ck_assert_int_eq(pipe(ends), 0);
	close(ends[0]);
	ck_assert_int_eq(proclc_notify_ready_fd(ends[1]), PROCLC_EPIPE);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("notify");
	TCase *tcase = tcase_create("notify");

	tcase_add_checked_fixture(tcase, setup, toolkit_teardown);
	tcase_add_test(tcase, without_a_supervisor_nothing_happens);
	tcase_add_loop_test(tcase, each_call_sends_its_words, 0, 2);
	tcase_add_test(tcase, reload_has_the_time_at_which_it_begins);
	tcase_add_test(tcase, barrier_ends_when_all_is_read);
	tcase_add_test(tcase, taken_it_is_not_inherited_and_still_told);
	tcase_add_test(tcase, watchdog_is_for_the_process_that_was_started);
	tcase_add_test(tcase, wrong_sockets_are_errors_and_leave_nothing);
	tcase_add_test(tcase, full_queue_is_EAGAIN_and_not_waited_for);
	tcase_add_test(tcase, descriptor_gets_a_line_and_is_closed);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
