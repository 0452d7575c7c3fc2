/* What a program of processes is to do, by a plain list. */
#include "program.h"

#include <proclc/atexit.h>
#include <proclc/error.h>
#include <proclc/signals.h>

#include <stdlib.h>
#include <string.h>

enum { ENTRIES = 64, NOBODY = -1 };

struct entry {
	int handler;
	int owner;
	bool shared;
	int token;
};

/* What a process has; its child has a copy. */
struct world {
	struct entry list[ENTRIES];	/* the oldest first */
	int n;
	int tokens[HANDLERS];	/* as last told to the program */
	int libc_owner;	/* who first used the library */
	int installer;
	unsigned flags;
	bool thread;	/* that takes signals */
	bool noticed;	/* the library knows that it is a child */
};

/* How a process comes to its end. */
struct end {
	int kind, code, signum;
	bool through_libc;
	int status;
	bool by_exit;
};

static const struct program *program;
static struct story *stories;
static bool known;
static int last_token;

static void
record(int process, char what, int who, int a, int b, int c)
{
	struct story *s = &stories[process];

	if (s->n == RECORDS)
		abort();
	s->records[s->n++] = (struct record){ (int16_t)process, what,
	    (char)who, a, b, c };
}

/* The list. */

static bool
runs(const struct entry *e, int process)
{
	return e->owner == process || e->shared;
}

static int
find(const struct world *w, int process, int handler, int token)
{
	int i = w->n - 1;

	while (i >= 0 && !(runs(&w->list[i], process) &&
	    (token == 0 ? w->list[i].handler == handler :
	    w->list[i].token == token)))
		i--;
	return i;
}

static int
drop(struct world *w, int at)
{
	if (at < 0)
		return 0;
	w->n--;
	memmove(&w->list[at], &w->list[at + 1],
	    (size_t)(w->n - at) * sizeof(w->list[0]));
	return 1;
}

static int
add(struct world *w, int process, int handler, bool shared)
{
	int at = find(w, process, handler, 0), before = w->tokens[handler];

	if (at < 0) {
		if (w->n == ENTRIES)
			abort();
		at = w->n++;
		w->list[at] = (struct entry){ handler, process, shared,
		    ++last_token };
	}
	w->tokens[handler] = w->list[at].token;
	return w->list[at].token == before ? OLD_TOKEN : NEW_TOKEN;
}

static int
take_back(struct world *w, int process, int handler)
{
	int token = w->tokens[handler];

	return token == 0 ? 0 : drop(w, find(w, process, handler, token));
}

static void
start(struct world *w, int process)
{
	if (w->libc_owner == NOBODY)
		w->libc_owner = process;
	w->noticed = true;
}

/* Ends. */

static void run_handlers(struct world *w, int process, struct end *end);

static void
finish(struct world *w, int process, struct end *end)
{
	run_handlers(w, process, end);
	if (end->through_libc)
		record(process, '~', 0, 0, 0, 0);
	stories[process].status = end->status;
}

/* By libc's exit; the library comes in where it has been used before. */
static void
end_by_exit(struct world *w, int process, int code)
{
	struct end end = {
		.kind = PROCLC_EXIT_NORMAL,
		.code = known ? code : PROCLC_CODE_UNKNOWN,
		.through_libc = true,
		.status = code << 8,
		.by_exit = true,
	};

	finish(w, process, &end);
}

static void
end_by_call(struct world *w, int process, int kind, int code)
{
	struct end end = { .kind = kind, .code = code, .status = code << 8 };

	start(w, process);
	end.through_libc = process == w->libc_owner;
	finish(w, process, &end);
}

static void
end_by_signal(struct world *w, int process, int kind, int signum)
{
	unsigned flags = kind == PROCLC_EXIT_SIGNAL ? w->flags : 0;
	struct end end = {
		.kind = kind,
		.code = 128 + signum,
		.signum = signum,
		.status = (flags & PROCLC_ATEXIT_STATUS_SIGNUM) != 0 ?
		    signum << 8 : signum,
	};

	start(w, process);
	end.through_libc = process == w->libc_owner &&
	    (flags & PROCLC_ATEXIT_NO_LIBC_EXIT) == 0;
	finish(w, process, &end);
}

/* A child that a handler makes. */
static void
bear(const struct world *parent, int process, const struct act *act)
{
	struct world w = *parent;
	int child = process + PROCESSES;

	stories[child].begun = true;
	if (act->way == RETURN)
		end_by_call(&w, child, PROCLC_EXIT_CALL, 0);
	else if (act->way == CALL)
		end_by_call(&w, child, PROCLC_EXIT_CALL, act->code);
	else if (act->way == EXIT)
		end_by_exit(&w, child, act->code);
	else
		stories[child].status = act->code << 8;
}

/* Within a handler.  exit() takes the way through libc, and its code counts
 * unless a signal ends the process; proclc_exit() is the new cause. */
static void
do_act(struct world *w, int process, const struct act *act, struct end *end)
{
	int rc;

	switch (act->kind) {
	case ADD:
		rc = add(w, process, act->target, act->flags != 0);
		record(process, 't', 0, rc, 0, 0);
		break;
	case DROP:
		rc = drop(w, find(w, process, act->target, 0));
		record(process, 't', 0, rc, 0, 0);
		break;
	case TAKE_BACK:
		rc = take_back(w, process, act->target);
		record(process, 't', 0, rc, 0, 0);
		break;
	case LEAVE:
		end->through_libc = end->by_exit = true;
		if (end->signum == 0)
			end->status = act->code << 8;
		break;
	case QUIT:
		record(process, 'l', 0, 0, 0, 0);
		/* Only a code that is known can be given again. */
		if (end->by_exit && end->signum == 0 && !known)
			end->status = 1 << 8;
		break;
	case END:
		*end = (struct end){ PROCLC_EXIT_CALL, act->code, 0,
		    process == w->libc_owner, act->code << 8, false };
		break;
	case BEAR:
		bear(w, process, act);
		break;
	default:
		break;
	}
}

static void
run_handlers(struct world *w, int process, struct end *end)
{
	while (w->n > 0) {
		struct entry e = w->list[--w->n];

		if (!runs(&e, process))
			continue;
		record(process, 'h', e.handler, end->kind, end->code,
		    end->signum);
		do_act(w, process, &program->acts[e.handler], end);
	}
}

/* SIGINT is the installer's alone, unless the option says otherwise. */
static bool
is_passive(const struct world *w, int process, int signum)
{
	return signum == PROCLC_SIGINT && w->installer != NOBODY &&
	    w->installer != process &&
	    (w->flags & PROCLC_ATEXIT_INT_IN_CHILDREN) == 0;
}

/* False: nothing happens.  In a child that the library does not know of a
 * signal does what it did before. */
static bool
hit(struct world *w, int process, int signum)
{
	if (is_passive(w, process, signum) && w->noticed)
		return false;
	if (w->thread)
		end_by_signal(w, process, PROCLC_EXIT_SIGNAL, signum);
	else
		stories[process].status = signum;
	return true;
}

static void
end_process(struct world *w, int process)
{
	const struct process *p = &program->processes[process];

	switch (p->way) {
	case TERM:
	case INTERRUPT:
		stories[process].survives = !hit(w, process,
		    p->way == TERM ? PROCLC_SIGTERM : PROCLC_SIGINT);
		if (stories[process].survives)
			end_by_exit(w, process, p->code);
		break;
	case RETURN:
	case EXIT:
		end_by_exit(w, process, p->code);
		break;
	case CALL:
		end_by_call(w, process, PROCLC_EXIT_CALL, p->code);
		break;
	case RUN:
		end_by_call(w, process, PROCLC_EXIT_EXPLICIT, p->code);
		break;
	case ORPHAN:
		end_by_signal(w, process, PROCLC_EXIT_ORPHANED, PROCLC_SIGTERM);
		break;
	case PAST:
		stories[process].status = p->code << 8;
		break;
	default:
		stories[process].status = PROCLC_SIGKILL;
	}
}

/* Life. */

static void live(struct world *w, int process);

static void
fork_child(struct world *parent, int child)
{
	bool handlers = program->processes[child].maker == BY_FORK;
	struct world w = *parent;
	bool shared = false;

	parent->noticed = parent->noticed || handlers;
	for (int i = 0; i < w.n; i++)
		shared = shared || w.list[i].shared;
	w.noticed = handlers;
	w.thread = w.noticed && shared && w.installer != NOBODY &&
	    (w.flags & PROCLC_ATEXIT_NO_CHILD_THREAD) == 0;
	live(&w, child);
}

static int
install(struct world *w, int process, unsigned flags)
{
	if (w->installer != NOBODY)
		return PROCLC_EALREADY;
	w->installer = process;
	w->flags = flags;
	w->thread = true;
	return 0;
}

static int
uninstall(struct world *w, int process)
{
	if (w->installer == NOBODY)
		return PROCLC_EINVAL;
	if (w->installer != process)
		return PROCLC_ENOTOWNER;
	w->installer = NOBODY;
	w->thread = false;
	return 0;
}

static int
take(struct world *w, int process, const struct step *s)
{
	start(w, process);
	switch (s->kind) {
	case REGISTER:
		return add(w, process, s->handler, s->flags != 0);
	case UNREGISTER:
		return drop(w, find(w, process, s->handler, 0));
	case CANCEL:
		return take_back(w, process, s->handler);
	case INSTALL:
		return install(w, process, s->flags);
	default:
		return uninstall(w, process);
	}
}

static void
live(struct world *w, int process)
{
	const struct process *p = &program->processes[process];

	stories[process].begun = true;
	for (int i = 0; i < p->n_steps; i++) {
		const struct step *s = &p->steps[i];

		if (s->kind == FORK)
			fork_child(w, s->child);
		else
			record(process, 's', i, take(w, process, s), 0, 0);
	}
	end_process(w, process);
}

void
predict(const struct program *of, bool code_known, struct story *into)
{
	struct world w = {
		.libc_owner = NOBODY,
		.installer = NOBODY,
		.noticed = true,
	};

	program = of;
	stories = into;
	known = code_known;
	last_token = 0;
	memset(stories, 0, STORIES * sizeof(stories[0]));
	live(&w, 0);
}
