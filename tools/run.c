/* proclc run and keep: their command lines. */
#define _POSIX_C_SOURCE 200809L

#include "supervise.h"

#include <signal.h>
#include <string.h>

enum { GRACE = 1, GROUP, OUTLIVE, REWRITE, EXPECT, WHEN, MIN_UPTIME, DELAY,
	MAX_DELAY, LIMIT, QUIET };

#define COMMON_OPTIONS \
	{ "grace", required_argument, NULL, GRACE }, \
	{ "group", no_argument, NULL, GROUP }, \
	{ "outlive-parent", no_argument, NULL, OUTLIVE }, \
	{ "rewrite", required_argument, NULL, REWRITE }, \
	{ "expect", required_argument, NULL, EXPECT }, \
	{ "help", no_argument, NULL, 'h' }, \
	{ NULL, 0, NULL, 0 }

static const struct option run_options[] = { COMMON_OPTIONS };

static const struct option keep_options[] = {
	{ "when", required_argument, NULL, WHEN },
	{ "min-uptime", required_argument, NULL, MIN_UPTIME },
	{ "delay", required_argument, NULL, DELAY },
	{ "max-delay", required_argument, NULL, MAX_DELAY },
	{ "limit", required_argument, NULL, LIMIT },
	{ "quiet", no_argument, NULL, QUIET },
	COMMON_OPTIONS
};

static const char *const whens[] = { "never", "on-failure", "always" };

static void
read_when(struct supervision *s, const char *text)
{
	uint32_t i = 0;

	while (i < 3 && strcmp(text, whens[i]) != 0)
		i++;
	if (i == 3)
		usage_error(s->self, "--when: %s is none of never, "
		    "on-failure, always", text);
	s->restart.when = i;
}

/* "TERM=QUIT", "HUP=0". */
static void
read_rewrite(struct supervision *s, const char *text)
{
	const char *to = strchr(text, '=');
	char from[32];
	int signum;

	if (to == NULL || (size_t)(to - text) >= sizeof(from))
		usage_error(s->self, "--rewrite: %s is not of the form "
		    "SIGNAL=SIGNAL", text);
	memcpy(from, text, (size_t)(to - text));
	from[to - text] = '\0';
	signum = signal_number(s->self, from);
	if (signum == SIGKILL || signum == SIGSTOP || signum == SIGCHLD)
		usage_error(s->self, "--rewrite: %s is never passed on", from);
	s->rewrite[signum] = strcmp(to + 1, "0") == 0 ? DROPPED :
	    signal_number(s->self, to + 1);
}

/* 0 is the default in the library's structs. */
static int64_t
time_or_none(const struct supervision *s, int64_t none)
{
	int64_t ms = seconds(s->self, optarg);

	return ms == 0 ? none : ms;
}

static void
read_keep(struct supervision *s, int option)
{
	switch (option) {
	case WHEN:
		read_when(s, optarg);
		break;
	case MIN_UPTIME:
		s->restart.min_uptime_ms = time_or_none(s, PROCLC_NOW);
		break;
	case DELAY:
		s->restart.delay_ms = time_or_none(s, PROCLC_NOW);
		break;
	case MAX_DELAY:
		s->restart.max_delay_ms = time_or_none(s, 1);
		break;
	case LIMIT:
		s->restart.limit = (uint32_t)number(s->self, optarg, 10,
		    1 << 30);
		break;
	default:
		s->quiet = true;
	}
}

static void
read_one(struct supervision *s, int option)
{
	switch (option) {
	case GRACE:
		s->grace_ms = time_or_none(s, PROCLC_NOW);
		break;
	case GROUP:
		s->group = true;
		break;
	case OUTLIVE:
		s->outlive = true;
		break;
	case REWRITE:
		read_rewrite(s, optarg);
		break;
	case EXPECT:
		s->expected[number(s->self, optarg, 10, 255)] = true;
		break;
	default:
		read_keep(s, option);
	}
}

static int
run(const struct command *self, int argc, char **argv)
{
	/* A change may be told when this has returned. */
	static struct supervision s = { .grace_ms = GRACE_MS,
	    .restart = PROCLC_RESTART_INIT };
	int option;

	s.self = self;
	s.keep = self == &command_keep;
	note_inherited();
	s.restart.when = PROCLC_RESTART_ALWAYS;
	while ((option = next_option(self, argc, argv, s.keep ? keep_options :
	    run_options)) != -1)
		read_one(&s, option);
	if (optind == argc)
		usage_error(self, "no program to run");
	if (s.restart.max_delay_ms != 0 &&
	    s.restart.max_delay_ms < s.restart.delay_ms)
		usage_error(self, "--max-delay is less than --delay");
	s.program = argv + optind;
	return supervise(&s);
}

#define COMMON_HELP \
	"  --grace S         seconds from SIGTERM to SIGKILL: 10\n" \
	"  --group           PROGRAM leads a process group, and signals are " \
	"for all\n" \
	"                    of it; not at a terminal\n" \
	"  --outlive-parent  do not end when the parent does\n" \
	"  --rewrite S=T     pass on T for S, or nothing for T 0; may be " \
	"repeated\n" \
	"  --expect N        end with 0 for N; may be repeated\n"

const struct command command_run = {
	.name = "run",
	.usage = "[OPTION ...] [--] PROGRAM [ARGUMENT ...]",
	.help = "Run PROGRAM so that nothing of it is left, whatever ends "
	    "it or us.\n" COMMON_HELP
	    "It ends as PROGRAM: with its code, or 128+N when signal N has "
	    "ended it;\n"
	    "125, failed; 126 or 127, PROGRAM cannot be run.\n",
	.run = run,
};

const struct command command_keep = {
	.name = "keep",
	.usage = "[OPTION ...] [--] PROGRAM [ARGUMENT ...]",
	.help = "Run PROGRAM again when it has ended, until SIGTERM or "
	    "SIGINT; and so that\n"
	    "nothing of it is left.\n"
	    "  --when W          after which ends: always, on-failure, "
	    "never\n"
	    "  --min-uptime S    a run that is shorter has ended early: 1\n"
	    "  --delay S         the first delay: 0.1; doubled by early ends\n"
	    "  --max-delay S     the most: 30\n"
	    "  --limit N         give up after N early ends in a row\n"
	    "  --quiet           say nothing of its ends\n"
	    COMMON_HELP
	    "It ends as the last run of PROGRAM, see proclc run --help.\n",
	.run = run,
};
