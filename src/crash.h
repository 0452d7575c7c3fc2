/* crash.h - the exit handlers that a crash runs (floor 3, atexit).  The atexit
 * lock is held for every call. */
#ifndef PCL_CRASH_H
#define PCL_CRASH_H

#include "registry.h"

/* handler, which is in the registry, runs in a crash, too: PROCLC_ENOMEM, there
 * are too many such. */
int
pcl_crash_add(const struct pcl_handler *handler, int token);
/* It does not any more; without effect on others. */
void
pcl_crash_remove(int token);
/* Forbid the hook, or allow it again; it is there while it is needed. */
void
pcl_crash_allow(bool allow);

#endif
