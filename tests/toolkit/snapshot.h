/*
 * What a test must leave as it found it, as lines of text.
 *
 *	struct snapshot *before = snapshot_take(dir);
 *	...
 *	struct snapshot *after = snapshot_take(dir);
 *	unsigned kinds = snapshot_diff(before, after, buf, sizeof(buf));
 *
 * Most tests want the fixture in fixture.h instead.
 */
#ifndef TOOLKIT_SNAPSHOT_H
#define TOOLKIT_SNAPSHOT_H

#include <stddef.h>
#include <sys/types.h>

/* The kinds of lines, to expect() what legitimately stays. */
enum {
	TOOLKIT_FDS = 1 << 0,             /* open descriptors, targets */
	TOOLKIT_SELF_PIDFD = 1 << 1,      /* one pidfd of the process itself */
	TOOLKIT_THREADS = 1 << 2,         /* threads, and what each blocks */
	TOOLKIT_LIBRARY_THREADS = 1 << 3, /* proclc, -guard, -spawner */
	TOOLKIT_CHILDREN = 1 << 4,        /* own children, zombies too */
	TOOLKIT_STRAYS = 1 << 5,          /* orphans the test program adopted */
	TOOLKIT_MASK = 1 << 6,            /* signals this thread blocks */
	TOOLKIT_DISPOSITIONS = 1 << 7,    /* handler, flags, mask of each */
	TOOLKIT_ALTSTACK = 1 << 8,        /* this thread's signal stack */
	TOOLKIT_CWD = 1 << 9,
	TOOLKIT_UMASK = 1 << 10,
	TOOLKIT_SESSION = 1 << 11,        /* session, group, terminal */
	TOOLKIT_TIMERS = 1 << 12,         /* setitimer's three */
	TOOLKIT_TRAITS = 1 << 13,         /* death signal, subreaper, dump */
	TOOLKIT_FILES = 1 << 14,          /* what lies in the directory */
	TOOLKIT_EVERYTHING = (1 << 15) - 1,
};

struct snapshot;

/* dir: where U8's files are looked for; NULL: no files. */
struct snapshot *snapshot_take(const char *dir);
void snapshot_free(struct snapshot *snapshot);

/*
 * Writes one line per difference into buf ("new: ..." or "gone: ..."), cut
 * at size.  Returns the kinds that differ: 0 for none.
 */
unsigned snapshot_diff(const struct snapshot *before,
    const struct snapshot *after, char *buf, size_t size);

/* Takes the lines that begin with prefix, and those of kinds, out. */
void snapshot_ignore(struct snapshot *snapshot, unsigned kinds,
    const char *prefix);

/* The kinds that this system, or the checker we run under, does not tell. */
unsigned snapshot_untold(void);

/*
 * The process that adopts our orphans (toolkit_main's), so that strays can
 * be told from children.  Without it there is no TOOLKIT_STRAYS.
 */
void snapshot_set_reaper(pid_t pid);

#endif
