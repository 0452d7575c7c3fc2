/* prefork.h - what master and worker share. */
#ifndef PREFORK_H
#define PREFORK_H

#include <proclc.h>

/* One place in the row of workers, and who fills it. */
struct worker {
	struct proclc_task *task;	/* NULL: nobody */
	struct proclc_task *leaving;	/* who has been replaced */
	int number;
	int listener;
	int64_t started;	/* ms; known in the worker itself, */
	unsigned long requests;	/* as this */
};

extern const struct proclc_loop_ops worker_ops;

/* Monotonic time. */
int64_t
now_ms(void);
/* A line in the log. */
void
say(const char *format, ...) __attribute__((__format__(__printf__, 1, 2)));

#endif
