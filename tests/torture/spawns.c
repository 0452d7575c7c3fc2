/*
 * spawns HOW N: run N programs that do nothing, one after the other, and wait
 * for each; the system calls of that are to be counted.
 *
 *	HOW  library: as commands; floor: by vfork, execve, waitid and waitpid
 */
#define _GNU_SOURCE 1

#include "mark.h"
#include "../toolkit/scn.h"

#include <proclc.h>

#include <stdlib.h>
#include <sys/wait.h>

static char path[1024], *argv_of[] = { path, NULL };

/* In one call, and leave it to be reaped. */
static void
await_end(pid_t pid)
{
	siginfo_t info;

	die_if(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) != 0,
	    "waitid");
}

static void
run_command(void)
{
	struct proclc_task *task;

	die_if(proclc_command_new(&task, argv_of, NULL) < 0, proclc_errmsg());
	await_end((pid_t)proclc_task_pid(task));
	die_if(proclc_task_wait(task, 0, NULL) != 0, proclc_errmsg());
	proclc_task_free(task);
}

static void
run_bare(void)
{
	extern char **environ;
	pid_t pid = vfork();

	if (pid == 0) {
		execve(path, argv_of, environ);
		_exit(127);
	}
	die_if(pid < 0, "vfork");
	await_end(pid);
	die_if(waitpid(pid, NULL, 0) != pid, "waitpid");
}

int
main(int argc, char **argv)
{
	void (*run)(void);
	int n;

	die_if(argc != 4, "usage: spawns HOW N PROGRAM");
	run = strcmp(argv[1], "floor") == 0 ? run_bare : run_command;
	n = atoi(argv[2]);
	snprintf(path, sizeof(path), "%s", argv[3]);
	/* What the library makes once is made. */
	run();
	torture_begin();
	while (n-- > 0)
		run();
	torture_end();
	return 0;
}
