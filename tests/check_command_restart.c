/*
 * Commands with a restart policy: the same program again, with pipes of its
 * own.
 */
#define _GNU_SOURCE 1

#include "commands.h"
#include "restarts.h"

#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/prctl.h>
#include <sys/resource.h>

enum { TALKS = 120, ASKERS = 3 };

static struct proclc_command_options options;
static struct proclc_restart policy;

static void
setup(void)
{
	task_setup();
	letters_expect_library();
	options = (struct proclc_command_options)PROCLC_COMMAND_OPTIONS_INIT;
	policy = restart_policy(PROCLC_RESTART_ON_FAILURE);
	options.restart = &policy;
}

static void
expect_over(struct proclc_task *task, int state, int restarts)
{
	ck_assert_int_eq(proclc_task_wait(task, task_bound(), NULL), 0);
	ck_assert_int_eq(proclc_task_state(task), state);
	ck_assert_int_eq(proclc_task_restarts(task), restarts);
}

START_TEST(command_runs_again_until_its_limit)
{
	char out[512], said[64];
	struct proclc_task *task;

	snprintf(out, sizeof(out), "%s", command_file("out", "", 0644));
	options.out.kind = PROCLC_STDIO_APPEND;
	options.out.path = out;
	policy.limit = 4;
	task = command_start(&options, "sh", "-c", "echo run; exit 1", NULL);
	/* It is copied. */
	policy.when = PROCLC_RESTART_NEVER;
	expect_over(task, PROCLC_TASK_FAILED, 3);
	task_expect(task, PROCLC_STATUS_EXITED, 1);
	ck_assert_int_ge(file_read(out, said, sizeof(said)), 0);
	ck_assert_str_eq(said, "run\nrun\nrun\nrun\n");
	proclc_task_free(task);
}
END_TEST

START_TEST(command_that_succeeds_is_not_run_again)
{
	char marker[512], script[1100];
	struct proclc_task *task;

	snprintf(marker, sizeof(marker), "%s", command_file("first", "",
	    0644));
	snprintf(script, sizeof(script), "[ ! -e %s ] || { rm %s; false; }",
	    marker, marker);
	task = command_start(&options, "sh", "-c", script, NULL);
	expect_over(task, PROCLC_TASK_STOPPED, 1);
	task_expect(task, PROCLC_STATUS_EXITED, 0);
	proclc_task_free(task);
}
END_TEST

/* What cannot be run has ended early, and nobody knows how. */
START_TEST(command_whose_file_goes_away_fails_in_the_end)
{
	char file[512];
	struct proclc_task *task;

	snprintf(file, sizeof(file), "%s", command_file("once",
	    "#!/bin/sh\nrm \"$0\"\nexit 1\n", 0755));
	policy.limit = 3;
	task = command_start(&options, file, NULL);
	expect_over(task, PROCLC_TASK_FAILED, 0);
	ck_assert_int_eq(task_kind(task), PROCLC_STATUS_UNKNOWN);
	proclc_task_free(task);
}
END_TEST

static void
talk_to_one_run(struct proclc_task *task, const char *word)
{
	struct proclc_talk talk = command_talk(word);

	ck_assert_int_eq(proclc_command_talk(task, &talk, task_bound()), 0);
	ck_assert_str_eq(command_out.bytes, word);
}

START_TEST(command_has_pipes_of_its_own_in_each_run)
{
	struct proclc_task *task;

	options.in.kind = options.out.kind = PROCLC_STDIO_PIPE;
	options.flags = PROCLC_TASK_EXPLICIT_START;
	policy.limit = 3;
	task = command_start(&options, "sh", "-c", "cat; exit 1", NULL);
	ck_assert_int_eq(proclc_task_on_change(task, restart_tell, NULL), 0);
	ck_assert_int_eq(proclc_task_start(task), 0);
	restart_expect("sr");
	talk_to_one_run(task, "one");
	restart_expect("bsr");
	talk_to_one_run(task, "two");
	restart_expect("bsr");
	talk_to_one_run(task, "three");
	restart_expect_all("f");
	proclc_task_free(task);
}
END_TEST

static _Atomic bool asking;

/* Keeps the dispatcher waiting between two steps. */
static void *
ask_on(void *task)
{
	while (atomic_load(&asking))
		proclc_task_state(task);
	return NULL;
}

/* Whoever begins to talk, at whatever moment around the restart, hears all of
 * one run. */
START_TEST(command_is_heard_whole_by_who_comes_as_it_restarts)
{
	struct proclc_task *task;
	struct proclc_talk talk;
	pthread_t askers[ASKERS];
	int64_t runs, pause;
	int i, j;

	options.out.kind = PROCLC_STDIO_PIPE;
	policy.delay_ms = policy.max_delay_ms = 1;
	task = command_start(&options, "/bin/sh", "-c", "echo word; exit 1",
	    NULL);
	atomic_store(&asking, true);
	for (i = 0; i < ASKERS; i++)
		pthread_create(&askers[i], NULL, ask_on, task);
	for (i = 0; i < TALKS; i++) {
		while (proclc_task_state(task) != PROCLC_TASK_BACKING_OFF)
			sched_yield();
		/* About as long as the delay. */
		pause = 100 * (i % 12);
		for (j = 0; j < pause && proclc_task_state(task) ==
		    PROCLC_TASK_BACKING_OFF; j++)
			continue;
		talk = command_talk(NULL);
		ck_assert_int_eq(proclc_command_talk(task, &talk,
		    task_bound()), 0);
		ck_assert_msg(strcmp(command_out.bytes, "word\n") == 0,
		    "heard %s of talk %d", command_out.bytes, i);
		/* The same run is not to be talked to again. */
		runs = proclc_task_restarts(task);
		while (proclc_task_restarts(task) == runs)
			sched_yield();
	}
	atomic_store(&asking, false);
	for (i = 0; i < ASKERS; i++)
		pthread_join(askers[i], NULL);
	proclc_task_free(task);
}
END_TEST

START_TEST(command_is_shut_down_while_it_backs_off)
{
	struct proclc_task *task;

	policy = restart_late(PROCLC_RESTART_ALWAYS);
	task = command_start(&options, "true", NULL);
	ck_assert_int_eq(proclc_task_on_change(task, restart_tell, NULL), 0);
	while (proclc_task_state(task) != PROCLC_TASK_BACKING_OFF)
		poll(NULL, 0, 1);
	ck_assert_int_eq(proclc_task_shutdown(task, 0, NULL), 0);
	expect_over(task, PROCLC_TASK_STOPPED, 0);
	proclc_task_free(task);
}
END_TEST

START_TEST(command_with_a_policy_that_is_none_is_EINVAL)
{
	struct proclc_task *task;
	char *argv[] = { (char[]){ "true" }, NULL };

	policy.when = 3;
	ck_assert_int_eq(proclc_command_new(&task, argv, &options),
	    PROCLC_EINVAL);
}
END_TEST

/* More than there are threads to start them, each of which needs one. */
START_TEST(many_that_die_with_their_parent_all_go_on)
{
	enum { MANY = 200, TURNS = 5 };
	static struct proclc_task *many[MANY];
	int64_t due = clock_deadline(0);
	int i;

	if (skip_without("bare", "linux") ||
	    toolkit_skip_tsan(TSAN_SLOW))
		return;
	/* Those that have started one stay. */
	toolkit_expect(TOOLKIT_THREADS);
	options.flags = PROCLC_COMMAND_DIE_WITH_PARENT;
	policy.when = PROCLC_RESTART_ALWAYS;
	policy.delay_ms = policy.max_delay_ms = 50;
	for (i = 0; i < MANY; i++)
		many[i] = command_start(&options, "true", NULL);
	for (i = 0; i < MANY; i++)
		while (proclc_task_restarts(many[i]) < TURNS) {
			ck_assert_int_lt(clock_now_ms(), due);
			poll(NULL, 0, 1);
		}
	ck_assert_int_ge(proclc_shutdown_set(many, MANY, PROCLC_NOW), 0);
	for (i = 0; i < MANY; i++)
		proclc_task_free(many[i]);
}
END_TEST

/* No process and so no thread more for this user; dumpable, so that it may
 * still be looked at. */
static bool
become_poor(struct rlimit *limit)
{
	struct rlimit none;

	if (getuid() == 0 && (prctl(PR_SET_DUMPABLE, 1) != 0 ||
	    setuid(65534) != 0 || prctl(PR_SET_DUMPABLE, 1) != 0))
		return false;
	if (getrlimit(RLIMIT_NPROC, limit) != 0)
		return false;
	none = *limit;
	none.rlim_cur = 0;
	return setrlimit(RLIMIT_NPROC, &none) == 0;
}

/* Without one it fails to start, and is tried again. */
START_TEST(command_waits_for_the_thread_that_starts_it_again)
{
	struct proclc_task *task;
	struct rlimit limit;

	options.in.kind = PROCLC_STDIO_FD;
	options.in.fd = task_gate[0];
	options.flags = PROCLC_TASK_EXPLICIT_START;
	task = command_start(&options, "sh", "-c", "read code; exit $code",
	    NULL);
	ck_assert_int_eq(proclc_task_on_change(task, restart_tell, NULL), 0);
	ck_assert_int_eq(proclc_task_start(task), 0);
	restart_expect("sr");
	ck_assert(become_poor(&limit));
	ck_assert_int_eq(write(task_gate[1], "1\n", 2), 2);
	restart_expect("bsbsbs");
	ck_assert_int_eq(proclc_task_restarts(task), 0);
	ck_assert_int_eq(setrlimit(RLIMIT_NPROC, &limit), 0);
	ck_assert_int_eq(write(task_gate[1], "0\n", 2), 2);
	ck_assert_int_eq(proclc_task_wait(task, task_bound(), NULL), 0);
	task_expect(task, PROCLC_STATUS_EXITED, 0);
	ck_assert_int_eq(proclc_task_restarts(task), 1);
	proclc_task_free(task);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("command_restart");
	TCase *tcase = tcase_create("command_restart");

	tcase_add_checked_fixture(tcase, setup, toolkit_teardown);
	tcase_add_test(tcase, command_runs_again_until_its_limit);
	tcase_add_test(tcase, command_that_succeeds_is_not_run_again);
	tcase_add_test(tcase, command_whose_file_goes_away_fails_in_the_end);
	tcase_add_test(tcase, command_has_pipes_of_its_own_in_each_run);
	tcase_add_test(tcase,
	    command_is_heard_whole_by_who_comes_as_it_restarts);
	tcase_add_test(tcase, many_that_die_with_their_parent_all_go_on);
	tcase_add_test(tcase,
	    command_waits_for_the_thread_that_starts_it_again);
	tcase_add_test(tcase, command_is_shut_down_while_it_backs_off);
	tcase_add_test(tcase, command_with_a_policy_that_is_none_is_EINVAL);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
