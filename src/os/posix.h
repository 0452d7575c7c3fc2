/* posix.h - what the POSIX port files share. */
#ifndef PCL_OS_POSIX_H
#define PCL_OS_POSIX_H

/* Move a descriptor to 3 or above, closed by exec; fd < 0: -errno. */
int
pcl_posix_high(int fd);
/* A pipe of such descriptors. */
int
pcl_posix_pipe(int ends[2]);

#endif
