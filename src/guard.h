/* guard.h - the thread that ends the process when a deadline passes
 * (floor 1, beside dispatch). */
#ifndef PCL_GUARD_H
#define PCL_GUARD_H

#include <stdbool.h>
#include <stdint.h>

#include "os/os.h"

/*
 * So many ms after something has happened, and what to do then.  Its owner
 * embeds it, fills in the first six members, and adds it.  It is started by
 * pcl_deadline_start, or by the guard itself when happened agrees: it asks
 * when handle is ready or, without a handle, every look_ms.  Both functions
 * run on the guard thread: they take no lock, call nothing of the program's,
 * and expire is there to end the process.
 */
struct pcl_deadline {
	int64_t ms;
	void (*expire)(struct pcl_deadline *deadline);
	intptr_t handle;	/* PCL_NONE: nothing to look at */
	int64_t look_ms;
	bool (*happened)(const struct pcl_deadline *deadline);
	bool impatient;	/* a second signal does not wait for ms */
	/* guard's own */
	/* When it is due, times 128, and the signal that started it, or 0, in
	 * one word, for signal handlers; PCL_NEVER: it is not started. */
	_Atomic int64_t armed;
	size_t entry;	/* in the poll set; 0: not there yet */
	struct pcl_os_file_id id;	/* of the handle */
	int64_t look_at;
	struct pcl_deadline *next;
	_Atomic bool added;
	bool made;	/* the thread was made for it */
};

/*
 * Add a deadline that is not started; the guard thread is made, if need be:
 * whoever promises a bound calls this when he promises.
 * Returns 0; PROCLC_ENOTSUP, the program forbade threads; PROCLC_EAGAIN,
 * PROCLC_ENOMEM, PROCLC_EMFILE.
 */
int
pcl_deadline_add(struct pcl_deadline *deadline);
void
pcl_deadline_remove(struct pcl_deadline *deadline);

/* The same when what it was for has failed: a thread that was made for it does
 * not stay. */
void
pcl_deadline_undo(struct pcl_deadline *deadline);

/* The time runs from now, unless it does already.  signum: 0 in ordinary
 * context; in a signal handler that signal, which pcl_guard_open has. */
void
pcl_deadline_start(struct pcl_deadline *deadline, int signum);

/* The signal that started it; 0: none. */
int
pcl_deadline_signum(const struct pcl_deadline *deadline);

/* It has not happened after all, if this signal has started it. */
void
pcl_deadline_stop(struct pcl_deadline *deadline, int signum);

/* The signals whose handlers start deadlines. */
void
pcl_guard_open(struct pcl_os_sigset open);

#endif
