/*
 * source.c - the table of event sources.
 *
 * Promise: a source may be added and removed from anywhere, callbacks
 * included, while another thread waits for them; what was removed, or came
 * into its place since, is not called for what was polled before.
 */
#include "source.h"

#include <stdlib.h>

#include "error.h"
#include "fork.h"

/* serial tells a source from an earlier one in the same slot, which a poll has
 * seen.  Only handles are polled: the system may allow no more entries than
 * the process may have open. */
struct slot {
	struct pcl_source *source;
	uint32_t serial;
	uint32_t polled;
	size_t entry;	/* in the poll set; 0: none */
};

/* See dispatch.h. */
enum { SECOND_LOOK_MS = 5, SOON_MS = 50, IDLE_ROUNDS = 16 };

static struct {
	struct slot *slots;
	size_t room;
	uint32_t serial;
	struct pcl_source *current;	/* its function runs */
	/* A larger set for the dispatcher's next round: it waits with the
	 * old one, so that must not move. */
	struct pcl_os_pollset next;
} t;

int64_t
pcl_sources_due(void)
{
	int64_t due = PCL_NEVER;

	for (size_t i = 0; i < t.room; i++)
		if (t.slots[i].source != NULL && t.slots[i].source->due < due)
			due = t.slots[i].source->due;
	return due;
}

int
pcl_sources_reserve(void)
{
	return pcl_os_pollset_reserve(&t.next, t.room + 1);
}

/* What to poll for a source: nothing, when its handle is not what it was.  It
 * is due then, for its function to see. */
static intptr_t
handle_of(struct pcl_source *source)
{
	if (source == NULL || source->handle == PCL_NONE)
		return PCL_NONE;
	/* Where the system does not tell: it is only a hint. */
	if (pcl_os_file_is(source->handle, &source->id) != 0)
		return source->handle;
	source->due = 0;
	return PCL_NONE;
}

size_t
pcl_sources_fill(struct pcl_os_pollset *set)
{
	size_t n = 1;

	if (t.next.room > set->room) {
		pcl_os_pollset_free(set);
		*set = t.next;
		t.next = (struct pcl_os_pollset){ .room = 0 };
	}
	for (size_t i = 0; i < t.room; i++) {
		struct slot *slot = &t.slots[i];
		intptr_t handle = handle_of(slot->source);

		slot->polled = slot->serial;
		slot->entry = 0;
		if (handle == PCL_NONE)
			continue;
		slot->entry = n++;
		pcl_os_pollset_put(set, slot->entry, handle);
	}
	return n;
}

static void
run(struct pcl_source *source)
{
	uint32_t process = pcl_process();

	t.current = source;
	pcl_unlock(PCL_LOCK_DISPATCH);
	source->fn(source);
	pcl_returned(process);
	pcl_lock(PCL_LOCK_DISPATCH);
	t.current = NULL;
	pcl_broadcast(PCL_LOCK_DISPATCH);
}

/* Callbacks may move the slots, but never shrink them. */
void
pcl_sources_run(const struct pcl_os_pollset *set)
{
	int64_t now = pcl_os_now();

	for (size_t i = 0; i < t.room; i++) {
		struct slot *slot = &t.slots[i];
		struct pcl_source *source = slot->source;

		if (source == NULL || slot->serial != slot->polled)
			continue;
		if (source->due <= now)
			source->due = PCL_NEVER;
		else if (set != NULL && (slot->entry == 0 ||
		    !pcl_os_pollset_ready(set, slot->entry)))
			continue;
		run(source);
	}
}

void
pcl_sources_forget(void)
{
	for (size_t i = 0; i < t.room; i++)
		t.slots[i].source = NULL;
	t.current = NULL;
}

void
pcl_sources_lost(void)
{
	t.current = NULL;
	pcl_broadcast(PCL_LOCK_DISPATCH);
}

/* More slots, with the poll set as long as they. */
static int
grow(void)
{
	size_t room = t.room == 0 ? 8 : 2 * t.room;
	struct slot *slots = NULL;

	if (pcl_os_pollset_reserve(&t.next, room + 1) == 0)
		slots = realloc(t.slots, room * sizeof(*slots));
	if (slots == NULL)
		return pcl_fail(PROCLC_ENOMEM, PROCLC_STAGE_MEMORY,
		    "add an event source");
	for (size_t i = t.room; i < room; i++)
		slots[i] = (struct slot){ .source = NULL };
	t.slots = slots;
	t.room = room;
	return 0;
}

static int
find_slot(size_t *at)
{
	int rc = 0;

	*at = 0;
	while (*at < t.room && t.slots[*at].source != NULL)
		(*at)++;
	if (*at == t.room)
		rc = grow();
	return rc;
}

static int
add(struct pcl_source *source)
{
	size_t at = 0;
	int rc = source->added ? 0 : find_slot(&at);

	if (rc < 0)
		return rc;
	if (!source->added && source->handle != PCL_NONE)
		rc = pcl_os_file_id(source->handle, &source->id);
	if (rc < 0)
		return pcl_fail(rc, PROCLC_STAGE_PIPE, "watch a handle");
	/* Late: a thread that was made for it would stay. */
	rc = pcl_dispatch_start_locked();
	if (rc == 0 && source->added)
		pcl_dispatch_changed();
	if (rc < 0 || source->added)
		return rc;
	rc = pcl_dispatch_watch(source->handle);
	if (rc < 0)
		return pcl_fail(rc, PROCLC_STAGE_PIPE, "watch a handle");
	t.slots[at].source = source;
	t.slots[at].serial = ++t.serial;
	source->slot = at;
	source->added = true;
	pcl_dispatch_changed();
	return 0;
}

int
pcl_source_add(struct pcl_source *source)
{
	int rc = pcl_dispatch_enter();

	if (rc < 0)
		return rc;
	rc = add(source);
	pcl_unlock(PCL_LOCK_DISPATCH);
	return rc;
}

bool
pcl_source_is_added(const struct pcl_source *source)
{
	bool added;

	pcl_enter(PCL_LOCK_DISPATCH);
	added = source->added;
	pcl_unlock(PCL_LOCK_DISPATCH);
	return added;
}

static void
take_out(struct pcl_source *source)
{
	if (source->added && source->slot < t.room &&
	    t.slots[source->slot].source == source) {
		t.slots[source->slot].source = NULL;
		pcl_dispatch_unwatch(source->handle);
		pcl_dispatch_changed();
	}
	source->added = false;
}

void
pcl_source_remove(struct pcl_source *source)
{
	pcl_enter(PCL_LOCK_DISPATCH);
	take_out(source);
	while (t.current == source && !pcl_dispatching()) {
		pcl_wait(PCL_LOCK_DISPATCH, PCL_NEVER);
		/* Its function may have put it back. */
		take_out(source);
	}
	pcl_unlock(PCL_LOCK_DISPATCH);
}

void
pcl_source_due(struct pcl_source *source, int64_t due)
{
	pcl_enter(PCL_LOCK_DISPATCH);
	source->due = due;
	if (source->added)
		pcl_dispatch_changed();
	pcl_unlock(PCL_LOCK_DISPATCH);
}

void
pcl_source_change(struct pcl_source *source, intptr_t handle, int64_t due)
{
	pcl_enter(PCL_LOCK_DISPATCH);
	if (source->added)
		pcl_dispatch_unwatch(source->handle);
	source->handle = handle;
	source->due = due;
	if (source->added && handle != PCL_NONE &&
	    (pcl_os_file_id(handle, &source->id) < 0 ||
	    pcl_dispatch_watch(handle) < 0)) {
		source->handle = PCL_NONE;
		source->due = 0;
	}
	if (source->added) {
		t.slots[source->slot].serial = ++t.serial;
		pcl_dispatch_changed();
	}
	pcl_unlock(PCL_LOCK_DISPATCH);
}

void
pcl_sources_watch(void)
{
	for (size_t i = 0; i < t.room; i++)
		if (handle_of(t.slots[i].source) != PCL_NONE)
			pcl_dispatch_watch(t.slots[i].source->handle);
}

int64_t
pcl_next_wait(int64_t due)
{
	int64_t now = pcl_os_now();

	return now >= due ? PCL_NEVER : now + SECOND_LOOK_MS;
}

int64_t
pcl_soon(int64_t due)
{
	int64_t soon = pcl_os_now() + SOON_MS;

	return due < soon ? due : soon;
}

void
pcl_pace(unsigned *idle, int64_t due, bool found)
{
	if (found || pcl_os_now() >= due)
		*idle = 0;
	else if (++*idle > IDLE_ROUNDS)
		pcl_os_pause(PCL_PAUSE_MS);
}
