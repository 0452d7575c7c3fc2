/* poll-ppoll.c - waiting for descriptors and signals together (POSIX 2024). */
#include <config.h>

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "os/os.h"

/* What a dispatcher with its first sources needs: a longer set makes its
 * thread free this one, for which libc gives a thread a heap of its own. */
enum { FIRST_ROOM = 16 };

int
pcl_os_pollset_reserve(struct pcl_os_pollset *set, size_t n)
{
	size_t room = set->room == 0 ? FIRST_ROOM : set->room;
	void *entries;

	if (n <= set->room)
		return 0;
	while (room < n)
		room *= 2;
	entries = realloc(set->entries, room * sizeof(struct pollfd));
	if (entries == NULL)
		return PROCLC_ENOMEM;
	set->entries = entries;
	set->room = room;
	return 0;
}

void
pcl_os_pollset_put(struct pcl_os_pollset *set, size_t i, intptr_t handle)
{
	struct pollfd *entry = (struct pollfd *)set->entries + i;

	entry->fd = (int)handle;
	entry->events = POLLIN;
	entry->revents = 0;
}

/* The mask that is left when all signals but these are blocked. */
static void
all_but(const struct pcl_os_sigset *open, sigset_t *mask)
{
	sigfillset(mask);
	for (int signum = 1; signum < PCL_SIGNALS; signum++)
		if ((open->bits >> (signum - 1) & 1) != 0)
			sigdelset(mask, signum);
}

int
pcl_os_pollset_wait(struct pcl_os_pollset *set, size_t n, int64_t due,
    const struct pcl_os_sigset *open)
{
	struct timespec left;
	sigset_t mask;
	int64_t ms;
	int ready;

	if (due != PCL_NEVER) {
		ms = due - pcl_os_now();
		if (ms < 0)
			ms = 0;
		left.tv_sec = (time_t)(ms / 1000);
		left.tv_nsec = (long)(ms % 1000) * 1000000;
	}
	if (open != NULL)
		all_but(open, &mask);
	ready = ppoll(set->entries, (nfds_t)n, due == PCL_NEVER ? NULL : &left,
	    open == NULL ? NULL : &mask);
	if (ready < 0)
		return errno == EINTR ? 0 : -errno;
	return ready;
}

bool
pcl_os_pollset_ready(const struct pcl_os_pollset *set, size_t i)
{
	return ((const struct pollfd *)set->entries)[i].revents != 0;
}

void
pcl_os_pollset_free(struct pcl_os_pollset *set)
{
	free(set->entries);
	set->entries = NULL;
	set->room = 0;
}
