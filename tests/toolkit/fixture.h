/*
 * The fixture that holds each test to leaving things as it found them.
 *
 *	tcase_add_checked_fixture(tc, toolkit_setup, toolkit_teardown);
 *
 *	snprintf(path, sizeof(path), "%s/a.pid", toolkit_dir());
 *	toolkit_expect(TOOLKIT_LIBRARY_THREADS);   those may stay
 *
 *	toolkit_mark();                            before a call that fails
 *	ck_assert_int_eq(proclc_x(...), PROCLC_EBUSY);
 *	toolkit_unchanged();                       it left nothing
 *
 * The kinds are in snapshot.h.  A test that fails is not checked further.
 */
#ifndef TOOLKIT_FIXTURE_H
#define TOOLKIT_FIXTURE_H

#include "snapshot.h"

#include <stdbool.h>

void toolkit_setup(void);
void toolkit_teardown(void);

/* A directory of this test alone, mode 0700, removed after it. */
const char *toolkit_dir(void);

/* From now on, differences of these kinds are no failure in this test; */
void toolkit_expect(unsigned kinds);

/* nor those whose line (as a failure shows it) begins with this, */
void toolkit_expect_line(const char *prefix);

/* nor what happens to the action of this signal. */
void toolkit_expect_signal(int signo);

/*
 * The state now is the one to compare with, until the end of the test too.
 * toolkit_unchanged() compares now.
 */
void toolkit_mark(void);
void toolkit_unchanged(void);

/*
 * Says that this test cannot check its point here: on stdout, as a TAP
 * comment.  The test then returns.
 */
void toolkit_skip(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* What ThreadSanitizer's runtime cannot do. */
enum toolkit_tsan {
	TSAN_FORK,       /* signals in a child of a process with threads */
	TSAN_CLONE,      /* to see that _Fork, clone or vfork made a child */
	TSAN_CLOSE,      /* to bear a close() beside a use, on purpose */
	TSAN_DELAY,      /* to let a signal in at once, whatever it meets */
	TSAN_MEMORY,     /* to do without memory, or with less */
	TSAN_THREAD,     /* to do without its own thread, or the first one */
	TSAN_EXIT,       /* to leave stdio alone in exit */
	TSAN_SLOW,       /* to do the same so often, in the time there is */
};

/* True, and said: built with it, this test cannot check its point. */
bool toolkit_skip_tsan(enum toolkit_tsan what);

/* For toolkit_main(): the directory of all the tests' directories. */
void fixture_begin(void);
void fixture_end(void);

#endif
