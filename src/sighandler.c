/*
 * sighandler.c - the handler object.
 *
 * Promise: callbacks in ordinary context; a change while running is seen
 * whole (function and user together); after stop nothing runs, and each
 * signal is what it was.
 *
 * An entry is subscribed while the object runs and has a callback for it.
 * No lock is held while that is arranged, for the callback that is waited
 * for may be at the same object: so it is looked at again until it is true.
 */
#include "sighandler.h"

#include <stdlib.h>

#include "ending.h"
#include "error.h"
#include "fork.h"

static struct proclc_sighandler *all;
static bool known;

/* Their wake-ups are the parent's; the objects themselves the child frees. */
static void
in_child(void)
{
	/* Nothing is written to an object without need: fork shares it. */
	for (struct proclc_sighandler *h = all; h != NULL; h = h->next)
		if (h->wake.handles[0] != PCL_NONE)
			pcl_os_wake_close(&h->wake);
	all = NULL;
}

static size_t
handles(int *fds, size_t room)
{
	size_t n = 0;

	for (struct proclc_sighandler *h = all; h != NULL; h = h->next)
		for (int i = 0; i < 2; i++)
			pcl_handle_put(h->wake.handles[i], fds, room, &n);
	return n;
}

static const struct pcl_fork_unit unit = {
	.name = "signals",
	.child = in_child,
	.callback_lost = pcl_sighandler_lost,
	.handles = handles,
};

static int
add(struct proclc_sighandler *h)
{
	int rc = pcl_fork_init();

	if (rc < 0)
		return rc;
	h->owner = pcl_enter(PCL_LOCK_SIGNALS);
	if (!known)
		pcl_fork_add_unit(&unit);
	known = true;
	h->wake.first = 0;
	h->wake.handles[0] = h->wake.handles[1] = PCL_NONE;
	h->next = all;
	all = h;
	pcl_unlock(PCL_LOCK_SIGNALS);
	return 0;
}

void
pcl_sighandler_dispose(struct proclc_sighandler *h)
{
	struct proclc_sighandler **at = &all;

	pcl_lock(PCL_LOCK_SIGNALS);
	h->doomed = true;
	if (h->users > 0) {
		pcl_unlock(PCL_LOCK_SIGNALS);
		return;
	}
	while (*at != NULL && *at != h)
		at = &(*at)->next;
	if (*at != NULL)
		*at = h->next;
	pcl_os_wake_close(&h->wake);
	pcl_unlock(PCL_LOCK_SIGNALS);
	free(h);
}

/* Is the entry as it should be?  *wanted tells what that is. */
static bool
settled(struct pcl_sigentry *entry, bool *wanted)
{
	bool listed = entry->subscriber.listed;

	pcl_lock(PCL_LOCK_SIGNALS);
	*wanted = entry->handler->running && entry->action.fn != NULL;
	pcl_unlock(PCL_LOCK_SIGNALS);
	return listed == *wanted;
}

static int
arrange(struct pcl_sigentry *entry)
{
	bool wanted;
	int rc = 0;

	while (rc == 0 && !settled(entry, &wanted)) {
		if (!wanted)
			pcl_unsubscribe(&entry->subscriber);
		else if ((rc = pcl_subscribe(&entry->subscriber)) ==
		    PROCLC_EALREADY)
			rc = 0;
	}
	/* A callback that runs may have taken it off itself: wait for it. */
	if (rc == 0 && !wanted) {
		pcl_unsubscribe(&entry->subscriber);
		pcl_sighandler_await(entry);
	}
	return rc;
}

int
proclc_sighandler_new(struct proclc_sighandler **handler,
    const char *pid_file)
{
	struct proclc_sighandler *h;
	int rc;

	(void)pid_file;
	if (handler == NULL)
		return pcl_fail(PROCLC_EINVAL, PROCLC_STAGE_ARGUMENTS,
		    "new handler object");
	h = calloc(1, sizeof(*h));
	if (h == NULL)
		return pcl_fail(PROCLC_ENOMEM, PROCLC_STAGE_MEMORY,
		    "new handler object");
	for (int signum = 1; signum < PCL_SIGNALS; signum++) {
		struct pcl_sigentry *entry = &h->entries[signum];

		entry->handler = h;
		entry->subscriber.signum = signum;
		entry->subscriber.priority = PCL_PRIORITY_HANDLER;
		entry->subscriber.fn = pcl_sighandler_arrived;
	}
	rc = add(h);
	if (rc < 0)
		free(h);
	else
		*handler = h;
	return rc;
}

int
pcl_sighandler_check(const struct proclc_sighandler *h)
{
	if (h == NULL)
		return pcl_fail(PROCLC_EINVAL, PROCLC_STAGE_ARGUMENTS,
		    "handler object");
	if (h->owner != pcl_process())
		return pcl_fail(PROCLC_ENOTOWNER, PROCLC_STAGE_ARGUMENTS,
		    "handler object");
	return 0;
}

static struct pcl_action
exchange(struct pcl_sigentry *entry, struct pcl_action action)
{
	struct pcl_action before;

	pcl_lock(PCL_LOCK_SIGNALS);
	before = entry->action;
	entry->action = action;
	entry->handler->touched |= (uint64_t)1 <<
	    (entry->subscriber.signum - 1);
	pcl_unlock(PCL_LOCK_SIGNALS);
	return before;
}

int
proclc_sighandler_set(struct proclc_sighandler *h, int signum,
    void (*fn)(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *user), void *user)
{
	struct pcl_action before;
	int rc = pcl_sighandler_check(h);

	if (rc < 0)
		return rc;
	if (!pcl_os_signal_valid(signum) || pcl_os_signal_faults(signum))
		return pcl_fail(PROCLC_ESIGNAL, PROCLC_STAGE_SIGNAL,
		    "handle signal %d", signum);
	if (fn == NULL)
		pcl_subscriber_settle(&h->entries[signum].subscriber);
	before = exchange(&h->entries[signum],
	    (struct pcl_action){ .fn = fn, .user = user });
	rc = arrange(&h->entries[signum]);
	if (rc < 0)
		exchange(&h->entries[signum], before);
	return rc;
}

void
proclc_signal_ignore(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *user)
{
	(void)handler;
	(void)event;
	(void)user;
}

void
proclc_signal_wait(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *user)
{
	(void)handler;
	(void)event;
	(void)user;
}

void
proclc_signal_default(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *user)
{
	(void)handler;
	(void)user;
	if (pcl_os_signal_terminates(event->signum))
		pcl_end(PROCLC_EXIT_SIGNAL, 128 + event->signum,
		    event->signum);
	pcl_os_signal_stop_self(event->signum);
}

/* Say whether it runs; returns whether it did. */
static bool
run(struct proclc_sighandler *h, bool running)
{
	bool before;

	pcl_lock(PCL_LOCK_SIGNALS);
	before = h->running;
	h->running = running;
	pcl_broadcast(PCL_LOCK_SIGNALS);
	pcl_unlock(PCL_LOCK_SIGNALS);
	return before;
}

/* What is set meanwhile is arranged by who sets it. */
static bool
is_touched(struct proclc_sighandler *h, int signum)
{
	bool touched;

	pcl_lock(PCL_LOCK_SIGNALS);
	touched = (h->touched >> (signum - 1) & 1) != 0;
	pcl_unlock(PCL_LOCK_SIGNALS);
	return touched;
}

/* What came before a stop is delivered before. */
static void
settle_all(struct proclc_sighandler *h)
{
	for (int signum = 1; signum < PCL_SIGNALS; signum++)
		if (is_touched(h, signum))
			pcl_subscriber_settle(&h->entries[signum].subscriber);
}

static int
arrange_all(struct proclc_sighandler *h)
{
	int rc = 0;

	for (int signum = 1; signum < PCL_SIGNALS && rc == 0; signum++)
		if (is_touched(h, signum))
			rc = arrange(&h->entries[signum]);
	return rc;
}

int
proclc_sighandler_start(struct proclc_sighandler *h)
{
	int rc = pcl_sighandler_check(h);

	/* For the end of the process is the end of its callbacks. */
	if (rc == 0)
		rc = pcl_ending_start();
	if (rc < 0)
		return rc;
	if (run(h, true))
		return pcl_fail(PROCLC_EALREADY, PROCLC_STAGE_SIGNAL,
		    "start a handler object");
	rc = arrange_all(h);
	if (rc < 0) {
		run(h, false);
		arrange_all(h);
	}
	return rc;
}

int
proclc_sighandler_stop(struct proclc_sighandler *h)
{
	int rc = pcl_sighandler_check(h);

	if (rc < 0)
		return rc;
	settle_all(h);
	run(h, false);
	return arrange_all(h);
}

void
proclc_sighandler_free(struct proclc_sighandler *h)
{
	if (h == NULL)
		return;
	if (h->owner != pcl_process()) {
		free(h);
		return;
	}
	proclc_sighandler_stop(h);
	pcl_sighandler_dispose(h);
}
