/*
 * What a program is given: directory, environment, signals, limits, user; and
 * each step that cannot be done.
 */
#define _GNU_SOURCE 1

#include "commands.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pthread.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

static const struct proclc_command_options plain =
    PROCLC_COMMAND_OPTIONS_INIT;

static bool
skip_without_root(void)
{
	if (geteuid() == 0)
		return false;
	toolkit_skip("only root becomes another user, or raises a limit");
	return true;
}

/* The rest of what it gets. */

START_TEST(command_has_its_environment)
{
	char *env[] = { (char *)(uintptr_t)"ONE=1", NULL }, *none[] = { NULL };
	struct proclc_command_options o = plain;

	o.env = env;
	ck_assert_str_eq(command_says(&o, "env", NULL), "ONE=1");
	o.env = none;
	ck_assert_str_eq(command_says(&o, "env", NULL), "");
	setenv("PCL_LATE", "set late", 1);
	ck_assert_str_eq(command_says(&plain, "sh", "-c", "echo $PCL_LATE",
	    NULL), "set late");
}
END_TEST

START_TEST(command_has_its_directory)
{
	struct proclc_command_options o = plain;

	o.chdir = toolkit_dir();
	ck_assert_str_eq(command_says(&o, "%show", "cwd", NULL),
	    toolkit_dir());
}
END_TEST

START_TEST(command_has_its_limits)
{
	const struct proclc_limit limits[2] = {
		{ RLIMIT_NOFILE, 0, 5, 7 }, { RLIMIT_CORE, 0, 0, 0 } };
	struct proclc_command_options o = plain;

	o.limits = limits;
	o.n_limits = 2;
	ck_assert_str_eq(command_says(&o, "sh", "-c", "ulimit -S -n; "
	    "ulimit -H -n; ulimit -S -c; ulimit -H -c", NULL), "5\n7\n0\n0");
}
END_TEST

START_TEST(command_leads_a_group)
{
	struct proclc_command_options o = plain;

	ck_assert_str_eq(command_says(&o, "%show", "group", NULL), "0");
	o.flags = PROCLC_TASK_GROUP;
	ck_assert_str_eq(command_says(&o, "%show", "group", NULL), "1");
}
END_TEST

static void
handle(int unused)
{
	(void)unused;
}

/* Every fifth is ignored, the others are caught. */
static void
change_signals(struct sigaction before[NSIG])
{
	struct sigaction action = { .sa_handler = handle };

	for (int s = 1; s < NSIG; s++) {
		action.sa_handler = s % 5 == 0 || s == SIGPIPE ? SIG_IGN :
		    handle;
		if (s != SIGCHLD)
			sigaction(s, &action, &before[s]);
	}
}

static void
restore_signals(const struct sigaction before[NSIG])
{
	for (int s = 1; s < NSIG; s++)
		if (s != SIGCHLD)
			sigaction(s, &before[s], NULL);
}

/* No signal is blocked or caught, and PIPE is not ignored. */
START_TEST(command_has_signals_as_after_exec)
{
	struct sigaction before[NSIG];
	sigset_t all, mask;
	const char *said;

	change_signals(before);
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &mask);
	said = command_says(&plain, "%show", "blocked", "handled", NULL);
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	restore_signals(before);
	ck_assert_str_eq(said, "\n5 ignored 10 ignored "
	    "15 ignored 20 ignored 25 ignored 30 ignored 35 ignored "
	    "40 ignored 45 ignored 50 ignored 55 ignored 60 ignored");
}
END_TEST

START_TEST(command_start_keeps_errno_and_mask)
{
	sigset_t one, now;

	sigemptyset(&one);
	sigaddset(&one, SIGUSR1);
	pthread_sigmask(SIG_SETMASK, &one, NULL);
	errno = 4711;
	task_expect(command_start(&plain, "true", NULL), PROCLC_STATUS_EXITED,
	    0);
	ck_assert_int_eq(errno, 4711);
	pthread_sigmask(SIG_SETMASK, NULL, &now);
	ck_assert_int_eq(sigismember(&now, SIGUSR1), 1);
	ck_assert_int_eq(sigismember(&now, SIGUSR2), 0);
	sigemptyset(&one);
	pthread_sigmask(SIG_SETMASK, &one, NULL);
}
END_TEST

/* Users. */

START_TEST(command_is_another_user)
{
	struct proclc_command_options o = plain;

	if (scenario_skip_user())
		return;
	o.user = "65534";
	o.group = "1234";
	ck_assert_str_eq(command_says(&o, "%show", "ids", NULL),
	    "65534 65534 65534, 1234 1234 1234");
	o.user = NULL;
	ck_assert_str_eq(command_says(&o, "%show", "ids", NULL),
	    "0 0 0, 1234 1234 1234");
	/* We are who we were; that we can be traced the fixture asks. */
	ck_assert_uint_eq(geteuid(), 0);
	ck_assert_uint_eq(getegid(), 0);
}
END_TEST

/* In a child that is in more groups than it was born with. */
static int
run_as_other(void *unused)
{
	const gid_t more[2] = { 7, 8 };
	struct proclc_command_options o = plain;

	(void)unused;
	if (setgroups(2, more) != 0 ||
	    strcmp(command_says(&plain, "%show", "ids", NULL),
	    "0 0 0, 0 0 0 7 8") != 0)
		return 1;
	o.user = "65534";
	o.group = "1234";
	return strcmp(command_says(&o, "%show", "ids", NULL),
	    "65534 65534 65534, 1234 1234 1234") == 0 ? 0 : 2;
}

START_TEST(command_of_another_user_has_none_of_our_groups)
{
	if (!scenario_skip_user())
		ck_assert_int_eq(task_code_of(run_as_other, 0), 0);
}
END_TEST

START_TEST(command_user_that_is_not_there_is_euser)
{
	struct proclc_command_options o = plain;

	o.user = "no-such-user-here";
	command_fails(&o, PROCLC_EUSER, PROCLC_STAGE_USER, "true", NULL);
	o.user = NULL;
	o.group = "no-such-group-here";
	command_fails(&o, PROCLC_EUSER, PROCLC_STAGE_USER, "true", NULL);
}
END_TEST

/* Steps that fail. */

START_TEST(command_step_that_fails_is_named)
{
	const struct proclc_pass closed[1] = { { 777, 5 } };
	const struct proclc_limit limit[1] = { { 9999, 0, 1, 1 } };
	struct proclc_command_options o = plain;
	char none[512];

	snprintf(none, sizeof(none), "%s/none/none", toolkit_dir());
	switch (_i) {
	case 0:
		o.chdir = none;
		command_fails(&o, PROCLC_ENOENT, PROCLC_STAGE_CHDIR, "true",
		    NULL);
		break;
	case 1:
		o.in.kind = PROCLC_STDIO_FILE;
		o.in.path = none;
		command_fails(&o, PROCLC_ENOENT, PROCLC_STAGE_REDIRECT,
		    "true", NULL);
		break;
	case 2:
		o.out.kind = PROCLC_STDIO_APPEND;
		o.out.path = toolkit_dir();
		command_fails(&o, PROCLC_EISDIR, PROCLC_STAGE_REDIRECT,
		    "true", NULL);
		break;
	case 3:
		o.err.kind = PROCLC_STDIO_FD;
		o.err.fd = 777;
		command_fails(&o, PROCLC_EBADF, PROCLC_STAGE_REDIRECT, "true",
		    NULL);
		break;
	case 4:
		o.fds = closed;
		o.n_fds = 1;
		command_fails(&o, PROCLC_EBADF, PROCLC_STAGE_REDIRECT, "true",
		    NULL);
		break;
	default:
		o.limits = limit;
		o.n_limits = 1;
		o.in.kind = o.out.kind = o.err.kind = PROCLC_STDIO_PIPE;
		command_fails(&o, PROCLC_EINVAL, PROCLC_STAGE_LIMIT, "true",
		    NULL);
		break;
	}
	ck_assert_int_eq(strncmp(proclc_errmsg(), "command true: ", 14), 0);
}
END_TEST

/* In a child that has given up all rights. */
static int
try_as_nobody(void *unused)
{
	struct proclc_command_options o = plain;
	struct proclc_task *task;
	char *argv[] = { (char *)(uintptr_t)"true", NULL };

	(void)unused;
	if (setgid(65534) != 0 || setuid(65534) != 0)
		return 1;
	o.user = "0";
	o.group = "0";
	return proclc_command_new(&task, argv, &o) == PROCLC_EPERM ? 0 : 2;
}

START_TEST(command_user_that_one_may_not_become_is_eperm)
{
	if (skip_without_root())
		return;
	ck_assert_int_eq(task_code_of(try_as_nobody, 0), 0);
}
END_TEST

START_TEST(command_with_no_descriptor_left_is_emfile)
{
	struct proclc_command_options o = plain;
	char *argv[] = { (char *)(uintptr_t)"true", NULL };
	struct proclc_task *task;
	struct rlimit before, few;
	int rc;

	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
	few = before;
	few.rlim_cur = 3;
	while (fcntl((int)few.rlim_cur, F_GETFD) >= 0)
		few.rlim_cur++;
	few.rlim_cur += (rlim_t)_i;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
	o.in.kind = o.out.kind = o.err.kind = PROCLC_STDIO_PIPE;
	rc = proclc_command_new(&task, argv, &o);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
	ck_assert_int_eq(rc, PROCLC_EMFILE);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *s = suite_create("command_child");
	TCase *tc = tcase_create("command_child");

	tcase_add_checked_fixture(tc, task_setup, toolkit_teardown);
	tcase_add_test(tc, command_has_its_environment);
	tcase_add_test(tc, command_has_its_directory);
	tcase_add_test(tc, command_has_its_limits);
	tcase_add_test(tc, command_leads_a_group);
	tcase_add_test(tc, command_has_signals_as_after_exec);
	tcase_add_test(tc, command_start_keeps_errno_and_mask);
	tcase_add_test(tc, command_is_another_user);
	tcase_add_test(tc, command_of_another_user_has_none_of_our_groups);
	tcase_add_test(tc, command_user_that_is_not_there_is_euser);
	tcase_add_loop_test(tc, command_step_that_fails_is_named, 0, 6);
	tcase_add_test(tc, command_user_that_one_may_not_become_is_eperm);
	tcase_add_loop_test(tc, command_with_no_descriptor_left_is_emfile, 0,
	    5);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
