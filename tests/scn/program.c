/* Programs of processes, made from a number and printed. */
#include "program.h"
#include "../toolkit/say.h"

#include <proclc/atexit.h>

static uint64_t state;

/* A number below n. */
static int
any(int n)
{
	state = state * UINT64_C(6364136223846793005) +
	    UINT64_C(1442695040888963407);
	return (int)((state >> 33) % (unsigned)n);
}

static bool
one_in(int n)
{
	return any(n) == 0;
}

static unsigned
any_shared(void)
{
	return one_in(2) ? PROCLC_ATEXIT_SHARED : 0;
}

static unsigned
any_install_flags(void)
{
	unsigned flags = 0;

	if (one_in(3))
		flags |= PROCLC_ATEXIT_STATUS_SIGNUM;
	if (one_in(3))
		flags |= PROCLC_ATEXIT_NO_LIBC_EXIT;
	if (one_in(3))
		flags |= PROCLC_ATEXIT_INT_IN_CHILDREN;
	if (one_in(3))
		flags |= PROCLC_ATEXIT_NO_CHILD_THREAD;
	return flags;
}

static struct step
make_step(bool may_fork)
{
	static const enum step_kind often[] = { REGISTER, REGISTER, REGISTER,
	    REGISTER, REGISTER, UNREGISTER, CANCEL, INSTALL, INSTALL,
	    UNINSTALL, FORK, FORK, FORK };
	int n = (int)(sizeof(often) / sizeof(often[0])) - (may_fork ? 0 : 3);
	struct step step = { .kind = often[any(n)], .handler = any(REGULAR) };

	if (step.kind == REGISTER)
		step.flags = any_shared();
	if (step.kind == INSTALL)
		step.flags = any_install_flags();
	return step;
}

static void
make_process(struct program *program, int depth, int makers)
{
	struct process *p = &program->processes[program->n++];

	p->maker = one_in(4) && makers > 0 ? any(makers) : BY_FORK;
	p->way = (enum way)any(WAYS);
	p->code = any(256);
	p->n_steps = 1 + any(STEPS - 1);
	for (int i = 0; i < p->n_steps; i++) {
		p->steps[i] = make_step(makers > 0 && depth < DEPTH &&
		    program->n < PROCESSES);
		if (p->steps[i].kind != FORK)
			continue;
		p->steps[i].child = program->n;
		make_process(program, depth + 1, makers);
	}
}

/* Only one bears: its child is then known by its parent. */
static void
make_acts(struct program *program, int makers)
{
	static const enum way ways[] = { RETURN, EXIT, CALL, PAST };
	bool bears = makers == 0;

	for (int i = 0; i < REGULAR; i++) {
		struct act *act = &program->acts[i];

		if (one_in(2))
			act->kind = (enum act_kind)any(bears ? BEAR : ACTS);
		bears = bears || act->kind == BEAR;
		act->target = act->kind == ADD ?
		    REGULAR + any(HANDLERS - REGULAR) : any(HANDLERS);
		act->flags = any_shared();
		act->way = ways[any(4)];
		act->code = any(256);
	}
}

void
program_make(struct program *program, unsigned seed, int makers)
{
	*program = (struct program){ .n = 0 };
	state = seed;
	any(2);
	make_acts(program, makers);
	make_process(program, 0, makers);
}

static const char *const way_names[] = { "return", "exit", "proclc_exit",
    "proclc_atexit_run", "TERM", "INT", "orphaned", "_exit", "KILL" };
static const char *const maker_names[] = { "fork", "_Fork", "clone" };

static void
print_step(const struct step *s)
{
	static const char *const names[] = { "register", "unregister",
	    "cancel", "fork", "install", "uninstall" };

	switch (s->kind) {
	case REGISTER:
		say("    register %d%s", s->handler, s->flags != 0 ?
		    " shared" : "");
		break;
	case FORK:
		say("    make process %d", s->child);
		break;
	case INSTALL:
		say("    install with flags %u", s->flags);
		break;
	default:
		say("    %s %d", names[s->kind], s->handler);
	}
}

void
program_print(const struct program *program)
{
	static const char *const acts[] = { "does nothing", "registers",
	    "unregisters", "cancels", "calls exit", "calls proclc_exit",
	    "calls pthread_exit", "forks a child for" };

	for (int i = 0; i < REGULAR; i++) {
		const struct act *a = &program->acts[i];

		say("  handler %d %s; target %d%s, way %s, code %d", i,
		    acts[a->kind], a->target, a->flags != 0 ? " shared" : "",
		    way_names[a->way], a->code);
	}
	for (int i = 0; i < program->n; i++) {
		const struct process *p = &program->processes[i];

		say("  process %d, made by %s", i, maker_names[p->maker]);
		for (int k = 0; k < p->n_steps; k++)
			print_step(&p->steps[k]);
		say("    ends by %s %d", way_names[p->way], p->code);
	}
}

static bool
same_record(const struct record *a, const struct record *b)
{
	return a->what == b->what && a->who == b->who && a->a == b->a &&
	    a->b == b->b && a->c == b->c;
}

static void
print_record(const char *which, const struct story *s, int i)
{
	const struct record *r = &s->records[i];

	if (i >= s->n)
		say("    %s nothing more", which);
	else
		say("    %s %c %d: %d %d %d", which, r->what, r->who, r->a,
		    r->b, r->c);
}

bool
story_same(int process, const struct story *e, const struct story *s)
{
	int i = 0;

	if (!e->begun && !s->begun)
		return true;
	while (i < e->n && i < s->n &&
	    same_record(&e->records[i], &s->records[i]))
		i++;
	if (i == e->n && i == s->n && e->status == s->status)
		return true;
	say("  process %d, status %#x, expected %#x; record %d:", process,
	    (unsigned)s->status, (unsigned)e->status, i);
	print_record("expected", e, i);
	print_record("seen    ", s, i);
	return false;
}
