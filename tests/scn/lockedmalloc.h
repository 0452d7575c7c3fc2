/*
 * An allocator of this program's own, with one plain lock, in which a signal
 * can be made to land.  A sanitizer has an allocator of its own, which must
 * stay: then lockedmalloc-none.c is compiled.
 */
#ifndef SCN_LOCKEDMALLOC_H
#define SCN_LOCKEDMALLOC_H

#include <stdbool.h>

/* Is malloc() ours? */
bool lockedmalloc_works(void);

/* From now on this thread raises the signal, in itself, inside each call of
 * malloc, calloc, realloc and free, while it holds the lock; 0: no more. */
void lockedmalloc_land(int signum);

/* How often it has. */
int lockedmalloc_landed(void);

#endif
