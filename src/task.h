/* task.h - the task object, for the files of the subprocess unit (floor 4). */
#ifndef PCL_TASK_H
#define PCL_TASK_H

#include <proclc/subprocess.h>

#include <stdbool.h>

#include "dispatch.h"
#include "os/os.h"
#include "trees.h"

enum pcl_task_state {
	PCL_TASK_NEW,
	PCL_TASK_STARTING,	/* forked, or about to */
	PCL_TASK_RUNNING,
	PCL_TASK_BACKING_OFF,	/* ended, and to be started again */
	PCL_TASK_ENDED	/* and reaped, or seen to be gone */
};

struct pcl_batch;
struct pcl_command;
struct pcl_listener;

/* What another thread is to do. */
struct pcl_errand {
	void (*fn)(struct pcl_errand *errand);
	struct proclc_task *task;	/* about which */
	struct pcl_errand *next;
};

/* What only some tasks have; NULL: it has not. */
struct pcl_extras {
	struct pcl_errand errand;	/* to start it again */
	struct pcl_command *command;	/* it is a program */
	struct pcl_keep *keep;	/* its restart policy */
	struct pcl_result *result;	/* what it leaves for its parent */
	struct pcl_tree *tree;	/* it is stopped with all its descendants */
};

/*
 * Small, for there may be thousands: what only some need is elsewhere.
 * Everything that changes is under PCL_LOCK_TASK.
 */
struct proclc_task {
	union {
		const struct proclc_task_ops *task;
		const struct proclc_loop_ops *loop;
	} ops;
	void *self;
	uint32_t self_size;
	uint32_t flags;	/* of enum proclc_task_flags */
	uint32_t owner;
	unsigned holders;	/* calls that have given up the lock for it */
	int64_t pid;
	struct pcl_os_status status;
	struct pcl_listener *listener;	/* NULL: nobody is to hear of its end */
	struct pcl_batch *batch;
	struct proclc_task *next, **link;	/* in the batch */
	uint8_t state;	/* an enum pcl_task_state */
	bool is_loop : 1;
	bool spawn : 1;	/* made by PROCLC_START_SPAWN */
	bool ready;	/* the starting thread's: it has said so */
	bool stop_early : 1;	/* to be asked to end once it is there, */
	bool kill_early : 1;	/* or, where it has had its grace, killed */
	bool stopped : 1;	/* it had been asked to end when it did */
	bool spared;	/* its group may live on when it has ended */
	bool forced;	/* a shutdown has killed it */
	bool detached;	/* freed, but for its end */
	bool forgotten;	/* freed, but for those that hold it */
	struct pcl_extras *extras;	/* NULL: none */
};

/* Ready the unit; the lock is held on success. */
int
pcl_task_enter(void);
/* PROCLC_EINVAL, PROCLC_ENOTOWNER. */
int
pcl_task_check(const struct proclc_task *task);
/* The same for a set of them. */
int
pcl_task_check_set(struct proclc_task *const *tasks, size_t n);
/* PROCLC_EINVAL: the caller has not set its size.  NULL is fine. */
int
pcl_task_check_status(const struct proclc_status *status);
/* Keep their memory: one that is freed meanwhile is out of reach, and has
 * ended; who releases it last frees the rest.  The lock is held. */
void
pcl_task_hold(struct proclc_task *const *tasks, size_t n);
void
pcl_task_release(struct proclc_task *const *tasks, size_t n);
const char *
pcl_task_name(const struct proclc_task *task);
/* Call fini. */
void
pcl_task_finish(const struct proclc_task *task);
/* Free it; the memory, too, once nobody holds it. */
void
pcl_task_forget(struct proclc_task *task);
/* In a forked child: close what the forgotten ones have open. */
void
pcl_task_forgotten_let_go(void);
/* As proclc_task_detach(), but a start that is under way is not waited for:
 * who makes that frees it. */
int
pcl_task_give_up(struct proclc_task *task);
/* Have some; NULL: no memory. */
struct pcl_extras *
pcl_task_extras(struct proclc_task *task);

/* Has it ended, for good?  Reaps it, if so.  The lock is held. */
bool
pcl_task_ended(struct proclc_task *task);
/* Does its child live?  The same. */
bool
pcl_task_runs(struct proclc_task *task);
/* What the public sees of it.  The lock is held. */
void
pcl_task_describe(const struct proclc_task *task,
    struct proclc_status *status);
/* The same into the caller's struct, which may be an older, shorter one, or
 * NULL. */
void
pcl_task_hand_out(const struct proclc_task *task,
    struct proclc_status *status);
/* Pin its process; PROCLC_ESRCH, it has ended.  The lock is held. */
int
pcl_task_pin(struct proclc_task *task, struct pcl_os_process *process);
/* And let go of it, if the program has not closed it itself. */
void
pcl_task_unpin(struct pcl_os_process *process);
/* Pinned ones that a call waits with: a child that is forked meanwhile lets
 * go of them.  The lock is held. */
struct pcl_pins {
	struct pcl_os_process *processes;
	size_t n;
	struct pcl_pins *next;
};
void
pcl_pins_add(struct pcl_pins *pins);
void
pcl_pins_remove(struct pcl_pins *pins);
void
pcl_pins_forget(void);
/* To it, or to its group.  The lock is held. */
int
pcl_task_signal(struct proclc_task *task, int signum);
/* Wait until it has ended, or was never started; PROCLC_ETIMEDOUT, due came;
 * PROCLC_EDEADLK, see pcl_task_is_ours_to_restart.  The caller holds it; the
 * lock is given up while waiting. */
int
pcl_task_wait_until(struct proclc_task *task, int64_t due);
/* What a call returns after such a wait: records why. */
int
pcl_task_fail_wait(int code, const struct proclc_task *task);
/* Backs it off, and is it this thread that starts it again, when it comes back
 * to the dispatcher?  The lock is held. */
bool
pcl_task_is_ours_to_restart(const struct proclc_task *task);
/* Wait until the start that is under way is over, or until its child is known
 * at least (born); PROCLC_ETIMEDOUT.  The lock is held, and given up while
 * waiting. */
int
pcl_task_await_child(struct proclc_task *task, bool born, int64_t due);
/* Without a handle on the child: how often to look, in ms. */
enum { PCL_TASK_LOOK_MS = 20 };

/* The listener: who is told of its end.  The lock is held for all of these
 * but pcl_listener_stop. */

/* For a call of the program: as pcl_task_check() and pcl_task_enter(), with the
 * dispatcher that is needed to tell. */
int
pcl_listener_enter(const struct proclc_task *task, bool needed);
/* Have one, with a handle on the process where that is to be had. */
int
pcl_listener_make(struct proclc_task *task);
/* It was started: have the one that there is told. */
int
pcl_listener_start(struct proclc_task *task);
/* Have nobody told, until it goes on; waits for a callback that runs, unless
 * called from it.  The lock is not held. */
void
pcl_listener_stop(struct proclc_task *task);
/* As pcl_listener_start(), of one that was stopped. */
int
pcl_listener_go_on(struct proclc_task *task);
/* A new run of it has begun: listen to that one. */
void
pcl_listener_follow(struct proclc_task *task);
/* Have the dispatcher come, where the listener is started. */
void
pcl_listener_wake(struct proclc_task *task);
/* What a handle that it has can tell of an end that somebody else took. */
int
pcl_listener_outcome(const struct proclc_task *task,
    struct pcl_os_status *status);
void
pcl_listener_free(struct proclc_task *task);
/* In a forked child: close its handles. */
void
pcl_listener_let_go(struct proclc_task *task);

/*
 * The keep: what its restart policy and its states need.  Nothing is done for
 * a task that has none.  The lock is held for all but pcl_keep_make and
 * pcl_keep_again.
 */

int
pcl_keep_make(struct proclc_task *task, const struct proclc_restart *policy);
/* Its start begins; its child is there; and the start is over, which can fail
 * where it went well.  Until then its end is the start's; after a failed one
 * it does not run again. */
void
pcl_keep_claim(struct proclc_task *task);
void
pcl_keep_began(struct proclc_task *task);
int
pcl_keep_settle(struct proclc_task *task, bool well);
bool
pcl_keep_settled(const struct proclc_task *task);
/* It has ended: where it is to run again, it backs off instead. */
void
pcl_keep_ended(struct proclc_task *task);
/* It is not to run again; if it backs off, it is over. */
void
pcl_keep_stop(struct proclc_task *task);
/* Has it a policy?  Started, and not shut down or over, too? */
bool
pcl_keep_has_policy(const struct proclc_task *task);
bool
pcl_keep_restarts(const struct proclc_task *task);
/* Is there something to listen for, and already to be done? */
bool
pcl_keep_listens(const struct proclc_task *task);
bool
pcl_keep_pending(const struct proclc_task *task);
/* How often it was started again: tells one run from another. */
int64_t
pcl_keep_runs(const struct proclc_task *task);
/* Nobody is to hear of its states. */
void
pcl_keep_silence(struct proclc_task *task);
/* What the dispatcher is to do for it now: nothing, to tell a change, to come
 * back when it is due, or pcl_keep_again. */
enum pcl_turn { PCL_TURN_NONE, PCL_TURN_TELL, PCL_TURN_REST, PCL_TURN_AGAIN };
struct pcl_change {
	void (*fn)(struct proclc_task *task, int state,
	    const struct proclc_status *status, void *user);
	void *user;
	int state;
	struct proclc_status status;
	int64_t due;
};
enum pcl_turn
pcl_keep_turn(struct proclc_task *task, struct pcl_change *change);
void
pcl_keep_again(struct proclc_task *task);
/* That failed.  The lock is held. */
void
pcl_keep_failed(struct proclc_task *task);
/* Make another child of it, which is not waited for.  It is STARTING; no lock
 * is held. */
int
pcl_task_start_again(struct proclc_task *task);

/* How long a killed process may take to be gone. */
enum { PCL_KILL_WAIT_MS = 2000 };
/* Does its child live after that, or one of a tree that was given up, or may
 * one?  pid: his; why is the end of the sentence "its child ...".  The lock is
 * held. */
bool
pcl_task_survives(struct proclc_task *task, int64_t *pid, char *why,
    size_t size);

/*
 * At the exit of the process: shut down the live tasks of a batch, but for
 * those that outlive their parent, and wait for ever for those that are not
 * to be terminated.  Returns as proclc_shutdown_all().
 */
int
pcl_task_end_batch(const struct pcl_batch *batch);
/* Shut down those of a set that live, whatever their flags.  The lock is held,
 * and given up while waiting. */
void
pcl_task_undo_set(struct proclc_task *const *tasks, size_t n);

/* Does a shutdown of all go on?  The lock is held. */
bool
pcl_task_ending_all(void);
/* In a forked child: none does. */
void
pcl_shutdowns_forget(void);

/* Have the task end at this process's exit; and forget that again.  The lock
 * is held for all of these. */
int
pcl_batch_add(struct proclc_task *task);
void
pcl_batch_remove(struct proclc_task *task);
/* Keep it only until it has ended. */
void
pcl_batch_detach(struct proclc_task *task);
/* The task after this one (NULL: the first) of a batch, or of all. */
struct proclc_task *
pcl_batch_next(const struct pcl_batch *only, const struct proclc_task *task);

/* The same of all, or of those that were given up. */
struct proclc_task *
pcl_batch_after(bool given_up, const struct proclc_task *task);

/* What the child needs. */
struct pcl_birth {
	struct pcl_birth *next;	/* of those that are under way */
	struct proclc_task *task;
	struct pcl_os_process parent;	/* pid 0: not to be watched */
	intptr_t ready[2];	/* PCL_NONE, or the channel's ends */
	intptr_t record[2];	/* the same, for a new run of the program */
	intptr_t share;	/* what its result is left in, for such a run */
	uint32_t number;	/* what the child says on it */
	bool quiet;	/* INT is for the parent, which installed it */
	char name[16];	/* the process's; "": it has it by the fork */
};

/* From the parent's end to the child's at the latest; and the exit code of a
 * child that could not be set up. */
enum { PCL_ORPHAN_GRACE_MS = 5000, PCL_CHILD_FAILED = 125 };

/* Open what the children of a set need, until pcl_birth_end, which is called
 * in any case, under the lock; and close here what only they need.  wait: for
 * those of which a start waits until they are ready. */
int
pcl_birth_begin(struct pcl_birth *birth, struct proclc_task *const *tasks,
    size_t n, bool wait);
void
pcl_birth_given(struct pcl_birth *birth);
void
pcl_birth_end(struct pcl_birth *birth);
/* A channel of a birth that has begun. */
int
pcl_birth_open(intptr_t ends[2]);
void
pcl_birth_close(intptr_t ends[2]);
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

/* What a task leaves for its parent: have it; free it. */
int
pcl_result_new(struct proclc_task *task);
void
pcl_result_free(struct pcl_result *result);
/* Before each start: nothing is left yet.  No lock is held. */
int
pcl_result_clear(struct pcl_birth *birth);
/* After it: a new run of the program has it. */
void
pcl_result_given(struct pcl_birth *birth);
/* In a new run of the program: it is to be left here. */
int
pcl_result_adopt(struct proclc_task *task, intptr_t share);
/* In a forked child, and once it is a task: whose result it sets. */
void
pcl_result_owner(struct proclc_task *task);

/* Can this task be made by PROCLC_START_SPAWN? */
int
pcl_spawn_check(const struct proclc_task *task);
/* Make the child by that; its pid.  No lock is held. */
int64_t
pcl_spawn_child(struct pcl_birth *birth);

#endif
