/*
 * What happens to a task's child between fork and its own first step, by a
 * fork handler of the test: it may be held, or die.
 *
 *	birth_setup();
 *	birth = birth_exits;
 *	ck_assert_int_eq(proclc_task_start(task), PROCLC_ESTARTFAILED);
 */
#ifndef BIRTHS_H
#define BIRTHS_H

#include "tasks.h"

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>

/* Called in the parent before the fork and after it, and in the child, while
 * the library holds no lock; may be NULL. */
static void (*birth_before)(void);
static void (*birth_parent)(void);
static void (*birth)(void);

static inline void
birth_call_before(void)
{
	if (birth_before != NULL)
		birth_before();
}

static inline void
birth_call_parent(void)
{
	if (birth_parent != NULL)
		birth_parent();
}

static inline void
birth_call(void)
{
	if (birth != NULL)
		birth();
}

static inline void
birth_setup(void)
{
	static bool done;

	task_setup();
	birth = birth_before = birth_parent = NULL;
	/* The library's own handlers first. */
	ck_assert_int_eq(proclc_shutdown_all(0), 0);
	if (!done)
		ck_assert_int_eq(pthread_atfork(birth_call_before,
		    birth_call_parent, birth_call), 0);
	done = true;
}

/* Waits at the gate. */
static inline void
birth_is_held(void)
{
	letter_put('h');
	task_wait_at_gate(NULL);
}

static inline void
birth_exits(void)
{
	_exit(33);
}

static inline void
birth_is_killed(void)
{
	kill(getpid(), SIGKILL);
}

/* Another user's limit, that is: no thread can be made. */
static inline void
birth_without_threads(void)
{
	struct rlimit none = { 0, 0 };

	if (setrlimit(RLIMIT_NPROC, &none) < 0 ||
	    (getuid() == 0 && setuid(65534) < 0))
		_exit(1);
}

#endif
