/*
 * waitset.c - waiting for any, or all, of several tasks.
 */
#include "task.h"

#include <inttypes.h>
#include <stdlib.h>

#include "error.h"
#include "fork.h"

/* A wait for any: the handles on those that run. */
struct crowd {
	struct proclc_task *const *tasks;
	size_t n;
	struct pcl_pins pins;	/* one for each */
	struct pcl_os_pollset set;
	size_t polled;
};

static int
check(struct proclc_task *const *tasks, size_t n, int64_t timeout_ms)
{
	if (timeout_ms < PROCLC_NOW)
		return pcl_fail(PROCLC_EINVAL, PROCLC_STAGE_ARGUMENTS,
		    "wait: time");
	return pcl_task_check_set(tasks, n);
}

/* The first that has ended, or was never started; n: they all live. */
static size_t
find_ended(const struct crowd *c)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		if (c->tasks[i]->state == PCL_TASK_NEW ||
		    pcl_task_ended(c->tasks[i]))
			break;
	return i;
}

/* Get hold of all of them; the time until which they can be waited for. */
static int64_t
pin_all(struct crowd *c, int64_t due)
{
	int64_t look = pcl_os_now() + PCL_TASK_LOOK_MS;

	c->polled = 0;
	for (size_t i = 0; i < c->n; i++) {
		struct pcl_os_process *p = &c->pins.processes[i];

		p->handle = PCL_NONE;
		if (pcl_task_pin(c->tasks[i], p) < 0)
			p->handle = PCL_NONE;
		if (p->handle != PCL_NONE)
			pcl_os_pollset_put(&c->set, c->polled++, p->handle);
		else if (look < due)
			due = look;
	}
	pcl_pins_add(&c->pins);
	return due;
}

static void
let_go(struct crowd *c)
{
	pcl_pins_remove(&c->pins);
	for (size_t i = 0; i < c->n; i++)
		pcl_task_unpin(&c->pins.processes[i]);
}

static bool
all_ours_to_restart(const struct crowd *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (!pcl_task_is_ours_to_restart(c->tasks[i]))
			return false;
	return true;
}

/* The lock is held, and given up while waiting. */
static size_t
wait_for_any(struct crowd *c, int64_t due)
{
	int64_t until, look;
	int ready, cancel;
	size_t i;

	while ((i = find_ended(c)) == c->n && pcl_os_now() < due) {
		if (due == PCL_NEVER && all_ours_to_restart(c))
			break;
		until = pin_all(c, due);
		pcl_unlock(PCL_LOCK_TASK);
		cancel = pcl_os_cancel_disable();
		ready = pcl_os_pollset_wait(&c->set, c->polled, until, NULL);
		pcl_os_cancel_restore(cancel);
		pcl_lock(PCL_LOCK_TASK);
		i = find_ended(c);
		let_go(c);
		if (i < c->n)
			break;
		/* The handle of one that cannot be reaped yet is ready. */
		look = pcl_os_now() + PCL_TASK_LOOK_MS;
		if (ready != 0)
			pcl_wait(PCL_LOCK_TASK, look < due ? look : due);
	}
	return i;
}

/* Without a time limit there is one reason only. */
static int
fail_any(int64_t timeout_ms)
{
	if (timeout_ms == PROCLC_FOREVER)
		return pcl_fail(PROCLC_EDEADLK, PROCLC_STAGE_WAIT,
		    "wait for any: this thread is to start them again");
	return pcl_fail(PROCLC_ETIMEDOUT, PROCLC_STAGE_WAIT,
	    "wait for any: timed out");
}

int
proclc_wait_any(struct proclc_task *const *tasks, size_t n,
    int64_t timeout_ms)
{
	struct crowd c = { .tasks = tasks, .n = n };
	int rc = check(tasks, n, timeout_ms);
	size_t i;

	if (rc == 0 && n == 0)
		rc = pcl_fail(PROCLC_EINVAL, PROCLC_STAGE_ARGUMENTS,
		    "wait for any of none");
	if (rc < 0)
		return rc;
	c.pins.processes = calloc(n, sizeof(*c.pins.processes));
	c.pins.n = n;
	if (c.pins.processes == NULL || pcl_os_pollset_reserve(&c.set, n) < 0)
		rc = pcl_fail(PROCLC_ENOMEM, PROCLC_STAGE_MEMORY,
		    "wait for any");
	if (rc == 0)
		rc = pcl_task_enter();
	if (rc == 0) {
		pcl_task_hold(tasks, n);
		i = wait_for_any(&c, pcl_due(timeout_ms));
		pcl_task_release(tasks, n);
		pcl_unlock(PCL_LOCK_TASK);
		rc = i < n ? (int)i : fail_any(timeout_ms);
	}
	pcl_os_pollset_free(&c.set);
	free(c.pins.processes);
	return rc;
}

int
proclc_wait_all(struct proclc_task *const *tasks, size_t n,
    int64_t timeout_ms)
{
	int64_t due = pcl_due(timeout_ms);
	int rc = check(tasks, n, timeout_ms);

	if (rc == 0)
		rc = pcl_task_enter();
	if (rc < 0)
		return rc;
	pcl_task_hold(tasks, n);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		rc = pcl_task_wait_until(tasks[i], due);
		if (rc < 0)
			pcl_task_fail_wait(rc, tasks[i]);
	}
	pcl_task_release(tasks, n);
	pcl_unlock(PCL_LOCK_TASK);
	return rc;
}
