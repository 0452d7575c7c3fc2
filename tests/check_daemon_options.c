/* What a daemon is given: arguments and environment; and beside threads. */
#define _GNU_SOURCE 1

#include "backend.h"
#include "daemons.h"

#include <proclc.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Arguments. */

START_TEST(args_reach_the_daemon_unchanged)
{
	scenario_start(&s, "daemon", NULL);
	answers("args some words;told_args", "no args 0");
	started();
	answers("told_args", "args 12 some words");
	/* A child has inherited them. */
	scenario_send(&s, "fork");
	scenario_expect_number(&s, "forked ");
	answers("child told_args", "child args 12 some words");
	answers("child exit 0;reap", "reaped 0 0");
	end();
}
END_TEST

START_TEST(args_and_setup_are_not_the_daemons_in_the_launcher)
{
	static const char *const asked[2][2] = { { "told_args", "no args 0" },
	    { "setup", "setup 1" } };
	char line[100];
	int told = 0;

	scenario_start(&s, "daemon", NULL);
	scenario_send(&s, "args some words;flags %d",
	    PROCLC_DAEMON_WAIT_READY);
	scenario_send(&s, "fork_daemon %s", asked[_i][0]);
	scenario_expect(&s, "fork 0");
	answers("told_args", "args 12 some words");
	scenario_send(&s, "pid");
	daemon_pid = (pid_t)scenario_expect_number(&s, "pid ");
	/* Which of the two says it first is open. */
	scenario_send(&s, "ready");
	for (int i = 0; i < 3; i++) {
		ck_assert(scenario_read_line(&s, line, sizeof(line), 0));
		told += strcmp(line, asked[_i][1]) == 0;
	}
	ck_assert_int_eq(told, 1);
	scenario_expect_exit(&s, 99);
	end();
}
END_TEST

START_TEST(args_not_given_are_none)
{
	scenario_start(&s, "daemon", NULL);
	started();
	answers("told_args", "no args 0");
	end();
}
END_TEST

START_TEST(setup_is_to_be_done_once_and_before)
{
	scenario_start(&s, "daemon", NULL);
	answers("setup", "setup 1");
	started();
	answers("setup", "setup 0");
	scenario_send(&s, "fork");
	scenario_expect_number(&s, "forked ");
	answers("child setup", "child setup 0");
	answers("child exit 0;reap", "reaped 0 0");
	end();
}
END_TEST

START_TEST(strip_cmd_args_is_accepted)
{
	scenario_start(&s, "daemon", NULL);
	scenario_send(&s, "flags %d", PROCLC_DAEMON_STRIP_CMD_ARGS);
	started();
	end();
}
END_TEST

/* Environment. */

START_TEST(environment_loses_what_was_said_to_the_launcher)
{
	static const char *const gone[] = { "NOTIFY_SOCKET", "WATCHDOG_PID",
	    "WATCHDOG_USEC", "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES" };
	static const char *const stay[] = { "HOME", "NOTIFY_SOCKET2",
	    "NOTIFY", "USER" };
	bool keep = _i == 1;

	scenario_start(&s, "daemon", NULL);
	for (size_t i = 0; i < sizeof(gone) / sizeof(gone[0]); i++)
		scenario_send(&s, "setenv %s word", gone[i]);
	for (size_t i = 0; i < sizeof(stay) / sizeof(stay[0]); i++)
		scenario_send(&s, "setenv %s word", stay[i]);
	if (keep)
		scenario_send(&s, "flags %d", PROCLC_DAEMON_KEEP_ENVIRONMENT);
	started();
	for (size_t i = 0; i < sizeof(gone) / sizeof(gone[0]); i++) {
		scenario_send(&s, "env %s", gone[i]);
		scenario_expect(&s, "env %s", keep ? "word" : "unset");
	}
	for (size_t i = 0; i < sizeof(stay) / sizeof(stay[0]); i++) {
		scenario_send(&s, "env %s", stay[i]);
		scenario_expect(&s, "env word");
	}
	end();
}
END_TEST

/* Threads. */

static struct proclc_pidfile *written;
static atomic_bool enough;

static void *
use_the_library(void *unused)
{
	while (!enough)
		proclc_pidfile_write(written);
	return unused;
}

/* A thread that goes on in the launcher does not take it for a child, though
 * for a while its objects are the daemon's. */
START_TEST(threads_that_are_allowed_may_use_the_library_meanwhile)
{
	enum { ROUNDS = 100 };
	struct proclc_daemon_options o = PROCLC_DAEMON_OPTIONS_INIT;
	char path[700];
	pthread_t thread;
	int role;

	/* Elsewhere a dead daemon that nobody has reaped is waited for. */
	if (skip_without("process", "pidfd"))
		return;
	snprintf(path, sizeof(path), "%s/own.pid", toolkit_dir());
	ck_assert_int_eq(proclc_pidfile_open(&written, path, NULL), 0);
	ck_assert_int_eq(proclc_pidfile_write(written), 0);
	ck_assert_int_eq(pthread_create(&thread, NULL, use_the_library, NULL),
	    0);
	o.flags = PROCLC_DAEMON_ALLOW_THREADS | PROCLC_DAEMON_WAIT_READY;
	for (int i = 0; i < ROUNDS; i++) {
		role = proclc_daemon_fork(&o);
		if (role == PROCLC_DAEMON_CHILD)
			_exit(1);
		ck_assert_int_lt(role, 0);
		ck_assert_int_eq(proclc_pidfile_write(written), 0);
	}
	enough = true;
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	ck_assert_int_eq(proclc_pidfile_status(path, NULL), 0);
	ck_assert_int_eq(proclc_pidfile_remove(written), 0);
	/* Orphans of ours, who are their reaper. */
	while (waitpid(-1, NULL, WNOHANG) > 0)
		continue;
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("daemon_options");
	TCase *args = tcase_create("args");
	TCase *environment = tcase_create("environment");
	TCase *threads = tcase_create("threads");

	tcase_add_checked_fixture(args, toolkit_setup, toolkit_teardown);
	tcase_add_test(args, args_reach_the_daemon_unchanged);
	tcase_add_loop_test(args,
	    args_and_setup_are_not_the_daemons_in_the_launcher, 0, 2);
	tcase_add_test(args, args_not_given_are_none);
	tcase_add_test(args, setup_is_to_be_done_once_and_before);
	tcase_add_test(args, strip_cmd_args_is_accepted);
	suite_add_tcase(suite, args);

	tcase_add_checked_fixture(environment, toolkit_setup,
	    toolkit_teardown);
	tcase_add_loop_test(environment,
	    environment_loses_what_was_said_to_the_launcher, 0, 2);
	suite_add_tcase(suite, environment);

	tcase_add_checked_fixture(threads, toolkit_setup, toolkit_teardown);
	tcase_add_test(threads,
	    threads_that_are_allowed_may_use_the_library_meanwhile);
	suite_add_tcase(suite, threads);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
