/*
 * bench.h - side-by-side benchmarks.
 *
 * A row compares two cases: ours, and its floor, which does the same by bare
 * system calls.  Each case has a process of its own, its worker, forked from
 * this program before it has called the library, so that no case finds what
 * another one has left in memory.  In every round every case of a bench runs
 * once, another one first each time, and a round gives one ratio.  Only
 * ratios are results: nothing here is compared with a time.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stddef.h>
#include <stdint.h>

/* One way to do a thing. */
struct bench_case {
	const char *name;
	/* Called once in the worker, before anything else; what it makes
	 * stays until teardown.  NULL: none is needed.  Returns NULL, or why
	 * the case cannot run here. */
	const char *(*setup)(void);
	/* One operation; or, where n of them are not n times one, run: it
	 * returns what they took in ns (a count, in rows that count). */
	void (*op)(void);
	int64_t (*run)(unsigned n);
	void (*teardown)(void);
};

enum bench_kind {
	BENCH_MEDIAN,	/* the gate is for the median of the ratios */
	BENCH_MINIMA,	/* for the ratio of the fastest rounds: where a round
			 * is fast or slow by chance, as with fork */
	BENCH_COUNT	/* no time but a number of events, and no ratio */
};

struct bench_row {
	const char *bench;	/* what it belongs to and is chosen by */
	const struct bench_case *floor, *ours;
	unsigned n;	/* operations in a part; a round has 20 of them, or
			 * fewer where these take long */
	double gate;	/* not to be passed; 0: none, but for a count */
	enum bench_kind kind;
};

/* The tables, each ended by a row without a bench; rows of one bench stand
 * together.  A case in several rows is measured once. */
extern const struct bench_row rows_close[];
extern const struct bench_row rows_command[];
extern const struct bench_row rows_crowd[];
extern const struct bench_row rows_daemon[];
extern const struct bench_row rows_fork[];
extern const struct bench_row rows_handler[];
extern const struct bench_row rows_idle[];
extern const struct bench_row rows_latency[];
extern const struct bench_row rows_orphan[];
extern const struct bench_row rows_pidfile[];
extern const struct bench_row rows_registry[];
extern const struct bench_row rows_send[];
extern const struct bench_row rows_storm[];
extern const struct bench_row rows_task[];

/* For cases.  In a worker, say what went wrong and end: a case that does not
 * do its work has no time. */
#if defined __GNUC__
__attribute__((__format__(__printf__, 1, 2)))
#endif
_Noreturn void
bench_fatal(const char *format, ...);
/* The same when rc says that a call failed: of the library, or of libc. */
void
bench_proclc(int rc, const char *what);
void
bench_libc(int rc, const char *what);
int64_t
bench_now_ns(void);
/* How much of it all is wanted: 1, or less of what a setup makes. */
extern double bench_share;

#endif
