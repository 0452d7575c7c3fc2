/*
 * descent.c - the descendants of a task's child, found and signalled.
 *
 * Promise: nobody else is signalled, whatever number he has by then: each one
 * is pinned before it is asked for its parent and start, and signalled by the
 * pin.
 */
#include "descent.h"

#include <proclc/signals.h>

#include <stdlib.h>
#include <string.h>

/* The processes that there are, in the order of the pids. */
struct all {
	struct pcl_os_kin *list;
	int n;	/* less than 0: why they are not known */
};

/* Of a round, which is one thread's. */
static _Thread_local struct {
	bool goes_on;
	struct all all;	/* list NULL: nobody has looked yet */
} whole;

/* A look at all processes: which of them are descendants? */
struct look {
	const struct pcl_kinset *members;
	int64_t top;	/* the task's child, ours and not reaped; 0: gone */
	const struct pcl_os_kin *list;
	bool *known;
	int n;
	bool missed;	/* one was there, and is not: it may have left others */
	struct pcl_descent found;
};

/* Where in the list, which is in the order of the pids; -1: nowhere. */
static int
find(const struct pcl_os_kin *list, int n, int64_t pid)
{
	int low = 0, high = n - 1, middle;

	while (low <= high) {
		middle = low + (high - low) / 2;
		if (list[middle].pid == pid)
			return middle;
		if (list[middle].pid < pid)
			low = middle + 1;
		else
			high = middle - 1;
	}
	return -1;
}

static int
by_pid(const void *a, const void *b)
{
	const struct pcl_os_kin *x = a, *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

static bool
is_member(const struct pcl_kinset *members, const struct pcl_os_kin *kin)
{
	int i = find(members->list, members->n, kin->pid);

	return i >= 0 && members->list[i].start == kin->start;
}

int64_t
pcl_descent_survivor(const struct pcl_kinset *members)
{
	for (int i = 0; i < members->n; i++)
		if (!members->list[i].ended)
			return members->list[i].pid;
	return 0;
}

/* Is it there, and the one of the list?  What cannot be found out now is not
 * forgotten. */
static bool
is_there(struct look *l, int i, struct pcl_os_kin *now)
{
	int rc = pcl_os_kin_look(l->list[i].pid, now);

	if (rc < 0 && rc != PROCLC_ESRCH)
		l->found.error = rc;
	return rc == 0 && now->start == l->list[i].start;
}

/* Is it known at this moment, too, and not another one of that number?  Of the
 * task's own child that is sure. */
static bool
still_known(struct look *l, int64_t pid)
{
	struct pcl_os_kin now;
	int i = find(l->list, l->n, pid);

	if (pid == l->top)
		return true;
	return i >= 0 && l->known[i] && is_there(l, i, &now);
}

/* One that may not be signalled is a descendant all the same. */
static bool
signal_it(const struct pcl_os_process *process, int signum)
{
	int rc = pcl_os_process_signal(process, signum);

	if (rc == 0 && signum == PROCLC_SIGTERM)
		pcl_os_process_signal(process, pcl_os_sigcont);
	return rc == 0 || rc == PROCLC_EPERM;
}

/*
 * Is this one a descendant, and, unless signum is 0, is it signalled?  What is
 * found of its number while it is pinned is true of it, if it is there still
 * when it is signalled.
 */
static bool
reach(struct look *l, int i, int signum)
{
	struct pcl_os_process process;
	struct pcl_os_kin now;
	bool ours;
	int rc = pcl_os_process_pin(&process, l->list[i].pid);

	if (rc < 0 && rc != PROCLC_ESRCH)
		l->found.error = rc;
	if (rc < 0)
		return false;
	ours = process.handle != PCL_NONE && is_there(l, i, &now) &&
	    (is_member(l->members, &now) || still_known(l, now.parent)) &&
	    signal_it(&process, signum);
	pcl_os_process_close(&process);
	return ours;
}

/* One more generation; how many have been found. */
static int
spread(struct look *l, int signum)
{
	int parent, found = 0;

	for (int i = 0; i < l->n; i++) {
		parent = l->known[i] ? -1 : find(l->list, l->n,
		    l->list[i].parent);
		if (parent < 0 || !l->known[parent])
			continue;
		l->known[i] = reach(l, i, l->list[i].ended ? 0 : signum);
		found += l->known[i];
		l->missed = l->missed || (!l->known[i] && !l->list[i].ended);
	}
	return found;
}

/* The task's child, and who was a member before; of these who is to be killed
 * is. */
static void
mark_old(struct look *l, int signum)
{
	const struct pcl_os_kin *kin;

	for (int i = 0; i < l->n; i++) {
		kin = &l->list[i];
		l->known[i] = kin->pid == l->top || is_member(l->members, kin);
		if (kin->pid == l->top)
			l->found.top_runs = !kin->ended && !kin->stopped;
		else if (l->known[i] && !kin->ended &&
		    signum == PROCLC_SIGKILL)
			reach(l, i, signum);
	}
}

static void
look_at_all(struct all *all)
{
	if (whole.all.list != NULL) {
		*all = whole.all;
		return;
	}
	all->n = pcl_os_kin_list(&all->list);
	if (all->n > 0)
		qsort(all->list, (size_t)all->n, sizeof(*all->list), by_pid);
	if (whole.goes_on)
		whole.all = *all;
}

void
pcl_descent_begin(void)
{
	whole.goes_on = true;
}

void
pcl_descent_end(void)
{
	whole.goes_on = false;
	free(whole.all.list);
	whole.all.list = NULL;
}

bool
pcl_descent_is_shared(void)
{
	return whole.goes_on;
}

/* The members are those that are known now; there is room for all. */
static void
keep_known(struct look *l, struct pcl_kinset *members,
    struct pcl_os_kin *room)
{
	struct pcl_os_kin *exact;
	int n = 0;

	for (int i = 0; i < l->n; i++) {
		if (!l->known[i] || l->list[i].pid == l->top)
			continue;
		l->found.live += !l->list[i].ended;
		room[n++] = l->list[i];
	}
	free(members->list);
	members->list = room;
	members->n = n;
	/* Of all processes few are. */
	exact = malloc(((size_t)n + 1) * sizeof(*exact));
	if (exact == NULL)
		return;
	memcpy(exact, room, (size_t)n * sizeof(*exact));
	members->list = exact;
	free(room);
}

/* Nobody is found where there is no room for them. */
static int
find_all(struct look *l, struct pcl_kinset *members, int signum)
{
	struct pcl_os_kin *room;
	int found;

	room = malloc((size_t)l->n * sizeof(*room));
	l->known = room == NULL ? NULL :
	    calloc((size_t)l->n, sizeof(*l->known));
	if (l->known == NULL) {
		free(room);
		return PROCLC_ENOMEM;
	}
	mark_old(l, signum);
	do {
		found = spread(l, signum);
		l->found.fresh += found;
	} while (found > 0);
	keep_known(l, members, room);
	free(l->known);
	return l->found.error;
}

struct pcl_descent
pcl_descend(struct pcl_kinset *members, int64_t top, int signum)
{
	struct look l = { .members = members, .top = top };
	struct all all;
	int error;

	look_at_all(&all);
	l.list = all.list;
	l.n = all.n;
	error = all.n < 0 ? all.n : find_all(&l, members, signum);
	/* No memory, or no descriptor: somebody may live. */
	if (error < 0) {
		l.found.error = error;
		l.found.live = members->n + 1;
	} else if (l.missed) {
		l.found.live++;
	}
	if (!whole.goes_on)
		free(all.list);
	return l.found;
}
