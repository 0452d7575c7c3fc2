/* registry.h - the exit handlers that are registered, for atexit.c (floor 3).
 * The atexit lock is held for every call. */
#ifndef PCL_REGISTRY_H
#define PCL_REGISTRY_H

#include <proclc/atexit.h>

#include <stdbool.h>
#include <stdint.h>

struct pcl_handler {
	void (*fn)(void *user, const struct proclc_exit_cause *cause);
	void *user;
	unsigned flags;	/* PROCLC_ATEXIT_SHARED: runs in descendants, too */
	uint32_t owner;	/* the process that registered it */
	int token;
	/* the registry's own */
	struct pcl_handler *older, *newer;
	struct pcl_handler *same_call, *same_token;
};

/* Add a copy of wanted, as the newest or the oldest; returns its token, or
 * PROCLC_ENOMEM. */
int
pcl_registry_add(const struct pcl_handler *wanted, bool newest);
void
pcl_registry_remove(struct pcl_handler *handler);
/* The newest one that runs in process.  Newer ones of its ancestors, which run
 * neither here nor in any descendant, are removed. */
struct pcl_handler *
pcl_registry_newest(uint32_t process);
/* One that runs in process; NULL: there is none. */
struct pcl_handler *
pcl_registry_find(void (*fn)(void *user, const struct proclc_exit_cause *),
    void *user, uint32_t process);
struct pcl_handler *
pcl_registry_find_token(int token, uint32_t process);
/* Are there any that run in descendants? */
bool
pcl_registry_any_shared(void);

#endif
