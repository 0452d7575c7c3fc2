/* delivery.h - the subscribers of each signal, and the calls to them, for
 * disposition.c.  The disposition lock is held for every call but
 * pcl_deliver and pcl_deliver_rest. */
#ifndef PCL_DELIVERY_H
#define PCL_DELIVERY_H

#include "disposition.h"

/* The first one to ask; NULL: nobody is. */
struct pcl_subscriber *
pcl_subscribers_first(int signum);
void
pcl_subscribers_insert(struct pcl_subscriber *subscriber);
/* Was it there? */
bool
pcl_subscribers_remove(struct pcl_subscriber *subscriber);
/* Remove all, or those that do not stay when the process ends. */
void
pcl_subscribers_drop(int signum, bool all);

/* Wait until its function does not run, unless that is what calls. */
void
pcl_subscribers_await(const struct pcl_subscriber *subscriber);

/* Ask one after the other. */
void
pcl_deliver(const struct pcl_signal *signal);
/* Ask those that were left when one ended its thread. */
void
pcl_deliver_rest(void);
/* A signal that nobody is there for any more comes again; */
void
pcl_delivery_again(int signum);
/* so does, once the last one has left, what those that were leaving did not
 * take (asked once); */
bool
pcl_delivery_declined(int signum);
/* but from now on it does not. */
void
pcl_delivery_over(void);
/* The function that runs will not return. */
void
pcl_delivery_lost(void);
/* In a child: nothing is under way. */
void
pcl_delivery_forget(void);

#endif
