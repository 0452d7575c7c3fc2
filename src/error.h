/* error.h - how the units report a failure (floor 0). */
#ifndef PCL_ERROR_H
#define PCL_ERROR_H

#include <proclc/error.h>

#if defined __GNUC__
#define PCL_PRINTF(format, first) \
	__attribute__((__format__(__printf__, format, first)))
#else
#define PCL_PRINTF(format, first)
#endif

/* A record that fits into one atomic pipe write: a failure on its way. */
struct pcl_failure {
	int32_t code;
	int32_t os_error;
	int32_t stage;
	int32_t spare;
	int64_t pid;
	char text[480];
};

/*
 * Record this thread's failure and return code, so that a unit can write
 * "return pcl_fail(...)".  The sentence is the text made from format, then
 * ": " and the code's meaning.
 */
int
pcl_fail(int code, enum proclc_stage stage, const char *format, ...)
    PCL_PRINTF(3, 4);

/* The same for a failure that is about a process; the text stands alone. */
int
pcl_fail_pid(int code, enum proclc_stage stage, int64_t pid,
    const char *format, ...) PCL_PRINTF(4, 5);

/* Put "who: " before this thread's sentence; returns the failure's code. */
int
pcl_fail_in(const char *who);

/* This thread's failure, to hand over to another process, and its arrival. */
void
pcl_failure_get(struct pcl_failure *failure);
int
pcl_failure_set(const struct pcl_failure *failure);

/* The point in time timeout_ms from now; PROCLC_NOW, PROCLC_FOREVER. */
int64_t
pcl_due(int64_t timeout_ms);

/* One line to the program's log function, if it has set one. */
void
pcl_log(const char *format, ...) PCL_PRINTF(1, 2);

/*
 * Read a caller's options struct: copy what both sides know into dst (known
 * bytes, zeroed first).  src NULL: all defaults.  A longer src must be zero
 * in what we do not know.
 * Returns 0; PROCLC_EINVAL, size is too small to hold itself; PROCLC_E2BIG,
 * the caller asks for something that this library does not have.
 */
int
pcl_options_read(void *dst, uint32_t known, const void *src);

#endif
