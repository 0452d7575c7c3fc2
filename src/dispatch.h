/* dispatch.h - one door for every asynchronous event (floor 1). */
#ifndef PCL_DISPATCH_H
#define PCL_DISPATCH_H

#include <proclc/dispatch.h>

#include <stdbool.h>

#include "os/os.h"

/*
 * Something to wait for.  Its owner embeds it, fills in the first three
 * members, and adds it.  fn is called by the dispatcher, under no lock, while
 * the handle is ready (level-triggered) or once due has come (due is then
 * PCL_NEVER again).  That it is called is a hint; it is also called, again and
 * again, when the program has closed the handle or has another file under its
 * number: then fn gives the handle up and asks at times instead.
 */
struct pcl_source {
	intptr_t handle;	/* PCL_NONE: only the time */
	int64_t due;	/* PCL_NEVER: only the handle */
	void (*fn)(struct pcl_source *source);
	struct pcl_os_file_id id;	/* the rest is dispatch's own */
	size_t slot;
	bool added;
};

/*
 * Until when a thread of ours may wait, after a wait until due.  Between the
 * moment when handles are checked and the one when the kernel takes them up,
 * the program may close them and put quiet files of its own under their
 * numbers; then nothing would wake us any more.  So only a short second look
 * that has found nothing is followed by a wait without end.
 */
int64_t
pcl_next_wait(int64_t due);
/* The same when it cannot be woken, or cannot poll: not for long. */
int64_t
pcl_soon(int64_t due);

/* How long to rest when waiting fails. */
enum { PCL_PAUSE_MS = 10 };
/* A round that was to wait until due is over.  Of those that end too soon, and
 * find nothing, a few come one after the other, but without end only when the
 * system fails: rest before the next. */
void
pcl_pace(unsigned *idle, int64_t due, bool found);

/* Ready the unit: a thread, or the handles of MANUAL mode. */
int
pcl_dispatch_start(void);
/* In a child that is to have the thread whatever its parent's mode. */
void
pcl_dispatch_in_child(void);
/* Are we in a callback, or is this the dispatcher itself? */
bool
pcl_dispatching(void);
/* Is it this thread that has to come back to the dispatcher before anything
 * else happens there?  In MANUAL mode that is the one that drove it last. */
bool
pcl_dispatch_is_mine(void);
/* Does the program drive the dispatcher? */
bool
pcl_dispatch_manual(void);
/* May the library make threads of its own? */
bool
pcl_threads_allowed(void);

int
pcl_source_add(struct pcl_source *source);
bool
pcl_source_is_added(const struct pcl_source *source);
/* After it returns fn does not run and will not; from inside a callback it
 * does not wait for that callback. */
void
pcl_source_remove(struct pcl_source *source);
void
pcl_source_due(struct pcl_source *source, int64_t due);
/* Have another handle and time from now on.  It keeps its place, so that this
 * cannot fail; where the handle cannot be watched, there is none, and it is
 * due.  One that was not added is not. */
void
pcl_source_change(struct pcl_source *source, intptr_t handle, int64_t due);

/*
 * When it returns, the dispatcher does not let in any more what is not open:
 * a wake-up that is left over stays blocked there, whatever the signal does
 * by then.
 * Signals come in by a side door: the handler leaves them somewhere and wakes
 * the dispatcher, which calls drain (were there any?).  open: those to let
 * through meanwhile.
 */
void
pcl_dispatch_signals(struct pcl_os_sigset open, bool (*drain)(void));
/* Called by the handler; safe in a signal handler. */
void
pcl_dispatch_wake(int signum);

#endif
