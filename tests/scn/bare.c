/*
 * bare MASK
 *
 * Runs with some of the descriptors 0-2 closed (bit n of MASK: fd n is open):
 * children of each kind must find them as they are here, and nothing that the
 * library opens on the way may take their place.  The exit code is the number
 * of the step that failed.
 */
#define _GNU_SOURCE 1

#include <proclc.h>

#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

enum { TASKS = 5, LOOPS = 2, USER = 10 };

static int expected;
static int at_start = -1;     /* of main, before the library is asked */
static bool taken;     /* by something, in the middle of a start */

static int
find_open(void)
{
	int fd, mask = 0;

	for (fd = 0; fd < 3; fd++)
		mask |= fcntl(fd, F_GETFD) >= 0 ? 1 << fd : 0;
	return mask;
}

/* Before and after the fork, in both: all that a start opens is there. */
static void
look(void)
{
	taken = taken || find_open() != expected;
}

static int
tell_open(void *unused)
{
	(void)unused;
	return taken || at_start != find_open() ? 100 : find_open();
}

static int64_t
stop(void *unused)
{
	(void)unused;
	exit(tell_open(NULL) + USER);
}

static const struct proclc_task_ops task_ops = {
	.size = sizeof(task_ops), .name = "task", .run = tell_open,
};

static const struct proclc_loop_ops loop_ops = {
	.size = sizeof(loop_ops), .name = "loop", .loop = stop,
};

static void
must(int step, bool good)
{
	if (!good)
		_exit(step);
}

/* A fork that is waited for, one that is not, and a new run. */
static void
make_tasks(struct proclc_task **tasks)
{
	static const uint32_t flags[] = { PROCLC_TASK_WAIT_FOR_CHILD, 0 };
	struct proclc_task_options options = PROCLC_TASK_OPTIONS_INIT;
	int i;

	for (i = 0; i < TASKS; i++) {
		options.flags = PROCLC_TASK_EXPLICIT_START | flags[i % 2];
		options.start_method = i < 3 ? 0 : PROCLC_START_SPAWN;
		must(1, proclc_task_new(&tasks[i], &task_ops, NULL, 0,
		    &options) == 0);
	}
	options.flags = PROCLC_TASK_EXPLICIT_START;
	for (i = 0; i < LOOPS; i++) {
		options.start_method = i == 0 ? 0 : PROCLC_START_SPAWN;
		must(2, proclc_loop_new(&tasks[TASKS + i], &loop_ops, NULL,
		    0, &options) == 0);
	}
}

static void
expect_ends(struct proclc_task **tasks, int step)
{
	struct proclc_status status = PROCLC_STATUS_INIT;
	int i;

	for (i = 0; i < TASKS + LOOPS; i++) {
		must(step + 1, proclc_task_wait(tasks[i], PROCLC_FOREVER,
		    &status) == 0);
		must(step + 2, status.kind == PROCLC_STATUS_EXITED);
		must(step + 3 + i, status.code == expected +
		    (i < TASKS ? 0 : USER));
		proclc_task_free(tasks[i]);
	}
	must(step + 12, !taken && find_open() == expected);
}

int
main(int argc, char **argv)
{
	struct proclc_task *tasks[TASKS + LOOPS];
	int i;

	at_start = find_open();
	if (proclc_register(&task_ops) < 0 ||
	    proclc_register_loop(&loop_ops) < 0 ||
	    proclc_init(&argc, &argv) < 0 || argc < 2)
		return 99;
	expected = atoi(argv[1]);
	must(98, at_start == expected);
	must(97, proclc_shutdown_all(0) == 0 &&
	    pthread_atfork(look, look, look) == 0);
	make_tasks(tasks);
	for (i = 0; i < TASKS + LOOPS; i++)
		must(10, proclc_task_start(tasks[i]) == 0);
	expect_ends(tasks, 10);
	make_tasks(tasks);
	must(30, proclc_start_all(tasks, TASKS + LOOPS) == 0);
	/* A descriptor to be asked for, and a callback's. */
	for (i = 0; i < TASKS; i++)
		must(31, proclc_task_fd(tasks[i]) > 2);
	expect_ends(tasks, 32);
	return 0;
}
