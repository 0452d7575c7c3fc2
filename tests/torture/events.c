/*
 * What the traced do, and what is done to them.
 *
 * Every thread stops twice a call, and events tell of births before the
 * newborn has run one instruction: so roles follow from descent alone.
 */
#define _GNU_SOURCE 1

#include "events.h"
#include "mark.h"
#include "stop.h"
#include "../toolkit/clock.h"
#include "tracees.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static struct tracer *tracer;
static long injected;

void
events_begin(struct tracer *self)
{
	tracer = self;
}

long
events_injected(void)
{
	return injected;
}

void
events_go_on(struct tracee *t, int signo)
{
	ptrace(PTRACE_SYSCALL, t->tid, NULL, (long)signo);
}

/* Births. */

static void
greet(struct tracee *t)
{
	const struct role *role = t->role;

	if (role->thread == 0)
		report(tracer, "process %s %d\n", role->process->path,
		    (int)t->tid);
	if (t->halted)
		events_go_on(t, 0);
	t->halted = false;
}

static void
born(struct tracee *mother, pid_t tid)
{
	struct tracee *t = tracee_find(tid);
	pid_t group = thread_group(tid);

	if (t == NULL)
		t = tracee_add(tid);
	if (t->role != NULL)
		return;
	if (group == mother->role->process->pid)
		tracee_is_thread(t, mother->role->process);
	else
		tracee_is_process(t, mother->role->process);
	greet(t);
}

/* One thread has become the whole process, under its first thread's number. */
static void
executed(struct tracee *t)
{
	struct tracee *other, *next;

	for (other = tracees; other != NULL; other = next) {
		next = other->next;
		if (other != t && other->role != NULL && t->role != NULL &&
		    other->role->process == t->role->process)
			tracee_remove(other);
	}
	t->answer = (struct answer){ .wanted = false };
	if (t->role != NULL)
		return;
	if (process_find(t->tid) != NULL) {   /* its first thread had ended */
		tracee_is_thread(t, process_find(t->tid));
		return;
	}
	tracee_is_process(t, NULL);
	t->role->process->subject = !tracer->marked;
	greet(t);
}

/* Calls. */

/* A mark is answered with the number of things done until now. */
static bool
marks(struct tracee *t, const struct stop *stop)
{
	if (stop->entry.nr != SYS_prctl || stop->entry.args[0] != MARK ||
	    !tracer->marked)
		return false;
	t->role->process->subject = stop->entry.args[1] == MARK_BEGIN;
	t->answer = (struct answer){ .wanted = true, .value = injected };
	return true;
}

static void
act(struct tracee *t, struct rule *rule, struct stop *stop)
{
	pid_t process = t->role->process->pid;

	switch (rule->action) {
	case ACTION_FAIL:
		if (!rule->after)
			stop_skip(t->tid, stop);
		t->answer.wanted = true;
		t->answer.value = -rule->errnum;
		break;
	case ACTION_KILL:
		kill(process, SIGKILL);
		break;
	case ACTION_TERM:
		kill(process, SIGTERM);
		break;
	case ACTION_TERM_AFTER:
		t->answer.term = true;
		break;
	case ACTION_DELAY:
		t->due = clock_now_ms() + rule->ms;
		break;
	}
}

static void
tell(const struct tracee *t, const struct rule *rule, struct call call)
{
	char role[96], name[64];

	injected++;
	if (rule->done > 1)     /* one line for what goes on and on */
		return;
	role_text(t->role, role, sizeof(role));
	call_text(call, name, sizeof(name));
	report(tracer, "injected %d %s %s\n", (int)(rule - tracer->rules),
	    role, name);
}

static void
enter(struct tracee *t, struct stop *stop)
{
	struct caller caller = {
		.tid = t->tid,
		.process = t->role->process->path,
		.thread = t->role->thread,
		.call = call_made(stop->entry.nr, stop->entry.args),
		.args = stop->entry.args,
	};
	int i;

	if (marks(t, stop) || !t->role->process->subject)
		return;
	if (tracer->record) {
		role_count(t->role, caller.call);
		thread_name(t->tid, t->role->name, sizeof(t->role->name));
	}
	for (i = 0; i < tracer->rule_count; i++)
		if (rule_meets(&tracer->rules[i], &caller)) {
			tell(t, &tracer->rules[i], caller.call);
			act(t, &tracer->rules[i], stop);
		}
}

static void
leave(struct tracee *t, struct stop *stop)
{
	struct answer answer = t->answer;

	t->answer = (struct answer){ .wanted = false };
	/* One that was killed meanwhile has no use for it. */
	if (answer.wanted && !stop_answer(t->tid, stop, answer.value) &&
	    errno != ESRCH) {
		dprintf(2, "inject: results cannot be written here\n");
		exit(TRACER_FORBIDDEN);
	}
	if (answer.term)
		kill(t->role->process->pid, SIGTERM);
}

static void
at_call(struct tracee *t)
{
	struct stop stop;

	if (!stop_read(t->tid, &stop))
		return;
	if (stop.kind == STOP_ENTRY)
		enter(t, &stop);
	else if (stop.kind == STOP_EXIT)
		leave(t, &stop);
	if (t->due == 0)
		events_go_on(t, 0);
}

/* Events. */

static void
at_event(struct tracee *t, int event, int signo)
{
	unsigned long message = 0;

	if (event == PTRACE_EVENT_STOP) {
		if (t->role == NULL) {
			t->halted = true;     /* until its birth is told */
			return;
		}
		if (signo != SIGTRAP) {
			ptrace(PTRACE_LISTEN, t->tid, NULL, 0L);
			return;
		}
	} else if (event == PTRACE_EVENT_EXEC) {
		executed(t);
	} else if (t->role != NULL && ptrace(PTRACE_GETEVENTMSG, t->tid, NULL,
	    &message) == 0) {
		born(t, (pid_t)message);
	}
	events_go_on(t, 0);
}

static void
ended(pid_t tid, int status)
{
	struct tracee *t = tracee_find(tid);
	struct process *process = process_find(tid);

	if (t != NULL)
		tracee_remove(t);
	if (process == NULL || process->over)
		return;
	process->over = true;
	if (WIFSIGNALED(status))
		report(tracer, "end %s killed %d\n", process->path,
		    WTERMSIG(status));
	else
		report(tracer, "end %s exited %d\n", process->path,
		    WEXITSTATUS(status));
}

void
events_changed(pid_t tid, int status)
{
	struct tracee *t = tracee_find(tid);
	int signo = WSTOPSIG(status), event = status >> 16;

	if (!WIFSTOPPED(status)) {
		ended(tid, status);
		return;
	}
	if (t == NULL)
		t = tracee_add(tid);
	if (event != 0)
		at_event(t, event, signo);
	else if (signo == (SIGTRAP | 0x80))
		at_call(t);
	else
		events_go_on(t, signo);
}
