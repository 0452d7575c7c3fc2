/*
 * stdio-posix.c - text that stdio still holds when a process forks or ends.
 *
 * A stream's lock may be held for ever, by a thread that waits in fgets(stdin)
 * for example, and fflush(NULL) takes all locks: so that is left to a thread,
 * which is waited for a moment only.
 */
#include <config.h>

#include <pthread.h>
#include <stdio.h>
#include <stdio_ext.h>

#include "os/os.h"

static bool
flush(FILE *stream)
{
	if (ftrylockfile(stream) != 0)
		return false;
	fflush_unlocked(stream);
	funlockfile(stream);
	return true;
}

bool
pcl_os_stdio_flush(void)
{
	bool out = flush(stdout);

	return flush(stderr) && out;
}

void
pcl_os_stdio_purge(void)
{
	__fpurge(stdout);
	__fpurge(stderr);
}

/* The thread may outlive the call, so nothing here is on a stack. */
static struct {
	struct pcl_os_mutex mutex;
	struct pcl_os_cond cond;
	bool done;
} others;

static void *
flush_others(void *unused)
{
	fflush(NULL);
	/* Musl takes it in exit, and not in fflush. */
	flockfile(stdin);
	funlockfile(stdin);
	pcl_os_mutex_lock(&others.mutex);
	others.done = true;
	pcl_os_cond_broadcast(&others.cond);
	pcl_os_mutex_unlock(&others.mutex);
	return unused;
}

bool
pcl_os_stdio_flush_all(int64_t ms)
{
	int64_t due = pcl_os_now() + ms;
	struct pcl_os_sigmask saved;
	pthread_t thread;
	bool done;

	/* What this thread itself has locked it can write, too. */
	pcl_os_stdio_flush();
	pcl_os_mutex_init(&others.mutex);
	pcl_os_cond_init(&others.cond);
	others.done = false;
	pcl_os_signals_block(&saved);
	if (pthread_create(&thread, NULL, flush_others, NULL) != 0) {
		pcl_os_signals_unblock(&saved);
		return false;
	}
	pcl_os_signals_unblock(&saved);
	pthread_detach(thread);
	pcl_os_mutex_lock(&others.mutex);
	while (!others.done && pcl_os_now() < due)
		pcl_os_cond_wait(&others.cond, &others.mutex, due);
	done = others.done;
	pcl_os_mutex_unlock(&others.mutex);
	return done;
}
