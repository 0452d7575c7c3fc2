/* reexec.h - tasks in a new run of the program: what init.c and reexec.c tell
 * each other (floor 4). */
#ifndef PCL_REEXEC_H
#define PCL_REEXEC_H

#include "task.h"

/* What the program was called as; NULL: proclc_init was not called. */
const char *
pcl_program(void);
/* The table that was registered under this name; NULL: none. */
const void *
pcl_named_ops(const char *name, bool is_loop);

/* Is this the argument that makes a run a task's?  Then be it, and do not
 * return; else 0. */
int
pcl_reexec_enter(const char *argument);

#endif
