/*
 * MANUAL mode inside an event loop of somebody else's making.
 *
 * The tests (events.c, beside.c, company.c) are the same for every loop; each
 * of check_libuv.c, check_glib.c and check_libevent.c is one loop, with what
 * the library is a guest of: its own timers, signals and children.
 */
#ifndef LOOPS_H
#define LOOPS_H

#include "../toolkit/toolkit.h"

#include <proclc.h>

/* --- a loop ------------------------------------------------------------- */

extern const char loop_name[];

/* Once in a test, before anything is compared: what the loop's library makes
 * at first use and keeps. */
void loop_warm_up(void);
void loop_open(void);
void loop_close(void);

/* Call fn whenever fd is readable; and no more, also from inside fn. */
void loop_watch(int fd, void (*fn)(void));
void loop_unwatch(void);

/* The loop's own timer (one), and its own watcher of a signal (one). */
void loop_every(int ms, void (*fn)(void));
void loop_no_timer(void);
void loop_on_signal(int signum, void (*fn)(void));
void loop_no_signal(void);

/* Run a program by the loop's own means; fn hears its exit code.  false: this
 * loop has none. */
bool loop_spawn(const char *program, void (*fn)(int code));

/* Turn until loop_stop(), as a program does in main. */
void loop_run(void);
void loop_stop(void);

/* One turn, which waits where there is nothing to do. */
void loop_once(void);

/* --- what a test does in it (loops.c) ----------------------------------- */

/* The number of calls of proclc_dispatch() by the loop, since the last. */
int calls_of_dispatch(void);

/* For callbacks of the library: a letter, heard inside the loop. */
void note(char letter);

/* The loop turns until so many letters have come: these. */
void expect_heard(const char *expected);

/* The loop turns for a moment, and there are none. */
void expect_nothing_heard(void);

/* Watch the library again after a loop_unwatch(). */
void watch_library(void);

/* A task that waits; and so many of them end with 0.  (tasks.h has the same,
 * for one file alone: its gate is not this one.) */
struct proclc_task *start_waiter(void);
void let_waiters_go(int n);

/* Callbacks that note the letter that user points at (letter_name()). */
void note_signal(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *user);
void note_end(struct proclc_task *task, const struct proclc_status *status,
    void *user);
void note_gone(struct proclc_orphan *watch, void *user);

/* A started object with note_signal() for one signal; the test fails where
 * that is not to be had. */
struct proclc_sighandler *handle(int signum, char letter);
void add_signal(struct proclc_sighandler *handler, int signum, char letter);

/* The tests of the other files. */
void add_events(TCase *tcase);
void add_beside(TCase *tcase);
void add_company(TCase *tcase);

/* The main function: skips the suite where there is no MANUAL mode. */
int loops_main(void);

#endif
