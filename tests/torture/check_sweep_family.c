/* Whatever fails under the calls for tasks that live, alone and together. */
#define _GNU_SOURCE 1

#include "answers.h"

/* What else than the system's errno is a true answer: what the child has met
 * stands in the message, and a child that cannot be held on to, or that the
 * system takes for gone whenever it is signalled. */
#define TASK_ANSWERS \
	{ "*", 0, PROCLC_ESTARTFAILED }, \
	{ "pidfd_open", ESRCH, PROCLC_ETIMEDOUT }, \
	{ "pidfd_send_signal", ESRCH, PROCLC_ETIMEDOUT }, \
	THREAD_ANSWERS

static const struct sweep_answer task_answers[] = {
	TASK_ANSWERS,
	{ NULL, 0, 0 }
};

/* The processes cannot be listed: somebody may live. */
static const struct sweep_answer tree_answers[] = {
	TASK_ANSWERS,
	{ "openat", 0, PROCLC_ETIMEDOUT },
	{ "getdents64", 0, PROCLC_ETIMEDOUT },
	{ "read", 0, PROCLC_ETIMEDOUT },
	{ "malloc", ENOMEM, PROCLC_ETIMEDOUT },
	{ NULL, 0, 0 }
};

static const char *const lost_task[] = { "write", NULL };

/* A system that says of one process after the other that it is not there. */
static const char *const known_tree[] = { "openat+", NULL };

/* A system that lacks it for a moment, or for one thread: who has ended then is
 * reaped when the next one ends. */
static const char *const known_descendants[] = { "waitid", NULL };

static const struct sweep sweeps[] = {
	{ .story = "family", .answers = task_answers, .loses = lost_task,
	    .pending = 2 },
	{ .story = "verbs", .answers = task_answers, .loses = lost_task,
	    .pending = 2 },
	{ .story = "result", .answers = task_answers, .loses = lost_task },
	{ .story = "tree", .answers = tree_answers, .loses = lost_task,
	    .known = known_tree, .seam = "tree", .backend = "linux",
	    .slow = true },
	{ .story = "descendants", .answers = tree_answers, .pending = 1,
	    .known = known_descendants, .seam = "tree", .backend = "linux",
	    .slow = true },
	{ .story = "stopfd", .answers = task_answers, .loses = lost_task },
	{ .story = "changes", .answers = task_answers, .loses = lost_task,
	    .pending = 1 },
};

int
main(void)
{
	return sweep_main("sweep_family", sweeps,
	    sizeof(sweeps) / sizeof(sweeps[0]));
}
