/*
 * throng N
 *
 * N tasks, eight at a time, while four threads allocate, print and register
 * and take back exit handlers without a pause.  Each task has an end of its
 * own; says "started N" when the status of each was right.
 */
#define _GNU_SOURCE 1

#include "../toolkit/scn.h"

#include <proclc/atexit.h>
#include <proclc/error.h>
#include <proclc/subprocess.h>

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

enum { THREADS = 4, AT_ONCE = 8, BLOCKS = 16, KILLED = -1 };

static atomic_bool done;
static char users[THREADS][BLOCKS];

static void
must(int rc)
{
	die_if(rc < 0, proclc_errmsg());
}

static void
at_exit(void *user, const struct proclc_exit_cause *cause)
{
	(void)user;
	(void)cause;
}

/* What each of the threads does, and each child. */
static void
work(unsigned n, void **block, void *user)
{
	free(*block);
	*block = malloc(16 + n % 5000);
	die_if(*block == NULL, "malloc");
	printf("%u at %p\n", n, user);
	must(proclc_atexit_register(at_exit, user, n % 2 == 0 ? 0 :
	    PROCLC_ATEXIT_SHARED));
	proclc_atexit_unregister(at_exit, user);
}

static void *
hammer(void *mine)
{
	char *places = mine;
	void *blocks[BLOCKS] = { NULL };
	unsigned n = (unsigned)(places - users[0]) + 1;
	int i;

	while (!atomic_load(&done)) {
		n = n * 1103515245 + 12345;
		i = (int)(n >> 16) % BLOCKS;
		work(n >> 8, &blocks[i], &places[i]);
	}
	for (i = 0; i < BLOCKS; i++)
		free(blocks[i]);
	return NULL;
}

static int
run(void *self)
{
	void *block = NULL;
	int end = *(int *)self;

	work((unsigned)end, &block, self);
	free(block);
	if (end == KILLED)
		kill(getpid(), SIGKILL);
	return end;
}

static const struct proclc_task_ops ops = {
	.size = sizeof(ops), .name = "one", .run = run,
};

static void
check(struct proclc_task *task, int end)
{
	struct proclc_status status = PROCLC_STATUS_INIT;

	must(proclc_task_wait(task, PROCLC_FOREVER, &status));
	if (end == KILLED)
		die_if(status.kind != PROCLC_STATUS_KILLED ||
		    status.signum != SIGKILL, "status of a killed one");
	else
		die_if(status.kind != PROCLC_STATUS_EXITED ||
		    status.code != end, "status");
	proclc_task_free(task);
}

static void
run_tasks(int first, int n)
{
	struct proclc_task_options options = PROCLC_TASK_OPTIONS_INIT;
	struct proclc_task *tasks[AT_ONCE];
	int ends[AT_ONCE];
	int i;

	for (i = 0; i < n; i++) {
		ends[i] = (first + i) % 10 == 9 ? KILLED : (first + i) % 256;
		options.flags = (first + i) % 3 == 0 ? 0 :
		    PROCLC_TASK_WAIT_FOR_CHILD;
		must(proclc_task_new(&tasks[i], &ops, &ends[i], 0,
		    &options));
	}
	for (i = 0; i < n; i++)
		check(tasks[i], ends[i]);
}

int
main(int argc, char **argv)
{
	int i, n = argc > 1 ? atoi(argv[1]) : 0;
	int report = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	pthread_t threads[THREADS];

	/* What they print is nobody's concern here. */
	die_if(freopen("/dev/null", "w", stdout) == NULL, "/dev/null");
	for (i = 0; i < THREADS; i++)
		die_if(pthread_create(&threads[i], NULL, hammer, users[i]) !=
		    0, "pthread_create");
	for (i = 0; i < n; i += AT_ONCE)
		run_tasks(i, n - i < AT_ONCE ? n - i : AT_ONCE);
	atomic_store(&done, true);
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	dprintf(report, "started %d\n", n);
	return 0;
}
