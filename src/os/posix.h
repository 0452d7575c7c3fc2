/* posix.h - what the POSIX port files share. */
#ifndef PCL_OS_POSIX_H
#define PCL_OS_POSIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct pcl_os_user;

/* Move a descriptor to 3 or above, closed by exec; fd < 0: -errno. */
int
pcl_posix_high(int fd);
/* A pipe of such descriptors. */
int
pcl_posix_pipe(int ends[2]);

/* A file of zeros without a name, with room for all of it. */
int
pcl_posix_share_file(size_t size);

/* Numbers, sorted; is one of them this one? */
void
pcl_posix_sort(int *numbers, size_t n);
bool
pcl_posix_has(const int *numbers, size_t n, int number);
/* Close what is open from 3 up and not in keep (sorted), until gap numbers in
 * a row were not open. */
void
pcl_posix_close_numbers(const int *keep, size_t n, uint32_t gap);

/* Who a user is, for those who become him by system calls alone. */
struct pcl_posix_ids {
	bool other;	/* not only the group changes */
	uid_t uid;
	gid_t gid;
	const gid_t *groups;
	int n_groups;
};
struct pcl_posix_ids
pcl_posix_user_ids(const struct pcl_os_user *user);

#endif
