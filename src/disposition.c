/*
 * disposition.c - who gets a signal.
 *
 * Promise: subscribers hear of a signal in ordinary context; and when the last
 * of them has gone, it does what it did before the first came.
 *
 * A signal is a bit, not a count: of a storm at least the last one is
 * delivered after it was sent.
 */
#include "disposition.h"

#include "arrival.h"
#include "delivery.h"
#include "dispatch.h"
#include "error.h"
#include "fork.h"
#include "guard.h"

/* How long to wait for a dispatcher that may be in a callback. */
enum { DELIVERY_MS = 200 };

static bool caught[PCL_SIGNALS];	/* our handler is installed */
static bool known;

static uint64_t
bit(int signum)
{
	return (uint64_t)1 << (signum - 1);
}

/* A fork child has the handlers, which yield there, and no subscriber. */
static void
in_child(void)
{
	for (int signum = 1; signum < PCL_SIGNALS; signum++) {
		pcl_subscribers_drop(signum, true);
		atomic_store(&pcl_arrivals.bounds[signum], NULL);
	}
	atomic_store(&pcl_arrivals.pending, 0);
	atomic_store(&pcl_arrivals.taking, 0);
	atomic_fetch_or(&pcl_arrivals.inherited,
	    atomic_exchange(&pcl_arrivals.wanted, 0));
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
		if (!caught[signum])
			continue;
		/* A daemon heeds it, also when nobody catches it any more. */
		if (moved)
			pcl_os_disposition_heed(signum,
			    &pcl_arrivals.previous[signum]);
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
	int rc = pcl_fork_init();

	if (rc < 0)
		return rc;
	pcl_enter(PCL_LOCK_DISPOSITION);
	if (!known) {
		known = true;
		pcl_fork_add_unit(&unit);
		pcl_os_signal_hook(pcl_arrived);
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

	if (atomic_exchange(&pcl_arrivals.bounds[signum], bound) == bound)
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
	    .bits = atomic_load(&pcl_arrivals.wanted) }, pcl_arrivals_drain);
}

static int
catch(int signum)
{
	struct pcl_os_disposition previous;
	int rc;

	atomic_fetch_or(&pcl_arrivals.wanted, bit(signum));
	if (!caught[signum] || pcl_os_signal_query(signum) != PCL_OS_OURS) {
		rc = pcl_os_signal_catch(signum, &previous);
		if (rc < 0) {
			atomic_fetch_and(&pcl_arrivals.wanted, ~bit(signum));
			return pcl_fail(rc, PROCLC_STAGE_SIGNAL,
			    "catch signal %d", signum);
		}
		pcl_arrivals.previous[signum] = previous;
		caught[signum] = true;
	}
	atomic_fetch_and(&pcl_arrivals.inherited, ~bit(signum));
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
	rc = pcl_dispatch_start();
	if (rc == 0)
		rc = enter();
	if (rc < 0)
		return rc;
	atomic_store(&pcl_arrivals.owner, pcl_process());
	if (subscriber->listed) {
		rc = pcl_fail(PROCLC_EALREADY, PROCLC_STAGE_SIGNAL,
		    "catch signal %d", signum);
	} else {
		/* Listed first: a signal that comes at once finds it. */
		pcl_subscribers_insert(subscriber);
		rc = catch(signum);
		if (rc == 0 && subscriber->chain)
			atomic_fetch_or(&pcl_arrivals.chained, bit(signum));
		if (rc < 0)
			pcl_subscribers_remove(subscriber);
	}
	refresh_bound(signum);
	pcl_unlock(PCL_LOCK_DISPOSITION);
	return rc;
}

static void
give_back(int signum)
{
	if (caught[signum] && pcl_os_signal_query(signum) == PCL_OS_OURS)
		pcl_os_signal_restore(signum, &pcl_arrivals.previous[signum]);
	caught[signum] = false;
}

/* First no thread of ours lets it in: a left-over wake-up would meet what the
 * signal did before. */
static void
let_go(int signum)
{
	bool again;

	refresh_bound(signum);
	atomic_fetch_and(&pcl_arrivals.wanted, ~bit(signum));
	atomic_fetch_and(&pcl_arrivals.chained, ~bit(signum));
	let_in();
	/* A crash is caught all the same. */
	if (atomic_load(&pcl_arrivals.crash) == NULL ||
	    !pcl_os_signal_crashes(signum))
		give_back(signum);
	again = pcl_delivery_declined(signum);
	if (!pcl_dispatch_manual() && pcl_arrival_take(signum))
		again = true;
	if (again)
		pcl_delivery_again(signum);
}

/* The exit handlers have run: what is left of the program may be gone already,
 * so no callback is called any more.  One that runs is not waited for: it may
 * be what ends the process. */
static void
over(void)
{
	pcl_lock(PCL_LOCK_DISPOSITION);
	pcl_delivery_over();
	for (int signum = 1; signum < PCL_SIGNALS; signum++) {
		if (pcl_subscribers_first(signum) == NULL)
			continue;
		pcl_subscribers_drop(signum, false);
		if (pcl_subscribers_first(signum) == NULL)
			let_go(signum);
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
	    ((atomic_load(&pcl_arrivals.pending) & bit(s->signum)) != 0 ||
	    atomic_load(&pcl_arrivals.taking) == s->signum) &&
	    pcl_os_now() < due)
		pcl_wait(PCL_LOCK_DISPOSITION, pcl_os_now() + 1);
}

void
pcl_subscriber_settle(const struct pcl_subscriber *subscriber)
{
	pcl_enter(PCL_LOCK_DISPOSITION);
	await_delivery(subscriber);
	pcl_unlock(PCL_LOCK_DISPOSITION);
}

void
pcl_unsubscribe(struct pcl_subscriber *subscriber)
{
	int signum = subscriber->signum;

	pcl_enter(PCL_LOCK_DISPOSITION);
	await_delivery(subscriber);
	if (pcl_subscribers_remove(subscriber) &&
	    pcl_subscribers_first(signum) == NULL)
		let_go(signum);
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
		now = pcl_os_action_of(&pcl_arrivals.previous[signum]);
	pcl_unlock(PCL_LOCK_DISPOSITION);
	return now;
}

static int
catch_crash(int signum)
{
	int rc;

	if (caught[signum] || pcl_os_signal_query(signum) == PCL_OS_FOREIGN)
		return 0;
	rc = pcl_os_signal_catch(signum, &pcl_arrivals.previous[signum]);
	caught[signum] = rc == 0;
	return rc;
}

static int
catch_crashes(void)
{
	int rc = 0;

	for (int signum = 1; signum < PCL_SIGNALS && rc == 0; signum++)
		if (pcl_os_signal_crashes(signum))
			rc = catch_crash(signum);
	return rc;
}

int
pcl_disposition_crash(void (*fn)(int signum))
{
	int rc = enter();

	if (rc < 0)
		return rc;
	atomic_store(&pcl_arrivals.crash, fn);
	if (fn != NULL)
		rc = catch_crashes();
	for (int signum = 1; signum < PCL_SIGNALS && fn == NULL; signum++)
		if (pcl_os_signal_crashes(signum) &&
		    pcl_subscribers_first(signum) == NULL)
			give_back(signum);
	pcl_unlock(PCL_LOCK_DISPOSITION);
	return rc;
}

void
pcl_disposition_passive(struct pcl_os_sigset signals)
{
	atomic_store(&pcl_arrivals.passive, signals.bits);
}

void
pcl_disposition_forget(void)
{
	pcl_enter(PCL_LOCK_DISPOSITION);
	pcl_os_signals_forget();
	for (int signum = 1; signum < PCL_SIGNALS; signum++) {
		pcl_subscribers_drop(signum, true);
		caught[signum] = false;
	}
	atomic_store(&pcl_arrivals.wanted, 0);
	atomic_store(&pcl_arrivals.chained, 0);
	atomic_store(&pcl_arrivals.passive, 0);
	atomic_store(&pcl_arrivals.pending, 0);
	if (atomic_load(&pcl_arrivals.crash) != NULL)
		catch_crashes();
	pcl_unlock(PCL_LOCK_DISPOSITION);
}
