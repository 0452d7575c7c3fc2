/*
 * The delays of a restart policy, on a clock that the test sets: what they
 * are is compared with the numbers that the manual has.
 */
#include "toolkit/toolkit.h"

#include <proclc/error.h>

#include "backoff.h"

static struct pcl_backoff
backoff_of(struct proclc_restart policy)
{
	struct pcl_backoff backoff;

	policy.size = sizeof(policy);
	policy.when = PROCLC_RESTART_ALWAYS;
	ck_assert_int_eq(pcl_backoff_init(&backoff, &policy), 0);
	return backoff;
}

/* After so many runs of this length the delays are these. */
static void
expect(struct pcl_backoff *backoff, int64_t uptime, const int64_t *delays,
    size_t n)
{
	for (size_t i = 0; i < n; i++)
		ck_assert_msg(pcl_backoff_delay(backoff, uptime) == delays[i],
		    "delay %zu is not %lld", i, (long long)delays[i]);
}

#define EXPECT(backoff, uptime, ...) \
	expect(backoff, uptime, (const int64_t[]){ __VA_ARGS__ }, \
	    sizeof((const int64_t[]){ __VA_ARGS__ }) / sizeof(int64_t))

START_TEST(default_delays_double_from_100_ms_to_30_s)
{
	struct pcl_backoff b = backoff_of((struct proclc_restart){ 0 });

	EXPECT(&b, 0, 100, 200, 400, 800, 1600, 3200, 6400, 12800, 25600,
	    30000, 30000, 30000);
}
END_TEST

START_TEST(delays_stop_at_the_most_that_was_asked_for)
{
	struct pcl_backoff b = backoff_of((struct proclc_restart){
	    .delay_ms = 50, .max_delay_ms = 101 });

	EXPECT(&b, 999, 50, 100, 101, 101);
	b = backoff_of((struct proclc_restart){ .delay_ms = 7,
	    .max_delay_ms = 7 });
	EXPECT(&b, 0, 7, 7, 7);
	b = backoff_of((struct proclc_restart){ .delay_ms = 40000 });
	EXPECT(&b, 0, 40000, 40000);
}
END_TEST

START_TEST(delay_is_the_first_again_after_a_run_that_lasted)
{
	struct pcl_backoff b = backoff_of((struct proclc_restart){ 0 });

	EXPECT(&b, 999, 100, 200, 400);
	EXPECT(&b, 1000, 100);
	EXPECT(&b, 1000, 100, 100);
	EXPECT(&b, 999, 100, 200);
	EXPECT(&b, INT64_MAX, 100);
}
END_TEST

START_TEST(run_is_early_by_the_uptime_that_was_asked_for)
{
	struct pcl_backoff b = backoff_of((struct proclc_restart){
	    .min_uptime_ms = 5 });

	EXPECT(&b, 4, 100, 200);
	EXPECT(&b, 5, 100, 100);
	b = backoff_of((struct proclc_restart){
	    .min_uptime_ms = PROCLC_NOW, .limit = 1 });
	EXPECT(&b, 0, 100, 100, 100);
}
END_TEST

START_TEST(no_delay_stays_none)
{
	struct pcl_backoff b = backoff_of((struct proclc_restart){
	    .delay_ms = PROCLC_NOW });

	EXPECT(&b, 0, 0, 0, 0, 0);
	EXPECT(&b, 2000, 0);
}
END_TEST

START_TEST(limit_counts_early_ends_in_a_row)
{
	struct pcl_backoff b = backoff_of((struct proclc_restart){
	    .limit = 3 });

	EXPECT(&b, 0, 100, 200);
	EXPECT(&b, 1000, 100);
	EXPECT(&b, 0, 100, 200, -1, -1);
	b = backoff_of((struct proclc_restart){ .limit = 1 });
	EXPECT(&b, 1000, 100, 100);
	EXPECT(&b, 0, -1);
}
END_TEST

START_TEST(delays_and_counts_do_not_overflow)
{
	struct pcl_backoff b = backoff_of((struct proclc_restart){
	    .delay_ms = INT64_MAX / 2 + 1, .max_delay_ms = INT64_MAX });

	EXPECT(&b, 0, INT64_MAX / 2 + 1, INT64_MAX, INT64_MAX);
	b.early = UINT32_MAX - 1;
	EXPECT(&b, 0, INT64_MAX, INT64_MAX);
	ck_assert_uint_eq(b.early, UINT32_MAX);
}
END_TEST

static const struct proclc_restart bad[] = {
	{ .when = 3 },
	{ .min_uptime_ms = -1 },
	{ .min_uptime_ms = -3 },
	{ .delay_ms = -1 },
	{ .delay_ms = INT64_MIN },
	{ .max_delay_ms = -1 },
	{ .max_delay_ms = PROCLC_NOW },
	{ .max_delay_ms = 99 },
	{ .delay_ms = 10, .max_delay_ms = 9 },
	{ .reserved = 1 },
};

START_TEST(what_is_no_policy_is_refused)
{
	struct pcl_backoff backoff;

	ck_assert_int_eq(pcl_backoff_init(&backoff, &bad[_i]),
	    PROCLC_EINVAL);
}
END_TEST

static Suite *
backoff_suite(void)
{
	Suite *suite = suite_create("backoff");
	TCase *tc = tcase_create("delays");

	tcase_add_checked_fixture(tc, toolkit_setup, toolkit_teardown);
	tcase_add_test(tc, default_delays_double_from_100_ms_to_30_s);
	tcase_add_test(tc, delays_stop_at_the_most_that_was_asked_for);
	tcase_add_test(tc, delay_is_the_first_again_after_a_run_that_lasted);
	tcase_add_test(tc, run_is_early_by_the_uptime_that_was_asked_for);
	tcase_add_test(tc, no_delay_stays_none);
	tcase_add_test(tc, limit_counts_early_ends_in_a_row);
	tcase_add_test(tc, delays_and_counts_do_not_overflow);
	tcase_add_loop_test(tc, what_is_no_policy_is_refused, 0,
	    (int)(sizeof(bad) / sizeof(bad[0])));
	suite_add_tcase(suite, tc);
	return suite;
}

int
main(void)
{
	return toolkit_main(backoff_suite);
}
