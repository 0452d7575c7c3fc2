/* backoff.h - how long to wait before something runs again (floor 4). */
#ifndef PCL_BACKOFF_H
#define PCL_BACKOFF_H

#include <proclc/subprocess.h>

#include <stdbool.h>

struct pcl_backoff {
	/* Times in ms.  A run shorter than min_uptime has ended early. */
	int64_t min_uptime, first, max;
	uint32_t limit;	/* so many early ends in a row are enough; 0: none */
	uint32_t early;	/* those in a row so far */
	int64_t next;	/* what the next end has to wait for */
};

/* PROCLC_EINVAL: a time or the condition is none. */
int
pcl_backoff_init(struct pcl_backoff *b, const struct proclc_restart *policy);
/* A run has ended after uptime ms: the delay before the next one; -1: it is
 * not to run again, for the limit is reached. */
int64_t
pcl_backoff_delay(struct pcl_backoff *b, int64_t uptime);

#endif
