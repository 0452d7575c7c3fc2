/* pidfile.h - what daemon and signals need of pid files (floor 2). */
#ifndef PCL_PIDFILE_H
#define PCL_PIDFILE_H

#include <proclc/pidfile.h>

#include <stdbool.h>

#include "os/os.h"

/*
 * Find the process that a pid file stands for, and pin it before the last
 * check that it is the one.  unlocked: nobody need hold the file, if the
 * process that it names is older than it.
 * Returns 0; as proclc_pidfile_status.  With PROCLC_EUNLOCKED, too, the
 * process is open.
 */
int
pcl_pidfile_pin(const char *path, bool unlocked,
    struct pcl_os_process *process);

#endif
