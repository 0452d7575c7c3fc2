/*
 * crash.c - the exit handlers that a crash runs.
 *
 * Promise: they run in the thread that crashes, in its signal handler, each
 * once, newest first; other threads that crash wait; then the crash goes on,
 * so that the parent and a core dump see it where it was.
 *
 * A signal handler cannot take a lock, so these handlers stand in slots of
 * their own beside the registry: filled under the lock, taken by whoever is
 * first to empty them.
 */
#include "crash.h"

#include <stdatomic.h>

#include "disposition.h"
#include "error.h"
#include "fork.h"

enum { SLOTS = 64 };

static struct slot {
	_Atomic int token;	/* 0: empty */
	void (*fn)(void *user, const struct proclc_exit_cause *cause);
	void *user;
	uint32_t owner;
	bool shared;
} slots[SLOTS];

static _Atomic uintptr_t crashed;	/* the thread; 0: none */
static bool forbidden;
static bool hooked;

/* The newest one that runs in this process. */
static struct slot *
newest_slot(void)
{
	struct slot *found = NULL;
	int newest = 0;

	for (int i = 0; i < SLOTS; i++) {
		int token = atomic_load(&slots[i].token);

		if (token <= newest ||
		    !(slots[i].shared || pcl_process_is(slots[i].owner)))
			continue;
		newest = token;
		found = &slots[i];
	}
	return found;
}

/* In the signal handler. */
static void
run(int signum)
{
	struct proclc_exit_cause cause = {
		.size = sizeof(cause),
		.kind = PROCLC_EXIT_SIGNAL,
		.code = 128 + signum,
		.signum = signum,
	};
	uintptr_t first = 0;
	struct pcl_handler taken;
	struct slot *slot;
	int token;

	if (!atomic_compare_exchange_strong(&crashed, &first,
	    pcl_os_thread_self())) {
		/* A handler crashes in its turn: enough. */
		if (first == pcl_os_thread_self())
			return;
		/* Another thread crashed first, and that ends us. */
		pcl_os_thread_park();
	}
	while ((slot = newest_slot()) != NULL) {
		token = atomic_load(&slot->token);
		/* Once it is empty another thread may fill it anew. */
		taken = (struct pcl_handler){ .fn = slot->fn,
		    .user = slot->user };
		if (token != 0 &&
		    atomic_compare_exchange_strong(&slot->token, &token, 0))
			taken.fn(taken.user, &cause);
	}
}

static bool
any(void)
{
	return newest_slot() != NULL;
}

/* The hook is there while there is something to run. */
static int
arrange(void)
{
	bool wanted = !forbidden && any();
	int rc = 0;

	if (wanted == hooked)
		return 0;
	rc = pcl_disposition_crash(wanted ? run : NULL);
	hooked = wanted && rc == 0;
	return rc;
}

/* One that is empty, or whose handler runs neither here nor in a child. */
static struct slot *
free_slot(uint32_t process)
{
	for (int i = 0; i < SLOTS; i++)
		if (atomic_load(&slots[i].token) == 0 ||
		    !(slots[i].shared || slots[i].owner == process))
			return &slots[i];
	return NULL;
}

int
pcl_crash_add(const struct pcl_handler *handler, int token)
{
	struct slot *slot = free_slot(handler->owner);
	int rc;

	if (slot == NULL)
		return PROCLC_ENOMEM;
	atomic_store(&slot->token, 0);
	slot->fn = handler->fn;
	slot->user = handler->user;
	slot->owner = handler->owner;
	slot->shared = (handler->flags & PROCLC_ATEXIT_SHARED) != 0;
	atomic_store(&slot->token, token);
	rc = arrange();
	if (rc == 0 && hooked)
		rc = pcl_os_signal_stack();
	if (rc < 0)
		pcl_crash_remove(token);
	return rc;
}

void
pcl_crash_remove(int token)
{
	for (int i = 0; i < SLOTS; i++)
		if (atomic_load(&slots[i].token) == token) {
			atomic_store(&slots[i].token, 0);
			arrange();
		}
}

void
pcl_crash_allow(bool allow)
{
	forbidden = !allow;
	if (arrange() < 0)
		pcl_log("crash hook: %s", proclc_errmsg());
}

int
proclc_crash_thread(void)
{
	int rc = pcl_os_signal_stack();

	return rc < 0 ? pcl_fail(rc, PROCLC_STAGE_MEMORY,
	    "stack for a crash") : 0;
}
