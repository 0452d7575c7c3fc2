/* What a running scenario is, for the toolkit's own files. */
#ifndef TOOLKIT_SCENARIO_RUN_H
#define TOOLKIT_SCENARIO_RUN_H

#include "scenario.h"

/* What came through a pipe; taken: how much of it was read as lines. */
struct stream {
	int fd;              /* -1 after EOF */
	char *data;          /* NUL behind it */
	size_t used;
	size_t taken;
};

struct scenario_run {
	struct scenario_run *next;
	char name[64];
	pid_t pid;
	bool reaped;
	int status;
	int in;              /* -1 once closed */
	struct stream out;
	struct stream err;
};

/* Every scenario of this test. */
extern struct scenario_run *scenario_runs;

#endif
