/*
 * result.c - what a task leaves for its parent: memory that both have.
 *
 * Promise: the parent finds one whole result or none, wherever the child was
 * killed; and nothing that the child writes there can harm it.
 *
 * One word says which result is the last, and how long it is; it is written
 * after the bytes.  They go into the slot that was not written for longest, so
 * a reader has the time of a few sets.
 */
#include "task.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "fork.h"
#include "os/kin.h"

/* A child that sets without end can be faster than its parent; that asks no
 * more than so often. */
enum { SLOTS = 4, TRIES = 1000 };

struct area {
	/* The number of the result in the upper half, its size and 1 in the
	 * lower; 0: none. */
	_Atomic uint64_t last;
	unsigned char slots[SLOTS][PROCLC_RESULT_MAX];
};

struct pcl_result {
	struct area *area;	/* NULL: not started yet */
};

/* In a child: where its result goes. */
static struct {
	uint32_t process;
	struct area *area;	/* NULL: it is not to leave one */
} own;

int
pcl_result_new(struct proclc_task *task)
{
	struct pcl_extras *extras = pcl_task_extras(task);

	if (extras != NULL)
		extras->result = calloc(1, sizeof(*extras->result));
	return extras != NULL && extras->result != NULL ? 0 :
	    pcl_fail(PROCLC_ENOMEM, PROCLC_STAGE_MEMORY, "task %s: result",
	    pcl_task_name(task));
}

static void
drop(struct pcl_result *result)
{
	if (result->area != NULL)
		pcl_os_unmap(result->area, sizeof(*result->area));
	result->area = NULL;
}

void
pcl_result_free(struct pcl_result *result)
{
	if (result != NULL)
		drop(result);
	free(result);
}

static struct pcl_result *
result_of(const struct proclc_task *task)
{
	return task->extras == NULL ? NULL : task->extras->result;
}

static int
map(struct pcl_result *result, intptr_t share)
{
	void *area;
	int rc = pcl_os_map(share, sizeof(*result->area), &area);

	if (rc == 0)
		result->area = area;
	return rc;
}

static void
close_share(struct pcl_birth *birth)
{
	pcl_os_close(birth->share);
	birth->share = PCL_NONE;
}

/* New memory for each start: of an earlier child others may be left. */
int
pcl_result_clear(struct pcl_birth *birth)
{
	struct pcl_result *result = result_of(birth->task);
	int rc = 0;

	if (result == NULL)
		return 0;
	pcl_lock(PCL_LOCK_TASK);
	drop(result);
	if (birth->task->spawn)
		rc = pcl_os_share_open(sizeof(struct area), &birth->share);
	if (rc == 0)
		rc = map(result, birth->share);
	if (rc < 0)
		close_share(birth);
	pcl_unlock(PCL_LOCK_TASK);
	return rc;
}

void
pcl_result_given(struct pcl_birth *birth)
{
	pcl_lock(PCL_LOCK_TASK);
	close_share(birth);
	pcl_unlock(PCL_LOCK_TASK);
}

int
pcl_result_adopt(struct proclc_task *task, intptr_t share)
{
	int rc;

	if (share == PCL_NONE)
		return 0;
	rc = pcl_result_new(task);
	if (rc == 0)
		rc = map(task->extras->result, share);
	pcl_os_close(share);
	return rc;
}

void
pcl_result_owner(struct proclc_task *task)
{
	const struct pcl_result *result = result_of(task);

	own.process = pcl_process();
	own.area = result == NULL ? NULL : result->area;
}

int
proclc_task_result_set(const void *data, size_t size)
{
	uint32_t number;
	int rc = 0;

	if (own.area == NULL || (data == NULL && size > 0))
		rc = PROCLC_EINVAL;
	else if (own.process != pcl_process())
		rc = PROCLC_ENOTOWNER;
	else if (size > PROCLC_RESULT_MAX)
		rc = PROCLC_E2BIG;
	if (rc < 0)
		return pcl_fail(rc, PROCLC_STAGE_ARGUMENTS,
		    "result of %" PRIu64 " bytes", (uint64_t)size);
	pcl_enter(PCL_LOCK_TASK);
	number = (uint32_t)(atomic_load(&own.area->last) >> 32) + 1;
	if (size > 0)
		memcpy(own.area->slots[number % SLOTS], data, size);
	atomic_store_explicit(&own.area->last,
	    (uint64_t)number << 32 | (size + 1), memory_order_release);
	pcl_unlock(PCL_LOCK_TASK);
	return 0;
}

/* Once; PROCLC_EAGAIN: the child may have written to that slot meanwhile. */
static int64_t
take(struct area *area, void *buf, size_t room)
{
	uint64_t last = atomic_load_explicit(&area->last,
	    memory_order_acquire);
	uint32_t size = (uint32_t)last - 1, number = (uint32_t)(last >> 32);

	if (last == 0)
		return PROCLC_ENOENT;
	if (size > PROCLC_RESULT_MAX)
		return PROCLC_EIO;
	if (buf == NULL)
		return size;
	if (size > room)
		return PROCLC_E2BIG;
	memcpy(buf, area->slots[number % SLOTS], size);
	atomic_thread_fence(memory_order_acquire);
	last = atomic_load(&area->last);
	return (uint32_t)(last >> 32) - number <= 1 ? (int64_t)size :
	    PROCLC_EAGAIN;
}

static int64_t
fetch(const struct pcl_result *result, void *buf, size_t room)
{
	int64_t rc = PROCLC_EAGAIN;

	if (result->area == NULL)
		return PROCLC_ENOENT;
	for (int i = 0; i < TRIES && rc == PROCLC_EAGAIN; i++)
		rc = take(result->area, buf, room);
	return rc;
}

int64_t
proclc_task_result(struct proclc_task *task, void *buf, size_t room)
{
	struct pcl_result *result;
	int64_t rc = pcl_task_check(task);

	if (rc < 0)
		return rc;
	result = result_of(task);
	if (result == NULL || (buf == NULL && room > 0))
		return pcl_fail(PROCLC_EINVAL, PROCLC_STAGE_ARGUMENTS,
		    "result of %s", pcl_task_name(task));
	rc = pcl_task_enter();
	if (rc < 0)
		return rc;
	rc = fetch(result, buf, room);
	pcl_unlock(PCL_LOCK_TASK);
	return rc < 0 ? pcl_fail((int)rc, PROCLC_STAGE_READ, "result of %s",
	    pcl_task_name(task)) : rc;
}
