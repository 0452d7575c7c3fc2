/*
 * os.h - the border: what a port of libproclc must provide.
 *
 * Portable code says what, the files beside this one say how.  Each seam is
 * a file <seam>-<backend>.c; configure chooses one backend a seam.  A port
 * that cannot do a thing returns PROCLC_ENOTSUP; nothing pretends.  Each
 * kernel call falls back on its own, at run time, where it is refused.
 *
 * Unless said otherwise a function returns >= 0, or -errno as in
 * <proclc/error.h>; it may be called from any thread, not from a signal
 * handler; it does not print; and every handle that it makes is closed by
 * exec and is none of the descriptors 0 to 2.
 *
 * "Safe" below means async-signal-safe: atomics and system calls that POSIX
 * allows in a signal handler, errno preserved by the caller.
 *
 * A handle is an intptr_t: a file descriptor on POSIX, a HANDLE on Windows;
 * PCL_NONE is none.
 */
#ifndef PCL_OS_H
#define PCL_OS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <proclc/error.h>

enum { PCL_NONE = -1, PCL_OS_CODE_UNKNOWN = -1 };

/* Points in monotonic time are ms; PCL_NEVER lies after all of them. */
#define PCL_NEVER INT64_MAX

/* Room for a system's own object, big enough on every port (asserted). */
struct pcl_os_mutex {
	void *space[8];
};

struct pcl_os_cond {
	void *space[8];
};

/* -------------------------------------------------- error-*.c, clock-*.c */

/* The system's words for an errno, into text.  Never fails. */
void
pcl_os_strerror(int error, char *text, size_t size);

/* Do nothing for so many ms. */
void
pcl_os_pause(int64_t ms);

/* Monotonic time in ms; it does not jump when the clock is set.  Safe. */
int64_t
pcl_os_now(void);

/* ----------------------------------------------------------- sync-*.c */

/* Run fn once in this process and its forked children; one fn for ever. */
void
pcl_os_call_once(void (*fn)(void));

void
pcl_os_mutex_init(struct pcl_os_mutex *mutex);
void
pcl_os_mutex_lock(struct pcl_os_mutex *mutex);
void
pcl_os_mutex_unlock(struct pcl_os_mutex *mutex);

void
pcl_os_cond_init(struct pcl_os_cond *cond);
void
pcl_os_cond_broadcast(struct pcl_os_cond *cond);
/* Wait until broadcast or due; may return early.  Not a cancellation point. */
void
pcl_os_cond_wait(struct pcl_os_cond *cond, struct pcl_os_mutex *mutex,
    int64_t due);

/* Have these called around every fork() of the process, for ever. */
int
pcl_os_atfork(void (*prepare)(void), void (*parent)(void),
    void (*child)(void));

/* Enough for callbacks that format, log and call libc. */
#define PCL_OS_STACK_SIZE ((size_t)1 << 20)

/* A thread of the library.  The caller fills in the first four members, and
 * keeps the struct until the thread is joined. */
struct pcl_os_thread {
	const char *name;
	void (*fn)(void);
	/* Called in it, instead of fn's return, when something in fn ends the
	 * thread: nobody need join it then.  NULL: nothing in it does. */
	void (*lost)(void);
	size_t stack;	/* in bytes; 0: PCL_OS_STACK_SIZE */
	void *id[2];
};

/* Start it: all signals blocked, never cancelled. */
int
pcl_os_thread_start(struct pcl_os_thread *thread);
void
pcl_os_thread_join(struct pcl_os_thread *thread);
/* Put off cancellation of the calling thread; returns what to restore. */
int
pcl_os_cancel_disable(void);
void
pcl_os_cancel_restore(int before);
/* Call fn(arg).  When that ends its thread instead of returning
 * (pthread_exit), lost(arg) is called. */
void
pcl_os_call(void (*fn)(void *arg), void *arg, void (*lost)(void *arg));
/* A number for the calling thread.  Safe. */
uintptr_t
pcl_os_thread_self(void);
/* Call fn when the calling thread ends, as late as can be; not when the
 * process ends.  Once in a thread is enough. */
void
pcl_os_thread_at_end(void (*fn)(void));
/* How many threads of the library there are; in a child: none. */
int
pcl_os_threads_own(void);
void
pcl_os_threads_forget(void);
/* Never return to the caller: the process ends around this thread.  Safe. */
_Noreturn void
pcl_os_thread_park(void);

/* -------------------------------------------------------- identity-*.c */

/*
 * A word that reads 0 in a child made by fork, vfork excepted, even where no
 * fork handler runs.  NULL where the system has nothing of the kind.
 */
_Atomic uint32_t *
pcl_os_wiped_word(void);

/* Own pid and parent's pid, asked of the kernel.  Safe. */
int64_t
pcl_os_pid(void);
int64_t
pcl_os_parent_pid(void);

/* ---------------------------------------------------------- threads-*.c */

/* Threads of this process, ours included; PROCLC_ENOTSUP where unknown. */
int
pcl_os_thread_count(void);
/* The same without a first thread that has ended already. */
int
pcl_os_threads_alive(void);
/* Is the first thread this one, or has it ended? */
bool
pcl_os_thread_first_ends(void);
/* Name this thread for debuggers and ps, where there are names. */
void
pcl_os_thread_name(const char *name);
/* What the first thread is called, and so the process; "": not known. */
void
pcl_os_first_thread_name(char name[16]);
/* And the process, by the last part of what it was called as. */
void
pcl_os_program_name(const char *called);

/* ------------------------------------------------------------- sig-*.c */

/* The signal that lets a stopped process go on. */
extern const int pcl_os_sigcont;

/* Signals 1..64, one bit each.  A signal beyond is refused as unknown. */
enum { PCL_SIGNALS = 65 };

struct pcl_os_sigset {
	uint64_t bits;
};

/* A disposition with handler, flags and mask, exactly as the system has it. */
struct pcl_os_disposition {
	void *space[24];
};

/* A saved signal mask of a thread. */
struct pcl_os_sigmask {
	void *space[20];
};

enum pcl_os_action {
	PCL_OS_DEFAULT,
	PCL_OS_IGNORED,
	PCL_OS_FOREIGN,	/* somebody else's handler */
	PCL_OS_OURS
};

/* What a handler of ours has been told. */
struct pcl_os_arrival {
	int signum;
	/* By pcl_os_thread_signal: only a wake-up; and by no process at all. */
	bool steered, system;
	uint32_t uid;
	int64_t pid;
	void *info, *context;	/* what the system's handler was given */
};

/* The one function that our handlers call, in signal context; errno is kept
 * for it.  Set before the first catch. */
void
pcl_os_signal_hook(void (*fn)(const struct pcl_os_arrival *arrival));

/* Can this signal be caught by a program?  Not KILL, STOP, libc's own. */
bool
pcl_os_signal_valid(int signum);
/* Is its default action to end the process? */
bool
pcl_os_signal_terminates(int signum);

/* Is it one that a broken instruction raises? */
bool
pcl_os_signal_faults(int signum);
/* Or abort()? */
bool
pcl_os_signal_crashes(int signum);
/* Stop the process, if that is what the signal does by default. */
void
pcl_os_signal_stop_self(int signum);
/* The system's name of a signal, without "SIG", and back; NULL, 0: none. */
const char *
pcl_os_signal_name(int signum);
int
pcl_os_signal_number(const char *name);

/* Install our handler (SA_RESTART, SA_ONSTACK); previous is what it was. */
int
pcl_os_signal_catch(int signum, struct pcl_os_disposition *previous);
/* Put back a disposition, bit for bit.  Safe. */
int
pcl_os_signal_restore(int signum, const struct pcl_os_disposition *previous);
enum pcl_os_action
pcl_os_signal_query(int signum);
enum pcl_os_action
pcl_os_action_of(const struct pcl_os_disposition *disposition);
/* A stack for the signal handlers of this thread, unless it has one; it goes
 * with the thread. */
int
pcl_os_signal_stack(void);
/* Send a signal to this process. */
void
pcl_os_signal_again(int signum);
/*
 * In a handler of ours, in a process that has nobody to tell: put previous
 * back and let the signal happen again, to it.  Safe.
 */
void
pcl_os_signal_yield(int signum, const struct pcl_os_disposition *previous);

/* In a handler of ours: call the handler that was there before, if one was. */
void
pcl_os_signal_chain(const struct pcl_os_arrival *arrival,
    const struct pcl_os_disposition *previous);

/* Block every signal that may be blocked in the calling thread. */
void
pcl_os_signals_block(struct pcl_os_sigmask *saved);
void
pcl_os_signals_unblock(const struct pcl_os_sigmask *saved);
/* As after exec: caught signals have their default, ignored ones stay. */
void
pcl_os_signals_forget(void);
/* Ignored signals get their default, but PIPE and CHLD stay as they are. */
void
pcl_os_signals_heed(void);
/* The same for a disposition that is to be put back later. */
void
pcl_os_disposition_heed(int signum, struct pcl_os_disposition *disposition);
/* No signal is blocked in the calling thread any more. */
void
pcl_os_signals_open(void);

/* End the process by this signal's default action, else by exit 128+n; what
 * a pid 1 does, whom no signal kills.  Safe. */
_Noreturn void
pcl_os_die(int signum);

/* --------------------------------------------------------- steer-*.c */

/* The threads that a handler can wake. */
enum pcl_os_target { PCL_OS_DISPATCHER, PCL_OS_GUARD, PCL_OS_TARGETS };

/*
 * Interrupt a thread of ours in pcl_os_pollset_wait with a signal that our
 * handler catches; the handler sees arrival.steered.  The thread says first
 * that it is the one (here).  pcl_os_steer is safe, and does nothing in the
 * target itself; false: it cannot send the thread anything.
 */
void
pcl_os_steer_here(enum pcl_os_target target);
/* There is no such thread any more: a new one will look by itself. */
void
pcl_os_steer_gone(enum pcl_os_target target);
bool
pcl_os_steer(enum pcl_os_target target, int signum);
/* Is this siginfo, given as the system's own struct, one that we sent? */
bool
pcl_os_steered(const void *info);

/* ------------------------------------------------------------- poll-*.c */

/* A set of handles to wait for; the library keeps one a waiting thread. */
struct pcl_os_pollset {
	void *entries;
	size_t room;
};

/* Make room for n entries. */
int
pcl_os_pollset_reserve(struct pcl_os_pollset *set, size_t n);
void
pcl_os_pollset_free(struct pcl_os_pollset *set);
void
pcl_os_pollset_put(struct pcl_os_pollset *set, size_t i, intptr_t handle);
/*
 * Wait until one of the first n entries is ready, due is reached, or a
 * signal of unblocked (NULL: none; only these are open, and only here) is
 * handled.  Returns the number ready, 0 on time-out or signal.
 */
int
pcl_os_pollset_wait(struct pcl_os_pollset *set, size_t n, int64_t due,
    const struct pcl_os_sigset *unblocked);
/* Ready, or closed under us: then only the owner of the handle can tell. */
bool
pcl_os_pollset_ready(const struct pcl_os_pollset *set, size_t i);

/* ------------------------------------------------------------- wake-*.c */

/*
 * A flag that a poll can wait for.  It knows its own handles again: when the
 * program has closed them and has a file of its own under their numbers,
 * nothing is written there or read away.
 */
struct pcl_os_wake {
	int first;	/* the caller's: take numbers from here up */
	/* Its own thread opens it anew while another, or a signal handler,
	 * posts to it.  0: to wait for, 1: to post to. */
	_Atomic intptr_t handles[2];
	_Atomic uint64_t identity[2];
};

/*
 * A thread that polls looks up its numbers anew whenever it is woken.  So
 * those of one flag must not come to mean another one, when the program has
 * closed all and several threads make new ones: each has its own first.
 * PROCLC_EAGAIN: the program took the numbers at the same moment.
 */
int
pcl_os_wake_open(struct pcl_os_wake *wake);
void
pcl_os_wake_close(struct pcl_os_wake *wake);
/* Are the handles still ours?  Safe. */
bool
pcl_os_wake_intact(const struct pcl_os_wake *wake);
/* Raise the flag.  False: the handles are not ours any more, or the system
 * fails; then closing it wakes who waits.  Safe. */
bool
pcl_os_wake_post(const struct pcl_os_wake *wake);
/* Lower it.  False: the system fails, and it stays raised. */
bool
pcl_os_wake_drain(const struct pcl_os_wake *wake);

/* ------------------------------------------------------------ ready-*.c */

/*
 * One handle that is readable while any of its members is, or once a time
 * has come: what MANUAL mode gives to the program's event loop.
 */
struct pcl_os_ready {
	intptr_t handle, timer;
};

int
pcl_os_ready_open(struct pcl_os_ready *ready, intptr_t first);
int
pcl_os_ready_add(struct pcl_os_ready *ready, intptr_t handle);
void
pcl_os_ready_remove(struct pcl_os_ready *ready, intptr_t handle);
int
pcl_os_ready_due(struct pcl_os_ready *ready, int64_t due);
/* Is it still the set, and not something of the program's that has got its
 * number?  own: what is a member. */
bool
pcl_os_ready_intact(const struct pcl_os_ready *ready, intptr_t own);
/* Close the set, in a forked child the copy of it, if it is still there; own:
 * a handle that is in it. */
void
pcl_os_ready_abandon(struct pcl_os_ready *ready, intptr_t own);

/* ------------------------------------------------------------- file-*.c */

struct pcl_os_file_id {
	uint64_t device, file;
};

/* Where the last name in a path begins; at its end: it has none. */
const char *
pcl_os_path_name(const char *path);
/* Open a directory for the names in it. */
int
pcl_os_dir_open(const char *path, intptr_t *dir);
/* PROCLC_EUNSAFE unless it is ours or root's and others cannot replace
 * files of ours in it.  id: its own, known again later. */
int
pcl_os_dir_check(intptr_t dir, struct pcl_os_file_id *id);
/*
 * Open dir/name for reading and writing, creating it with mode 0644 whatever
 * the umask; no symbolic link is followed, nothing blocks.
 * Returns 0, or 1: this call has made it; PROCLC_EUNSAFE, not a regular file
 * with one link, of ours or root's, that only its owner can write.  What was
 * made and cannot be given its mode is an error with *file open: to be removed
 * by who has its lock.
 */
int
pcl_os_file_hold(intptr_t dir, const char *name, intptr_t *file);
/* Which file is there to read?  PROCLC_EUNSAFE, no regular file. */
int
pcl_os_file_look(const char *path, struct pcl_os_file_id *id);
/* Open it for reading, with the same cares, whoever may write it: only
 * PROCLC_EUNSAFE unless it is a regular file.  id: of what was opened. */
int
pcl_os_file_read_open(const char *path, intptr_t *file,
    struct pcl_os_file_id *id);
int
pcl_os_file_id(intptr_t file, struct pcl_os_file_id *id);
/* Is the handle still this file?  1; 0, it is closed, or means another one by
 * now; less than 0: the system does not tell. */
int
pcl_os_file_is(intptr_t file, const struct pcl_os_file_id *id);
/* For a handle of which it does not tell: was it opened as the three functions
 * above do, and hardly anybody else?  To name a file, nothing blocks. */
bool
pcl_os_file_looks_ours(intptr_t file);
int
pcl_os_file_id_at(intptr_t dir, const char *name, struct pcl_os_file_id *id);
/* Put size bytes at its beginning: all or an error. */
int
pcl_os_file_write(intptr_t file, const char *data, size_t size);
/* What is behind size bytes goes. */
int
pcl_os_file_cut(intptr_t file, size_t size);
/* Read at most size bytes from the start; returns how many. */
int
pcl_os_file_read(intptr_t file, char *data, size_t size);
/* Remove the name of *file, which is open.  Where an open file keeps its name
 * it is closed first, and PCL_NONE then. */
int
pcl_os_file_remove(intptr_t dir, const char *name, intptr_t *file);
void
pcl_os_close(intptr_t handle);
/* Is the handle closed by exec? */
int
pcl_os_file_close_on_exec(intptr_t file, bool closed);

/* ------------------------------------------------------------- lock-*.c */

/*
 * A pid file bears two locks.  Exclusion: held by whoever may run, survives
 * fork and both forks of a daemon, ends when the last copy of the handle is
 * closed.  Identity: held by one process, never inherited, names it.
 */

/* Take the exclusion.  PROCLC_EAGAIN: somebody holds it. */
int
pcl_os_lock_exclude(intptr_t file);
/* Take the identity for the calling process, which holds the exclusion. */
int
pcl_os_lock_identify(intptr_t file);
/* Give the identity up and keep the exclusion. */
void
pcl_os_lock_unname(intptr_t file);
/* Before an exec: hold the file by the identity alone, which the successor in
 * this process keeps and its children do not inherit; where there is none, go
 * on holding it. */
int
pcl_os_lock_hand_over(intptr_t file);
enum pcl_os_lock {
	PCL_OS_LOCK_FREE,
	PCL_OS_LOCK_HELD,	/* locks name nobody on this system */
	PCL_OS_LOCK_UNNAMED,	/* by somebody who has not taken the identity */
	PCL_OS_LOCK_NAMED	/* *pid is the holder, as seen from here; 0:
				 * outside our pid namespace */
};
/* Who has the identity?  NAMED; UNNAMED, nobody; HELD, locks name nobody here.
 * Changes nothing, not even for who has the exclusion. */
int
pcl_os_lock_name(intptr_t file, int64_t *pid);
/* Who holds it?  Not for who does.  An enum pcl_os_lock.  Takes no lock where
 * the system can tell without. */
int
pcl_os_lock_probe(intptr_t file, int64_t *pid);

/* ---------------------------------------------------------- process-*.c */

/* A process, pinned: its pid cannot come to mean another one while open,
 * where the system has such a thing (pinned); else a bare pid. */
struct pcl_os_process {
	int64_t pid;
	intptr_t handle;	/* PCL_NONE: a bare pid */
	struct pcl_os_file_id id;
};

/* PROCLC_ESRCH: no such process. */
int
pcl_os_process_open(struct pcl_os_process *process, int64_t pid);
/* The same for a moment: it is closed by whoever has opened it, before a
 * program can have used its number, and is never asked whether it is intact. */
int
pcl_os_process_pin(struct pcl_os_process *process, int64_t pid);
void
pcl_os_process_close(struct pcl_os_process *process);
/* Is the handle still the one that was opened, and not a file that the program
 * has under its number?  As far as the system can tell. */
bool
pcl_os_process_intact(const struct pcl_os_process *process);
/* 1: it lives; 0: it does not, a zombie included. */
int
pcl_os_process_alive(const struct pcl_os_process *process);
/* Was it there already when the file was last written?  1; 0; PROCLC_ENOTSUP,
 * the system does not tell. */
int
pcl_os_process_older(const struct pcl_os_process *process, intptr_t file);
int
pcl_os_process_signal(const struct pcl_os_process *process, int signum);
/* Have what another process opened, and gave to this one under this handle. */
int
pcl_os_process_adopt(struct pcl_os_process *p, int64_t pid, intptr_t handle);
/* Why does it not end?  1: the kernel is busy with it, or *tracer (else 0)
 * holds it; 0: not known. */
int
pcl_os_process_stuck(int64_t pid, int64_t *tracer);
/* Wait until it does not live: 0, or PROCLC_ETIMEDOUT. */
int
pcl_os_process_wait(const struct pcl_os_process *process, int64_t due);

/* ------------------------------------------------------------ spawn-*.c */

/* Is there fork()?  Else a child is a new run of the program. */
extern const bool pcl_os_forks;
/* fork() with its handlers; the child's pid, 0 in the child. */
int64_t
pcl_os_fork(void);
struct pcl_os_status {
	bool known;	/* false: somebody else has taken it */
	bool signaled, core;
	int number;	/* exit code, or signal */
	int64_t user_us, system_us, max_rss_kb;
};
/* How a process ended, when somebody else has reaped it; PROCLC_ENOTSUP, the
 * system cannot tell. */
int
pcl_os_process_outcome(const struct pcl_os_process *process,
    struct pcl_os_status *status);
/* Take the end of our child.  0: it ended; PROCLC_EAGAIN: it lives (only
 * when block is false). */
int
pcl_os_reap(int64_t pid, bool block, struct pcl_os_status *status);
enum pcl_os_end {
	PCL_OS_LIVES,
	PCL_OS_ENDED,	/* and is still to be reaped, so its pid is its own */
	PCL_OS_GONE	/* somebody else has reaped it */
};
/* Has our child ended?  Leaves it to be reaped. */
enum pcl_os_end
pcl_os_look(int64_t pid);
/* Do ended children leave nothing to be reaped (SIGCHLD is ignored)? */
bool
pcl_os_children_vanish(void);
/* Signal our child, which is not reaped yet. */
int
pcl_os_child_signal(int64_t pid, int signum);

/* A new run of this program: argv as given, all signals blocked, these handles
 * open under the same numbers (PCL_NONE: none). */
enum { PCL_OS_SPAWN_INHERITS = 4 };
struct pcl_os_spawn {
	char *const *argv;
	intptr_t inherit[PCL_OS_SPAWN_INHERITS];
	bool group;	/* it leads a process group */
	const char *place;	/* of its job, if others put it in; "": none */
};
/* Returns the child's pid; what exec said. */
int64_t
pcl_os_spawn(const struct pcl_os_spawn *spawn);
/* In it: exec closes this handle again.  PROCLC_EBADF: it is none. */
int
pcl_os_inherited(intptr_t handle);
/* Has whoever started this program fewer rights than it has? */
bool
pcl_os_privileged(void);

/* Lead a group of one's own. */
int
pcl_os_group_lead(void);
/* Does our unreaped child, or this process, lead its group still? */
bool
pcl_os_group_led(int64_t leader);
/* Signal all of the group that our unreaped child, or this process, leads. */
int
pcl_os_group_signal(int64_t leader, int signum);
/* End this process now: no exit handler, no flush.  Safe. */
_Noreturn void
pcl_os_exit(int code);

/* ----------------------------------------------------------- group-*.c */

/* Does any process of a group live, zombies not counted?  1; 0;
 * PROCLC_EMFILE, it cannot be asked now; PROCLC_ENOTSUP, it does not tell. */
int
pcl_os_group_lives(int64_t leader);

/* -------------------------------------------------------- exithook-*.c */

/*
 * Have first called when the process leaves through libc's exit, with the
 * code, or PCL_OS_CODE_UNKNOWN where libc does not tell; and last, after the
 * exit handlers of everybody else, when stdio may still hold text.  Each call
 * has first called once more.  Inherited by fork.
 */
int
pcl_os_at_exit(void (*first)(int code), void (*last)(void));
/* Leave through libc's exit. */
_Noreturn void
pcl_os_libc_exit(int code);

/* ------------------------------------------------------------ stdio-*.c */

/* Write out what stdout and stderr hold, without waiting for a lock; where
 * one is taken, the child must forget that text (purge).  What cannot be
 * written libc drops; the stream's error is the program's to see. */
bool
pcl_os_stdio_flush(void);
void
pcl_os_stdio_purge(void);
/* At the end of the process: write out all that stdio holds, and wait for the
 * locks of other threads ms at most; false: then one was not to be had. */
bool
pcl_os_stdio_flush_all(int64_t ms);

/* ------------------------------------------------------------- user-*.c */

/*
 * Who the process is to become: ids, all groups, and what names him in the
 * environment.  user and group are names, else numbers; one of them may be
 * NULL.  PROCLC_EUSER: there is no such user or group, or a number without an
 * entry and without a group.
 */
struct pcl_os_user;
int
pcl_os_user_find(const char *user, const char *group,
    struct pcl_os_user **out);
void
pcl_os_user_free(struct pcl_os_user *user);
/* "NAME=value", to a NULL; who puts one into the environment takes it out. */
char **
pcl_os_user_variables(struct pcl_os_user *user);
/* Give him a file. */
int
pcl_os_user_own(const struct pcl_os_user *user, intptr_t file);
/* Be him, in all threads, with no way back: PROCLC_EPERM, not allowed, or
 * there is one. */
int
pcl_os_user_become(const struct pcl_os_user *user);

/* ----------------------------------------------------------- detach-*.c */

int
pcl_os_session_new(void);
/* The number of the session that a process is in, which is its leader's pid;
 * less than 0: not known. */
int64_t
pcl_os_session_of(int64_t pid);
int
pcl_os_chdir(intptr_t dir);
/* Returns the one before. */
unsigned
pcl_os_umask(unsigned mask);
/* One line on stderr, as a program that fails to start says it, and ends. */
void
pcl_os_print_error(const char *line);
/* The environment anew: without n variables in gone, with those of user, who
 * may be NULL.  It keeps their strings.  No other thread is there. */
int
pcl_os_environment(const char *const *gone, size_t n,
    struct pcl_os_user *user);
/*
 * A file to redirect to, NULL: the null device; append, not our terminal, and
 * nothing is waited for.  MAKE: one that is not there is created, 0640 less
 * umask, and given to the user; NULL: it is the caller's.
 * Returns 1 when it was created, else 0; -ENXIO, a FIFO without reader.
 */
enum pcl_os_opening { PCL_OS_READ, PCL_OS_APPEND, PCL_OS_MAKE };
int
pcl_os_file_redirect_open(const char *path, enum pcl_os_opening how,
    const struct pcl_os_user *user, intptr_t *file);
/* Remove what the above has created, if it is still there, and empty. */
void
pcl_os_file_unmake(const char *path, intptr_t file);
/* The path from the root, for later; free it. */
int
pcl_os_path_absolute(const char *path, char **absolute);
/* Have descriptor 0, 1 or 2 mean file. */
int
pcl_os_redirect(intptr_t file, int standard);
/* A copy of it, PCL_NONE when it is closed; returns 1 when it is
 * close-on-exec, else 0.  And have it be what it was, by these two. */
int
pcl_os_standard_keep(int standard, intptr_t *copy);
void
pcl_os_standard_restore(int standard, intptr_t copy, bool close_on_exec);

/* Two connected ends for records of one process to another; whole records
 * arrive whole.  No SIGPIPE comes of them. */
int
pcl_os_channel_open(intptr_t ends[2]);
int
pcl_os_channel_send(intptr_t end, const void *record, size_t size);
/* The same before there is a reader: PROCLC_E2BIG, there is no room. */
int
pcl_os_channel_load(intptr_t end, const void *record, size_t size);
/* Returns size; 0, the other side is gone; PROCLC_ETIMEDOUT. */
int
pcl_os_channel_receive(intptr_t end, void *record, size_t size, int64_t due);

/* --------------------------------------------------------- relaunch-*.c */

/*
 * Where there is no fork: run the program again as a daemon, with this end of
 * a channel and without standard files; strip: without its arguments.  And in
 * that one, from its first call on: the end; PCL_NONE, this is none.
 */
int
pcl_os_relaunch(intptr_t channel, bool strip, struct pcl_os_process *daemon);
intptr_t
pcl_os_relaunched(void);

/* -------------------------------------------------------------- fds-*.c */

/* Close every descriptor from 3 up but the n in keep (sorted in place).  Where
 * the system does not tell which are open, they are tried by number, until
 * gap ones in a row were closed already. */
int
pcl_os_close_others(int *keep, size_t n, uint32_t gap);

#endif
