/* windows.c - what proclc(1) cannot do on Windows, and need not. */
#include "proclc.h"

#include <stddef.h>

/* A handle is never one of the standard ones by its number. */
void
hold_standard(void)
{
}

static int
run(const struct command *self, int argc, char **argv)
{
	static const struct option options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 }
	};

	next_option(self, argc, argv, options);
	say(self, "not on Windows: a process cannot become another program,"
	    " nor adopt orphans; see proclc_daemonize(), proclc_command_new()");
	return 1;
}

#define NOT_HERE "It is not to be had on Windows, and ends with 1.\n"

const struct command command_daemon = { .name = "daemon", .usage = "...",
	.help = NOT_HERE, .run = run };
const struct command command_keep = { .name = "keep", .usage = "...",
	.help = NOT_HERE, .run = run };
const struct command command_run = { .name = "run", .usage = "...",
	.help = NOT_HERE, .run = run };
