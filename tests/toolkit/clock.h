/* Bounds of time in tests: upper bounds, only to fail, never to wait. */
#ifndef TOOLKIT_CLOCK_H
#define TOOLKIT_CLOCK_H

#include <stdint.h>
#include <stdlib.h>
#include <time.h>

/* How much slower than usual things may be: Check's variable or ours. */
static inline double
clock_multiplier(void)
{
	const char *text = getenv("PROCLC_TEST_MULTIPLIER");
	double value;

	if (text == NULL)
		text = getenv("CK_TIMEOUT_MULTIPLIER");
	value = text == NULL ? 1 : strtod(text, NULL);
	return value > 0 ? value : 1;
}

static inline int64_t
clock_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The moment timeout_ms (times the multiplier; 0: 10 s) from now. */
static inline int64_t
clock_deadline(int timeout_ms)
{
	double ms = timeout_ms > 0 ? timeout_ms : 10000;

	return clock_now_ms() + (int64_t)(ms * clock_multiplier());
}

/* What poll() may wait until then: 0 when it has passed. */
static inline int
clock_left_ms(int64_t deadline)
{
	int64_t left = deadline - clock_now_ms();

	return left > 0 ? (int)left : 0;
}

#endif
