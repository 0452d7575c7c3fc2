/*
 * error.c - codes, their words, and each thread's last failure.
 *
 * Promise: a failing call leaves one sentence, one code, the system's own
 * number and the step in the thread that called; nothing is printed.
 */
#include "error.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "os/kin.h"

struct word {
	int code;
	const char *name;
	const char *text;
};

#define WORD(code, text) { code, #code, text }

static const struct word words[] = {
	WORD(PROCLC_OK, "success"),
	WORD(PROCLC_EPERM, "operation not permitted"),
	WORD(PROCLC_ENOENT, "no such file or directory"),
	WORD(PROCLC_ESRCH, "no such process"),
	WORD(PROCLC_EINTR, "interrupted"),
	WORD(PROCLC_EIO, "input/output error"),
	WORD(PROCLC_E2BIG, "too big, or asks for what this library lacks"),
	WORD(PROCLC_ENOEXEC, "not an executable format"),
	WORD(PROCLC_EBADF, "bad file descriptor"),
	WORD(PROCLC_ECHILD, "no such child"),
	WORD(PROCLC_EAGAIN, "not now: a limit is reached"),
	WORD(PROCLC_ENOMEM, "out of memory"),
	WORD(PROCLC_EACCES, "permission denied"),
	WORD(PROCLC_EBUSY, "in use"),
	WORD(PROCLC_EEXIST, "exists already"),
	WORD(PROCLC_ENOTDIR, "not a directory"),
	WORD(PROCLC_EISDIR, "is a directory"),
	WORD(PROCLC_EINVAL, "invalid argument"),
	WORD(PROCLC_ENFILE, "the system has no file left to open"),
	WORD(PROCLC_EMFILE, "the process has no descriptor left"),
	WORD(PROCLC_EFBIG, "file too large"),
	WORD(PROCLC_ENOSPC, "no space left"),
	WORD(PROCLC_EROFS, "read-only file system"),
	WORD(PROCLC_EPIPE, "the other side is gone"),
	WORD(PROCLC_ERANGE, "out of range"),
	WORD(PROCLC_EDEADLK, "would wait for itself"),
	WORD(PROCLC_ENAMETOOLONG, "name too long"),
	WORD(PROCLC_ENOSYS, "the system lacks this call"),
	WORD(PROCLC_ELOOP, "a symbolic link, or too many"),
	WORD(PROCLC_ENOTSUP, "not supported here"),
	WORD(PROCLC_ETIMEDOUT, "timed out"),
	WORD(PROCLC_EALREADY, "done already"),
	WORD(PROCLC_EORPHANED, "the parent is gone"),
	WORD(PROCLC_ERUNNING, "another instance is running"),
	WORD(PROCLC_ESTARTING, "another instance is starting"),
	WORD(PROCLC_ENOTRUNNING, "not running"),
	WORD(PROCLC_EUNLOCKED, "the process lives, but does not hold the file"),
	WORD(PROCLC_EMALFORMED, "not a pid file"),
	WORD(PROCLC_EUNSAFE, "not safe: owner, mode, links, kind or directory"),
	WORD(PROCLC_ESTARTFAILED, "ended before it was ready"),
	WORD(PROCLC_ENOTOWNER, "belongs to another process"),
	WORD(PROCLC_ESIGNAL, "no such signal, or not one to handle"),
	WORD(PROCLC_ETHREADS, "the process has other threads"),
	WORD(PROCLC_ETASKS, "the process has live tasks"),
	WORD(PROCLC_ECALLBACK, "not from inside a callback"),
	WORD(PROCLC_EENDING, "the process is ending"),
	WORD(PROCLC_EUSER, "no such user or group"),
};

static _Thread_local struct pcl_failure last;
static void (*log_fn)(const char *line, void *user);
static void *log_user;

static const struct word *
find(int code)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (words[i].code == code)
			return &words[i];
	return NULL;
}

const char *
proclc_strerror(int code)
{
	static _Thread_local char other[96];
	/* Kept negative: the least int has no positive counterpart. */
	int negative = code < 0 ? code : -code;
	const struct word *word = find(negative);

	if (word != NULL)
		return word->text;
	pcl_os_strerror(negative < -INT_MAX ? INT_MAX : -negative, other,
	    sizeof(other));
	return other;
}

const char *
proclc_error_name(int code)
{
	const struct word *word = find(code);

	return word == NULL ? NULL : word->name;
}

const char *
proclc_errmsg(void)
{
	return last.text;
}

int
proclc_error_detail(struct proclc_error_detail *detail)
{
	struct proclc_error_detail d = {
		.code = last.code,
		.os_error = last.os_error,
		.stage = last.stage,
		.pid = last.pid,
	};

	if (detail == NULL || detail->size < sizeof(detail->size))
		return PROCLC_EINVAL;
	d.size = detail->size < sizeof(d) ? detail->size : (uint32_t)sizeof(d);
	memcpy(detail, &d, d.size);
	return 0;
}

void
proclc_set_log(void (*fn)(const char *line, void *user), void *user)
{
	log_user = user;
	log_fn = fn;
}

/* Codes from -errno up are the system's own; ours have no such number. */
static int
os_number(int code)
{
	return code > PROCLC_EORPHANED ? pcl_os_error_number(code) : 0;
}

static void
record(int code, enum proclc_stage stage, int64_t pid)
{
	last.code = code;
	last.os_error = os_number(code);
	last.stage = (int32_t)stage;
	last.pid = pid;
}

int
pcl_fail(int code, enum proclc_stage stage, const char *format, ...)
{
	char text[sizeof(last.text)];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	record(code, stage, 0);
	/* Keep the cause when a long path does not leave it room. */
	snprintf(last.text, sizeof(last.text), "%.*s: %s",
	    (int)sizeof(last.text) - 100, text, proclc_strerror(code));
	return code;
}

int
pcl_fail_pid(int code, enum proclc_stage stage, int64_t pid,
    const char *format, ...)
{
	va_list args;

	record(code, stage, pid);
	va_start(args, format);
	vsnprintf(last.text, sizeof(last.text), format, args);
	va_end(args);
	return code;
}

int
pcl_fail_in(const char *who)
{
	char text[sizeof(last.text)];

	snprintf(text, sizeof(text), "%s: %.*s", who,
	    (int)(sizeof(text) - strlen(who) - 3), last.text);
	memcpy(last.text, text, sizeof(text));
	return last.code;
}

void
pcl_failure_get(struct pcl_failure *failure)
{
	*failure = last;
}

int
pcl_failure_set(const struct pcl_failure *failure)
{
	last = *failure;
	last.text[sizeof(last.text) - 1] = '\0';
	return last.code;
}

void
pcl_log(const char *format, ...)
{
	char line[sizeof(last.text)];
	va_list args;

	if (log_fn == NULL)
		return;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	log_fn(line, log_user);
}

int
pcl_options_read(void *dst, uint32_t known, const void *src)
{
	const unsigned char *bytes = src;
	uint32_t size;

	memset(dst, 0, known);
	if (src == NULL)
		return 0;
	memcpy(&size, src, sizeof(size));
	if (size < sizeof(size))
		return pcl_fail(PROCLC_EINVAL, PROCLC_STAGE_ARGUMENTS,
		    "options of size %u", (unsigned)size);
	for (uint32_t i = known; i < size; i++)
		if (bytes[i] != 0)
			return pcl_fail(PROCLC_E2BIG, PROCLC_STAGE_ARGUMENTS,
			    "options member at byte %u", (unsigned)i);
	memcpy(dst, src, size < known ? size : known);
	return 0;
}

int64_t
pcl_due(int64_t timeout_ms)
{
	int64_t now = pcl_os_now();

	if (timeout_ms == PROCLC_NOW)
		return now;
	if (timeout_ms < 0 || timeout_ms > PCL_NEVER - now)
		return PCL_NEVER;
	return now + timeout_ms;
}
