/*
 * fork.h - is this still the same process?  And all of the library's locks
 * (floor 1, below dispatch).
 */
#ifndef PCL_FORK_H
#define PCL_FORK_H

#include <stdbool.h>
#include <stdint.h>

#include "os/os.h"

/*
 * Every lock of the library, in the order in which they may be taken: who
 * holds one takes only later ones.  No callback runs under any of them.
 */
enum pcl_lock {
	PCL_LOCK_DAEMON,
	PCL_LOCK_TASK,
	PCL_LOCK_SPAWNER,
	PCL_LOCK_ORPHAN,
	PCL_LOCK_SIGNALS,
	PCL_LOCK_ATEXIT,
	PCL_LOCK_PIDFILE,
	PCL_LOCK_ENDING,
	PCL_LOCK_DISPOSITION,
	PCL_LOCK_DISPATCH,
	PCL_LOCK_GUARD,
	PCL_LOCK_UNITS,
	PCL_LOCKS
};

/*
 * What a unit wants to know about forks.  Units are called in the order in
 * which they were added, so lower floors first; a NULL slot is skipped.
 */
struct pcl_fork_unit {
	const char *name;
	/* In a new child of this process, its only thread, all locks held:
	 * forget threads and handles; touch nothing of the system's. */
	void (*child)(void);
	/* In a new child, after that, under no lock and with all signals
	 * blocked; not in one that pcl_fork_own has made. */
	void (*born)(void);
	/* Before the process moves (daemonize): 0, or why it must not. */
	int (*may_move)(void);
	/* Before the process moves: end own threads. */
	void (*leave)(void);
	/* In the process that goes on in its place, or in the old one when
	 * the move failed: make whole again what leave and child undid. */
	int (*settle)(bool moved);
	/* A callback has ended its thread instead of returning. */
	void (*callback_lost)(void);
	/* The exit handlers of this process have run. */
	void (*over)(void);
	/* The descriptors that must stay open when all others are closed:
	 * the first room of them into fds; returns how many there are. */
	size_t (*handles)(int *fds, size_t room);
};

/* Ready the locks and fork handlers; every unit calls it first. */
int
pcl_fork_init(void);
void
pcl_fork_add_unit(const struct pcl_fork_unit *unit);

/* Take a lock at a public gate; returns pcl_process().  Who holds one is not
 * cancelled (pthread_cancel) before he has given it back. */
uint32_t
pcl_enter(enum pcl_lock lock);
void
pcl_lock(enum pcl_lock lock);
void
pcl_unlock(enum pcl_lock lock);
/* Wait for a broadcast on the lock's condition, or until due. */
void
pcl_wait(enum pcl_lock lock, int64_t due);
void
pcl_broadcast(enum pcl_lock lock);

/*
 * A number for this process that no ancestor of it has, and that it keeps
 * when it moves (daemonize).  What acts at exit or on a signal remembers it
 * and is inert elsewhere.
 */
uint32_t
pcl_process(void);
/* Is process the one that calls?  Safe in a signal handler, and tells a
 * child that no fork handler announced, vfork's too. */
bool
pcl_process_is(uint32_t process);

/* Is this the process of pcl_process(), or a child that no fork handler
 * announced?  Safe in a signal handler. */
bool
pcl_process_known(void);

/* The descriptors of all units; as the slot above. */
size_t
pcl_fork_handles(int *fds, size_t room);

/* One more for such an answer; PCL_NONE is not counted. */
void
pcl_handle_put(intptr_t handle, int *fds, size_t room, size_t *n);

/* Tell every unit that a callback will not return. */
void
pcl_fork_callback_lost(void);
/* And that the exit handlers of this process have run. */
void
pcl_fork_over(void);

/* fork() for a child of the library's own: it is not told that it is born. */
int64_t
pcl_fork_own(void);

/* Ask every unit whether the process may move; the first refusal. */
int
pcl_move_allowed(void);
/* Tell every unit to end its threads, to be followed by pcl_move_settle. */
void
pcl_move_leave(void);
/* fork(), whose child goes on as this process: the units are not told. */
int64_t
pcl_move_fork(void);
/* Where the process goes on, or stays after all. */
int
pcl_move_settle(bool moved);
/* In the one that stays behind: nothing is its own any more; and again, when
 * the other one has failed. */
void
pcl_move_disown(void);
void
pcl_move_resume(void);
/* After pcl_move_disown, for good: let go of the other one's handles. */
void
pcl_move_forget(void);

/*
 * To be called after each callback of the program with what pcl_process()
 * was before: when the callback forked and its child comes back here, the
 * child leaves, by what was set (ending's business), else at once.
 */
void
pcl_returned(uint32_t process);
void
pcl_on_stray_return(void (*leave)(void));

#endif
