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
#include "say.h"

#include <string.h>

enum { SCN_DIED = 125 };     /* exit code of die_if() */

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
