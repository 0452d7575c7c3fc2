/*
 * talk.c - the pipes to a program: given out, or served until it is done.
 *
 * Promise: served together, so that neither side waits for the other; and
 * bounded once the program has ended, whoever keeps its pipes.
 */
#include "command.h"

#include <stdlib.h>

#include "error.h"
#include "fork.h"

enum {
	LINGER_MS = 1000,
	AGAIN_MS = 1000,	/* as in taskwait.c */
	PIECE = 65536,
	LAST_PIECES = 16	/* what a pipe can hold, when time is over */
};

/* The pipe's ends, as pcl_os_pipes_wait() has them, and the process. */
enum { IN, OUT, ERR, PROCESS, HANDLES };

struct talk {
	struct proclc_talk t;
	struct proclc_task *task;
	struct pcl_command *command;
	unsigned run;	/* which it is about */
	uint32_t owner;
	int64_t due;
	struct pcl_os_process process;
	struct pcl_pins pins;
	bool pinned;
	int pieces;	/* read since time was over */
	char *piece;
	size_t n;	/* bytes in it, */
	int from;	/* from OUT or ERR */
};

static int
check_command(struct proclc_task *task, const char *what)
{
	int rc = pcl_task_check(task);

	if (rc == 0 && pcl_task_command(task) == NULL)
		rc = pcl_fail(PROCLC_EINVAL, PROCLC_STAGE_ARGUMENTS,
		    "%s of %s: not a command", what, pcl_task_name(task));
	return rc;
}

/* The gate of all three, after that: wait until it was started, or until due;
 * the lock is held on success. */
static int
enter(struct proclc_task *task, const char *what, bool born, int64_t due)
{
	int rc = pcl_task_enter();

	if (rc < 0)
		return rc;
	rc = pcl_task_await_child(task, born, due);
	if (rc < 0)
		pcl_fail(rc, PROCLC_STAGE_WAIT, "%s of %s: it is starting",
		    what, pcl_task_name(task));
	else if (task->state == PCL_TASK_NEW)
		rc = pcl_fail(PROCLC_ESRCH, PROCLC_STAGE_ARGUMENTS,
		    "%s of %s: not started", what, pcl_task_name(task));
	if (rc < 0)
		pcl_unlock(PCL_LOCK_TASK);
	return rc;
}

/* The same, for one end: it is there before the child. */
static int
enter_end(struct proclc_task *task, int which)
{
	int rc = check_command(task, "pipe");

	if (rc < 0)
		return rc;
	if (which < 0 || which > 2 || pcl_command_standard(
	    pcl_task_command(task), which)->kind != PROCLC_STDIO_PIPE)
		return pcl_fail(PROCLC_EINVAL, PROCLC_STAGE_ARGUMENTS,
		    "command %s: no pipe at %d", pcl_task_name(task), which);
	return enter(task, "pipe", true, PCL_NEVER);
}

proclc_waitable
proclc_command_fd(struct proclc_task *task, int which)
{
	struct pcl_pipe_end *end;
	int rc = enter_end(task, which);

	if (rc < 0)
		return rc;
	end = &pcl_task_command(task)->ends[which];
	rc = pcl_pipe_end_open(end) ? (int)end->handle :
	    pcl_fail(PROCLC_EBADF, PROCLC_STAGE_PIPE, "command %s: pipe %d",
	    pcl_task_name(task), which);
	pcl_unlock(PCL_LOCK_TASK);
	return rc;
}

int
proclc_command_close(struct proclc_task *task, int which)
{
	int rc = enter_end(task, which);

	if (rc < 0)
		return rc;
	pcl_pipe_end_close(&pcl_task_command(task)->ends[which]);
	pcl_unlock(PCL_LOCK_TASK);
	return 0;
}

/* All that follows is under the lock. */

/* A child that is forked meanwhile lets go of it. */
static void
pin(struct talk *t)
{
	if (pcl_task_pin(t->task, &t->process) < 0)
		return;
	t->pins = (struct pcl_pins){ .processes = &t->process, .n = 1 };
	pcl_pins_add(&t->pins);
	t->pinned = true;
}

static void
unpin(struct talk *t)
{
	if (!t->pinned)
		return;
	pcl_pins_remove(&t->pins);
	pcl_task_unpin(&t->process);
	t->pinned = false;
}

static bool
has_ended(struct talk *t)
{
	struct pcl_command *c = t->command;

	if (c->run != t->run)
		return true;
	if (!pcl_task_ended(t->task) &&
	    t->task->state != PCL_TASK_BACKING_OFF)
		return false;
	if (c->ended_at == 0)
		c->ended_at = pcl_os_now();
	return true;
}

/* When to stop, whatever is to come; ended: has the program? */
static int64_t
last_moment(const struct talk *t, bool ended)
{
	int64_t linger = t->t.linger_ms == 0 ? LINGER_MS : t->t.linger_ms;
	int64_t since = t->command->ended_at;

	if (!ended)
		return t->due;
	if (linger == PROCLC_NOW)
		return since;
	if (linger == PROCLC_FOREVER || linger > PCL_NEVER - since)
		return t->due;
	return since + linger < t->due ? since + linger : t->due;
}

static void
give(struct talk *t)
{
	struct pcl_command *c = t->command;
	struct pcl_pipe_end *end = &c->ends[IN];
	size_t left = t->t.in_size > c->told ? t->t.in_size - c->told : 0;
	int64_t n = 0;

	if (!pcl_pipe_end_open(end))
		return;
	if (left > 0)
		n = pcl_os_pipe_write(end->handle,
		    (const char *)t->t.in + c->told, left);
	if (n > 0)
		c->told += (size_t)n;
	/* Nobody reads on: that is his to decide. */
	if (c->told >= t->t.in_size || (n < 0 && n != PROCLC_EAGAIN))
		pcl_pipe_end_close(end);
}

/* The caller may be cancelled in there, or end his thread. */
static void
hear(void *user)
{
	struct talk *t = user;
	void (*fn)(const void *, size_t, void *) = t->from == OUT ? t->t.out :
	    t->t.err;

	fn(t->piece, t->n, t->t.user);
}

static void
leave(struct talk *t)
{
	unpin(t);
	t->command->talking = false;
	pcl_task_release(&t->task, 1);
	free(t->piece);
}

static void
lost(void *user)
{
	pcl_lock(PCL_LOCK_TASK);
	leave(user);
	pcl_unlock(PCL_LOCK_TASK);
}

static int
take(struct talk *t, int from)
{
	struct pcl_pipe_end *end = &t->command->ends[from];
	int64_t n;

	if (!pcl_pipe_end_open(end))
		return 0;
	n = pcl_os_pipe_read(end->handle, t->piece, PIECE);
	if (n == PROCLC_EAGAIN)
		return 0;
	if (n <= 0) {
		pcl_pipe_end_close(end);
		return n == 0 ? 0 : pcl_fail((int)n, PROCLC_STAGE_READ,
		    "command %s: pipe %d", pcl_task_name(t->task), from);
	}
	t->n = (size_t)n;
	t->from = from;
	if ((from == OUT ? t->t.out : t->t.err) == NULL)
		return 0;
	pcl_unlock(PCL_LOCK_TASK);
	pcl_os_call(hear, t, lost);
	pcl_returned(t->owner);
	pcl_lock(PCL_LOCK_TASK);
	return 0;
}

/* Wait for something to do; the lock is given up.  What is ready is only a
 * hint: another thread may close an end meanwhile. */
static int
wait_for_any(struct talk *t, bool ended, bool ready[HANDLES])
{
	intptr_t ends[HANDLES];
	int64_t now = pcl_os_now(), due = last_moment(t, ended);
	int64_t again = now + AGAIN_MS;
	int cancel, rc;

	for (int i = 0; i < PROCESS; i++)
		ends[i] = pcl_pipe_end_open(&t->command->ends[i]) ?
		    t->command->ends[i].handle : PCL_NONE;
	ends[PROCESS] = t->pinned ? t->process.handle : PCL_NONE;
	if (!ended && ends[PROCESS] == PCL_NONE)
		again = now + PCL_TASK_LOOK_MS;
	pcl_unlock(PCL_LOCK_TASK);
	cancel = pcl_os_cancel_disable();
	rc = pcl_os_pipes_wait(ends, ready, HANDLES, due < again ? due :
	    again);
	pcl_os_cancel_restore(cancel);
	/* The system cannot wait now: none of them blocks, so try each. */
	if (rc < 0) {
		pcl_os_pause(PCL_PAUSE_MS);
		for (int i = 0; i < HANDLES; i++)
			ready[i] = true;
		rc = 1;
	}
	pcl_lock(PCL_LOCK_TASK);
	return rc;
}

static bool
all_said(struct talk *t)
{
	return !pcl_pipe_end_open(&t->command->ends[OUT]) &&
	    !pcl_pipe_end_open(&t->command->ends[ERR]);
}

/* One round; 1: go on.  Else done holds what the call returns. */
static int
serve_once(struct talk *t, int *done)
{
	bool ready[HANDLES], ended = has_ended(t);
	int rc;

	*done = 0;
	if (ended && (t->command->run != t->run || all_said(t)))
		return 0;
	if (ended)
		unpin(t);
	rc = wait_for_any(t, ended, ready);
	if (rc > 0 && t->command->run == t->run) {
		if (ready[IN])
			give(t);
		rc = ready[OUT] ? take(t, OUT) : 0;
		if (rc == 0 && ready[ERR] && t->command->run == t->run)
			rc = take(t, ERR);
		/* A handle shows the death of one that is traced, too. */
		if (ready[PROCESS] && !has_ended(t))
			unpin(t);
		t->pieces += pcl_os_now() >= last_moment(t, ended);
		if (rc == 0 && t->pieces <= LAST_PIECES)
			return 1;
	}
	*done = rc;
	if (rc < 0)
		return 0;
	ended = has_ended(t);
	if (ended && all_said(t))
		return 0;
	if (pcl_os_now() < last_moment(t, ended))
		return 1;
	*done = !ended || pcl_os_now() >= t->due ? PROCLC_ETIMEDOUT : 1;
	return 0;
}

static int
serve(struct talk *t)
{
	int done;

	/* With nothing to tell its stdin is closed. */
	if (t->t.in_size <= t->command->told)
		pcl_pipe_end_close(&t->command->ends[IN]);
	if (!has_ended(t))
		pin(t);
	while (serve_once(t, &done) > 0)
		continue;
	if (done == PROCLC_ETIMEDOUT)
		return pcl_fail_pid(done, PROCLC_STAGE_WAIT, t->task->pid,
		    "talk to %s: timed out", pcl_task_name(t->task));
	return done;
}

static int
check(const struct proclc_talk *talk, struct proclc_talk *t,
    int64_t timeout_ms)
{
	int rc = pcl_options_read(t, sizeof(*t), talk);

	if (rc < 0)
		return rc;
	if (timeout_ms < PROCLC_NOW || t->linger_ms < PROCLC_NOW ||
	    t->reserved != 0 || (t->in == NULL && t->in_size > 0))
		return pcl_fail(PROCLC_EINVAL, PROCLC_STAGE_ARGUMENTS,
		    "talk to a command");
	return 0;
}

int
proclc_command_talk(struct proclc_task *task, const struct proclc_talk *talk,
    int64_t timeout_ms)
{
	struct talk t = { .task = task };
	int rc = check(talk, &t.t, timeout_ms);

	t.due = pcl_due(timeout_ms == 0 ? PROCLC_NOW : timeout_ms);
	if (rc == 0)
		rc = check_command(task, "talk");
	if (rc == 0)
		rc = enter(task, "talk", false, t.due);
	if (rc < 0)
		return rc;
	t.command = task->extras->command;
	t.run = t.command->run;
	t.owner = pcl_process();
	t.piece = t.command->talking ? NULL : malloc(PIECE);
	if (t.piece == NULL) {
		rc = t.command->talking ? PROCLC_EBUSY : PROCLC_ENOMEM;
		pcl_unlock(PCL_LOCK_TASK);
		return pcl_fail(rc, PROCLC_STAGE_ARGUMENTS, "talk to %s",
		    pcl_task_name(task));
	}
	t.command->talking = true;
	/* Who frees it waits until we are done. */
	pcl_task_hold(&task, 1);
	rc = serve(&t);
	leave(&t);
	pcl_unlock(PCL_LOCK_TASK);
	return rc;
}
