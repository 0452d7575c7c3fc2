/*
 * born KIND HOW: a parent that starts a task, which is tortured from its
 * birth on; and the parent itself while it starts it.
 *
 *	KIND  task, loop; waited: a task that is waited for until it is ready;
 *	      group: such a one that leads its group; spawned: a loop by a new
 *	      run of the program
 *	HOW   ends: by itself; rests: until the parent shuts it down
 *
 * The parent says "start NAME" (or 0), then "status KIND CODE SIGNUM", "run N",
 * how often run was entered, and "children" if there are any left; the child
 * "begin" and "end", and "handler", the parent's shared exit handler.
 */
#define _GNU_SOURCE 1

#include "mark.h"
#include "../toolkit/scn.h"

#include <proclc.h>

#include <stdatomic.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/wait.h>

enum { CODE = 7, ROUNDS = 2, HOUR_MS = 3600000, PATIENT_MS = 15000 };

static bool rests;
static pid_t parent;
static atomic_int *entered;     /* shared: it needs no call to be told */

static void
handler(void *unused, const struct proclc_exit_cause *cause)
{
	(void)unused;
	(void)cause;
	say(getpid() == parent ? "parent's handler" : "handler");
}

static int
run(void *unused)
{
	(void)unused;
	atomic_fetch_add(entered, 1);
	while (rests)
		pause();
	return CODE;
}

static int
begin(void *unused)
{
	(void)unused;
	say("begin");
	return 0;
}

static int64_t
loop(void *self)
{
	static int rounds;

	if (*(bool *)self)
		return HOUR_MS;
	return ++rounds < ROUNDS ? PROCLC_LOOP_AGAIN : PROCLC_LOOP_STOP;
}

static void
end(void *unused)
{
	(void)unused;
	say("end");
}

static const struct proclc_task_ops task_ops = {
	.size = sizeof(task_ops), .name = "task", .run = run,
};

static const struct proclc_loop_ops loop_ops = {
	.size = sizeof(loop_ops), .name = "loop", .begin = begin,
	.loop = loop, .end = end,
};

static struct proclc_task *
make(const char *kind)
{
	struct proclc_task_options options = PROCLC_TASK_OPTIONS_INIT;
	struct proclc_task *task;
	int rc;

	options.flags = PROCLC_TASK_EXPLICIT_START;
	if (strcmp(kind, "task") != 0)
		options.flags |= PROCLC_TASK_WAIT_FOR_CHILD;
	if (strcmp(kind, "group") == 0)
		options.flags |= PROCLC_TASK_GROUP;
	if (strcmp(kind, "spawned") == 0)
		options.start_method = PROCLC_START_SPAWN;
	rc = strcmp(kind, "loop") == 0 || strcmp(kind, "spawned") == 0 ?
	    proclc_loop_new(&task, &loop_ops, &rests, sizeof(rests),
	    &options) : proclc_task_new(&task, &task_ops, NULL, 0, &options);
	die_if(rc < 0, proclc_errmsg());
	return task;
}

int
main(int argc, char **argv)
{
	struct proclc_status status = PROCLC_STATUS_INIT;
	struct proclc_task *task;
	int rc;

	die_if(proclc_register_loop(&loop_ops) < 0 ||
	    proclc_init(&argc, &argv) < 0, proclc_errmsg());
	die_if(argc != 3, "usage: born KIND HOW");
	parent = getpid();
	entered = mmap(NULL, sizeof(*entered), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	die_if(entered == MAP_FAILED, "mmap");
	rests = strcmp(argv[2], "rests") == 0;
	die_if(proclc_atexit_register(handler, NULL, PROCLC_ATEXIT_SHARED) <
	    0, proclc_errmsg());
	task = make(argv[1]);
	torture_begin();
	rc = proclc_task_start(task);
	torture_end();
	say("start %s", rc == 0 ? "0" : proclc_error_name(rc));
	if (rests)
		rc = proclc_task_shutdown(task, PATIENT_MS, &status);
	else
		rc = proclc_task_wait(task, PATIENT_MS, &status);
	if (rc != 0)
		say("wait %d", rc);
	say("status %d %d %d", (int)status.kind, (int)status.code,
	    (int)status.signum);
	say("run %d", atomic_load(entered));
	proclc_task_free(task);
	if (waitpid(-1, NULL, WNOHANG) >= 0 || errno != ECHILD)
		say("children");
	return 0;
}
