/* A daemon that does nothing yet. */
#include <proclc.h>
#include <stdio.h>
#include <unistd.h>

int
main(void)
{
	struct proclc_daemon_options o = PROCLC_DAEMON_OPTIONS_INIT;

	o.pid_file = "clockd.pid";
	if (proclc_daemonize(&o) < 0) {
		fprintf(stderr, "clockd: %s\n", proclc_errmsg());
		return 1;
	}
	for (;;)
		pause();
}
