/*
 * fork.c - is this still the same process?  And all of the library's locks.
 *
 * Promise: a child knows that it is one, whether it was made by fork, _Fork
 * or a raw clone, before it can touch anything that its parent owns; and no
 * lock of the library is left locked in it.
 *
 * Two signs say "new process", either is enough: a word that fork wipes, and
 * a counter that our fork handler raises.  Never the bare pid: a descendant
 * can be given a dead ancestor's, and nested pid namespaces all have a 1.
 */
#include "fork.h"

#include <assert.h>
#include <stdatomic.h>

#include "error.h"

enum { UNITS = 12 };

static struct {
	struct pcl_os_mutex mutex;
	struct pcl_os_cond cond;
	int cancel;	/* of the holder, who must not be cancelled */
} locks[PCL_LOCKS];

/* It only grows, so no lock is needed: who sees the number sees the units. */
static const struct pcl_fork_unit *units[UNITS];
static _Atomic unsigned n_units;
static int init_error;

/* The number of this process, and the word that must repeat it.  Who comes by
 * the fork handler or a signal handler has not waited for the first call. */
static _Atomic uint32_t number;
static _Atomic uint32_t plain_word;
static _Atomic uint32_t *_Atomic word = &plain_word;
static _Atomic int64_t pid;

static void (*stray)(void);

/* This thread forks in order to move, or for a child of our own. */
static _Thread_local bool moving, own;

/* Of the thread that forks; under all locks.  The child reads them here: a
 * first look at a thread's variables would cost it a page fault. */
static struct {
	struct pcl_os_sigmask mask;
	bool moving, own;
} forking;

#ifndef NDEBUG
static _Thread_local unsigned held;
#endif

void
pcl_lock(enum pcl_lock lock)
{
	int cancel = pcl_os_cancel_disable();

#ifndef NDEBUG
	assert(held >> lock == 0 && "locks taken out of order");
	held |= 1u << lock;
#endif
	pcl_os_mutex_lock(&locks[lock].mutex);
	locks[lock].cancel = cancel;
}

void
pcl_unlock(enum pcl_lock lock)
{
	int cancel = locks[lock].cancel;

	pcl_os_mutex_unlock(&locks[lock].mutex);
#ifndef NDEBUG
	held &= ~(1u << lock);
#endif
	pcl_os_cancel_restore(cancel);
}

void
pcl_wait(enum pcl_lock lock, int64_t due)
{
	int cancel = locks[lock].cancel;

	pcl_os_cond_wait(&locks[lock].cond, &locks[lock].mutex, due);
	locks[lock].cancel = cancel;
}

void
pcl_broadcast(enum pcl_lock lock)
{
	pcl_os_cond_broadcast(&locks[lock].cond);
}

/* Nobody waits in a new process, whatever the copied memory says. */
static void
reset(void)
{
	for (int i = 0; i < PCL_LOCKS; i++) {
		pcl_os_mutex_init(&locks[i].mutex);
		pcl_os_cond_init(&locks[i].cond);
	}
}

static void
assume(uint32_t n)
{
	atomic_store(&pid, pcl_os_pid());
	atomic_store(word, n);	/* first: no number beside a word of 0 */
	atomic_store(&number, n);
}

static void
lock_all(void)
{
	for (int i = 0; i < PCL_LOCKS; i++)
		pcl_os_mutex_lock(&locks[i].mutex);
}

static void
unlock_all(void)
{
	for (int i = PCL_LOCKS - 1; i >= 0; i--)
		pcl_os_mutex_unlock(&locks[i].mutex);
}

/* Around fork(): nobody is inside the library while memory is copied, and no
 * signal meets a child that is not ready for it. */
static void
before_fork(void)
{
	struct pcl_os_sigmask saved;

	pcl_os_signals_block(&saved);
	pcl_process();
	lock_all();
	forking.mask = saved;
	forking.moving = moving;
	forking.own = own;
}

static void
after_fork_parent(void)
{
	struct pcl_os_sigmask saved = forking.mask;

	unlock_all();
	pcl_os_signals_unblock(&saved);
}

static void
forget_parent(void)
{
	for (unsigned i = 0; i < atomic_load(&n_units); i++)
		if (units[i]->child != NULL)
			units[i]->child();
}

static void
become_child(bool moved)
{
	assume(atomic_load(&number) + (moved ? 0 : 1));
	pcl_os_threads_forget();
	if (!moved)
		forget_parent();
}

static void
bear(void)
{
	for (unsigned i = 0; i < atomic_load(&n_units); i++)
		if (units[i]->born != NULL)
			units[i]->born();
}

static void
after_fork_child(void)
{
	struct pcl_os_sigmask saved = forking.mask;

	/* Else another fork handler has called the library before. */
	if (atomic_load(&pid) != pcl_os_pid() || forking.moving) {
		become_child(forking.moving);
		unlock_all();
		reset();
	}
	if (!forking.moving && !forking.own)
		bear();
	pcl_os_signals_unblock(&saved);
}

static void
init_once(void)
{
	_Atomic uint32_t *wiped = pcl_os_wiped_word();

	if (wiped != NULL)
		word = wiped;
	reset();
	assume(1);
	init_error = pcl_os_atfork(before_fork, after_fork_parent,
	    after_fork_child);
}

int
pcl_fork_init(void)
{
	pcl_os_call_once(init_once);
	if (init_error < 0)
		return pcl_fail(init_error, PROCLC_STAGE_MEMORY,
		    "register fork handlers");
	return 0;
}

void
pcl_fork_add_unit(const struct pcl_fork_unit *unit)
{
	unsigned n;

	pcl_lock(PCL_LOCK_UNITS);
	n = atomic_load(&n_units);
	assert(n < UNITS);
	units[n] = unit;
	atomic_store(&n_units, n + 1);
	pcl_unlock(PCL_LOCK_UNITS);
}

uint32_t
pcl_enter(enum pcl_lock lock)
{
	/* First: in a child of a raw clone this frees the locks. */
	uint32_t process = pcl_process();

	pcl_lock(lock);
	return process;
}

uint32_t
pcl_process(void)
{
	/* Who sees the number sees the locks, too. */
	uint32_t n = atomic_load_explicit(&number, memory_order_acquire);

	/* A raw clone's child: untold, but the word was wiped. */
	if (n != 0 && atomic_load(atomic_load(&word)) == 0) {
		become_child(false);
		reset();
#ifndef NDEBUG
		held = 0;
#endif
		n = atomic_load(&number);
	}
	return n;
}

bool
pcl_process_is(uint32_t process)
{
	return atomic_load(&number) == process &&
	    atomic_load(word) == process && atomic_load(&pid) == pcl_os_pid();
}

bool
pcl_process_known(void)
{
	return pcl_process_is(atomic_load(&number));
}

int
pcl_move_allowed(void)
{
	unsigned n = atomic_load(&n_units);
	int rc = 0;

	for (unsigned i = 0; i < n && rc >= 0; i++)
		if (units[i]->may_move != NULL)
			rc = units[i]->may_move();
	return rc;
}

void
pcl_move_leave(void)
{
	unsigned n = atomic_load(&n_units);

	while (n-- > 0)
		if (units[n]->leave != NULL)
			units[n]->leave();
}

int64_t
pcl_move_fork(void)
{
	int64_t child;

	moving = true;
	child = pcl_os_fork();
	moving = false;
	return child;
}

int64_t
pcl_fork_own(void)
{
	int64_t child;

	own = true;
	child = pcl_os_fork();
	own = false;
	return child;
}

int
pcl_move_settle(bool moved)
{
	unsigned n = atomic_load(&n_units);
	int rc = 0;

	for (unsigned i = 0; i < n && rc >= 0; i++)
		if (units[i]->settle != NULL)
			rc = units[i]->settle(moved);
	return rc;
}

void
pcl_move_disown(void)
{
	assume(atomic_load(&number) + 1);
}

void
pcl_move_resume(void)
{
	assume(atomic_load(&number) - 1);
}

void
pcl_fork_callback_lost(void)
{
	for (unsigned i = 0; i < atomic_load(&n_units); i++)
		if (units[i]->callback_lost != NULL)
			units[i]->callback_lost();
}

void
pcl_fork_over(void)
{
	for (unsigned i = 0; i < atomic_load(&n_units); i++)
		if (units[i]->over != NULL)
			units[i]->over();
}

void
pcl_move_forget(void)
{
	lock_all();
	forget_parent();
	unlock_all();
}

size_t
pcl_fork_handles(int *fds, size_t room)
{
	size_t n = 0, left;

	for (unsigned i = 0; i < atomic_load(&n_units); i++) {
		if (units[i]->handles == NULL)
			continue;
		left = n < room ? room - n : 0;
		n += units[i]->handles(left == 0 ? NULL : fds + n, left);
	}
	return n;
}

/* Put one more into a slot's answer. */
void
pcl_handle_put(intptr_t handle, int *fds, size_t room, size_t *n)
{
	if (handle == PCL_NONE)
		return;
	if (*n < room)
		fds[*n] = (int)handle;
	(*n)++;
}

void
pcl_returned(uint32_t process)
{
	if (pcl_process() == process)
		return;
	if (stray != NULL)
		stray();
	pcl_os_exit(0);
}

void
pcl_on_stray_return(void (*leave)(void))
{
	stray = leave;
}
