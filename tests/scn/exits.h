/* Exit handlers that a scenario has, and commands for them. */
#ifndef SCN_EXITS_H
#define SCN_EXITS_H

#include "script.h"

/*
 * register NAME KIND [shared] [safe]
 * unregister NAME; cancel NAME    by its token
 * many N              handlers "0" to N-1 of the kind "say"
 * proclc_exit N; atexit_run N; libc NAME    atexit(3): it tells its name
 * install [SIG...]; install_within MS SIG...; uninstall
 * install_with FLAGS MS [SIG...]
 * print TEXT          to stdout by stdio, which keeps it
 * watch PATH          for the kind "look", which tells whether PATH is there
 * pass                to the handler of the kind "wait"
 * mode N; dispatch MS
 * A handler tells "NAME: CAUSE CODE SIGNAL"; what it does then (KIND) is the
 * table kinds.
 *
 * Obeys own, more (or NULL), these, and those of objects.h.
 */
int exits_main(const struct command *own, const struct command *more);

/* A mutex that the kind "lock" takes. */
void exits_lock(void);
void exits_unlock(void);

#endif
