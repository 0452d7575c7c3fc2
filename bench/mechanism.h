/*
 * mechanism.h - ways to bring a signal to ordinary code.
 *
 * The bare ones are the floor, and the prototypes of what the library does.
 */
#ifndef BENCH_MECHANISM_H
#define BENCH_MECHANISM_H

/* Signals, ended by 0. */
typedef const int *signals;

struct mechanism {
	/* From now on fn is called for each signal.  When it is called these
	 * are blocked in this thread, which is the only one; fn may be called
	 * in another one.  Returns NULL, or why that cannot be had. */
	const char *(*start)(signals of, void (*fn)(int signum));
	/* Wait for signals and call fn from here; NULL: a thread does. */
	void (*pump)(void);
};

/* A thread in sigwaitinfo: the floor. */
extern const struct mechanism mechanism_sigwait;
/* fn in the signal handler itself: no ordinary code, it may do next to
 * nothing. */
extern const struct mechanism mechanism_handler;
/* A thread that polls a signalfd. */
extern const struct mechanism mechanism_signalfd;
/* Handler and poll in the first thread, a pipe between: MANUAL, bare. */
extern const struct mechanism mechanism_pipe;
/* A thread lets the signals in while it waits; all others block them:
 * THREAD, bare. */
extern const struct mechanism mechanism_thread;
/* The same, but the first thread does not: its handler sends them on. */
extern const struct mechanism mechanism_steer;

/* The handler object. */
extern const struct mechanism mechanism_ours;	/* blocked in the program */
extern const struct mechanism mechanism_ours_open;	/* not blocked there */
extern const struct mechanism mechanism_ours_poll;	/* MANUAL, polled */
extern const struct mechanism mechanism_ours_dispatch;	/* MANUAL, waiting */

#endif
