/*
 * A result whose child is killed while it sets it, sets it without end, or
 * writes wildly where it lies.
 */
#define _GNU_SOURCE 1

#include "results.h"

#include <stdint.h>

/* Sets without end, one longer than the other. */
static int
run_sets(void *largest)
{
	static unsigned char bytes[PROCLC_RESULT_MAX];
	size_t size, last = *(size_t *)largest;

	for (;;)
		for (size = 1; size <= last; size += size / 8 + 1) {
			fill(bytes, size);
			if (proclc_task_result_set(bytes, size) != 0)
				return 1;
		}
}

static const struct proclc_task_ops sets = {
	.size = sizeof(sets), .name = "sets", .run = run_sets,
};

/* Wherever it is by then: the parent comes when it will. */
static void
kill_while_it_sets(int n)
{
	static size_t sizes[] = { 16, PROCLC_RESULT_MAX };
	struct proclc_task *task;
	volatile unsigned spin;
	int64_t size = 0;
	int i, left = 0;

	for (i = 0; i < n; i++) {
		task = start(&sets, &sizes[i % 2]);
		for (spin = (unsigned)rand() % 200000; spin > 0; spin--)
			continue;
		ck_assert_int_eq(proclc_task_kill(task, SIGKILL), 0);
		task_expect(task, PROCLC_STATUS_KILLED, SIGKILL);
		size = expect_whole(task);
		ck_assert(size > 0 || size == PROCLC_ENOENT);
		left += size > 0;
		proclc_task_free(task);
	}
	ck_assert_int_gt(left, 0);
}

START_TEST(result_is_whole_wherever_its_child_is_killed)
{
	kill_while_it_sets(60);
}
END_TEST

START_TEST(result_is_whole_wherever_its_child_is_killed_2000_times)
{
	kill_while_it_sets(2000);
}
END_TEST

/* While it runs, by several threads. */
static void *
ask_often(void *task)
{
	int i, busy = 0;
	int64_t size;

	for (i = 0; i < 300; i++) {
		size = expect_whole(task);
		busy += size == PROCLC_EAGAIN;
		ck_assert(size > 0 || size == PROCLC_ENOENT ||
		    size == PROCLC_EAGAIN);
	}
	ck_assert_int_lt(busy, 300);
	return NULL;
}

START_TEST(result_is_whole_while_it_is_set_again_and_again)
{
	static size_t sizes[] = { 16, 3000, PROCLC_RESULT_MAX };
	struct proclc_task *task = start(&sets, &sizes[_i]);
	int64_t size = PROCLC_ENOENT, due = clock_deadline(0);

	while (size == PROCLC_ENOENT && clock_now_ms() < due)
		size = proclc_task_result(task, NULL, 0);
	ck_assert_int_gt(size, 0);
	ask_often(task);
	proclc_task_free(task);
}
END_TEST

struct wild {
	int byte;	/* to write everywhere; -1: numbers, again and again */
	bool shrink;	/* the file, if there is one */
};

static int
run_wild(void *user)
{
	const struct wild *wild = user;
	size_t size = 0;
	char *area = find_area(&size), path[64];
	int fd;

	if (area == NULL)
		return 2;
	snprintf(path, sizeof(path), "/proc/self/map_files/%lx-%lx",
	    (unsigned long)area, (unsigned long)area + size);
	fd = wild->shrink ? open(path, O_RDWR) : -1;
	if (fd >= 0 && ftruncate(fd, 0) == 0)
		return 3;
	while (wild->byte < 0)
		__atomic_fetch_add((uint64_t *)(void *)area, UINT64_C(1) << 33,
		    __ATOMIC_SEQ_CST);
	memset(area, wild->byte, size);
	return 0;
}

static const struct proclc_task_ops wilds = {
	.size = sizeof(wilds), .name = "wild", .run = run_wild,
};

/* What is no result is none; what looks like one is bytes. */
START_TEST(child_that_writes_wildly_harms_only_itself)
{
	struct wild wild = { .byte = _i };
	struct proclc_task *task = start(&wilds, &wild);
	static char buf[PROCLC_RESULT_MAX];
	int64_t size;

	if (!file_exists("/proc/self/maps")) {
		toolkit_skip("the maps of a process");
		proclc_task_free(task);
		return;
	}
	task_expect(task, PROCLC_STATUS_EXITED, 0);
	size = proclc_task_result(task, buf, sizeof(buf));
	ck_assert_int_eq(size, _i == 0 ? PROCLC_ENOENT : PROCLC_EIO);
	proclc_task_free(task);
}
END_TEST

START_TEST(child_that_changes_the_number_without_end_is_left)
{
	struct wild wild = { .byte = -1 };
	struct proclc_task *task = start(&wilds, &wild);
	int64_t before = clock_now_ms();
	static char buf[PROCLC_RESULT_MAX];
	int i;

	for (i = 0; i < 20; i++)
		ck_assert_int_lt(proclc_task_result(task, buf, sizeof(buf)),
		    0);
	ck_assert_int_lt(clock_now_ms() - before, task_bound());
	proclc_task_free(task);
}
END_TEST

/* Root can open what is mapped, and so shorten it, were it not sealed. */
START_TEST(child_cannot_shrink_what_its_parent_reads)
{
	struct wild wild = { .byte = 255, .shrink = true };
	struct proclc_task *task;

	if (skip_without("share", "memfd"))
		return;
	task = start_method(&wilds, &wild, sizeof(wild), 0,
	    PROCLC_START_SPAWN);
	task_expect(task, PROCLC_STATUS_EXITED, 0);
	ck_assert_int_eq(proclc_task_result(task, NULL, 0), PROCLC_EIO);
	proclc_task_free(task);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("result torn");
	TCase *tcase = tcase_create("torn"), *slow = tcase_create("long");

	tcase_add_checked_fixture(tcase, spawn_setup, toolkit_teardown);
	tcase_add_test(tcase, result_is_whole_wherever_its_child_is_killed);
	tcase_add_loop_test(tcase,
	    result_is_whole_while_it_is_set_again_and_again, 0, 3);
	tcase_add_loop_test(tcase, child_that_writes_wildly_harms_only_itself,
	    0, 2);
	tcase_add_test(tcase,
	    child_that_changes_the_number_without_end_is_left);
	tcase_add_test(tcase, child_cannot_shrink_what_its_parent_reads);
	suite_add_tcase(suite, tcase);
	tcase_add_checked_fixture(slow, spawn_setup, toolkit_teardown);
	tcase_set_timeout(slow, 100);
	tcase_set_tags(slow, "long");
	tcase_add_test(slow,
	    result_is_whole_wherever_its_child_is_killed_2000_times);
	suite_add_tcase(suite, slow);
	return suite;
}

int
main(int argc, char **argv)
{
	if (proclc_register(&wilds) < 0)
		return 1;
	return spawn_main(argc, argv, make_suite);
}
