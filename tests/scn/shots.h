/*
 * Senders that fire one signal at this process as fast as they can, and what
 * they hit: a handler of the program's, or the callback of an object.
 */
#ifndef SCN_SHOTS_H
#define SCN_SHOTS_H

#include "objects.h"

enum { SENDERS = 2, MAX_SENDERS = 8 };

/* n signals from each of count processes; 0: until the end. */
void shots_start(int signum, int count, int n);
void shots_await(int count);
void shots_end(int count);
extern pid_t shots_senders[MAX_SENDERS];

/* How often the program's handler and the callback ran, and what was wrong.
 * The callback is wrong in another process than the owner, and while it is
 * not allowed. */
extern atomic_int shots_foreign, shots_delivered, shots_wrong;
extern pid_t shots_owner;
void shots_count(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *user);

/* The program's handler has the signal; everything counts from 0. */
void shots_begin(int signum);
bool shots_foreign_is_in(int signum);
/* With the flags and the mask that it had. */
bool shots_foreign_is_back(int signum);

/* Until it grows. */
void shots_await_more(atomic_int *count);

/* Start an object with the callback; it has been stopped: from here on it is
 * wrong to call it, and not to have the program's handler back. */
void shots_object_start(struct proclc_sighandler *handler);
void shots_object_stopped(int signum);

/* Something is wrong: the first is told, all are counted. */
void shots_fault(const char *what);

/* Tells of a failed call. */
void shots_check(int rc);

#endif
