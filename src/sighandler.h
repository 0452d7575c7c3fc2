/* sighandler.h - the handler object, for the files of the signals unit
 * (floor 3). */
#ifndef PCL_SIGHANDLER_H
#define PCL_SIGHANDLER_H

#include <proclc/signals.h>

#include <stdbool.h>

#include "disposition.h"

struct pcl_action {
	void (*fn)(struct proclc_sighandler *handler,
	    const struct proclc_signal_event *event, void *user);
	void *user;
};

/* subscriber first: what it is told is about this entry. */
struct pcl_sigentry {
	struct pcl_subscriber subscriber;
	struct proclc_sighandler *handler;
	struct pcl_action action;	/* fn NULL: not handled */
	struct pcl_signal handed;	/* to a thread in wait */
	unsigned calls;	/* of the callback, that run */
};

/* Everything is under PCL_LOCK_SIGNALS. */
struct proclc_sighandler {
	uint32_t owner;
	bool running;
	bool doomed;	/* freed by a callback of its own */
	unsigned users;	/* threads inside, that keep the memory */
	unsigned waiters;
	uint64_t handed;	/* bit signum - 1: its callback is theirs */
	uint64_t touched;	/* it was ever set */
	uint64_t seen;	/* to be told by wait */
	struct pcl_os_wake wake;	/* of proclc_sighandler_fd() */
	struct proclc_sighandler *next;	/* of all in this process */
	struct pcl_sigentry entries[PCL_SIGNALS];
};

/* PROCLC_EINVAL, PROCLC_ENOTOWNER. */
int
pcl_sighandler_check(const struct proclc_sighandler *h);
/* Take it off the list and free it, once nobody is inside. */
void
pcl_sighandler_dispose(struct proclc_sighandler *h);

/* A signal has come; the subscriber's function. */
bool
pcl_sighandler_arrived(struct pcl_subscriber *subscriber,
    const struct pcl_signal *signal);
/* A callback on this thread will not return. */
void
pcl_sighandler_lost(void);
/* Wait until the entry's callback does not run, but for this thread's own
 * calls. */
void
pcl_sighandler_await(const struct pcl_sigentry *entry);

#endif
