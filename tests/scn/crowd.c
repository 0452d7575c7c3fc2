/*
 * crowd N
 *
 * N short tasks, or as many as 8 s allow, while other threads allocate, print
 * and use the library: no lock that one of them holds in the moment of a fork
 * may stop a child, and what they print comes out once.  Says "line I" for I
 * from 0 on, in order, and then "total LINES".
 */
#define _GNU_SOURCE 1

#include "../toolkit/clock.h"
#include "../toolkit/scn.h"

#include <proclc/atexit.h>
#include <proclc/error.h>
#include <proclc/orphan.h>
#include <proclc/signals.h>
#include <proclc/subprocess.h>

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

enum { AT_ONCE = 20 };

static atomic_bool done;
static int lines;

/* So that the others get on, and what is printed can be read. */
static void
pause_shortly(void)
{
	struct timespec pause = { 0, 100000 };

	nanosleep(&pause, NULL);
}

static void *
allocate(void *unused)
{
	void *blocks[16] = { NULL };
	unsigned i = 0;

	while (!atomic_load(&done)) {
		i++;
		free(blocks[i % 16]);
		blocks[i % 16] = malloc(16 + i * 37 % 5000);
		if (i % 256 == 0)
			pause_shortly();
	}
	for (i = 0; i < 16; i++)
		free(blocks[i]);
	return unused;
}

static void *
print(void *unused)
{
	while (!atomic_load(&done)) {
		printf("line %d\n", lines++);
		pause_shortly();
	}
	return unused;
}

static void
at_exit(void *user, const struct proclc_exit_cause *cause)
{
	(void)user;
	(void)cause;
}

static void
told(struct proclc_orphan *watch, void *user)
{
	(void)watch;
	(void)user;
}

static void *
use_library(void *unused)
{
	struct proclc_orphan *watch;
	int token;

	while (!atomic_load(&done)) {
		token = proclc_atexit_register(at_exit, unused, 0);
		die_if(token < 0, proclc_errmsg());
		proclc_atexit_cancel(token);
		die_if(proclc_orphan_new(&watch, NULL) < 0 ||
		    proclc_orphan_add_callback(watch, told, NULL) < 0 ||
		    proclc_orphan_start(watch) < 0, proclc_errmsg());
		proclc_orphan_free(watch);
		pause_shortly();
	}
	return unused;
}

/* What a child does: the same. */
static int
work(void *unused)
{
	void *block = malloc(3000);
	int token = proclc_atexit_register(at_exit, &lines, 0);

	(void)unused;
	free(block);
	return token > 0 && block != NULL ? 0 : 1;
}

static const struct proclc_task_ops working = {
	.size = sizeof(working), .name = "working", .run = work,
};

static void
run_tasks(int n)
{
	struct proclc_task_options options = PROCLC_TASK_OPTIONS_INIT;
	struct proclc_status status = PROCLC_STATUS_INIT;
	struct proclc_task *tasks[AT_ONCE];
	int i;

	for (i = 0; i < n; i++) {
		options.flags = i % 2 == 0 ? PROCLC_TASK_WAIT_FOR_CHILD : 0;
		die_if(proclc_task_new(&tasks[i], &working, NULL, 0,
		    &options) < 0, proclc_errmsg());
	}
	for (i = 0; i < n; i++) {
		die_if(proclc_task_wait(tasks[i], PROCLC_FOREVER,
		    &status) < 0, proclc_errmsg());
		die_if(status.kind != PROCLC_STATUS_EXITED ||
		    status.code != 0, "status");
		proclc_task_free(tasks[i]);
	}
}

int
main(int argc, char **argv)
{
	void *(*bodies[])(void *) = { allocate, print, use_library };
	pthread_t threads[3];
	int64_t deadline = clock_deadline(8000);
	int i, n = argc > 1 ? atoi(argv[1]) : 0;

	for (i = 0; i < 3; i++)
		die_if(pthread_create(&threads[i], NULL, bodies[i],
		    &bodies[i]) != 0, "pthread_create");
	for (i = 0; i < n && clock_left_ms(deadline) > 0; i += AT_ONCE)
		run_tasks(AT_ONCE);
	atomic_store(&done, 1);
	for (i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	printf("total %d\n", lines);
	return 0;
}
