/*
 * holders N
 *
 * Four threads start loops, N in all, of which every fifth dies before it is
 * ready, while two others make children by plain fork: some become another
 * program and end at once, some stay, by exec or as they are, or by a bare
 * clone that nobody is told of.  Each of the latter holds what a start has
 * open at that moment, until the end.
 *
 * Says "held H failed F slowest MS leaks L": the children that stay; starts
 * that were not as expected; the most that a start took from its child's word
 * or death on; and handles of other starts that were seen in a child.
 */
#define _GNU_SOURCE 1

#include "measure.h"
#include "../kernel.h"

#include <proclc/error.h>
#include <proclc/subprocess.h>

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/syscall.h>

enum { STARTERS = 4, MOST = 1000, HOLDERS = MOST / 4, PACE = 4 };

/* The children write it, too. */
static struct {
	_Atomic int64_t came[MOST];     /* when it was ready, or died */
	atomic_int leaks;
} *shared;

static atomic_int next_start, done;
static int n_starts;
static _Thread_local int doomed = -1;
static atomic_int failed;
static _Atomic int64_t slowest;
static pid_t holders[HOLDERS];
static int n_holders;

/* Sockets: the library has no others. */
static int
count_channels(void)
{
	char target[64];
	int *fds, i, n = fds_list(&fds), found = 0;

	for (i = 0; i < n; i++) {
		os_fd_target(fds[i], target, sizeof(target));
		found += strncmp(target, "socket:", 7) == 0;
	}
	free(fds);
	return found;
}

static int
begin(void *self)
{
	atomic_store(&shared->came[*(int *)self], measure_us());
	atomic_fetch_add(&shared->leaks, count_channels());
	return 0;
}

static int64_t
stop(void *unused)
{
	(void)unused;
	return PROCLC_LOOP_STOP;
}

static const struct proclc_loop_ops ops = {
	.size = sizeof(ops), .name = "loop", .begin = begin, .loop = stop,
};

static void
be_born(void)
{
	if (doomed < 0)
		return;
	atomic_store(&shared->came[doomed], measure_us());
	_exit(33);
}

static void
start_one(int i)
{
	struct proclc_task *task;
	int64_t came, took, most;
	int rc;

	doomed = i % 5 == 4 ? i : -1;
	rc = proclc_loop_new(&task, &ops, &i, sizeof(i), NULL);
	/* It may not have got to say when. */
	came = atomic_load(&shared->came[i]);
	took = came == 0 ? 0 : measure_us() - came;
	if (rc != (doomed < 0 ? 0 : PROCLC_ESTARTFAILED))
		atomic_fetch_add(&failed, 1);
	doomed = -1;
	most = atomic_load(&slowest);
	while (took > most &&
	    !atomic_compare_exchange_weak(&slowest, &most, took))
		continue;
	if (rc < 0)
		return;
	die_if(proclc_task_wait(task, PROCLC_FOREVER, NULL) < 0,
	    proclc_errmsg());
	proclc_task_free(task);
}

static void *
start_loops(void *unused)
{
	int i;

	while ((i = atomic_fetch_add(&next_start, 1)) < n_starts)
		start_one(i);
	atomic_fetch_add(&done, 1);
	return unused;
}

static void *
run_true(void *unused)
{
	pid_t pid;

	while (atomic_load(&done) < STARTERS) {
		pid = fork();
		die_if(pid < 0, "fork");
		if (pid == 0) {
			atomic_fetch_add(&shared->leaks, count_channels());
			execlp("true", "true", (char *)NULL);
			_exit(1);
		}
		waitpid(pid, NULL, 0);
	}
	return unused;
}

/* No fork handler has run after a bare clone: nothing but system calls. */
static _Noreturn void
stay(int way)
{
	if (way == 0)
		execlp("sleep", "sleep", "1000", (char *)NULL);
	for (;;)
		syscall(SYS_pause);
}

static void
make_holder(int way)
{
	pid_t pid = way == 2 ? kernel_raw_fork() : -1;

	if (pid < 0)
		pid = fork();
	die_if(pid < 0, "fork");
	if (pid == 0)
		stay(way);
	holders[n_holders++] = pid;
}

/* So many of them over the time of all starts. */
static void *
make_holders(void *unused)
{
	while (atomic_load(&done) < STARTERS)
		if (n_holders < atomic_load(&next_start) / PACE &&
		    n_holders < HOLDERS)
			make_holder(n_holders % 3);
		else
			settle_others_sleep();
	return unused;
}

static void
run_all(void)
{
	void *(*bodies[STARTERS + 2])(void *) = { start_loops, start_loops,
	    start_loops, start_loops, run_true, make_holders };
	pthread_t threads[STARTERS + 2];
	int i;

	for (i = 0; i < STARTERS + 2; i++)
		die_if(pthread_create(&threads[i], NULL, bodies[i], NULL) !=
		    0, "pthread_create");
	for (i = 0; i < STARTERS + 2; i++)
		pthread_join(threads[i], NULL);
}

int
main(int argc, char **argv)
{
	int i, held = 0;

	n_starts = argc > 1 ? atoi(argv[1]) : 0;
	die_if(n_starts < 1 || n_starts > MOST, "usage");
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	die_if(shared == MAP_FAILED, "mmap");
	/* The library's fork handlers come first. */
	die_if(proclc_shutdown_all(0) < 0, proclc_errmsg());
	die_if(pthread_atfork(NULL, NULL, be_born) != 0, "pthread_atfork");
	run_all();
	for (i = 0; i < n_holders; i++) {
		held += waitpid(holders[i], NULL, WNOHANG) == 0;
		kill(holders[i], SIGKILL);
		waitpid(holders[i], NULL, 0);
	}
	say("held %d failed %d slowest %d leaks %d", held,
	    atomic_load(&failed), (int)(atomic_load(&slowest) / 1000),
	    atomic_load(&shared->leaks));
	return 0;
}
