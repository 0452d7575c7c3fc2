/*
 * Watches in the process of a test, with callbacks that say a letter.
 *
 *	struct proclc_orphan *watch = watch_new(pid, "ab");
 *
 *	ck_assert_int_eq(proclc_orphan_start(watch), 0);
 *	...
 *	letters_expect("ab");
 */
#ifndef WATCHES_H
#define WATCHES_H

#include "letters.h"
#include "settle.h"

#include <proclc/orphan.h>

#include <string.h>

/* Of the next watch; and whether one sees the end by a pidfd here. */
static struct proclc_orphan_options watch_options;
static bool watch_has_pidfd;

static inline void
watch_tell(struct proclc_orphan *watch, void *user)
{
	(void)watch;
	letter_put(*(char *)user);
}

/* The fixture's setup, with the library's threads there, so that only the
 * test's own things are compared. */
static inline void
watch_setup(void)
{
	struct proclc_orphan *watch;

	toolkit_setup();
	letters_open();
	watch_options =
	    (struct proclc_orphan_options)PROCLC_ORPHAN_OPTIONS_INIT;
	ck_assert_int_eq(proclc_orphan_new(&watch, NULL), 0);
	ck_assert_int_eq(proclc_orphan_start(watch), 0);
	watch_has_pidfd = strcmp(proclc_orphan_backend(watch), "pidfd") == 0;
	proclc_orphan_free(watch);
	settle();
	toolkit_mark();
}

/* A watch of pid (0: the parent) with a callback for each letter. */
static inline struct proclc_orphan *
watch_new(int64_t pid, const char *callbacks)
{
	struct proclc_orphan *watch;

	watch_options.pid = pid;
	watch_options.poll_interval_ms = 20;
	ck_assert_int_eq(proclc_orphan_new(&watch, &watch_options), 0);
	for (; *callbacks != '\0'; callbacks++)
		ck_assert_int_eq(proclc_orphan_add_callback(watch, watch_tell,
		    letter_name(*callbacks)), 0);
	return watch;
}

#endif
