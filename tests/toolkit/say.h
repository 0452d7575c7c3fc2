/* say.h - a line to stdout, for programs that a test listens to. */
#ifndef TOOLKIT_SAY_H
#define TOOLKIT_SAY_H

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

static inline void
scn_write(int fd, const char *text, size_t size)
{
	while (size > 0) {
		ssize_t n = write(fd, text, (unsigned)size);

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

#endif
