/*
 * early N
 *
 * N loops, each told to stop right after its start, beside two processes that
 * take all the time there is.  Says "stopped N" when each has begun and ended
 * exactly once and exited with 0.
 */
#define _GNU_SOURCE 1

#include "../toolkit/scn.h"

#include <proclc/error.h>
#include <proclc/signals.h>
#include <proclc/subprocess.h>

#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>

enum { BUSY = 2 };

/* The children write it, too. */
static struct {
	atomic_int begun, rounds, ended;
} *count;

static int
begin(void *unused)
{
	(void)unused;
	atomic_fetch_add(&count->begun, 1);
	return 0;
}

static int64_t
go_round(void *unused)
{
	(void)unused;
	atomic_fetch_add(&count->rounds, 1);
	return 3600000;
}

static void
end(void *unused)
{
	(void)unused;
	atomic_fetch_add(&count->ended, 1);
}

static const struct proclc_loop_ops ops = {
	.size = sizeof(ops), .name = "loop", .begin = begin,
	.loop = go_round, .end = end,
};

static pid_t
start_busy(void)
{
	pid_t parent = getpid(), pid = fork();

	die_if(pid < 0, "fork");
	if (pid != 0)
		return pid;
	while (getppid() == parent)
		continue;
	_exit(0);
}

static void
stop_one(int i)
{
	struct proclc_task_options options = PROCLC_TASK_OPTIONS_INIT;
	struct proclc_status status = PROCLC_STATUS_INIT;
	struct proclc_task *task;

	memset(count, 0, sizeof(*count));
	options.flags = i % 2 == 0 ? 0 : PROCLC_TASK_NO_WAIT_FOR_CHILD;
	die_if(proclc_loop_new(&task, &ops, NULL, 0, &options) < 0 ||
	    proclc_task_kill(task, PROCLC_SIGTERM) < 0 ||
	    proclc_task_wait(task, PROCLC_FOREVER, &status) < 0,
	    proclc_errmsg());
	proclc_task_free(task);
	if (status.kind == PROCLC_STATUS_EXITED && status.code == 0 &&
	    count->begun == 1 && count->ended == 1 && count->rounds <= 1)
		return;
	say("%d: kind %d code %d signum %d begun %d rounds %d ended %d", i,
	    status.kind, status.code, status.signum, count->begun,
	    count->rounds, count->ended);
}

int
main(int argc, char **argv)
{
	int i, n = argc > 1 ? atoi(argv[1]) : 0;
	pid_t busy[BUSY];

	count = mmap(NULL, sizeof(*count), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	die_if(count == MAP_FAILED, "mmap");
	for (i = 0; i < BUSY; i++)
		busy[i] = start_busy();
	for (i = 0; i < n; i++)
		stop_one(i);
	for (i = 0; i < BUSY; i++) {
		kill(busy[i], SIGKILL);
		waitpid(busy[i], NULL, 0);
	}
	say("stopped %d", n);
	return 0;
}
