/*
 * world FIRST COUNT [CODE_KNOWN [HANDLES [STEPS]]]
 *
 * For each number: make a world of processes, have it move step by step, and
 * compare what is seen with the model (world.h).  Says "agreed COUNT", or the
 * number, the steps up to there and where they differ, and stops there.
 * CODE_KNOWN: 0 where libc does not tell the code of exit().  HANDLES: 0 where
 * one that has ended, and was not waited for, cannot be told from a live one.
 * The pid files are made in the current directory.
 */
#define _GNU_SOURCE 1

#include "world-events.h"
#include "../toolkit/clock.h"
#include "../toolkit/os.h"
#include "../toolkit/scn.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

enum { LINE = 60, LINES = STEPS + 80, LIMIT_MS = 30000 };

static char lines[LINES][LINE];
static uint64_t number;

int
any(int n)
{
	number = number * UINT64_C(6364136223846793005) +
	    UINT64_C(1442695040888963407);
	return (int)((number >> 33) % (unsigned)n);
}

void
step_say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (world_lines < LINES)
		vsnprintf(lines[world_lines++], LINE, format, args);
	va_end(args);
}

static void
move(int id, struct order order, struct result expected, bool answers)
{
	struct record r = { 0 };

	if (answers)
		r = events_ask(id, order);
	else if (order.verb == LEAVE)
		events_order(id, order);
	if (world_good && answers && order.verb != FORK &&
	    ((r.a != expected.a && r.a != expected.or_else) ||
	    r.b != expected.b || r.c != expected.c))
		events_differ("%d returns %d (%d, %d), and not %d (%d, %d)", id,
		    r.a, r.b, r.c, expected.a, expected.b, expected.c);
	events_settle();
}

static void
begin(void)
{
	int id = model_birth(DRIVER, PLAIN);
	pid_t pid;

	if (id < 0)
		return;
	step_say("%d is born", id);
	pid = fork();
	die_if(pid < 0, "fork");
	if (pid == 0)
		actor_main(id, world.actors[id].slot, world_orders,
		    world_records[1]);
	events_settle();
}

static int
first_alive(void)
{
	for (int i = 0; i < world.births; i++)
		if (world.actors[i].alive)
			return i;
	return -1;
}

/* The first one, alive: it goes on living until then. */
static void
tidy_up(void)
{
	struct order order;
	struct result result;
	bool more = world_good && world.actors[0].alive;

	while (more && world_good) {
		more = step_tidy(0, &order, &result);
		move(0, order, result, true);
	}
}

static void
finish(void)
{
	struct order order = { .verb = LEAVE };
	int id;

	tidy_up();
	while (world_good && (id = first_alive()) >= 0) {
		order.a = any(WAYS);
		order.b = any(256);
		step_say("%d: leave by %d with %d", id, (int)order.a,
		    (int)order.b);
		model_leave(id, (enum way)order.a, order.b);
		move(id, order, (struct result){ 0 }, false);
	}
}

/* Nobody is left, and no file but those that their holders have left. */
static void
look_around(void)
{
	int status;
	pid_t pid;

	while (world_good && (pid = waitpid(-1, &status, WNOHANG)) >= 0) {
		if (pid == 0) {
			events_differ("somebody is left");
			return;
		}
		events_adopt(pid, status);
	}
	for (int i = 0; i < FILES; i++)
		if (world_good && (access(world_files[i], F_OK) == 0) !=
		    world.files[i].exists)
			events_differ("file %d is %s", i,
			    world.files[i].exists ? "gone" : "left");
}

static void
clean_up(void)
{
	/* Also those that should be dead, when something is wrong. */
	for (int i = 0; i < world.births && !world_good; i++)
		if (!world.actors[i].reaped && world.actors[i].pid > 0)
			kill(world.actors[i].pid, SIGKILL);
	for (int i = 0; i < FILES; i++)
		unlink(world_files[i]);
}

static bool
live(unsigned seed, bool code_known, bool handles, int steps)
{
	struct order order;
	struct result result;
	bool answers;
	int id;

	memset(&world, 0, sizeof(world));
	world.code_known = code_known;
	world.handles = handles;
	for (int i = 0; i < FILES; i++)
		world.files[i].holder = DRIVER;
	number = seed;
	world_lines = 0;
	world_good = true;
	world_deadline = clock_deadline(LIMIT_MS);
	begin();
	for (int i = 0; i < steps && world_good; i++) {
		id = step_make(&order, &result, &answers);
		if (id == DRIVER)
			begin();
		else
			move(id, order, result, answers);
		if (id == DRIVER && first_alive() < 0)
			break;
	}
	finish();
	look_around();
	clean_up();
	return world_good;
}

static unsigned
argument(int argc, char **argv, int i, unsigned usual)
{
	return i >= argc ? usual : (unsigned)strtoul(argv[i], NULL, 0);
}

int
main(int argc, char **argv)
{
	unsigned first = argument(argc, argv, 1, 0);
	unsigned count = argument(argc, argv, 2, 1);
	bool code_known = argument(argc, argv, 3, 1) != 0;
	bool handles = argument(argc, argv, 4, 1) != 0;
	int steps = (int)argument(argc, argv, 5, STEPS);

	if (!os_become_subreaper()) {
		say("no subreaper");
		return 0;
	}
	die_if(os_pipe(world_records) != 0, "pipe");
	for (int i = 0; i < SLOTS; i++)
		die_if(os_pipe(world_orders[i]) != 0, "pipe");
	for (unsigned i = 0; i < count; i++) {
		if (live(first + i, code_known, handles, steps))
			continue;
		say("seed %u: differs", first + i);
		for (int line = 0; line < world_lines; line++)
			say("#   %d %s", line, lines[line]);
		return 1;
	}
	say("agreed %u", count);
	return 0;
}
