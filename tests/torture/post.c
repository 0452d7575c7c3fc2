/* The post-conditions of a library call in a program under torture. */
#define _GNU_SOURCE 1

#include "post.h"
#include "mark.h"
#include "../toolkit/clock.h"
#include "../toolkit/fds.h"
#include "../toolkit/snapshot.h"

#include <proclc.h>

#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* An errno that no call sets. */
enum { ODD_ERRNO = 3999 };

/* What the library may keep open or running after a call that worked. */
enum {
	KEPT = TOOLKIT_FDS | TOOLKIT_SELF_PIDFD | TOOLKIT_LIBRARY_THREADS |
	    /* which, when that fails, have no name */
	    TOOLKIT_THREADS | TOOLKIT_STRAYS,
	/* And of one that failed: a handle of the process itself.  Strays are
	 * the driver's business. */
	SPARED = TOOLKIT_SELF_PIDFD | TOOLKIT_STRAYS,
};

static int line_number;
static int failures;
static const char *dir;
static struct snapshot *at_begin;
static unsigned own;
static bool calm;
static long injected;

static struct {
	const char *name;
	struct snapshot *before;
	unsigned spared;
	bool by_child;	/* fails by what was done to a child */
	bool untold;	/* the detail is another process's */
	int64_t start;
} call;

__attribute__((format(printf, 2, 0)))
static void
print(const char *word, const char *format, va_list args)
{
	printf("%d %s", ++line_number, word);
	vprintf(format, args);
	putchar('\n');
}

void
post_say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print("", format, args);
	va_end(args);
}

void
post_fail(const char *format, ...)
{
	va_list args;

	failures++;
	va_start(args, format);
	print("FAIL ", format, args);
	va_end(args);
}

/* Joined threads are listed for a moment more. */
static void
compare(const struct snapshot *before, unsigned without, const char *when)
{
	const unsigned threads = TOOLKIT_THREADS | TOOLKIT_LIBRARY_THREADS;
	int64_t deadline = clock_deadline(2000);
	char text[4000];
	unsigned kinds;

	do {
		struct snapshot *now = snapshot_take(dir);

		snapshot_ignore(now, without, NULL);
		kinds = snapshot_diff(before, now, text, sizeof(text));
		snapshot_free(now);
	} while (kinds != 0 && (kinds & ~threads) == 0 &&
	    clock_left_ms(deadline) > 0 && poll(NULL, 0, 1) == 0);
	for (char *line = strtok(text, "\n"); line != NULL && kinds != 0;
	    line = strtok(NULL, "\n"))
		post_fail("%s: %s", when, line);
}

static struct snapshot *
take(unsigned without)
{
	struct snapshot *snapshot = snapshot_take(dir);

	snapshot_ignore(snapshot, without, NULL);
	return snapshot;
}

void
post_begin(const char *place, unsigned kinds)
{
	static char buffer[65536];

	/* What is printed waits in the buffer, as with most programs. */
	setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
	dir = place;
	own = KEPT | kinds;
	at_begin = take(own);
	post_say("begin");
}

void
post_calm(void)
{
	calm = true;
}

/* A call. */

void
post_before(const char *name)
{
	call.name = name;
	/* In peace nothing may fail, so there is nothing to compare. */
	call.before = calm ? NULL : take(SPARED);
	call.spared = SPARED;
	call.by_child = call.untold = false;
	call.start = clock_now_ms();
	if (!calm)
		torture_begin();
	errno = ODD_ERRNO;
}

static void
spare(unsigned kinds)
{
	call.spared |= kinds;
	if (call.before != NULL)
		snapshot_ignore(call.before, call.spared, NULL);
}

void
post_spare_children(void)
{
	spare(TOOLKIT_CHILDREN);
}

void
post_spare_files(void)
{
	spare(TOOLKIT_FILES);
}

void
post_spare_threads(void)
{
	spare(TOOLKIT_FDS | TOOLKIT_LIBRARY_THREADS | TOOLKIT_THREADS);
}

void
post_spare_signals(void)
{
	spare(TOOLKIT_DISPOSITIONS | TOOLKIT_TRAITS);
}

void
post_spare_detail(void)
{
	call.untold = true;
}

void
post_spare_cause(void)
{
	call.by_child = true;
}

static void
check_failure(int rc)
{
	struct proclc_error_detail detail = { .size = sizeof(detail) };

	if (calm || (injected == 0 && !call.by_child))
		post_fail("%s: %s, although nothing was done to it",
		    call.name, proclc_errmsg());
	if (rc == -ODD_ERRNO)
		post_fail("%s: the errno before it", call.name);
	proclc_error_detail(&detail);
	if (call.untold)
		return;
	if (detail.code != rc || detail.stage == PROCLC_STAGE_NONE ||
	    proclc_errmsg()[0] == '\0')
		post_fail("%s: %d, but the detail has %d at step %d: \"%s\"",
		    call.name, rc, (int)detail.code, (int)detail.stage,
		    proclc_errmsg());
	if (call.before != NULL)
		compare(call.before, call.spared, call.name);
}

int
post_after(int rc, int bound_ms)
{
	int64_t took = clock_now_ms() - call.start;
	const char *name;

	if (!calm)
		injected = torture_end();
	if (took > (int64_t)(bound_ms * clock_multiplier()))
		post_fail("%s: %ld ms", call.name, (long)took);
	if (rc < 0)
		check_failure(rc);
	snapshot_free(call.before);
	name = rc < 0 ? proclc_error_name(rc) : NULL;
	post_say("%s%s %d%s%s", calm ? "calm " : "", call.name, rc,
	    name == NULL ? "" : " ", name == NULL ? "" : name);
	return rc;
}

bool
post_signal(int signo)
{
	bool sent;

	errno = ODD_ERRNO;
	sent = kill(getpid(), signo) == 0;
	if (sent && errno != ODD_ERRNO)
		post_fail("errno is %d after a signal", errno);
	return sent;
}

static double
cpu_ms(void)
{
	struct timespec used;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	return (double)used.tv_sec * 1e3 + (double)used.tv_nsec / 1e6;
}

void
post_idle(void)
{
	/* The tracer's work counts, too: there only a loop is seen. */
	int ms = calm ? 500 : 100;
	double used, most = calm ? 0.01 * ms : 0.2 * ms;
	struct timespec time = { 0, ms * 1000000L };
	int64_t took = clock_now_ms();
	long before = injected;

	if (getenv(calm ? "TORTURE_IDLE_CALM" : "TORTURE_IDLE") == NULL)
		return;
	if (!calm)
		torture_begin();
	used = cpu_ms();
	clock_nanosleep(CLOCK_MONOTONIC, 0, &time, NULL);
	used = cpu_ms() - used;
	took = clock_now_ms() - took;
	if (!calm)
		injected = torture_end();
	post_say("idle %d ms", ms);
	if (used > most * clock_multiplier())
		post_fail("%.1f ms of processor in %d idle ms", used, ms);
	/* A few at once, then one in 10 ms. */
	if (injected - before > 40 + took / 5)
		post_fail("%ld failures in %ld idle ms", injected - before,
		    (long)took);
}

/* The end. */

struct holdings {
	int fds;
	int threads;
	long living;
};

static struct holdings steady;

static struct holdings
count_holdings(void)
{
	struct holdings now = { .living = 0 };
	struct os_thread *threads;
	int *fds;

	now.fds = fds_list(&fds);
	now.threads = os_threads(&threads);
	if (alloc_living != NULL)
		now.living = alloc_living();
	free(fds);
	free(threads);
	return now;
}

void
post_steady(void)
{
	steady = count_holdings();
}

/* The dispatcher frees an old table in its next round only.  A table that is
 * made at the second use is no leak: it is there without torture, too. */
static struct holdings
settle(void)
{
	const char *usual = getenv("TORTURE_LIVING");
	const char *crowd = getenv("TORTURE_THREADS");
	long most = usual == NULL ? 0 : atol(usual);
	int threads = steady.threads;
	int64_t deadline = clock_deadline(500);
	struct holdings now = count_holdings();

	if (most < steady.living)
		most = steady.living;
	/* It may have been counted when one was leaving. */
	if (crowd != NULL && atoi(crowd) < threads)
		threads = atoi(crowd);
	/* A joined thread is listed for a moment more, and a child whose end
	 * the dispatcher has yet to see has its descriptor. */
	while ((now.living > most || now.threads > threads ||
	    now.fds > steady.fds) && clock_left_ms(deadline) > 0 &&
	    poll(NULL, 0, 1) == 0)
		now = count_holdings();
	steady.living = most;
	return now;
}

/* Nor is a wake-up that is made again, after its failure. */
static void
check_steady(const struct holdings *now)
{
	const char *usual = getenv("TORTURE_FDS");
	int most = usual == NULL ? 0 : atoi(usual);

	if (most < steady.fds)
		most = steady.fds;
	if (now->fds > most || now->threads > steady.threads ||
	    now->living > steady.living)
		post_fail("each time some more: fds %d, %d; threads %d, %d; "
		    "living %ld, %ld", steady.fds, now->fds, steady.threads,
		    now->threads, steady.living, now->living);
}

int
post_end(void)
{
	struct holdings now = settle();

	check_steady(&now);
	compare(at_begin, own & ~(unsigned)TOOLKIT_FILES, "in the end");
	snapshot_free(at_begin);
	post_say("injected %ld", injected);
	post_say("left: fds %d threads %d living %ld", now.fds, now.threads,
	    now.living);
	return failures == 0 ? 0 : 1;
}
