/*
 * commandrun.c - one run of a command: its pipes, its child, and what to say
 * when it did not come to be.
 *
 * Promise: no other child keeps an end of a pipe open.  They are closed by
 * exec, and are opened, listed and closed under the lock that a fork takes.
 */
#include "command.h"

#include <proclc/signals.h>

#include <inttypes.h>
#include <stdatomic.h>
#include <string.h>

#include "error.h"
#include "fork.h"

/* The run that this thread forks for: its child needs what is listed. */
static _Thread_local const struct pcl_command *own_run;

enum { JOB_PATH = 4096 };

struct attempt {
	struct pcl_os_exec exec;
	struct pcl_command *command;
	char job[JOB_PATH];
};

bool
pcl_pipe_end_open(struct pcl_pipe_end *end)
{
	/* Where the system does not tell, it looks like ours. */
	if (end->handle != PCL_NONE &&
	    pcl_os_file_is(end->handle, &end->id) == 0)
		end->handle = PCL_NONE;
	return end->handle != PCL_NONE;
}

void
pcl_pipe_end_close(struct pcl_pipe_end *end)
{
	if (pcl_pipe_end_open(end))
		pcl_os_pipe_close(end->handle);
	end->handle = PCL_NONE;
}

static void
close_handle(intptr_t *handle)
{
	pcl_os_close(*handle);
	*handle = PCL_NONE;
}

/* What is only there until the child has it. */
static void
close_given(struct pcl_command *c)
{
	for (int i = 0; i < 3; i++)
		close_handle(&c->given[i]);
	close_handle(&c->channel[0]);
	close_handle(&c->channel[1]);
}

static void
let_go(struct pcl_command *c)
{
	for (int i = 0; i < 3; i++)
		pcl_pipe_end_close(&c->ends[i]);
	close_given(c);
}

void
pcl_command_let_go(struct proclc_task *task)
{
	struct pcl_command *c = pcl_task_command(task);

	if (c == NULL || c == own_run)
		return;
	let_go(c);
	pcl_command_drop_copies(c);
}

void
pcl_commands_forget(void)
{
	pcl_command_forget_copies(own_run);
}

static int
open_pipe(struct pcl_command *c, int number)
{
	int ours = number == 0 ? 1 : 0;
	intptr_t ends[2];
	int rc = pcl_os_pipe_open(ends, ours);

	if (rc < 0)
		return rc;
	/* What is not known now is not known again. */
	rc = pcl_os_file_id(ends[ours], &c->ends[number].id);
	if (rc < 0) {
		pcl_os_close(ends[0]);
		pcl_os_close(ends[1]);
		return rc;
	}
	c->ends[number].handle = ends[ours];
	c->given[number] = ends[1 - ours];
	return 0;
}

static int
open_pipes(struct pcl_command *c)
{
	int rc = 0;

	pcl_lock(PCL_LOCK_TASK);
	let_go(c);
	c->run++;
	c->told = 0;
	c->ended_at = 0;
	c->asked = false;
	for (int i = 0; i < 3 && rc == 0; i++)
		if (pcl_command_standard(c, i)->kind == PROCLC_STDIO_PIPE)
			rc = open_pipe(c, i);
	if (rc == 0 && pcl_os_exec_forks)
		rc = pcl_os_pipe_open(c->channel, 0);
	if (rc < 0)
		pcl_fail(rc, PROCLC_STAGE_PIPE, "command %s",
		    pcl_command_name(c));
	else
		rc = pcl_command_check_copies(c);
	/* Who has shut it down does not wait for it any more. */
	if (rc == 0 && c->doomed)
		rc = pcl_fail(PROCLC_ESTARTFAILED, PROCLC_STAGE_FORK,
		    "command %s: it was shut down", pcl_command_name(c));
	c->doomed = false;
	if (rc < 0)
		let_go(c);
	pcl_unlock(PCL_LOCK_TASK);
	return rc;
}

/* Where a child is made by fork(): the only one that keeps these ends. */
static int64_t
fork_child(const struct pcl_os_exec *exec)
{
	struct pcl_command *c = ((const struct attempt *)exec)->command;
	int64_t pid;

	own_run = c;
	pid = pcl_fork_own();
	own_run = NULL;
	if (pid == 0)
		return 0;
	pcl_lock(PCL_LOCK_TASK);
	close_handle(&c->channel[1]);
	pcl_unlock(PCL_LOCK_TASK);
	return pid;
}

/* Where one of the three leads. */
static struct pcl_os_stdio
lead(const struct pcl_command *c, int number)
{
	static const enum pcl_os_stdio_kind kinds[] = {
		[PROCLC_STDIO_INHERIT] = PCL_OS_STDIO_INHERIT,
		[PROCLC_STDIO_NULL] = PCL_OS_STDIO_NULL,
		[PROCLC_STDIO_FILE] = PCL_OS_STDIO_FILE,
		[PROCLC_STDIO_APPEND] = PCL_OS_STDIO_APPEND,
		[PROCLC_STDIO_PIPE] = PCL_OS_STDIO_HANDLE,
		[PROCLC_STDIO_FD] = PCL_OS_STDIO_HANDLE,
		[PROCLC_STDIO_OUT] = PCL_OS_STDIO_OUT,
	};
	const struct proclc_stdio *s = pcl_command_standard(c, number);

	return (struct pcl_os_stdio){ .kind = kinds[s->kind],
	    .handle = s->kind == PROCLC_STDIO_PIPE ? c->given[number] :
	    c->copies[number].handle,
	    .path = s->path };
}

static struct pcl_os_exec
plan(struct pcl_command *c, const struct pcl_os_user *user)
{
	const struct proclc_command_options *o = &c->o;
	struct pcl_os_exec exec = {
		.file = o->path,
		.search = o->path[0] != '\0' && strchr(o->path, '/') == NULL,
		.argv = c->argv, .env = o->env, .chdir = o->chdir,
		.passes = c->passes, .n_passes = o->n_fds,
		.limits = c->limits, .n_limits = o->n_limits,
		.user = user, .umask = o->umask & 0777u,
		.has_umask = o->umask != 0,
		.group = (o->flags & PROCLC_TASK_GROUP) != 0,
		.tree = (o->flags & PROCLC_TASK_TREE) != 0,
		.keep_fds = (o->flags & PROCLC_COMMAND_KEEP_FDS) != 0,
		.die_with_parent =
		    (o->flags & PROCLC_COMMAND_DIE_WITH_PARENT) != 0,
		.fork = fork_child,
		.born = &c->born,
		.channel = { c->channel[0], c->channel[1] },
	};

	for (int i = 0; i < 3; i++)
		exec.stdio[i] = lead(c, i);
	return exec;
}

/* The stage of a step that needs no more words. */
static enum proclc_stage
stage_of(enum pcl_os_exec_step step)
{
	static const enum proclc_stage stages[] = {
		[PCL_OS_EXEC_BIRTH] = PROCLC_STAGE_FORK,
		[PCL_OS_EXEC_GROUP] = PROCLC_STAGE_GROUP,
		[PCL_OS_EXEC_TREE] = PROCLC_STAGE_GROUP,
		[PCL_OS_EXEC_REDIRECT] = PROCLC_STAGE_REDIRECT,
		[PCL_OS_EXEC_HIDE] = PROCLC_STAGE_DESCRIPTORS,
		[PCL_OS_EXEC_UMASK] = PROCLC_STAGE_ARGUMENTS,
		[PCL_OS_EXEC_LIMIT] = PROCLC_STAGE_LIMIT,
		[PCL_OS_EXEC_USER] = PROCLC_STAGE_USER,
		[PCL_OS_EXEC_CHDIR] = PROCLC_STAGE_CHDIR,
		[PCL_OS_EXEC_PARENT] = PROCLC_STAGE_PARENT,
		[PCL_OS_EXEC_RUN] = PROCLC_STAGE_EXEC,
	};

	return stages[step];
}

static int
report(const struct pcl_command *c, int rc,
    const struct pcl_os_exec_failure *failure)
{
	enum proclc_stage stage = stage_of(failure->step);
	const char *name = pcl_command_name(c);

	switch (failure->step) {
	case PCL_OS_EXEC_GROUP:
		return pcl_fail(rc, stage, "command %s: lead a group", name);
	case PCL_OS_EXEC_TREE:
		return pcl_fail(rc, stage,
		    "command %s: keep its descendants about", name);
	case PCL_OS_EXEC_REDIRECT:
		return pcl_command_bad_fd(c, rc, failure->index);
	case PCL_OS_EXEC_HIDE:
		return pcl_fail(rc, stage,
		    "command %s: other descriptors", name);
	case PCL_OS_EXEC_UMASK:
		return pcl_fail(rc, stage, "command %s: umask", name);
	case PCL_OS_EXEC_LIMIT:
		return pcl_fail(rc, stage,
		    "command %s: limit of resource %d", name,
		    c->limits[failure->index].resource);
	case PCL_OS_EXEC_USER:
		return pcl_fail(rc, stage, "command %s: become %s", name,
		    c->o.user != NULL ? c->o.user : c->o.group);
	case PCL_OS_EXEC_CHDIR:
		return pcl_fail(rc, stage, "command %s: chdir to %s", name,
		    c->o.chdir);
	case PCL_OS_EXEC_PARENT:
		return pcl_fail(rc, stage, "command %s: die with the parent",
		    name);
	case PCL_OS_EXEC_RUN:
		return pcl_fail(rc, stage, "command %s: run %s", name,
		    failure->path);
	default:
		return pcl_fail(rc, stage, "command %s: fork", name);
	}
}

/* It is known to nobody any more, so its pid may become another one's. */
static int
bury(const struct pcl_command *c, int rc,
    const struct pcl_os_exec_failure *failure)
{
	struct pcl_os_status status = { .known = false };

	if (failure->child != 0)
		pcl_os_reap(failure->child, true, &status);
	if (rc != PROCLC_ESTARTFAILED)
		return report(c, rc, failure);
	return pcl_fail_pid(rc, stage_of(failure->step), failure->child,
	    "command %s: pid %" PRId64 " ended before its program began,"
	    " by signal %d", pcl_command_name(c), failure->child,
	    status.signaled ? status.number : 0);
}

static int64_t
attempt(struct proclc_task *task, const struct pcl_os_user *user)
{
	struct pcl_command *c = task->extras->command;
	struct attempt a = { .exec = plan(c, user), .command = c };
	struct pcl_os_exec_failure failure = { .step = PCL_OS_EXEC_PARENT };
	int64_t pid;

	if (pcl_tree_entry(task, a.job, sizeof(a.job)))
		a.exec.job = a.job;
	pid = a.exec.die_with_parent && pcl_os_exec_ties_to_thread ?
	    pcl_spawner_exec(&a.exec, &failure) :
	    pcl_os_exec(&a.exec, &failure);
	/* Who sees it run, and end, may wait for this thread's end. */
	pcl_spawner_nearly();
	pcl_lock(PCL_LOCK_TASK);
	if (pid < 0) {
		let_go(c);
		atomic_store(&c->born, 0);
		task->pid = 0;
	} else {
		close_given(c);
		if (!pcl_keep_has_policy(task))
			pcl_command_drop_copies(c);
	}
	pcl_unlock(PCL_LOCK_TASK);
	return pid < 0 ? bury(c, (int)pid, &failure) : pid;
}

int64_t
pcl_command_run(struct proclc_task *task)
{
	struct pcl_command *c = task->extras->command;
	struct pcl_os_user *user = NULL;
	int64_t rc = 0;

	/* It may ask files and servers. */
	if (c->o.user != NULL || c->o.group != NULL)
		rc = pcl_os_user_find(c->o.user, c->o.group, &user);
	if (rc < 0)
		return pcl_fail((int)rc, PROCLC_STAGE_USER, "command %s: %s",
		    pcl_command_name(c), c->o.user != NULL ? c->o.user :
		    c->o.group);
	rc = open_pipes(c);
	if (rc == 0)
		rc = attempt(task, user);
	pcl_os_user_free(user);
	return rc;
}

void
pcl_command_unborn(struct proclc_task *task)
{
	struct pcl_command *c = pcl_task_command(task);

	if (c == NULL)
		return;
	c->doomed = false;
	atomic_store(&c->born, 0);
}

bool
pcl_command_born(struct proclc_task *task)
{
	struct pcl_command *c = pcl_task_command(task);
	int32_t pid = c == NULL || task->state != PCL_TASK_STARTING ? 0 :
	    atomic_load(&c->born);

	if (pid != 0)
		task->pid = pid;
	return pid != 0;
}

void
pcl_command_ask(struct proclc_task *task)
{
	struct pcl_command *c = pcl_task_command(task);

	if (!task->stop_early || !pcl_command_born(task) || c->asked)
		return;
	c->asked = pcl_task_signal(task, PROCLC_SIGTERM) == 0;
	/* A tree may have grown by the time that its start is over. */
	if (c->asked && (task->flags & PROCLC_TASK_TREE) == 0)
		task->stop_early = false;
}

void
pcl_command_doom(struct proclc_task *task)
{
	struct pcl_command *c = pcl_task_command(task);

	if (c != NULL && task->state == PCL_TASK_STARTING)
		c->doomed = true;
}
