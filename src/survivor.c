/*
 * survivor.c - who lives although he was killed, and why.
 */
#include "task.h"

#include <inttypes.h>
#include <stdio.h>

static void
say_why(const struct proclc_task *task, char *why, size_t size)
{
	int64_t tracer = 0;

	if (pcl_os_process_stuck(task->pid, &tracer) == 0)
		snprintf(why, size, "lives");
	else if (tracer != 0)
		snprintf(why, size, "is held by its tracer, pid %" PRId64,
		    tracer);
	else
		snprintf(why, size, "is in the kernel, uninterruptibly");
}

bool
pcl_task_survives(struct proclc_task *task, int64_t *pid, char *why,
    size_t size)
{
	int64_t left;

	*pid = task->pid;
	if (!pcl_task_ended(task)) {
		say_why(task, why, size);
		return true;
	}
	left = pcl_tree_take_left(task);
	if (left > 0) {
		*pid = left;
		snprintf(why, size, "has ended, its descendant %" PRId64
		    " lives", left);
	} else if (left < 0) {
		snprintf(why, size, "has ended, its descendants cannot be"
		    " listed");
	}
	return left != 0;
}
