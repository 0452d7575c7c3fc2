/*
 * task.c - to start a function in a child and to wait for it.
 *
 * The child does nothing and leaves; the parent is small or big, and has few
 * or many descriptors open.  The floor does not see when its parent ends
 * before it; the prototype does, by a thread in the child.
 */
#include <config.h>

#include <sys/wait.h>
#include <unistd.h>

#include <proclc.h>

#include "parent.h"
#include "place.h"
#include "watched.h"

static void
wait_bare(pid_t pid)
{
	siginfo_t info;

	bench_libc(pid, "fork");
	bench_libc(waitid(P_PID, (id_t)pid, &info, WEXITED), "waitid");
}

static void
plain(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	wait_bare(pid);
}

static void
watched(void)
{
	int parent = raw_pidfd_open(getpid());
	pid_t pid;

	bench_libc(parent, "pidfd_open");
	pid = fork();
	if (pid == 0) {
		watched_begin(parent);
		_exit(0);
	}
	wait_bare(pid);
	close(parent);
}

static int
succeed(void *self)
{
	(void)self;
	return 0;
}

static const struct proclc_task_ops ops = {
	.size = sizeof(ops), .name = "bench", .run = succeed
};

static void
task_with(uint32_t flags)
{
	struct proclc_task_options o = PROCLC_TASK_OPTIONS_INIT;
	struct proclc_status status = PROCLC_STATUS_INIT;
	struct proclc_task *task;

	o.flags = flags;
	bench_proclc(proclc_task_new(&task, &ops, NULL, 0, &o), "task");
	bench_proclc(proclc_task_wait(task, PROCLC_FOREVER, &status), "wait");
	if (status.kind != PROCLC_STATUS_EXITED || status.code != 0)
		bench_fatal("the task has failed");
	proclc_task_free(task);
}

static void
ours(void)
{
	task_with(0);
}

static void
ours_alone(void)
{
	task_with(PROCLC_TASK_OUTLIVE_PARENT);
}

static void
ours_ready(void)
{
	task_with(PROCLC_TASK_WAIT_FOR_CHILD);
}

static const char *
be_2_mb(void)
{
	return parent_fill(2);
}

static const char *
be_200_mb(void)
{
	return parent_fill(200);
}

static const char *
be_2_gb(void)
{
	return parent_fill(2048);
}

static const char *
have_100(void)
{
	return parent_open(100);
}

static const char *
have_1000(void)
{
	return parent_open(1000);
}

#define CASES(set_up) \
	static const struct bench_case \
	plain_##set_up = { "fork, _exit, waitid", set_up, plain, NULL, NULL }, \
	watched_##set_up = { "bare: watch of the parent", set_up, watched, \
	    NULL, NULL }, \
	ours_##set_up = { "task: new, wait, free", set_up, ours, NULL, NULL }, \
	alone_##set_up = { "the same, OUTLIVE_PARENT", set_up, ours_alone, \
	    NULL, NULL }, \
	ready_##set_up = { "the same, ready awaited", set_up, ours_ready, \
	    NULL, NULL }

CASES(be_2_mb);
CASES(be_200_mb);
CASES(be_2_gb);
CASES(have_100);
CASES(have_1000);

/* The gate of a small parent is one for the fastest rounds. */
#define ROWS(bench, set_up, n, gate, gate_alone, kind) \
	{ bench, &plain_##set_up, &ours_##set_up, n, gate, kind }, \
	{ bench, &watched_##set_up, &ours_##set_up, n, 0, kind }, \
	{ bench, &plain_##set_up, &alone_##set_up, n, gate_alone, kind }, \
	{ bench, &plain_##set_up, &ready_##set_up, n, 0, kind }, \
	{ bench, &plain_##set_up, &watched_##set_up, n, 0, kind }

const struct bench_row rows_task[] = {
	ROWS("task-2mb", be_2_mb, 10, 2.3, 1.8, BENCH_MINIMA),
	ROWS("task-200mb", be_200_mb, 2, 1.05, 1.05, BENCH_MEDIAN),
	ROWS("task-2gb", be_2_gb, 1, 1.05, 1.05, BENCH_MEDIAN),
	ROWS("task-100fds", have_100, 10, 2.3, 1.8, BENCH_MINIMA),
	ROWS("task-1000fds", have_1000, 10, 2.3, 1.8, BENCH_MINIMA),
	{ NULL, NULL, NULL, 0, 0, BENCH_MEDIAN }
};
