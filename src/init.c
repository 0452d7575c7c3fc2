/*
 * init.c - what a re-executed process may be told to run, by name.
 *
 * A child that is a fork knows its task; the names are for systems where it
 * is a new program.
 */
#include <proclc/subprocess.h>

#include <stdlib.h>
#include <string.h>

#include "error.h"

struct named {
	const char *name;
	const void *ops;
	struct named *next;
};

static struct named *all;

static int
add(const char *name, const void *ops)
{
	struct named *n;

	for (n = all; n != NULL; n = n->next)
		if (strcmp(n->name, name) == 0)
			return n->ops == ops ? 0 : pcl_fail(PROCLC_EEXIST,
			    PROCLC_STAGE_ARGUMENTS, "register %s", name);
	n = malloc(sizeof(*n));
	if (n == NULL)
		return pcl_fail(PROCLC_ENOMEM, PROCLC_STAGE_MEMORY,
		    "register %s", name);
	*n = (struct named){ .name = name, .ops = ops, .next = all };
	all = n;
	return 0;
}

int
proclc_register(const struct proclc_task_ops *ops)
{
	if (ops == NULL || ops->size < sizeof(*ops) || ops->name == NULL ||
	    ops->run == NULL)
		return pcl_fail(PROCLC_EINVAL, PROCLC_STAGE_ARGUMENTS,
		    "register");
	return add(ops->name, ops);
}

int
proclc_register_loop(const struct proclc_loop_ops *ops)
{
	if (ops == NULL || ops->size < sizeof(*ops) || ops->name == NULL ||
	    ops->loop == NULL)
		return pcl_fail(PROCLC_EINVAL, PROCLC_STAGE_ARGUMENTS,
		    "register");
	return add(ops->name, ops);
}

int
proclc_init(int *argc, char ***argv)
{
	if (argc == NULL || argv == NULL)
		return pcl_fail(PROCLC_EINVAL, PROCLC_STAGE_ARGUMENTS,
		    "init");
	return 0;
}
