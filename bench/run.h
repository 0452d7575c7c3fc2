/* run.h - the rounds of one bench, and what comes of them. */
#ifndef BENCH_RUN_H
#define BENCH_RUN_H

#include <stdbool.h>

#include "bench.h"

struct settings {
	int cpu;	/* < 0: any */
	unsigned rounds;
	double share;	/* of the operations of a round: 1 is all */
	bool progress;	/* on stderr */
};

enum verdict { VERDICT_NONE, VERDICT_GOOD, VERDICT_MISSED, VERDICT_SKIPPED };

struct result {
	const struct bench_row *row;
	unsigned n, rounds;
	double *ratios;	/* by round; NULL in a row that counts */
	/* ns of one operation, or a count */
	double floor_median, floor_min, ours_median, ours_min;
	double median, min, p90;	/* of the ratios */
	double minima;	/* the ratio of the minima */
	enum verdict verdict;
	char skipped[160];	/* why */
};

/* Run n_rows rows of one bench into as many results; the caller frees their
 * ratios.  Returns whether all is well: if not, it has been said why. */
bool
bench_run(const struct bench_row *rows, size_t n_rows,
    const struct settings *settings, struct result *results);

#endif
