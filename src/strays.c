/*
 * strays.c - orphans that come to this process are reaped, on request.
 *
 * Promise: no zombie stays, and no status of a task is lost: a child that may
 * be a task's is reaped by its task only.  While nobody ends, nothing runs.
 *
 * The first child that has ended is looked at before it is reaped.  A child
 * that another thread is making is not known by its pid yet, so then nobody
 * looks; who has made the last one does it.
 */
#include "task.h"

#include <stdlib.h>

#include "command.h"
#include "disposition.h"
#include "error.h"
#include "fork.h"
#include "os/kin.h"

/* How long a start lets others go first, who wait to look. */
enum { GIVE_WAY_MS = 100 };

/* Under PCL_LOCK_TASK, but for the subscriber. */
static struct {
	uint32_t owner;	/* 0: nobody has asked for it */
	unsigned making;	/* starts whose child is not known yet */
	bool wanted;	/* a look, once there are none */
	bool looking;
	bool behind;	/* one that is left hides others */
	bool opting;	/* somebody is in proclc_reap_strays */
	struct pcl_subscriber subscriber;
} strays;

static struct proclc_task *
find_in(bool detached, int64_t pid)
{
	struct proclc_task *task = NULL;

	while ((task = pcl_batch_after(detached, task)) != NULL)
		if ((task->state == PCL_TASK_RUNNING ||
		    pcl_command_born(task)) && task->pid == pid)
			return task;
	return NULL;
}

/* False: it stays, for it is a task's that is not over yet. */
static bool
take(int64_t pid)
{
	struct proclc_task *task = find_in(false, pid);
	struct pcl_os_status status;

	if (task == NULL)
		task = find_in(true, pid);
	return task != NULL ? pcl_task_ended(task) :
	    pcl_os_reap(pid, false, &status) == 0;
}

/* Those that the system does not show, for one that stays comes first. */
static void
take_hidden(void)
{
	struct pcl_os_kin *list = NULL;
	int n = pcl_os_kin_list(&list);

	for (int i = 0; i < n; i++)
		if (list[i].parent == pcl_os_pid() && list[i].ended)
			take(list[i].pid);
	free(list);
}

/* Of those that are being made, these are known already: they may take long
 * to come to their program. */
static unsigned
known_before(void)
{
	struct proclc_task *task = NULL;
	unsigned n = 0;

	while ((task = pcl_batch_after(false, task)) != NULL)
		n += pcl_command_born(task);
	while ((task = pcl_batch_after(true, task)) != NULL)
		n += pcl_command_born(task);
	return n;
}

static void
look(void)
{
	int64_t pid;

	if (strays.making > 0 && strays.making > known_before()) {
		strays.wanted = true;
		return;
	}
	strays.wanted = strays.behind = false;
	strays.looking = true;
	while ((pid = pcl_os_any_ended()) > 0 && !strays.behind)
		strays.behind = !take(pid);
	if (strays.behind)
		take_hidden();
	strays.looking = false;
}

static bool
is_ours(void)
{
	return strays.owner != 0 && strays.owner == pcl_process();
}

void
pcl_strays_making(void)
{
	int64_t due;

	pcl_lock(PCL_LOCK_TASK);
	due = strays.wanted ? pcl_os_now() + GIVE_WAY_MS : 0;
	while (strays.wanted && strays.making > 0 && pcl_os_now() < due)
		pcl_wait(PCL_LOCK_TASK, due);
	strays.making++;
	pcl_unlock(PCL_LOCK_TASK);
}

void
pcl_strays_made(void)
{
	strays.making--;
	if (strays.making == 0 && strays.wanted && is_ours())
		look();
	pcl_broadcast(PCL_LOCK_TASK);
}

void
pcl_strays_uncovered(void)
{
	if (strays.behind && !strays.looking && is_ours())
		look();
}

void
pcl_strays_forget(void)
{
	strays.owner = 0;
	strays.making = 0;
	strays.wanted = strays.looking = strays.behind = false;
	strays.opting = false;
}

/* What makes orphans come to us does not come along. */
void
pcl_strays_settle(bool moved)
{
	if (moved && is_ours() && pcl_os_subreaper(true) < 0)
		pcl_log("reap strays: orphans do not come to the daemon");
}

/* On the dispatcher: one or more children have ended, or stopped. */
static bool
on_child(struct pcl_subscriber *subscriber, const struct pcl_signal *signal)
{
	(void)subscriber;
	(void)signal;
	pcl_enter(PCL_LOCK_TASK);
	if (is_ours())
		look();
	pcl_unlock(PCL_LOCK_TASK);
	return true;
}

/* Hear of children; also after the program has installed a handler of its
 * own, which is then told as well. */
static int
listen(void)
{
	struct pcl_subscriber *s = &strays.subscriber;

	if (s->listed && pcl_os_signal_query(pcl_os_sigchld) == PCL_OS_OURS)
		return 0;
	if (s->listed)
		pcl_unsubscribe(s);
	s->signum = pcl_os_sigchld;
	s->priority = PCL_PRIORITY_HANDLER;
	s->fn = on_child;
	s->chain = s->stays = true;
	return pcl_subscribe(s);
}

static int
opt_in(void)
{
	int rc = listen();

	if (rc < 0)
		return rc;
	rc = pcl_os_subreaper(true);
	if (rc == 0)
		return 0;
	if (!is_ours())
		pcl_unsubscribe(&strays.subscriber);
	return pcl_fail(rc, PROCLC_STAGE_PARENT, "reap strays");
}

int
proclc_reap_strays(void)
{
	int rc;

	if (pcl_os_sigchld == 0)
		return pcl_fail(PROCLC_ENOTSUP, PROCLC_STAGE_ARGUMENTS,
		    "reap strays");
	rc = pcl_task_enter();
	if (rc < 0)
		return rc;
	while (strays.opting)
		pcl_wait(PCL_LOCK_TASK, PCL_NEVER);
	strays.opting = true;
	pcl_unlock(PCL_LOCK_TASK);
	rc = opt_in();
	pcl_lock(PCL_LOCK_TASK);
	strays.opting = false;
	pcl_broadcast(PCL_LOCK_TASK);
	if (rc == 0) {
		strays.owner = pcl_process();
		look();
	}
	pcl_unlock(PCL_LOCK_TASK);
	return rc;
}
