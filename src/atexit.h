/* atexit.h - what other units need of the exit handlers (floor 3). */
#ifndef PCL_ATEXIT_H
#define PCL_ATEXIT_H

#include <proclc/atexit.h>

#include <stdbool.h>

/* Ready the unit; its lock is held on success. */
int
pcl_atexit_enter(uint32_t *process);

/* Register a handler to run after all others, whenever those came. */
int
pcl_atexit_register_last(void (*fn)(void *user,
    const struct proclc_exit_cause *cause), void *user);

/* The token of this process's newest handler; 0: there is none. */
int
pcl_atexit_newest(void);

/* Has this process or an ancestor called proclc_atexit_install? */
bool
pcl_atexit_installed(void);

/* Drop every handler: they are another process's now. */
void
pcl_atexit_forget(void);

#endif
