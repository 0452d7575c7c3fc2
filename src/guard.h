/* guard.h - the thread that ends the process when a deadline passes
 * (floor 1). */
#ifndef PCL_GUARD_H
#define PCL_GUARD_H

#include <stdbool.h>
#include <stdint.h>

/*
 * A point in time and what to do then.  Its owner embeds it.  expire runs on
 * the guard thread: it takes no lock, calls nothing of the program's, and is
 * there to end the process.
 */
struct pcl_deadline {
	int64_t due;
	void (*expire)(struct pcl_deadline *deadline);
	struct pcl_deadline *next;
	bool armed;
};

/*
 * Have the guard thread.  Whoever promises a deadline calls it when he
 * promises: later it could fail.
 * Returns 0; PROCLC_ENOTSUP, the program forbade threads; PROCLC_EAGAIN.
 */
int
pcl_guard_start(void);
/* Arm or re-arm; the guard thread exists. */
void
pcl_guard_arm(struct pcl_deadline *deadline);
void
pcl_guard_disarm(struct pcl_deadline *deadline);

#endif
