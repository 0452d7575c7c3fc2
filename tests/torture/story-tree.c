/* Stories of descendants that leave the group and session. */
#define _GNU_SOURCE 1

#include "story.h"
#include "post.h"
#include "../toolkit/scn.h"

#include <proclc.h>

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int
wait_for_ever(void)
{
	while (pause() < 0)
		continue;
	return 0;
}

/* A task with a grandchild in a session of its own. */

static int born[2];

static int
beget(void *unused)
{
	pid_t pid;

	(void)unused;
	if (fork() == 0) {
		setsid();
		pid = getpid();
		if (write(born[1], &pid, sizeof(pid)) != sizeof(pid))
			_exit(1);
		close(born[1]);
		wait_for_ever();
	}
	close(born[1]);
	return wait_for_ever();
}

/* The grandchild; 0: nobody came. */
static pid_t
await_birth(void)
{
	ssize_t n;
	pid_t pid;

	close(born[1]);
	do
		n = read(born[0], &pid, sizeof(pid));
	while (n < 0 && errno == EINTR);
	close(born[0]);
	return n == sizeof(pid) ? pid : 0;
}

/* One that was told to live, perhaps, is ended. */
static void
end_grandchild(int rc, pid_t pid)
{
	if (rc < 0 && pid != 0)
		kill(pid, SIGKILL);
}

void
story_tree(void)
{
	static const struct proclc_task_ops ops = {
		.size = sizeof(ops), .name = "tree", .run = beget,
	};
	struct proclc_task_options options = PROCLC_TASK_OPTIONS_INIT;
	struct proclc_task *task = NULL;
	pid_t grandchild;

	die_if(pipe(born) != 0, "pipe");
	options.flags = PROCLC_TASK_TREE;
	post_before("proclc_task_new");
	post_spare_children();
	post_after(proclc_task_new(&task, &ops, NULL, 0, &options),
	    STORY_LATE);
	grandchild = await_birth();
	if (task == NULL)
		return;
	post_before("proclc_task_shutdown");
	post_spare_children();
	end_grandchild(post_after(proclc_task_shutdown(task, 1000, NULL),
	    STORY_LATE), grandchild);
	proclc_task_free(task);
}

/* Until nobody is left to be reaped; here that is the program's business. */
static void
await_nobody(bool here)
{
	struct timespec step = { 0, 1000000 };
	siginfo_t info;
	int turns;

	for (turns = 0; turns < 3000; turns++) {
		if (here)
			while (waitpid(-1, NULL, WNOHANG) > 0)
				continue;
		if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0)
			return;
		clock_nanosleep(CLOCK_MONOTONIC, 0, &step, NULL);
	}
	post_fail("somebody is left");
}

static int
reap_strays(void)
{
	post_before("proclc_reap_strays");
	post_spare_threads();
	post_spare_signals();
	return post_after(proclc_reap_strays(), STORY_AT_ONCE);
}

/* The first process of a container: it stays so.  A grandchild that nobody
 * else waits for is reaped. */
void
story_strays(void)
{
	int rc = reap_strays();
	pid_t pid = fork();

	die_if(pid < 0, "fork");
	if (pid == 0) {
		if (fork() >= 0)
			_exit(0);
		_exit(1);
	}
	await_nobody(rc < 0);
}

/* The first process of a container, at its end: a child that is no task, and
 * an orphan. */
void
story_descendants(void)
{
	pid_t child, grandchild;
	int rc, reaps;

	die_if(pipe(born) != 0, "pipe");
	reaps = reap_strays();
	child = fork();
	die_if(child < 0, "fork");
	if (child == 0)
		beget(NULL);
	grandchild = await_birth();
	post_before("proclc_shutdown_descendants");
	post_spare_children();
	/* The reaper is at work. */
	post_spare_threads();
	rc = post_after(proclc_shutdown_descendants(1000), STORY_LATE);
	if (rc < 0)
		kill(child, SIGKILL);
	/* An orphan that did not come to us is nobody's to find. */
	end_grandchild(rc < 0 ? rc : reaps, grandchild);
	await_nobody(reaps < 0);
}
