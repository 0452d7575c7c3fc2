/*
 * kin.h - the border, as os.h: what few tasks need, memory that a child
 * shares, strays, and whole trees of processes.
 */
#ifndef PCL_OS_KIN_H
#define PCL_OS_KIN_H

#include "os/os.h"

/* -------------------------------------------------- map-*.c, share-*.c */

/* Memory, zero, that forked children share with us, or that of a handle from
 * pcl_os_share_open. */
int
pcl_os_map(intptr_t handle, size_t size, void **memory);
void
pcl_os_unmap(void *memory, size_t size);
/* The same for a new run of the program, by a handle for both to map.  Where
 * the system has such a thing, nobody can make it smaller: who touches what is
 * gone is killed. */
int
pcl_os_share_open(size_t size, intptr_t *handle);

#endif
