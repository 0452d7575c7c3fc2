/*
 * proclc daemon - any program as a daemon.
 *
 * The daemon becomes the program by exec, so that the pid in the file is the
 * program's and the lock goes along.  The launcher ends with 0 only when the
 * program runs, or says that it is ready.
 */
#define _GNU_SOURCE 1

#include "daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PIDFILE = 1, STDIN, STDOUT, STDERR, CHDIR, UMASK, USER, GROUP, READY,
	TIMEOUT, KEEP_FD, KEEP_ENVIRONMENT, MODE };

static const struct option options[] = {
	{ "pidfile", required_argument, NULL, PIDFILE },
	{ "stdin", required_argument, NULL, STDIN },
	{ "stdout", required_argument, NULL, STDOUT },
	{ "stderr", required_argument, NULL, STDERR },
	{ "chdir", required_argument, NULL, CHDIR },
	{ "umask", required_argument, NULL, UMASK },
	{ "user", required_argument, NULL, USER },
	{ "group", required_argument, NULL, GROUP },
	{ "ready", required_argument, NULL, READY },
	{ "timeout", required_argument, NULL, TIMEOUT },
	{ "keep-fd", required_argument, NULL, KEEP_FD },
	{ "keep-environment", no_argument, NULL, KEEP_ENVIRONMENT },
	{ "mode", required_argument, NULL, MODE },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 }
};

static const char *const modes[] = { "detach", "foreground", "auto" };

static void
read_mode(struct launch *l, const char *text)
{
	uint32_t i = 0;

	while (i < 3 && strcmp(text, modes[i]) != 0)
		i++;
	if (i == 3)
		usage_error(l->self, "--mode: %s is none of detach, "
		    "foreground, auto", text);
	l->o.mode = i + 1;
}

static void
read_ready(struct launch *l, const char *text)
{
	if (strcmp(text, "exec") == 0)
		l->ready = READY_EXEC;
	else if (strcmp(text, "notify") == 0)
		l->ready = READY_NOTIFY;
	else if (strncmp(text, "fd=", 3) == 0) {
		l->ready = READY_FD;
		l->program_fd = (int)number(l->self, text + 3, 10, 1023);
	} else
		usage_error(l->self,
		    "--ready: %s is none of exec, notify, fd=N", text);
}

static void
keep(struct launch *l, int fd)
{
	if (l->n_keep == KEEP_MAX)
		usage_error(l->self, "too many descriptors to keep");
	l->keep[l->n_keep++] = fd;
}

static void
read_one(struct launch *l, int option)
{
	switch (option) {
	case PIDFILE:
		l->pid_file = optarg;
		break;
	case STDIN:
		l->o.stdin_path = optarg;
		break;
	case STDOUT:
		l->o.stdout_path = optarg;
		break;
	case STDERR:
		l->o.stderr_path = optarg;
		break;
	case CHDIR:
		l->o.chdir = optarg;
		break;
	case UMASK:
		l->o.umask = PROCLC_UMASK_SET |
		    (uint32_t)number(l->self, optarg, 8, 0777);
		break;
	case USER:
		l->o.user = optarg;
		break;
	case GROUP:
		l->o.group = optarg;
		break;
	case READY:
		read_ready(l, optarg);
		break;
	case TIMEOUT:
		l->timeout_ms = seconds(l->self, optarg);
		break;
	case KEEP_FD:
		keep(l, (int)number(l->self, optarg, 10, 1 << 20));
		break;
	case KEEP_ENVIRONMENT:
		l->o.flags |= PROCLC_DAEMON_KEEP_ENVIRONMENT;
		break;
	default:
		read_mode(l, optarg);
	}
}

/* No descriptor of ours may have the number that PROGRAM expects: it would be
 * replaced there, be it the lock. */
static void
reserve(const struct launch *l)
{
	int null;

	for (size_t i = 0; i < l->n_keep; i++)
		if (l->keep[i] == l->program_fd)
			usage_error(l->self, "--keep-fd %d is --ready's",
			    l->keep[i]);
	if (is_socket(l, l->program_fd))
		usage_error(l->self, "--ready: descriptor %d is a socket of "
		    "LISTEN_FDS", l->program_fd);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null < 0 || null == l->program_fd)
		return;
	if (fcntl(l->program_fd, F_GETFD) < 0)
		dup3(null, l->program_fd, O_CLOEXEC);
	close(null);
}

static void
read_options(struct launch *l, int argc, char **argv)
{
	int option;

	l->timeout_ms = TIMEOUT_MS;
	while ((option = next_option(l->self, argc, argv, options)) != -1)
		read_one(l, option);
	if (optind == argc)
		usage_error(l->self, "no program to run");
	l->program = argv + optind;
	note_sockets(l);
	if (l->ready == READY_FD)
		reserve(l);
	l->o.flags |= PROCLC_DAEMON_WAIT_READY;
	l->o.ready_timeout_ms = l->timeout_ms == 0 ? 1 : l->timeout_ms;
}

/* The pipe or socket between the two, and what the program is to write to. */
static bool
open_channels(struct launch *l)
{
	for (int i = 0; i < l->n_sockets; i++)
		keep(l, FIRST_SOCKET + i);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, l->pair) != 0)
		return false;
	keep(l, l->pair[1]);
	if (l->ready == READY_FD) {
		if (pipe2(l->said, O_CLOEXEC) != 0)
			return false;
		keep(l, l->said[1]);
	}
	return l->ready != READY_NOTIFY || notify_open(l);
}

/* The launcher: an errno; 0: the exec is next.  After that word our end is
 * closed by the exec, or by our death. */
static void
tell(const struct launch *l, int error)
{
	send(l->pair[1], &error, sizeof(error), MSG_NOSIGNAL);
}

/* So that a failure is told where the program was started. */
static int
not_run(struct launch *l, int error)
{
	if (l->pidfile != NULL)
		proclc_pidfile_remove(l->pidfile);
	if (l->detached)
		tell(l, error);
	else
		say(l->self, "%s: %s", l->program[0], strerror(error));
	return error == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_RUN;
}

/* Where the program expects it; all others are closed by the exec. */
static int
hand_out(struct launch *l)
{
	if (l->ready == READY_FD && l->detached &&
	    (l->said[1] == l->program_fd ?
	    fcntl(l->said[1], F_SETFD, 0) :
	    dup2(l->said[1], l->program_fd)) < 0)
		return errno;
	if (l->ready == READY_NOTIFY && l->detached &&
	    setenv("NOTIFY_SOCKET", l->notify_name, 1) != 0)
		return errno;
	return l->detached ? hand_sockets(l) : 0;
}

/* The daemon: become the program. */
static int
become(struct launch *l)
{
	int64_t pid = getpid();
	char go;
	int error;

	if (l->pidfile != NULL &&
	    proclc_pidfile_keep_over_exec(l->pidfile) < 0)
		proclc_daemon_fail(1, NULL);
	/* The launcher has to know us before it is told that we are ready:
	 * later the pid could be another's. */
	if (l->detached)
		send(l->pair[1], &pid, sizeof(pid), MSG_NOSIGNAL);
	proclc_daemon_ready();
	if (l->detached)
		(void)!read(l->pair[1], &go, 1);
	error = hand_out(l);
	if (error == 0) {
		if (l->detached)
			tell(l, 0);
		execvp(l->program[0], l->program);
		error = errno;
	}
	return not_run(l, error);
}

/* Still the launcher's alone: nobody is a daemon. */
static int
give_up(struct launch *l)
{
	if (l->pidfile != NULL)
		proclc_pidfile_remove(l->pidfile);
	return 1;
}

static int
launch(struct launch *l)
{
	pid_t before = getpid();
	int role;

	if (l->pid_file != NULL &&
	    proclc_pidfile_open(&l->pidfile, l->pid_file, NULL) < 0) {
		say_error(l->self);
		return 1;
	}
	if (!open_channels(l)) {
		say(l->self, "open a channel: %s", strerror(errno));
		return give_up(l);
	}
	l->o.keep_fds = l->keep;
	l->o.n_keep_fds = l->n_keep;
	role = proclc_daemon_fork(&l->o);
	if (role == PROCLC_DAEMON_CHILD) {
		l->detached = getpid() != before;
		return become(l);
	}
	if (role == PROCLC_DAEMON_LAUNCHER)
		proclc_daemon_launcher_exit(await_ready(l));
	say_error(l->self);
	return give_up(l);
}

static int
run(const struct command *self, int argc, char **argv)
{
	struct launch l = { .self = self, .pair = { -1, -1 },
	    .said = { -1, -1 }, .notify = -1,
	    .o = PROCLC_DAEMON_OPTIONS_INIT };

	read_options(&l, argc, argv);
	return launch(&l);
}

const struct command command_daemon = {
	.name = "daemon",
	.usage = "[--pidfile F] [OPTION ...] [--] PROGRAM [ARGUMENT ...]",
	.help = "Run PROGRAM as a daemon.\n"
	    "  --pidfile F         lock F and write the pid of PROGRAM to it\n"
	    "  --stdin F           read from F; /dev/null\n"
	    "  --stdout F          append to F; /dev/null\n"
	    "  --stderr F          append to F; /dev/null\n"
	    "  --chdir D           go to D\n"
	    "  --umask M           octal; 027\n"
	    "  --user U            become U, with the groups of U\n"
	    "  --group G           become G\n"
	    "  --ready exec        ready is PROGRAM that runs (the default)\n"
	    "  --ready fd=N        ready is a line from PROGRAM on "
	    "descriptor N\n"
	    "  --ready notify      ready is READY=1, as sd_notify(3) says it\n"
	    "  --timeout S         seconds until it has to be ready: 30\n"
	    "  --keep-fd N         leave descriptor N open; may be repeated\n"
	    "  --keep-environment  leave NOTIFY_SOCKET and the like\n"
	    "  --mode M            detach, foreground, or auto: foreground "
	    "under a\n"
	    "                      supervisor that says so\n"
	    "It ends with 0, ready; 1, failed; 126 or 127, PROGRAM cannot be\n"
	    "run.  In the foreground it becomes PROGRAM.\n",
	.run = run,
};
