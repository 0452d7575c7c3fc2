/*
 * crowd.c - to start many children, and to stop them.
 *
 * Started is a child that has said so, all into one pipe; stopped is one that
 * was waited for.  They wait for signals meanwhile.  The floor is signalled
 * all at once, too, and ends by the signal itself; the prototype watches its
 * parent.
 */
#include <config.h>

#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <proclc.h>

#include "place.h"
#include "watched.h"

/* With one processor for all of them nobody shall be killed. */
enum { GRACE_MS = 60000 };

static int words[2];
static pid_t *pids;
static struct proclc_task **tasks;

static const char *
set_up(void)
{
	bench_libc(pipe(words), "pipe");
	return NULL;
}

/* Each child has one word to say. */
static void
hear(unsigned n)
{
	char bytes[4096];
	ssize_t got;

	for (unsigned heard = 0; heard < n; heard += (unsigned)got) {
		got = read(words[0], bytes, sizeof(bytes));
		bench_libc((int)got, "read");
	}
}

static void
say_and_wait(void)
{
	if (write(words[1], "", 1) != 1)
		_exit(1);
	for (;;)
		pause();
}

static void *
array(unsigned n, size_t size)
{
	void *memory = calloc(n, size);

	if (memory == NULL)
		bench_fatal("no memory");
	return memory;
}

static void
start_bare(unsigned n, bool watched)
{
	int parent = raw_pidfd_open(getpid());

	bench_libc(parent, "pidfd_open");
	pids = array(n, sizeof(*pids));
	for (unsigned i = 0; i < n; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			if (watched)
				watched_begin(parent);
			say_and_wait();
		}
		bench_libc(pids[i], "fork");
	}
	hear(n);
	close(parent);
}

static void
start_plain(unsigned n)
{
	start_bare(n, false);
}

static void
start_watched(unsigned n)
{
	start_bare(n, true);
}

static void
stop_bare(unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		bench_libc(kill(pids[i], SIGTERM), "kill");
	for (unsigned i = 0; i < n; i++)
		bench_libc(waitpid(pids[i], NULL, 0), "waitpid");
}

static void
forget_bare(unsigned n)
{
	(void)n;
	free(pids);
}

static int
body(void *self)
{
	(void)self;
	say_and_wait();
	return 0;
}

static const struct proclc_task_ops ops = {
	.size = sizeof(ops), .name = "bench", .run = body
};

static void
start_tasks(unsigned n)
{
	tasks = array(n, sizeof(struct proclc_task *));
	for (unsigned i = 0; i < n; i++)
		bench_proclc(proclc_task_new(&tasks[i], &ops, NULL, 0, NULL),
		    "task");
	hear(n);
}

static void
stop_tasks(unsigned n)
{
	int rc = proclc_shutdown_all(GRACE_MS);

	(void)n;
	bench_proclc(rc, "shutdown");
	if (rc != 0)
		bench_fatal("%d were killed", rc);
}

static void
forget_tasks(unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		proclc_task_free(tasks[i]);
	free(tasks);
}

/* The times of both, of which one is wanted. */
struct crowd {
	void (*start)(unsigned n);
	void (*stop)(unsigned n);
	void (*forget)(unsigned n);
};

static const struct crowd plain = { start_plain, stop_bare, forget_bare };
static const struct crowd watched = { start_watched, stop_bare, forget_bare };
static const struct crowd ours = { start_tasks, stop_tasks, forget_tasks };

static int64_t
cycle(const struct crowd *of, unsigned n, bool starting)
{
	int64_t began = bench_now_ns(), stood, gone;

	of->start(n);
	stood = bench_now_ns();
	of->stop(n);
	gone = bench_now_ns();
	of->forget(n);
	return starting ? stood - began : gone - stood;
}

#define CROWD(which) \
	static int64_t \
	run_start_##which(unsigned n) \
	{ \
		return cycle(&which, n, true); \
	} \
	static int64_t \
	run_stop_##which(unsigned n) \
	{ \
		return cycle(&which, n, false); \
	} \
	static const struct bench_case

CROWD(plain)
plain_start = { "fork each, one pipe", set_up, NULL, run_start_plain, NULL },
plain_stop = { "kill each, waitpid each", set_up, NULL, run_stop_plain, NULL };

CROWD(watched)
watched_start = { "bare: watch of the parent", set_up, NULL,
    run_start_watched, NULL },
watched_stop = { "bare: a thread for TERM", set_up, NULL, run_stop_watched,
    NULL };

CROWD(ours)
our_start = { "proclc_task_new of each", set_up, NULL, run_start_ours, NULL },
our_stop = { "proclc_shutdown_all", set_up, NULL, run_stop_ours, NULL };

#define ROWS_START(bench, n) \
	{ bench, &plain_start, &our_start, n, 0, BENCH_MEDIAN }, \
	{ bench, &watched_start, &our_start, n, 0, BENCH_MEDIAN }, \
	{ bench, &plain_start, &watched_start, n, 0, BENCH_MEDIAN }
#define ROWS_STOP(bench, n) \
	{ bench, &plain_stop, &our_stop, n, 0, BENCH_MEDIAN }, \
	{ bench, &watched_stop, &our_stop, n, 0, BENCH_MEDIAN }, \
	{ bench, &plain_stop, &watched_stop, n, 0, BENCH_MEDIAN }

const struct bench_row rows_crowd[] = {
	ROWS_START("start-5000", 5000),
	ROWS_STOP("stop-1000", 1000),
	ROWS_STOP("stop-5000", 5000),
	{ NULL, NULL, NULL, 0, 0, BENCH_MEDIAN }
};
