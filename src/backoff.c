/*
 * backoff.c - how long to wait before something runs again.
 *
 * Only arithmetic: what the time is, and who ended, others know.
 */
#include "backoff.h"

#include "error.h"

enum { MIN_UPTIME_MS = 1000, FIRST_MS = 100, MAX_MS = 30000 };

/* A member that may be left out, or be none at all. */
static int64_t
time_of(int64_t ms, int64_t otherwise)
{
	if (ms == PROCLC_NOW)
		return 0;
	return ms == 0 ? otherwise : ms;
}

static bool
is_time(int64_t ms)
{
	return ms >= 0 || ms == PROCLC_NOW;
}

int
pcl_backoff_init(struct pcl_backoff *b, const struct proclc_restart *policy)
{
	*b = (struct pcl_backoff){
		.min_uptime = time_of(policy->min_uptime_ms, MIN_UPTIME_MS),
		.first = time_of(policy->delay_ms, FIRST_MS),
		.limit = policy->limit,
	};
	b->max = policy->max_delay_ms;
	if (b->max == 0)
		b->max = b->first > MAX_MS ? b->first : MAX_MS;
	b->next = b->first;
	if (policy->when > PROCLC_RESTART_ALWAYS || policy->reserved != 0 ||
	    !is_time(policy->min_uptime_ms) || !is_time(policy->delay_ms) ||
	    b->max < b->first)
		return pcl_fail(PROCLC_EINVAL, PROCLC_STAGE_ARGUMENTS,
		    "restart policy");
	return 0;
}

int64_t
pcl_backoff_delay(struct pcl_backoff *b, int64_t uptime)
{
	int64_t delay;

	if (uptime >= b->min_uptime) {
		b->early = 0;
		b->next = b->first;
		return b->first;
	}
	if (b->early < UINT32_MAX)
		b->early++;
	if (b->limit != 0 && b->early >= b->limit)
		return -1;
	delay = b->next;
	/* Not twice as much where that is no number any more. */
	b->next = delay > b->max / 2 ? b->max : 2 * delay;
	return delay;
}
