/* program.c - the process that runs the program, and passes signals on. */
#define _GNU_SOURCE 1

#include "supervise.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EXIT_FAILED = 125, INHERITED_MAX = 1024, FIRST_MS = 1000 };

static int inherited[INHERITED_MAX];
static size_t n_inherited;

void
note_inherited(void)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;
	int fd;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		fd = atoi(entry->d_name);
		if (fd > 2 && fd != dirfd(dir) && n_inherited < INHERITED_MAX)
			inherited[n_inherited++] = fd;
	}
	if (dir != NULL)
		closedir(dir);
}

/* A record lock, as that of a pid file, ends with any descriptor of it. */
static bool
has_lock(int fd)
{
	char path[64], text[1024];
	ssize_t n;
	int info;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	info = open(path, O_RDONLY | O_CLOEXEC);
	if (info < 0)
		return true;
	n = read(info, text, sizeof(text) - 1);
	close(info);
	text[n < 0 ? 0 : n] = '\0';
	return strstr(text, "lock:") != NULL;
}

void
let_go_inherited(void)
{
	int null;

	while (n_inherited-- > 0)
		if (!has_lock(inherited[n_inherited]))
			close(inherited[n_inherited]);
	n_inherited = 0;
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null < 0)
		return;
	dup2(null, 0);
	dup2(null, 1);
	close(null);
}

/* A key of the terminal is heard by its whole foreground group, so by the
 * program, too, when that is in ours; the end of the terminal by whom the
 * session is.  What else the system tells us is not the program's. */
static bool
is_for_us_alone(const struct supervision *s, int signum)
{
	switch (signum) {
	case SIGHUP:
		return s->group || getsid(0) == getpid();
	case SIGINT:
	case SIGQUIT:
	case SIGTSTP:
	case SIGWINCH:
		return s->group;
	default:
		return false;
	}
}

/* Once, next to the program. */
static void
pass_on(const struct supervision *s, int signum)
{
	if (s->end == s->pair[0] && s->rewrite[signum] != 0)
		signum = s->rewrite[signum];
	if (signum != DROPPED)
		proclc_task_kill(s->target, signum);
}

static void
on_signal(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *user)
{
	const struct supervision *s = user;
	int signum = event->signum;

	if (s->keep && (signum == SIGTERM || signum == SIGINT)) {
		request_stop(s);
		return;
	}
	if (event->system && !is_for_us_alone(s, signum)) {
		if (signum == SIGTSTP || signum == SIGTTIN ||
		    signum == SIGTTOU)
			proclc_signal_default(handler, event, NULL);
		return;
	}
	pass_on(s, signum);
}

void
await_any(const struct supervision *s, struct pollfd *fds, nfds_t n)
{
	nfds_t others;
	int ready, signum;

	fds[n] = (struct pollfd){ .fd = crashes_fd(), .events = POLLIN };
	do {
		ready = poll(fds, n + 1, -1);
		others = 0;
		while (ready > 0 && others < n && fds[others].revents == 0)
			others++;
		while (ready > 0 && (signum = next_crash()) != 0)
			pass_on(s, signum);
	} while (ready < 0 || others == n);
}

/* A run that comes later is to find ignored what we were given so. */
static bool
is_to_stay_ignored(const struct supervision *s, int signum)
{
	struct sigaction now;

	return s->keep && sigaction(signum, NULL, &now) == 0 &&
	    now.sa_handler == SIG_IGN;
}

bool
pass_signals(struct supervision *s)
{
	struct proclc_sighandler *handler;
	int rc = proclc_sighandler_new(&handler, NULL);

	for (int signum = 1; signum < SIGNALS && rc == 0; signum++) {
		if (signum == SIGCHLD || is_to_stay_ignored(s, signum))
			continue;
		rc = proclc_sighandler_set(handler, signum, on_signal, s);
		/* The kernel's, libc's, and those of a crash, see below. */
		if (rc == PROCLC_ESIGNAL)
			rc = 0;
	}
	if (rc == 0)
		rc = proclc_sighandler_start(handler);
	if (rc < 0)
		say_error(s->self);
	else if (!take_crashes())
		say(s->self, "open a pipe: %s", strerror(rc = errno));
	return rc == 0;
}

/* Sockets that were opened for us are to be taken by the program: it has to
 * find its own pid there, which a shell in its place knows. */
static char **
argv_of(const struct supervision *s)
{
	static char shell[] = "sh", option[] = "-c", script[] =
	    "LISTEN_PID=$$; export LISTEN_PID; unset LISTEN_PIDFDID; "
	    "exec \"$@\"";
	const char *pid = getenv("LISTEN_PID");
	char **argv;
	size_t n = 0;

	if (pid == NULL || atol(pid) != (s->has_inner ? getppid() : getpid()))
		return s->program;
	while (s->program[n] != NULL)
		n++;
	argv = calloc(n + 5, sizeof(*argv));
	if (argv == NULL)
		return s->program;
	argv[0] = shell;
	argv[1] = option;
	argv[2] = script;
	argv[3] = s->program[0];
	memcpy(argv + 4, s->program, n * sizeof(*argv));
	return argv;
}

/* The exit code of a program that cannot be run. */
static int
not_run(const struct supervision *s, int rc)
{
	struct proclc_error_detail detail = { .size = sizeof(detail) };

	proclc_error_detail(&detail);
	if (detail.stage != PROCLC_STAGE_EXEC) {
		say_error(s->self);
		return EXIT_FAILED;
	}
	say(s->self, "%s: %s", s->program[0], strerror(-rc));
	return rc == PROCLC_ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_RUN;
}

static int
start(struct supervision *s)
{
	struct proclc_command_options o = PROCLC_COMMAND_OPTIONS_INIT;
	char **argv = argv_of(s);
	int rc;

	o.flags = PROCLC_COMMAND_KEEP_FDS | PROCLC_COMMAND_DIE_WITH_PARENT |
	    (s->group ? PROCLC_TASK_GROUP : 0u);
	rc = proclc_command_new(&s->target, argv, &o);
	/* Who gets more rights by exec cannot be held so. */
	if (rc == PROCLC_ENOTSUP) {
		o.flags &= ~(uint32_t)PROCLC_COMMAND_DIE_WITH_PARENT;
		rc = proclc_command_new(&s->target, argv, &o);
	}
	if (argv != s->program)
		free(argv);
	return rc;
}

/* The outer process: how the start went, 0 or the exit code. */
static void
tell(const struct supervision *s, char code)
{
	send(s->pair[0], &code, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void
await_end(const struct supervision *s)
{
	struct pollfd fds[3] = {
		{ .fd = proclc_task_fd(s->target), .events = POLLIN },
		{ .fd = s->pair[0], .events = POLLRDHUP },
	};

	await_any(s, fds, 2);
}

int
supervise_program(struct supervision *s)
{
	struct proclc_status status = PROCLC_STATUS_INIT;
	struct pollfd outer = { .fd = s->pair[0], .events = POLLRDHUP };
	int rc = proclc_reap_strays();

	if (rc == 0)
		rc = start(s);
	if (rc < 0) {
		tell(s, (char)(rc = not_run(s, rc)));
		/* The first run of several: it is going to be the only one,
		 * before the next one begins. */
		if (s->keep && !s->started)
			poll(&outer, 1, FIRST_MS);
		return rc;
	}
	let_go_inherited();
	/* A kill of the whole group, which the program is to be in, does not
	 * reach this process. */
	if (s->has_inner)
		setpgid(0, 0);
	if (pass_signals(s)) {
		tell(s, 0);
		await_end(s);
	}
	proclc_task_shutdown(s->target, s->grace_ms, &status);
	proclc_shutdown_descendants(s->grace_ms);
	return exit_code(&status);
}
