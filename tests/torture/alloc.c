/*
 * alloc.so, preloaded: memory that is refused at a given allocation, or a
 * signal that comes while it is being given out.
 *
 *	ALLOC_FAIL=K       the K-th allocation fails; K+: all from it
 *	ALLOC_RAISE=K:N    signal N arrives in the K-th, or the first after it
 *	                   in a thread that lets it in, while the allocator's
 *	                   lock is held: who allocates then is aborted, where
 *	                   another malloc would hang
 *	ALLOC_ONLY=NAME    only allocations asked for by the object with NAME
 *	                   in its name count ("libproclc"); "" is the program
 *	ALLOC_MARKED=1     only those between marks (mark.h)
 *	ALLOC_LIVING=NAME  which object's blocks are the living ones (the
 *	                   program's where it is linked in); without, those
 *	                   of all that count
 *	ALLOC_REPORT=FD    at exit: "allocations N injected N living N"
 *
 * Living are blocks that are not freed; between marks or not.
 */
#define _GNU_SOURCE 1

#include "blocks.h"
#include "range.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

EXPORT void alloc_begin(void);
EXPORT void alloc_end(void);
EXPORT long alloc_injected(void);
EXPORT long alloc_living(void);

static struct {
	void *(*malloc)(size_t size);
	void *(*calloc)(size_t n, size_t size);
	void *(*realloc)(void *p, size_t size);
	void *(*aligned_alloc)(size_t alignment, size_t size);
	int (*posix_memalign)(void **p, size_t alignment, size_t size);
	void (*free)(void *p);
} real;

static struct {
	long fail;           /* 0: none */
	bool onwards;
	long raise;
	int signo;
	struct range only;   /* the callers that count */
	struct range living; /* and whose blocks are told */
	bool marked;
	int report;          /* -1: none */
} options = { .report = -1 };

static atomic_bool armed;
static atomic_long counted;

/* Shared with forked children: what is done to them is done to the story. */
static atomic_long no_injected, *injected = &no_injected;

/* Finding the real ones takes memory, too: it is never given back. */
static char early[65536] __attribute__((aligned(64)));
static size_t early_used;
static bool finding;

static void *
take_early(size_t size)
{
	void *p = early + early_used;

	early_used += (size + 63) / 64 * 64;
	if (early_used > sizeof(early))
		abort();
	return p;
}

static bool
is_early(const void *p)
{
	return (uintptr_t)p - (uintptr_t)early < sizeof(early);
}

static void
look_up(const char *name, void *function)
{
	void *found = dlsym(RTLD_NEXT, name);

	if (found == NULL)
		abort();
	memcpy(function, &found, sizeof(found));
}

static void
find_real(void)
{
	if (real.free != NULL || finding)
		return;
	finding = true;
	look_up("malloc", &real.malloc);
	look_up("calloc", &real.calloc);
	look_up("realloc", &real.realloc);
	look_up("aligned_alloc", &real.aligned_alloc);
	look_up("posix_memalign", &real.posix_memalign);
	look_up("free", &real.free);
	finding = false;
}

/* The lock that a signal handler must not meet. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static _Thread_local volatile bool inside;

static void
enter(void)
{
	static const char text[] = "alloc: entered by a signal handler\n";

	if (options.raise == 0)
		return;
	if (inside) {
		(void)!write(2, text, sizeof(text) - 1);
		abort();
	}
	pthread_mutex_lock(&lock);
	inside = true;
}

static void
leave(void)
{
	if (options.raise == 0)
		return;
	inside = false;
	pthread_mutex_unlock(&lock);
}

static void
raise_once(void)
{
	static atomic_bool raised;
	sigset_t blocked;

	pthread_sigmask(SIG_SETMASK, NULL, &blocked);
	if (sigismember(&blocked, options.signo) == 1 ||
	    atomic_exchange(&raised, true))
		return;
	atomic_fetch_add(injected, 1);
	raise(options.signo);
}

static bool
counts(const void *caller)
{
	if (options.marked && !atomic_load(&armed))
		return false;
	return range_holds(&options.only, caller);
}

/* Whether this allocation is to fail. */
static bool
refused(const void *caller)
{
	long n;

	if (!counts(caller))
		return false;
	n = atomic_fetch_add(&counted, 1) + 1;
	if (options.raise > 0 && n >= options.raise)
		raise_once();
	if (options.fail == 0 || n < options.fail ||
	    (n > options.fail && !options.onwards))
		return false;
	atomic_fetch_add(injected, 1);
	errno = ENOMEM;
	return true;
}

static void *
given(void *p, const void *caller)
{
	if (options.living.to != 0 ? range_holds(&options.living, caller) :
	    counts(caller))
		blocks_add(p);
	leave();
	return p;
}

static void *
refuse(void)
{
	leave();
	return NULL;
}

/* What the program calls. */

EXPORT void *
malloc(size_t size)
{
	const void *caller = __builtin_return_address(0);

	find_real();
	if (real.malloc == NULL || finding)
		return take_early(size);
	enter();
	return refused(caller) ? refuse() : given(real.malloc(size), caller);
}

EXPORT void *
calloc(size_t n, size_t size)
{
	const void *caller = __builtin_return_address(0);

	find_real();
	if (real.calloc == NULL || finding)
		return take_early(n * size);
	enter();
	return refused(caller) ? refuse() :
	    given(real.calloc(n, size), caller);
}

EXPORT void *
realloc(void *p, size_t size)
{
	const void *caller = __builtin_return_address(0);
	void *moved;

	find_real();
	enter();
	if (refused(caller))
		return refuse();
	if (!is_early(p)) {
		moved = real.realloc(p, size);
	} else {
		moved = real.malloc(size);
		if (moved != NULL)
			memcpy(moved, p, size);
	}
	if (moved != NULL)
		blocks_remove(p);
	return given(moved, caller);
}

EXPORT void *
aligned_alloc(size_t alignment, size_t size)
{
	const void *caller = __builtin_return_address(0);

	find_real();
	enter();
	return refused(caller) ? refuse() :
	    given(real.aligned_alloc(alignment, size), caller);
}

EXPORT int
posix_memalign(void **p, size_t alignment, size_t size)
{
	const void *caller = __builtin_return_address(0);
	int error = ENOMEM;

	find_real();
	enter();
	if (refused(caller)) {
		leave();
		return error;
	}
	error = real.posix_memalign(p, alignment, size);
	given(error == 0 ? *p : NULL, caller);
	return error;
}

EXPORT void
free(void *p)
{
	find_real();
	if (is_early(p) || real.free == NULL)
		return;
	enter();
	blocks_remove(p);
	real.free(p);
	leave();
}

/* Marks. */

EXPORT void
alloc_begin(void)
{
	atomic_store(&armed, true);
}

EXPORT void
alloc_end(void)
{
	atomic_store(&armed, false);
}

EXPORT long
alloc_injected(void)
{
	return atomic_load(injected);
}

EXPORT long
alloc_living(void)
{
	return blocks_count();
}

/* Start and end. */

__attribute__((constructor))
static void
begin(void)
{
	const char *text;
	char *end;
	void *shared = mmap(NULL, sizeof(*injected), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (shared != MAP_FAILED)
		injected = shared;
	find_real();
	range_read(&options.only, "ALLOC_ONLY");
	if (!range_read(&options.living, "ALLOC_LIVING"))
		range_program(&options.living);
	options.marked = getenv("ALLOC_MARKED") != NULL;
	if ((text = getenv("ALLOC_REPORT")) != NULL)
		options.report = atoi(text);
	if ((text = getenv("ALLOC_FAIL")) != NULL) {
		options.fail = strtol(text, &end, 10);
		options.onwards = *end == '+';
	}
	if ((text = getenv("ALLOC_RAISE")) != NULL) {
		options.raise = strtol(text, &end, 10);
		options.signo = *end == ':' ? atoi(end + 1) : SIGUSR1;
	}
}

__attribute__((destructor))
static void
finish(void)
{
	if (options.report >= 0)
		dprintf(options.report, "allocations %ld injected %ld "
		    "living %ld\n", atomic_load(&counted),
		    atomic_load(injected), blocks_count());
}
