/*
 * first DIR: a daemon that was compiled with the library's first headers, whose
 * structs are followed by what is none of theirs.  Its pid file is DIR/pid;
 * DIR/log has what its exit handler was told.
 */
#include "../first.h"

#include "../toolkit/scn.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct {
	struct proclc_daemon_options options;
	unsigned char foreign[256];
} daemon_options = { PROCLC_DAEMON_OPTIONS_INIT, { 0 } };

static struct {
	struct proclc_atexit_options options;
	unsigned char foreign[256];
} install_options = { PROCLC_ATEXIT_OPTIONS_INIT, { 0 } };

static void
say_end(void *user, const struct proclc_exit_cause *cause)
{
	printf("%s %d %d\n", (const char *)user, (int)cause->kind,
	    (int)cause->signum);
}

int
main(int argc, char **argv)
{
	static char word[] = "the end";
	char pid[600], log[600];

	die_if(argc != 2, "usage: first DIR");
	snprintf(pid, sizeof(pid), "%s/pid", argv[1]);
	snprintf(log, sizeof(log), "%s/log", argv[1]);
	memset(daemon_options.foreign, 0xa5, sizeof(daemon_options.foreign));
	memset(install_options.foreign, 0xa5, sizeof(install_options.foreign));
	daemon_options.options.flags = PROCLC_DAEMON_WAIT_READY;
	daemon_options.options.pid_file = pid;
	daemon_options.options.stdout_path = log;
	daemon_options.options.umask = 022 | PROCLC_UMASK_SET;
	die_if(proclc_daemonize(&daemon_options.options) < 0,
	    proclc_errmsg());
	if (proclc_atexit_install(&install_options.options) < 0 ||
	    proclc_atexit_register(say_end, word, 0) < 0)
		proclc_daemon_fail(3, NULL);
	proclc_daemon_ready();
	for (;;)
		pause();
}
