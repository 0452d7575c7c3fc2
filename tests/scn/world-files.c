/* The steps of a world that are about pid files, handler objects, watches. */
#include "world-step.h"

#include <proclc.h>

#include <signal.h>

/* Pid files. */

bool
make_hold(void)
{
	int i = any(FILES);
	struct file *file = &world.files[i];

	if (it.me->files[i] == INHERITED)
		return false;
	step_say("%d: hold file %d", it.self, i);
	step_tell(HOLD, i, 0, 0);
	if (file->holder != DRIVER) {
		it.result.a = it.result.or_else = PROCLC_ERUNNING;
		it.result.b = (int)world.actors[file->holder].pid;
		return true;
	}
	it.me->files[i] = OWN;
	*file = (struct file){ true, it.me->pid, it.self };
	return true;
}

/* A child's copy of the object holds nothing. */
bool
let_go(int i, bool removes)
{
	bool mine = it.me->files[i] == OWN;

	step_say("%d: %s file %d", it.self, removes ? "remove" : "let go of",
	    i);
	it.me->files[i] = NONE;
	if (mine) {
		world.files[i].holder = DRIVER;
		world.files[i].exists = !removes;
	}
	return step_tell(removes ? REMOVE : LET_GO, i, 0,
	    removes && !mine ? PROCLC_ENOTOWNER : 0);
}

bool
make_let_go(void)
{
	int i = any(FILES), removes = any(2);

	return it.me->files[i] != NONE && let_go(i, removes);
}

static int
state_of(const struct file *file)
{
	if (!file->exists)
		return PROCLC_ENOENT;
	if (file->holder != DRIVER)
		return 0;
	for (int i = 0; i < world.births; i++)
		if (world.actors[i].alive &&
		    world.actors[i].pid == file->pid)
			return PROCLC_EUNLOCKED;
	return PROCLC_ENOTRUNNING;
}

static bool
ask_file(enum verb verb, int i, int signum)
{
	struct file *file = &world.files[i];

	step_tell(verb, i, signum, state_of(file));
	/* Another process may have that pid by now. */
	if (it.result.a == PROCLC_ENOTRUNNING && kill(file->pid, 0) == 0)
		it.result.or_else = PROCLC_EUNLOCKED;
	return true;
}

bool
make_ask_file(void)
{
	static const int signals[] = { SIGUSR1, SIGUSR2, SIGTERM, SIGKILL };
	int i = any(FILES), signum = signals[any(4)];
	int holder = world.files[i].holder;
	bool ends = holder != DRIVER && model_lethal(holder, signum);

	if (any(3) != 0) {
		step_say("%d: ask for file %d", it.self, i);
		ask_file(any(2) == 0 ? ASK : ASK_PING, i, 0);
		if (it.order.verb == ASK && it.result.a == 0)
			it.result.b = (int)world.files[i].pid;
		return true;
	}
	/* Who ends by it does not answer. */
	if (ends && (holder == 0 || model_is_ancestor(holder, it.self)))
		return false;
	step_say("%d: send %d by file %d", it.self, signum, i);
	ask_file(SEND, i, signum);
	if (holder != DRIVER)
		model_signal(holder, signum);
	return true;
}

bool
make_stop(void)
{
	int i = any(FILES), holder = world.files[i].holder;

	if (any(2) == 0 || (holder != DRIVER && (!world.handles ||
	    holder == 0 || model_is_ancestor(holder, it.self))))
		return false;
	step_say("%d: stop who holds file %d", it.self, i);
	if (holder == DRIVER)
		return ask_file(STOP, i, 0);
	step_tell(STOP, i, 0, 0);
	it.order.b = it.result.a = it.result.or_else =
	    !model_lethal(holder, SIGTERM);
	model_signal(holder, SIGTERM);
	if (it.order.b != 0)
		model_signal(holder, SIGKILL);
	return true;
}

/* Handler objects. */

/* Those that are to end by TERM, and wait for it, must hear it. */
static bool
may_handle(int s)
{
	return s != model_signal_index(SIGTERM) ||
	    (it.me->kind == PLAIN && !it.me->armed);
}

static bool
set_object(int i)
{
	struct object *o = &it.me->objects[i];
	int s = any(SIGNALS), callback = any(3);

	if (!may_handle(s))
		return false;
	step_say("%d: object %d has %d for %d", it.self, i, callback,
	    world_signals[s]);
	step_tell(OBJECT_SET, i, s, o->have == OWN ? 0 : PROCLC_ENOTOWNER);
	it.order.c = callback;
	if (o->have == OWN)
		o->callbacks[s] = (enum callback)callback;
	return true;
}

static bool
change_object(int i)
{
	struct object *o = &it.me->objects[i];
	bool start = any(2) == 0;

	step_say("%d: %s object %d", it.self, start ? "start" : "stop", i);
	if (o->have != OWN)
		return step_tell(start ? OBJECT_START : OBJECT_STOP, i, 0,
		    PROCLC_ENOTOWNER);
	step_tell(start ? OBJECT_START : OBJECT_STOP, i, 0,
	    start && o->running ? PROCLC_EALREADY : 0);
	o->running = start;
	return true;
}

bool
free_object(int i)
{
	step_say("%d: free object %d", it.self, i);
	it.me->objects[i].have = NONE;
	it.me->objects[i].running = false;
	return step_tell(OBJECT_FREE, i, 0, 0);
}

bool
make_object(void)
{
	int i = any(OBJECTS);
	struct object *o = &it.me->objects[i];

	if (o->have == NONE) {
		step_say("%d: new object %d", it.self, i);
		*o = (struct object){ .have = OWN };
		return step_tell(OBJECT_NEW, i, 0, 0);
	}
	if (any(8) == 0)
		return free_object(i);
	return any(2) == 0 ? set_object(i) : change_object(i);
}

/* Watches. */

bool
make_arm(void)
{
	int term = model_signal_index(SIGTERM);

	for (int i = 0; i < OBJECTS; i++)
		if (it.me->objects[i].have == OWN &&
		    it.me->objects[i].callbacks[term] != NO_CALLBACK)
			return false;
	if (it.me->kind != PLAIN)
		return false;
	step_say("%d: end when orphaned", it.self);
	it.me->armed = true;
	return step_tell(ARM, 0, 0, 0);
}

bool
free_watch(void)
{
	step_say("%d: free its watch", it.self);
	it.me->watch = NONE;
	return step_tell(UNWATCH, 0, 0, 0);
}

/* It watches nobody whose end may be its own. */
bool
make_watch(void)
{
	int who = any(world.births);

	if (it.me->watch == OWN && any(3) != 0) {
		step_say("%d: ask for its watch", it.self);
		return step_tell(WATCH_STATE, 0, 0, it.me->watched < 0 ?
		    PROCLC_ORPHAN_GONE : PROCLC_ORPHAN_WATCHING);
	}
	if (it.me->watch != NONE)
		return free_watch();
	if (!world.handles || !world.actors[who].alive ||
	    model_is_ancestor(who, it.self))
		return false;
	step_say("%d: watch %d", it.self, who);
	it.me->watch = OWN;
	it.me->watched = who;
	return step_tell(WATCH, (int)world.actors[who].pid, 0, 0);
}
