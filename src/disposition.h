/* disposition.h - who gets a signal (floor 2). */
#ifndef PCL_DISPOSITION_H
#define PCL_DISPOSITION_H

#include <stdbool.h>
#include <stdint.h>

#include "os/os.h"

struct pcl_signal {
	int signum;
	uint32_t uid;	/* of the sender, */
	int64_t pid;	/* 0 when no process has sent it, */
	bool system;	/* or one outside our pid namespace: then this is not */
};

/* Higher ones are asked first; among equals the newest. */
enum pcl_priority {
	PCL_PRIORITY_EXIT,	/* atexit: when nobody wants it */
	PCL_PRIORITY_HANDLER
};

/*
 * One who wants a signal.  Its owner embeds it and fills in what is not
 * disposition's own.  fn runs on the dispatcher, under no lock, and says
 * whether it consumed the signal: then no lower priority is asked.
 */
struct pcl_subscriber {
	int signum;
	enum pcl_priority priority;
	bool (*fn)(struct pcl_subscriber *subscriber,
	    const struct pcl_signal *signal);
	/* Started when the signal comes and no higher priority is there to
	 * ask: for a dispatcher that is stuck does not even call fn.  It has
	 * been added; NULL: no bound. */
	struct pcl_deadline *deadline;
	/* The handler that was there before us is called first. */
	bool chain;
	/* No callback of the program's: it hears of the signal also when the
	 * exit handlers have run. */
	bool stays;
	/* disposition's own */
	struct pcl_subscriber *next;
	uint64_t serial;
	_Atomic bool listed;	/* may be read by anybody */
};

/* Returns 0; PROCLC_ESIGNAL; PROCLC_EALREADY, listed; what dispatch says. */
int
pcl_subscribe(struct pcl_subscriber *subscriber);
/*
 * After it returns fn does not run and will not; from inside a callback it
 * does not wait for that callback.  The last one out puts back what was there
 * before the first, unless somebody has installed a handler of his own since.
 */
void
pcl_unsubscribe(struct pcl_subscriber *subscriber);

/* Who is about to take no signal any more: what has come is delivered first,
 * as far as 200 ms allow; not in MANUAL mode, nor for a callback. */
void
pcl_subscriber_settle(const struct pcl_subscriber *subscriber);

/* Is there a subscriber of this priority, or a higher one? */
bool
pcl_wanted(int signum, enum pcl_priority priority);

/*
 * fn, async-signal-safe, is called in the thread that crashes, by a broken
 * instruction or by abort, in this process and in forked children; then the
 * crash goes on.  A signal with a handler of the program's own is left alone.
 * NULL: as before.
 */
int
pcl_disposition_crash(void (*fn)(int signum));

/* In a forked child that does not want them these signals do nothing, unless
 * no fork handler has announced it. */
void
pcl_disposition_passive(struct pcl_os_sigset signals);

/* What a signal did before anybody here wanted it. */
enum pcl_os_action
pcl_disposition_before(int signum);

/*
 * In a child that starts as after exec: no handler of ours or of the
 * program, no subscriber, ignored signals ignored.
 */
void
pcl_disposition_forget(void);

#endif
