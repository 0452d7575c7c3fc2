/*
 * What a scenario has in use: to be compared before and after.
 *
 *	struct measure before = measure_take();
 *	...
 *	say("%s", measure_since(&before, text, sizeof(text)));
 */
#ifndef SCN_MEASURE_H
#define SCN_MEASURE_H

#include "../settle.h"
#include "../toolkit/fds.h"
#include "../toolkit/scn.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

struct measure {
	int64_t heap;     /* bytes given out by malloc; -1: unknown */
	int64_t rss;      /* KiB; -1: unknown */
	int fds;
};

/* As glibc has it; another libc does not. */
struct measure_heap {
	size_t arena, ordblks, smblks, hblks, hblkhd;
	size_t usmblks, fsmblks, uordblks, fordblks, keepcost;
};

struct measure_heap mallinfo2(void) __attribute__((weak));

static inline int64_t
measure_heap_bytes(void)
{
	struct measure_heap heap;

	/* A sanitizer has an allocator of its own. */
	if (mallinfo2 == NULL || settle_under_asan())
		return -1;
	heap = mallinfo2();
	return (int64_t)(heap.uordblks + heap.hblkhd);
}

static inline int64_t
measure_rss_kb(void)
{
	FILE *file = fopen("/proc/self/statm", "re");
	long pages = -1;

	if (file == NULL || settle_under_asan() ||
	    fscanf(file, "%*s %ld", &pages) != 1)
		pages = -1;
	if (file != NULL)
		fclose(file);
	return pages < 0 ? -1 : pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static inline struct measure
measure_take(void)
{
	struct measure m;
	int *fds;

	m.fds = fds_list(&fds);
	free(fds);
	m.rss = measure_rss_kb();
	m.heap = measure_heap_bytes();
	return m;
}

/* 1: there is a child that lives, or that nobody has waited for. */
static inline int
measure_children(void)
{
	siginfo_t info;

	return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

/* "fds N children N heap N rss N": what has come since; 0: unknown, too. */
static inline const char *
measure_since(const struct measure *before, char *text, size_t size)
{
	struct measure now = measure_take();

	snprintf(text, size, "fds %d children %d heap %lld rss %lld",
	    now.fds - before->fds, measure_children(),
	    (long long)(now.heap - before->heap),
	    (long long)(now.rss - before->rss));
	return text;
}

static inline int64_t
measure_clock_us(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static inline int64_t
measure_us(void)
{
	return measure_clock_us(CLOCK_MONOTONIC);
}

/* The processor's time that this process has had: others do not count. */
static inline int64_t
measure_cpu_us(void)
{
	return measure_clock_us(CLOCK_PROCESS_CPUTIME_ID);
}

#endif
