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

/* ------------------------------------------------------------ tree-*.c */

/* Have the orphans among our descendants come to this process, instead of the
 * first one; PROCLC_ENOTSUP. */
int
pcl_os_subreaper(bool on);

/* A process, as it is for a moment; pid and start together never come to mean
 * another one. */
struct pcl_os_kin {
	int64_t pid, parent;
	uint64_t start;
	bool ended;	/* nobody has reaped it yet */
	bool stopped;
};
/* All that can be seen, to be freed; one that comes or goes meanwhile may be
 * missing.  Returns how many; PROCLC_ENOTSUP, the system does not tell. */
int
pcl_os_kin_list(struct pcl_os_kin **list);
/* PROCLC_ESRCH: there is no such process. */
int
pcl_os_kin_look(int64_t pid, struct pcl_os_kin *kin);

/* ----------------------------------------------------------- spawn-*.c */

/* The pid of a child, any, that has ended and is still to be reaped; 0: none
 * has. */
int64_t
pcl_os_any_ended(void);

/* ------------------------------------------------------------- sig-*.c */

/* The signal that says that a child has ended. */
extern const int pcl_os_sigchld;

#endif
