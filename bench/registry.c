/*
 * registry.c - to register exit handlers, to take them back and to run them.
 *
 * Two floors: an array with a mutex, which hands out places as tokens and does
 * not see that one is there already; and what the contract asks for, a list
 * with two tables of chains under a mutex.  The time of one operation must not
 * grow with their number; that of memory that is in no cache does, for all.
 */
#include <config.h>

#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <proclc.h>

#include "keeper.h"
#include "place.h"

/* So many at least are timed at once, and so many run. */
enum { TIMED = 2000, RUN = 100 };

static const struct keeper *keeper;
static int *tokens;
char *keeper_users;
static unsigned room;

/* What a look at the clock costs: with 10 handlers it matters. */
static int64_t look_ns;

static void
measure_look(void)
{
	int64_t least = INT64_MAX, from, took;

	for (int i = 0; i < 1000; i++) {
		from = bench_now_ns();
		took = bench_now_ns() - from;
		if (took < least)
			least = took;
	}
	look_ns = least;
}

static void
make_room(unsigned n)
{
	if (n <= room)
		return;
	tokens = realloc(tokens, n * sizeof(*tokens));
	keeper_users = realloc(keeper_users, n);
	if (tokens == NULL || keeper_users == NULL)
		bench_fatal("no memory");
	room = n;
}

/* In no order that could help: the prime divides no n here. */
static unsigned
place(unsigned i, unsigned n)
{
	return (unsigned)((uint64_t)i * 7919 % n);
}

static void
add_all(unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		tokens[i] = keeper->add(&keeper_users[i]);
		bench_proclc(tokens[i], "register");
	}
}

static void
cancel_all(unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		keeper->cancel(tokens[place(i, n)]);
}

static void
take_all_back(unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		keeper->take_back(&keeper_users[place(i, n)]);
}

static int64_t
time_of(void (*fn)(unsigned n), unsigned n)
{
	int64_t from = bench_now_ns();

	fn(n);
	return bench_now_ns() - from - look_ns;
}

/* add, and then remove; the time of one of them. */
static int64_t
cycles(unsigned n, void (*remove)(unsigned n), bool adding)
{
	unsigned times = n < TIMED ? TIMED / n : 1;
	int64_t sum = 0;

	make_room(n);
	for (unsigned i = 0; i < times; i++) {
		int64_t to_add = time_of(add_all, n);
		int64_t to_remove = time_of(remove, n);

		sum += adding ? to_add : to_remove;
	}
	/* Where the look costs more than all of it, as under a sanitizer. */
	return sum < (int64_t)times ? 1 : sum / times;
}

static int64_t
run_add(unsigned n)
{
	return cycles(n, cancel_all, true);
}

static int64_t
run_cancel(unsigned n)
{
	return cycles(n, cancel_all, false);
}

static int64_t
run_take_back(unsigned n)
{
	return cycles(n, take_all_back, false);
}

/* --- to run them: in a child, for it ends it --- */

static int64_t *stamps;
static volatile unsigned called;

void
keeper_call(void *user, const struct proclc_exit_cause *cause)
{
	(void)user;
	(void)cause;
	called++;
}

void
keeper_begin(void *user, const struct proclc_exit_cause *cause)
{
	(void)user;
	(void)cause;
	stamps[0] = bench_now_ns();
}

void
keeper_end(void *user, const struct proclc_exit_cause *cause)
{
	(void)user;
	(void)cause;
	stamps[1] = bench_now_ns();
}

static int64_t
run_all(unsigned n)
{
	unsigned times = n < RUN ? RUN / n : 1;
	int64_t sum = 0;
	int status;

	make_room(n);
	for (unsigned i = 0; i < times; i++) {
		pid_t pid = raw_fork();

		if (pid == 0) {
			keeper->add_and_run(n);
			_exit(1);
		}
		if (waitpid(pid, &status, 0) != pid || status != 0)
			bench_fatal("the child did not run them");
		sum += stamps[1] - stamps[0] - look_ns;
	}
	return sum / times;
}

static const char *
set_up(const struct keeper *by)
{
	keeper = by;
	measure_look();
	stamps = mmap(NULL, 2 * sizeof(*stamps), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (stamps == MAP_FAILED)
		bench_libc(-1, "mmap");
	return NULL;
}

/* --- the library --- */

static int
our_add(void *user)
{
	return proclc_atexit_register(keeper_call, user, 0);
}

static void
our_cancel(int token)
{
	if (proclc_atexit_cancel(token) != 1)
		bench_fatal("cancel: no such handler");
}

static void
our_take_back(void *user)
{
	if (proclc_atexit_unregister(keeper_call, user) != 1)
		bench_fatal("unregister: no such handler");
}

static void
our_run(unsigned n)
{
	proclc_atexit_register(keeper_end, NULL, 0);
	for (unsigned i = 0; i < n; i++)
		our_add(&keeper_users[i]);
	proclc_atexit_register(keeper_begin, NULL, 0);
	proclc_exit(0);
}

static const struct keeper keeper_ours = {
	our_add, our_cancel, our_take_back, our_run
};

#define KEEPER(which) \
	static const char * \
	set_up_##which(void) \
	{ \
		return set_up(&keeper_##which); \
	} \
	static const struct bench_case

KEEPER(array)
array_add = { "array, a mutex", set_up_array, NULL, run_add, NULL },
array_cancel = { "array, a mutex", set_up_array, NULL, run_cancel, NULL },
array_run = { "array, no lock", set_up_array, NULL, run_all, NULL };

KEEPER(list)
list_add = { "bare: list and tables", set_up_list, NULL, run_add, NULL },
list_cancel = { "bare: list and tables", set_up_list, NULL, run_cancel,
    NULL },
list_take_back = { "bare: list and tables", set_up_list, NULL, run_take_back,
    NULL },
list_run = { "bare: list, lock for each", set_up_list, NULL, run_all, NULL };

KEEPER(ours)
our_add_all = { "register", set_up_ours, NULL, run_add, NULL },
our_cancel_all = { "cancel, in any order", set_up_ours, NULL, run_cancel,
    NULL },
our_take_all_back = { "unregister, in any order", set_up_ours, NULL,
    run_take_back, NULL },
our_run_all = { "run, from exit", set_up_ours, NULL, run_all, NULL };

/* With the gates that were set with an array. */
#define ROWS(bench, n) \
	{ bench, &array_add, &our_add_all, n, 1.1, BENCH_MEDIAN }, \
	{ bench, &list_add, &our_add_all, n, 0, BENCH_MEDIAN }, \
	{ bench, &array_cancel, &our_cancel_all, n, 1.3, BENCH_MEDIAN }, \
	{ bench, &list_cancel, &our_cancel_all, n, 0, BENCH_MEDIAN }, \
	{ bench, &list_take_back, &our_take_all_back, n, 0, BENCH_MEDIAN }, \
	{ bench, &array_run, &our_run_all, n, 6, BENCH_MEDIAN }, \
	{ bench, &list_run, &our_run_all, n, 0, BENCH_MEDIAN }

const struct bench_row rows_registry[] = {
	ROWS("exit-10", 10),
	ROWS("exit-1000", 1000),
	ROWS("exit-1000000", 1000000),
	{ NULL, NULL, NULL, 0, 0, BENCH_MEDIAN }
};
