/*
 * daemon.c - to become a daemon.
 *
 * From the fork of the launcher until it was waited for, with which the daemon
 * is ready.  The floor forks twice and says so over a pipe; the prototype also
 * arranges the descriptors, as a daemon must.
 */
#include <config.h>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <proclc.h>

#include "place.h"

/* The number of the kernel, which older headers of libc do not know. */
enum { CLOSE_RANGE = 436 };

/* The daemons are to be waited for, too. */
static const char *
set_up(void)
{
	bench_libc(prctl(PR_SET_CHILD_SUBREAPER, 1), "prctl");
	return NULL;
}

static const char *
set_up_1000(void)
{
	struct rlimit limit;
	int fd = -1;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	while (fd < 999) {
		fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			return "so many descriptors are refused here";
	}
	return set_up();
}

static int64_t
time_launch(void (*become)(void))
{
	int64_t start = bench_now_ns(), took;
	pid_t pid = fork();
	int status;

	bench_libc(pid, "fork");
	if (pid == 0) {
		become();
		_exit(0);
	}
	bench_libc(waitpid(pid, &status, 0), "waitpid");
	took = bench_now_ns() - start;
	if (status != 0)
		bench_fatal("the launcher has failed");
	while (wait(&status) > 0)
		if (status != 0)
			bench_fatal("the daemon has failed");
	return took;
}

static int64_t
launch_often(void (*become)(void), unsigned n)
{
	int64_t sum = 0;

	for (unsigned i = 0; i < n; i++)
		sum += time_launch(become);
	return sum;
}

/* Returns in the daemon, which is ready after arrange. */
static void
fork_twice(void (*arrange)(int ready))
{
	int ready[2];
	char byte;
	pid_t pid;

	bench_libc(pipe2(ready, O_CLOEXEC), "pipe");
	pid = fork();
	if (pid == 0) {
		setsid();
		if (fork() != 0)
			_exit(0);
		arrange(ready[1]);
		if (write(ready[1], "", 1) != 1)
			_exit(1);
		return;
	}
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1)
		_exit(1);
	waitpid(pid, NULL, 0);
	_exit(0);
}

static void
nothing(int ready)
{
	(void)ready;
}

static void
become_bare(void)
{
	fork_twice(nothing);
}

static void
redirect_and_close(int ready)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	umask(027);
	for (int fd = 0; fd < 3; fd++)
		dup2(null, fd);
	bench_libc((int)syscall(CLOSE_RANGE, 3, (unsigned)ready - 1, 0),
	    "close_range");
	bench_libc((int)syscall(CLOSE_RANGE, (unsigned)ready + 1, ~0U, 0),
	    "close_range");
}

static void
become_closed(void)
{
	fork_twice(redirect_and_close);
}

static void
become_ours(void)
{
	bench_proclc(proclc_daemonize(NULL), "daemonize");
}

#define CASE(which) \
	static int64_t \
	run_##which(unsigned n) \
	{ \
		return launch_often(become_##which, n); \
	} \
	static const struct bench_case

CASE(bare)
bare = { "two forks, setsid, a pipe", set_up, NULL, run_bare, NULL },
bare_1000 = { "two forks, setsid, a pipe", set_up_1000, NULL, run_bare, NULL };

CASE(closed)
closed = { "bare: and 0-2, close_range", set_up, NULL, run_closed, NULL },
closed_1000 = { "bare: and 0-2, close_range", set_up_1000, NULL, run_closed,
    NULL };

CASE(ours)
ours = { "proclc_daemonize", set_up, NULL, run_ours, NULL },
ours_1000 = { "proclc_daemonize", set_up_1000, NULL, run_ours, NULL };

enum { N = 5 };

const struct bench_row rows_daemon[] = {
	{ "daemon", &bare, &ours, N, 1.1, BENCH_MINIMA },
	{ "daemon", &closed, &ours, N, 0, BENCH_MINIMA },
	{ "daemon", &bare, &closed, N, 0, BENCH_MINIMA },
	{ "daemon-1000fds", &bare_1000, &ours_1000, N, 1.1, BENCH_MINIMA },
	{ "daemon-1000fds", &closed_1000, &ours_1000, N, 0, BENCH_MINIMA },
	{ "daemon-1000fds", &bare_1000, &closed_1000, N, 0, BENCH_MINIMA },
	{ NULL, NULL, NULL, 0, 0, BENCH_MEDIAN }
};
