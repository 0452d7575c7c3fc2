/* The fixture that holds each test to leaving things as it found them. */
#define _GNU_SOURCE 1

#include "fixture.h"
#include "clock.h"
#include "fds.h"
#include "process.h"
#include "scenario.h"

#include <check.h>
#include <errno.h>
#include <ftw.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_PREFIXES = 32 };

static char base[512];
static char dir[600];
static struct snapshot *before;
static unsigned expected;
static char prefixes[MAX_PREFIXES][128];
static size_t prefix_count;

/* Temporary directories. */

static void
make_dir(char *path, size_t size, const char *parent, const char *name)
{
	if ((size_t)snprintf(path, size, "%s/%s.XXXXXX", parent, name) >= size
	    || mkdtemp(path) == NULL) {
		dprintf(2, "toolkit: %s: %s\n", path, strerror(errno));
		abort();
	}
}

static int
open_up(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)at;
	if (type == FTW_D || type == FTW_DNR)
		chmod(path, 0700);
	return 0;
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	remove(path);
	return 0;
}

/* A test may have taken rights away from directories; twice opens all. */
static void
remove_tree(const char *path)
{
	nftw(path, open_up, 8, FTW_PHYS);
	if (nftw(path, remove_one, 8, FTW_PHYS | FTW_DEPTH) == 0)
		remove(path);
}

void
fixture_begin(void)
{
	const char *parent = getenv("TMPDIR");

	make_dir(base, sizeof(base), parent == NULL ? "/tmp" : parent,
	    "proclc-test");
	snapshot_set_reaper(getpid());
	snapshot_free(snapshot_take(base));  /* says what it cannot see */
}

void
fixture_end(void)
{
	remove_tree(base);
	base[0] = '\0';
}

const char *
toolkit_dir(void)
{
	return dir;
}

/* What may differ. */

void
toolkit_expect(unsigned kinds)
{
	expected |= kinds;
}

void
toolkit_expect_line(const char *prefix)
{
	ck_assert_uint_lt(prefix_count, MAX_PREFIXES);
	snprintf(prefixes[prefix_count++], sizeof(prefixes[0]), "%s", prefix);
}

void
toolkit_expect_signal(int signo)
{
	char prefix[32];

	snprintf(prefix, sizeof(prefix), "signal %d ", signo);
	toolkit_expect_line(prefix);
}

static void
ignore_expected(struct snapshot *snapshot)
{
	size_t i;

	snapshot_ignore(snapshot, expected, NULL);
	for (i = 0; i < prefix_count; i++)
		snapshot_ignore(snapshot, 0, prefixes[i]);
}

/* Comparing. */

static unsigned
compare(char *buf, size_t size)
{
	struct snapshot *after = snapshot_take(dir);
	unsigned kinds;

	ignore_expected(before);
	ignore_expected(after);
	kinds = snapshot_diff(before, after, buf, size);
	snapshot_free(after);
	return kinds;
}

/*
 * A joined thread is listed for a moment more, and an orphan that was told
 * to end takes its time: these two, and only these, may settle.
 */
static unsigned
compare_settled(char *buf, size_t size)
{
	int64_t deadline = clock_deadline(2000);
	unsigned kinds = compare(buf, size);

	while (kinds != 0 && clock_left_ms(deadline) > 0 &&
	    (kinds & ~(unsigned)(TOOLKIT_THREADS | TOOLKIT_STRAYS)) == 0) {
		poll(NULL, 0, 1);
		kinds = compare(buf, size);
	}
	return kinds;
}

/* Each further line becomes a comment, as TAP wants it. */
static void
abort_with(const char *what, const char *lines)
{
	char text[8000];
	size_t used;

	used = (size_t)snprintf(text, sizeof(text), "%s", what);
	while (*lines != '\0' && used < sizeof(text)) {
		size_t length = strcspn(lines, "\n");

		used += (size_t)snprintf(text + used, sizeof(text) - used,
		    "\n#   %.*s", (int)length, lines);
		lines += length + (lines[length] == '\n');
	}
	ck_abort_msg("%s", text);
}

void
toolkit_mark(void)
{
	snapshot_free(before);
	before = snapshot_take(dir);
}

void
toolkit_unchanged(void)
{
	char lines[6000];

	if (compare_settled(lines, sizeof(lines)) != 0)
		abort_with("changed since toolkit_mark():", lines);
}

void
toolkit_setup(void)
{
	make_dir(dir, sizeof(dir), base[0] == '\0' ? "/tmp" : base, "t");
	expected = 0;
	prefix_count = 0;
	fds_close_on_exec();
	toolkit_mark();
}

void
toolkit_teardown(void)
{
	char names[256], lines[6000];
	int running = scenario_close_all(names, sizeof(names));
	unsigned kinds = compare_settled(lines, sizeof(lines));

	snapshot_free(before);
	before = NULL;
	remove_tree(dir);
	if (file_exists(dir))
		ck_abort_msg("cannot remove %s", dir);
	if (running > 0)
		ck_abort_msg("scenarios not waited for:%s", names);
	if (kinds != 0)
		abort_with("the test left:", lines);
}

void
toolkit_skip(const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	dprintf(1, "# not checked here: %s\n", text);
}

/* There where the program was built with it. */
extern void __tsan_init(void) __attribute__((weak));

static const char *const tsan_cannot[] = {
	[TSAN_FORK] = "delivers no signal in a child of several threads",
	[TSAN_CLONE] = "takes a child of _Fork, clone or vfork for its parent",
	[TSAN_CLOSE] = "takes what closes a descriptor in use for a race",
	[TSAN_DELAY] = "keeps signals back for a while",
	[TSAN_MEMORY] = "needs memory and stack of its own",
	[TSAN_THREAD] = "has a thread of its own, and needs the first one",
	[TSAN_EXIT] = "waits in exit for whoever has locked stdout",
	[TSAN_SLOW] = "is slow: others of this loop have been run",
};

bool
toolkit_skip_tsan(enum toolkit_tsan what)
{
	if (__tsan_init != NULL)
		toolkit_skip("ThreadSanitizer %s", tsan_cannot[what]);
	return __tsan_init != NULL;
}
