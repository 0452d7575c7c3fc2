/* Signals by name and by number; which there are, each port says. */
#define _GNU_SOURCE 1

#include "toolkit/toolkit.h"

#include <proclc.h>

#include <signames.h>
#include <stdio.h>
#include <string.h>

static const struct {
	int signum;
	const char *name;
} signals[] = { SIGNAMES };

enum { SIGNALS = sizeof(signals) / sizeof(signals[0]) };

START_TEST(signal_name_is_the_systems)
{
	ck_assert_str_eq(proclc_signal_name(signals[_i].signum),
	    signals[_i].name);
}
END_TEST

START_TEST(signal_number_takes_every_spelling)
{
	const char *name = signals[_i].name;
	char text[32];
	size_t n;

	ck_assert_int_eq(proclc_signal_number(name), signals[_i].signum);
	snprintf(text, sizeof(text), "SIG%s", name);
	ck_assert_int_eq(proclc_signal_number(text), signals[_i].signum);
	n = strlen(text);
	for (size_t i = 0; i < n; i++)
		text[i] = (char)(text[i] >= 'A' ? text[i] + 32 : text[i]);
	ck_assert_int_eq(proclc_signal_number(text), signals[_i].signum);
	ck_assert_int_eq(proclc_signal_number(text + 3), signals[_i].signum);
	text[3] = (char)(text[3] - 32);
	ck_assert_int_eq(proclc_signal_number(text), signals[_i].signum);
	snprintf(text, sizeof(text), "%d", signals[_i].signum);
	ck_assert_int_eq(proclc_signal_number(text), signals[_i].signum);
}
END_TEST

/* All that there are, whatever their names. */
START_TEST(signal_names_and_numbers_are_inverse)
{
	char text[16];
	int named = 0;

	for (int signum = -2; signum <= 130; signum++) {
		const char *name = proclc_signal_name(signum);

		if (name == NULL)
			continue;
		named++;
		ck_assert_int_eq(proclc_signal_number(name), signum);
		snprintf(text, sizeof(text), "%d", signum);
		ck_assert_int_eq(proclc_signal_number(text), signum);
	}
	ck_assert_int_ge(named, SIGNAMES_LEAST);
}
END_TEST

START_TEST(signal_name_of_none_is_null)
{
	static const int none[] = { 0, -1, 65, 100, 1000, -2147483647 - 1,
	    2147483647 };

	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		ck_assert_ptr_null(proclc_signal_name(none[i]));
	/* The C library's own have none either. */
	for (int signum = 32; signum < SIGRTMIN; signum++)
		ck_assert_ptr_null(proclc_signal_name(signum));
}
END_TEST

START_TEST(signal_number_realtime)
{
	static const struct {
		const char *name;
		int from_min;
	} cases[] = {
		{ "RTMIN", 0 }, { "RTMIN+0", 0 }, { "RTMIN+1", 1 },
		{ "SIGRTMIN+1", 1 }, { "rtmin+15", 15 }, { "RTMIN+30", 30 },
	};
	char text[32];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ck_assert_int_eq(proclc_signal_number(cases[i].name),
		    SIGRTMIN + cases[i].from_min);
	ck_assert_int_eq(proclc_signal_number("RTMAX"), SIGRTMAX);
	ck_assert_int_eq(proclc_signal_number("RTMAX-2"), SIGRTMAX - 2);
	snprintf(text, sizeof(text), "RTMIN+%d", SIGRTMAX - SIGRTMIN + 1);
	ck_assert_int_eq(proclc_signal_number(text), PROCLC_ESIGNAL);
	snprintf(text, sizeof(text), "RTMAX-%d", SIGRTMAX - SIGRTMIN + 1);
	ck_assert_int_eq(proclc_signal_number(text), PROCLC_ESIGNAL);
}
END_TEST

START_TEST(signal_number_rubbish_is_ESIGNAL)
{
	static const char *const rubbish[] = { "", "SIG", "0", "-1", "+15",
	    "015x", "15 ", " 15", "1 5", "0x0f", "65", "1000", "32",
	    "99999999999999999999", "TERM ", " TERM", "TERMX", "TER",
	    "SIGSIGTERM", "SIG_TERM", "NOSUCH", "RT", "RTMIN+", "RTMIN-1",
	    "RTMIN+-1", "RTMIN+1x", "RTMIN 1", "RTMAX+1", "RTMIN++1",
	    "A name far longer than that of any signal there is", "\x01",
	    "T\xc3\xa9rm" };

	for (size_t i = 0; i < sizeof(rubbish) / sizeof(rubbish[0]); i++)
		ck_assert_msg(proclc_signal_number(rubbish[i]) ==
		    PROCLC_ESIGNAL, "\"%s\" is %d", rubbish[i],
		    proclc_signal_number(rubbish[i]));
	ck_assert_int_eq(proclc_signal_number(NULL), PROCLC_EINVAL);
}
END_TEST

START_TEST(signal_constants_are_the_systems)
{
	ck_assert_int_eq(PROCLC_SIGHUP, SIGHUP);
	ck_assert_int_eq(PROCLC_SIGINT, SIGINT);
	ck_assert_int_eq(PROCLC_SIGQUIT, SIGQUIT);
	ck_assert_int_eq(PROCLC_SIGABRT, SIGABRT);
	ck_assert_int_eq(PROCLC_SIGKILL, SIGKILL);
	ck_assert_int_eq(PROCLC_SIGUSR1, SIGUSR1);
	ck_assert_int_eq(PROCLC_SIGUSR2, SIGUSR2);
	ck_assert_int_eq(PROCLC_SIGTERM, SIGTERM);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("signal names");
	TCase *names = tcase_create("names");

	tcase_add_checked_fixture(names, toolkit_setup, toolkit_teardown);
	tcase_add_loop_test(names, signal_name_is_the_systems, 0, SIGNALS);
	tcase_add_loop_test(names, signal_number_takes_every_spelling, 0,
	    SIGNALS);
	tcase_add_test(names, signal_names_and_numbers_are_inverse);
	tcase_add_test(names, signal_name_of_none_is_null);
	tcase_add_test(names, signal_number_realtime);
	tcase_add_test(names, signal_number_rubbish_is_ESIGNAL);
	tcase_add_test(names, signal_constants_are_the_systems);
	suite_add_tcase(suite, names);
	return suite;
}

int
main(void)
{
	return toolkit_main(make_suite);
}
