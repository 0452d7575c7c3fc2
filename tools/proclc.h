/* proclc.h - what the commands of proclc(1) have in common. */
#ifndef TOOLS_PROCLC_H
#define TOOLS_PROCLC_H

#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>

/* Exit codes: the program's own, as of sysexits.h, and the shell's for a
 * command that could not be run. */
enum { EXIT_USAGE = 64, EXIT_NOT_RUN = 126, EXIT_NOT_FOUND = 127 };

/* One of the commands, as in "proclc send". */
struct command {
	const char *name;
	const char *usage;	/* what follows the name */
	const char *help;	/* its text, a line for each option */
	int (*run)(const struct command *self, int argc, char **argv);
};

extern const struct command command_daemon, command_keep, command_run,
    command_send, command_status, command_stop;

/* What is opened later is to be none of 0 to 2. */
void
hold_standard(void);

/* Say on one line of stderr what is wrong with the command line, and end with
 * EXIT_USAGE. */
_Noreturn void
usage_error(const struct command *self, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Say proclc_errmsg() on one line of stderr. */
void
say_error(const struct command *self);
/* Say something else there. */
void
say(const struct command *self, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The next option, as of getopt_long(), which has --help and ends at the first
 * other argument; -1: none.  Does not return for a wrong one. */
int
next_option(const struct command *self, int argc, char **argv,
    const struct option *options);
/* The value of the option in hand, as seconds ("1.5"); in ms. */
int64_t
seconds(const struct command *self, const char *text);
/* As a number from 0 to most, in base 8 or 10. */
long
number(const struct command *self, const char *text, int base, long most);
/* Remove a pid file that nobody holds: what a daemon has left that did not
 * know of it; whoever has started meanwhile keeps it. */
void
remove_stale(const char *path);
/* A signal's number, by name or number. */
int
signal_number(const struct command *self, const char *text);
/* Exactly n arguments are left from first on. */
void
expect_arguments(const struct command *self, int argc, int first, int n);

#endif
