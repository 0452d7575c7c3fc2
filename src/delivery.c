/*
 * delivery.c - the subscribers of each signal, and the calls to them.
 *
 * Promise: each is asked once for a signal, the highest priority first and
 * among equals the newest, whoever subscribes or leaves meanwhile, and also
 * when one of them ends the thread that asks.
 */
#include "delivery.h"

#include <string.h>

#include "dispatch.h"
#include "fork.h"
#include "guard.h"

/* In the order to ask them. */
static struct pcl_subscriber *lists[PCL_SIGNALS];
/* Those that are there are about to leave, and did not take this one. */
static bool declined[PCL_SIGNALS];
static uint64_t next_serial;

/* What is under way. */
static struct {
	bool active;
	bool over;	/* the program ends */
	bool consumed;
	struct pcl_signal signal;
	struct pcl_subscriber *current;	/* its function runs */
	struct pcl_subscriber last;	/* a copy of the one asked last */
} d;

static bool
asked_before(const struct pcl_subscriber *a, const struct pcl_subscriber *b)
{
	if (a->priority != b->priority)
		return a->priority > b->priority;
	return a->serial > b->serial;
}

struct pcl_subscriber *
pcl_subscribers_first(int signum)
{
	return lists[signum];
}

void
pcl_subscribers_insert(struct pcl_subscriber *subscriber)
{
	struct pcl_subscriber **at = &lists[subscriber->signum];

	subscriber->serial = ++next_serial;
	while (*at != NULL && asked_before(*at, subscriber))
		at = &(*at)->next;
	subscriber->next = *at;
	*at = subscriber;
	subscriber->listed = true;
}

bool
pcl_subscribers_remove(struct pcl_subscriber *subscriber)
{
	struct pcl_subscriber **at = &lists[subscriber->signum];

	subscriber->listed = false;
	while (*at != NULL && *at != subscriber)
		at = &(*at)->next;
	if (*at == NULL)
		return false;
	*at = subscriber->next;
	return true;
}

void
pcl_subscribers_drop(int signum, bool all)
{
	struct pcl_subscriber **at = &lists[signum];

	while (*at != NULL) {
		if ((*at)->stays && !all) {
			at = &(*at)->next;
			continue;
		}
		(*at)->listed = false;
		*at = (*at)->next;
	}
}

void
pcl_subscribers_await(const struct pcl_subscriber *subscriber)
{
	while (d.current == subscriber && !pcl_dispatching())
		pcl_wait(PCL_LOCK_DISPOSITION, PCL_NEVER);
}

/* The next one to ask, for the last may be gone by now. */
static struct pcl_subscriber *
next(void)
{
	struct pcl_subscriber *s = lists[d.signal.signum];

	while (s != NULL && !asked_before(&d.last, s))
		s = s->next;
	return s;
}

static void
ask(struct pcl_subscriber *s)
{
	uint32_t process = pcl_process();
	bool consumed;

	d.last = *s;
	d.current = s;
	pcl_unlock(PCL_LOCK_DISPOSITION);
	consumed = s->fn(s, &d.signal);
	pcl_returned(process);
	pcl_lock(PCL_LOCK_DISPOSITION);
	d.consumed = consumed || d.consumed;
	d.current = NULL;
	pcl_broadcast(PCL_LOCK_DISPOSITION);
}

/* What came before the end of the program does not change that. */
void
pcl_delivery_again(int signum)
{
	if (!d.over)
		pcl_os_signal_again(signum);
}

static void
ask_all(struct pcl_subscriber *s)
{
	while (s != NULL) {
		if (d.consumed && s->priority < d.last.priority) {
			/* It came before who wants it was there. */
			if (s->deadline != NULL)
				pcl_deadline_stop(s->deadline,
				    d.signal.signum);
			break;
		}
		ask(s);
		s = next();
	}
	d.active = false;
	declined[d.signal.signum] = false;
	if (d.consumed)
		return;
	/* As if it came just after the last one has left. */
	if (lists[d.signal.signum] == NULL)
		pcl_delivery_again(d.signal.signum);
	else
		declined[d.signal.signum] = true;
}

bool
pcl_delivery_declined(int signum)
{
	bool so = declined[signum];

	declined[signum] = false;
	return so;
}

void
pcl_delivery_over(void)
{
	d.over = true;
}

void
pcl_deliver(const struct pcl_signal *signal)
{
	struct pcl_subscriber *first;

	pcl_enter(PCL_LOCK_DISPOSITION);
	first = lists[signal->signum];
	d.active = true;
	d.consumed = false;
	d.signal = *signal;
	if (first != NULL)
		d.last = *first;
	ask_all(first);
	pcl_unlock(PCL_LOCK_DISPOSITION);
}

void
pcl_deliver_rest(void)
{
	pcl_enter(PCL_LOCK_DISPOSITION);
	if (d.active)
		ask_all(next());
	pcl_unlock(PCL_LOCK_DISPOSITION);
}

void
pcl_delivery_lost(void)
{
	/* Who ended it had a callback for it. */
	d.consumed = d.consumed || d.current != NULL;
	d.current = NULL;
	pcl_broadcast(PCL_LOCK_DISPOSITION);
}

void
pcl_delivery_forget(void)
{
	d.active = d.over = false;
	d.current = NULL;
	memset(declined, 0, sizeof(declined));
}
