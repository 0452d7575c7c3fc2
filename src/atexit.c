/*
 * atexit.c - one list of exit handlers, each run once, by its owner.
 *
 * Promise: newest first; a handler is taken off the list before it is called,
 * so whatever it does (registers, forks, exits, fails) none runs twice and
 * the others still run; what an ancestor registered for itself is inert here.
 */
#include "atexit.h"

#include <stdbool.h>

#include "crash.h"
#include "ending.h"
#include "error.h"
#include "fork.h"
#include "last.h"
#include "registry.h"

static uint32_t closed_in;	/* the process whose handlers have run */
static bool known;

static void
remove_it(struct pcl_handler *h)
{
	if ((h->flags & PROCLC_ATEXIT_SIGNAL_SAFE) != 0)
		pcl_crash_remove(h->token);
	pcl_registry_remove(h);
}

/* Take the newest handler of this process off the list, into *taken. */
static bool
pop(struct pcl_handler *taken)
{
	uint32_t process = pcl_enter(PCL_LOCK_ATEXIT);
	struct pcl_handler *h = pcl_registry_newest(process);

	if (h != NULL) {
		*taken = *h;
		remove_it(h);
	} else {
		closed_in = process;
	}
	pcl_unlock(PCL_LOCK_ATEXIT);
	return h != NULL;
}

struct call {
	struct pcl_handler handler;
	const struct proclc_exit_cause *cause;
	uint32_t process;
};

static void
call(void *arg)
{
	const struct call *c = arg;

	c->handler.fn(c->handler.user, c->cause);
}

/* It has ended its thread, which ends the process: that thread is held here
 * and goes on. */
static void
lost(void *arg)
{
	const struct call *c = arg;

	pcl_returned(c->process);
	pcl_log("an exit handler ended its thread; the others run");
	pcl_end_go_on();
}

static void
run_all(const struct proclc_exit_cause *cause)
{
	struct call c = { .cause = cause };

	while (pop(&c.handler)) {
		c.process = pcl_process();
		pcl_os_call(call, &c, lost);
		pcl_returned(c.process);
	}
}

int
pcl_atexit_enter(uint32_t *process)
{
	int rc = pcl_ending_start();

	if (rc < 0)
		return rc;
	pcl_last_note();
	*process = pcl_enter(PCL_LOCK_ATEXIT);
	if (!known) {
		known = true;
		pcl_ending_runner(run_all);
	}
	return 0;
}

static int
add(const struct pcl_handler *wanted, bool newest)
{
	struct pcl_handler *h = pcl_registry_find(wanted->fn, wanted->user,
	    wanted->owner);
	int token, rc = 0;

	if (h != NULL)
		return h->token;
	if (closed_in == wanted->owner)
		return pcl_fail(PROCLC_EENDING, PROCLC_STAGE_ARGUMENTS,
		    "register an exit handler");
	token = pcl_registry_add(wanted, newest);
	if (token > 0 && (wanted->flags & PROCLC_ATEXIT_SIGNAL_SAFE) != 0)
		rc = pcl_crash_add(wanted, token);
	if (rc < 0)
		pcl_registry_remove(pcl_registry_find_token(token,
		    wanted->owner));
	if (token < 0 || rc < 0)
		return pcl_fail(token < 0 ? token : rc, PROCLC_STAGE_MEMORY,
		    "register an exit handler");
	return token;
}

int
proclc_atexit_register(void (*fn)(void *user,
    const struct proclc_exit_cause *cause), void *user, unsigned flags)
{
	struct pcl_handler wanted = { .fn = fn, .user = user, .flags = flags };
	int rc;

	if (fn == NULL || (flags & ~(unsigned)(PROCLC_ATEXIT_SHARED |
	    PROCLC_ATEXIT_SIGNAL_SAFE)) != 0)
		return pcl_fail(PROCLC_EINVAL, PROCLC_STAGE_ARGUMENTS,
		    "register an exit handler");
	rc = pcl_atexit_enter(&wanted.owner);
	if (rc < 0)
		return rc;
	rc = add(&wanted, true);
	pcl_unlock(PCL_LOCK_ATEXIT);
	return rc;
}

int
pcl_atexit_register_last(void (*fn)(void *user,
    const struct proclc_exit_cause *cause), void *user)
{
	struct pcl_handler wanted = { .fn = fn, .user = user };
	int rc = pcl_atexit_enter(&wanted.owner);

	if (rc < 0)
		return rc;
	rc = add(&wanted, false);
	pcl_unlock(PCL_LOCK_ATEXIT);
	return rc;
}

int
pcl_atexit_newest(void)
{
	uint32_t process = pcl_enter(PCL_LOCK_ATEXIT);
	struct pcl_handler *h = pcl_registry_newest(process);
	int token = h == NULL ? 0 : h->token;

	pcl_unlock(PCL_LOCK_ATEXIT);
	return token;
}

void
pcl_atexit_forget(void)
{
	uint32_t process = pcl_enter(PCL_LOCK_ATEXIT);
	struct pcl_handler *h;

	while ((h = pcl_registry_newest(process)) != NULL)
		remove_it(h);
	pcl_unlock(PCL_LOCK_ATEXIT);
}

/* Remove h, which may be NULL; the lock is held and given back. */
static int
remove_handler(struct pcl_handler *h)
{
	if (h != NULL)
		remove_it(h);
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
	return remove_handler(pcl_registry_find(fn, user, process));
}

int
proclc_atexit_cancel(int token)
{
	uint32_t process;

	if (pcl_atexit_enter(&process) < 0)
		return 0;
	return remove_handler(pcl_registry_find_token(token, process));
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
