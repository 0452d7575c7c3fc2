/* The steps of a world: which there are, and what each has to return. */
#include "world-step.h"

#include <proclc.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>

struct step it;

bool
step_tell(enum verb verb, int a, int b, int rc)
{
	it.order = (struct order){ .verb = (int32_t)verb, .a = a, .b = b };
	it.result = (struct result){ .a = rc, .or_else = rc };
	return true;
}

bool
one_in(int n)
{
	return any(n) == 0;
}

/* Some live actor; DRIVER: there is none. */
static int
any_actor(void)
{
	int alive[ACTORS], n = 0;

	for (int i = 0; i < world.births; i++)
		if (world.actors[i].alive)
			alive[n++] = i;
	return n == 0 ? DRIVER : alive[any(n)];
}

/* Exit handlers. */

static bool
make_register(void)
{
	int handler = any(HANDLERS), shared = any(2);
	int at = model_find(it.me, it.self, handler, 0);
	int before = it.me->tokens[handler];

	if (at < 0) {
		at = it.me->n++;
		it.me->list[at] = (struct entry){ handler, it.self, shared,
		    ++world.last_token };
	}
	it.me->tokens[handler] = it.me->list[at].token;
	step_say("%d: register %d%s", it.self, handler,
	    shared ? " shared" : "");
	return step_tell(REGISTER, handler, shared,
	    before == it.me->tokens[handler]);
}

static int
take_off(int at)
{
	if (at < 0)
		return 0;
	it.me->n--;
	memmove(&it.me->list[at], &it.me->list[at + 1],
	    (size_t)(it.me->n - at) * sizeof(it.me->list[0]));
	return 1;
}

static bool
make_unregister(void)
{
	int handler = any(HANDLERS), token = it.me->tokens[handler];

	if (one_in(2)) {
		step_say("%d: unregister %d", it.self, handler);
		return step_tell(UNREGISTER, handler, 0,
		    take_off(model_find(it.me, it.self, handler, 0)));
	}
	step_say("%d: cancel %d", it.self, handler);
	return step_tell(CANCEL, handler, 0, token == 0 ? 0 :
	    take_off(model_find(it.me, it.self, handler, token)));
}

static bool
uninstall(void)
{
	step_say("%d: uninstall", it.self);
	step_tell(UNINSTALL, 0, 0, it.me->installer == DRIVER ?
	    PROCLC_EINVAL : it.me->installer != it.self ?
	    PROCLC_ENOTOWNER : 0);
	if (it.result.a == 0) {
		it.me->installer = DRIVER;
		it.me->thread = false;
	}
	return true;
}

static bool
make_install(void)
{
	if (it.me->of_task)
		return false;
	if (one_in(3))
		return uninstall();
	step_say("%d: install", it.self);
	step_tell(INSTALL, 0, 0, it.me->installer != DRIVER ?
	    PROCLC_EALREADY : 0);
	if (it.result.a == 0) {
		it.me->installer = it.self;
		it.me->thread = true;
	}
	return true;
}

/* Births and ends. */

static bool
make_fork(void)
{
	int child;

	if (it.me->of_task && it.me->installer != DRIVER)
		return false;
	child = model_birth(it.self, PLAIN);
	if (child < 0)
		return false;
	step_say("%d: fork %d", it.self, child);
	return step_tell(FORK, child, world.actors[child].slot, 0);
}

static bool
make_leave(void)
{
	enum way way = (enum way)any(WAYS);
	int code = any(256);

	/* The first one lives long, that there is much to see. */
	if (it.self == 0 && !one_in(8))
		return false;
	step_say("%d: leave by %d with %d", it.self, (int)way, code);
	step_tell(LEAVE, (int)way, code, 0);
	it.answers = false;
	model_leave(it.self, way, code);
	return true;
}

static bool
make_signal(void)
{
	static const int often[] = { SIGUSR1, SIGUSR1, SIGUSR2, SIGTERM,
	    SIGTERM, SIGKILL };
	int signum = often[any(6)];

	if (model_lethal(it.self, signum) && (it.self == 0 || one_in(2)))
		return false;
	step_say("%d: is sent %d", it.self, signum);
	kill(it.me->pid, signum);
	it.order.verb = -1;
	it.answers = false;
	model_signal(it.self, signum);
	return true;
}

/* Which. */

static bool (*const makers[])(void) = {
	make_register, make_register, make_register, make_unregister,
	make_install, make_fork, make_fork, make_leave, make_signal,
	make_signal, make_task, make_task, make_task, make_ask_task,
	make_ask_task, make_wait_all, make_shutdown, make_shutdown_all,
	make_kill, make_free, make_detach, make_result, make_result,
	make_hold, make_hold, make_let_go, make_ask_file, make_ask_file,
	make_ask_file, make_stop, make_object, make_object, make_object,
	make_object, make_arm, make_watch, make_watch,
};

int
step_make(struct order *order, struct result *result, bool *answers)
{
	for (;;) {
		it.self = any_actor();
		if (it.self == DRIVER)
			return DRIVER;
		it.me = &world.actors[it.self];
		it.answers = true;
		if (makers[any((int)(sizeof(makers) /
		    sizeof(makers[0])))]())
			break;
	}
	*order = it.order;
	*result = it.result;
	*answers = it.answers;
	return it.self;
}

/* One thing that it has is given back; or, when there is none, an audit. */
static bool
tidy(void)
{
	for (int i = 0; i < TASKS; i++)
		if (it.me->tasks[i].state != NO_TASK)
			return free_task(i);
	for (int i = 0; i < OBJECTS; i++)
		if (it.me->objects[i].have != NONE)
			return free_object(i);
	for (int i = 0; i < FILES; i++)
		if (it.me->files[i] != NONE)
			return let_go(i, one_in(2));
	if (it.me->watch != NONE)
		return free_watch();
	if (it.me->installer == it.self)
		return uninstall();
	step_say("%d: audit", it.self);
	return !step_tell(AUDIT, 0, 0, 0);
}

bool
step_tidy(int actor, struct order *order, struct result *result)
{
	bool more;

	it.self = actor;
	it.me = &world.actors[actor];
	more = tidy();
	*order = it.order;
	*result = it.result;
	return more;
}
