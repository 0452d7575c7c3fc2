/* command.h - tasks that are programs, for the files of the subprocess unit
 * (floor 4). */
#ifndef PCL_COMMAND_H
#define PCL_COMMAND_H

#include <proclc/command.h>

#include <stdatomic.h>

#include "os/program.h"
#include "task.h"

/* The parent's end of a pipe, or a copy of a descriptor, known again. */
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
	struct pcl_os_pass *passes;	/* from the copies */
	const struct pcl_os_limit *limits;
	/* Of the descriptors for 0, 1, 2, and the passes, as long as it may
	 * be started; in the list of those that have any. */
	struct pcl_pipe_end *copies;
	struct pcl_command *next;
	unsigned run;	/* how many there were */
	_Atomic int32_t born;	/* the child, as soon as there is one; 0 */
	bool asked;	/* that one was sent TERM before its start was over */
	bool doomed;	/* no child is to be made by this start */
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
pcl_command_run(struct proclc_task *task);
/* A start begins: nothing of the run before counts.  The lock is held.  A task
 * that is no command is fine. */
void
pcl_command_unborn(struct proclc_task *task);
/* While it starts, the lock is held for these.  Is there a child already?
 * Then its pid is the task's, and can be pinned. */
bool
pcl_command_born(struct proclc_task *task);
/* Where it is to stop early, ask its child, if there is one. */
void
pcl_command_ask(struct proclc_task *task);
/* If there is none yet, none is to come. */
void
pcl_command_doom(struct proclc_task *task);
/* Close what its last run has here, and the copies, also in a forked child.
 * The lock is held.  A task that is no command is fine. */
void
pcl_command_let_go(struct proclc_task *task);
/* It will not run again.  The same. */
void
pcl_command_over(struct proclc_task *task);
/* In a forked child: the copies of all others. */
void
pcl_commands_forget(void);

/* What it was given for 0, 1 or 2; to say that one of its descriptors is not
 * to be had. */
const struct proclc_stdio *
pcl_command_standard(const struct pcl_command *c, int number);
int
pcl_command_bad_fd(const struct pcl_command *c, int rc, int number);
/* Copy the descriptors that it was given.  The lock is held for the others:
 * are they all ours still?  Close them; those of all but one. */
int
pcl_command_copy_fds(struct pcl_command *c);
int
pcl_command_check_copies(struct pcl_command *c);
void
pcl_command_drop_copies(struct pcl_command *c);
void
pcl_command_forget_copies(const struct pcl_command *but);
/* Is this end still open, and not a file of the program's own?  And close it,
 * if so.  The lock is held. */
bool
pcl_pipe_end_open(struct pcl_pipe_end *end);
void
pcl_pipe_end_close(struct pcl_pipe_end *end);

/* Have another thread do it; PROCLC_ENOTSUP, there are to be none.  No lock is
 * held for these. */
int
pcl_spawner_send(struct pcl_errand *errand);
/* From it: nothing that it waits for is to come.  And wait for those that
 * have nothing more to do. */
void
pcl_spawner_nearly(void);
void
pcl_spawner_tidy(void);
/* pcl_os_exec() by a thread that lives as long as the process. */
int64_t
pcl_spawner_exec(const struct pcl_os_exec *exec,
    struct pcl_os_exec_failure *failure);

#endif
