/* Reaching a process by its pid file, and never a stranger. */
#define _GNU_SOURCE 1

#include "backend.h"
#include "kernel.h"
#include "toolkit/toolkit.h"

#include <proclc.h>

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOBODY = 65534 };

static struct scenario s;
static char path[1024];

static void
set_path(void)
{
	snprintf(path, sizeof(path), "%s/x", toolkit_dir());
	toolkit_expect(TOOLKIT_FILES);
}

static void
end(void)
{
	scenario_send(&s, "return");
	scenario_expect_exit(&s, 0);
}

static void
put_pid(long pid)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	ck_assert_int_gt(dprintf(fd, "%ld\n", pid), 1);
	close(fd);
}

/* The same answer to all who ask, and nobody hears of it: a signal to our
 * group, or to all, would end this very test. */
static void
expect_all(int code)
{
	int64_t pid = -4711;

	ck_assert_int_eq(proclc_pidfile_status(path, &pid), code);
	ck_assert_int_eq(pid, -4711);
	ck_assert_int_eq(proclc_ping(path), code);
	ck_assert_int_eq(proclc_send(path, SIGUSR1), code);
	ck_assert_ptr_nonnull(strstr(proclc_errmsg(), path));
	ck_assert_int_eq(strncmp(proclc_errmsg(), "send: ", 6), 0);
}

/* In a namespace of its own, or not as root, it may try. */
static bool
may_harm(void)
{
	if (kernel_isolated() || geteuid() != 0)
		return false;
	toolkit_skip("a signal to all: not as root outside of isolate");
	return true;
}

/* Processes that nobody wants to hit. */

/* Each lives, and none has locked the file. */
START_TEST(send_unlocked_is_refused)
{
	long pids[3] = { getpid(), getppid(), 1 };

	set_path();
	if (may_harm())
		return;
	put_pid(pids[_i]);
	ck_assert_int_eq(proclc_pidfile_status(path, NULL), PROCLC_EUNLOCKED);
	ck_assert_int_eq(proclc_ping(path), PROCLC_EUNLOCKED);
	ck_assert_int_eq(proclc_send(path, SIGUSR1), PROCLC_EUNLOCKED);
	ck_assert_int_eq(proclc_stop(path, NULL), PROCLC_EUNLOCKED);
}
END_TEST

START_TEST(send_dead_is_ENOTRUNNING)
{
	pid_t pid = fork();

	set_path();
	if (pid == 0)
		_exit(0);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	put_pid(pid);
	expect_all(PROCLC_ENOTRUNNING);
}
END_TEST

/* N33 */
START_TEST(send_zombie_is_ENOTRUNNING)
{
	pid_t pid;

	set_path();
	if (skip_without("process", "pidfd"))
		return;
	pid = fork();
	if (pid == 0)
		_exit(0);
	process_wait_gone(pid, 0);
	ck_assert_int_eq(process_state(pid), 'Z');
	put_pid(pid);
	expect_all(PROCLC_ENOTRUNNING);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}
END_TEST

static int told[2], wait_for[2];

static void *
tell_tid(void *unused)
{
	long tid = syscall(SYS_gettid);
	char c;

	ck_assert_int_eq(write(told[1], &tid, sizeof(tid)), sizeof(tid));
	ck_assert_int_eq(read(wait_for[0], &c, 1), 1);
	return unused;
}

/* The number lives on as some thread's, which is no process. */
START_TEST(send_number_of_a_thread_is_no_process)
{
	pthread_t thread;
	long tid;

	set_path();
	if (skip_without("process", "pidfd"))
		return;
	ck_assert(pipe(told) == 0 && pipe(wait_for) == 0);
	pthread_create(&thread, NULL, tell_tid, NULL);
	ck_assert_int_eq(read(told[0], &tid, sizeof(tid)), sizeof(tid));
	put_pid(tid);
	expect_all(PROCLC_ENOTRUNNING);
	ck_assert_int_eq(write(wait_for[1], "x", 1), 1);
	pthread_join(thread, NULL);
	for (int i = 0; i < 2; i++) {
		close(told[i]);
		close(wait_for[i]);
	}
}
END_TEST

/* The holder. */

static void
begin_holder(void)
{
	set_path();
	scenario_start(&s, "pidfile", NULL);
	scenario_send(&s, "note;open a %s;write a", path);
	scenario_expect(&s, "noting");
	scenario_expect(&s, "open 0");
	scenario_expect(&s, "write 0");
}

START_TEST(send_reaches_the_holder)
{
	static const int signals[] = { SIGUSR1, SIGTERM, SIGHUP, SIGINT };
	int64_t pid = 0;

	begin_holder();
	ck_assert_int_eq(proclc_ping(path), 0);
	ck_assert_int_eq(proclc_pidfile_status(path, &pid), 0);
	ck_assert_int_eq(pid, s.pid);
	for (int i = 0; i < 4; i++) {
		ck_assert_int_eq(proclc_send(path, signals[i]), 0);
		scenario_expect(&s, "got %d", signals[i]);
	}
	end();
}
END_TEST

START_TEST(send_bad_signal_is_ESIGNAL)
{
	static const int bad[] = { 0, -1, 65, 1000, 32, -2147483647 - 1,
	    2147483647 };

	begin_holder();
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_int_eq(proclc_send(path, bad[i]), PROCLC_ESIGNAL);
	ck_assert_int_eq(proclc_send(path, SIGUSR1), 0);
	scenario_expect(&s, "got %d", SIGUSR1);
	end();
}
END_TEST

/* The lock is the truth, the text information. */
START_TEST(send_content_of_a_held_file_does_not_matter)
{
	int64_t pid = 0;

	if (skip_without("lock", "ofd"))
		return;
	begin_holder();
	put_pid(_i == 0 ? (long)getpid() : -1);
	ck_assert_int_eq(proclc_pidfile_status(path, &pid), 0);
	ck_assert_int_eq(pid, s.pid);
	ck_assert_int_eq(proclc_send(path, SIGUSR1), 0);
	scenario_expect(&s, "got %d", SIGUSR1);
	end();
}
END_TEST

/* Its own file, and its name outlives the question. */
START_TEST(send_to_itself_by_its_own_file)
{
	int64_t pid = 0;

	begin_holder();
	for (int i = 0; i < 3; i++) {
		scenario_send(&s, "ping %s;send %s 10", path, path);
		scenario_expect(&s, "ping 0");
		scenario_expect(&s, "got 10");
		scenario_expect(&s, "send 0");
		ck_assert_int_eq(proclc_pidfile_status(path, &pid), 0);
		ck_assert_int_eq(pid, s.pid);
	}
	end();
}
END_TEST

START_TEST(send_after_the_end_is_ENOTRUNNING)
{
	begin_holder();
	scenario_signal(&s, SIGKILL);
	scenario_expect_killed(&s, SIGKILL);
	expect_all(PROCLC_ENOTRUNNING);
}
END_TEST

/* K56, N33: it lives, although it is not ours to signal. */
START_TEST(send_to_another_users_is_EPERM)
{
	struct scenario_options nobody = { .uid = NOBODY,
	    .cwd = toolkit_dir() };
	struct scenario sender;

	if (scenario_skip_user())
		return;
	begin_holder();
	ck_assert_int_eq(chmod(toolkit_dir(), 0755), 0);
	scenario_start_with(&sender, &nobody, "pidfile", NULL);
	scenario_send(&sender, "send x 10;ping x;status x");
	scenario_expect(&sender, "send PROCLC_EPERM");
	scenario_expect(&sender, "ping 0");
	scenario_expect(&sender, "status %d", (int)s.pid);
	scenario_send(&sender, "return");
	scenario_expect_exit(&sender, 0);
	end();
}
END_TEST

/* N32: a stranger has the dead one's pid. */
static pid_t
make_stranger(struct scenario *stranger, pid_t pid)
{
	scenario_start(stranger, "pidfile", NULL);
	scenario_send(stranger, "note");
	scenario_expect(stranger, "noting");
	for (int i = 0; i < 100; i++) {
		long got;

		ck_assert(kernel_next_pid(pid));
		scenario_send(stranger, "fork");
		got = scenario_expect_number(stranger, "forked ");
		if (got == pid)
			return pid;
		scenario_send(stranger, "child _exit 0;reap");
		scenario_expect(stranger, "reaped 0 0");
	}
	return -1;
}

START_TEST(send_reused_pid_hits_no_stranger)
{
	struct scenario stranger;

	set_path();
	if (!kernel_isolated() || !kernel_next_pid(20000)) {
		toolkit_skip("a pid used again: only as root below isolate");
		return;
	}
	begin_holder();
	scenario_signal(&s, SIGKILL);
	scenario_expect_killed(&s, SIGKILL);
	ck_assert_int_eq(make_stranger(&stranger, s.pid), s.pid);
	for (int i = 0; i < 20; i++) {
		ck_assert_int_eq(proclc_ping(path), PROCLC_EUNLOCKED);
		ck_assert_int_eq(proclc_send(path, SIGTERM), PROCLC_EUNLOCKED);
		ck_assert_int_eq(proclc_stop(path, NULL), PROCLC_EUNLOCKED);
	}
	/* Had it got anything, it would have said so before. */
	scenario_send(&stranger, "child pid;child _exit 0");
	scenario_expect(&stranger, "child pid %d", (int)s.pid);
	scenario_send(&stranger, "return");
	scenario_expect_exit(&stranger, 0);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("send");
	TCase *stranger = tcase_create("stranger");
	TCase *holder = tcase_create("holder");

	tcase_add_checked_fixture(stranger, toolkit_setup, toolkit_teardown);
	tcase_add_loop_test(stranger, send_unlocked_is_refused, 0, 3);
	tcase_add_test(stranger, send_dead_is_ENOTRUNNING);
	tcase_add_test(stranger, send_zombie_is_ENOTRUNNING);
	tcase_add_test(stranger, send_number_of_a_thread_is_no_process);
	tcase_add_test(stranger, send_reused_pid_hits_no_stranger);
	suite_add_tcase(suite, stranger);

	tcase_add_checked_fixture(holder, toolkit_setup, toolkit_teardown);
	tcase_add_test(holder, send_reaches_the_holder);
	tcase_add_test(holder, send_bad_signal_is_ESIGNAL);
	tcase_add_loop_test(holder,
	    send_content_of_a_held_file_does_not_matter, 0, 2);
	tcase_add_test(holder, send_to_itself_by_its_own_file);
	tcase_add_test(holder, send_after_the_end_is_ENOTRUNNING);
	tcase_add_test(holder, send_to_another_users_is_EPERM);
	suite_add_tcase(suite, holder);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
