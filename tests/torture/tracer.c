/* Runs a command under rules: its start, the waiting, its end. */
#define _GNU_SOURCE 1

#include "tracer.h"
#include "events.h"
#include "../toolkit/clock.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	OPTIONS = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK |
	    PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC |
	    PTRACE_O_EXITKILL,
};

static struct tracer *tracer;
static pid_t command;
static int command_status;
static bool command_runs;
static int64_t end_of_time;  /* 0: none */
static bool too_late;

void
report(const struct tracer *to, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vdprintf(to->report, format, args);
	va_end(args);
}

/* The earliest thing to do by itself; 0: none. */
static int64_t
next_due(void)
{
	int64_t due = end_of_time;
	const struct tracee *t;

	for (t = tracees; t != NULL; t = t->next)
		if (t->due != 0 && (due == 0 || t->due < due))
			due = t->due;
	return due;
}

static void
release_due(int64_t now)
{
	struct tracee *t;

	for (t = tracees; t != NULL; t = t->next)
		if (t->due != 0 && t->due <= now) {
			t->due = 0;
			events_go_on(t, 0);
		}
}

static void
end_all(void)
{
	struct process *p;

	for (p = processes; p != NULL; p = p->next) {
		if (p->over)
			continue;
		report(tracer, "%s %s %d\n", command_runs ? "late" : "left",
		    p->path, (int)p->pid);
		kill(p->pid, SIGKILL);
	}
	too_late = command_runs;
	if (command_runs)
		kill(command, SIGKILL);
	end_of_time = 0;
}

/* A child has changed, or it is time; by SIGUSR1 it is time for all. */
static void
sleep_until(int64_t due, const sigset_t *signals)
{
	int64_t left = due - clock_now_ms();
	struct timespec time = { 0, 0 };

	if (left > 0)
		time = (struct timespec){ left / 1000,
		    (long)(left % 1000) * 1000000 };
	if (sigtimedwait(signals, NULL, &time) == SIGUSR1)
		release_due(INT64_MAX);
}

static void
command_ended(int status)
{
	command_status = status;
	command_runs = false;
	if (tracer->linger_ms >= 0)
		end_of_time = clock_now_ms() + tracer->linger_ms;
}

/* Until nobody is left. */
static void
attend(const sigset_t *signals)
{
	int64_t due;
	int status;
	pid_t tid;

	for (;;) {
		due = next_due();
		tid = waitpid(-1, &status, __WALL | (due == 0 ? 0 : WNOHANG));
		if (tid == command && !WIFSTOPPED(status))
			command_ended(status);
		if (tid > 0)
			events_changed(tid, status);
		else if (tid < 0 && errno == ECHILD)
			return;
		else if (tid == 0)
			sleep_until(due, signals);
		release_due(clock_now_ms());
		if (end_of_time != 0 && clock_now_ms() >= end_of_time)
			end_all();
	}
}

/* The command waits for its tracer; a refusal is known before it runs. */
static pid_t
start(const sigset_t *before, int *code)
{
	int gate[2], status;
	pid_t pid;
	char c;

	if (pipe(gate) != 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		close(gate[1]);
		if (read(gate[0], &c, 1) != 1)
			_exit(TRACER_FAILED);
		close(gate[0]);
		sigprocmask(SIG_SETMASK, before, NULL);
		execvp(tracer->argv[0], tracer->argv);
		dprintf(2, "inject: %s: %s\n", tracer->argv[0],
		    strerror(errno));
		_exit(TRACER_FAILED);
	}
	close(gate[0]);
	if (pid > 0 && ptrace(PTRACE_SEIZE, pid, NULL, (long)OPTIONS) != 0) {
		dprintf(2, "inject: ptrace: %s\n", strerror(errno));
		*code = TRACER_FORBIDDEN;
		close(gate[1]);
		waitpid(pid, &status, 0);
		return -1;
	}
	if (pid > 0 && write(gate[1], "", 1) != 1)
		abort();
	close(gate[1]);
	return pid;
}

static void
tell_calls(void)
{
	const struct role *role;
	char text[96], name[64];
	int i;

	for (role = roles; role != NULL; role = role->next)
		for (i = 0; i < role->tally_count; i++) {
			role_text(role, text, sizeof(text));
			call_text(role->tallies[i].call, name, sizeof(name));
			report(tracer, "call %s %s %ld %s\n", text, name,
			    role->tallies[i].n, role->name);
		}
}

int
tracer_run(struct tracer *self, int *code)
{
	sigset_t signals, before;

	tracer = self;
	*code = TRACER_FAILED;
	events_begin(self);
	/* Blocked, they are kept for sleep_until(). */
	sigemptyset(&signals);
	sigaddset(&signals, SIGCHLD);
	sigaddset(&signals, SIGUSR1);
	sigprocmask(SIG_BLOCK, &signals, &before);
	command = start(&before, code);
	if (command < 0)
		return -1;
	command_runs = true;
	if (self->limit_ms > 0)
		end_of_time = clock_now_ms() + self->limit_ms;
	attend(&signals);
	tell_calls();
	report(self, "done %ld\n", events_injected());
	*code = TRACER_TIMEOUT;
	return too_late ? -1 : command_status;
}
