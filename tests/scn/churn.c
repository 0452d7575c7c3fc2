/*
 * churn forks N      N forks while four threads register and unregister
 * churn installed N  the same, with the signals installed; each child ends
 *                    by SIGTERM
 *	Each child has handlers of its own and one that is shared and oldest:
 *	that one ends it well when the others have run.
 * churn grow         the time of a call at 1000 handlers and at a million
 * churn reserve      without memory
 */
#define _GNU_SOURCE 1

#include "../settle.h"
#include "../toolkit/scn.h"

#include <proclc/atexit.h>
#include <proclc/error.h>

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

enum { THREADS = 4, EACH = 16, OWN = 3, GOOD = 77, BAD = 78 };

static void
do_nothing(void *user, const struct proclc_exit_cause *cause)
{
	(void)user;
	(void)cause;
}

static void
must(int rc)
{
	die_if(rc < 0, proclc_errmsg());
}

/* Forks. */

static atomic_bool done;
static char used[THREADS][EACH];
static int ran;

static void *
hammer(void *mine)
{
	char *names = mine;
	unsigned n = (unsigned)(names - used[0]);
	int token;

	while (!atomic_load(&done)) {
		n = n * 1103515245 + 12345;
		token = proclc_atexit_register(do_nothing,
		    &names[n >> 16 & (EACH - 1)], n >> 20 & 1);
		must(token);
		if ((n >> 21 & 1) != 0)
			proclc_atexit_cancel(token);
		else
			proclc_atexit_unregister(do_nothing,
			    &names[n >> 22 & (EACH - 1)]);
		if ((n >> 16 & 7) == 0)
			sched_yield();
	}
	return mine;
}

static void
count(void *user, const struct proclc_exit_cause *cause)
{
	(void)user;
	(void)cause;
	ran++;
}

static void
judge(void *parent, const struct proclc_exit_cause *cause)
{
	(void)cause;
	if (getpid() != *(pid_t *)parent)
		_exit(ran == OWN ? GOOD : BAD);
}

static _Noreturn void
live(int way)
{
	static char own[OWN];

	for (int i = 0; i < OWN; i++)
		must(proclc_atexit_register(count, &own[i], 0));
	if (way == 0)
		exit(1);
	if (way == 1)
		proclc_exit(1);
	if (way == 2)
		proclc_atexit_run(1);
	kill(getpid(), SIGTERM);
	for (;;)
		pause();
}

/* One that hangs is found by its caller's patience. */
static void
fork_once(int way)
{
	int status;
	pid_t pid = fork();

	die_if(pid < 0, "fork");
	if (pid == 0)
		live(way);
	die_if(waitpid(pid, &status, 0) != pid, "waitpid");
	if (status == GOOD << 8)
		return;
	say("a child's status is %#x", (unsigned)status);
	_exit(1);
}

static void
churn(int n, bool installed)
{
	static pid_t self;
	pthread_t threads[THREADS];

	self = getpid();
	must(proclc_atexit_register(judge, &self, PROCLC_ATEXIT_SHARED));
	if (installed)
		must(proclc_atexit_install(NULL));
	for (int i = 0; i < THREADS; i++)
		die_if(pthread_create(&threads[i], NULL, hammer, used[i]) !=
		    0, "thread");
	for (int i = 0; i < n; i++)
		fork_once(installed ? 3 : i % 3);
	atomic_store(&done, true);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	say("forked %d", n);
}

/* Growth. */

enum { FEW = 1000, MANY = 1000000 };

static char places[MANY];
static int tokens[MANY], order[MANY];

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int
compare(const void *a, const void *b)
{
	return *(const int *)a < *(const int *)b ? -1 :
	    *(const int *)a > *(const int *)b;
}

static void
shuffle(int n)
{
	uint64_t state = 1;

	for (int i = 0; i < n; i++) {
		int k;

		state = state * UINT64_C(6364136223846793005) + 1;
		k = (int)((state >> 33) % (unsigned)(i + 1));
		order[i] = order[k];
		order[k] = i;
	}
}

/* Sorts a copy of the tokens, so that the removal is by the true ones. */
static void
check_unique(int n)
{
	int *sorted = malloc((size_t)n * sizeof(*sorted));

	die_if(sorted == NULL, "memory");
	memcpy(sorted, tokens, (size_t)n * sizeof(*sorted));
	qsort(sorted, (size_t)n, sizeof(*sorted), compare);
	for (int i = 0; i < n; i++)
		die_if(sorted[i] <= 0 ||
		    (i > 0 && sorted[i] == sorted[i - 1]), "same token");
	free(sorted);
}

/* Nanoseconds for one handler to come and go, in random order. */
static double
time_one(int n)
{
	double begun = now(), added;
	int removed = 0;

	for (int i = 0; i < n; i++)
		tokens[i] = proclc_atexit_register(do_nothing, &places[i],
		    i % 2 == 0 ? 0 : PROCLC_ATEXIT_SHARED);
	added = now();
	check_unique(n);
	shuffle(n);
	begun += now() - added;
	for (int i = 0; i < n; i++)
		removed += i % 2 == 0 ?
		    proclc_atexit_cancel(tokens[order[i]]) :
		    proclc_atexit_unregister(do_nothing, &places[order[i]]);
	die_if(removed != n, "removed");
	return (now() - begun) / n;
}

static void
grow(void)
{
	double few, many;

	/* The best of several: it is short. */
	few = time_one(FEW);
	for (int i = 0; i < 20; i++) {
		double again = time_one(FEW);

		few = again < few ? again : few;
	}
	many = time_one(MANY);
	say("ratio %d", (int)(many / few));
}

/* Memory. */

enum { RESERVED = 32 };

static int last;

static void
descend(void *place, const struct proclc_exit_cause *cause)
{
	int at = (int)((char *)place - places);

	(void)cause;
	if (at != last - 1)
		_exit(BAD);
	last = at;
}

/* The first one is gone. */
static void
check_all(void)
{
	say("all ran %d", last == 1);
}

/* From now on malloc fails. */
static void
use_up_memory(void)
{
	struct rlimit none = { 1, RLIM_INFINITY };
	/* Kept from the compiler, which knows what malloc does. */
	static void *volatile got;

	getrlimit(RLIMIT_AS, &none);
	none.rlim_cur = 1;
	die_if(setrlimit(RLIMIT_AS, &none) != 0, "setrlimit");
	for (size_t size = 1 << 20; size > 0; size /= 2)
		while ((got = malloc(size)) != NULL)
			continue;
}

static void
reserve(void)
{
	int rc, first = 0;

	die_if(atexit(check_all) != 0, "atexit");
	/* The library's own page, which is no handler's. */
	proclc_atexit_cancel(1);
	use_up_memory();
	for (last = 0; last < RESERVED; last++) {
		rc = proclc_atexit_register(descend, &places[last], 0);
		must(rc);
		first = last == 0 ? rc : first;
	}
	rc = proclc_atexit_register(descend, &places[last], 0);
	say("then %s", proclc_error_name(rc));
	/* What has gone can come again. */
	if (proclc_atexit_cancel(first) != 1)
		_exit(BAD);
	must(proclc_atexit_register(descend, &places[last++], 0));
}

int
main(int argc, char **argv)
{
	if (argc == 3)
		churn(atoi(argv[2]), strcmp(argv[1], "installed") == 0);
	else if (strcmp(argv[1], "grow") == 0)
		grow();
	else
		reserve();
	return 0;
}
