/* sync-pthread.c - locks, threads and fork handlers by POSIX threads. */
#include <config.h>

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "os/os.h"

_Static_assert(sizeof(pthread_mutex_t) <= sizeof(struct pcl_os_mutex),
    "pcl_os_mutex is too small");
_Static_assert(sizeof(pthread_cond_t) <= sizeof(struct pcl_os_cond),
    "pcl_os_cond is too small");
_Static_assert(sizeof(pthread_t) <= sizeof(((struct pcl_os_thread *)0)->id),
    "pcl_os_thread is too small");

void
pcl_os_call_once(void (*fn)(void))
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, fn);
}

void
pcl_os_mutex_init(struct pcl_os_mutex *mutex)
{
	pthread_mutex_init((pthread_mutex_t *)mutex, NULL);
}

void
pcl_os_mutex_lock(struct pcl_os_mutex *mutex)
{
	pthread_mutex_lock((pthread_mutex_t *)mutex);
}

void
pcl_os_mutex_unlock(struct pcl_os_mutex *mutex)
{
	pthread_mutex_unlock((pthread_mutex_t *)mutex);
}

void
pcl_os_cond_init(struct pcl_os_cond *cond)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init((pthread_cond_t *)cond, &attr);
	pthread_condattr_destroy(&attr);
}

void
pcl_os_cond_broadcast(struct pcl_os_cond *cond)
{
	pthread_cond_broadcast((pthread_cond_t *)cond);
}

void
pcl_os_cond_wait(struct pcl_os_cond *cond, struct pcl_os_mutex *mutex,
    int64_t due)
{
	struct timespec at;
	int cancel;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
	if (due == PCL_NEVER) {
		pthread_cond_wait((pthread_cond_t *)cond,
		    (pthread_mutex_t *)mutex);
	} else {
		at.tv_sec = (time_t)(due / 1000);
		at.tv_nsec = (long)(due % 1000) * 1000000;
		pthread_cond_timedwait((pthread_cond_t *)cond,
		    (pthread_mutex_t *)mutex, &at);
	}
	pthread_setcancelstate(cancel, NULL);
}

int
pcl_os_atfork(void (*prepare)(void), void (*parent)(void),
    void (*child)(void))
{
	return -pthread_atfork(prepare, parent, child);
}

static atomic_int own;
static pthread_key_t end_key;
static pthread_once_t end_once = PTHREAD_ONCE_INIT;
static void (*_Atomic end_fn)(void);

/* Destructors of others come first: they get several rounds. */
static void
end_of_thread(void *round)
{
	intptr_t n = (intptr_t)round;

	if (n < 3)
		pthread_setspecific(end_key, (void *)(n + 1));
	else
		atomic_load(&end_fn)();
}

static void
make_end_key(void)
{
	pthread_key_create(&end_key, end_of_thread);
}

void
pcl_os_thread_at_end(void (*fn)(void))
{
	atomic_store(&end_fn, fn);
	pthread_once(&end_once, make_end_key);
	pthread_setspecific(end_key, (void *)(intptr_t)1);
}

int
pcl_os_threads_own(void)
{
	return atomic_load(&own);
}

void
pcl_os_threads_forget(void)
{
	/* To write would cost a child a page. */
	if (atomic_load(&own) != 0)
		atomic_store(&own, 0);
}

static void
ended(void *arg)
{
	const struct pcl_os_thread *thread = arg;

	atomic_fetch_sub(&own, 1);
	pthread_detach(pthread_self());
	if (thread->lost != NULL)
		thread->lost();
}

/* What its maker gives a thread, and waits for. */
struct birth {
	struct pcl_os_thread *thread;
	sem_t named;
};

static void *
thread_main(void *arg)
{
	struct birth *birth = arg;
	struct pcl_os_thread *thread = birth->thread;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
	pcl_os_thread_name(thread->name);
	sem_post(&birth->named);
	pthread_cleanup_push(ended, thread);
	thread->fn();
	pthread_cleanup_pop(0);
	atomic_fetch_sub(&own, 1);
	return NULL;
}

int
pcl_os_thread_start(struct pcl_os_thread *thread)
{
	struct birth birth = { .thread = thread };
	struct pcl_os_sigmask saved;
	pthread_attr_t attr;
	pthread_t id;
	int error, cancel;

	error = pthread_attr_init(&attr);
	if (error != 0)
		return -error;
	pthread_attr_setstacksize(&attr, thread->stack == 0 ?
	    PCL_OS_STACK_SIZE : thread->stack);
	sem_init(&birth.named, 0, 0);
	pcl_os_signals_block(&saved);
	error = pthread_create(&id, &attr, thread_main, &birth);
	/* Nobody shall meet it without its name. */
	cancel = pcl_os_cancel_disable();
	while (error == 0 && sem_wait(&birth.named) != 0)
		continue;
	pcl_os_cancel_restore(cancel);
	sem_destroy(&birth.named);
	/* Counted late, so that never too many are: then a thread of the
	 * program would not be seen. */
	if (error == 0)
		atomic_fetch_add(&own, 1);
	pcl_os_signals_unblock(&saved);
	pthread_attr_destroy(&attr);
	if (error != 0)
		return -error;
	memcpy(thread->id, &id, sizeof(id));
	return 0;
}

void
pcl_os_thread_join(struct pcl_os_thread *thread)
{
	pthread_t id;

	memcpy(&id, thread->id, sizeof(id));
	pthread_join(id, NULL);
}

int
pcl_os_cancel_disable(void)
{
	int before = PTHREAD_CANCEL_ENABLE;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
	return before;
}

void
pcl_os_cancel_restore(int before)
{
	pthread_setcancelstate(before, NULL);
}

void
pcl_os_call(void (*fn)(void *arg), void *arg, void (*lost)(void *arg))
{
	pthread_cleanup_push(lost, arg);
	fn(arg);
	pthread_cleanup_pop(0);
}

uintptr_t
pcl_os_thread_self(void)
{
	return (uintptr_t)pthread_self();
}

_Noreturn void
pcl_os_thread_park(void)
{
	for (;;)
		pause();
}
