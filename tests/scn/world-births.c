/* The model of a world: what a new process has of its parent. */
#include "world.h"

#include <string.h>

static void
become_forked(struct actor *a)
{
	bool shared = false;

	for (int i = 0; i < a->n; i++)
		shared = shared || a->list[i].shared;
	a->thread = shared && a->installer != DRIVER;
}

/* As after exec: of the handlers it has the shared ones. */
static void
become_task(struct actor *a)
{
	int n = 0;

	for (int i = 0; i < a->n; i++)
		if (a->list[i].shared)
			a->list[n++] = a->list[i];
	a->n = n;
	a->thread = false;
}

/* Its memory is a copy, and what is in there is the parent's. */
static void
inherit(struct actor *a, const struct actor *parent)
{
	memcpy(a->list, parent->list, sizeof(a->list));
	a->n = parent->n;
	memcpy(a->tokens, parent->tokens, sizeof(a->tokens));
	for (int i = 0; i < TASKS; i++)
		a->tasks[i].state = parent->tasks[i].state == NO_TASK ?
		    NO_TASK : NOT_MINE;
	for (int i = 0; i < OBJECTS; i++)
		a->objects[i].have = parent->objects[i].have == NONE ?
		    NONE : INHERITED;
	for (int i = 0; i < FILES; i++)
		a->files[i] = parent->files[i] == NONE ? NONE : INHERITED;
	a->watch = parent->watch == NONE ? NONE : INHERITED;
	a->installer = parent->installer;
	a->of_task = parent->of_task;
}

static int
free_slot(void)
{
	uint32_t used = 0;

	for (int i = 0; i < world.births; i++)
		if (world.actors[i].alive)
			used |= (uint32_t)1 << world.actors[i].slot;
	for (int i = 0; i < SLOTS; i++)
		if ((used >> i & 1) == 0)
			return i;
	return -1;
}

static void
be_born(int id, int parent, enum kind kind)
{
	struct actor *a = &world.actors[id];
	int slot = a->slot, index = a->index;
	bool outlives = a->outlives;

	memset(a, 0, sizeof(*a));
	a->installer = DRIVER;
	if (parent != DRIVER)
		inherit(a, &world.actors[parent]);
	if (parent != DRIVER)
		a->depth = world.actors[parent].depth + 1;
	if (kind == PLAIN)
		become_forked(a);
	else
		become_task(a);
	a->alive = true;
	a->kind = kind;
	a->of_task = a->of_task || kind != PLAIN;
	a->parent = parent;
	a->slot = slot;
	a->index = index;
	a->outlives = outlives;
	model_expect(id, (struct record){ .what = 'b' });
	if (kind == A_LOOP)
		model_expect(id, (struct record){ .what = 'B' });
}

/* Returns the new one, or -1: no more can be had. */
int
model_birth(int parent, enum kind kind)
{
	int id = world.births, slot = free_slot();

	if (slot < 0 || id == BIRTHS || (parent != DRIVER &&
	    world.actors[parent].depth + 1 >= DEPTH))
		return -1;
	world.births++;
	world.actors[id].slot = slot;
	world.actors[id].outlives = false;
	be_born(id, parent, kind);
	return id;
}

/* The tasks that are to run again do; their runs are counted. */
void
model_restart(int id)
{
	struct actor *a = &world.actors[id];
	struct task *task = &world.actors[a->parent].tasks[a->index];
	struct actor before = *a;

	task->state = LIVE;
	task->runs++;
	task->has_result = false;
	be_born(id, before.parent, before.kind);
	/* Of its last moments it may not have been heard yet. */
	memcpy(a->may_call, before.may_call, sizeof(a->may_call));
	a->may_fire = before.may_fire;
}
