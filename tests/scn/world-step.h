/* What the files that make steps share. */
#ifndef SCN_WORLD_STEP_H
#define SCN_WORLD_STEP_H

#include "world.h"

/* The one that is made: who does it, and what is to come of it. */
struct step {
	int self;
	struct actor *me;
	struct order order;
	struct result result;
	bool answers;
};
extern struct step it;

/* The order, and the code that it is to return.  True. */
bool step_tell(enum verb verb, int a, int b, int rc);
bool one_in(int n);

/* Each chooses its details, changes the model and tells the order.  False:
 * there is no such step now. */
bool make_task(void);
bool make_ask_task(void);
bool make_wait_all(void);
bool make_shutdown(void);
bool make_shutdown_all(void);
bool make_kill(void);
bool make_free(void);
bool make_detach(void);
bool make_result(void);
bool make_hold(void);
bool make_let_go(void);
bool make_ask_file(void);
bool make_stop(void);
bool make_object(void);
bool make_arm(void);
bool make_watch(void);

/* There is one, which is given back. */
bool free_task(int i);
bool free_object(int i);
bool free_watch(void);
bool let_go(int i, bool removes);

#endif
