/* malloc and its family: powers of two from one arena, behind one lock that
 * a thread cannot take twice. */
#define _GNU_SOURCE 1

#include "lockedmalloc.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

enum { CLASSES = 27, ALIGNMENT = 16 };

/* Before each block; next only while it is free. */
struct block {
	alignas(ALIGNMENT) size_t class;
	struct block *next;
};

static alignas(ALIGNMENT) char arena[(size_t)1 << 26];
static size_t used;
static struct block *free_blocks[CLASSES];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static _Thread_local int landing;
static atomic_int landed;

bool
lockedmalloc_works(void)
{
	/* Not optimized away: it must have come out of the arena. */
	char *volatile probe = malloc(1);
	uintptr_t at = (uintptr_t)probe;

	free(probe);
	return at >= (uintptr_t)arena &&
	    at < (uintptr_t)arena + sizeof(arena);
}

void
lockedmalloc_land(int signum)
{
	landing = signum;
}

int
lockedmalloc_landed(void)
{
	return atomic_load(&landed);
}

static void
enter(void)
{
	int saved = errno;

	pthread_mutex_lock(&lock);
	if (landing != 0) {
		atomic_fetch_add(&landed, 1);
		pthread_kill(pthread_self(), landing);
	}
	errno = saved;
}

static size_t
class_of(size_t size)
{
	size_t class = 5;

	while (class < CLASSES && ((size_t)1 << class) < size)
		class++;
	return class;
}

static struct block *
take(size_t class)
{
	size_t size = sizeof(struct block) + ((size_t)1 << class);
	struct block *block = free_blocks[class];

	if (block != NULL) {
		free_blocks[class] = block->next;
		return block;
	}
	if (size > sizeof(arena) - used)
		return NULL;
	block = (struct block *)(void *)(arena + used);
	used += size;
	block->class = class;
	return block;
}

/* Not malloc itself: a compiler would make a calloc of one and a memset. */
static void *
allocate(size_t size)
{
	size_t class = class_of(size);
	struct block *block = NULL;

	enter();
	if (class < CLASSES)
		block = take(class);
	pthread_mutex_unlock(&lock);
	if (block == NULL)
		errno = ENOMEM;
	return block == NULL ? NULL : block + 1;
}

EXPORT void *
malloc(size_t size)
{
	return allocate(size);
}

EXPORT void
free(void *memory)
{
	struct block *block = (struct block *)memory - 1;

	if (memory == NULL)
		return;
	enter();
	block->next = free_blocks[block->class];
	free_blocks[block->class] = block;
	pthread_mutex_unlock(&lock);
}

EXPORT void *
calloc(size_t n, size_t size)
{
	void *memory;

	if (size != 0 && n > SIZE_MAX / size)
		return NULL;
	memory = allocate(n * size);
	if (memory != NULL)
		memset(memory, 0, n * size);
	return memory;
}

EXPORT void *
realloc(void *memory, size_t size)
{
	struct block *block = (struct block *)memory - 1;
	size_t room = memory == NULL ? 0 : (size_t)1 << block->class;
	void *larger;

	if (memory != NULL && size <= room)
		return memory;
	larger = allocate(size);
	if (larger != NULL && memory != NULL) {
		memcpy(larger, memory, room);
		free(memory);
	}
	return larger;
}
