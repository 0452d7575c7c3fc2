/* Who asks for the holder of a pid file takes no lock, not for a moment: a
 * starter who tries but once would be refused. */
#define _GNU_SOURCE 1

#include "ask.h"
#include "backend.h"
#include "toolkit/toolkit.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>

static char path[1024];

static pid_t
start_asker(void)
{
	int ready[2];
	pid_t pid;
	char c;

	ck_assert_int_eq(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		for (int i = 0;; i++) {
			ask(path, i % ASK_WAYS);
			if (i == 0 && write(ready[1], ".", 1) != 1)
				_exit(1);
		}
	}
	ck_assert_int_eq(read(ready[0], &c, 1), 1);
	close(ready[0]);
	close(ready[1]);
	return pid;
}

/* Not one of the library's starts, which would try again. */
static void
start_once(void)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);

	ck_assert_int_ge(fd, 0);
	ck_assert(kernel_lock_file(fd));
	close(fd);
}

static void
start_often(int n)
{
	pid_t asker;

	if (skip_without("lock", "ofd"))
		return;
	snprintf(path, sizeof(path), "%s/x", toolkit_dir());
	toolkit_expect(TOOLKIT_FILES);
	start_once();
	asker = start_asker();
	for (int i = 0; i < n; i++)
		start_once();
	ck_assert_int_eq(kill(asker, SIGKILL), 0);
	ck_assert_int_eq(waitpid(asker, NULL, 0), asker);
}

START_TEST(single_try_to_start_is_not_refused_while_asked)
{
	start_often(20000);
}
END_TEST

START_TEST(single_try_to_start_is_not_refused_while_asked_long)
{
	start_often(400000);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("pidfile probe");
	TCase *probe = tcase_create("probe");
	TCase *more = tcase_create("long");

	tcase_add_checked_fixture(probe, toolkit_setup, toolkit_teardown);
	tcase_add_test(probe,
	    single_try_to_start_is_not_refused_while_asked);
	suite_add_tcase(suite, probe);

	tcase_add_checked_fixture(more, toolkit_setup, toolkit_teardown);
	tcase_set_tags(more, "long");
	tcase_set_timeout(more, 120);
	tcase_add_test(more,
	    single_try_to_start_is_not_refused_while_asked_long);
	suite_add_tcase(suite, more);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
