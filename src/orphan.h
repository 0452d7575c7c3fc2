/* orphan.h - what subprocess needs of the orphan watch (floor 3). */
#ifndef PCL_ORPHAN_H
#define PCL_ORPHAN_H

#include <proclc/orphan.h>

#include "os/os.h"

/*
 * Watch the parent by a handle that was opened in it, before the fork; the
 * watch takes it over, also on failure.
 */
int
pcl_orphan_start_with(struct proclc_orphan *watch,
    struct pcl_os_process *parent);

#endif
