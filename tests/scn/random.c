/*
 * random FIRST COUNT [MAKERS [CODE_KNOWN]]
 *
 * For each number: make a program of processes, live through it, and compare
 * what was seen with what was to be seen.  Every process writes records into
 * one pipe; each one waits for its own children.  Says "agreed COUNT", or the
 * number, the program and where they first differ, and stops there.
 * MAKERS: 1 where a child that no fork handler announces is not to be had.
 * CODE_KNOWN: 0 where libc does not tell the code of exit().
 */
#define _GNU_SOURCE 1

#include "program.h"
#include "../kernel.h"
#include "../settle.h"
#include "../toolkit/clock.h"
#include "../toolkit/os.h"
#include "../toolkit/scn.h"

#include <proclc/atexit.h>
#include <proclc/error.h>
#include <proclc/orphan.h>

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

static struct program program;
static struct story expected[STORIES], seen[STORIES];
static int results[2];

/* Of this process. */
static int here;
static int tokens[HANDLERS];
static pid_t children[PROCESSES];

static void
report(int process, char what, int who, int a, int b, int c)
{
	struct record r = { (int16_t)process, what, (char)who, a, b, c };

	die_if(write(results[1], &r, sizeof(r)) != sizeof(r), "report");
}

static void
reap(pid_t pid, int process)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		die_if(errno != EINTR, "waitpid");
	report(process, '=', 0, status, 0, 0);
}

/* A sanitizer's allocator is not for a fork beside a busy thread. */
static pid_t
make_child(int maker)
{
	if (settle_under_asan())
		settle();
	return maker == BY_RAW ? kernel_raw_fork() :
	    maker == BY_QUIET ? kernel_quiet_fork() : fork();
}

/* Handlers. */

static void
called(void *act, const struct proclc_exit_cause *cause);

static int
add(int handler, unsigned flags)
{
	int before = tokens[handler];
	int rc = proclc_atexit_register(called, &program.acts[handler],
	    flags);

	if (rc <= 0)
		return rc;
	tokens[handler] = rc;
	return rc == before ? OLD_TOKEN : NEW_TOKEN;
}

static int
drop(int handler)
{
	return proclc_atexit_unregister(called, &program.acts[handler]);
}

static void
bear(const struct act *act)
{
	pid_t pid = make_child(BY_FORK);

	die_if(pid < 0, "fork");
	if (pid > 0) {
		reap(pid, here + PROCESSES);
		return;
	}
	here += PROCESSES;
	if (act->way == EXIT)
		exit(act->code);
	if (act->way == CALL)
		proclc_exit(act->code);
	if (act->way == PAST)
		_exit(act->code);
}

static void
called(void *user, const struct proclc_exit_cause *cause)
{
	const struct act *act = user;

	report(here, 'h', (int)(act - program.acts), cause->kind, cause->code,
	    cause->signum);
	if (act->kind == ADD)
		report(here, 't', 0, add(act->target, act->flags), 0, 0);
	else if (act->kind == DROP)
		report(here, 't', 0, drop(act->target), 0, 0);
	else if (act->kind == TAKE_BACK)
		report(here, 't', 0, proclc_atexit_cancel(
		    tokens[act->target]), 0, 0);
	else if (act->kind == LEAVE)
		exit(act->code);
	else if (act->kind == END)
		proclc_exit(act->code);
	else if (act->kind == QUIT)
		pthread_exit(NULL);
	else if (act->kind == BEAR)
		bear(act);
}

static void
on_log(const char *line, void *unused)
{
	(void)unused;
	if (strstr(line, "exit handler") != NULL)
		report(here, 'l', 0, 0, 0, 0);
}

static void
called_by_libc(void)
{
	report(here, '~', 0, 0, 0, 0);
}

/* Ends. */

static _Noreturn void
wait_for_end(void)
{
	for (;;)
		pause();
}

static _Noreturn void
end_orphaned(void)
{
	struct proclc_orphan_options o = PROCLC_ORPHAN_OPTIONS_INIT;
	/* A child that a handler forks has it, too. */
	static struct proclc_orphan *watch;
	pid_t pid = make_child(BY_FORK);

	die_if(pid < 0, "fork");
	if (pid == 0)
		wait_for_end();
	o.pid = pid;
	o.poll_interval_ms = 10;
	o.grace_ms = 60000;
	die_if(proclc_orphan_new(&watch, &o) < 0 ||
	    proclc_orphan_start(watch) < 0, proclc_errmsg());
	kill(pid, SIGKILL);
	wait_for_end();
}

/* Returns what main is to return. */
static int
end_process(void)
{
	const struct process *p = &program.processes[here];

	for (int i = 0; i < PROCESSES; i++)
		if (children[i] != 0)
			reap(children[i], i);
	switch (p->way) {
	case TERM:
	case INTERRUPT:
		kill(getpid(), p->way == TERM ? SIGTERM : SIGINT);
		if (!expected[here].survives)
			wait_for_end();
		exit(p->code);
	case EXIT:
		exit(p->code);
	case CALL:
		proclc_exit(p->code);
	case RUN:
		proclc_atexit_run(p->code);
	case ORPHAN:
		end_orphaned();
	case PAST:
		_exit(p->code);
	case KILL:
		kill(getpid(), SIGKILL);
		wait_for_end();
	default:
		return p->code;
	}
}

/* Life. */

static int
install(unsigned flags)
{
	struct proclc_atexit_options o = PROCLC_ATEXIT_OPTIONS_INIT;

	o.flags = flags;
	o.deadline_ms = 60000;
	return proclc_atexit_install(&o);
}

static int
take(const struct step *s)
{
	if (s->kind == REGISTER)
		return add(s->handler, s->flags);
	if (s->kind == UNREGISTER)
		return drop(s->handler);
	if (s->kind == CANCEL)
		return proclc_atexit_cancel(tokens[s->handler]);
	return s->kind == INSTALL ? install(s->flags) :
	    proclc_atexit_uninstall();
}

/* Does this process go on as the child? */
static bool
fork_child(int child)
{
	pid_t pid = make_child(program.processes[child].maker);

	die_if(pid < 0, "fork");
	if (pid > 0) {
		children[child] = pid;
		return false;
	}
	memset(children, 0, sizeof(children));
	here = child;
	return true;
}

/* The first process and, in their turn, all its descendants. */
static int
live(void)
{
	const struct step *s;

	die_if(atexit(called_by_libc) != 0, "atexit");
	proclc_set_log(on_log, NULL);
	for (int i = 0; i < program.processes[here].n_steps; i++) {
		s = &program.processes[here].steps[i];
		if (s->kind != FORK)
			report(here, 's', i, take(s), 0, 0);
		else if (fork_child(s->child))
			i = -1;
	}
	return end_process();
}

/* What was seen, and is it that? */

static void
note(const struct record *r)
{
	struct story *s = &seen[r->process];

	s->begun = true;
	if (r->what == '=')
		s->status = r->a;
	else if (s->n < RECORDS)
		s->records[s->n++] = *r;
}

/* Until all have ended.  False: it takes too long. */
static bool
listen(void)
{
	int64_t deadline = clock_deadline(30000);
	struct pollfd poller = { .fd = results[0], .events = POLLIN };
	struct record r;
	int rc;

	for (;;) {
		rc = poll(&poller, 1, clock_left_ms(deadline));
		if (rc == 0)
			return false;
		if (rc < 0)
			continue;
		if (read(results[0], &r, sizeof(r)) != sizeof(r))
			return true;
		note(&r);
	}
}

static bool
judge(unsigned seed, bool in_time)
{
	bool good = in_time;

	for (int i = 0; i < STORIES; i++)
		good = story_same(i, &expected[i], &seen[i]) && good;
	if (!good) {
		say("seed %u: %s", seed, in_time ? "differs" : "hangs");
		program_print(&program);
	}
	return good;
}

/* In the first process: what main is to return.  Else -1: good, or -2. */
static int
go(unsigned seed, int makers, bool code_known)
{
	bool in_time;
	pid_t pid;

	program_make(&program, seed, makers);
	predict(&program, code_known, expected);
	memset(seen, 0, sizeof(seen));
	die_if(os_pipe(results) != 0, "pipe");
	pid = fork();
	die_if(pid < 0, "fork");
	if (pid == 0) {
		setpgid(0, 0);
		close(results[0]);
		return live();
	}
	setpgid(pid, pid);
	close(results[1]);
	in_time = listen();
	if (!in_time)
		kill(-pid, SIGKILL);
	die_if(waitpid(pid, &seen[0].status, 0) != pid, "waitpid");
	close(results[0]);
	return judge(seed, in_time) ? -1 : -2;
}

static unsigned
number(int argc, char **argv, int i, unsigned usual)
{
	return i >= argc ? usual : (unsigned)strtoul(argv[i], NULL, 0);
}

int
main(int argc, char **argv)
{
	unsigned first = number(argc, argv, 1, 0);
	unsigned count = number(argc, argv, 2, 1);
	int makers = (int)number(argc, argv, 3, MAKERS);
	bool code_known = number(argc, argv, 4, 1) != 0;
	int rc;

	for (unsigned i = 0; i < count; i++) {
		rc = go(first + i, makers, code_known);
		if (rc >= 0)
			return rc;
		if (rc < -1)
			return 1;
	}
	say("agreed %u", count);
	return 0;
}
