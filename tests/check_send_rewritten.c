/* Asking, signalling and stopping by a pid file that somebody rewrites at that
 * very moment. */
#define _GNU_SOURCE 1

#include "ask.h"
#include "backend.h"
#include "toolkit/clock.h"
#include "toolkit/toolkit.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

static struct scenario s;
static char path[1024], other[1024];

static void
set_paths(void)
{
	snprintf(path, sizeof(path), "%s/x", toolkit_dir());
	snprintf(other, sizeof(other), "%s/other", toolkit_dir());
	toolkit_expect(TOOLKIT_FILES);
}

static void
put(const char *at, const char *text)
{
	int fd = open(at, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	ck_assert_int_eq(write(fd, text, strlen(text)),
	    (ssize_t)strlen(text));
	close(fd);
}

static const char *const texts[] = { "", "4194305\n", "-1\n", "0", "1 2\n",
    "4194305\n\n\n\n\n\n\n", "x" };

enum { TEXTS = sizeof(texts) / sizeof(texts[0]) };

/* In place, or a new file each time, or gone for a moment. */
static void
rewrite_for_ever(int how)
{
	for (unsigned i = 0;; i++) {
		const char *text = texts[i % TEXTS];

		if (how == 2)
			unlink(path);
		if (how == 0 || how == 2) {
			put(path, text);
			continue;
		}
		put(other, text);
		rename(other, path);
	}
}

static pid_t
start_rewriter(int how)
{
	pid_t pid;

	put(path, "4194305\n");
	pid = fork();
	if (pid == 0)
		rewrite_for_ever(how);
	return pid;
}

static void
end_rewriter(pid_t pid)
{
	ck_assert_int_eq(kill(pid, SIGKILL), 0);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}

START_TEST(rewriting_is_a_plain_refusal)
{
	pid_t writer;
	int rc;

	set_paths();
	if (ask_may_harm())
		return;
	writer = start_rewriter(_i);
	for (int i = 0; i < 2000; i++) {
		int64_t start = clock_now_ms();

		rc = ask(path, i % ASK_WAYS);
		ck_assert_double_lt((double)(clock_now_ms() - start),
		    ASK_FAST_MS * clock_multiplier());
		ck_assert(rc == PROCLC_ENOTRUNNING ||
		    rc == PROCLC_EMALFORMED ||
		    (_i == 2 && rc == PROCLC_ENOENT));
	}
	end_rewriter(writer);
}
END_TEST

/* The lock is the truth: what somebody writes into the holder's file makes no
 * difference. */
START_TEST(rewriting_of_a_held_file_does_not_matter)
{
	int64_t pid;
	pid_t writer;

	if (skip_without("lock", "ofd"))
		return;
	set_paths();
	scenario_start(&s, "pidfile", NULL);
	scenario_send(&s, "note;open a %s;write a", path);
	scenario_expect(&s, "noting");
	scenario_expect(&s, "open 0");
	scenario_expect(&s, "write 0");
	writer = start_rewriter(0);
	for (int i = 0; i < 200; i++) {
		ck_assert_int_eq(proclc_pidfile_status(path, &pid), 0);
		ck_assert_int_eq(pid, s.pid);
		ck_assert_int_eq(proclc_send(path, SIGUSR1), 0);
		scenario_expect(&s, "got %d", SIGUSR1);
	}
	end_rewriter(writer);
	scenario_send(&s, "return");
	scenario_expect_exit(&s, 0);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("send rewritten");
	TCase *tcase = tcase_create("rewriting");

	tcase_add_checked_fixture(tcase, toolkit_setup, toolkit_teardown);
	tcase_add_loop_test(tcase, rewriting_is_a_plain_refusal, 0, 3);
	tcase_add_test(tcase, rewriting_of_a_held_file_does_not_matter);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
