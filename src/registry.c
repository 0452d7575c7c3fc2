/*
 * registry.c - the exit handlers that are registered.
 *
 * Promise: to add, to find and to remove one takes the same time however many
 * there are, and the first ones need no memory.
 *
 * One list from the newest to the oldest, and two tables of chains: by what
 * is called, and by token.
 */
#include "registry.h"

#include <limits.h>
#include <stdlib.h>

#include "os/os.h"

enum { RESERVE = 32 };

static struct pcl_handler reserve[RESERVE];
static struct pcl_handler *unused;
static bool prepared;

static struct pcl_handler *newest, *oldest;
static size_t count, count_shared;
static int last_token;

/* As long as a power of 2, and grown with the list while memory lasts. */
static struct pcl_handler *first_calls[RESERVE], *first_tokens[RESERVE];
static struct pcl_handler **calls = first_calls;
static struct pcl_handler **tokens = first_tokens;
static size_t length = RESERVE;

static struct pcl_handler **
call_chain(void (*fn)(void *user, const struct proclc_exit_cause *cause),
    const void *user)
{
	uint64_t key = (uint64_t)(uintptr_t)fn * 31 + (uintptr_t)user;

	/* The high bits of the product depend on all of the key. */
	return &calls[(key * UINT64_C(0x9e3779b97f4a7c15) >> 32) &
	    (length - 1)];
}

static struct pcl_handler **
token_chain(int token)
{
	return &tokens[(size_t)token & (length - 1)];
}

static void
chain(struct pcl_handler *h)
{
	struct pcl_handler **call = call_chain(h->fn, h->user);
	struct pcl_handler **token = token_chain(h->token);

	h->same_call = *call;
	*call = h;
	h->same_token = *token;
	*token = h;
}

static void
unchain(struct pcl_handler *h)
{
	struct pcl_handler **at = call_chain(h->fn, h->user);

	while (*at != h)
		at = &(*at)->same_call;
	*at = h->same_call;
	at = token_chain(h->token);
	while (*at != h)
		at = &(*at)->same_token;
	*at = h->same_token;
}

/* Twice as long; without memory the chains just become longer. */
static void
grow(void)
{
	struct pcl_handler **more = calloc(4 * length, sizeof(*more));

	if (more == NULL)
		return;
	if (calls != first_calls)
		free(calls);
	length *= 2;
	calls = more;
	tokens = more + length;
	/* The newest of a chain first, as ever. */
	for (struct pcl_handler *h = oldest; h != NULL; h = h->newer)
		chain(h);
}

static void
dispose(struct pcl_handler *h)
{
	if (h < reserve || h >= reserve + RESERVE) {
		free(h);
		return;
	}
	h->older = unused;
	unused = h;
}

static struct pcl_handler *
make(void)
{
	struct pcl_handler *h;

	if (!prepared)
		for (int i = RESERVE - 1; i >= 0; i--)
			dispose(&reserve[i]);
	prepared = true;
	h = unused;
	if (h == NULL)
		return malloc(sizeof(*h));
	unused = h->older;
	return h;
}

static bool
is_shared(const struct pcl_handler *h)
{
	return (h->flags & PROCLC_ATEXIT_SHARED) != 0;
}

bool
pcl_registry_any_shared(void)
{
	return count_shared > 0;
}

static struct pcl_handler *
with_token(int token)
{
	struct pcl_handler *h = *token_chain(token);

	while (h != NULL && h->token != token)
		h = h->same_token;
	return h;
}

/* One that nobody has: after two thousand million they begin anew. */
static int
new_token(void)
{
	do
		last_token = last_token == INT_MAX ? 1 : last_token + 1;
	while (with_token(last_token) != NULL);
	return last_token;
}

static void
insert(struct pcl_handler *h, bool as_newest)
{
	h->older = as_newest ? newest : NULL;
	h->newer = as_newest ? NULL : oldest;
	*(h->older == NULL ? &oldest : &h->older->newer) = h;
	*(h->newer == NULL ? &newest : &h->newer->older) = h;
}

int
pcl_registry_add(const struct pcl_handler *wanted, bool as_newest)
{
	struct pcl_handler *h = make();

	if (h == NULL)
		return PROCLC_ENOMEM;
	*h = *wanted;
	h->token = new_token();
	if (count >= length)
		grow();
	insert(h, as_newest);
	chain(h);
	count++;
	count_shared += is_shared(h);
	return h->token;
}

void
pcl_registry_remove(struct pcl_handler *h)
{
	unchain(h);
	*(h->older == NULL ? &oldest : &h->older->newer) = h->newer;
	*(h->newer == NULL ? &newest : &h->newer->older) = h->older;
	count--;
	count_shared -= is_shared(h);
	dispose(h);
}

static bool
runs_in(const struct pcl_handler *h, uint32_t process)
{
	return h->owner == process || is_shared(h);
}

struct pcl_handler *
pcl_registry_newest(uint32_t process)
{
	while (newest != NULL && !runs_in(newest, process))
		pcl_registry_remove(newest);
	return newest;
}

struct pcl_handler *
pcl_registry_find(void (*fn)(void *user, const struct proclc_exit_cause *),
    void *user, uint32_t process)
{
	struct pcl_handler *h = *call_chain(fn, user);

	while (h != NULL && !(h->fn == fn && h->user == user &&
	    runs_in(h, process)))
		h = h->same_call;
	return h;
}

struct pcl_handler *
pcl_registry_find_token(int token, uint32_t process)
{
	struct pcl_handler *h = token > 0 ? with_token(token) : NULL;

	return h != NULL && runs_in(h, process) ? h : NULL;
}
