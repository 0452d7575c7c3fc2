/*
 * ready-windows.c - one event that is raised while any of a set of handles
 * is: the system's pool of threads waits for them.
 *
 * A wait of the pool's is over when it has found something.  So after each
 * round of the dispatcher (pcl_os_ready_due) the event is lowered, and those
 * that were found are waited for anew; what is still ready raises it again.
 */
#include <config.h>

#include <stdatomic.h>
#include <stdlib.h>

#include "os/os.h"
#include "os/win32.h"

struct set;

struct member {
	HANDLE handle, wait;
	atomic_bool found;
	struct set *set;
	struct member *next;
};

struct set {
	HANDLE event, timer;
	struct member *first;
};

/* Where os.h keeps a handle for the timer. */
static struct set *
set_of(const struct pcl_os_ready *ready)
{
	return ready->timer == PCL_NONE ? NULL : (struct set *)ready->timer;
}

static void CALLBACK
find(void *arg, BOOLEAN timed_out)
{
	struct member *m = arg;

	(void)timed_out;
	/* In this order: who lowers the event looks for it afterwards. */
	atomic_store(&m->found, true);
	SetEvent(m->set->event);
}

static void
disarm(struct member *m)
{
	if (m->wait != NULL)
		UnregisterWaitEx(m->wait, INVALID_HANDLE_VALUE);
	m->wait = NULL;
}

static int
arm(struct member *m)
{
	disarm(m);
	atomic_store(&m->found, false);
	if (RegisterWaitForSingleObject(&m->wait, m->handle, find, m, INFINITE,
	    WT_EXECUTEINWAITTHREAD | WT_EXECUTEONLYONCE))
		return 0;
	m->wait = NULL;
	return pcl_win_last_error();
}

static int
add(struct set *set, HANDLE handle)
{
	struct member *m = calloc(1, sizeof(*m));
	int rc;

	if (m == NULL)
		return PROCLC_ENOMEM;
	m->handle = handle;
	m->set = set;
	rc = arm(m);
	if (rc < 0) {
		free(m);
		return rc;
	}
	m->next = set->first;
	set->first = m;
	return 0;
}

static void
dispose(struct set *set)
{
	struct member *m;

	while ((m = set->first) != NULL) {
		set->first = m->next;
		disarm(m);
		free(m);
	}
	if (set->event != NULL)
		CloseHandle(set->event);
	if (set->timer != NULL)
		CloseHandle(set->timer);
	free(set);
}

int
pcl_os_ready_open(struct pcl_os_ready *ready, intptr_t first)
{
	struct set *set = calloc(1, sizeof(*set));
	int rc = 0;

	ready->handle = ready->timer = PCL_NONE;
	if (set == NULL)
		return PROCLC_ENOMEM;
	set->event = CreateEventW(NULL, TRUE, FALSE, NULL);
	set->timer = CreateWaitableTimerW(NULL, TRUE, NULL);
	if (set->event == NULL || set->timer == NULL)
		rc = pcl_win_last_error();
	if (rc == 0)
		rc = add(set, pcl_win_handle(first));
	if (rc == 0)
		rc = add(set, set->timer);
	if (rc < 0) {
		dispose(set);
		return rc;
	}
	ready->handle = (intptr_t)set->event;
	ready->timer = (intptr_t)set;
	return 0;
}

int
pcl_os_ready_add(struct pcl_os_ready *ready, intptr_t handle)
{
	struct set *set = set_of(ready);

	return set == NULL ? PROCLC_EBADF : add(set, pcl_win_handle(handle));
}

void
pcl_os_ready_remove(struct pcl_os_ready *ready, intptr_t handle)
{
	struct set *set = set_of(ready);
	struct member *m, **at;

	for (at = set == NULL ? NULL : &set->first; at != NULL && *at != NULL;
	    at = &(*at)->next) {
		m = *at;
		if (m->handle != pcl_win_handle(handle))
			continue;
		*at = m->next;
		disarm(m);
		free(m);
		return;
	}
}

int
pcl_os_ready_due(struct pcl_os_ready *ready, int64_t due)
{
	/* In the system's unit; never comes in ten years. */
	const int64_t ms = 10000, never = ms * 1000 * 86400 * 3650;
	struct set *set = set_of(ready);
	LARGE_INTEGER at = { .QuadPart = -never };
	int64_t left = due == PCL_NEVER ? PCL_NEVER : due - pcl_os_now();
	int rc = 0;

	if (set == NULL)
		return PROCLC_EBADF;
	if (left < never / ms)
		at.QuadPart = left <= 0 ? -1 : -left * ms;
	ResetEvent(set->event);
	/* It also takes back that it has come. */
	if (!SetWaitableTimer(set->timer, &at, 0, NULL, NULL, FALSE))
		rc = pcl_win_last_error();
	for (struct member *m = set->first; m != NULL && rc == 0; m = m->next)
		if (atomic_load(&m->found))
			rc = arm(m);
	return rc;
}

void
pcl_os_ready_abandon(struct pcl_os_ready *ready, intptr_t own)
{
	struct set *set = set_of(ready);

	(void)own;
	if (set != NULL)
		dispose(set);
	ready->handle = ready->timer = PCL_NONE;
}

bool
pcl_os_ready_intact(const struct pcl_os_ready *ready, intptr_t own)
{
	(void)own;
	return set_of(ready) != NULL;
}
