/*
 * supervise.c - a program that dies with us, whatever ends us.
 *
 * Two processes do it.  The outer one is who was started: it passes signals
 * on, watches its parent and has the exit status.  The inner one runs the
 * program, inherits its orphans, and sees the outer one's end, whatever kills
 * that, by a socket; then it ends all that is below it.  The other way round
 * the orphans are the outer one's, and it does.  As process 1 there is one
 * process only: its end is everybody's.
 */
#define _GNU_SOURCE 1

#include "supervise.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EXIT_FAILED = 125 };

void
request_stop(const struct supervision *s)
{
	/* Both ends are readable then. */
	shutdown(s->end, SHUT_RDWR);
}

int
exit_code(const struct proclc_status *status)
{
	if (status->kind == PROCLC_STATUS_EXITED)
		return status->code;
	return status->kind == PROCLC_STATUS_KILLED ? 128 + status->signum :
	    EXIT_FAILED;
}

/* A watch with a callback tells, and ends nobody. */
static void
do_nothing(struct proclc_orphan *watch, void *user)
{
	(void)watch;
	(void)user;
}

/* Our parent; NULL: nobody that could be seen to end. */
static struct proclc_orphan *
watch_parent(const struct supervision *s)
{
	struct proclc_orphan *watch = NULL;

	if (s->outlive || getpid() == 1 ||
	    proclc_orphan_new(&watch, NULL) < 0)
		return NULL;
	if (proclc_orphan_add_callback(watch, do_nothing, NULL) == 0 &&
	    proclc_orphan_start(watch) == 0)
		return watch;
	proclc_orphan_free(watch);
	return NULL;
}

static int
inner(void *self)
{
	struct supervision *s = *(struct supervision **)self;

	close(s->pair[1]);
	s->end = s->pair[0];
	return supervise_program(s);
}

static const struct proclc_task_ops inner_ops = {
	.size = sizeof(inner_ops), .name = "proclc", .run = inner,
};

static void
on_change(struct proclc_task *task, int state,
    const struct proclc_status *status, void *user)
{
	const struct supervision *s = user;

	(void)task;
	/* It has not seen to its program. */
	if (state == PROCLC_TASK_BACKING_OFF &&
	    status->kind != PROCLC_STATUS_EXITED)
		proclc_shutdown_strays(s->grace_ms);
	if (s->quiet)
		return;
	if (state == PROCLC_TASK_BACKING_OFF)
		say(s->self, "%s ended with %d; it is run again",
		    s->program[0], exit_code(status));
	if (state == PROCLC_TASK_FAILED && s->restart.limit > 0)
		say(s->self, "%s ended with %d; it is given up",
		    s->program[0], exit_code(status));
}

/* Until the program runs: 0; or could not be run: the exit code; -1: the inner
 * process has said neither. */
static int
await_start(struct supervision *s)
{
	struct pollfd fds[2] = {
		{ .fd = s->pair[1], .events = POLLIN },
		{ .fd = proclc_task_fd(s->target), .events = POLLIN },
	};
	char code;

	while (poll(fds, 2, -1) < 0)
		continue;
	if (fds[0].revents == 0 || recv(s->pair[1], &code, 1, 0) != 1)
		return -1;
	return code;
}

/* Until it is over, our parent ends, or a stop is asked for. */
static void
await_end(struct supervision *s, struct proclc_orphan *watch)
{
	struct pollfd fds[4] = {
		{ .fd = proclc_task_fd(s->target), .events = POLLIN },
		{ .fd = watch == NULL ? -1 : proclc_orphan_fd(watch),
		    .events = POLLIN },
		/* Readable are words of the inner process, too. */
		{ .fd = s->pair[1], .events = POLLRDHUP },
	};

	await_any(s, fds, 3);
	if (fds[0].revents == 0)
		request_stop(s);
}

/* The outer process, once the inner one is there. */
static int
guard(struct supervision *s)
{
	struct proclc_status status = PROCLC_STATUS_INIT;
	struct proclc_orphan *watch = watch_parent(s);
	int code;

	/* Another run needs them. */
	if (!s->keep)
		let_go_inherited();
	code = await_start(s);
	s->started = code == 0;
	if (s->started && pass_signals(s))
		await_end(s, watch);
	else if (!s->keep)
		request_stop(s);
	/* Not again: it takes the signal for a stop. */
	if (s->keep)
		proclc_task_shutdown(s->target, PROCLC_FOREVER, NULL);
	proclc_task_wait(s->target, PROCLC_FOREVER, &status);
	if (code > 0)
		return code;
	if (status.kind != PROCLC_STATUS_EXITED)
		say(s->self, "the inner process was ended");
	/* Those of an inner process that was killed are ours. */
	proclc_shutdown_descendants(s->grace_ms);
	return exit_code(&status);
}

static int
start_inner(struct supervision *s)
{
	struct proclc_task_options o = PROCLC_TASK_OPTIONS_INIT;

	o.flags = PROCLC_TASK_OUTLIVE_PARENT;
	o.restart = s->keep ? &s->restart : NULL;
	s->end = s->pair[1];
	if (proclc_task_new(&s->target, &inner_ops, &s, sizeof(s), &o) < 0 ||
	    (s->keep && proclc_task_on_change(s->target, on_change, s) < 0)) {
		say_error(s->self);
		return EXIT_FAILED;
	}
	return guard(s);
}

int
supervise(struct supervision *s)
{
	int code;

	if (proclc_reap_strays() < 0) {
		say_error(s->self);
		return EXIT_FAILED;
	}
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, s->pair) != 0) {
		say(s->self, "open a channel: %s", strerror(errno));
		return EXIT_FAILED;
	}
	s->end = s->pair[0];
	s->has_inner = s->keep || getpid() != 1;
	code = s->has_inner ? start_inner(s) : supervise_program(s);
	return code >= 0 && code < 256 && s->expected[code] ? 0 : code;
}
