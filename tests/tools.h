/*
 * proclc run and keep as children of a test, and what their program says, a
 * number a line.
 *
 *	struct tool t;
 *
 *	tool_start(&t, "run", "--", tool_scenario("chorus"), NULL);
 *	pid = tool_number(&t);
 *	kill(t.pid, SIGUSR1);
 *	ck_assert_int_eq(tool_number(&t), SIGUSR1);
 */
#ifndef TOOLS_H
#define TOOLS_H

#include "backend.h"
#include "toolkit/clock.h"
#include "toolkit/os.h"
#include "toolkit/toolkit.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TOOL_ARGS = 24 };

struct tool {
	pid_t pid;
	int out;	/* what the program says */
};

static inline const char *
tool_scenario(const char *name)
{
	static char path[4096];
	char scenario[64];

	snprintf(scenario, sizeof(scenario), "scn/%s", name);
	scenario_path(path, sizeof(path), scenario);
	return path;
}

static inline const char *
tool_program(void)
{
	static char path[4096];

	scenario_path(path, sizeof(path), "../tools/proclc");
	return path;
}

static inline bool
tool_skip(void)
{
	if (access(tool_program(), X_OK) == 0)
		return skip_without("tree", "linux");
	toolkit_skip("proclc(1) is not built for this system");
	return true;
}

/* As a shell would: signals by default, nobody's group but the test's. */
static inline void
tool_become(const char *const *argv, int out)
{
	int null = open("/dev/null", O_RDWR);
	int signum;

	for (signum = 1; signum < 32; signum++)
		signal(signum, SIG_DFL);
	dup2(null, 0);
	dup2(out, 1);
	execv(argv[0], (char **)(uintptr_t)argv);
	_exit(99);
}

static inline void
tool_argv(const char **argv, const char *command, va_list args)
{
	int n = 1;

	argv[0] = tool_program();
	argv[n++] = command;
	do
		argv[n] = va_arg(args, const char *);
	while (argv[n++] != NULL && n < TOOL_ARGS);
}

/* command, its options and program, to a NULL. */
static inline void
tool_start(struct tool *t, const char *command, ...)
{
	const char *argv[TOOL_ARGS];
	int ends[2];
	va_list args;

	va_start(args, command);
	tool_argv(argv, command, args);
	va_end(args);
	ck_assert_int_eq(pipe(ends), 0);
	fcntl(ends[0], F_SETFD, FD_CLOEXEC);
	fcntl(ends[1], F_SETFD, FD_CLOEXEC);
	t->pid = fork();
	ck_assert_int_ge(t->pid, 0);
	if (t->pid == 0)
		tool_become(argv, ends[1]);
	close(ends[1]);
	t->out = ends[0];
}

/* The number on the next line; -1: there is no more. */
static inline long
tool_number(struct tool *t)
{
	char text[64] = "";
	size_t n = 0;

	for (;;) {
		ck_assert_msg(fd_readable_within(t->out, 20000),
		    "it says nothing");
		if (read(t->out, text + n, 1) != 1)
			return -1;
		if (text[n] == '\n')
			return atol(text);
		n += n < sizeof(text) - 2;
	}
}

/* How it ended, as waitpid tells it; bounded. */
static inline int
tool_wait(struct tool *t)
{
	int64_t due = clock_deadline(30000);
	int status = -1;

	while (waitpid(t->pid, &status, WNOHANG) == 0) {
		ck_assert_msg(clock_now_ms() < due, "it does not end");
		poll(NULL, 0, 1);
	}
	return status;
}

/* The same, of one that exits. */
static inline int
tool_code(struct tool *t)
{
	int status = tool_wait(t);

	close(t->out);
	ck_assert_msg(WIFEXITED(status), "status %x", (unsigned)status);
	return WEXITSTATUS(status);
}

/* proclc run -- sh -c script. */
static inline int
tool_run_sh(const char *script)
{
	struct tool t;

	tool_start(&t, "run", "--", "/bin/sh", "-c", script, NULL);
	return tool_code(&t);
}

/* Wait until it passes signals on: it catches the first and the last one. */
static inline void
tool_await_handlers(const struct tool *t)
{
	const uint64_t both = (uint64_t)1 << 63 | 1;
	int64_t due = clock_deadline(0);
	unsigned long long caught;
	char path[64], text[4096];
	const char *at;

	snprintf(path, sizeof(path), "/proc/%ld/status", (long)t->pid);
	for (;;) {
		ck_assert_int_gt(file_read(path, text, sizeof(text)), 0);
		at = strstr(text, "SigCgt:");
		ck_assert_ptr_nonnull(at);
		caught = strtoull(at + 7, NULL, 16);
		if ((caught & both) == both)
			return;
		ck_assert_msg(clock_now_ms() < due, "no handlers");
		poll(NULL, 0, 1);
	}
}

#endif
