/* ready.c - the launcher of proclc daemon: until the program is ready. */
#define _GNU_SOURCE 1

#include "daemon.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { STOP_MS = 5000 };

bool
notify_open(struct launch *l)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	socklen_t size = sizeof(at);
	int on = 1;

	l->notify = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	/* With no name given, the kernel finds one: NUL and five digits. */
	if (l->notify < 0 || setsockopt(l->notify, SOL_SOCKET, SO_PASSCRED,
	    &on, sizeof(on)) != 0 || bind(l->notify, (struct sockaddr *)&at,
	    sizeof(at.sun_family)) != 0 || getsockname(l->notify,
	    (struct sockaddr *)&at, &size) != 0)
		return false;
	snprintf(l->notify_name, sizeof(l->notify_name), "@%.*s",
	    (int)(size - offsetof(struct sockaddr_un, sun_path)) - 1,
	    at.sun_path + 1);
	return true;
}

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Who may speak: root, ourselves, and who the program is. */
static bool
may_notify(const struct msghdr *m, pid_t pid)
{
	const struct cmsghdr *c = CMSG_FIRSTHDR(m);
	struct ucred who;

	if (c == NULL || c->cmsg_level != SOL_SOCKET ||
	    c->cmsg_type != SCM_CREDENTIALS)
		return false;
	memcpy(&who, CMSG_DATA(c), sizeof(who));
	return who.pid == pid || who.uid == 0 || who.uid == geteuid();
}

static bool
has_line(const char *text, const char *line)
{
	size_t n = strlen(line);

	while (text != NULL) {
		if (strncmp(text, line, n) == 0 &&
		    (text[n] == '\n' || text[n] == '\0'))
			return true;
		text = strchr(text, '\n');
		text = text == NULL ? NULL : text + 1;
	}
	return false;
}

/* 1: ready; 0: something else. */
static int
hear_notify(const struct launch *l, pid_t pid)
{
	char text[4096];
	union {
		char bytes[CMSG_SPACE(sizeof(struct ucred))];
		struct cmsghdr align;
	} control;
	struct iovec v = { .iov_base = text, .iov_len = sizeof(text) - 1 };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1,
	    .msg_control = &control, .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(l->notify, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	if (n <= 0)
		return 0;
	text[n] = '\0';
	return may_notify(&m, pid) && has_line(text, "READY=1");
}

/* 1: ready; 0: not yet; -1: it will not say it any more. */
static int
hear_line(const struct launch *l)
{
	char text[256];
	ssize_t n = read(l->said[0], text, sizeof(text));

	if (n == 0)
		return -1;
	return n > 0 && memchr(text, '\n', (size_t)n) != NULL;
}

/* By the pid of whom the watch says that it is there. */
static void
stop_watched(struct proclc_orphan *watch, pid_t pid)
{
	struct pollfd end = { .fd = proclc_orphan_fd(watch),
	    .events = POLLIN };

	for (int signum = SIGTERM; signum != 0;
	    signum = signum == SIGTERM ? SIGKILL : 0) {
		if (poll(&end, 1, 0) > 0)
			return;
		kill(pid, signum);
		poll(&end, 1, STOP_MS);
	}
}

/* By its file, if there is one: never a stranger. */
static void
stop(const struct launch *l, struct proclc_orphan *watch, pid_t pid)
{
	struct proclc_stop_options o = PROCLC_STOP_OPTIONS_INIT;
	int rc = PROCLC_ENOENT;

	o.grace_ms = STOP_MS;
	if (l->pid_file != NULL)
		rc = proclc_stop(l->pid_file, &o);
	if (rc < 0 && watch != NULL)
		stop_watched(watch, pid);
	if (l->pid_file != NULL)
		remove_stale(l->pid_file);
}

/* Of one that ends by itself. */
static void
clear_up(const struct launch *l, struct proclc_orphan *watch)
{
	struct pollfd end = { .fd = proclc_orphan_fd(watch),
	    .events = POLLIN };

	if (watch != NULL)
		poll(&end, 1, STOP_MS);
	if (l->pid_file != NULL)
		remove_stale(l->pid_file);
}

/* false: due came first. */
static bool
readable(int fd, int64_t due)
{
	struct pollfd one = { .fd = fd, .events = POLLIN };
	int64_t left = due - now_ms();

	return left > 0 && poll(&one, 1, (int)left) > 0;
}

enum { RUNS, NOT_BEGUN = -1 };

/* What the daemon says: RUNS, it has become the program; NOT_BEGUN, it ended
 * before; else the errno of what failed.  It is gone then. */
static int
hear_exec(const struct launch *l, struct proclc_orphan *watch, pid_t pid,
    int64_t due)
{
	bool is_next = false;
	int error;

	for (;;) {
		if (!readable(l->pair[0], due))
			return ETIMEDOUT;
		if (recv(l->pair[0], &error, sizeof(error), 0) !=
		    sizeof(error))
			break;
		if (error != 0) {
			readable(l->pair[0], due);
			return error;
		}
		is_next = true;
	}
	if (is_next && (watch == NULL || has_begun(watch, pid)))
		return RUNS;
	clear_up(l, watch);
	return NOT_BEGUN;
}

enum { SAID, ENDED, READY_SOURCES };

/* After the exec; the exit code. */
static int
await_word(const struct launch *l, struct proclc_orphan *watch, pid_t pid,
    int64_t due)
{
	struct pollfd fds[READY_SOURCES] = {
		[SAID] = { .fd = l->ready == READY_FD ? l->said[0] :
		    l->notify, .events = POLLIN },
		[ENDED] = { .fd = proclc_orphan_fd(watch), .events = POLLIN },
	};
	const char *why = "was not ready in time";
	int64_t left;
	int word;

	while ((left = due - now_ms()) > 0) {
		if (poll(fds, READY_SOURCES, (int)left) <= 0)
			continue;
		word = fds[SAID].revents == 0 ? 0 : l->ready == READY_FD ?
		    hear_line(l) : hear_notify(l, pid);
		if (word > 0)
			return 0;
		if (fds[ENDED].revents != 0) {
			why = "ended before it was ready";
			break;
		}
		if (word < 0) {
			why = "has closed its descriptor, and was not ready";
			break;
		}
	}
	say(l->self, "%s %s", l->program[0], why);
	stop(l, watch, pid);
	return 1;
}

/* A watch with a callback tells, and ends nobody. */
static void
do_nothing(struct proclc_orphan *watch, void *user)
{
	(void)watch;
	(void)user;
}

/* It lives as long as it waits for our word. */
static struct proclc_orphan *
watch_it(int64_t pid)
{
	struct proclc_orphan_options o = PROCLC_ORPHAN_OPTIONS_INIT;
	struct proclc_orphan *watch = NULL;

	o.pid = pid;
	if (proclc_orphan_new(&watch, &o) < 0)
		return NULL;
	if (proclc_orphan_add_callback(watch, do_nothing, NULL) < 0 ||
	    proclc_orphan_start(watch) < 0) {
		proclc_orphan_free(watch);
		return NULL;
	}
	return watch;
}

int
await_ready(struct launch *l)
{
	int64_t due = now_ms() + l->timeout_ms;
	struct proclc_orphan *watch = NULL;
	int64_t pid = 0;
	int error;

	close(l->pair[1]);
	if (l->said[1] >= 0)
		close(l->said[1]);
	if (recv(l->pair[0], &pid, sizeof(pid), 0) == sizeof(pid))
		watch = watch_it(pid);
	send(l->pair[0], "", 1, MSG_NOSIGNAL);
	error = hear_exec(l, watch, (pid_t)pid, due);
	if (error == ETIMEDOUT)
		stop(l, watch, (pid_t)pid);
	if (error == NOT_BEGUN) {
		say(l->self, "%s: the daemon ended before it ran",
		    l->program[0]);
		return 1;
	}
	if (error != RUNS) {
		say(l->self, "%s: %s", l->program[0], strerror(error));
		return error == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_RUN;
	}
	if (l->ready == READY_EXEC)
		return 0;
	if (watch == NULL) {
		say_error(l->self);
		return 1;
	}
	return await_word(l, watch, (pid_t)pid, due);
}
