/* parent.h - parents that are big, or have a lot open. */
#ifndef BENCH_PARENT_H
#define BENCH_PARENT_H

#include "bench.h"

/* Make this worker one; NULL, or why it cannot be. */
const char *
parent_fill(size_t mb);
const char *
parent_open(int n);

#endif
