/*
 * check_win_random.c - exit handlers in programs that are made from numbers,
 * against a plain list (tests/scn/predict.c): check_random's, of one process
 * each, for there is no fork.
 *
 * PROCLC_TEST_SEED and PROCLC_TEST_SEEDS are the first number, and how many.
 */
#include "tap.h"

#include "../scn/program.h"
#include "../toolkit/say.h"

#include <io.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <proclc.h>

enum { SEEDS = 60, AT_ONCE = 4, DEATH_BY = (int)0xE050C080 };

static struct program program;
static struct story expected[STORIES], seen;

/* Of the one that lives. */
static int tokens[HANDLERS];
static bool caught;

void
tap_begin(void)
{
}

static unsigned
setting(const char *name, unsigned usual)
{
	const char *text = getenv(name);

	return text == NULL ? usual : (unsigned)strtoul(text, NULL, 0);
}

/* The one that lives through it. */

static void
report(char what, int who, int a, int b, int c)
{
	struct record r = { 0, what, (char)who, a, b, c };
	DWORD n;

	WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), &r, sizeof(r), &n, NULL);
}

static _Noreturn void
die(int code)
{
	for (;;)
		TerminateProcess(GetCurrentProcess(), (UINT)code);
}

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
called(void *user, const struct proclc_exit_cause *cause)
{
	const struct act *act = user;

	report('h', (int)(act - program.acts), cause->kind, cause->code,
	    cause->signum);
	if (act->kind == ADD)
		report('t', 0, add(act->target, act->flags), 0, 0);
	else if (act->kind == DROP)
		report('t', 0, drop(act->target), 0, 0);
	else if (act->kind == TAKE_BACK)
		report('t', 0, proclc_atexit_cancel(tokens[act->target]), 0,
		    0);
	else if (act->kind == LEAVE)
		exit(act->code);
	else if (act->kind == END)
		proclc_exit(act->code);
	else if (act->kind == QUIT)
		ExitThread(0);
}

static void
on_log(const char *line, void *unused)
{
	(void)unused;
	if (strstr(line, "exit handler") != NULL)
		report('l', 0, 0, 0, 0);
}

static void
called_by_libc(void)
{
	report('~', 0, 0, 0, 0);
}

static int
install(unsigned flags)
{
	struct proclc_atexit_options o = PROCLC_ATEXIT_OPTIONS_INIT;
	int rc;

	o.flags = flags;
	o.deadline_ms = 60000;
	rc = proclc_atexit_install(&o);
	caught = caught || rc == 0;
	return rc;
}

static int
take(const struct step *s)
{
	switch (s->kind) {
	case REGISTER:
		return add(s->handler, s->flags);
	case UNREGISTER:
		return drop(s->handler);
	case CANCEL:
		return proclc_atexit_cancel(tokens[s->handler]);
	case INSTALL:
		return install(s->flags);
	default:
		return proclc_atexit_uninstall();
	}
}

/* As another process does it.  One that never caught it has no event, and is
 * ended instead, as by who asks for that. */
static void
send_to_self(int signum)
{
	FILETIME born, unread[3];
	char name[80];
	HANDLE event;

	GetProcessTimes(GetCurrentProcess(), &born, &unread[0], &unread[1],
	    &unread[2]);
	snprintf(name, sizeof(name), "Global\\proclc-%lu-%lx%08lx-%d",
	    GetCurrentProcessId(), born.dwHighDateTime, born.dwLowDateTime,
	    signum);
	event = OpenEventA(EVENT_MODIFY_STATE, FALSE, name);
	if ((event != NULL) != caught)
		die(99);
	if (event == NULL)
		die(DEATH_BY + signum);
	SetEvent(event);
}

static void
end_orphaned(void)
{
	struct proclc_orphan_options o = PROCLC_ORPHAN_OPTIONS_INIT;
	struct tap_process parent = tap_run("rest", NULL);
	struct proclc_orphan *watch;

	o.pid = parent.pid;
	o.grace_ms = 60000;
	if (proclc_orphan_new(&watch, &o) < 0 ||
	    proclc_orphan_start(watch) < 0)
		die(98);
	TerminateProcess(parent.process, 1);
}

static int
end_process(const struct process *p)
{
	switch (p->way) {
	case EXIT:
		exit(p->code);
	case CALL:
		proclc_exit(p->code);
	case RUN:
		proclc_atexit_run(p->code);
	case PAST:
		_exit(p->code);
	case KILL:
		die(DEATH_BY + PROCLC_SIGKILL);
	case RETURN:
		return p->code;
	case TERM:
	case INTERRUPT:
		send_to_self(p->way == TERM ? PROCLC_SIGTERM : PROCLC_SIGINT);
		break;
	default:
		end_orphaned();
	}
	Sleep(INFINITE);
	return p->code;
}

static DWORD WINAPI
stay(void *unused)
{
	(void)unused;
	Sleep(INFINITE);
	return 0;
}

/* With a second thread: where the last one ends in a handler, the system ends
 * the process. */
static int
live(int argc, char **argv)
{
	const struct process *p = &program.processes[0];

	if (argc < 1 || atexit(called_by_libc) != 0 ||
	    CreateThread(NULL, 0, stay, NULL, 0, NULL) == NULL)
		return 97;
	program_make(&program, (unsigned)strtoul(argv[0], NULL, 10), 0);
	proclc_set_log(on_log, NULL);
	for (int i = 0; i < p->n_steps; i++)
		report('s', i, take(&p->steps[i]), 0, 0);
	return end_process(p);
}

static int
rest(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	Sleep(INFINITE);
	return 0;
}

/* Who looks on. */

/* As of waitpid(). */
static int
status_of(DWORD code)
{
	int signum = (int)(code - (DWORD)DEATH_BY);

	return signum > 0 && signum < 65 ? signum : (int)(code << 8);
}

/* In it a handler that libc's exit has called does not return.  Then wine's
 * libc forgets the rest of its list, which is what is older than our first. */
static bool
libc_forgets(const struct story *s)
{
	bool in_libc = false;

	for (int i = 0; i < s->n; i++) {
		const struct record *r = &s->records[i];
		enum act_kind kind = program.acts[(int)r->who].kind;

		if (r->what != 'h' || (kind != LEAVE && kind != END &&
		    kind != QUIT))
			continue;
		if (in_libc || r->a == PROCLC_EXIT_NORMAL)
			return true;
		in_libc = kind == LEAVE;
	}
	return false;
}

static void
forget_libc(struct story *s)
{
	if (s->n > 0 && s->records[s->n - 1].what == '~')
		s->n--;
}

/* What it says is little enough for the pipe, so its end may come first. */
static bool
same(struct tap_process *p, unsigned seed)
{
	DWORD n;

	if (WaitForSingleObject(p->process, (DWORD)tap_ms(TAP_PATIENCE_MS)) !=
	    WAIT_OBJECT_0)
		TerminateProcess(p->process, 255);
	seen = (struct story){ .begun = true };
	while (seen.n < RECORDS && ReadFile(p->out, &seen.records[seen.n],
	    sizeof(seen.records[0]), &n, NULL) && n == sizeof(seen.records[0]))
		seen.n++;
	seen.status = status_of(tap_end(p));
	program_make(&program, seed, 0);
	predict(&program, false, expected);
	if (libc_forgets(&expected[0])) {
		forget_libc(&expected[0]);
		forget_libc(&seen);
	}
	if (story_same(0, &expected[0], &seen))
		return true;
	say("# seed %u", seed);
	program_print(&program);
	return false;
}

static void
random_programs_run_their_handlers_as_a_list_says(void)
{
	unsigned first = setting("PROCLC_TEST_SEED", 1);
	unsigned end = first + setting("PROCLC_TEST_SEEDS", SEEDS);
	struct tap_process p[AT_ONCE];
	char number[16];
	unsigned n, differ = 0;

	for (unsigned seed = first; seed < end; seed += n) {
		n = end - seed < AT_ONCE ? end - seed : AT_ONCE;
		for (unsigned i = 0; i < n; i++) {
			snprintf(number, sizeof(number), "%u", seed + i);
			p[i] = tap_run("live", number, NULL);
		}
		for (unsigned i = 0; i < n; i++)
			differ += !same(&p[i], seed + i);
	}
	need_equal(differ, 0);
}

const struct tap_test tap_tests[] = {
	{ "random programs run their handlers as a list says",
	    random_programs_run_their_handlers_as_a_list_says },
	{ NULL, NULL }
};

const struct tap_role tap_roles[] = {
	{ "live", live },
	{ "rest", rest },
	{ NULL, NULL }
};
