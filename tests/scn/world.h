/*
 * A world of processes that use the whole library, step by step: what each of
 * them is told and tells, and the model of what it is to do.
 *
 * world.c       makes the steps from a number, and compares
 * world-steps.c the steps that there are, and what each has to return
 * world-model.c who hears what, who ends, and what runs then
 * world-actor.c a process: it does as it is told, and tells what happens
 *
 * One process moves at a time, and before the next step all has happened that
 * is to happen; so whatever is seen has one cause.
 */
#ifndef SCN_WORLD_H
#define SCN_WORLD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum {
	STEPS = 200, BIRTHS = 14,
	ACTORS = BIRTHS,     /* that ever live */
	SLOTS = 8,           /* that live at once: each has a pipe for orders */
	DEPTH = 3,
	HANDLERS = 6, TASKS = 3, OBJECTS = 2, FILES = 2, SIGNALS = 3,
	DRIVER = -1,         /* in place of an actor */
};

/* What an actor may be told. */
enum verb {
	PING, REGISTER, UNREGISTER, CANCEL, INSTALL, UNINSTALL, FORK,
	TASK_NEW, TASK_START, START_ALL, TASK_WAIT, WAIT_FOR_ANY, WAIT_FOR_ALL,
	TASK_SHUTDOWN, SHUTDOWN_ALL, TASK_KILL, TASK_STATUS, TASK_STATE,
	TASK_FREE, TASK_DETACH, RESULT_SET, RESULT,
	HOLD, LET_GO, REMOVE, ASK, ASK_PING, SEND, STOP,
	OBJECT_NEW, OBJECT_SET, OBJECT_START, OBJECT_STOP, OBJECT_FREE,
	ARM, WATCH, UNWATCH, WATCH_STATE, LOOK, REAP, LEAVE, AUDIT
};

enum way { BY_RETURN, BY_EXIT, BY_CALL, BY_RUN, BY_PAST, BY_KILL, WAYS };

struct order {
	int32_t verb, a, b, c, d;
};

/*
 * What is told, by the actor with this id: 'r' an order's result; 'b' it was
 * born, its pid is a; 'h' exit handler a, of the cause b, c, d; 'g' object a
 * got signal b; 'w' its watch has fired; 'f' fini of task a; 'B', 'E' begin
 * and end of a loop.
 */
struct record {
	int32_t id;
	int32_t what;
	int32_t a, b, c, d;
};

/* The child of a task is told these by its parent. */
struct work {
	int id, slot, index;
};

enum { WORK_LOOP = 1, WORK_RESTARTS = 2, WORK_OUTLIVES = 4, WORK_LATER = 8 };
enum callback { NO_CALLBACK, NOTE, IGNORE };

/* The signals that objects handle. */
extern const int world_signals[SIGNALS];
extern const char *const world_files[FILES];

/* Reality: the first process and, by fork, all others.  orders: the pipes. */
_Noreturn void actor_main(int id, int slot, int (*orders)[2], int records);

/* The model. */

enum kind { PLAIN, A_TASK, A_LOOP };
enum have { NONE, OWN, INHERITED };

struct entry {
	int handler;     /* of a batch of tasks: -1 - its number */
	int owner;
	bool shared;
	int token;
};

struct task {
	enum { NO_TASK, NOT_MINE, FRESH, LIVE, OVER } state;
	unsigned flags;
	int child;
	int batch;
	int runs;
	bool stopped;    /* by a shutdown */
	bool late;       /* or, nobody had looked, before it */
	bool has_result;
	int result;
	int status;      /* as of waitpid() */
};

struct object {
	enum have have;
	bool running;
	enum callback callbacks[SIGNALS];
};

struct actor {
	bool alive, armed, detached, outlives;
	bool of_task;    /* a task, or forked by one */
	bool thread;     /* installed signals reach its handlers */
	enum kind kind;
	int parent, depth, slot, index;
	int installer;
	pid_t pid;
	struct entry list[128];     /* the oldest first */
	int n;
	int tokens[HANDLERS];
	struct task tasks[TASKS];
	struct object objects[OBJECTS];
	enum have files[FILES];
	enum have watch;
	int watched;                /* the actor; -1: it has fired */
	int last_batch;
	int status;                 /* as of waitpid(), once it is dead */
	bool reaped;
	/* what it has still to tell, in order; and what in any */
	struct expected {
		struct record record;
		uint32_t after;     /* these have told all before it */
	} queue[256];
	int head, tail;
	int calls[OBJECTS][SIGNALS], firings;
	/* or may tell */
	int may_call[OBJECTS][SIGNALS], may_fire;
};

struct file {
	bool exists;
	pid_t pid;       /* that it names */
	int holder;      /* DRIVER: nobody */
};

struct world {
	struct actor actors[ACTORS];
	int births;
	struct file files[FILES];
	int last_token;
	bool code_known, handles;
	int dying[ACTORS], n_dying;     /* in this step, to be confirmed */
	int reborn[ACTORS], n_reborn;
};

extern struct world world;

void model_expect(int id, struct record record);
int model_birth(int parent, enum kind kind);
void model_leave(int id, enum way way, int code);
/* A signal comes; whether the actor would not live on. */
void model_signal(int id, int signum);
bool model_lethal(int id, int signum);
/* Its parent ends this task. */
void model_end_task(int parent, int index);
void model_restart(int id);
bool model_is_ancestor(int id, int of);
int model_find(const struct actor *a, int id, int handler, int token);
int model_add_batch(struct actor *a, int id);
int model_signal_index(int signum);

/* The steps. */

/* The result that is expected of an order; another one is right, too. */
struct result {
	int a, b, c;
	int or_else;     /* in place of a */
};

/* Chooses one, and what the model does then: its order, to whom, and what is
 * to come back.  DRIVER: none, all is done already. */
int step_make(struct order *order, struct result *result, bool *answers);
/* The next one by which an actor gives back all that it has.  False: it was the
 * last, which looks whether all is as at its birth. */
bool step_tidy(int actor, struct order *order, struct result *result);
void step_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
int any(int n);

#endif
