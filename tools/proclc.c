/*
 * proclc - the library's guarantees for who does not write C.
 *
 *	proclc daemon --pidfile /run/x.pid -- x-server
 *	proclc send /run/x.pid HUP
 *	proclc stop /run/x.pid
 *
 * It uses the public headers only.
 */
#define _POSIX_C_SOURCE 200809L

#include "proclc.h"

#include <proclc.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct command *const commands[] = {
	&command_daemon, &command_keep, &command_run, &command_send,
	&command_status, &command_stop,
};

enum { COMMANDS = sizeof(commands) / sizeof(commands[0]) };

static const char *option_name;	/* the option in hand */

_Noreturn void
usage_error(const struct command *self, const char *format, ...)
{
	const char *name = self == NULL ? "" : self->name;
	const char *blank = self == NULL ? "" : " ";
	va_list args;

	fprintf(stderr, "proclc%s%s: ", blank, name);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "; see proclc%s%s --help\n", blank, name);
	exit(EXIT_USAGE);
}

void
say(const struct command *self, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "proclc %s: ", self->name);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

void
say_error(const struct command *self)
{
	say(self, "%s", proclc_errmsg());
}

static void
show_help(const struct command *self)
{
	printf("usage: proclc %s %s\n%s", self->name, self->usage,
	    self->help);
}

/* What getopt has refused, in our own words. */
static _Noreturn void
refuse(const struct command *self, int why, char **argv)
{
	if (why == ':')
		usage_error(self, "option %s needs a value",
		    argv[optind - 1]);
	/* Unknown is 0, or the letter; else it is one of ours. */
	if (optopt != 0 && strchr(argv[optind - 1], '=') != NULL)
		usage_error(self, "option %s takes no value",
		    argv[optind - 1]);
	if (optopt != 0)
		usage_error(self, "no option -%c", optopt);
	usage_error(self, "no option %s", argv[optind - 1]);
}

int
next_option(const struct command *self, int argc, char **argv,
    const struct option *options)
{
	int at = -1;
	int found;

	opterr = 0;
	found = getopt_long(argc, argv, "+:h", options, &at);
	if (found == ':' || found == '?')
		refuse(self, found, argv);
	if (found == 'h') {
		show_help(self);
		exit(0);
	}
	option_name = at < 0 ? "" : options[at].name;
	return found;
}

int64_t
seconds(const struct command *self, const char *text)
{
	char *end;
	double value = strtod(text, &end);

	/* Nor what is none at all ("nan"). */
	if (end == text || *end != '\0' || !(value >= 0 && value <= 1e6))
		usage_error(self, "--%s: %s is no number of seconds",
		    option_name, text);
	return (int64_t)(value * 1000 + 0.5);
}

long
number(const struct command *self, const char *text, int base, long most)
{
	char *end;
	long value = strtol(text, &end, base);

	if (end == text || *end != '\0' || value < 0 || value > most)
		usage_error(self, "--%s: %s is no number from 0 to %ld",
		    option_name, text, most);
	return value;
}

int
signal_number(const struct command *self, const char *text)
{
	int signum = proclc_signal_number(text);

	if (signum <= 0)
		usage_error(self, "no signal %s", text);
	return signum;
}

void
expect_arguments(const struct command *self, int argc, int first, int n)
{
	if (argc - first < n)
		usage_error(self, "too few arguments");
	if (argc - first > n)
		usage_error(self, "too many arguments");
}

static void
show_all(void)
{
	printf("usage: proclc COMMAND ...\n");
	for (int i = 0; i < COMMANDS; i++)
		printf("  proclc %s %s\n", commands[i]->name,
		    commands[i]->usage);
	printf("  proclc COMMAND --help\n  proclc --version\n");
}

int
main(int argc, char **argv)
{
	const char *name = argc < 2 ? "" : argv[1];

	hold_standard();
	if (argc < 2)
		usage_error(NULL, "no command");
	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
		show_all();
		return fflush(stdout) == 0 ? 0 : 1;
	}
	if (strcmp(name, "--version") == 0) {
		printf("proclc %s\n", proclc_version());
		return fflush(stdout) == 0 ? 0 : 1;
	}
	for (int i = 0; i < COMMANDS; i++)
		if (strcmp(name, commands[i]->name) == 0)
			return commands[i]->run(commands[i], argc - 1,
			    argv + 1);
	usage_error(NULL, "no command %s", name);
}
