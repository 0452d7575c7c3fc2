/* The main function of every Check program. */
#define _GNU_SOURCE 1

#include "main.h"
#include "fds.h"
#include "fixture.h"
#include "os.h"

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Check waits for ever on an ignored SIGCHLD, and its clock is SIGALRM. */
static void
reset_signals(void)
{
	sigset_t none;

	signal(SIGCHLD, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static void
tidy_fds(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd < 3);
	if (fd >= 0)
		close(fd);
	fds_close_on_exec();
}

static void
set_timeouts(void)
{
	const char *multiplier = getenv("PROCLC_TEST_MULTIPLIER");

	setenv("CK_DEFAULT_TIMEOUT", "20", 0);
	if (multiplier != NULL)
		setenv("CK_TIMEOUT_MULTIPLIER", multiplier, 1);
}

static bool
is_set(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && *value != '\0';
}

static bool
tap_on_stdout(void)
{
	const char *tap = getenv("CK_TAP_LOG_FILE_NAME");

	return tap != NULL && strcmp(tap, "-") == 0;
}

/* "1..0" would pass for a skip, and nobody would miss the tests. */
static int
nothing_ran(void)
{
	if (is_set("CK_RUN_SUITE") || is_set("CK_RUN_CASE") ||
	    is_set("CK_INCLUDE_TAGS") || is_set("CK_EXCLUDE_TAGS"))
		return 0;
	if (tap_on_stdout())
		dprintf(1, "Bail out! no test ran\n");
	dprintf(2, "toolkit: no test ran\n");
	return 1;
}

int
toolkit_main(Suite *(*make)(void))
{
	SRunner *runner;
	int failed, ran;

	reset_signals();
	tidy_fds();
	set_timeouts();
	if (!os_become_subreaper())
		dprintf(2, "toolkit: not checked here: orphans of tests\n");
	runner = srunner_create(make());
	fixture_begin();
	srunner_run_all(runner, tap_on_stdout() && !is_set("CK_VERBOSITY") ?
	    CK_SILENT : CK_ENV);
	fixture_end();
	failed = srunner_ntests_failed(runner);
	ran = srunner_ntests_run(runner);
	srunner_free(runner);
	if (ran == 0)
		return nothing_ran();
	return failed == 0 ? 0 : 1;
}
