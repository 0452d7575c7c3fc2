/* trees.h - tasks with all their descendants, and orphans that come to this
 * process, for the files of the subprocess unit (floor 4). */
#ifndef PCL_TREES_H
#define PCL_TREES_H

#include <proclc/subprocess.h>

#include <stdbool.h>
#include <stddef.h>

/* With all its descendants: have it; PROCLC_ENOTSUP.  Free it. */
int
pcl_tree_new(struct proclc_task *task);
void
pcl_tree_free(struct proclc_task *task);
/* Before each start.  No lock is held.  Once all have ended; the lock is held
 * for this and what follows. */
int
pcl_tree_begin(struct proclc_task *task);
void
pcl_tree_end(struct proclc_task *task);
/* TERM to all; KILL to all; are all gone, once its child is (reaped or not)?
 * If not, and no shutdown lets them be, they are killed. */
void
pcl_tree_ask(struct proclc_task *task);
void
pcl_tree_kill(struct proclc_task *task);
/*
 * The same for many: begin with each (false: that was all); then a step with
 * each, in one round of descent.h after the other, until there is no more to do
 * for any; and an end with each that was asked.
 */
enum { PCL_TREE_STEPS = 50 };
bool
pcl_tree_ask_begin(struct proclc_task *task);
bool
pcl_tree_ask_step(struct proclc_task *task, int step);
void
pcl_tree_ask_end(struct proclc_task *task);
bool
pcl_tree_kill_begin(struct proclc_task *task);
bool
pcl_tree_kill_step(struct proclc_task *task, int step);
bool
pcl_tree_is_done(struct proclc_task *task);
/* It was given up in the end, which is told once: the pid of one that lives;
 * -1, somebody may; 0, nobody does. */
int64_t
pcl_tree_take_left(struct proclc_task *task);
/* Is it worth while to look at it often? */
bool
pcl_tree_changes(const struct proclc_task *task);
/* What a new run of the program is told, ""; there.  No lock is held. */
const char *
pcl_tree_place(const struct proclc_task *task);
int
pcl_tree_adopt(struct proclc_task *task, const char *place);
/* What a program's child enters, see pcl_os_job_entry(); false: nothing. */
bool
pcl_tree_entry(const struct proclc_task *task, char *path, size_t size);
/* In the child, first; and when its parent is gone: TERM to the others. */
int
pcl_tree_enter(struct proclc_task *task);
void
pcl_tree_orphaned(struct proclc_task *task);

/* Around a fork, whose child is known by its pid when it is made; the lock is
 * held for the latter. */
void
pcl_strays_making(void);
void
pcl_strays_made(void);
/* A task's child was reaped, the lock is held. */
void
pcl_strays_uncovered(void);
/* In a forked child: nobody has asked for it; and in the process that goes on
 * as this one. */
void
pcl_strays_forget(void);
void
pcl_strays_settle(bool moved);

#endif
