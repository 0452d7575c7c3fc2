/*
 * Commands when their parent ends, or only a thread of it (tests/scn/runs).
 */
#define _GNU_SOURCE 1

#include "commands.h"
#include "kernel.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/stat.h>

#include <proclc/dispatch.h>

enum { LOOKS = 20, KILLS = 60 };

static const struct proclc_command_options plain =
    PROCLC_COMMAND_OPTIONS_INIT;

static bool
skip_without_death(void)
{
	return skip_without("bare", "linux");
}

/* With these flags, started by this step: its pid. */
static pid_t
start_run(struct scenario *s, uint32_t flags, const char *step)
{
	char text[32];
	pid_t pid;

	snprintf(text, sizeof(text), "flags=%u", (unsigned)flags);
	scenario_start(s, "runs", text, step, NULL);
	pid = (pid_t)scenario_expect_number(s, "runs ");
	if (strcmp(step, "by-thread") == 0)
		scenario_expect(s, "thread gone");
	scenario_expect(s, "ready");
	return pid;
}

/* It lives, and goes on living. */
static void
expect_alive(pid_t pid)
{
	for (int i = 0; i < LOOKS; i++) {
		ck_assert(process_alive(pid));
		poll(NULL, 0, 5);
	}
}

static void
end_it(pid_t pid)
{
	ck_assert_int_eq(kill(pid, SIGKILL), 0);
	process_wait_gone(pid, 0);
}

START_TEST(command_dies_with_its_killed_parent)
{
	struct scenario s;
	pid_t pid;

	if (skip_without_death())
		return;
	pid = start_run(&s, PROCLC_COMMAND_DIE_WITH_PARENT, _i == 0 ?
	    "start" : "by-thread");
	expect_alive(pid);
	scenario_signal(&s, SIGKILL);
	scenario_expect_killed(&s, SIGKILL);
	process_wait_gone(pid, 0);
}
END_TEST

START_TEST(command_dies_with_its_parent_not_with_its_first_thread)
{
	struct scenario s;
	pid_t pid;

	if (skip_without_death())
		return;
	pid = start_run(&s, PROCLC_COMMAND_DIE_WITH_PARENT, "start");
	scenario_send(&s, "end-main");
	scenario_expect(&s, "main ends");
	expect_alive(pid);
	scenario_close_stdin(&s);
	scenario_expect_exit(&s, 0);
	process_wait_gone(pid, 0);
}
END_TEST

START_TEST(command_goes_on_when_its_parent_is_killed)
{
	struct scenario s;
	pid_t pid = start_run(&s, 0, "start");

	scenario_signal(&s, SIGKILL);
	scenario_expect_killed(&s, SIGKILL);
	expect_alive(pid);
	end_it(pid);
}
END_TEST

START_TEST(command_is_shut_down_at_its_parents_exit)
{
	struct scenario s;
	pid_t pid = start_run(&s, _i == 0 ? 0 : PROCLC_TASK_OUTLIVE_PARENT,
	    "by-thread");

	scenario_send(&s, "exit=3");
	scenario_expect_exit(&s, 3);
	if (_i == 0) {
		process_wait_gone(pid, 0);
		return;
	}
	expect_alive(pid);
	end_it(pid);
}
END_TEST

/* Those that wait, of all that there are. */
static int
count_sleepers(void)
{
	struct os_process *all;
	int n = os_processes(&all), found = 0;

	for (int i = 0; i < n; i++)
		found += strcmp(all[i].name, "sleep") == 0 &&
		    all[i].state != 'Z';
	free(all);
	return found;
}

/* Whatever it was about when it was killed, no child is left.  The test is
 * alone in its pid namespace, or it cannot tell whose they are. */
START_TEST(command_dies_with_its_parent_killed_at_any_moment)
{
	struct timespec moment = { 0, 0 };
	int64_t due;
	struct scenario s;
	char flags[32];

	if (skip_without_death())
		return;
	if (!kernel_isolated()) {
		toolkit_skip("that nobody is left: other programs run here");
		return;
	}
	snprintf(flags, sizeof(flags), "flags=%u",
	    (unsigned)PROCLC_COMMAND_DIE_WITH_PARENT);
	for (int i = 0; i < KILLS; i++) {
		scenario_start(&s, "runs", flags, "always", NULL);
		scenario_expect(&s, "one");
		moment.tv_nsec = (i * 7919L % 4000) * 1000;
		nanosleep(&moment, NULL);
		scenario_signal(&s, SIGKILL);
		scenario_expect_killed(&s, SIGKILL);
		due = clock_deadline(0);
		while (count_sleepers() > 0 && clock_now_ms() < due)
			poll(NULL, 0, 1);
		ck_assert_int_eq(count_sleepers(), 0);
	}
}
END_TEST

/* Where it cannot hold: with bare-posix nowhere. */

static void
expect_refused(const char *path)
{
	struct proclc_command_options o = plain;

	o.flags = PROCLC_COMMAND_DIE_WITH_PARENT;
	o.path = path;
	command_fails(&o, PROCLC_ENOTSUP, PROCLC_STAGE_PARENT, "true", NULL);
}

START_TEST(command_with_more_rights_cannot_die_with_its_parent)
{
	char text[600];
	const char *path = command_file("more", "#!/bin/sh\n", 0755);

	if (geteuid() != 0) {
		toolkit_skip("a file of somebody else's: only root makes one");
		return;
	}
	ck_assert_int_eq(chown(path, _i == 0 ? 65534 : 0, _i == 0 ? 0 :
	    65534), 0);
	ck_assert_int_eq(chmod(path, _i == 0 ? 04755 : 02755), 0);
	expect_refused(path);
	/* And as what runs a script. */
	snprintf(text, sizeof(text), "#! %s -x\n", path);
	expect_refused(command_file("script", text, 0755));
}
END_TEST

/* Who has the rights of the file already gains none by it. */
START_TEST(command_of_our_own_rights_dies_with_its_parent)
{
	struct proclc_command_options o = plain;
	char show[512], copy[600];

	if (skip_without_death())
		return;
	letters_expect_library();
	toolkit_expect(TOOLKIT_FILES);
	scenario_path(show, sizeof(show), "scn/show");
	snprintf(copy, sizeof(copy), "%s/show", toolkit_dir());
	command_finish(command_start(&plain, "cp", show, copy, NULL), NULL,
	    0);
	ck_assert_int_eq(chmod(copy, 06755), 0);
	o.flags = PROCLC_COMMAND_DIE_WITH_PARENT;
	ck_assert_str_eq(command_says(&o, copy, "death", NULL), "9");
}
END_TEST

START_TEST(command_cannot_die_with_its_parent_without_threads)
{
	if (skip_without("ready", "epoll"))
		return;
	ck_assert_int_eq(proclc_set_dispatch_mode(PROCLC_DISPATCH_MANUAL |
	    PROCLC_NO_THREADS), 0);
	expect_refused("true");
}
END_TEST

static int two_ids;

static int
start_with_two_ids(void *unused)
{
	struct proclc_command_options o = plain;
	char name[] = "true", *argv[] = { name, NULL };
	struct proclc_task *task;

	(void)unused;
	o.flags = PROCLC_COMMAND_DIE_WITH_PARENT;
	if (two_ids == 0 ? seteuid(65534) != 0 : two_ids == 1 ?
	    setfsuid(65534) != 0 : setfsgid(65534) != 0)
		return 77;
	return proclc_command_new(&task, argv, &o) == PROCLC_ENOTSUP ? 0 : 1;
}

START_TEST(command_cannot_die_with_a_parent_of_two_ids)
{
	if (skip_without_death())
		return;
	if (geteuid() != 0)
		toolkit_skip("ids that differ: only root has a choice");
	else {
		two_ids = _i;
		ck_assert_int_eq(task_code_of(start_with_two_ids, 0), 0);
	}
}
END_TEST

/* As another user it holds, too: that is forgotten when ids change. */
START_TEST(command_of_another_user_dies_with_its_parent)
{
	struct proclc_command_options o = plain;

	if (skip_without_death() || scenario_skip_user())
		return;
	letters_expect_library();
	o.flags = PROCLC_COMMAND_DIE_WITH_PARENT;
	o.user = "65534";
	o.group = "65534";
	ck_assert_str_eq(command_says(&o, "%show", "ids", "death", NULL),
	    "65534 65534 65534, 65534 65534 65534\n9");
}
END_TEST

static int
start_in_child(void *unused)
{
	struct proclc_command_options o = plain;
	char name[] = "true", *argv[] = { name, NULL };
	struct proclc_task *task;

	(void)unused;
	o.flags = PROCLC_COMMAND_DIE_WITH_PARENT;
	if (proclc_command_new(&task, argv, &o) < 0 ||
	    proclc_task_wait(task, task_bound(), NULL) < 0)
		return 1;
	proclc_task_free(task);
	return 0;
}

START_TEST(command_dies_with_its_parent_in_a_forked_child)
{
	struct proclc_command_options o = plain;

	if (skip_without_death())
		return;
	letters_expect_library();
	o.flags = PROCLC_COMMAND_DIE_WITH_PARENT;
	ck_assert_str_eq(command_says(&o, "%show", "death", NULL), "9");
	ck_assert_int_eq(task_code_of(start_in_child, 0), 0);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *s = suite_create("command_parent");
	TCase *tc = tcase_create("command_parent");

	tcase_add_checked_fixture(tc, task_setup, toolkit_teardown);
	tcase_add_loop_test(tc, command_dies_with_its_killed_parent, 0, 2);
	tcase_add_test(tc,
	    command_dies_with_its_parent_not_with_its_first_thread);
	tcase_add_test(tc, command_goes_on_when_its_parent_is_killed);
	tcase_add_loop_test(tc, command_is_shut_down_at_its_parents_exit, 0,
	    2);
	tcase_add_test(tc, command_dies_with_its_parent_killed_at_any_moment);
	tcase_add_loop_test(tc,
	    command_with_more_rights_cannot_die_with_its_parent, 0, 2);
	tcase_add_test(tc, command_of_our_own_rights_dies_with_its_parent);
	tcase_add_test(tc, command_cannot_die_with_its_parent_without_threads);
	tcase_add_loop_test(tc, command_cannot_die_with_a_parent_of_two_ids,
	    0, 3);
	tcase_add_test(tc, command_of_another_user_dies_with_its_parent);
	tcase_add_test(tc, command_dies_with_its_parent_in_a_forked_child);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
