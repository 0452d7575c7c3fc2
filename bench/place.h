/* place.h - a pid file for one worker, and who holds it. */
#ifndef BENCH_PLACE_H
#define BENCH_PLACE_H

#include <sys/types.h>

#include "bench.h"

/* A directory of the worker's own in TMPDIR; where that is not set, in memory
 * if that is to be had: a disk would measure itself. */
extern char place_dir[];
extern char place_file[];	/* "pid" in it, which is not there yet */

void
place_make(void);
void
place_remove(void);

/*
 * A process that holds the file and then only waits.  It ends with the
 * worker.  hold: called in it; makes and locks the file.
 */
void
holder_start(void (*hold)(void));
void
holder_stop(void);

/* The two locks of a pid file, by bare calls: one of the open file, which says
 * that somebody runs, and one of the process, which names it. */
int
raw_lock_file(int fd);
int
raw_lock_process(int fd);
/* Who holds the second one; 0: nobody. */
pid_t
raw_lock_holder(int fd);

int
raw_pidfd_open(pid_t pid);
int
raw_pidfd_send(int pidfd, int signum);

/* A child of this worker, which does not outlive it; 0: this is the child. */
pid_t
raw_fork(void);

#endif
