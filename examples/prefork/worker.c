/*
 * worker.c - what a worker does: a loop object, whose functions run in the
 * child.
 */
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "http.h"
#include "prefork.h"

enum { SLOW_MS = 100 };

int64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* A line in the log: one write, so that lines of processes do not mix. */
void
say(const char *format, ...)
{
	char line[256];
	va_list args;
	int n = snprintf(line, sizeof(line), "%d ", (int)getpid());

	va_start(args, format);
	vsnprintf(line + n, sizeof(line) - (size_t)n - 1, format, args);
	va_end(args);
	n = (int)strlen(line);
	line[n++] = '\n';
	if (write(STDERR_FILENO, line, (size_t)n) < 0)
		return;	/* where should it be said? */
}

/* Take some time, as a request does that asks a slow database; when it is
 * much, the log tells.  Signals interrupt a poll, so it is taken up again. */
static void
answer_slowly(struct worker *self, int connection, const char *ms)
{
	int64_t time = strtol(ms, NULL, 10) % 60000, due = now_ms() + time;
	char body[64];

	if (time >= SLOW_MS)
		say("worker %d takes a slow request", self->number);
	while (now_ms() < due)
		poll(NULL, 0, (int)(due - now_ms()));
	snprintf(body, sizeof(body), "at last, says pid %d\n", (int)getpid());
	http_answer(connection, "200 OK", "text/plain", body);
}

static void
answer(struct worker *self, int connection)
{
	char target[256], body[256], *query;

	self->requests++;
	if (http_read(connection, target, sizeof(target)) != 0) {
		http_answer(connection, "400 Bad Request", "text/plain",
		    "what?\n");
		close(connection);
		return;
	}
	query = strchr(target, '?');
	if (query != NULL)
		*query++ = '\0';
	if (strcmp(target, "/") == 0) {
		http_answer(connection, "200 OK", "text/html",
		    "<!doctype html><title>prefork</title>"
		    "<p>Served by a worker of libproclc's example.\n");
	} else if (strcmp(target, "/status") == 0) {
		snprintf(body, sizeof(body), "{\"pid\": %d, \"worker\": %d, "
		    "\"requests\": %lu, \"uptime_ms\": %lld}\n",
		    (int)getpid(), self->number, self->requests,
		    (long long)(now_ms() - self->started));
		http_answer(connection, "200 OK", "application/json", body);
	} else if (strcmp(target, "/slow") == 0 && query != NULL &&
	    strncmp(query, "ms=", 3) == 0) {
		answer_slowly(self, connection, query + 3);
	} else {
		http_answer(connection, "404 Not Found", "text/plain",
		    "not here\n");
	}
	close(connection);
}

/* The three functions of a loop object.  They run in the child, on its copy of
 * struct worker: begin once, loop again and again, end once, whatever came. */
static int
worker_begin(void *me)
{
	struct worker *self = me;

	self->started = now_ms();
	say("worker %d begins", self->number);
	return 0;
}

/* Wait for a connection or for the word to stop.  The stop descriptor is
 * readable from the first SIGTERM on, and when the master is gone. */
static int64_t
worker_loop(void *me)
{
	struct worker *self = me;
	struct pollfd waits[2] = {
		{ .fd = self->listener, .events = POLLIN },
		{ .fd = proclc_stop_fd(), .events = POLLIN },
	};
	int connection;

	if (poll(waits, 2, -1) < 0)
		return PROCLC_LOOP_AGAIN;
	if (waits[1].revents != 0)
		return PROCLC_LOOP_STOP;
	/* Another worker may have been faster: then there is none. */
	connection = accept(self->listener, NULL, NULL);
	if (connection >= 0)
		answer(self, connection);
	return PROCLC_LOOP_AGAIN;
}

static void
worker_end(void *me)
{
	struct worker *self = me;

	say("worker %d ends after %lu requests", self->number,
	    self->requests);
}

const struct proclc_loop_ops worker_ops = {
	.size = sizeof(worker_ops),
	.name = "worker",
	.begin = worker_begin,
	.loop = worker_loop,
	.end = worker_end,
};
