/*
 * The blocks of memory that count and are not freed: a set of addresses
 * without a lock, for a child of a raw clone would find it locked for ever.
 */
#include "blocks.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

static atomic_long living;

enum { SLOTS = 65536, REMOVED = 1 };

static _Atomic uintptr_t slots[SLOTS];

static size_t
slot_of(uintptr_t address)
{
	return (address / 16 * UINT64_C(11400714819323198485)) >> 48;
}

void
blocks_add(void *p)
{
	uintptr_t address = (uintptr_t)p, seen;
	size_t i;

	for (i = slot_of(address); p != NULL; i++) {
		seen = atomic_load(&slots[i % SLOTS]);
		if (seen <= REMOVED && atomic_compare_exchange_strong(
		    &slots[i % SLOTS], &seen, address)) {
			atomic_fetch_add(&living, 1);
			return;
		}
	}
}

void
blocks_remove(void *p)
{
	uintptr_t address = (uintptr_t)p, seen = REMOVED;
	size_t i;

	for (i = slot_of(address); p != NULL && seen != 0; i++) {
		seen = atomic_load(&slots[i % SLOTS]);
		if (seen == address && atomic_compare_exchange_strong(
		    &slots[i % SLOTS], &seen, REMOVED)) {
			atomic_fetch_sub(&living, 1);
			return;
		}
	}
}

long
blocks_count(void)
{
	return atomic_load(&living);
}
