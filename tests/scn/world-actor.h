/* A process of a world, for itself. */
#ifndef SCN_WORLD_ACTOR_H
#define SCN_WORLD_ACTOR_H

#include "world.h"

/* Tells the driver; and the result of an order. */
void actor_tell(int what, int a, int b, int c, int d);
void actor_answer(int a, int b, int c);

/* In a new process: who it is.  loop: it looks whether it is to stop. */
void actor_born(int id, int its_slot, bool loop);

/* Obeys until it is told to leave: what run or main is to return.  -1: a loop
 * that is told to stop. */
int actor_live(void);

void obey_task(const struct order *o);
void obey_file(const struct order *o);
void obey_object(const struct order *o);
void obey_watch(const struct order *o);

#endif
