/* Which object a call has come from: for alloc.c. */
#define _GNU_SOURCE 1

#include "range.h"

#include <link.h>
#include <stdlib.h>
#include <string.h>

bool
range_holds(const struct range *range, const void *caller)
{
	uintptr_t address = (uintptr_t)caller;

	return range->to == 0 ||
	    (address >= range->from && address < range->to);
}

struct search {
	const char *name;
	struct range range;
};

static int
find_object(struct dl_phdr_info *object, size_t size, void *arg)
{
	struct search *search = arg;
	bool program = object->dlpi_name[0] == '\0';
	int i;

	(void)size;
	if (search->name[0] == '\0' ? !program :
	    strstr(object->dlpi_name, search->name) == NULL)
		return 0;
	search->range.from = UINTPTR_MAX;
	for (i = 0; i < object->dlpi_phnum; i++) {
		const ElfW(Phdr) *part = &object->dlpi_phdr[i];
		uintptr_t from = object->dlpi_addr + part->p_vaddr;

		if (part->p_type != PT_LOAD)
			continue;
		if (from < search->range.from)
			search->range.from = from;
		if (from + part->p_memsz > search->range.to)
			search->range.to = from + part->p_memsz;
	}
	return 1;
}

bool
range_read(struct range *range, const char *variable)
{
	struct search search = { .name = getenv(variable) };

	if (search.name == NULL)
		return true;
	if (dl_iterate_phdr(find_object, &search) == 0) {
		*range = (struct range){ .from = 0, .to = 1 };
		return false;
	}
	*range = search.range;
	return true;
}

void
range_program(struct range *range)
{
	struct search search = { .name = "" };

	dl_iterate_phdr(find_object, &search);
	*range = search.range;
}
