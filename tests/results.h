/*
 * Tasks that leave a result whose bytes tell whether it is whole.
 *
 *	task = result_start(&leaves, &leave);
 *	ck_assert_int_eq(expect_whole(task), 5);
 */
#ifndef RESULTS_H
#define RESULTS_H

#include "spawns.h"

#include <string.h>

/* As many bytes as it says, of one kind; then how it ends. */
struct leave {
	size_t size;
	int times;	/* the last one counts */
	int end;	/* a signal, or 0 */
};

static inline void
fill(unsigned char *bytes, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		bytes[i] = (unsigned char)(size * 31 + i % 251);
}

static inline int
run_leave(void *user)
{
	static unsigned char bytes[PROCLC_RESULT_MAX];
	const struct leave *leave = user;
	size_t size;
	int i;

	for (i = leave->times; i > 0; i--) {
		size = leave->size >= (size_t)i ? leave->size - (size_t)i + 1 :
		    0;
		fill(bytes, size);
		if (proclc_task_result_set(size == 0 ? NULL : bytes, size) != 0)
			return 9;
	}
	if (leave->end != 0)
		raise(leave->end);
	return 0;
}

static const struct proclc_task_ops leaves = {
	.size = sizeof(leaves), .name = "leaves", .run = run_leave,
};

static inline struct proclc_task *
start_method(const struct proclc_task_ops *ops, const void *self, size_t size,
    uint32_t flags, uint32_t method)
{
	struct proclc_task *task = spawn_new(ops, self, size,
	    flags | PROCLC_TASK_RESULT, method);

	ck_assert_msg(proclc_task_start(task) == 0, "%s", proclc_errmsg());
	return task;
}

static inline struct proclc_task *
start(const struct proclc_task_ops *ops, const void *self)
{
	return start_method(ops, self, 0, PROCLC_TASK_WAIT_FOR_CHILD,
	    PROCLC_START_FORK);
}

/* What is there is whole; its size. */
static inline int64_t
expect_whole(struct proclc_task *task)
{
	static unsigned char got[PROCLC_RESULT_MAX], right[PROCLC_RESULT_MAX];
	int64_t size = proclc_task_result(task, got, sizeof(got));

	if (size < 0)
		return size;
	fill(right, (size_t)size);
	ck_assert(memcmp(got, right, (size_t)size) == 0);
	return size;
}

/* The memory as the child has it: the only shared one of this size. */
static inline char *
find_area(size_t *size)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[512], *found = NULL;
	unsigned long from, to;

	while (maps != NULL && fgets(line, sizeof(line), maps) != NULL)
		if (sscanf(line, "%lx-%lx rw-s", &from, &to) == 2 &&
		    strstr(line, " rw-s ") != NULL &&
		    to - from > (size_t)PROCLC_RESULT_MAX) {
			found = (char *)from;
			*size = to - from;
		}
	if (maps != NULL)
		fclose(maps);
	return found;
}

#endif
