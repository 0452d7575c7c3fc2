/*
 * The main function of every Check program:
 *
 *	int
 *	main(void)
 *	{
 *		return toolkit_main(make_suite);
 *	}
 *
 * make builds the suite after the state that Check needs is set: SIGCHLD
 * default, nothing blocked, fds 0-2 open, inherited ones close-on-exec, and
 * orphans of the tests are ours.  A test may take 20 s (CK_DEFAULT_TIMEOUT)
 * times PROCLC_TEST_MULTIPLIER.  CK_TAP_LOG_FILE_NAME=- gives TAP.
 *
 * Returns 0, or 1 when a test failed, or when none ran although none of
 * CK_RUN_SUITE, CK_RUN_CASE and the tag variables chose among them.
 */
#ifndef TOOLKIT_MAIN_H
#define TOOLKIT_MAIN_H

#include <check.h>

int toolkit_main(Suite *(*make)(void));

#endif
