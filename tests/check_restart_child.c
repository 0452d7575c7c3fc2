/*
 * The processes of a task that is restarted: when each begins, what it is
 * called, what of its group is left for the next, and that one is not to be
 * had.
 */
#define _GNU_SOURCE 1

#include "restarts.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>
#include <sys/wait.h>

static int
compare_name(void *self)
{
	char name[32] = "";

	file_read("/proc/self/comm", name, sizeof(name));
	name[strcspn(name, "\n")] = '\0';
	letter_put(strcmp(name, self) == 0 ? 'y' : 'n');
	return 1;
}

static const struct proclc_task_ops compares_name = {
	.size = sizeof(compares_name), .name = "name", .run = compare_name,
};

/* Not the library's thread's, of which it is a fork. */
START_TEST(process_is_called_as_in_the_first_run)
{
	struct proclc_restart policy = restart_policy(PROCLC_RESTART_ALWAYS);
	struct proclc_task *task;
	char name[32];

	if (skip_without("threads", "proc") || !use_way(_i))
		return;
	ck_assert_int_gt(file_read("/proc/self/comm", name, sizeof(name)), 0);
	name[strcspn(name, "\n")] = '\0';
	policy.limit = 3;
	task = restart_new(&compares_name, name, 0, &policy);
	ck_assert_int_eq(proclc_task_start(task), 0);
	restart_expect_all("yyy");
	proclc_task_free(task);
}
END_TEST

/* The delays as they are measured from outside: from the end of one body to
 * the beginning of the next. */

struct moments {
	int64_t begun, ended;
};

static int moments[2];
static int lasting;	/* ms, from the parent */

static int
note_moments(void *unused)
{
	struct moments m = { .begun = clock_now_ms() };

	(void)unused;
	poll(NULL, 0, lasting);
	m.ended = clock_now_ms();
	return write(moments[1], &m, sizeof(m)) != sizeof(m);
}

static const struct proclc_task_ops notes_moments = {
	.size = sizeof(notes_moments), .name = "moments",
	.run = note_moments,
};

/* The third run lasts. */
static void
choose_length(struct proclc_task *task, int state,
    const struct proclc_status *status, void *unused)
{
	(void)status;
	(void)unused;
	lasting = state == PROCLC_TASK_BACKING_OFF &&
	    proclc_task_restarts(task) == 1 ? 220 : 0;
}

/* Under load a run may begin too late, or last too long to be an early one. */
static bool
as_documented(void)
{
	static const int delays[] = { 40, 80, 40, 40, 80, 90 };
	struct proclc_restart policy = PROCLC_RESTART_INIT;
	struct moments now, before = { 0, 0 };
	int64_t delay;
	struct proclc_task *task;
	bool right = true;

	policy.when = PROCLC_RESTART_ALWAYS;
	policy.min_uptime_ms = 200;
	policy.delay_ms = 40;
	policy.max_delay_ms = 90;
	task = restart_new(&notes_moments, NULL, 0, &policy);
	ck_assert_int_eq(proclc_task_on_change(task, choose_length, NULL),
	    0);
	ck_assert_int_eq(proclc_task_start(task), 0);
	for (int i = 0; i < 7; i++) {
		ck_assert(restart_readable(moments[0], 0));
		ck_assert_int_eq(read(moments[0], &now, sizeof(now)),
		    sizeof(now));
		delay = now.begun - before.ended;
		if (i > 0 && (delay < delays[i - 1] - 1 ||
		    delay >= delays[i - 1] + 35))
			right = false;
		before = now;
	}
	proclc_task_free(task);
	return right;
}

START_TEST(delays_are_the_documented_ones)
{
	int tries = 1;

	if (toolkit_skip_tsan(TSAN_SLOW) || !use_way(_i))
		return;
	ck_assert_int_eq(os_pipe(moments), 0);
	while (!as_documented())
		ck_assert_int_lt(tries++, 10);
	close(moments[0]);
	close(moments[1]);
}
END_TEST

static int
leave_a_member(void *unused)
{
	pid_t member = fork();

	if (member == 0)
		_exit(task_wait_at_gate(unused));
	return write(moments[1], &member, sizeof(member)) != sizeof(member) ||
	    member < 0 ? 2 : 1;
}

static const struct proclc_task_ops leaves_member = {
	.size = sizeof(leaves_member), .name = "member",
	.run = leave_a_member,
};

/* The next run meets nobody of the one before. */
START_TEST(group_of_a_run_is_killed_with_it)
{
	struct proclc_restart policy = restart_policy(PROCLC_RESTART_ALWAYS);
	struct proclc_task *task;
	pid_t member;

	if (toolkit_skip_tsan(TSAN_FORK) || !use_way(_i))
		return;
	policy.limit = 3;
	ck_assert_int_eq(os_pipe(moments), 0);
	task = restart_start(&leaves_member, NULL, PROCLC_TASK_GROUP,
	    &policy);
	restart_expect_all("srbsrbsrf");
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(read(moments[0], &member, sizeof(member)),
		    sizeof(member));
		process_wait_gone(member, 0);
	}
	task_expect(task, PROCLC_STATUS_EXITED, 1);
	proclc_task_free(task);
	close(moments[0]);
	close(moments[1]);
}
END_TEST

/* The second and the third process are not to be had, when so asked. */
static bool refusing;
static int asked;

__attribute__((visibility("default")))
pid_t
fork(void)
{
	static pid_t (*next)(void);

	if (refusing && (++asked == 2 || asked == 3)) {
		errno = EAGAIN;
		return -1;
	}
	if (next == NULL)
		*(void **)&next = dlsym(RTLD_NEXT, "fork");
	return next();
}

/* Told like the others, with what is known of the end. */
static void
tell_known(struct proclc_task *task, int state,
    const struct proclc_status *status, void *user)
{
	restart_tell(task, state, status, user);
	if (state == PROCLC_TASK_BACKING_OFF || state == PROCLC_TASK_FAILED)
		letter_put(status->kind == PROCLC_STATUS_UNKNOWN ? '?' : '!');
}

START_TEST(run_that_cannot_be_made_is_one_that_failed_early)
{
	struct proclc_restart policy =
	    restart_policy(PROCLC_RESTART_ON_FAILURE);
	struct proclc_task *task;

	if (!use_way(_i))
		return;
	policy.limit = 5;
	task = restart_new(&task_exits, &(int){ 4 }, 0, &policy);
	ck_assert_int_eq(proclc_task_on_change(task, tell_known, NULL), 0);
	refusing = true;
	ck_assert_int_eq(proclc_task_start(task), 0);
	restart_expect_all("srb!sb?sb?srb!srf!");
	ck_assert_int_eq(proclc_task_restarts(task), 2);
	task_expect(task, PROCLC_STATUS_EXITED, 4);
	proclc_task_free(task);
}
END_TEST

START_TEST(one_that_cannot_be_made_at_last_has_failed)
{
	struct proclc_restart policy = restart_policy(PROCLC_RESTART_ALWAYS);
	struct proclc_task *task;

	if (!use_way(_i))
		return;
	policy.limit = 3;
	task = restart_new(&task_exits, NULL, 0, &policy);
	ck_assert_int_eq(proclc_task_on_change(task, tell_known, NULL), 0);
	refusing = true;
	ck_assert_int_eq(proclc_task_start(task), 0);
	restart_expect_all("srb!sb?sf?");
	ck_assert_int_eq(proclc_task_restarts(task), 0);
	ck_assert_int_eq(proclc_task_pid(task), 0);
	ck_assert_int_eq(task_kind(task), PROCLC_STATUS_UNKNOWN);
	proclc_task_free(task);
}
END_TEST

/* While one runs, and while another one waits for its hour. */
START_TEST(nobody_wakes_up_while_nothing_happens)
{
	struct proclc_restart late = restart_late(PROCLC_RESTART_ALWAYS);
	struct proclc_restart policy = restart_policy(PROCLC_RESTART_ALWAYS);
	int64_t deadline = clock_deadline(9000), before;
	struct proclc_task *task, *other;
	int quiet = 0;

	letters_expect_library();
	if (skip_without("process", "pidfd") ||
	    skip_without("threads", "proc"))
		return;
	task = restart_start(&task_waits, NULL, 0, &policy);
	restart_expect("sr");
	ck_assert_int_eq(proclc_task_kill(task, PROCLC_SIGKILL), 0);
	restart_expect("bsr");
	other = restart_start(&task_exits, NULL, 0, &late);
	restart_expect_all("srb");
	while (quiet < 3 && clock_left_ms(deadline) > 0) {
		before = kernel_waits(getpid(), "proclc");
		poll(NULL, 0, 300);
		quiet = kernel_waits(getpid(), "proclc") == before ?
		    quiet + 1 : 0;
	}
	ck_assert_int_eq(quiet, 3);
	proclc_task_free(other);
	ck_assert_int_ge(proclc_task_shutdown(task, PROCLC_NOW, NULL), 0);
	proclc_task_free(task);
}
END_TEST

static Suite *
child_suite(void)
{
	Suite *suite = suite_create("restart child");
	TCase *tc = tcase_create("child");

	tcase_add_checked_fixture(tc, task_setup, toolkit_teardown);
	tcase_set_timeout(tc, 30);
	tcase_add_loop_test(tc, process_is_called_as_in_the_first_run, 0, 2);
	tcase_add_loop_test(tc, delays_are_the_documented_ones, 0, WAYS);
	tcase_add_loop_test(tc, group_of_a_run_is_killed_with_it, 0, WAYS);
	tcase_add_loop_test(tc,
	    run_that_cannot_be_made_is_one_that_failed_early, 0, WAYS);
	tcase_add_loop_test(tc, one_that_cannot_be_made_at_last_has_failed,
	    0, WAYS);
	tcase_add_test(tc, nobody_wakes_up_while_nothing_happens);
	suite_add_tcase(suite, tc);
	return suite;
}

int
main(void)
{
	return toolkit_main(child_suite);
}
