/* What the driver of a world sees, against the model. */
#define _GNU_SOURCE 1

#include "world-events.h"
#include "../toolkit/clock.h"
#include "../toolkit/scn.h"

#include <sys/wait.h>

int world_orders[SLOTS][2], world_records[2];
bool world_good;
int64_t world_deadline;
int world_lines;

void
events_differ(const char *format, ...)
{
	char text[200];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (world_good)
		say("# after %d steps: %s", world_lines, text);
	world_good = false;
}

/* What is told. */

static bool
same(const struct record *a, const struct record *b)
{
	return a->what == b->what && a->a == b->a && a->b == b->b &&
	    a->c == b->c && a->d == b->d;
}

static bool
all_told(uint32_t actors)
{
	for (int i = 0; i < world.births; i++)
		if ((actors >> i & 1) != 0 &&
		    world.actors[i].head < world.actors[i].tail)
			return false;
	return true;
}

/* A signal or an end, of which it may be told at any time. */
static bool
called_back(struct actor *a, const struct record *r)
{
	int s = r->what == 'g' ? model_signal_index(r->b) : 0;
	int *must = r->what == 'g' ? &a->calls[r->a][s] : &a->firings;
	int *may = r->what == 'g' ? &a->may_call[r->a][s] : &a->may_fire;

	if (*must > 0)
		return (*must)--;
	return *may > 0 && (*may)--;
}

/* A task that has ended runs again. */
static void
revive(int id)
{
	for (int i = 0; i < world.n_reborn; i++)
		if (world.reborn[i] == id) {
			world.reborn[i] = DRIVER;
			model_restart(id);
		}
}

static void
take(const struct record *r)
{
	struct actor *a = &world.actors[r->id];
	const struct expected *next;

	if (r->what == 'b' && a->head == a->tail)
		revive(r->id);
	next = &a->queue[a->head];

	if (r->what == 'g' || r->what == 'w') {
		if (!called_back(a, r))
			events_differ("%d tells of %c %d %d", r->id, r->what,
			    r->a, r->b);
		return;
	}
	if (a->head == a->tail) {
		events_differ("%d tells %c %d %d %d %d", r->id, r->what, r->a,
		    r->b, r->c, r->d);
		return;
	}
	a->head++;
	if (r->what == 'b' && next->record.what == 'b')
		a->pid = r->a;
	else if (!same(r, &next->record))
		events_differ("%d tells %c %d %d %d %d, and not %c %d %d %d %d",
		    r->id, r->what, r->a, r->b, r->c, r->d, next->record.what,
		    next->record.a, next->record.b, next->record.c,
		    next->record.d);
	else if (!all_told(next->after))
		events_differ("%d: handler %d runs before its tasks are gone",
		    r->id, r->a);
}

/* False: it takes too long, or something is wrong. */
static bool
read_record(struct record *r)
{
	struct pollfd polled = { .fd = world_records[0], .events = POLLIN };
	int rc;

	do
		rc = poll(&polled, 1, clock_left_ms(world_deadline));
	while (rc < 0 && errno == EINTR);
	if (rc == 0)
		events_differ("it hangs");
	if (rc <= 0)
		return false;
	die_if(read(world_records[0], r, sizeof(*r)) != sizeof(*r), "read");
	return true;
}

/* The result of an order, and whatever else is told until then. */
static struct record
answer_of(int id)
{
	struct record r = { .id = id };

	while (world_good && read_record(&r)) {
		if (r.what == 'r' && r.id == id)
			return r;
		take(&r);
	}
	r.a = r.b = r.c = -1;
	return r;
}

void
events_order(int id, struct order order)
{
	int fd = world_orders[world.actors[id].slot][1];

	die_if(write(fd, &order, sizeof(order)) != sizeof(order), "order");
}

struct record
events_ask(int id, struct order order)
{
	events_order(id, order);
	return answer_of(id);
}

static bool
silent(void)
{
	for (int i = 0; i < world.births; i++) {
		const struct actor *a = &world.actors[i];
		int owed = a->tail - a->head + (a->alive ? a->firings : 0);

		for (int o = 0; o < OBJECTS; o++)
			for (int s = 0; s < SIGNALS && a->alive; s++)
				owed += a->calls[o][s];
		if (owed > 0)
			return false;
	}
	return true;
}

static void
settle_records(void)
{
	struct record r;

	while (world_good && !silent() && read_record(&r))
		take(&r);
}

/* Ends. */

static void
compare_end(int id, int status)
{
	/* A core is not always left. */
	if ((status & ~128) != world.actors[id].status)
		events_differ("%d has ended with status %#x, and not %#x", id,
		    (unsigned)status, (unsigned)world.actors[id].status);
	world.actors[id].reaped = true;
}

static int
actor_of(pid_t pid)
{
	int id = world.births - 1;

	while (id >= 0 && world.actors[id].pid != pid)
		id--;
	return id;
}

/* Those that are ours by now. */
void
events_adopt(pid_t pid, int status)
{
	int id = actor_of(pid);

	/* The runs before this one of a task that restarts are not known. */
	if (id < 0)
		return;
	if (world.actors[id].alive)
		events_differ("%d has ended, with status %#x", id,
		    (unsigned)status);
	else if (world.actors[id].reaped)
		events_differ("nobody has waited for %d", id);
	else
		compare_end(id, status);
}

/* Until it is here to be waited for. */
static void
await_orphan(int id)
{
	const struct timespec step = { 0, 200000 };
	int status;
	pid_t pid;

	while (world_good && !world.actors[id].reaped) {
		pid = waitpid(-1, &status, WNOHANG);
		if (pid > 0)
			events_adopt(pid, status);
		else if (clock_left_ms(world_deadline) == 0)
			events_differ("%d lives", id);
		else
			nanosleep(&step, NULL);
	}
}

static void
confirm_end(int id)
{
	struct actor *a = &world.actors[id];
	struct order order = { .verb = LOOK, .a = (int)a->pid };
	struct record r;

	if (a->parent == DRIVER) {
		await_orphan(id);
		return;
	}
	order.verb = a->kind == PLAIN ? REAP : LOOK;
	r = events_ask(a->parent, order);
	if (a->kind == PLAIN)
		compare_end(id, r.a);
	else if (r.a != 0)
		events_differ("%d cannot be looked at", id);
}

/* Until all has happened that the step brings about. */
void
events_settle(void)
{
	settle_records();
	for (int i = 0; i < world.n_reborn && world_good; i++)
		if (world.reborn[i] != DRIVER)
			revive(world.reborn[i]);
	settle_records();
	for (int i = 0; i < world.n_dying && world_good; i++)
		if (!world.actors[world.dying[i]].alive)
			confirm_end(world.dying[i]);
	world.n_dying = world.n_reborn = 0;
}
