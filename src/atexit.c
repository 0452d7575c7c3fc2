/*
 * atexit.c - one list of exit handlers, each run once, by its owner.
 *
 * Promise: newest first; a handler is taken off the list before it is called,
 * so whatever it does (registers, forks, exits, fails) none runs twice and
 * the others still run; what an ancestor registered for itself is inert here.
 */
#include "atexit.h"

#include <stdbool.h>
#include <stdlib.h>

#include "ending.h"
#include "error.h"
#include "fork.h"

enum { RESERVE = 32 };

struct handler {
	void (*fn)(void *user, const struct proclc_exit_cause *cause);
	void *user;
	unsigned flags;
	uint32_t owner;
	int token;
	struct handler *older;
};

static struct handler reserve[RESERVE];
static struct handler *unused;
static struct handler *newest;
static int last_token;
static uint32_t closed_in;	/* the process whose handlers have run */
static bool known;

static bool
runs_here(const struct handler *h, uint32_t process)
{
	return h->owner == process || (h->flags & PROCLC_ATEXIT_SHARED) != 0;
}

static bool
in_reserve(const struct handler *h)
{
	return h >= reserve && h < reserve + RESERVE;
}

static void
dispose(struct handler *h)
{
	if (in_reserve(h)) {
		h->older = unused;
		unused = h;
	} else {
		free(h);
	}
}

/* Take the newest handler of this process off the list, into *taken. */
static bool
pop(struct handler *taken)
{
	uint32_t process = pcl_enter(PCL_LOCK_ATEXIT);
	struct handler **at = &newest;
	struct handler *h;

	while (*at != NULL && !runs_here(*at, process))
		at = &(*at)->older;
	h = *at;
	if (h != NULL) {
		*taken = *h;
		*at = h->older;
		dispose(h);
	} else {
		closed_in = process;
	}
	pcl_unlock(PCL_LOCK_ATEXIT);
	return h != NULL;
}

static void
run_all(const struct proclc_exit_cause *cause)
{
	struct handler h;

	while (pop(&h)) {
		uint32_t process = pcl_process();

		h.fn(h.user, cause);
		pcl_returned(process);
	}
}

int
pcl_atexit_enter(uint32_t *process)
{
	int rc = pcl_ending_start();

	if (rc < 0)
		return rc;
	*process = pcl_enter(PCL_LOCK_ATEXIT);
	if (!known) {
		known = true;
		pcl_ending_runner(run_all);
		for (int i = RESERVE - 1; i >= 0; i--)
			dispose(&reserve[i]);
	}
	return 0;
}

static struct handler *
find(void (*fn)(void *, const struct proclc_exit_cause *), void *user,
    uint32_t process)
{
	struct handler *h = newest;

	while (h != NULL && !(h->fn == fn && h->user == user &&
	    runs_here(h, process)))
		h = h->older;
	return h;
}

static struct handler *
make(void)
{
	struct handler *h = unused;

	if (h == NULL)
		return malloc(sizeof(*h));
	unused = h->older;
	return h;
}

/* Where the oldest one ends the list. */
static struct handler **
oldest_end(void)
{
	struct handler **at = &newest;

	while (*at != NULL)
		at = &(*at)->older;
	return at;
}

/* at: &newest, or the oldest end. */
static int
add(const struct handler *wanted, struct handler **at)
{
	struct handler *h = find(wanted->fn, wanted->user, wanted->owner);

	if (h != NULL)
		return h->token;
	if (closed_in == wanted->owner)
		return pcl_fail(PROCLC_EENDING, PROCLC_STAGE_ARGUMENTS,
		    "register an exit handler");
	h = make();
	if (h == NULL)
		return pcl_fail(PROCLC_ENOMEM, PROCLC_STAGE_MEMORY,
		    "register an exit handler");
	*h = *wanted;
	h->token = ++last_token;
	h->older = *at;
	*at = h;
	return h->token;
}

int
proclc_atexit_register(void (*fn)(void *user,
    const struct proclc_exit_cause *cause), void *user, unsigned flags)
{
	struct handler wanted = { .fn = fn, .user = user, .flags = flags };
	int rc;

	if (fn == NULL || (flags & ~(unsigned)PROCLC_ATEXIT_SHARED) != 0)
		return pcl_fail(PROCLC_EINVAL, PROCLC_STAGE_ARGUMENTS,
		    "register an exit handler");
	rc = pcl_atexit_enter(&wanted.owner);
	if (rc < 0)
		return rc;
	rc = add(&wanted, &newest);
	pcl_unlock(PCL_LOCK_ATEXIT);
	return rc;
}

int
pcl_atexit_register_last(void (*fn)(void *user,
    const struct proclc_exit_cause *cause), void *user)
{
	struct handler wanted = { .fn = fn, .user = user };
	int rc = pcl_atexit_enter(&wanted.owner);

	if (rc < 0)
		return rc;
	rc = add(&wanted, oldest_end());
	pcl_unlock(PCL_LOCK_ATEXIT);
	return rc;
}

int
pcl_atexit_newest(void)
{
	uint32_t process = pcl_enter(PCL_LOCK_ATEXIT);
	struct handler *h = newest;
	int token;

	while (h != NULL && !runs_here(h, process))
		h = h->older;
	token = h == NULL ? 0 : h->token;
	pcl_unlock(PCL_LOCK_ATEXIT);
	return token;
}

void
pcl_atexit_forget(void)
{
	struct handler *h;

	pcl_enter(PCL_LOCK_ATEXIT);
	while ((h = newest) != NULL) {
		newest = h->older;
		dispose(h);
	}
	pcl_unlock(PCL_LOCK_ATEXIT);
}

/* Remove h, which may be NULL; the lock is held and given back. */
static int
remove_handler(struct handler *h)
{
	struct handler **at = &newest;

	if (h != NULL) {
		while (*at != h)
			at = &(*at)->older;
		*at = h->older;
		dispose(h);
	}
	pcl_unlock(PCL_LOCK_ATEXIT);
	return h != NULL;
}

int
proclc_atexit_unregister(void (*fn)(void *user,
    const struct proclc_exit_cause *cause), void *user)
{
	uint32_t process;

	if (pcl_atexit_enter(&process) < 0)
		return 0;
	return remove_handler(find(fn, user, process));
}

int
proclc_atexit_cancel(int token)
{
	struct handler *h;
	uint32_t process;

	if (pcl_atexit_enter(&process) < 0)
		return 0;
	h = newest;
	while (h != NULL && !(h->token == token && runs_here(h, process)))
		h = h->older;
	return remove_handler(h);
}

static _Noreturn void
end_by_call(enum proclc_exit_kind kind, int code)
{
	uint32_t process;

	if (pcl_atexit_enter(&process) == 0)
		pcl_unlock(PCL_LOCK_ATEXIT);
	pcl_end(kind, code & 0xff, 0);
}

PROCLC_NORETURN void
proclc_exit(int code)
{
	end_by_call(PROCLC_EXIT_CALL, code);
}

PROCLC_NORETURN void
proclc_atexit_run(int code)
{
	end_by_call(PROCLC_EXIT_EXPLICIT, code);
}
