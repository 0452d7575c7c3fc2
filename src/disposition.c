/*
 * disposition.c - who gets a signal.
 *
 * Promise: the handler does next to nothing (it notes the signal and its
 * sender in two atomics and wakes the dispatcher), so it is right wherever
 * the signal lands; subscribers hear of it in ordinary context; and in a
 * process that has no dispatcher the signal does what it did before we came.
 *
 * A signal is a bit, not a count: of a storm at least the last one is
 * delivered after it was sent.
 */
#include "disposition.h"

#include <stdatomic.h>
#include <string.h>

#include "delivery.h"
#include "dispatch.h"
#include "error.h"
#include "fork.h"
#include "guard.h"

/* How long to wait for a dispatcher that may be in a callback. */
enum { DELIVERY_MS = 200 };

struct entry {
	bool caught;	/* our handler is installed */
	struct pcl_os_disposition previous;
};

static struct entry entries[PCL_SIGNALS];
static bool known;

/* Shared with the handler. */
static _Atomic uint64_t pending;	/* bit signum - 1 */
static _Atomic uint64_t sender[PCL_SIGNALS];	/* pid << 32 | uid */
static _Atomic uint64_t wanted;	/* has a subscriber */
static _Atomic uint64_t chained;	/* and a handler before ours */
static _Atomic uint64_t passive;	/* does nothing in children */
static _Atomic uint32_t owner;
static struct pcl_deadline *_Atomic bounds[PCL_SIGNALS];
static bool (*_Atomic crashed[PCL_SIGNALS])(void);
static void (*_Atomic holds[PCL_SIGNALS])(void);

static uint64_t
bit(int signum)
{
	return (uint64_t)1 << (signum - 1);
}

/* Nobody here is to be told. */
static void
pass_on(const struct pcl_os_arrival *a)
{
	/* A forked child that does not want it, or a vfork child in our own
	 * memory: nobody would listen.  Write nothing. */
	if ((atomic_load(&passive) & bit(a->signum)) == 0 ||
	    !pcl_process_known())
		pcl_os_signal_yield(a->signum, &entries[a->signum].previous);
}

static void
arrived(const struct pcl_os_arrival *a)
{
	struct pcl_deadline *bound;
	bool (*tell)(void);
	void (*hold)(void);

	if (a->steered)
		return;
	if (!pcl_process_is(atomic_load(&owner)) ||
	    (atomic_load(&wanted) & bit(a->signum)) == 0) {
		pass_on(a);
		return;
	}
	tell = atomic_load(&crashed[a->signum]);
	if (tell != NULL && !tell()) {
		pcl_os_signal_yield(a->signum, &entries[a->signum].previous);
		return;
	}
	if ((atomic_load(&chained) & bit(a->signum)) != 0)
		pcl_os_signal_chain(a, &entries[a->signum].previous);
	atomic_store(&sender[a->signum], (uint64_t)a->pid << 32 | a->uid);
	atomic_fetch_or(&pending, bit(a->signum));
	pcl_dispatch_wake(a->signum);
	bound = atomic_load(&bounds[a->signum]);
	if (bound != NULL)
		pcl_deadline_start(bound, a->signum);
	hold = atomic_load(&holds[a->signum]);
	if (hold == NULL)
		return;
	hold();
	/* A broken instruction raises it again by itself. */
	if (a->pid != 0)
		pcl_os_signal_yield(a->signum, &entries[a->signum].previous);
}

/* The dispatcher calls it; signals come in the order of their numbers. */
static void
drain(void)
{
	uint64_t from;

	pcl_deliver_rest();
	while (atomic_load(&pending) != 0) {
		for (int signum = 1; signum < PCL_SIGNALS; signum++) {
			/* One by one: a callback may not return. */
			if ((atomic_fetch_and(&pending, ~bit(signum)) &
			    bit(signum)) == 0)
				continue;
			from = atomic_load(&sender[signum]);
			pcl_deliver(&(struct pcl_signal){
			    .signum = signum,
			    .pid = (int64_t)(from >> 32),
			    .uid = (uint32_t)from,
			});
		}
	}
}

/* A fork child has the handlers, which yield there, and no subscriber. */
static void
in_child(void)
{
	for (int signum = 1; signum < PCL_SIGNALS; signum++) {
		pcl_subscribers_drop(signum, PCL_PRIORITY_EXIT);
		atomic_store(&bounds[signum], NULL);
		atomic_store(&crashed[signum], NULL);
		atomic_store(&holds[signum], NULL);
	}
	atomic_store(&pending, 0);
	atomic_store(&wanted, 0);
	pcl_delivery_forget();
}

static void
callback_lost(void)
{
	pcl_lock(PCL_LOCK_DISPOSITION);
	pcl_delivery_lost();
	pcl_unlock(PCL_LOCK_DISPOSITION);
}

/* While a launch was under way this process was not the owner, and a handler
 * that ran put back what was there before it. */
static int
settle(bool moved)
{
	struct pcl_os_disposition previous;

	pcl_lock(PCL_LOCK_DISPOSITION);
	for (int signum = 1; signum < PCL_SIGNALS; signum++) {
		struct entry *entry = &entries[signum];

		if (!entry->caught)
			continue;
		/* A daemon heeds it, also when nobody catches it any more. */
		if (moved)
			pcl_os_disposition_heed(signum, &entry->previous);
		if (pcl_subscribers_first(signum) != NULL &&
		    pcl_os_signal_query(signum) != PCL_OS_OURS)
			pcl_os_signal_catch(signum, &previous);
	}
	pcl_unlock(PCL_LOCK_DISPOSITION);
	return 0;
}

static void
over(void);

static const struct pcl_fork_unit unit = {
	.name = "disposition",
	.settle = settle,
	.over = over,
	.callback_lost = callback_lost,
	.child = in_child,
};

static int
enter(void)
{
	int rc = pcl_dispatch_start();

	if (rc < 0)
		return rc;
	atomic_store(&owner, pcl_enter(PCL_LOCK_DISPOSITION));
	if (!known) {
		known = true;
		pcl_fork_add_unit(&unit);
		pcl_os_signal_hook(arrived);
	}
	return 0;
}

/* That of its first subscriber: who has a higher priority decides. */
static void
refresh_bound(int signum)
{
	static struct pcl_os_sigset bounded;
	struct pcl_subscriber *first = pcl_subscribers_first(signum);
	struct pcl_deadline *bound = first == NULL ? NULL : first->deadline;

	atomic_store(&crashed[signum], first == NULL ? NULL : first->crashed);
	atomic_store(&holds[signum], first == NULL ? NULL : first->hold);
	if (atomic_exchange(&bounds[signum], bound) == bound)
		return;
	bounded.bits &= ~bit(signum);
	if (bound != NULL)
		bounded.bits |= bit(signum);
	pcl_guard_open(bounded);
}

/* The dispatcher opens to those that are wanted. */
static void
let_in(void)
{
	pcl_dispatch_signals((struct pcl_os_sigset){
	    .bits = atomic_load(&wanted) }, drain);
}

static int
catch(struct entry *entry, int signum)
{
	struct pcl_os_disposition previous;
	int rc;

	atomic_fetch_or(&wanted, bit(signum));
	if (!entry->caught || pcl_os_signal_query(signum) != PCL_OS_OURS) {
		rc = pcl_os_signal_catch(signum, &previous);
		if (rc < 0) {
			atomic_fetch_and(&wanted, ~bit(signum));
			return pcl_fail(rc, PROCLC_STAGE_SIGNAL,
			    "catch signal %d", signum);
		}
		memcpy(&entry->previous, &previous, sizeof(previous));
		entry->caught = true;
	}
	let_in();
	return 0;
}

int
pcl_subscribe(struct pcl_subscriber *subscriber)
{
	int signum = subscriber->signum;
	int rc;

	if (!pcl_os_signal_valid(signum))
		return pcl_fail(PROCLC_ESIGNAL, PROCLC_STAGE_SIGNAL,
		    "catch signal %d", signum);
	rc = enter();
	if (rc < 0)
		return rc;
	if (subscriber->listed) {
		rc = pcl_fail(PROCLC_EALREADY, PROCLC_STAGE_SIGNAL,
		    "catch signal %d", signum);
	} else {
		/* Listed first: a signal that comes at once finds it. */
		pcl_subscribers_insert(subscriber);
		rc = catch(&entries[signum], signum);
		if (rc == 0 && subscriber->chain)
			atomic_fetch_or(&chained, bit(signum));
		if (rc < 0)
			pcl_subscribers_remove(subscriber);
	}
	refresh_bound(signum);
	pcl_unlock(PCL_LOCK_DISPOSITION);
	return rc;
}

/* First no thread of ours lets it in: a left-over wake-up would meet what the
 * signal did before. */
static void
let_go(struct entry *entry, int signum)
{
	refresh_bound(signum);
	atomic_fetch_and(&wanted, ~bit(signum));
	atomic_fetch_and(&chained, ~bit(signum));
	let_in();
	if (pcl_os_signal_query(signum) == PCL_OS_OURS)
		pcl_os_signal_restore(signum, &entry->previous);
	entry->caught = false;
}

/* The exit handlers have run: what is left of the program may be gone already,
 * so no callback is called any more.  One that runs is not waited for: it may
 * be what ends the process. */
static void
over(void)
{
	pcl_lock(PCL_LOCK_DISPOSITION);
	for (int signum = 1; signum < PCL_SIGNALS; signum++) {
		if (pcl_subscribers_first(signum) == NULL)
			continue;
		pcl_subscribers_drop(signum, PCL_PRIORITY_HANDLER);
		if (pcl_subscribers_first(signum) == NULL)
			let_go(&entries[signum], signum);
		refresh_bound(signum);
	}
	pcl_unlock(PCL_LOCK_DISPOSITION);
}

/* What has come before is delivered before. */
static void
await_delivery(const struct pcl_subscriber *s)
{
	int64_t due = pcl_os_now() + DELIVERY_MS;

	while (s->listed && !pcl_dispatching() && !pcl_dispatch_manual() &&
	    (atomic_load(&pending) & bit(s->signum)) != 0 &&
	    pcl_os_now() < due)
		pcl_wait(PCL_LOCK_DISPOSITION, pcl_os_now() + 1);
}

void
pcl_unsubscribe(struct pcl_subscriber *subscriber)
{
	int signum = subscriber->signum;

	pcl_enter(PCL_LOCK_DISPOSITION);
	await_delivery(subscriber);
	if (pcl_subscribers_remove(subscriber) &&
	    pcl_subscribers_first(signum) == NULL)
		let_go(&entries[signum], signum);
	refresh_bound(signum);
	pcl_subscribers_await(subscriber);
	pcl_unlock(PCL_LOCK_DISPOSITION);
}

bool
pcl_wanted(int signum, enum pcl_priority priority)
{
	const struct pcl_subscriber *first;
	bool so;

	pcl_enter(PCL_LOCK_DISPOSITION);
	first = pcl_subscribers_first(signum);
	so = first != NULL && first->priority >= priority;
	pcl_unlock(PCL_LOCK_DISPOSITION);
	return so;
}

enum pcl_os_action
pcl_disposition_before(int signum)
{
	enum pcl_os_action now;

	pcl_enter(PCL_LOCK_DISPOSITION);
	now = pcl_os_signal_query(signum);
	if (now == PCL_OS_OURS)
		now = pcl_os_action_of(&entries[signum].previous);
	pcl_unlock(PCL_LOCK_DISPOSITION);
	return now;
}

void
pcl_disposition_forget(void)
{
	pcl_enter(PCL_LOCK_DISPOSITION);
	pcl_os_signals_forget();
	for (int signum = 1; signum < PCL_SIGNALS; signum++) {
		pcl_subscribers_drop(signum, PCL_PRIORITY_EXIT);
		entries[signum].caught = false;
	}
	atomic_store(&wanted, 0);
	atomic_store(&chained, 0);
	atomic_store(&passive, 0);
	atomic_store(&pending, 0);
	pcl_unlock(PCL_LOCK_DISPOSITION);
}

void
pcl_disposition_passive(struct pcl_os_sigset signals)
{
	atomic_store(&passive, signals.bits);
}
