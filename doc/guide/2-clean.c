/* A daemon whose start tells the truth, and that cleans up. */
#include <proclc.h>
#include <stdio.h>
#include <unistd.h>

/* From clockd.conf: how long from tick to tick, in ms. */
static int
read_interval(void)
{
	FILE *file = fopen("clockd.conf", "r");
	int ms = 0;

	if (file == NULL)
		return 0;
	if (fscanf(file, "%d", &ms) != 1)
		ms = 0;
	fclose(file);
	return ms;
}

static void
say_end(void *user, const struct proclc_exit_cause *cause)
{
	(void)user;
	if (cause->signum != 0)
		printf("the end, by SIG%s\n",
		    proclc_signal_name(cause->signum));
	else
		printf("the end, with %d\n", (int)cause->code);
}

int
main(void)
{
	struct proclc_daemon_options o = PROCLC_DAEMON_OPTIONS_INIT;

	o.flags = PROCLC_DAEMON_WAIT_READY;
	o.pid_file = "clockd.pid";
	o.stdout_path = "clockd.log";
	if (proclc_daemonize(&o) < 0) {
		fprintf(stderr, "clockd: %s\n", proclc_errmsg());
		return 1;
	}
	if (proclc_atexit_install(NULL) < 0 ||
	    proclc_atexit_register(say_end, NULL, 0) < 0)
		proclc_daemon_fail(1, NULL);
	if (read_interval() <= 0)
		proclc_daemon_fail(1, "clockd: no interval in clockd.conf");
	proclc_daemon_ready();
	for (;;)
		pause();
}
