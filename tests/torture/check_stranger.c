/* The stranger, who is to hear of every signal, and pids used again. */
#define _GNU_SOURCE 1

#include "stranger.h"
#include "../toolkit/toolkit.h"

#include <proclc.h>

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static struct stranger it;
static char text[8192];

static void
start(void)
{
	ck_assert_msg(stranger_start(&it, 0, NULL), "%s", stranger_why());
}

static void
expect_heard(int signo)
{
	char line[64];

	ck_assert_int_eq(stranger_heard(&it, text, sizeof(text)), 1);
	snprintf(line, sizeof(line), "signal %d from %d\n", signo,
	    (int)getpid());
	ck_assert_str_eq(text, line);
}

START_TEST(stranger_hears_every_signal)
{
	int signo;

	start();
	ck_assert_int_eq(stranger_heard(&it, text, sizeof(text)), 0);
	for (signo = 1; signo <= SIGRTMAX; signo++) {
		if (signo == SIGKILL || signo == SIGSTOP ||
		    (signo > 31 && signo < SIGRTMIN))
			continue;
		ck_assert_int_eq(kill(it.pid, signo), 0);
		expect_heard(signo);
	}
	ck_assert_int_eq(stranger_heard(&it, text, sizeof(text)), 0);
	stranger_end(&it);
}
END_TEST

START_TEST(stranger_hears_its_group)
{
	start();
	ck_assert_int_eq(kill(0, SIGWINCH), 0);     /* which we ignore */
	expect_heard(SIGWINCH);
	stranger_end(&it);
}
END_TEST

START_TEST(stranger_stopped_or_dead_has_heard)
{
	start();
	kill(it.pid, SIGSTOP);
	while (process_state(it.pid) != 'T')
		continue;
	ck_assert_int_eq(stranger_heard(&it, text, sizeof(text)), 1);
	ck_assert_str_eq(text, "stopped\n");
	kill(it.pid, SIGKILL);
	process_wait_gone(it.pid, 0);
	ck_assert_int_eq(stranger_heard(&it, text, sizeof(text)), 1);
	ck_assert_str_eq(text, "dead\n");
	stranger_end(&it);
}
END_TEST

static pid_t
dead_pid(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	return pid;
}

/* A dead one's pid is the stranger's now.  Once more if another was faster. */
static bool
start_reusing(pid_t pid)
{
	int tries;

	for (tries = 0; tries < 100; tries++) {
		if (stranger_start(&it, pid, NULL))
			return true;
		if (errno != EAGAIN)
			break;
	}
	toolkit_skip("%s", stranger_why());
	return false;
}

START_TEST(pid_is_used_again)
{
	pid_t pid = dead_pid();

	if (!start_reusing(pid))
		return;
	ck_assert_int_eq(it.pid, pid);
	kill(pid, SIGTERM);     /* as who remembers a bare pid would */
	expect_heard(SIGTERM);
	stranger_end(&it);
}
END_TEST

START_TEST(pid_in_use_is_refused)
{
	ck_assert(!stranger_start(&it, getpid(), NULL));
	ck_assert_ptr_nonnull(strstr(stranger_why(), "no process with pid"));
}
END_TEST

/* A stale pid file names the stranger. */
START_TEST(send_and_stop_leave_the_stranger_alone)
{
	pid_t pid = dead_pid();
	char path[1000];
	int fd;

	if (!start_reusing(pid))
		return;
	toolkit_expect(TOOLKIT_FILES);
	snprintf(path, sizeof(path), "%s/x", toolkit_dir());
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	dprintf(fd, "%d\n", (int)pid);
	close(fd);
	ck_assert_int_eq(proclc_send(path, SIGTERM), PROCLC_EUNLOCKED);
	ck_assert_int_eq(proclc_stop(path, NULL), PROCLC_EUNLOCKED);
	ck_assert_int_eq(stranger_heard(&it, text, sizeof(text)), 0);
	stranger_end(&it);
}
END_TEST

/* And one that holds its pid file is no stranger. */
START_TEST(holder_hears_what_is_sent)
{
	char path[1000];

	snprintf(path, sizeof(path), "%s/x", toolkit_dir());
	ck_assert(stranger_start(&it, 0, path));
	ck_assert_int_eq(proclc_send(path, SIGUSR1), 0);
	expect_heard(SIGUSR1);
	stranger_end(&it);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("stranger");
	TCase *tc = tcase_create("stranger");

	tcase_add_checked_fixture(tc, toolkit_setup, toolkit_teardown);
	tcase_add_test(tc, stranger_hears_every_signal);
	tcase_add_test(tc, stranger_hears_its_group);
	tcase_add_test(tc, stranger_stopped_or_dead_has_heard);
	tcase_add_test(tc, pid_is_used_again);
	tcase_add_test(tc, pid_in_use_is_refused);
	tcase_add_test(tc, send_and_stop_leave_the_stranger_alone);
	tcase_add_test(tc, holder_hears_what_is_sent);
	suite_add_tcase(suite, tc);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
