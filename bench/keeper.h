/*
 * keeper.h - ways to keep exit handlers.
 *
 * The bare ones are the floor, and the prototype of what the library does.
 */
#ifndef BENCH_KEEPER_H
#define BENCH_KEEPER_H

#include <proclc/atexit.h>

typedef void (*handler)(void *user, const struct proclc_exit_cause *cause);

/* Each adds keeper_call, with user. */
struct keeper {
	int (*add)(void *user);	/* returns a token */
	void (*cancel)(int token);
	void (*take_back)(void *user);	/* NULL: it cannot */
	/* In a child, which it ends: add keeper_end, n users of keeper_users,
	 * keeper_begin, and run all, the newest first. */
	void (*add_and_run)(unsigned n);
};

/* An array under a mutex; a token is a place in it. */
extern const struct keeper keeper_array;
/* A list and two tables of chains under a mutex: finds what is there. */
extern const struct keeper keeper_list;

extern char *keeper_users;

/* What is kept: it counts, or looks at the clock. */
void
keeper_call(void *user, const struct proclc_exit_cause *cause);
void
keeper_begin(void *user, const struct proclc_exit_cause *cause);
void
keeper_end(void *user, const struct proclc_exit_cause *cause);

#endif
