/*
 * Commands in the process of a test: run a program, and look at what it says.
 *
 *	struct proclc_command_options o = PROCLC_COMMAND_OPTIONS_INIT;
 *
 *	o.chdir = toolkit_dir();
 *	ck_assert_str_eq(command_says(&o, "pwd", NULL), toolkit_dir());
 *
 *	o.chdir = "/none";
 *	command_fails(&o, PROCLC_ENOENT, PROCLC_STAGE_CHDIR, "pwd", NULL);
 */
#ifndef COMMANDS_H
#define COMMANDS_H

#include "tasks.h"

#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum { COMMAND_WORDS = 16, COMMAND_TEXT = 65536 };

/* What one or the other has said, without the end of its last line. */
struct command_text {
	char bytes[COMMAND_TEXT];
	size_t n;
};
static struct command_text command_out, command_err;

static inline void
command_add(struct command_text *text, const void *data, size_t n)
{
	ck_assert_uint_lt(text->n + n, COMMAND_TEXT);
	memcpy(text->bytes + text->n, data, n);
	text->n += n;
	text->bytes[text->n] = '\0';
}

static inline void
command_hear_out(const void *data, size_t n, void *user)
{
	(void)user;
	command_add(&command_out, data, n);
}

static inline void
command_hear_err(const void *data, size_t n, void *user)
{
	(void)user;
	command_add(&command_err, data, n);
}

static inline struct proclc_talk
command_talk(const char *in)
{
	struct proclc_talk talk = PROCLC_TALK_INIT;

	command_out.n = command_err.n = 0;
	command_out.bytes[0] = command_err.bytes[0] = '\0';
	talk.in = in;
	talk.in_size = in == NULL ? 0 : strlen(in);
	talk.out = command_hear_out;
	talk.err = command_hear_err;
	return talk;
}

/* argv of the words up to NULL; "%show" is the program that shows what it
 * was given. */
static inline void
command_words(char *argv[COMMAND_WORDS], char *show, size_t size,
    const char *first, va_list rest)
{
	const char *word = first;
	int n = 0;

	scenario_path(show, size, "scn/show");
	for (; word != NULL; word = va_arg(rest, const char *)) {
		ck_assert_int_lt(n, COMMAND_WORDS - 1);
		argv[n++] = strcmp(word, "%show") == 0 ? show :
		    (char *)(uintptr_t)word;
	}
	argv[n] = NULL;
}

/* Waits at the gate of the tests (tasks.h). */
#define COMMAND_WAIT "head -c 1 <&7 >/dev/null; "

/* All three in pipes, and the gate. */
static inline struct proclc_command_options
command_piped(void)
{
	static struct proclc_pass gate = { .as = 7 };
	struct proclc_command_options o = PROCLC_COMMAND_OPTIONS_INIT;

	gate.fd = task_gate[0];
	o.in.kind = o.out.kind = o.err.kind = PROCLC_STDIO_PIPE;
	o.fds = &gate;
	o.n_fds = 1;
	return o;
}

__attribute__((sentinel))
static inline struct proclc_task *
command_start(const struct proclc_command_options *o, const char *first, ...)
{
	char *argv[COMMAND_WORDS], show[512];
	struct proclc_task *task;
	va_list rest;
	int rc;

	va_start(rest, first);
	command_words(argv, show, sizeof(show), first, rest);
	va_end(rest);
	rc = proclc_command_new(&task, argv, o);
	ck_assert_msg(rc == 0, "%s", proclc_errmsg());
	return task;
}

/* Serve it to its end; what it said, its code must be this. */
static inline const char *
command_finish(struct proclc_task *task, const char *in, int code)
{
	struct proclc_talk talk = command_talk(in);

	ck_assert_int_eq(proclc_command_talk(task, &talk, task_bound()), 0);
	task_expect(task, PROCLC_STATUS_EXITED, code);
	proclc_task_free(task);
	if (command_out.n > 0 && command_out.bytes[command_out.n - 1] == '\n')
		command_out.bytes[--command_out.n] = '\0';
	return command_out.bytes;
}

/* Run it with stdout in a pipe; what it says, it must succeed. */
__attribute__((sentinel))
static inline const char *
command_says(const struct proclc_command_options *options, const char *first,
    ...)
{
	struct proclc_command_options o = *options;
	char *argv[COMMAND_WORDS], show[512];
	struct proclc_task *task;
	va_list rest;
	int rc;

	va_start(rest, first);
	command_words(argv, show, sizeof(show), first, rest);
	va_end(rest);
	o.out.kind = PROCLC_STDIO_PIPE;
	rc = proclc_command_new(&task, argv, &o);
	ck_assert_msg(rc == 0, "%s", proclc_errmsg());
	return command_finish(task, NULL, 0);
}

/* It is not started, at this stage, and nothing is left. */
__attribute__((sentinel))
static inline void
command_fails(const struct proclc_command_options *o, int code, int stage,
    const char *first, ...)
{
	struct proclc_error_detail detail = { .size = sizeof(detail) };
	char *argv[COMMAND_WORDS], show[512];
	struct proclc_task *task = (struct proclc_task *)-1;
	va_list rest;
	int rc;

	toolkit_mark();
	va_start(rest, first);
	command_words(argv, show, sizeof(show), first, rest);
	va_end(rest);
	rc = proclc_command_new(&task, argv, o);
	ck_assert_msg(rc == code, "%d: %s", rc, proclc_errmsg());
	ck_assert_ptr_eq(task, (struct proclc_task *)-1);
	proclc_error_detail(&detail);
	ck_assert_int_eq(detail.code, code);
	ck_assert_msg(detail.stage == stage, "stage %d: %s", detail.stage,
	    proclc_errmsg());
	if (code > -20000)
		ck_assert_int_eq(detail.os_error, -code);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	toolkit_unchanged();
}

/* A file of the test with this text. */
static inline const char *
command_file(const char *name, const char *text, mode_t mode)
{
	static char path[2][512];
	static int i;
	int fd;

	i = 1 - i;
	toolkit_expect(TOOLKIT_FILES);
	snprintf(path[i], sizeof(path[i]), "%s/%s", toolkit_dir(), name);
	fd = open(path[i], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (int)strlen(text));
	ck_assert_int_eq(fchmod(fd, mode), 0);
	close(fd);
	return path[i];
}

#endif
