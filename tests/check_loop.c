/*
 * The loop: begin, loop after loop, end; told to stop at any moment.
 */
#define _GNU_SOURCE 1

#include "tasks.h"

#include <proclc/atexit.h>
#include <proclc/dispatch.h>

#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

/* What a loop of these tests is to do; the child has its copy. */
struct script {
	int begin;     /* its answer */
	int64_t answers[8];     /* of loop, in turn; then STOP */
	char stay;     /* 'b', 'l': stay in there until told to stop */
	int calls;
	int64_t last;
};

static const int stops[] = { SIGTERM, SIGINT };

/* A loop that is never told stays: the test fails by its end. */
static void
await_stop(void)
{
	while (!proclc_stop_requested())
		poll(NULL, 0, 1);
}

static int
begin(void *self)
{
	struct script *s = self;

	letter_put('b');
	if (s->stay == 'b')
		await_stop();
	return s->begin;
}

/* '<': called earlier than it has asked for. */
static int64_t
loop(void *self)
{
	struct script *s = self;
	int64_t now = clock_now_ms();

	letter_put(s->calls > 0 && now - s->last < s->answers[s->calls - 1] ?
	    '<' : 'l');
	s->last = now;
	if (s->stay == 'l') {
		await_stop();
		letter_put('x');
	}
	return s->calls < 8 && s->answers[s->calls] != 0 ?
	    s->answers[s->calls++] : PROCLC_LOOP_STOP;
}

static void
end(void *self)
{
	(void)self;
	letter_put('e');
}

static const struct proclc_loop_ops ops = {
	.size = sizeof(ops),
	.name = "loop",
	.begin = begin,
	.loop = loop,
	.end = end,
};

static struct proclc_task *
start(const struct proclc_loop_ops *table, struct script *script)
{
	struct proclc_task *task;
	int rc = proclc_loop_new(&task, table, script, sizeof(*script), NULL);

	ck_assert_msg(rc == 0, "%s", proclc_errmsg());
	return task;
}

/* It says these letters, and ends by itself with code. */
static void
expect_run(struct script *script, const char *expected, int code)
{
	struct proclc_task *task = start(&ops, script);

	letters_expect(expected);
	task_expect(task, PROCLC_STATUS_EXITED, code);
	proclc_task_free(task);
}

START_TEST(loop_begins_goes_round_and_ends)
{
	struct script script = { .answers = { PROCLC_LOOP_AGAIN, 1,
	    PROCLC_LOOP_AGAIN, PROCLC_LOOP_STOP } };

	expect_run(&script, "blllle", 0);
}
END_TEST

START_TEST(loop_keeps_its_delays)
{
	struct script script = { .answers = { 60, 80, 100 } };

	expect_run(&script, "blllle", 0);
}
END_TEST

static int64_t
zero_twice(void *self)
{
	struct script *s = self;
	int64_t now = clock_now_ms();

	if (s->calls > 0)
		letter_put(now - s->last >= 50 && now - s->last <
		    (int64_t)(1000 * clock_multiplier()) ? '0' : '!');
	s->last = now;
	return s->calls++ < 2 ? 0 : PROCLC_LOOP_STOP;
}

START_TEST(loop_delay_0_is_50_ms)
{
	struct proclc_loop_ops zero = ops;
	struct script script = { .begin = 0 };
	struct proclc_task *task;

	zero.loop = zero_twice;
	task = start(&zero, &script);
	letters_expect("b00e");
	task_expect(task, PROCLC_STATUS_EXITED, 0);
	proclc_task_free(task);
}
END_TEST

static int64_t
again_often(void *self)
{
	struct script *s = self;

	return s->calls++ < 1000 ? PROCLC_LOOP_AGAIN : PROCLC_LOOP_STOP;
}

/* 1000 times the shortest wait that there is would take 1 s. */
START_TEST(loop_AGAIN_does_not_wait)
{
	struct proclc_loop_ops again = ops;
	struct script script = { .begin = 0 };
	struct proclc_task *task;
	int64_t before;

	again.loop = again_often;
	task = start(&again, &script);
	before = clock_now_ms();
	task_expect(task, PROCLC_STATUS_EXITED, 0);
	ck_assert(clock_now_ms() - before <
	    (int64_t)(500 * clock_multiplier()));
	proclc_task_free(task);
}
END_TEST

START_TEST(loop_answer_that_is_none_ends_and_dies_by_ABRT)
{
	static const int64_t none[] = { -3, INT64_MIN };
	struct script script = { .answers = { none[_i] } };
	struct rlimit core = { 0, 0 };
	struct proclc_task *task;

	setrlimit(RLIMIT_CORE, &core);
	task = start(&ops, &script);
	letters_expect("ble");
	task_expect(task, PROCLC_STATUS_KILLED, SIGABRT);
	proclc_task_free(task);
}
END_TEST

START_TEST(loop_whose_begin_fails_ends_with_1)
{
	struct script script = { .begin = -_i - 1 };

	expect_run(&script, "be", 1);
}
END_TEST

START_TEST(loop_without_begin_and_end_goes_round)
{
	struct proclc_loop_ops bare = ops;
	struct script script = { .answers = { 1 } };
	struct proclc_task *task;

	bare.begin = NULL;
	bare.end = NULL;
	task = start(&bare, &script);
	letters_expect("ll");
	task_expect(task, PROCLC_STATUS_EXITED, 0);
	proclc_task_free(task);
}
END_TEST

START_TEST(new_with_nonsense_is_EINVAL)
{
	struct proclc_loop_ops wrong = ops;
	struct proclc_task *task;

	ck_assert_int_eq(proclc_loop_new(&task, NULL, NULL, 0, NULL),
	    PROCLC_EINVAL);
	ck_assert_int_eq(proclc_loop_new(NULL, &ops, NULL, 0, NULL),
	    PROCLC_EINVAL);
	wrong.loop = NULL;
	ck_assert_int_eq(proclc_loop_new(&task, &wrong, NULL, 0, NULL),
	    PROCLC_EINVAL);
	wrong = ops;
	wrong.name = NULL;
	ck_assert_int_eq(proclc_loop_new(&task, &wrong, NULL, 0, NULL),
	    PROCLC_EINVAL);
	wrong = ops;
	wrong.size = 16;
	ck_assert_int_eq(proclc_loop_new(&task, &wrong, NULL, 0, NULL),
	    PROCLC_EINVAL);
}
END_TEST

/* Told to stop. */

START_TEST(stop_ends_a_long_wait_at_once)
{
	struct script script = { .answers = { 1, INT64_C(3600000) } };
	struct proclc_task *task = start(&ops, &script);
	int64_t before;

	ck_assert_int_eq(letter_get(0), 'b');
	ck_assert_int_eq(letter_get(0), 'l');
	ck_assert_int_eq(letter_get(0), 'l');
	before = clock_now_ms();
	ck_assert_int_eq(proclc_task_kill(task, stops[_i]), 0);
	task_expect(task, PROCLC_STATUS_EXITED, 0);
	ck_assert(clock_now_ms() - before <
	    (int64_t)(500 * clock_multiplier()));
	letters_expect("e");
	proclc_task_free(task);
}
END_TEST

START_TEST(stop_in_begin_ends_without_loop)
{
	struct script script = { .stay = 'b' };
	struct proclc_task *task = start(&ops, &script);

	ck_assert_int_eq(letter_get(0), 'b');
	ck_assert_int_eq(proclc_task_kill(task, stops[_i]), 0);
	letters_expect("e");
	task_expect(task, PROCLC_STATUS_EXITED, 0);
	proclc_task_free(task);
}
END_TEST

START_TEST(stop_in_loop_lets_it_finish_and_ends)
{
	struct script script = { .stay = 'l', .answers = { 1, 1, 1 } };
	struct proclc_task *task = start(&ops, &script);

	ck_assert_int_eq(letter_get(0), 'b');
	ck_assert_int_eq(letter_get(0), 'l');
	ck_assert_int_eq(proclc_task_kill(task, stops[_i]), 0);
	letters_expect("xe");
	task_expect(task, PROCLC_STATUS_EXITED, 0);
	proclc_task_free(task);
}
END_TEST

static void
end_slowly(void *self)
{
	end(self);
	task_wait_at_gate(NULL);
}

/* More of them while it ends. */
START_TEST(stop_many_times_ends_once)
{
	struct script script = { .answers = { 3600000 } };
	struct proclc_loop_ops slow = ops;
	struct proclc_task *task;
	int i;

	slow.end = end_slowly;
	task = start(&slow, &script);
	for (i = 0; i < 100; i++)
		ck_assert_int_eq(proclc_task_kill(task, stops[i % 2]), 0);
	ck_assert_int_eq(letter_get(0), 'b');
	while ((i = letter_get(0)) == 'l')
		continue;
	ck_assert_int_eq(i, 'e');
	for (i = 0; i < 100; i++)
		ck_assert_int_eq(proclc_task_kill(task, stops[i % 2]), 0);
	task_let_go(1);
	task_expect(task, PROCLC_STATUS_EXITED, 0);
	letters_expect("");
	proclc_task_free(task);
}
END_TEST

/* Whatever the child has come to: begin, loop perhaps, end. */
START_TEST(stop_right_after_the_start_begins_and_ends)
{
	struct proclc_task_options options = PROCLC_TASK_OPTIONS_INIT;
	struct script script = { .answers = { 3600000 } };
	struct proclc_task *task;
	int i, letter;

	options.flags = _i == 0 ? 0 : PROCLC_TASK_NO_WAIT_FOR_CHILD;
	for (i = 0; i < 200; i++) {
		ck_assert_int_eq(proclc_loop_new(&task, &ops, &script,
		    sizeof(script), &options), 0);
		ck_assert_int_eq(proclc_task_kill(task, SIGTERM), 0);
		task_expect(task, PROCLC_STATUS_EXITED, 0);
		ck_assert_int_eq(letter_get(0), 'b');
		letter = letter_get(0);
		if (letter == 'l')
			letter = letter_get(0);
		ck_assert_int_eq(letter, 'e');
		proclc_task_free(task);
	}
	letters_expect("");
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("loop");
	TCase *tcase = tcase_create("loop");

	tcase_add_checked_fixture(tcase, task_setup, toolkit_teardown);
	tcase_add_test(tcase, loop_begins_goes_round_and_ends);
	tcase_add_test(tcase, loop_keeps_its_delays);
	tcase_add_test(tcase, loop_delay_0_is_50_ms);
	tcase_add_test(tcase, loop_AGAIN_does_not_wait);
	tcase_add_loop_test(tcase,
	    loop_answer_that_is_none_ends_and_dies_by_ABRT, 0, 2);
	tcase_add_loop_test(tcase, loop_whose_begin_fails_ends_with_1, 0, 2);
	tcase_add_test(tcase, loop_without_begin_and_end_goes_round);
	tcase_add_test(tcase, new_with_nonsense_is_EINVAL);
	tcase_add_loop_test(tcase, stop_ends_a_long_wait_at_once, 0, 2);
	tcase_add_loop_test(tcase, stop_in_begin_ends_without_loop, 0, 2);
	tcase_add_loop_test(tcase, stop_in_loop_lets_it_finish_and_ends, 0,
	    2);
	tcase_add_test(tcase, stop_many_times_ends_once);
	tcase_add_loop_test(tcase,
	    stop_right_after_the_start_begins_and_ends, 0, 2);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
