/*
 * Daemons, told what to do line by line: see exits.h, state.h, and
 *
 *	pid_file P; dir P; in P; out P; err P; umask OCTAL; timeout MS
 *	flags N; daemon_mode N; keep FD; gap N; user U; group G; args TEXT
 *	                               the options of the next call
 *	daemonize; run; fork_daemon TEXT    the launcher obeys TEXT, and no more
 *	ready; fail CODE TEXT; launcher_exit N; reopen
 *	told_args; setup               what it has been given
 *	nonsense                       a failure, to be the last
 * An argument is obeyed instead of stdin.
 */
#define _GNU_SOURCE 1

#include "exits.h"
#include "state.h"
#include "../kernel.h"

#include <proclc.h>

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

enum { MAX_KEPT = 64, PATH_SIZE = 500 };

static struct proclc_daemon_options o = PROCLC_DAEMON_OPTIONS_INIT;
static char paths[8][PATH_SIZE];
static int kept[MAX_KEPT];
static pid_t started_as;

/* Options. */

static const char *
keep_path(int i, char **words)
{
	snprintf(paths[i], PATH_SIZE, "%s", words[0]);
	return paths[i];
}

static void
do_pid_file(char **words)
{
	o.pid_file = keep_path(0, words);
}

/* One of the program's own, open and written before there is a daemon. */
static void
do_hold(char **words)
{
	struct proclc_pidfile *own;

	die_if(proclc_pidfile_open(&own, words[0], NULL) < 0, words[0]);
	tell_code("hold", proclc_pidfile_write(own));
}

static void
do_unshare(char **words)
{
	(void)words;
	tell("unshare %d", kernel_unshare_pids());
}

static pid_t raiser;
static int raised;

static void
raise_in_launcher(void)
{
	if (getpid() == raiser)
		raise(raised);
}

/* In the launcher, when it has just forked. */
static void
do_raise_at_fork(char **words)
{
	raised = script_number(words[0]);
	raiser = getpid();
	pthread_atfork(NULL, raise_in_launcher, NULL);
}

static void
do_dir(char **words)
{
	o.chdir = keep_path(1, words);
}

static void
do_in(char **words)
{
	o.stdin_path = keep_path(2, words);
}

static void
do_out(char **words)
{
	o.stdout_path = keep_path(3, words);
}

static void
do_err(char **words)
{
	o.stderr_path = keep_path(4, words);
}

static void
do_umask(char **words)
{
	o.umask = (uint32_t)strtoul(words[0], NULL, 8) | PROCLC_UMASK_SET;
}

static void
do_timeout(char **words)
{
	o.ready_timeout_ms = script_number(words[0]);
}

static void
do_flags(char **words)
{
	o.flags = (uint32_t)script_number(words[0]);
}

static void
do_daemon_mode(char **words)
{
	o.mode = (uint32_t)script_number(words[0]);
}

static void
keep(int fd)
{
	die_if(o.n_keep_fds == MAX_KEPT, "too many to keep");
	kept[o.n_keep_fds++] = fd;
	o.keep_fds = kept;
}

static void
do_keep(char **words)
{
	keep(script_number(words[0]));
}

/* The rest of a line. */
static void
join(char **words, char *text, size_t size)
{
	size_t used = 0;

	for (text[0] = '\0'; *words != NULL && used < size; words++)
		used += (size_t)snprintf(text + used, size - used, "%s%s",
		    used == 0 ? "" : " ", *words);
}

static void
do_gap(char **words)
{
	o.fd_fallback_limit = (uint32_t)script_number(words[0]);
}

static void
do_user(char **words)
{
	o.user = keep_path(5, words);
}

static void
do_group(char **words)
{
	o.group = keep_path(6, words);
}

/* With the NUL at its end, and one at its beginning. */
static void
do_args(char **words)
{
	join(words, paths[7] + 1, PATH_SIZE - 1);
	o.args = paths[7];
	o.args_size = strlen(paths[7] + 1) + 2;
}

/* The steps. */

static void
do_daemonize(char **words)
{
	(void)words;
	tell_code("daemonize", proclc_daemonize(&o));
}

/* As programs do. */
static void
do_run(char **words)
{
	(void)words;
	if (proclc_daemonize(&o) < 0) {
		fprintf(stderr, "%s\n", proclc_errmsg());
		exit(1);
	}
	tell("running");
}

static void
do_fork_daemon(char **words)
{
	char text[1000];
	int rc = proclc_daemon_fork(&o);

	join(words, text, sizeof(text));
	if (rc != PROCLC_DAEMON_LAUNCHER) {
		tell_code("fork", rc);
		if (rc < 0)
			tell("%s", proclc_errmsg());
		return;
	}
	tell("launcher %s", getpid() == started_as ? "is the one" : "wrong");
	script_obey(text);
	_exit(99);
}

static void
do_ready(char **words)
{
	(void)words;
	tell_code("ready", proclc_daemon_ready());
}

static void
do_fail(char **words)
{
	char text[1000];

	join(words + 1, text, sizeof(text));
	proclc_daemon_fail(script_number(words[0]), text[0] == '\0' ? NULL :
	    text);
}

static void
do_nonsense(char **words)
{
	(void)words;
	tell_code("nonsense", proclc_atexit_register(NULL, NULL, 0));
}

static void
do_reopen(char **words)
{
	(void)words;
	tell_code("reopen", proclc_daemon_reopen_logs());
}

/* What it has been given, and is. */

static void
do_told_args(char **words)
{
	size_t size = 99;
	const char *args = proclc_daemon_args(&size);

	(void)words;
	if (args == NULL)
		tell("no args %zu", size);
	else
		tell("args %zu %s", size, args + 1);
}

static void
do_setup(char **words)
{
	(void)words;
	tell("setup %d", proclc_daemon_is_setup());
}

static void
do_launcher_exit(char **words)
{
	proclc_daemon_launcher_exit(script_number(words[0]));
}

static const struct command commands[] = {
	{ "pid_file", do_pid_file }, { "dir", do_dir }, { "in", do_in },
	{ "out", do_out }, { "err", do_err }, { "umask", do_umask },
	{ "timeout", do_timeout }, { "flags", do_flags }, { "keep", do_keep },
	{ "daemonize", do_daemonize }, { "run", do_run },
	{ "fork_daemon", do_fork_daemon }, { "ready", do_ready },
	{ "fail", do_fail }, { "nonsense", do_nonsense },
	{ "launcher_exit", do_launcher_exit }, { "gap", do_gap },
	{ "user", do_user }, { "group", do_group }, { "args", do_args },
	{ "reopen", do_reopen }, { "told_args", do_told_args },
	{ "setup", do_setup }, { "daemon_mode", do_daemon_mode },
	{ "hold", do_hold }, { "raise_at_fork", do_raise_at_fork },
	{ "unshare", do_unshare },
	{ NULL, NULL }
};

/* Listen to this line, and then EOF; tell to what fd 1 will be. */
static void
hear_argument(const char *line)
{
	int ends[2];

	die_if(pipe(ends) != 0, "pipe");
	scn_write(ends[1], line, strlen(line));
	scn_write(ends[1], "\n", 1);
	script_in = fcntl(ends[0], F_DUPFD_CLOEXEC, 40);
	die_if(script_in < 0, "move");
	close(ends[0]);
	close(ends[1]);
}

int
main(int argc, char **argv)
{
	started_as = getpid();
	if (argc > 1) {
		hear_argument(argv[1]);
	} else {
		script_move();
		keep(script_out);
	}
	keep(script_in);
	return exits_main(commands, state_commands);
}
