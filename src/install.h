/* install.h - for the files of the installation of exit handling (floor 3). */
#ifndef PCL_INSTALL_H
#define PCL_INSTALL_H

#include <proclc/signals.h>

#include "disposition.h"

/* Is it one of those that a crash raises? */
bool
pcl_crash_signal(int signum);
/* Have a crash run the exit handlers, within the deadline.  On failure
 * pcl_crash_uninstall takes back what was done. */
int
pcl_crash_install(struct pcl_deadline *deadline);
void
pcl_crash_uninstall(void);

#endif
