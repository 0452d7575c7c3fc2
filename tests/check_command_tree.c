/*
 * Commands that are stopped with all their descendants, with a control group
 * and without: programs that went to other sessions, and hear no TERM.
 */
#define _GNU_SOURCE 1

#include "trees.h"

enum { DAEMONS = 3, GRACE_MS = 150 };

static const char script[] =
    "for i in 1 2 3; do"
    "  (setsid sh -c 'trap \"\" TERM; echo >&8; sleep 1000' &);"
    "done; %s";

static struct proclc_task *
start(const char *rest, uint32_t flags)
{
	const struct proclc_pass passes[] = { { task_gate[0], 7 },
	    { tree_pids[1], 8 }, { tree_life[1], 9 } };
	struct proclc_command_options o = PROCLC_COMMAND_OPTIONS_INIT;
	char text[sizeof(script) + 32], byte;
	char sh[] = "sh", c[] = "-c", *argv[] = { sh, c, text, NULL };
	struct proclc_task *task;

	snprintf(text, sizeof(text), script, rest);
	o.flags = PROCLC_TASK_TREE | flags;
	o.fds = passes;
	o.n_fds = 3;
	ck_assert_msg(proclc_command_new(&task, argv, &o) == 0, "%s",
	    proclc_errmsg());
	for (int i = 0; i < DAEMONS; i++) {
		ck_assert(fd_readable_within(tree_pids[0], 0));
		ck_assert_int_eq(read(tree_pids[0], &byte, 1), 1);
	}
	tree_find_place((pid_t)proclc_task_pid(task));
	return task;
}

START_TEST(shutdown_reaches_what_a_command_has_left_its_session)
{
	bool job = _i % 2 == 1;
	struct proclc_status status = PROCLC_STATUS_INIT;
	struct proclc_task *task;

	if (!tree_begin(job))
		return;
	task = start("sleep 1000", _i / 2 == 0 ? 0 : PROCLC_TASK_GROUP);
	tree_lacks_job(job);
	ck_assert_int_eq(proclc_task_shutdown(task, GRACE_MS, &status), 1);
	ck_assert_int_eq(status.forced, 1);
	tree_expect_gone();
	proclc_task_free(task);
}
END_TEST

/* It has ended by itself, and what it left is found in its group. */
START_TEST(what_a_command_leaves_is_killed_when_its_end_is_seen)
{
	struct proclc_task *task;

	if (!tree_begin(true))
		return;
	task = start("head -c 1 <&7 >/dev/null; exit 5", 0);
	if (tree_lacks_job(true)) {
		ck_assert_int_ge(proclc_task_shutdown(task, GRACE_MS, NULL),
		    0);
		proclc_task_free(task);
		return;
	}
	task_let_go(1);
	task_expect(task, PROCLC_STATUS_EXITED, 5);
	tree_expect_gone();
	proclc_task_free(task);
}
END_TEST

START_TEST(command_whose_tree_cannot_be_had_is_ENOTSUP)
{
	struct proclc_command_options o = PROCLC_COMMAND_OPTIONS_INIT;
	char name[] = "true", *argv[] = { name, NULL };
	struct proclc_task *task;

	if (backend_is("tree", "linux") && backend_is("process", "pidfd")) {
		toolkit_skip("a system without trees: this is one");
		return;
	}
	o.flags = PROCLC_TASK_TREE;
	ck_assert_int_eq(proclc_command_new(&task, argv, &o),
	    PROCLC_ENOTSUP);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("command_tree");
	TCase *tcase = tcase_create("command_tree");

	tcase_add_checked_fixture(tcase, tree_setup, toolkit_teardown);
	tcase_add_loop_test(tcase,
	    shutdown_reaches_what_a_command_has_left_its_session, 0, 4);
	tcase_add_test(tcase,
	    what_a_command_leaves_is_killed_when_its_end_is_seen);
	tcase_add_test(tcase, command_whose_tree_cannot_be_had_is_ENOTSUP);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
