/* Running and watching other programs, with tests/scn/echo. */
#define _GNU_SOURCE 1

#include "toolkit/os.h"
#include "toolkit/toolkit.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

START_TEST(expect_lines_come_in_order)
{
	struct scenario s;

	scenario_start(&s, "echo", "first", NULL);
	scenario_expect(&s, "first");
	scenario_send(&s, "number %d", 42);
	scenario_send(&s, "%s", "");
	scenario_send(&s, "third");
	ck_assert_int_eq(scenario_expect_number(&s, "number "), 42);
	scenario_expect(&s, "%s", "");
	scenario_expect(&s, "%s", "third");
	scenario_send(&s, "exit 0");
	scenario_expect_exit(&s, 0);
	scenario_expect_eof(&s);
}
END_TEST

START_TEST(read_line_times_out_and_ends)
{
	struct scenario s;
	char line[16];

	scenario_start(&s, "echo", NULL);
	ck_assert(!scenario_read_line(&s, line, sizeof(line), 1));
	scenario_send(&s, "longer than the buffer");
	ck_assert(scenario_read_line(&s, line, sizeof(line), 0));
	ck_assert_str_eq(line, "longer than the");
	scenario_close_stdin(&s);
	ck_assert(!scenario_read_line(&s, line, sizeof(line), 0));
	scenario_expect_exit(&s, 0);
}
END_TEST

START_TEST(end_by_exit_is_told)
{
	static const int codes[] = { 0, 1, 77, 255 };
	struct scenario s;

	scenario_start(&s, "echo", NULL);
	scenario_send(&s, "exit %d", codes[_i]);
	scenario_expect_exit(&s, codes[_i]);
	ck_assert(scenario_ended(&s));
	ck_assert_int_eq(WEXITSTATUS(scenario_wait(&s)), codes[_i]);
}
END_TEST

START_TEST(end_by_signal_is_told)
{
	struct scenario s;

	scenario_start(&s, "echo", "ready", NULL);
	scenario_expect(&s, "ready");
	ck_assert(!scenario_ended(&s));
	scenario_signal(&s, SIGTERM);
	scenario_expect_killed(&s, SIGTERM);
}
END_TEST

START_TEST(stderr_is_kept_apart)
{
	struct scenario s;

	scenario_start(&s, "echo", "stderr one", NULL);
	scenario_send(&s, "stderr +two");
	scenario_send(&s, "three");
	scenario_expect(&s, "three");
	ck_assert_str_eq(scenario_stderr(&s), "one+two");
	scenario_send(&s, "four");
	scenario_send(&s, "exit 0");
	scenario_expect_exit(&s, 0);
	ck_assert_str_eq(scenario_stdout(&s), "four\n");
}
END_TEST

/* More than a pipe holds. */
START_TEST(stderr_never_blocks_it)
{
	struct scenario s;

	scenario_start(&s, "echo", "flood", NULL);
	scenario_expect(&s, "flooded");
	ck_assert_uint_eq(strlen(scenario_stderr(&s)), 200 * 1000);
	scenario_send(&s, "exit 0");
	scenario_expect_exit(&s, 0);
}
END_TEST

/* Each subset of 0-2, seen in the exit code; nothing from 3 up. */
START_TEST(start_closed_fds_are_closed)
{
	struct scenario_options options = { .closed = (unsigned)_i };
	struct scenario s;

	scenario_start_with(&s, &options, "echo", "fds", NULL);
	scenario_expect_exit(&s, 7 & ~_i);
}
END_TEST

/* Whatever the test does with its own. */
START_TEST(start_signals_are_clean)
{
	struct scenario s;
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	toolkit_expect_signal(SIGPIPE);
	signal(SIGPIPE, SIG_IGN);
	scenario_start(&s, "echo", "state", NULL);
	scenario_expect(&s, "blocked 0 ignored 0");
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	scenario_send(&s, "exit 0");
	scenario_expect_exit(&s, 0);
}
END_TEST

START_TEST(start_signals_are_as_asked)
{
	struct scenario_options options = {
		.blocked = SCENARIO_SIGNAL(1) | SCENARIO_SIGNAL(15),
		.ignored = SCENARIO_SIGNAL(2) | SCENARIO_SIGNAL(13),
	};
	struct scenario s;

	scenario_start_with(&s, &options, "echo", "state", NULL);
	scenario_expect(&s, "blocked 4001 ignored 1002");
	scenario_send(&s, "exit 0");
	scenario_expect_exit(&s, 0);
}
END_TEST

START_TEST(start_directory_is_as_asked)
{
	struct scenario_options options = { .cwd = toolkit_dir() };
	struct scenario s;
	char here[1024], dir[1024];

	ck_assert_ptr_nonnull(getcwd(here, sizeof(here)));
	ck_assert_int_eq(chdir(toolkit_dir()), 0);
	ck_assert_ptr_nonnull(getcwd(dir, sizeof(dir)));
	ck_assert_int_eq(chdir(here), 0);
	scenario_start_with(&s, &options, "echo", "cwd", NULL);
	scenario_expect(&s, "cwd %s", dir);
	scenario_send(&s, "exit 0");
	scenario_expect_exit(&s, 0);
}
END_TEST

START_TEST(start_user_is_as_asked)
{
	struct scenario_options options = { .uid = 65534 };
	struct scenario s;

	if (scenario_skip_user())
		return;
	scenario_start_with(&s, &options, "echo", "ids", NULL);
	scenario_expect(&s, "ids 65534 65534, 1 groups, first 65534");
	scenario_send(&s, "exit 0");
	scenario_expect_exit(&s, 0);
}
END_TEST

START_TEST(start_group_is_as_asked)
{
	struct scenario_options own = { .own_group = true };
	struct scenario s, t;

	if (process_pgid(getpid()) != getpgrp()) {
		toolkit_skip("process groups of others");
		return;
	}
	scenario_start(&s, "echo", "ready", NULL);
	scenario_start_with(&t, &own, "echo", "ready", NULL);
	scenario_expect(&s, "ready");
	scenario_expect(&t, "ready");
	ck_assert_int_eq(process_pgid(s.pid), getpgrp());
	ck_assert_int_eq(process_pgid(t.pid), t.pid);
	ck_assert_int_eq(process_ppid(t.pid), getpid());
	ck_assert_int_eq(process_sid(t.pid), getsid(0));
	scenario_signal(&s, SIGKILL);
	scenario_signal(&t, SIGKILL);
	scenario_expect_killed(&s, SIGKILL);
	scenario_expect_killed(&t, SIGKILL);
}
END_TEST

/* The pipe is dead, the test lives: SIGPIPE is the toolkit's affair. */
START_TEST(send_to_the_dead_is_no_signal)
{
	struct scenario s;
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		scenario_start(&s, "echo", "exit 0", NULL);
		scenario_expect_exit(&s, 0);
		scenario_send(&s, "anybody");
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 1);
}
END_TEST

START_TEST(process_zombie_is_not_alive)
{
	struct scenario s;

	scenario_start(&s, "echo", "ready", NULL);
	scenario_expect(&s, "ready");
	ck_assert(process_alive(s.pid));
	ck_assert(!process_gone_within(s.pid, 1));
	scenario_signal(&s, SIGKILL);
	process_wait_gone(s.pid, 0);
	ck_assert(!process_alive(s.pid));
	ck_assert_int_eq(process_state(s.pid), 'Z');
	scenario_wait(&s);
	ck_assert_int_eq(process_state(s.pid), 0);
	process_wait_gone(s.pid, 0);
}
END_TEST

/* /proc calls it a zombie. */
START_TEST(process_without_first_thread_is_alive)
{
	struct scenario s;
	int handle = os_process_handle(getpid());

	if (handle == OS_UNKNOWN) {
		toolkit_skip("a process without its first thread");
		return;
	}
	close(handle);
	scenario_start(&s, "echo", "leave", NULL);
	scenario_expect(&s, "second thread");
	ck_assert(process_alive(s.pid));
	ck_assert(!scenario_ended(&s));
	scenario_send(&s, "end");
	scenario_expect_exit(&s, 7);
}
END_TEST

START_TEST(process_stopped_is_alive)
{
	struct scenario s;
	int status;

	scenario_start(&s, "echo", NULL);
	scenario_signal(&s, SIGSTOP);
	ck_assert_int_eq(waitpid(s.pid, &status, WUNTRACED), s.pid);
	ck_assert(process_alive(s.pid));
	scenario_signal(&s, SIGCONT);
	scenario_close_stdin(&s);
	scenario_expect_exit(&s, 0);
}
END_TEST

START_TEST(file_is_read_whole)
{
	char path[1024], text[64];
	FILE *file;

	snprintf(path, sizeof(path), "%s/file", toolkit_dir());
	ck_assert(!file_exists(path));
	ck_assert_int_lt(file_read(path, text, sizeof(text)), 0);
	file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	fputs("4711\n", file);
	fclose(file);
	ck_assert(file_exists(path));
	ck_assert_int_eq(file_read(path, text, sizeof(text)), 5);
	ck_assert_str_eq(text, "4711\n");
	ck_assert_int_eq(file_read(path, text, 3), 2);
	ck_assert_str_eq(text, "47");
	unlink(path);
	ck_assert_int_eq(symlink("nowhere", path), 0);
	ck_assert(file_exists(path));
	unlink(path);
}
END_TEST

START_TEST(fd_eof_comes_with_the_last_holder)
{
	struct scenario s;
	int fds[2];
	char c;

	ck_assert_int_eq(pipe(fds), 0);
	fcntl(fds[0], F_SETFD, FD_CLOEXEC);
	scenario_start(&s, "echo", NULL);
	ck_assert_int_eq(write(fds[1], "x", 1), 1);
	close(fds[1]);
	ck_assert(fd_readable_within(fds[0], 0));
	ck_assert_int_eq(read(fds[0], &c, 1), 1);
	ck_assert(!fd_readable_within(fds[0], 1));
	scenario_close_stdin(&s);
	fd_wait_eof(fds[0], 0);
	close(fds[0]);
	scenario_expect_exit(&s, 0);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("scenario");
	TCase *talk = tcase_create("talk");
	TCase *start = tcase_create("start");
	TCase *process = tcase_create("process");

	tcase_add_checked_fixture(talk, toolkit_setup, toolkit_teardown);
	tcase_add_test(talk, expect_lines_come_in_order);
	tcase_add_test(talk, read_line_times_out_and_ends);
	tcase_add_loop_test(talk, end_by_exit_is_told, 0, 4);
	tcase_add_test(talk, end_by_signal_is_told);
	tcase_add_test(talk, stderr_is_kept_apart);
	tcase_add_test(talk, stderr_never_blocks_it);
	tcase_add_test(talk, send_to_the_dead_is_no_signal);
	suite_add_tcase(suite, talk);

	tcase_add_checked_fixture(start, toolkit_setup, toolkit_teardown);
	tcase_add_loop_test(start, start_closed_fds_are_closed, 0, 8);
	tcase_add_test(start, start_signals_are_clean);
	tcase_add_test(start, start_signals_are_as_asked);
	tcase_add_test(start, start_directory_is_as_asked);
	tcase_add_test(start, start_user_is_as_asked);
	tcase_add_test(start, start_group_is_as_asked);
	suite_add_tcase(suite, start);

	tcase_add_checked_fixture(process, toolkit_setup, toolkit_teardown);
	tcase_add_test(process, process_zombie_is_not_alive);
	tcase_add_test(process, process_without_first_thread_is_alive);
	tcase_add_test(process, process_stopped_is_alive);
	tcase_add_test(process, file_is_read_whole);
	tcase_add_test(process, fd_eof_comes_with_the_last_holder);
	suite_add_tcase(suite, process);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
