/* Talking with a scenario program, and its end. */
#define _GNU_SOURCE 1

#include "scenario.h"
#include "clock.h"
#include "os.h"
#include "process.h"
#include "scenario-run.h"

#include <check.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void
stream_read(struct stream *stream)
{
	char *grown = realloc(stream->data, stream->used + 4097);
	ssize_t n;

	if (grown == NULL)
		abort();
	stream->data = grown;
	n = read(stream->fd, grown + stream->used, 4096);
	if (n > 0)
		stream->used += (size_t)n;
	grown[stream->used] = '\0';
	if (n == 0) {
		close(stream->fd);
		stream->fd = -1;
	}
}

/*
 * Reads what is there on both pipes, so that the program never blocks on
 * one; with nothing there, waits for it or for the handle, at most ms.
 */
static void
pump(struct scenario_run *run, int handle, int ms)
{
	struct pollfd poller[] = {
		{ .fd = run->out.fd, .events = POLLIN },
		{ .fd = run->err.fd, .events = POLLIN },
		{ .fd = handle, .events = POLLIN },
	};

	if (poll(poller, 3, ms) <= 0)
		return;
	if (poller[0].revents != 0)
		stream_read(&run->out);
	if (poller[1].revents != 0)
		stream_read(&run->err);
}

static void
drain(struct scenario_run *run)
{
	struct stream before[2];

	do {
		before[0] = run->out;
		before[1] = run->err;
		pump(run, -1, 0);
	} while (run->out.used != before[0].used ||
	    run->err.used != before[1].used);
}

static const char *
unread(const struct stream *stream)
{
	return stream->data == NULL ? "" : stream->data + stream->taken;
}

__attribute__((format(printf, 2, 3), noreturn))
static void
fail_run(struct scenario_run *run, const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	drain(run);
	ck_abort_msg("scenario %s: %s; unread stdout: \"%.800s\"; "
	    "stderr: \"%.800s\"", run->name, text, unread(&run->out),
	    unread(&run->err));
}

/* What it says. */

bool
scenario_read_line(struct scenario *s, char *buf, size_t size, int timeout_ms)
{
	struct stream *out = &s->run->out;
	int64_t deadline = clock_deadline(timeout_ms);
	const char *line, *end;
	size_t length;

	while ((end = strchr(unread(out), '\n')) == NULL) {
		if (out->fd < 0 || clock_left_ms(deadline) == 0)
			return false;
		pump(s->run, -1, clock_left_ms(deadline));
	}
	line = unread(out);
	length = (size_t)(end - line);
	out->taken += length + 1;
	if (length >= size)
		length = size - 1;
	memcpy(buf, line, length);
	buf[length] = '\0';
	return true;
}

void
scenario_expect(struct scenario *s, const char *format, ...)
{
	char expected[1024], line[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(expected, sizeof(expected), format, args);
	va_end(args);
	if (!scenario_read_line(s, line, sizeof(line), 0))
		fail_run(s->run, "expected \"%s\", got nothing", expected);
	if (strcmp(line, expected) != 0)
		fail_run(s->run, "expected \"%s\", got \"%s\"", expected, line);
}

long
scenario_expect_number(struct scenario *s, const char *text)
{
	char line[1024];
	char *end;
	long number;

	if (!scenario_read_line(s, line, sizeof(line), 0))
		fail_run(s->run, "expected \"%s\" N, got nothing", text);
	if (strncmp(line, text, strlen(text)) == 0) {
		number = strtol(line + strlen(text), &end, 10);
		if (end != line + strlen(text) && *end == '\0')
			return number;
	}
	fail_run(s->run, "expected \"%s\" N, got \"%s\"", text, line);
}

void
scenario_expect_eof(struct scenario *s)
{
	struct scenario_run *run = s->run;
	int64_t deadline = clock_deadline(0);

	while (run->out.fd >= 0 || run->err.fd >= 0) {
		if (clock_left_ms(deadline) == 0)
			fail_run(run, "its output is still open");
		pump(run, -1, clock_left_ms(deadline));
	}
	if (*unread(&run->out) != '\0')
		fail_run(run, "said more than expected");
}

const char *
scenario_stderr(struct scenario *s)
{
	drain(s->run);
	return unread(&s->run->err);
}

const char *
scenario_stdout(struct scenario *s)
{
	drain(s->run);
	return unread(&s->run->out);
}

/* What it is told. */

/* write() to a pipe that perhaps nobody reads any more, without SIGPIPE. */
static bool
write_quietly(int fd, const char *data, size_t size)
{
	sigset_t pipe_only, before, pending;
	ssize_t n;
	int signo;

	sigemptyset(&pipe_only);
	sigaddset(&pipe_only, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &pipe_only, &before);
	n = write(fd, data, size);
	sigpending(&pending);
	if (n < 0 && errno == EPIPE && sigismember(&pending, SIGPIPE) == 1)
		sigwait(&pipe_only, &signo);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return n == (ssize_t)size;
}

void
scenario_send(struct scenario *s, const char *format, ...)
{
	char line[1024];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(line, sizeof(line) - 1, format, args);
	va_end(args);
	ck_assert_int_lt(n, (int)sizeof(line) - 1);
	line[n] = '\n';
	if (s->run->in < 0 ||
	    !write_quietly(s->run->in, line, (size_t)n + 1))
		fail_run(s->run, "does not read its stdin");
}

void
scenario_close_stdin(struct scenario *s)
{
	if (s->run->in >= 0)
		close(s->run->in);
	s->run->in = -1;
}

void
scenario_signal(struct scenario *s, int signo)
{
	if (s->run->reaped)
		fail_run(s->run, "signal %d: it is reaped already", signo);
	if (kill(s->run->pid, signo) < 0)
		fail_run(s->run, "kill %d: %s", signo, strerror(errno));
}

/* Its end. */

bool
scenario_ended(struct scenario *s)
{
	return s->run->reaped || !process_alive(s->run->pid);
}

/* Reads on until it can be reaped, looking each ms if there is no handle. */
static bool
end_until(struct scenario_run *run, int64_t deadline)
{
	int handle = os_process_handle(run->pid);
	pid_t pid;

	for (;;) {
		int left = clock_left_ms(deadline);

		pid = waitpid(run->pid, &run->status, WNOHANG);
		if (pid != 0 || left == 0)
			break;
		if (handle == OS_UNKNOWN)
			left = 1;
		pump(run, handle, left);
	}
	if (handle != OS_UNKNOWN)
		close(handle);
	run->reaped = pid == run->pid;
	return run->reaped;
}

int
scenario_wait(struct scenario *s)
{
	if (!s->run->reaped && !end_until(s->run, clock_deadline(0)))
		fail_run(s->run, "has not ended");
	drain(s->run);
	return s->run->status;
}

static void
describe(int status, char *buf, size_t size)
{
	if (WIFEXITED(status))
		snprintf(buf, size, "exited with %d", WEXITSTATUS(status));
	else
		snprintf(buf, size, "was killed by signal %d",
		    WTERMSIG(status));
}

void
scenario_expect_exit(struct scenario *s, int code)
{
	int status = scenario_wait(s);
	char text[64];

	describe(status, text, sizeof(text));
	if (!WIFEXITED(status) || WEXITSTATUS(status) != code)
		fail_run(s->run, "expected exit with %d, %s", code, text);
}

void
scenario_expect_killed(struct scenario *s, int signo)
{
	int status = scenario_wait(s);
	char text[64];

	describe(status, text, sizeof(text));
	if (!WIFSIGNALED(status) || WTERMSIG(status) != signo)
		fail_run(s->run, "expected death by signal %d, %s", signo,
		    text);
}

static void
close_run(struct scenario_run *run)
{
	int fds[] = { run->in, run->out.fd, run->err.fd };
	size_t i;

	for (i = 0; i < 3; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	free(run->out.data);
	free(run->err.data);
	free(run);
}

int
scenario_close_all(char *buf, size_t size)
{
	int running = 0;

	buf[0] = '\0';
	while (scenario_runs != NULL) {
		struct scenario_run *run = scenario_runs;
		size_t used = strlen(buf);

		scenario_runs = run->next;
		if (!run->reaped) {
			snprintf(buf + used, size - used, " %s", run->name);
			kill(run->pid, SIGKILL);
			end_until(run, clock_deadline(0));
			running++;
		}
		close_run(run);
	}
	return running;
}
