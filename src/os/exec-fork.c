/*
 * exec-fork.c - a program in a forked child: what POSIX has for who asks for
 * more than posix_spawn(3) can do, such as no other descriptors, another user,
 * or the step that failed.
 *
 * What a step said lies in memory that both have; that the program has
 * replaced the child shows when exec closes its end of a pipe.
 */
#include <config.h>

#include <errno.h>
#include <stdatomic.h>
#include <unistd.h>

#include "os/exec.h"

enum { LOOK_MS = 20 };

const bool pcl_os_exec_forks = true;

/* Somebody else may have a copy of the child's end: its death tells, too. */
static void
await_program(int64_t pid, intptr_t end)
{
	const intptr_t ends[2] = { PCL_NONE, end };
	bool ready[2];

	while (pcl_os_pipes_wait(ends, ready, 2, pcl_os_now() + LOOK_MS) == 0)
		if (pcl_os_look(pid) != PCL_OS_LIVES)
			return;
}

static int64_t
bear(struct pcl_exec_run *run)
{
	struct pcl_os_sigmask saved;
	int error = errno;
	int64_t pid;

	pcl_os_signals_block(&saved);
	pid = run->exec->fork(run->exec);
	if (pid == 0) {
		pcl_exec_steps(run);
		_exit(127);
	}
	if (pid > 0)
		atomic_store(run->exec->born, (int32_t)pid);
	if (pid > 0)
		await_program(pid, run->exec->channel[0]);
	pcl_os_signals_unblock(&saved);
	errno = error;
	return pid;
}

int64_t
pcl_os_exec(const struct pcl_os_exec *exec,
    struct pcl_os_exec_failure *failure)
{
	struct pcl_exec_run *run = pcl_exec_make(exec, 0, true);
	int64_t pid;

	*failure = (struct pcl_os_exec_failure){ .step = PCL_OS_EXEC_BIRTH };
	if (run == NULL)
		return PROCLC_ENOMEM;
	run->handlers = true;
	pid = bear(run);
	if (pid >= 0 && pcl_exec_failed(run)) {
		failure->child = pid;
		pid = pcl_exec_report(run, failure);
	}
	pcl_exec_free(run, true);
	return pid;
}
