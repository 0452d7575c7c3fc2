/*
 * reexec.c - a task in a new run of the program (PROCLC_START_SPAWN).
 *
 * What the child is to be lies in a channel before the child exists; of its
 * arguments only the first is ours, and names the channel.  Signals are
 * blocked from before the child exists until it is set up, as over a fork.
 */
#include "reexec.h"

#include <proclc.h>

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "fork.h"

static const char marker[] = "--proclc-task=";

/* Goes before the name and the bytes of self. */
struct record {
	char magic[16];	/* and the version: the file of the library may have
			 * been replaced since this program began */
	uint32_t name_size, self_size;
	uint32_t flags;
	uint32_t number;
	uint8_t is_loop, quiet, has_self, spare;
	int32_t ready, parent, share;	/* handles, or PCL_NONE */
	uint32_t place_size;	/* after self: where its tree is */
	int64_t parent_pid;
};

static void
set_magic(char magic[16])
{
	memset(magic, 0, 16);
	snprintf(magic, 16, "proclc %s", proclc_version());
}

int
pcl_spawn_check(const struct proclc_task *task)
{
	const void *ops = task->is_loop ? (const void *)task->ops.loop :
	    task->ops.task;
	const char *name = pcl_task_name(task);

	if (pcl_program() == NULL)
		return pcl_fail(PROCLC_EINVAL, PROCLC_STAGE_ARGUMENTS,
		    "start %s: proclc_init() was not called", name);
	if (pcl_named_ops(name, task->is_loop) != ops)
		return pcl_fail(PROCLC_EINVAL, PROCLC_STAGE_ARGUMENTS,
		    "start %s: not registered", name);
	return 0;
}

/* Put everything into the channel; nobody reads it yet. */
static int
load(intptr_t end, const struct pcl_birth *birth)
{
	const struct proclc_task *task = birth->task;
	const char *name = pcl_task_name(task);
	const char *place = pcl_tree_place(task);
	bool waits = (task->flags & PROCLC_TASK_WAIT_FOR_CHILD) != 0;
	struct record r = {
		.name_size = (uint32_t)strlen(name),
		.self_size = task->self == NULL ? 0 : task->self_size,
		.has_self = task->self != NULL,
		.flags = task->flags, .is_loop = task->is_loop,
		.number = birth->number, .quiet = birth->quiet,
		.ready = waits ? (int32_t)birth->ready[1] : PCL_NONE,
		.parent = (int32_t)birth->parent.handle,
		.parent_pid = birth->parent.pid,
		.share = (int32_t)birth->share,
		.place_size = (uint32_t)strlen(place),
	};
	int rc;

	set_magic(r.magic);
	rc = pcl_os_channel_load(end, &r, sizeof(r));
	if (rc == 0)
		rc = pcl_os_channel_load(end, name, r.name_size);
	if (rc == 0)
		rc = pcl_os_channel_load(end, task->self, r.self_size);
	if (rc == 0)
		rc = pcl_os_channel_load(end, place, r.place_size);
	return rc;
}

int64_t
pcl_spawn_child(struct pcl_birth *birth)
{
	const struct proclc_task *task = birth->task;
	char argument[sizeof(marker) + 24];
	char *argv[4] = { (char *)(uintptr_t)pcl_program(), argument,
	    (char *)(uintptr_t)pcl_task_name(task), NULL };
	struct pcl_os_spawn spawn = { .argv = argv,
	    .group = (task->flags & PROCLC_TASK_GROUP) != 0,
	    .place = pcl_tree_place(task) };
	int64_t pid;
	int rc = pcl_birth_open(birth->record);

	if (rc < 0) {
		pcl_result_given(birth);
		return rc;
	}
	snprintf(argument, sizeof(argument), "%s%" PRIdPTR, marker,
	    birth->record[1]);
	spawn.inherit[0] = birth->record[1];
	spawn.inherit[1] = (task->flags & PROCLC_TASK_WAIT_FOR_CHILD) != 0 ?
	    birth->ready[1] : PCL_NONE;
	spawn.inherit[2] = (task->flags & PROCLC_TASK_OUTLIVE_PARENT) != 0 ?
	    PCL_NONE : birth->parent.handle;
	spawn.inherit[3] = birth->share;
	rc = load(birth->record[0], birth);
	pid = rc < 0 ? rc : pcl_os_spawn(&spawn);
	pcl_birth_close(birth->record);
	pcl_result_given(birth);
	return pid;
}

/* It was all there before this run began: what is not is not to come. */
static bool
receive(intptr_t end, void *data, size_t size)
{
	return pcl_os_channel_receive(end, data, size, pcl_os_now()) ==
	    (int)size;
}

static bool
rebuild_tree(intptr_t end, const struct record *r, struct proclc_task *task)
{
	char *place = calloc(1, (size_t)r->place_size + 1);
	bool whole = place != NULL && receive(end, place, r->place_size) &&
	    pcl_tree_adopt(task, place) == 0;

	free(place);
	return whole;
}

/* The rest of the record; false: it is not whole, or not known here. */
static bool
rebuild(intptr_t end, const struct record *r, struct proclc_task *task)
{
	char *name = calloc(1, (size_t)r->name_size + 1);
	const void *ops = NULL;

	if (name != NULL && receive(end, name, r->name_size))
		ops = pcl_named_ops(name, r->is_loop);
	free(name);
	task->self = r->has_self ? calloc(1, (size_t)r->self_size + 1) : NULL;
	if (ops == NULL || (r->has_self && (task->self == NULL ||
	    !receive(end, task->self, r->self_size))))
		return false;
	if (r->is_loop)
		task->ops.loop = ops;
	else
		task->ops.task = ops;
	task->is_loop = r->is_loop;
	task->flags = r->flags;
	return (r->flags & PROCLC_TASK_TREE) == 0 || rebuild_tree(end, r, task);
}

/* In the child, from here on: nobody but a start by us has made it. */
static _Noreturn void
be_task(intptr_t end, const struct record *r)
{
	static struct proclc_task task;
	struct pcl_birth birth = { .task = &task, .number = r->number,
	    .quiet = r->quiet, .ready = { PCL_NONE, r->ready } };
	bool whole = rebuild(end, r, &task);

	pcl_os_close(end);
	if (!whole || pcl_os_inherited(r->ready) < 0 ||
	    pcl_os_process_adopt(&birth.parent, r->parent_pid,
	    (r->flags & PROCLC_TASK_OUTLIVE_PARENT) != 0 ? PCL_NONE :
	    r->parent) < 0 || pcl_result_adopt(&task, r->share) < 0 ||
	    pcl_task_enter() < 0)
		pcl_os_exit(PCL_CHILD_FAILED);
	pcl_unlock(PCL_LOCK_TASK);
	pcl_os_program_name(pcl_program());
	pcl_child_main(&birth);
}

int
pcl_reexec_enter(const char *argument)
{
	struct record r;
	char magic[16], *rest;
	intmax_t end;

	if (strncmp(argument, marker, sizeof(marker) - 1) != 0 ||
	    pcl_os_privileged())
		return 0;
	end = strtoimax(argument + sizeof(marker) - 1, &rest, 10);
	set_magic(magic);
	if (*rest != '\0' || end < 3 || end > INT_MAX ||
	    !receive((intptr_t)end, &r, sizeof(r)) ||
	    memcmp(r.magic, "proclc ", 7) != 0)
		return pcl_fail(PROCLC_EINVAL, PROCLC_STAGE_ARGUMENTS,
		    "init: %s is no task of ours", argument);
	if (memcmp(r.magic, magic, sizeof(magic)) != 0)
		pcl_os_exit(PCL_CHILD_FAILED);
	be_task((intptr_t)end, &r);
}
