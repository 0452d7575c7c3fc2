/* Whatever fails under the calls that make processes. */
#define _GNU_SOURCE 1

#include "answers.h"

/* What else than the system's errno is a true answer. */
static const struct sweep_answer task_answers[] = {
	/* what the child has met stands in the message */
	{ "*", 0, PROCLC_ESTARTFAILED },
	{ "mmap", 0, PROCLC_EAGAIN },
	{ "malloc", ENOMEM, PROCLC_EAGAIN },
	{ NULL, 0, 0 }
};

static const struct sweep_answer command_answers[] = {
	{ "mmap", 0, PROCLC_EAGAIN },
	{ NULL, 0, 0 }
};

static const struct sweep_answer restart_answers[] = {
	THREAD_ANSWERS,
	{ NULL, 0, 0 }
};

/* What stdout holds is written before the fork.  Where that fails, libc
 * forgets the text, as in each fflush() of the program's own. */
static const char *const lost_task[] = { "write", NULL };

static const struct sweep sweeps[] = {
	{ .story = "task", .answers = task_answers, .loses = lost_task },
	{ .story = "loop", .answers = task_answers, .loses = lost_task },
	{ .story = "command", .answers = command_answers, .closes = true },
	{ .story = "restart", .answers = restart_answers, .loses = lost_task },
};

int
main(void)
{
	return sweep_main("sweep_tasks", sweeps,
	    sizeof(sweeps) / sizeof(sweeps[0]));
}
