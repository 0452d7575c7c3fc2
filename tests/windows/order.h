/* order.h - the tasks that tests make, and what they are told. */
#ifndef PCL_TESTS_ORDER_H
#define PCL_TESTS_ORDER_H

#include "tap.h"

#include <proclc.h>

/* What a task is told: it travels as bytes. */
struct order {
	int code;
	char event[64];	/* raised when its body begins */
};

/*
 * Tasks: one answers with its code; sleeps for ever; does so with an exit
 * handler, which raises the event whose name ends in "-end"; crashes; makes
 * a task that sleeps and outlives it, and waits for that; leaves
 * a result; says whether it is told its own pid.  A loop waits until
 * it is to stop, and raises that event at its end; another one waits for the
 * handle that says so, and raises the event when it has.  And a task that is
 * not registered.
 */
extern const struct proclc_task_ops answer, sleep_long, tidy, fault, family,
    leaves, knows_itself, stranger;
extern const struct proclc_loop_ops looper, heeds;

/* A new event, whose name the order has; and the one of the end. */
HANDLE
new_event(struct order *o, const char *what);
HANDLE
end_event(const struct order *o);
void
need_event(HANDLE event);

struct proclc_task *
new_task(const struct proclc_task_ops *ops, struct order *o, uint32_t flags);
/* It must come. */
struct proclc_status
end_of(struct proclc_task *task);

#endif
