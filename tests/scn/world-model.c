/* The model of a world: who hears what, who ends, and what runs then. */
#include "world.h"

#include <proclc.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>

struct world world;

/* How a process comes to its end. */
struct end {
	bool runs;       /* its exit handlers */
	int kind, code, signum;
	int status;
	bool taken;      /* by who ends it, in the library */
};

static uint32_t finish(int id, const struct end *end);

static void
expect_after(int id, struct record record, uint32_t after)
{
	struct actor *a = &world.actors[id];

	if (a->tail == (int)(sizeof(a->queue) / sizeof(a->queue[0])))
		abort();
	record.id = id;
	a->queue[a->tail++] = (struct expected){ record, after };
}

void
model_expect(int id, struct record record)
{
	expect_after(id, record, 0);
}

/* The list of exit handlers. */

static bool
runs(const struct entry *e, int id)
{
	return e->owner == id || e->shared;
}

/* By its handler, or by its token. */
int
model_find(const struct actor *a, int id, int handler, int token)
{
	int i = a->n - 1;

	while (i >= 0 && !(runs(&a->list[i], id) && (token == 0 ?
	    a->list[i].handler == handler : a->list[i].token == token)))
		i--;
	return i;
}

int
model_add_batch(struct actor *a, int id)
{
	int top = a->n - 1;

	if (top >= 0 && a->list[top].handler < 0 &&
	    a->list[top].owner == id)
		return -1 - a->list[top].handler;
	a->list[a->n++] = (struct entry){ -1 - ++a->last_batch, id, false, 0 };
	return a->last_batch;
}

/* Ends. */

/* One whose parent has ended, and who is to end then. */
static void
finish_orphan(int id)
{
	struct end end = { true, PROCLC_EXIT_ORPHANED, 128 + SIGTERM,
	    SIGTERM, SIGTERM, false };

	if (world.actors[id].kind == A_LOOP) {
		model_expect(id, (struct record){ .what = 'E' });
		end = (struct end){ true, PROCLC_EXIT_CALL, 0, 0, 0, false };
	}
	finish(id, &end);
}

/* One that gets TERM and hears it. */
static uint32_t
finish_told(int id, bool taken)
{
	struct end end = { true, PROCLC_EXIT_SIGNAL, 128 + SIGTERM, SIGTERM,
	    SIGTERM, taken };

	if (world.actors[id].kind == A_LOOP) {
		model_expect(id, (struct record){ .what = 'E' });
		end = (struct end){ true, PROCLC_EXIT_CALL, 0, 0, 0, taken };
	}
	return finish(id, &end);
}

static uint32_t
end_task(struct task *task)
{
	task->stopped = true;
	return finish_told(task->child, true);
}

void
model_end_task(int parent, int index)
{
	end_task(&world.actors[parent].tasks[index]);
}

/* At exit: all tasks of it at once.  Returns who has ended by then. */
static uint32_t
end_batch(struct actor *a, int batch)
{
	uint32_t ended = 0;

	for (int i = 0; i < TASKS; i++)
		if (a->tasks[i].state == LIVE && a->tasks[i].batch == batch &&
		    (a->tasks[i].flags & WORK_OUTLIVES) == 0)
			ended |= end_task(&a->tasks[i]);
	return ended;
}

static uint32_t
run_list(int id, const struct end *end)
{
	struct actor *a = &world.actors[id];
	uint32_t ended = 0;

	while (a->n > 0) {
		struct entry e = a->list[--a->n];

		if (!runs(&e, id))
			continue;
		if (e.handler < 0)
			ended |= end_batch(a, -1 - e.handler);
		else
			expect_after(id, (struct record){ .what = 'h',
			    .a = e.handler, .b = end->kind, .c = end->code,
			    .d = end->signum }, ended);
	}
	return ended;
}

/* What its parent's object of it knows. */
static void
settle_task(const struct actor *a)
{
	struct actor *parent;
	struct task *task;

	if (a->parent == DRIVER || a->kind == PLAIN || a->detached)
		return;
	parent = &world.actors[a->parent];
	task = &parent->tasks[a->index];
	task->state = OVER;
	task->status = a->status;
	if ((task->flags & WORK_RESTARTS) != 0 && !task->stopped &&
	    parent->alive)
		world.reborn[world.n_reborn++] = task->child;
}

static void
tell_watchers(int id)
{
	for (int i = 0; i < world.births; i++) {
		struct actor *w = &world.actors[i];

		if (w->watch != OWN || w->watched != id)
			continue;
		w->watched = -1;
		if (w->alive)
			w->firings++;
		else
			w->may_fire++;
	}
}

static void
orphan_children(int id)
{
	for (int i = 0; i < world.births; i++) {
		struct actor *c = &world.actors[i];

		if (c->parent != id)
			continue;
		c->parent = DRIVER;
		if (c->alive && (c->kind == PLAIN ? c->armed : !c->outlives))
			finish_orphan(i);
	}
}

static uint32_t
finish(int id, const struct end *end)
{
	struct actor *a = &world.actors[id];
	uint32_t ended = (uint32_t)1 << id;

	a->alive = false;
	a->status = end->status;
	a->reaped = end->taken;
	if (end->runs)
		ended |= run_list(id, end);
	for (int i = 0; i < FILES; i++)
		if (world.files[i].holder == id)
			world.files[i].holder = DRIVER;
	a->may_fire += a->firings;
	a->firings = 0;
	settle_task(a);
	if (!end->taken)
		world.dying[world.n_dying++] = id;
	tell_watchers(id);
	orphan_children(id);
	return ended;
}

void
model_leave(int id, enum way way, int code)
{
	struct actor *a = &world.actors[id];
	struct end end = { true, PROCLC_EXIT_CALL, code, 0, code << 8, false };

	if (way == BY_KILL)
		end = (struct end){ .status = SIGKILL };
	else if (way == BY_PAST)
		end.runs = false;
	else if (way == BY_RUN)
		end.kind = PROCLC_EXIT_EXPLICIT;
	else if (way == BY_EXIT || (way == BY_RETURN && a->kind == PLAIN)) {
		end.kind = PROCLC_EXIT_NORMAL;
		end.code = world.code_known ? code : PROCLC_CODE_UNKNOWN;
	} else if (way == BY_RETURN && a->kind == A_LOOP) {
		model_expect(id, (struct record){ .what = 'E' });
		end.code = end.status = 0;
	}
	finish(id, &end);
}

/* Signals. */

int
model_signal_index(int signum)
{
	for (int i = 0; i < SIGNALS; i++)
		if (world_signals[i] == signum)
			return i;
	return -1;
}

static bool
consumed(const struct actor *a, int signum)
{
	int s = model_signal_index(signum);

	for (int i = 0; i < OBJECTS && s >= 0; i++)
		if (a->objects[i].have == OWN && a->objects[i].running &&
		    a->objects[i].callbacks[s] != NO_CALLBACK)
			return true;
	return false;
}

bool
model_lethal(int id, int signum)
{
	return !consumed(&world.actors[id], signum);
}

/* Nobody tells when one that is ignored has been dealt with: whoever has
 * another callback by then is called. */
static void
call_back(struct actor *a, int s)
{
	bool ignored = false;

	for (int i = 0; i < OBJECTS; i++) {
		const struct object *o = &a->objects[i];

		if (o->have != OWN || !o->running)
			continue;
		if (o->callbacks[s] == NOTE)
			a->calls[i][s]++;
		ignored = ignored || o->callbacks[s] == IGNORE;
	}
	for (int i = 0; i < OBJECTS && ignored; i++)
		a->may_call[i][s]++;
}

void
model_signal(int id, int signum)
{
	struct actor *a = &world.actors[id];
	struct end end = { .status = signum };

	if (consumed(a, signum))
		call_back(a, model_signal_index(signum));
	else if (signum == SIGTERM && (a->kind != PLAIN || a->thread))
		finish_told(id, false);
	else
		finish(id, &end);
}

bool
model_is_ancestor(int id, int of)
{
	while (of != DRIVER && of != id)
		of = world.actors[of].parent;
	return of == id;
}
