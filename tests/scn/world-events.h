/* What the driver of a world sees, against the model. */
#ifndef SCN_WORLD_EVENTS_H
#define SCN_WORLD_EVENTS_H

#include "world.h"

/* The pipes: one for the orders of each slot, one for what all tell. */
extern int world_orders[SLOTS][2], world_records[2];

/* All has gone as it is to go, up to now; and how long it may. */
extern bool world_good;
extern int64_t world_deadline;
extern int world_lines;

void events_differ(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* Tells an actor what to do; and waits for the result. */
void events_order(int id, struct order order);
struct record events_ask(int id, struct order order);

/* Waits until all has happened that a step brings about. */
void events_settle(void);

/* A child of ours has ended, that was an orphan. */
void events_adopt(pid_t pid, int status);

#endif
