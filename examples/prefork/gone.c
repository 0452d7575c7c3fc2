/*
 * gone.c - wait until processes are gone, whoever their parent is.
 *
 *	gone MS PID...
 *
 * Ends with 0 as soon as the last of them is gone, with 1 when one still lives
 * after MS milliseconds, with 69 where the library has no MANUAL dispatch.  It
 * sleeps until the kernel tells it: watches of orphan.h, which can look at any
 * process.
 */
#include <proclc.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static int living;

static void
ended(struct proclc_orphan *watch, void *user)
{
	(void)user;
	living--;
	proclc_orphan_free(watch);
}

static int
begin_watch(int64_t pid)
{
	struct proclc_orphan_options options = PROCLC_ORPHAN_OPTIONS_INIT;
	struct proclc_orphan *watch;
	int rc;

	options.pid = pid;
	rc = proclc_orphan_new(&watch, &options);
	if (rc < 0)
		return rc;
	rc = proclc_orphan_add_callback(watch, ended, NULL);
	if (rc == 0)
		rc = proclc_orphan_start(watch);
	if (rc == 0)
		living++;
	else
		proclc_orphan_free(watch);
	return rc == PROCLC_EORPHANED ? 0 : rc;
}

static int64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int
main(int argc, char **argv)
{
	int64_t pid, deadline;

	if (argc < 3) {
		fprintf(stderr, "usage: gone MS PID...\n");
		return 64;
	}
	if (proclc_set_dispatch_mode(PROCLC_DISPATCH_MANUAL) < 0) {
		fprintf(stderr, "gone: %s\n", proclc_errmsg());
		return 69;
	}
	deadline = now_ms() + strtoll(argv[1], NULL, 10);
	for (int i = 2; i < argc; i++) {
		pid = strtoll(argv[i], NULL, 10);
		if (pid <= 0 || begin_watch(pid) < 0) {
			fprintf(stderr, "gone: %s: %s\n", argv[i],
			    pid <= 0 ? "not a pid" : proclc_errmsg());
			return 2;
		}
	}
	while (living > 0 && now_ms() < deadline)
		if (proclc_dispatch(deadline - now_ms()) < 0)
			break;
	return living > 0;
}
