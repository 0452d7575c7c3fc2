/* worker.h - the process that one case lives in. */
#ifndef BENCH_WORKER_H
#define BENCH_WORKER_H

#include <stdbool.h>
#include <sys/types.h>

#include "bench.h"

struct worker {
	const struct bench_case *of;
	unsigned n;
	pid_t pid;	/* 0: there is none */
	int to, from;
	char skipped[96];	/* why it cannot run; "": it can */
	double *values;	/* for each round: ns of one operation, or a count */
};

/* cpu: where it and all it makes may run; < 0: anywhere.  others: earlier
 * workers, whose ends of pipes are none of its own.  Each of the three
 * returns whether all is well; if not, it has said why. */
bool
worker_start(struct worker *worker, int cpu, const struct worker *others,
    size_t n_others);
/* One round: value receives the ns of n operations, or the count. */
bool
worker_measure(struct worker *worker, bool count, int64_t *value);
bool
worker_stop(struct worker *worker);

#endif
