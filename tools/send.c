/* proclc send, stop and status: a daemon is reached by its pid file. */
#define _POSIX_C_SOURCE 200809L

#include "proclc.h"

#include <proclc.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* As init scripts have them (LSB); 1 and 3 are for status, 3 for send, too. */
enum { RUNNING = 0, FAILED = 1, STALE = 1, NOT_RUNNING = 3, UNKNOWN = 4 };

enum { UNLOCKED = 1, SIGNAL, TIMEOUT, KILL_WAIT, NO_KILL, JSON };

static int
run_send(const struct command *self, int argc, char **argv)
{
	static const struct option options[] = {
		{ "unlocked", no_argument, NULL, UNLOCKED },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 }
	};
	int how = 0, rc;

	while (next_option(self, argc, argv, options) != -1)
		how = PROCLC_SEND_UNLOCKED;
	expect_arguments(self, argc, optind, 2);
	/* As kill(1) has it, 0 only asks. */
	if (strcmp(argv[optind + 1], "0") == 0)
		rc = proclc_ping(argv[optind]);
	else
		rc = proclc_send(argv[optind],
		    signal_number(self, argv[optind + 1]) | how);
	if (rc == 0)
		return 0;
	say_error(self);
	return rc == PROCLC_ENOENT || rc == PROCLC_ENOTRUNNING ?
	    NOT_RUNNING : FAILED;
}

const struct command command_send = {
	.name = "send",
	.usage = "[--unlocked] PIDFILE SIGNAL",
	.help = "Send a signal to the process that holds PIDFILE.\n"
	    "  SIGNAL      TERM, SIGTERM, 15; 0: only ask\n"
	    "  --unlocked  also to the process of a file that nobody locks\n"
	    "It ends with 0; 1, not sent; 3, nobody holds the file.\n",
	.run = run_send,
};

static void
read_stop_option(const struct command *self, int option,
    struct proclc_stop_options *o, int *how)
{
	switch (option) {
	case UNLOCKED:
		*how = PROCLC_SEND_UNLOCKED;
		break;
	case SIGNAL:
		o->signum = signal_number(self, optarg);
		break;
	case TIMEOUT:
		o->grace_ms = seconds(self, optarg);
		/* 0 is the default there. */
		o->grace_ms = o->grace_ms == 0 ? 1 : o->grace_ms;
		break;
	case KILL_WAIT:
		o->kill_wait_ms = seconds(self, optarg);
		o->kill_wait_ms = o->kill_wait_ms == 0 ? 1 : o->kill_wait_ms;
		break;
	default:
		o->kill_wait_ms = PROCLC_NOW;
	}
}

void
remove_stale(const char *path)
{
	struct proclc_pidfile *pidfile;

	if (proclc_pidfile_status(path, NULL) == PROCLC_ENOTRUNNING &&
	    proclc_pidfile_open(&pidfile, path, NULL) == 0)
		proclc_pidfile_remove(pidfile);
}

static int
run_stop(const struct command *self, int argc, char **argv)
{
	static const struct option options[] = {
		{ "unlocked", no_argument, NULL, UNLOCKED },
		{ "signal", required_argument, NULL, SIGNAL },
		{ "timeout", required_argument, NULL, TIMEOUT },
		{ "kill-wait", required_argument, NULL, KILL_WAIT },
		{ "no-kill", no_argument, NULL, NO_KILL },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 }
	};
	struct proclc_stop_options o = PROCLC_STOP_OPTIONS_INIT;
	int how = 0, option, rc;

	o.signum = PROCLC_SIGTERM;
	while ((option = next_option(self, argc, argv, options)) != -1)
		read_stop_option(self, option, &o, &how);
	expect_arguments(self, argc, optind, 1);
	o.signum |= how;
	rc = proclc_stop(argv[optind], &o);
	/* What is not running is stopped. */
	if (rc < 0 && rc != PROCLC_ENOENT && rc != PROCLC_ENOTRUNNING) {
		say_error(self);
		return FAILED;
	}
	if (rc == 1)
		say(self, "%s: had to be killed", argv[optind]);
	remove_stale(argv[optind]);
	return 0;
}

const struct command command_stop = {
	.name = "stop",
	.usage = "[--signal S] [--timeout S] [--no-kill | --kill-wait S] "
	    "[--unlocked] PIDFILE",
	.help = "End the process that holds PIDFILE, and wait until it has.\n"
	    "  --signal S     the first signal: TERM\n"
	    "  --timeout S    seconds until SIGKILL: 10\n"
	    "  --kill-wait S  seconds to wait after that: 5\n"
	    "  --no-kill      no SIGKILL: fail after the timeout\n"
	    "  --unlocked     also the process of a file that nobody locks\n"
	    "A file that is left behind is removed.\n"
	    "It ends with 0, it has ended, or was not running; 1, it lives.\n",
	.run = run_stop,
};

static const struct {
	int rc;
	const char *word;
	int code;
} states[] = {
	{ 0, "running", RUNNING },
	{ PROCLC_ESTARTING, "starting", RUNNING },
	{ PROCLC_ENOTRUNNING, "dead", STALE },
	{ PROCLC_ENOENT, "stopped", NOT_RUNNING },
	{ PROCLC_EUNLOCKED, "unlocked", UNKNOWN },
	{ PROCLC_EMALFORMED, "malformed", UNKNOWN },
	{ 1, "unknown", UNKNOWN },
};

static void
put_json_string(const char *text)
{
	putchar('"');
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			printf("\\%c", c);
		else if (c < 0x20)
			printf("\\u%04x", c);
		else
			putchar(c);
	}
	putchar('"');
}

static void
show_json(const char *path, const char *word, int64_t pid, int rc)
{
	printf("{\"pidfile\": ");
	put_json_string(path);
	printf(", \"state\": \"%s\"", word);
	if (pid > 0)
		printf(", \"pid\": %" PRId64, pid);
	if (rc < 0 && proclc_error_name(rc) != NULL)
		printf(", \"error\": \"%s\"", proclc_error_name(rc));
	printf("}\n");
}

static int
run_status(const struct command *self, int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, JSON },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 }
	};
	bool json = false;
	int64_t pid = 0;
	int i = 0, rc;

	while (next_option(self, argc, argv, options) != -1)
		json = true;
	expect_arguments(self, argc, optind, 1);
	rc = proclc_pidfile_status(argv[optind], &pid);
	while (states[i].rc != rc && states[i].rc != 1)
		i++;
	if (json)
		show_json(argv[optind], states[i].word, pid, rc);
	else if (pid > 0)
		printf("%s %" PRId64 "\n", states[i].word, pid);
	else
		printf("%s\n", states[i].word);
	if (!json && states[i].code == UNKNOWN)
		say_error(self);
	return fflush(stdout) == 0 ? states[i].code : UNKNOWN;
}

const struct command command_status = {
	.name = "status",
	.usage = "[--json] PIDFILE",
	.help = "Say whether a process holds PIDFILE, and which.\n"
	    "  --json  as {\"pidfile\": ..., \"state\": ..., \"pid\": ...}\n"
	    "It ends with 0, running (or starting); 1, dead, but the file is\n"
	    "there; 3, stopped; 4, unknown.\n",
	.run = run_status,
};
