/*
 * sigwait.c - the callbacks of a handler object, and waiting for its signals.
 *
 * Promise: a callback runs on the dispatcher or, when a thread waits at the
 * object, on that thread; a signal is told to one wait after its callback has
 * returned; and a callback may free its object, end its thread, or wait at
 * another object.
 */
#include "sighandler.h"

#include "dispatch.h"
#include "error.h"
#include "fork.h"

/* A callback that runs on this thread; inside of an outer one. */
struct call {
	struct pcl_sigentry *entry;
	struct pcl_action action;
	struct pcl_signal signal;
	struct call *outer;
};

static _Thread_local struct call *innermost;

static uint64_t
bit(int signum)
{
	return (uint64_t)1 << (signum - 1);
}

/* Which signals a wait is told of: those that somebody does something with. */
static bool
told(const struct pcl_action *action)
{
	return action->fn != NULL && action->fn != proclc_signal_ignore &&
	    action->fn != proclc_signal_default;
}

/* The lock is held for all of these. */

static void
note(struct proclc_sighandler *h, int signum)
{
	h->seen |= bit(signum);
	pcl_os_wake_post(&h->wake);
	pcl_broadcast(PCL_LOCK_SIGNALS);
}

static void
leave(struct proclc_sighandler *h)
{
	h->users--;
	pcl_broadcast(PCL_LOCK_SIGNALS);
	if (h->users > 0 || !h->doomed)
		return;
	pcl_unlock(PCL_LOCK_SIGNALS);
	pcl_sighandler_dispose(h);
	pcl_lock(PCL_LOCK_SIGNALS);
}

static void
end_call(struct call *call)
{
	struct proclc_sighandler *h = call->entry->handler;

	innermost = call->outer;
	call->entry->calls--;
	if (told(&call->action))
		note(h, call->signal.signum);
	leave(h);
}

/* Without the lock. */
static void
run_action(void *arg)
{
	struct call *call = arg;
	struct proclc_signal_event event = {
		.size = sizeof(event),
		.signum = call->signal.signum,
		.pid = call->signal.pid,
		.uid = call->signal.uid,
		.system = call->signal.system,
	};
	uint32_t process = pcl_process();

	call->action.fn(call->entry->handler, &event, call->action.user);
	pcl_returned(process);
}

static void
lost(void *call)
{
	pcl_lock(PCL_LOCK_SIGNALS);
	end_call(call);
	pcl_unlock(PCL_LOCK_SIGNALS);
}

static void
call_back(struct pcl_sigentry *entry, const struct pcl_signal *signal)
{
	struct call call = {
		.entry = entry,
		.action = entry->action,
		.signal = *signal,
		.outer = innermost,
	};

	entry->calls++;
	entry->handler->users++;
	innermost = &call;
	pcl_unlock(PCL_LOCK_SIGNALS);
	pcl_os_call(run_action, &call, lost);
	pcl_lock(PCL_LOCK_SIGNALS);
	end_call(&call);
}

bool
pcl_sighandler_arrived(struct pcl_subscriber *subscriber,
    const struct pcl_signal *signal)
{
	struct pcl_sigentry *entry = (struct pcl_sigentry *)subscriber;
	struct proclc_sighandler *h = entry->handler;
	bool consumed;

	pcl_lock(PCL_LOCK_SIGNALS);
	consumed = h->running && entry->action.fn != NULL;
	if (consumed && h->waiters > 0 && told(&entry->action)) {
		entry->handed = *signal;
		h->handed |= bit(signal->signum);
		pcl_broadcast(PCL_LOCK_SIGNALS);
	} else if (consumed) {
		call_back(entry, signal);
	}
	pcl_unlock(PCL_LOCK_SIGNALS);
	return consumed;
}

static unsigned
own_calls(const struct pcl_sigentry *entry)
{
	unsigned n = 0;

	for (const struct call *c = innermost; c != NULL; c = c->outer)
		n += c->entry == entry;
	return n;
}

static bool
calls_of(const struct proclc_sighandler *h)
{
	const struct call *c = innermost;

	while (c != NULL && c->entry->handler != h)
		c = c->outer;
	return c != NULL;
}

/* What was handed to a thread came before; only the thread that is to take it
 * cannot wait for that. */
void
pcl_sighandler_await(const struct pcl_sigentry *entry)
{
	struct proclc_sighandler *h = entry->handler;
	uint64_t one = bit(entry->subscriber.signum);

	pcl_lock(PCL_LOCK_SIGNALS);
	if (calls_of(h))
		h->handed &= ~one;
	while (entry->calls > own_calls(entry) || (h->handed & one) != 0)
		pcl_wait(PCL_LOCK_SIGNALS, PCL_NEVER);
	pcl_unlock(PCL_LOCK_SIGNALS);
}

/* A callback on this thread is not waited for any more. */
void
pcl_sighandler_lost(void)
{
	pcl_lock(PCL_LOCK_SIGNALS);
	while (innermost != NULL)
		end_call(innermost);
	pcl_unlock(PCL_LOCK_SIGNALS);
}

/* Waiting. */

/* Run the callbacks that were handed over. */
static void
take_over(struct proclc_sighandler *h)
{
	for (int signum = 1; signum < PCL_SIGNALS; signum++) {
		struct pcl_sigentry *entry = &h->entries[signum];
		struct pcl_signal signal = entry->handed;

		if ((h->handed & bit(signum)) == 0)
			continue;
		h->handed &= ~bit(signum);
		if (entry->action.fn != NULL)
			call_back(entry, &signal);
	}
}

/* The next signal to tell of, or 0. */
static int
take_seen(struct proclc_sighandler *h)
{
	int signum = 1;

	if (h->seen == 0)
		return 0;
	while ((h->seen & bit(signum)) == 0)
		signum++;
	h->seen &= ~bit(signum);
	if (h->seen == 0)
		pcl_os_wake_drain(&h->wake);
	return signum;
}

/* A thread in proclc_sighandler_wait(). */
struct wait {
	struct proclc_sighandler *h;
	int64_t due;
	bool counted;	/* among the waiters */
	bool running;	/* the object was, at last */
	int rc;
};

static void
end_waiting(struct wait *w)
{
	w->counted = false;
	/* Of several: the others are told as well. */
	if (--w->h->waiters == 0 && w->h->handed != 0)
		take_over(w->h);
}

/* The dispatcher is another thread. */
static int
wait_beside(struct wait *w)
{
	struct proclc_sighandler *h = w->h;
	int signum;

	h->waiters++;
	w->counted = true;
	while ((signum = take_seen(h)) == 0 && h->running) {
		if (h->handed != 0)
			take_over(h);
		else if (pcl_os_now() < w->due)
			pcl_wait(PCL_LOCK_SIGNALS, w->due);
		else
			break;
	}
	end_waiting(w);
	return signum;
}

/* This thread is the dispatcher. */
static int
wait_dispatching(struct wait *w)
{
	struct proclc_sighandler *h = w->h;
	int64_t left = PROCLC_FOREVER;
	int signum, rc = 0;

	while ((signum = take_seen(h)) == 0 && h->running && rc == 0) {
		if (w->due != PCL_NEVER)
			left = w->due - pcl_os_now();
		if (left < 0 && w->due != PCL_NEVER)
			break;
		pcl_unlock(PCL_LOCK_SIGNALS);
		rc = proclc_dispatch(left);
		pcl_lock(PCL_LOCK_SIGNALS);
	}
	return rc < 0 ? rc : signum;
}

static void
wait_here(void *arg)
{
	struct wait *w = arg;

	pcl_lock(PCL_LOCK_SIGNALS);
	w->h->users++;
	w->rc = pcl_dispatch_manual() ? wait_dispatching(w) : wait_beside(w);
	w->running = w->h->running;
	leave(w->h);
	pcl_unlock(PCL_LOCK_SIGNALS);
}

/* A callback has ended this thread: it waits no more. */
static void
lost_wait(void *arg)
{
	struct wait *w = arg;

	pcl_lock(PCL_LOCK_SIGNALS);
	if (w->counted)
		end_waiting(w);
	leave(w->h);
	pcl_unlock(PCL_LOCK_SIGNALS);
}

static int
refuse(int code)
{
	return pcl_fail(code, PROCLC_STAGE_WAIT, "wait for a signal");
}

int
proclc_sighandler_wait(struct proclc_sighandler *h, int64_t timeout_ms)
{
	struct wait w = { .h = h, .due = pcl_due(timeout_ms) };
	int rc = pcl_sighandler_check(h);

	if (rc == 0 && timeout_ms < PROCLC_NOW)
		rc = refuse(PROCLC_EINVAL);
	/* Nobody else could bring it one. */
	if (rc == 0 && pcl_dispatching())
		rc = refuse(PROCLC_ECALLBACK);
	if (rc < 0)
		return rc;
	pcl_os_call(wait_here, &w, lost_wait);
	if (w.rc != 0)
		return w.rc;
	return refuse(w.running ? PROCLC_ETIMEDOUT : PROCLC_ENOTRUNNING);
}

proclc_waitable
proclc_sighandler_fd(struct proclc_sighandler *h)
{
	int rc = pcl_sighandler_check(h);

	if (rc < 0)
		return rc;
	pcl_lock(PCL_LOCK_SIGNALS);
	if (!pcl_os_wake_intact(&h->wake)) {
		pcl_os_wake_close(&h->wake);
		rc = pcl_os_wake_open(&h->wake);
		if (rc == 0 && h->seen != 0)
			pcl_os_wake_post(&h->wake);
	}
	if (rc == 0)
		rc = (int)h->wake.handles[0];
	pcl_unlock(PCL_LOCK_SIGNALS);
	if (rc < 0)
		return pcl_fail(rc, PROCLC_STAGE_PIPE, "descriptor of a"
		    " handler object");
	return rc;
}
