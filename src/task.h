/* task.h - the task object, for the files of the subprocess unit (floor 4). */
#ifndef PCL_TASK_H
#define PCL_TASK_H

#include <proclc/subprocess.h>

#include <stdbool.h>

#include "dispatch.h"
#include "os/os.h"

enum pcl_task_state {
	PCL_TASK_NEW,
	PCL_TASK_STARTING,	/* forked, or about to */
	PCL_TASK_RUNNING,
	PCL_TASK_ENDED	/* and reaped, or seen to be gone */
};

struct pcl_batch;

/* The source first: what is called is about this task.  Everything but the
 * callback's own is under PCL_LOCK_TASK. */
struct proclc_task {
	struct pcl_source source;	/* its end, when somebody is to hear */
	const struct proclc_task_ops *task;	/* one of the two */
	const struct proclc_loop_ops *loop;
	void *self;
	uint32_t flags;
	uint32_t owner;
	enum pcl_task_state state;
	bool stop_early;	/* to be asked to end once it is there */
	unsigned waiters;	/* threads that wait for it */
	int64_t pid;
	struct pcl_os_status status;
	struct pcl_os_process process;	/* pinned for the source */
	void (*on_exit)(struct proclc_task *task,
	    const struct proclc_status *status, void *user);
	void *on_exit_user;
	struct pcl_batch *batch;
	struct proclc_task *next;	/* of the batch */
};

/* Ready the unit; the lock is held on success. */
int
pcl_task_enter(void);
/* PROCLC_EINVAL, PROCLC_ENOTOWNER. */
int
pcl_task_check(const struct proclc_task *task);
const char *
pcl_task_name(const struct proclc_task *task);

/* Has it ended?  Reaps it, if so.  The lock is held. */
bool
pcl_task_ended(struct proclc_task *task);
/* What the public sees of it.  The lock is held. */
void
pcl_task_describe(const struct proclc_task *task,
    struct proclc_status *status);
/* Pin its process; PROCLC_ESRCH, it has ended.  The lock is held. */
int
pcl_task_pin(struct proclc_task *task, struct pcl_os_process *process);

int
pcl_task_signal(struct proclc_task *task, int signum);
/* Wait until it has ended, or was never started; false: due came.  The lock
 * is held, and given up while waiting. */
bool
pcl_task_wait_until(struct proclc_task *task, int64_t due);
/* Have on_exit called when it ends.  The lock is held. */
int
pcl_task_listen(struct proclc_task *task);
/* Free the memory. */
void
pcl_task_forget(struct proclc_task *task);

/* How long a killed process may take to be gone. */
enum { PCL_KILL_WAIT_MS = 2000 };

/*
 * Shut down the live tasks of a batch, or of all (only NULL), with one grace;
 * at_exit: wait for ever for those that are not to be terminated.
 * Returns as proclc_shutdown_all().
 */
int
pcl_task_end_all(const struct pcl_batch *only, int64_t grace_ms,
    bool at_exit);

/* Have the task end at this process's exit; and forget that again.  The lock
 * is held for all of these. */
int
pcl_batch_add(struct proclc_task *task);
void
pcl_batch_remove(struct proclc_task *task);
/* The first task of a batch, or of all, that is wanted. */
struct proclc_task *
pcl_batch_find(const struct pcl_batch *only,
    bool (*wanted)(struct proclc_task *task, void *arg), void *arg);
/* What the child needs. */
struct pcl_birth {
	struct pcl_birth *next;	/* of those that are under way */
	struct proclc_task *task;
	struct pcl_os_process parent;
	intptr_t ready[2];	/* PCL_NONE, or the channel's ends */
};

/* From the parent's end to the child's at the latest; and the exit code of a
 * child that could not be set up. */
enum { PCL_ORPHAN_GRACE_MS = 5000, PCL_CHILD_FAILED = 125 };

/* In a forked child: close what belongs to the births of other threads. */
void
pcl_births_forget(void);
/* In the child, with all signals blocked: be the task. */
_Noreturn void
pcl_child_main(struct pcl_birth *birth);
/* In a forked child: it is no task, whatever its parent was. */
void
pcl_child_forget(void);
/* Is this process a task's child? */
bool
pcl_child_is(void);

#endif
