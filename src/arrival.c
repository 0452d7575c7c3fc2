/*
 * arrival.c - the signal handler.
 *
 * Promise: it does next to nothing (it notes the signal and its sender in two
 * atomics and wakes the dispatcher), so it is right wherever the signal lands;
 * and in a process that has no dispatcher the signal does what it did before
 * we came.
 */
#include "arrival.h"

#include "delivery.h"
#include "dispatch.h"
#include "fork.h"
#include "guard.h"

struct pcl_arrivals pcl_arrivals;

/* Beside the pid, which has 31 bits. */
static const uint64_t FROM_SYSTEM = (uint64_t)1 << 63;

static uint64_t
bit(int signum)
{
	return (uint64_t)1 << (signum - 1);
}

bool
pcl_arrival_take(int signum)
{
	return (atomic_load(&pcl_arrivals.pending) & bit(signum)) != 0 &&
	    (atomic_fetch_and(&pcl_arrivals.pending, ~bit(signum)) &
	    bit(signum)) != 0;
}

/* What was there before is just being put back: the later one, let_go() or we,
 * has it come again.  Another handler by now is one that calls ours, and one of
 * ours was caught anew. */
static void
leaves(int signum)
{
	enum pcl_os_action now;

	atomic_fetch_or(&pcl_arrivals.pending, bit(signum));
	now = pcl_os_signal_query(signum);
	if (now == PCL_OS_OURS)
		pcl_dispatch_wake(signum);
	else if (pcl_arrival_take(signum) && now != PCL_OS_FOREIGN)
		pcl_os_signal_again(signum);
}

/* Its default, which may write a core, comes when the handler returns: either
 * the instruction raises it again, or we do. */
static void
crashed(const struct pcl_os_arrival *a)
{
	const struct pcl_os_disposition *previous =
	    &pcl_arrivals.previous[a->signum];
	void (*fn)(int signum) = atomic_load(&pcl_arrivals.crash);

	if (fn != NULL && pcl_process_known())
		fn(a->signum);
	if (a->pid != 0)
		pcl_os_signal_yield(a->signum, previous);
	else
		pcl_os_signal_restore(a->signum, previous);
}

/* Nobody here is to be told. */
static void
pass_on(const struct pcl_os_arrival *a)
{
	if (pcl_os_signal_crashes(a->signum)) {
		crashed(a);
		return;
	}
	if (pcl_process_is(atomic_load(&pcl_arrivals.owner)) &&
	    (atomic_load(&pcl_arrivals.inherited) & bit(a->signum)) == 0) {
		leaves(a->signum);
		return;
	}
	/* A forked child that does not want it, or a vfork child in our own
	 * memory: nobody would listen.  Write nothing. */
	if ((atomic_load(&pcl_arrivals.passive) & bit(a->signum)) == 0 ||
	    !pcl_process_known())
		pcl_os_signal_yield(a->signum,
		    &pcl_arrivals.previous[a->signum]);
}

void
pcl_arrived(const struct pcl_os_arrival *a)
{
	struct pcl_deadline *bound;

	if (a->steered)
		return;
	if (!pcl_process_is(atomic_load(&pcl_arrivals.owner)) ||
	    (atomic_load(&pcl_arrivals.wanted) & bit(a->signum)) == 0) {
		pass_on(a);
		return;
	}
	if ((atomic_load(&pcl_arrivals.chained) & bit(a->signum)) != 0)
		pcl_os_signal_chain(a, &pcl_arrivals.previous[a->signum]);
	/* First its time: what the dispatcher starts is no second signal. */
	bound = atomic_load(&pcl_arrivals.bounds[a->signum]);
	if (bound != NULL)
		pcl_deadline_start(bound, a->signum);
	atomic_store(&pcl_arrivals.sender[a->signum],
	    (a->system ? FROM_SYSTEM : 0) | (uint64_t)a->pid << 32 | a->uid);
	/* Once: each would take a place in the queue of a realtime signal. */
	if ((atomic_fetch_or(&pcl_arrivals.pending, bit(a->signum)) &
	    bit(a->signum)) == 0)
		pcl_dispatch_wake(a->signum);
}

/* The dispatcher calls it; signals come in the order of their numbers. */
bool
pcl_arrivals_drain(void)
{
	bool any = atomic_load(&pcl_arrivals.pending) != 0;
	uint64_t from;

	pcl_deliver_rest();
	while (atomic_load(&pcl_arrivals.pending) != 0) {
		for (int signum = 1; signum < PCL_SIGNALS; signum++) {
			if ((atomic_load(&pcl_arrivals.pending) &
			    bit(signum)) == 0)
				continue;
			/* One by one: a callback may not return.  First it is
			 * said, so that it is always seen to be on its way. */
			atomic_store(&pcl_arrivals.taking, signum);
			if (!pcl_arrival_take(signum))
				continue;
			from = atomic_load(&pcl_arrivals.sender[signum]);
			pcl_deliver(&(struct pcl_signal){
			    .signum = signum,
			    .pid = (int64_t)((from & ~FROM_SYSTEM) >> 32),
			    .uid = (uint32_t)from,
			    .system = (from & FROM_SYSTEM) != 0,
			});
		}
	}
	atomic_store(&pcl_arrivals.taking, 0);
	return any;
}
