/* keeper-raw.c - exit handlers, kept by bare code. */
#include <config.h>

#include "keeper.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench.h"

/* --- an array --- */

static struct { handler fn; void *user; } *array;
static size_t used, array_room;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static int
array_put(handler fn, void *user)
{
	int token;

	pthread_mutex_lock(&mutex);
	if (used == array_room) {
		array_room = array_room == 0 ? 64 : 2 * array_room;
		array = realloc(array, array_room * sizeof(*array));
		if (array == NULL)
			bench_fatal("no memory");
	}
	array[used].fn = fn;
	array[used].user = user;
	token = (int)++used;
	pthread_mutex_unlock(&mutex);
	return token;
}

static int
array_add(void *user)
{
	return array_put(keeper_call, user);
}

static void
array_cancel(int token)
{
	pthread_mutex_lock(&mutex);
	array[token - 1].fn = NULL;
	while (used > 0 && array[used - 1].fn == NULL)
		used--;
	pthread_mutex_unlock(&mutex);
}

static void
array_run(unsigned n)
{
	array_put(keeper_end, NULL);
	for (unsigned i = 0; i < n; i++)
		array_add(&keeper_users[i]);
	array_put(keeper_begin, NULL);
	while (used-- > 0)
		array[used].fn(array[used].user, NULL);
	_exit(0);
}

const struct keeper keeper_array = {
	array_add, array_cancel, NULL, array_run
};

/* --- a list with tables --- */

struct node {
	handler fn;
	void *user;
	int token;
	struct node *older, *newer, *same_call, *same_token;
};

static struct node *newest, *oldest, **calls, **by_token;
static size_t nodes, length;
static int last_token;

static struct node **
call_chain(handler fn, const void *user)
{
	uint64_t key = (uint64_t)(uintptr_t)fn * 31 + (uintptr_t)user;

	return &calls[(key * UINT64_C(0x9e3779b97f4a7c15) >> 32) &
	    (length - 1)];
}

static struct node **
token_chain(int token)
{
	return &by_token[(size_t)token & (length - 1)];
}

static void
chain(struct node *node)
{
	struct node **call = call_chain(node->fn, node->user);
	struct node **token = token_chain(node->token);

	node->same_call = *call;
	*call = node;
	node->same_token = *token;
	*token = node;
}

static void
grow(void)
{
	free(calls);
	length = length == 0 ? 64 : 2 * length;
	calls = calloc(2 * length, sizeof(struct node *));
	if (calls == NULL)
		bench_fatal("no memory");
	by_token = calls + length;
	for (struct node *node = oldest; node != NULL; node = node->newer)
		chain(node);
}

static struct node *
find_call(handler fn, const void *user)
{
	struct node *node = length == 0 ? NULL : *call_chain(fn, user);

	while (node != NULL && (node->fn != fn || node->user != user))
		node = node->same_call;
	return node;
}

static int
list_put(handler fn, void *user)
{
	struct node *node;

	pthread_mutex_lock(&mutex);
	node = find_call(fn, user);
	if (node == NULL) {
		if (nodes >= length)
			grow();
		node = malloc(sizeof(*node));
		if (node == NULL)
			bench_fatal("no memory");
		*node = (struct node){ .fn = fn, .user = user,
		    .token = ++last_token, .older = newest };
		*(newest == NULL ? &oldest : &newest->newer) = node;
		newest = node;
		chain(node);
		nodes++;
	}
	pthread_mutex_unlock(&mutex);
	return last_token;
}

static int
list_add(void *user)
{
	return list_put(keeper_call, user);
}

static void
list_drop(struct node *node)
{
	struct node **at = call_chain(node->fn, node->user);

	while (*at != node)
		at = &(*at)->same_call;
	*at = node->same_call;
	at = token_chain(node->token);
	while (*at != node)
		at = &(*at)->same_token;
	*at = node->same_token;
	*(node->older == NULL ? &oldest : &node->older->newer) = node->newer;
	*(node->newer == NULL ? &newest : &node->newer->older) = node->older;
	nodes--;
	free(node);
}

static void
list_cancel(int token)
{
	struct node *node;

	pthread_mutex_lock(&mutex);
	node = *token_chain(token);
	while (node->token != token)
		node = node->same_token;
	list_drop(node);
	pthread_mutex_unlock(&mutex);
}

static void
list_take_back(void *user)
{
	pthread_mutex_lock(&mutex);
	list_drop(find_call(keeper_call, user));
	pthread_mutex_unlock(&mutex);
}

static bool
list_run_newest(void)
{
	handler fn = NULL;
	void *user = NULL;

	pthread_mutex_lock(&mutex);
	if (newest != NULL) {
		fn = newest->fn;
		user = newest->user;
		list_drop(newest);
	}
	pthread_mutex_unlock(&mutex);
	if (fn != NULL)
		fn(user, NULL);
	return fn != NULL;
}

static void
list_run(unsigned n)
{
	list_put(keeper_end, NULL);
	for (unsigned i = 0; i < n; i++)
		list_add(&keeper_users[i]);
	list_put(keeper_begin, NULL);
	while (list_run_newest())
		continue;
	_exit(0);
}

const struct keeper keeper_list = {
	list_add, list_cancel, list_take_back, list_run
};
