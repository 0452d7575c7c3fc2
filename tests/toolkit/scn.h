/*
 * For scenario programs (tests/scn/NAME.c), which use the library and no
 * Check: a test starts one, reads what it says and tells it to go on.
 *
 *	say("ready %d", (int)getpid());
 *	die_if(hear(line, sizeof(line)) < 0, "hear");
 *	die_if(rc < 0, proclc_errmsg());
 *
 * Every step of a scenario waits to be told; EOF on its stdin means that
 * the test is gone, and it should end.
 */
#ifndef TOOLKIT_SCN_H
#define TOOLKIT_SCN_H

#include "await.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { SCN_DIED = 125 };     /* exit code of die_if() */

static inline void
scn_write(int fd, const char *text, size_t size)
{
	while (size > 0) {
		ssize_t n = write(fd, text, size);

		if (n < 0 && errno != EINTR)
			return;
		if (n > 0) {
			text += n;
			size -= (size_t)n;
		}
	}
}

/* One line (cut at 1000 bytes) to stdout, in one write, past stdio. */
__attribute__((format(printf, 1, 2)))
static inline void
say(const char *format, ...)
{
	char line[1002];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(line, sizeof(line) - 1, format, args);
	va_end(args);
	if (n < 0)
		return;
	if ((size_t)n > sizeof(line) - 2)
		n = (int)sizeof(line) - 2;
	line[n] = '\n';
	scn_write(STDOUT_FILENO, line, (size_t)n + 1);
}

/* A line from stdin without its end: its length; -1 at EOF or error. */
static inline ssize_t
hear(char *buf, size_t size)
{
	size_t used = 0;
	ssize_t n;
	char c;

	for (;;) {
		await_input(STDIN_FILENO);
		n = read(STDIN_FILENO, &c, 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		if (c == '\n')
			break;
		if (used + 1 < size)
			buf[used++] = c;
	}
	if (size > 0)
		buf[used] = '\0';
	return (ssize_t)used;
}

/* what and errno on stderr, then the end without exit handlers. */
static inline void
die_if(int failed, const char *what)
{
	char line[1000];
	int error = errno;
	int n;

	if (!failed)
		return;
	n = snprintf(line, sizeof(line), "died: %.800s (errno %d: %s)\n",
	    what, error, strerror(error));
	if (n > 0)
		scn_write(STDERR_FILENO, line, (size_t)n);
	_exit(SCN_DIED);
}

#endif
