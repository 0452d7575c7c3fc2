/* command.h - tasks that are programs, for the files of the subprocess unit
 * (floor 4). */
#ifndef PCL_COMMAND_H
#define PCL_COMMAND_H

#include <proclc/command.h>

#include "os/program.h"
#include "task.h"

/* The parent's end of a pipe, known again. */
struct pcl_pipe_end {
	intptr_t handle;	/* PCL_NONE: none, or closed */
	struct pcl_os_file_id id;
};

/*
 * What to run, which never changes, and the last run of it, which is under
 * PCL_LOCK_TASK.
 */
struct pcl_command {
	/* All copies, with name and path; fds and limits stand below. */
	struct proclc_command_options o;
	char *const *argv;
	const struct pcl_os_pass *passes;
	const struct pcl_os_limit *limits;
	unsigned run;	/* how many there were */
	struct pcl_pipe_end ends[3];	/* of ours, to 0, 1 and 2 */
	intptr_t given[3];	/* the child's, until it has them */
	intptr_t channel[2];	/* see struct pcl_os_exec */
	size_t told;	/* bytes of struct proclc_talk's in */
	int64_t ended_at;	/* when a talk saw it; 0: not yet */
	bool talking;
};

/* The task's; NULL: it is no command. */
static inline struct pcl_command *
pcl_task_command(const struct proclc_task *task)
{
	return task->extras == NULL ? NULL : task->extras->command;
}

/* Then its next run has to wait: with the pipes of the last one what that has
 * said would be gone. */
static inline bool
pcl_command_is_talked_to(const struct proclc_task *task)
{
	const struct pcl_command *command = pcl_task_command(task);

	return command != NULL && command->talking;
}

const char *
pcl_command_name(const struct pcl_command *command);
/* Its memory; NULL is fine. */
void
pcl_command_free(struct pcl_command *command);

/*
 * Run it, once more perhaps, in a new child, with pipes anew: the old ones are
 * closed.  No lock is held.  Returns the pid; what failed, which is recorded.
 */
int64_t
pcl_command_run(const struct proclc_task *task);
/* Close what its last run has here, also in a forked child.  The lock is held.
 * A task that is no command is fine. */
void
pcl_command_let_go(struct proclc_task *task);
/* Is this end still open, and not a file of the program's own?  And close it,
 * if so.  The lock is held. */
bool
pcl_pipe_end_open(struct pcl_pipe_end *end);
void
pcl_pipe_end_close(struct pcl_pipe_end *end);

/* pcl_os_exec() by a thread that lives as long as the process. */
int64_t
pcl_spawner_exec(const struct pcl_os_exec *exec,
    struct pcl_os_exec_failure *failure);

#endif
