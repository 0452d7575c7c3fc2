/*
 * births.c - the handles of children that are being made.
 *
 * Promise: a child that another thread makes meanwhile keeps none of them;
 * so all of them are opened, listed and closed under the lock that a fork
 * takes.
 */
#include "task.h"

#include "atexit.h"
#include "command.h"
#include "error.h"
#include "fork.h"

/* Those under way: a child that another thread makes has their handles. */
static struct pcl_birth *births;
static _Thread_local struct pcl_birth *own_birth;

static void
close_ends(intptr_t ends[2])
{
	for (int i = 0; i < 2; i++) {
		pcl_os_close(ends[i]);
		ends[i] = PCL_NONE;
	}
}

int
pcl_birth_open(intptr_t ends[2])
{
	int rc;

	pcl_lock(PCL_LOCK_TASK);
	rc = pcl_os_channel_open(ends);
	if (rc < 0)
		ends[0] = ends[1] = PCL_NONE;
	pcl_unlock(PCL_LOCK_TASK);
	return rc;
}

void
pcl_birth_close(intptr_t ends[2])
{
	pcl_lock(PCL_LOCK_TASK);
	close_ends(ends);
	pcl_unlock(PCL_LOCK_TASK);
}

void
pcl_births_forget(void)
{
	for (struct pcl_birth *b = births; b != NULL; b = b->next) {
		if (b == own_birth)
			continue;
		pcl_os_process_close(&b->parent);
		close_ends(b->ready);
		close_ends(b->record);
		pcl_os_close(b->share);
	}
	births = NULL;
}

/* The lock is held, for it and pcl_birth_end: a fork finds all or nothing. */
static void
list_birth(struct pcl_birth *birth)
{
	birth->next = births;
	births = birth;
	own_birth = birth;
}

void
pcl_birth_end(struct pcl_birth *birth)
{
	struct pcl_birth **at = &births;

	while (*at != birth)
		at = &(*at)->next;
	*at = birth->next;
	own_birth = NULL;
	pcl_os_process_close(&birth->parent);
	close_ends(birth->ready);
}

static bool
any_has(struct proclc_task *const *tasks, size_t n, uint32_t flag)
{
	for (size_t i = 0; i < n; i++)
		if ((tasks[i]->flags & flag) != 0)
			return true;
	return false;
}

/* Does the child of any of them watch us?  A program cannot. */
static bool
any_watches(struct proclc_task *const *tasks, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((tasks[i]->flags & PROCLC_TASK_OUTLIVE_PARENT) == 0 &&
		    pcl_task_command(tasks[i]) == NULL)
			return true;
	return false;
}

static int
open_handles(struct pcl_birth *birth, struct proclc_task *const *tasks,
    size_t n, bool wait)
{
	int rc = 0;

	/* A fork of the library's thread would be called as that is. */
	if (pcl_dispatching() && !pcl_dispatch_manual())
		pcl_os_first_thread_name(birth->name);
	/* The children's handle on us, from before they exist: no gap. */
	if (any_watches(tasks, n))
		rc = pcl_os_process_open(&birth->parent, pcl_os_pid());
	if (rc < 0)
		return pcl_fail(rc, PROCLC_STAGE_PARENT, "start %s",
		    pcl_task_name(tasks[0]));
	if (wait && any_has(tasks, n, PROCLC_TASK_WAIT_FOR_CHILD))
		rc = pcl_os_channel_open(birth->ready);
	if (rc < 0)
		return pcl_fail(rc, PROCLC_STAGE_PIPE, "start %s",
		    pcl_task_name(tasks[0]));
	return 0;
}

int
pcl_birth_begin(struct pcl_birth *birth, struct proclc_task *const *tasks,
    size_t n, bool wait)
{
	int rc;

	*birth = (struct pcl_birth){ .ready = { PCL_NONE, PCL_NONE },
	    .record = { PCL_NONE, PCL_NONE }, .share = PCL_NONE,
	    .parent.handle = PCL_NONE,
	    .quiet = pcl_atexit_installed() };
	pcl_lock(PCL_LOCK_TASK);
	list_birth(birth);
	rc = open_handles(birth, tasks, n, wait);
	pcl_unlock(PCL_LOCK_TASK);
	return rc;
}

/* The children have theirs. */
void
pcl_birth_given(struct pcl_birth *birth)
{
	pcl_lock(PCL_LOCK_TASK);
	pcl_os_process_close(&birth->parent);
	pcl_os_close(birth->ready[1]);
	birth->ready[1] = PCL_NONE;
	pcl_unlock(PCL_LOCK_TASK);
}
