/*
 * A program of processes, made from a number, and what it is to do.
 *
 * random.c lives through it; predict.c says, by a plain list, what is seen:
 * for each process which of its calls return what, which exit handlers run
 * in which order and with which cause, and its status.
 */
#ifndef SCN_PROGRAM_H
#define SCN_PROGRAM_H

#include <stdbool.h>
#include <stdint.h>

enum {
	PROCESSES = 8,
	STEPS = 8,
	DEPTH = 3,
	/* The later ones do nothing: others register them. */
	HANDLERS = 12,
	REGULAR = 8,
	/* The child that a handler of process p makes is p + PROCESSES. */
	STORIES = 2 * PROCESSES,
	RECORDS = 48
};

enum step_kind { REGISTER, UNREGISTER, CANCEL, FORK, INSTALL, UNINSTALL };

struct step {
	enum step_kind kind;
	int handler;
	unsigned flags;	/* of REGISTER and INSTALL */
	int child;
};

/* How a process is made; the latter two without fork handlers. */
enum { BY_FORK, BY_QUIET, BY_RAW, MAKERS };

/* INTERRUPT may do nothing: then it is EXIT. */
enum way { RETURN, EXIT, CALL, RUN, TERM, INTERRUPT, ORPHAN, PAST, KILL, WAYS };

struct process {
	struct step steps[STEPS];
	int n_steps;
	int maker;
	enum way way;
	int code;
};

enum act_kind {
	NOTHING, ADD, DROP, TAKE_BACK, LEAVE, END, QUIT, BEAR, ACTS
};

/* What a handler does: registers the target, unregisters or cancels it, calls
 * exit, proclc_exit or pthread_exit, or makes a child that ends this way:
 * RETURN, EXIT, CALL or PAST. */
struct act {
	enum act_kind kind;
	int target;
	unsigned flags;
	enum way way;
	int code;
};

struct program {
	struct process processes[PROCESSES];
	int n;
	struct act acts[HANDLERS];
};

/* What is seen: 's' a step that returned a, 't' an act that did; 'h' handler
 * who with the cause a, b, c; 'l' the library's complaint of one; '~' a
 * function of atexit(3). */
struct record {
	int16_t process;
	char what;
	char who;
	int32_t a, b, c;
};

struct story {
	struct record records[RECORDS];
	int n;
	bool begun;
	bool survives;	/* the signal that was to end it */
	int status;	/* as of waitpid() */
};

/* What register is seen to return: the token of last time, or another. */
enum { OLD_TOKEN = 1, NEW_TOKEN };

/* Says in what way a process's story is not the expected one. */
bool story_same(int process, const struct story *expected,
    const struct story *seen);

/* makers: how many of the makers to use; 0: there is one process. */
void program_make(struct program *program, unsigned seed, int makers);
void program_print(const struct program *program);

/* code_known: libc tells the code of exit().  stories: STORIES of them. */
void predict(const struct program *program, bool code_known,
    struct story *stories);

#endif
