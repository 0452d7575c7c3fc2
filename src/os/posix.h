/* posix.h - what the POSIX port files share. */
#ifndef PCL_OS_POSIX_H
#define PCL_OS_POSIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Move a descriptor to 3 or above, closed by exec; fd < 0: -errno. */
int
pcl_posix_high(int fd);
/* A pipe of such descriptors. */
int
pcl_posix_pipe(int ends[2]);

/* Numbers, sorted; is one of them this one? */
void
pcl_posix_sort(int *numbers, size_t n);
bool
pcl_posix_has(const int *numbers, size_t n, int number);
/* Close what is open from 3 up and not in keep (sorted), until gap numbers in
 * a row were not open. */
void
pcl_posix_close_numbers(const int *keep, size_t n, uint32_t gap);

#endif
