/*
 * subprocess.h - a unit of work is an object; instantiate it and it runs in a
 * child.
 *
 * A task has a body that runs once; a loop has a body that is called again
 * and again until it is told to stop.  Both are given by a table of
 * functions and work on the caller's own struct (self): the child works on
 * its copy.  Every child is waited for, ends with its parent whatever ends
 * that, and is never signalled once its pid could be another's.
 */
#ifndef PROCLC_SUBPROCESS_H
#define PROCLC_SUBPROCESS_H

#include <proclc/base.h>

PROCLC_BEGIN

struct proclc_task;
struct proclc_restart;

/* What a task does.  Constant, and there as long as its tasks. */
struct proclc_task_ops {
	uint32_t size;	/* sizeof(struct proclc_task_ops) */
	const char *name;	/* for messages; names it to proclc_init() */
	/* In the parent, before the start; arg from the options.  < 0: no
	 * task.  NULL: nothing to do. */
	int (*init)(void *self, void *arg);
	/* In the child: its work.  Returns the exit code, 0..255; with any
	 * other value the child ends by SIGABRT, so that it is seen. */
	int (*run)(void *self);
	/* In the parent, once, when the task is freed.  May be NULL. */
	void (*fini)(void *self);
};

/* What a loop does. */
struct proclc_loop_ops {
	uint32_t size;	/* sizeof(struct proclc_loop_ops) */
	const char *name;
	int (*init)(void *self, void *arg);	/* as for a task */
	/* In the child, once.  < 0: loop is not called; end is, and the
	 * exit code is 1.  May be NULL. */
	int (*begin)(void *self);
	/* In the child, again and again.  Returns how many ms to wait until
	 * the next call, 0 for 50, PROCLC_LOOP_AGAIN for none, or
	 * PROCLC_LOOP_STOP to end; after any other value end is called and
	 * the child ends by SIGABRT. */
	int64_t (*loop)(void *self);
	/* In the child, once, after begin was called, whatever came.  May be
	 * NULL. */
	void (*end)(void *self);
	void (*fini)(void *self);	/* as for a task */
};

enum { PROCLC_LOOP_AGAIN = -1, PROCLC_LOOP_STOP = -2 };

enum proclc_task_flags {
	/* The start waits until the child is ready: its signals are handled,
	 * and run or begin is next.  On for loops. */
	PROCLC_TASK_WAIT_FOR_CHILD = 1,
	PROCLC_TASK_NO_WAIT_FOR_CHILD = 2,
	/* Not started by its creation, but by proclc_task_start(). */
	PROCLC_TASK_EXPLICIT_START = 4,
	/* A shutdown only waits for its end, and kills nobody. */
	PROCLC_TASK_NO_TERMINATE_ON_SHUTDOWN = 8,
	/* The child leads a process group of its own.  Signals and shutdowns
	 * are for the whole group; what is left of it when the child has
	 * ended, and the grace of a shutdown is over, is killed. */
	PROCLC_TASK_GROUP = 16,
	/* The child does not end with its parent: it does not watch it, and
	 * is not shut down at its exit. */
	PROCLC_TASK_OUTLIVE_PARENT = 32,
	/* It may leave a result for its parent. */
	PROCLC_TASK_RESULT = 64,
	/* Shutdowns are for all its descendants, whatever group or session
	 * they are in; what is left of them when the child has ended, and the
	 * grace of a shutdown is over, is killed.  Without a control group
	 * (cgroup v2) that may be written to, the orphans among them become
	 * the child's.  It is stopped for a moment before it is told to end,
	 * so that it makes no more; those that it leaves behind by an end of
	 * its own, or one thread while another one ends it, are not found. */
	PROCLC_TASK_TREE = 128
};

/* How a child is made. */
enum proclc_start_method {
	/* It is a fork, and has a copy of all that its parent has.  The
	 * default where there is fork. */
	PROCLC_START_FORK = 1,
	/* It is a new run of the program, which proclc_init() turns into the
	 * task: the table travels by its name, self by its bytes.  Elsewhere
	 * the only one. */
	PROCLC_START_SPAWN = 2
};

/* The most bytes of self for PROCLC_START_SPAWN. */
enum { PROCLC_SPAWN_SELF_MAX = 65536 };

/* The most bytes of a result. */
enum { PROCLC_RESULT_MAX = 65536 };

/* How to make a task or loop; zero is the default in every member. */
struct proclc_task_options {
	uint32_t size;
	uint32_t flags;	/* of enum proclc_task_flags */
	void *arg;	/* given to init */
	uint32_t start_method;	/* an enum proclc_start_method */
	uint32_t reserved;
	/* When it runs again (restart.h); copied; NULL: never. */
	const struct proclc_restart *restart;
};

#define PROCLC_TASK_OPTIONS_INIT \
	{ sizeof(struct proclc_task_options), 0, NULL, 0, 0, NULL }

enum proclc_status_kind {
	PROCLC_STATUS_NEW = 1,	/* not started */
	PROCLC_STATUS_RUNNING,
	PROCLC_STATUS_EXITED,	/* code tells how */
	PROCLC_STATUS_KILLED,	/* signum tells by what */
	/* It ended, and somebody else has taken its status (a wait for any
	 * child in the program, or SIGCHLD is ignored), and the system cannot
	 * tell it a second time. */
	PROCLC_STATUS_UNKNOWN
};

/* How a child is, or how it ended and what it used. */
struct proclc_status {
	uint32_t size;	/* set by the caller: sizeof(struct ...) */
	int32_t kind;	/* an enum proclc_status_kind */
	int32_t code;
	int32_t signum;
	int32_t core;	/* 1: it left a core dump */
	int32_t forced;	/* 1: a shutdown had to kill it, or its group */
	int64_t user_us;	/* processor time, in microseconds */
	int64_t system_us;
	int64_t max_rss_kb;	/* most memory in use, in KiB */
};

#define PROCLC_STATUS_INIT \
	{ sizeof(struct proclc_status), 0, 0, 0, 0, 0, 0, 0, 0 }

/*
 * Make a task: init runs here, in the parent; then, unless it is for
 * PROCLC_TASK_EXPLICIT_START, a child is forked that runs it.  The child has
 * its parent's stdin, stdout and stderr.
 * task: receives the object; free it with proclc_task_free().
 * ops: not copied.   self: the caller's, not copied; may be NULL.
 * self_size: its size, for where it travels as bytes (PROCLC_START_SPAWN, and
 * systems without fork); 0: none of it does.
 * options: NULL for the defaults.
 * Returns 0; what init said, < 0; what proclc_task_start() says: then fini
 * has run and there is no object; PROCLC_EINVAL, ops lacks run or name,
 * or an option is none; PROCLC_E2BIG, self_size; PROCLC_ENOTSUP,
 * PROCLC_TASK_TREE cannot be had here; PROCLC_ENOMEM.
 * Blocks: as init and the start. Thread: any. Signal: unsafe.
 * Fork: any process. Platforms: all.
 */
PROCLC_API int
proclc_task_new(struct proclc_task **task, const struct proclc_task_ops *ops,
    void *self, size_t self_size, const struct proclc_task_options *options);

/*
 * Make a loop: as proclc_task_new(), with begin, loop and end.  A SIGTERM or
 * SIGINT to the child ends every wait at once; then end is called, exactly
 * once, and it exits with 0.
 * task, ops, self, self_size, options: as there.
 * Returns as proclc_task_new(); PROCLC_EINVAL, ops lacks loop or name.
 * Blocks: until the child is ready. Thread: any. Signal: unsafe.
 * Fork: any process. Platforms: all.
 */
PROCLC_API int
proclc_loop_new(struct proclc_task **task, const struct proclc_loop_ops *ops,
    void *self, size_t self_size, const struct proclc_task_options *options);

/*
 * Start it: once.
 * Returns 0; PROCLC_EALREADY, started before; PROCLC_ESTARTFAILED, the child
 * ended before it was ready: its status is the task's; PROCLC_EAGAIN,
 * PROCLC_ENOMEM, no process is to be had; PROCLC_EMFILE; PROCLC_ENOTOWNER;
 * PROCLC_EENDING, the process is ending; PROCLC_EINVAL, to be spawned, and
 * not registered or proclc_init() was not called.
 * Blocks: where it waits for the child, until that is ready or dead.
 * Thread: any. Signal: unsafe. Fork: owner process only. Platforms: all.
 */
PROCLC_API int
proclc_task_start(struct proclc_task *task);

/*
 * Start several, and wait once for all of them that are to be waited for.
 * All or none: when one fails, the others are shut down with the default
 * grace, whatever their flags, and those not yet made may be started again.
 * tasks: n of them, none twice; only read during the call.  A callback may
 * free one that has ended.
 * Returns as proclc_task_start().
 * Blocks: until all are ready or dead; up to 5 s more after a failure.
 * Thread: any. Signal: unsafe. Fork: owner process only. Platforms: all.
 */
PROCLC_API int
proclc_start_all(struct proclc_task *const *tasks, size_t n);

/*
 * Wait until it has ended; one with a restart policy, until it is over.
 * timeout_ms: PROCLC_FOREVER; 0: only look.   status: filled, as many members
 * as its size covers, when the call returns 0; may be NULL.
 * Returns 0, it has ended, or was never started; PROCLC_ETIMEDOUT, it lives;
 * PROCLC_EDEADLK, timeout_ms is PROCLC_FOREVER, and it backs off (restart.h)
 * until this very thread comes back to the dispatcher: the call was made in a
 * callback, or in MANUAL mode by the thread that calls proclc_dispatch();
 * PROCLC_ENOTOWNER; PROCLC_EINVAL.
 * Blocks: up to timeout_ms. Thread: any number. Signal: unsafe.
 * Fork: owner process only. Platforms: all.
 */
PROCLC_API int
proclc_task_wait(struct proclc_task *task, int64_t timeout_ms,
    struct proclc_status *status);

/*
 * Wait until one of several has ended.
 * tasks: n of them, at least one; what a callback frees meanwhile has ended.
 * timeout_ms: as proclc_task_wait().
 * Returns the index of one that has ended, or was never started, the lowest;
 * PROCLC_ETIMEDOUT, all live; PROCLC_EDEADLK, as there, all back off;
 * PROCLC_ENOTOWNER; PROCLC_EINVAL; PROCLC_ENOMEM.
 * Blocks: up to timeout_ms. Thread: any number. Signal: unsafe.
 * Fork: owner process only. Platforms: all; it costs a descriptor for each
 * that runs, during the call, and looks every 20 ms where there are none.
 */
PROCLC_API int
proclc_wait_any(struct proclc_task *const *tasks, size_t n,
    int64_t timeout_ms);

/*
 * Wait until all of several have ended.
 * tasks: n of them, as there.   timeout_ms: as proclc_task_wait(), for all
 * together.
 * Returns 0, all have ended, or were never started; PROCLC_ETIMEDOUT, one or
 * more live: the message names one; PROCLC_EDEADLK, as there, of one;
 * PROCLC_ENOTOWNER; PROCLC_EINVAL.
 * Blocks: up to timeout_ms. Thread: any number. Signal: unsafe.
 * Fork: owner process only. Platforms: all.
 */
PROCLC_API int
proclc_wait_all(struct proclc_task *const *tasks, size_t n,
    int64_t timeout_ms);

/*
 * Stop it: SIGTERM (and SIGCONT, for a stopped one); when it has not ended
 * after the grace, SIGKILL; then it is waited for.  With PROCLC_TASK_GROUP
 * its group is stopped so.  A task with PROCLC_TASK_NO_TERMINATE_ON_SHUTDOWN
 * is only waited for.
 * grace_ms: 0: 3000; PROCLC_NOW: none; PROCLC_FOREVER.   status: as
 * proclc_task_wait().
 * Returns 0, it ended in its own time, or was never started; 1, it had to be
 * killed; PROCLC_ETIMEDOUT, it lives: only waited for, or SIGKILL did not end
 * it within 2 s: the message says whether a tracer holds it, or the kernel; or
 * one of its tree does, which could not be ended, or not be found for want of
 * descriptors or memory; PROCLC_ENOTOWNER; PROCLC_EINVAL.
 * Blocks: up to grace_ms + 2 s. Thread: any. Signal: unsafe.
 * Fork: owner process only. Platforms: all.
 */
PROCLC_API int
proclc_task_shutdown(struct proclc_task *task, int64_t grace_ms,
    struct proclc_status *status);

/*
 * Stop several, as proclc_task_shutdown() does, all at once and with one
 * grace.  Who had to be killed is told by the status of each (forced).
 * tasks: n of them; what a callback frees meanwhile has ended.
 * grace_ms: as there.
 * Returns how many had to be killed; PROCLC_ETIMEDOUT, one or more live: the
 * message names one; PROCLC_ENOTOWNER; PROCLC_EINVAL.
 * Blocks: up to grace_ms + 2 s, however many there are. Thread: any.
 * Signal: unsafe. Fork: owner process only. Platforms: all.
 */
PROCLC_API int
proclc_shutdown_set(struct proclc_task *const *tasks, size_t n,
    int64_t grace_ms);

/*
 * Stop every live task of this process, as proclc_shutdown_set() does, and
 * those that other threads start meanwhile.  It runs at exit by itself, but
 * for those with PROCLC_TASK_OUTLIVE_PARENT.
 * grace_ms: as there.
 * Returns as proclc_shutdown_set().
 * Blocks: up to grace_ms + 2 s, however many there are. Thread: any.
 * Signal: unsafe. Fork: its own tasks only. Platforms: all.
 */
PROCLC_API int
proclc_shutdown_all(int64_t grace_ms);

/*
 * Send it a signal, or its whole group (PROCLC_TASK_GROUP).  A task that has
 * ended is not signalled, whoever has its pid by now.
 * Returns 0; PROCLC_ESRCH, it has ended, was never started, or backs off;
 * PROCLC_ESIGNAL; PROCLC_ENOTOWNER.
 * Blocks: while another thread starts it. Thread: any. Signal: unsafe.
 * Fork: owner process only. Platforms: all.
 */
PROCLC_API int
proclc_task_kill(struct proclc_task *task, int signum);

/*
 * How is it?
 * status: filled as by proclc_task_wait(), for a live one too.
 * Returns 0; PROCLC_EINVAL; PROCLC_ENOTOWNER.
 * Blocks: no. Thread: any. Signal: unsafe. Fork: owner process only.
 * Platforms: all.
 */
PROCLC_API int
proclc_task_status(struct proclc_task *task, struct proclc_status *status);

/*
 * The pid of its process; after it was waited for, what it was.
 * Returns it; 0, not started, or backing off; PROCLC_EINVAL.
 * Blocks: no. Thread: any. Signal: unsafe. Fork: any process.
 * Platforms: all.
 */
PROCLC_API int64_t
proclc_task_pid(const struct proclc_task *task);

/*
 * Have fn called when it ends (dispatch.h says where), once; when it has
 * ended already, soon.  The status is valid during the call.
 * fn: may free the task; NULL: nobody is told any more.
 * Returns 0; PROCLC_ENOTOWNER; PROCLC_EAGAIN, PROCLC_ENOMEM, PROCLC_EMFILE.
 * Blocks: to take one back, until a running one is done, unless called from
 * it. Thread: any. Signal: unsafe. Fork: owner process only. Platforms: all.
 */
PROCLC_API int
proclc_task_on_exit(struct proclc_task *task,
    void (*fn)(struct proclc_task *task, const struct proclc_status *status,
    void *user), void *user);

/*
 * Something to poll: readable from when it ends on, until it is freed.  Then
 * proclc_task_wait() with 0 tells how.
 * Returns a descriptor >= 0, the library's, the same each time;
 * PROCLC_ESRCH, not started; PROCLC_ENOTOWNER; PROCLC_EMFILE, PROCLC_ENOMEM.
 * Blocks: while another thread starts it. Thread: any. Signal: unsafe.
 * Fork: owner process only. Platforms: all; where a process has no descriptor,
 * in MANUAL mode it becomes readable by a call of proclc_dispatch().
 */
PROCLC_API proclc_waitable
proclc_task_fd(struct proclc_task *task);

/*
 * Fetch what its child has left by proclc_task_result_set() last, at any
 * time: while it runs, and however it has ended.  It is whole: of one that
 * ended, or was killed, in the middle of a set, the one before.  A new start
 * begins with none.
 * buf: receives it, all or nothing; room: the bytes there.  NULL and 0: only
 * tell the size.
 * Returns the size, which may be 0; PROCLC_ENOENT, none was left;
 * PROCLC_E2BIG, it is bigger than room; PROCLC_EINVAL, also when the task
 * lacks PROCLC_TASK_RESULT; PROCLC_ENOTOWNER; PROCLC_EIO, the child wrote
 * wildly there; PROCLC_EAGAIN, it sets one after the other without a pause.
 * Blocks: no. Thread: any. Signal: unsafe. Fork: owner process only.
 * Platforms: all.
 */
PROCLC_API int64_t
proclc_task_result(struct proclc_task *task, void *buf, size_t room);

/*
 * Give it up: fini is called and the object is gone, but the child goes on.
 * It is not shut down at exit any more; when it ends, the library reaps it.
 * It still ends with its parent, unless it has PROCLC_TASK_OUTLIVE_PARENT.
 * task: not to be used any more, when the call succeeded.
 * Returns 0; PROCLC_ENOTOWNER; PROCLC_EINVAL, it restarts, and was not shut
 * down; PROCLC_EAGAIN, PROCLC_ENOMEM, PROCLC_EMFILE, it could not be arranged
 * that its end is seen: nothing has changed.
 * Blocks: while another thread starts it. Thread: exclusive. Signal: unsafe.
 * Fork: owner process only. Platforms: all.
 */
PROCLC_API int
proclc_task_detach(struct proclc_task *task);

/*
 * Free it.  A live one is shut down first, with the default grace.  fini is
 * called.  In a forked child nothing is done but to free the memory.
 * task: NULL is fine; from its own callback it is, too, and while others wait
 * for it: their calls see that it has ended.
 * Blocks: up to 5 s for a live one; for ever when it is not to be terminated.
 * Thread: exclusive. Signal: unsafe. Fork: harmless. Platforms: all.
 */
PROCLC_API void
proclc_task_free(struct proclc_task *task);

/*
 * In a task's or loop's child: the object of itself.
 * Returns it, of which only proclc_task_pid() may be asked; NULL elsewhere.
 * Blocks: no. Thread: any. Signal: unsafe. Fork: NULL in a task's own fork
 * child. Platforms: all.
 */
PROCLC_API struct proclc_task *
proclc_task_self(void);

/*
 * In a task's or loop's child that has PROCLC_TASK_RESULT: leave something for
 * its parent.  Again: in place of the one before.
 * data: copied; NULL for a size of 0.   size: up to PROCLC_RESULT_MAX.
 * Returns 0; PROCLC_E2BIG, size; PROCLC_ENOTOWNER, in a fork child of it;
 * PROCLC_EINVAL, no task, or not one with PROCLC_TASK_RESULT.
 * Blocks: no. Thread: any. Signal: unsafe. Fork: owner process only.
 * Platforms: all.
 */
PROCLC_API int
proclc_task_result_set(const void *data, size_t size);

/*
 * In a loop's child: has it been told to stop?
 * Returns 1, by a signal or by the parent's end; 0, not, or not a loop.
 * Blocks: no. Thread: any. Signal: unsafe. Fork: 0 in the loop's own fork
 * child. Platforms: all.
 */
PROCLC_API int
proclc_stop_requested(void);

/*
 * In a loop's child: something to poll together with what it waits for,
 * readable from the moment it is told to stop.
 * Returns a descriptor >= 0, the library's; PROCLC_EINVAL, not a loop;
 * PROCLC_EMFILE, PROCLC_ENFILE.
 * Blocks: no. Thread: any. Signal: unsafe. Fork: owner process only.
 * Platforms: all.
 */
PROCLC_API proclc_waitable
proclc_stop_fd(void);

/*
 * For the first process of a container, and whoever is to be the parent of the
 * orphans among its descendants: from now on every child of this process that
 * ends is reaped, so that no zombie stays; the process becomes a subreaper,
 * unless it is pid 1.  A task's status is its task's as before.  But children
 * that the program made by other means (fork, system, popen) lose theirs.  It
 * catches SIGCHLD; a handler that was there before is called first.  One that
 * the program installs later shuts it out: call again, then both hear of it.
 * Returns 0; PROCLC_ENOTSUP, the system has no subreapers; PROCLC_EAGAIN,
 * PROCLC_ENOMEM, PROCLC_EMFILE.
 * Blocks: no. Thread: any. Signal: unsafe. Fork: this process only, and the
 * daemon that it becomes. Platforms: Linux; elsewhere only for pid 1.
 */
PROCLC_API int
proclc_reap_strays(void);

/*
 * Leave nobody behind: stop every live task, as proclc_shutdown_all() does, and
 * then all that is left below this process, whatever made it and whatever the
 * flags of a task say: SIGTERM and SIGCONT to each, after the grace SIGKILL.
 * Orphans are found who came to this process, so proclc_reap_strays() has to
 * be asked for before.  Who may not be signalled is waited for, and named.
 * grace_ms: as proclc_task_shutdown(), for the tasks, and once more for the
 * others.
 * Returns 0, all ended in their own time, or nobody was there; 1, one or more
 * had to be killed; PROCLC_ETIMEDOUT, one lives 2 s after SIGKILL, its pid is
 * in the detail; PROCLC_EMFILE, PROCLC_ENFILE, PROCLC_ENOMEM, again and again:
 * the tasks have ended, the others are not known; PROCLC_ENOTSUP, the system
 * does not tell whose child a process is: nobody was signalled; PROCLC_EINVAL.
 * Blocks: up to twice grace_ms and 4 s. Thread: any. Signal: unsafe.
 * Fork: the calling process's own. Platforms: Linux.
 */
PROCLC_API int
proclc_shutdown_descendants(int64_t grace_ms);

/*
 * The same of all that is no task, while none runs: called for
 * PROCLC_TASK_BACKING_OFF by the callback of proclc_task_on_change(), it has
 * the next run begin with nothing left of the one before, however that ended.
 * grace_ms: as there.
 * Returns as proclc_shutdown_descendants(); PROCLC_ETASKS, a task runs: nobody
 * was signalled.
 * Blocks: up to grace_ms and 2 s. Thread: any, but not beside a start.
 * Signal: unsafe. Fork: the calling process's own. Platforms: Linux.
 */
PROCLC_API int
proclc_shutdown_strays(int64_t grace_ms);

/*
 * Name what a new run of the program may be told to be (PROCLC_START_SPAWN).
 * Where a child is a fork it is not needed; a program that uses it, or is for
 * all systems, does it first thing in main, before proclc_init().
 * ops: not copied.
 * Returns 0; PROCLC_EEXIST, another one has that name; PROCLC_EINVAL.
 * Blocks: no. Thread: before others use the library. Signal: unsafe.
 * Fork: inherited. Platforms: all.
 */
PROCLC_API int
proclc_register(const struct proclc_task_ops *ops);

/*
 * The same for a loop.
 * Returns as proclc_register().
 * Blocks: no. Thread: before others use the library. Signal: unsafe.
 * Fork: inherited. Platforms: all.
 */
PROCLC_API int
proclc_register_loop(const struct proclc_loop_ops *ops);

/*
 * Second thing in main: where this run of the program was made to be a task,
 * it is, and the call does not return.  A program with more rights than who
 * started it (set-user-ID) does not look.
 * argc, argv: of main.
 * Returns 0; PROCLC_EINVAL, NULL, or an argument that names no task of ours;
 * PROCLC_ENOMEM.
 * Blocks: no. Thread: before others use the library. Signal: unsafe.
 * Fork: any process. Platforms: all.
 */
PROCLC_API int
proclc_init(int *argc, char ***argv);

PROCLC_END

#include <proclc/restart.h>
#include <proclc/command.h>

#endif
