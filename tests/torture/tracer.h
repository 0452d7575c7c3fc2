/* Runs a command under rules. */
#ifndef TORTURE_TRACER_H
#define TORTURE_TRACER_H

#include "rules.h"

enum { MAX_RULES = 16 };

struct tracer {
	char **argv;
	struct rule rules[MAX_RULES];
	int rule_count;
	bool marked;         /* only between a program's marks (mark.h) */
	bool record;
	int report;          /* descriptor */
	int64_t limit_ms;    /* for all; 0: none */
	int64_t linger_ms;   /* how long others may outlive the command; -1 */
};

enum { TRACER_TIMEOUT = 124, TRACER_FAILED = 125, TRACER_FORBIDDEN = 77 };

/*
 * The command's wait status, or -1 with *code one of the above, told on
 * stderr.  The report has been written.
 */
int tracer_run(struct tracer *tracer, int *code);

/* The report, a line at a time. */
void report(const struct tracer *tracer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
