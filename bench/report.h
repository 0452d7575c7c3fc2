/* report.h - results for people, and for programs. */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include <stdio.h>

#include "run.h"

/* The table on a terminal: a head, then the rows of one bench after the
 * other. */
void
report_head(FILE *out);
void
report_bench(FILE *out, const struct result *results, size_t n);

/* All results into PREFIX.tsv and PREFIX.json. */
bool
report_files(const char *prefix, const struct result *results, size_t n);

#endif
