/*
 * A process group some of whose members go on after their first thread.
 */
#define _GNU_SOURCE 1

#include "tasks.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

enum { SLOW_MS = 200 };

static void
take_long(int unused)
{
	(void)unused;
	poll(NULL, 0, SLOW_MS);
	letter_put('s');
	_exit(0);
}

static void *
stay(void *unused)
{
	letter_put('r');
	while (pause() != 0)
		continue;
	return unused;
}

static int
lead(void *unused)
{
	struct sigaction slow = { .sa_handler = take_long };
	pthread_t thread;

	(void)unused;
	if (fork() == 0) {
		sigaction(SIGTERM, &slow, NULL);
		pthread_create(&thread, NULL, stay, NULL);
		pthread_exit(NULL);
	}
	while (pause() != 0)
		continue;
	return 0;
}

static const struct proclc_task_ops leading = {
	.size = sizeof(leading), .name = "leader", .run = lead,
};

/* The leader ends at once, and the other one is not killed for that. */
START_TEST(member_without_first_thread_has_the_grace)
{
	struct proclc_task *task;

	if (skip_without("group", "proc") || toolkit_skip_tsan(TSAN_FORK))
		return;
	task = task_make(&leading, NULL, PROCLC_TASK_GROUP);
	ck_assert_int_eq(letter_get(0), 'r');
	settle();
	ck_assert_int_eq(proclc_task_shutdown(task, task_bound(), NULL), 0);
	ck_assert_int_eq(letter_get(1), 's');
	task_expect(task, PROCLC_STATUS_KILLED, SIGTERM);
	proclc_task_free(task);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("group_threads");
	TCase *tcase = tcase_create("group_threads");

	tcase_add_checked_fixture(tcase, task_setup, toolkit_teardown);
	tcase_add_test(tcase, member_without_first_thread_has_the_grace);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
