/*
 * tell.c - send a signal to the daemon that holds a pid file.
 *
 *	tell PID_FILE SIGNAL
 *
 * What kill "$(cat PID_FILE)" is for, without its danger: when the file is
 * stale, nobody is signalled, and it says so.
 */
#include <proclc.h>

#include <stdio.h>

int
main(int argc, char **argv)
{
	int signum;

	if (argc != 3) {
		fprintf(stderr, "usage: tell PID_FILE SIGNAL\n");
		return 64;
	}
	signum = proclc_signal_number(argv[2]);
	if (signum < 0 || proclc_send(argv[1], signum) < 0) {
		fprintf(stderr, "tell: %s\n", proclc_errmsg());
		return 1;
	}
	return 0;
}
