/*
 * The post-conditions of a library call in a program under torture: what
 * must hold after it, whatever was done to it.  (The fixture of the Check
 * tests has the same for calls that nobody tortures.)
 *
 *	post_before("proclc_send");
 *	rc = post_after(proclc_send(path, SIGUSR1), 500);
 *
 * U1-U5, U8  a call that fails leaves everything as it was; one that
 *            succeeds leaves, in the end, no more than it does untortured
 * U6         it returns a code of its own, the same in the detail, with a
 *            step and a sentence; errno before it does not matter, and a
 *            signal handler of the library's keeps it (post_signal)
 * U7         the same for the library's blocks that are not freed, where
 *            alloc.so is preloaded: LeakSanitizer cannot work in a traced
 *            program
 * U9         the runner's: a stranger in the group of all this
 * U10        every line has a number, in order; they go through stdio
 * U11        wall time, and no more than 1 % of the processor while idle
 *
 * A broken one is a line "FAIL ...", and exit code 1.
 */
#ifndef TORTURE_POST_H
#define TORTURE_POST_H

#include <stdbool.h>

/* First and last thing.  dir: the place of the files (U8).  own: what of
 * snapshot.h is the program's own, and may stay; but of the files that are
 * there from an earlier run none may be there in the end. */
void post_begin(const char *dir, unsigned own);
int post_end(void);

/* From here on nobody tortures: what fails now, fails without a reason. */
void post_calm(void);

/* From here on nothing more may come to stay: once was enough. */
void post_steady(void);

void post_before(const char *call);
/* This one may change what children there are, although it fails. */
void post_spare_children(void);
/* And this one may have made the library's threads and what they have, which
 * stay, or finds them at work. */
void post_spare_threads(void);
/* And this one what signals do, and who adopts orphans. */
void post_spare_signals(void);
/* It was another process's call. */
void post_spare_detail(void);
/* And this one fails by what was done to a child of it, too. */
void post_spare_cause(void);
/* And this one what files there are. */
void post_spare_files(void);
int post_after(int rc, int bound_ms);

/* Sends itself a signal that the library handles; whether it could. */
bool post_signal(int signo);

/* Nothing happens for a while: under torture with TORTURE_IDLE in the
 * environment, in peace with TORTURE_IDLE_CALM. */
void post_idle(void);

/* A line, and one that says what is wrong. */
void post_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
void post_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
