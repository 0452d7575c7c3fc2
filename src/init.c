/*
 * init.c - what a new run of the program may be told to be, by name.
 */
#include "reexec.h"

#include <stdlib.h>
#include <string.h>

#include "error.h"

struct named {
	const char *name;
	const void *ops;
	bool is_loop;
	struct named *next;
};

static struct named *all;
static char *program;	/* argv[0]; NULL: proclc_init was not called */

const char *
pcl_program(void)
{
	return program;
}

const void *
pcl_named_ops(const char *name, bool is_loop)
{
	for (struct named *n = all; n != NULL; n = n->next)
		if (n->is_loop == is_loop && strcmp(n->name, name) == 0)
			return n->ops;
	return NULL;
}

static int
add(const char *name, const void *ops, bool is_loop)
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
	*n = (struct named){ .name = name, .ops = ops, .is_loop = is_loop,
	    .next = all };
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
	return add(ops->name, ops, false);
}

int
proclc_register_loop(const struct proclc_loop_ops *ops)
{
	if (ops == NULL || ops->size < sizeof(*ops) || ops->name == NULL ||
	    ops->loop == NULL)
		return pcl_fail(PROCLC_EINVAL, PROCLC_STAGE_ARGUMENTS,
		    "register");
	return add(ops->name, ops, true);
}

int
proclc_init(int *argc, char ***argv)
{
	const char *name;

	if (argc == NULL || argv == NULL || *argv == NULL)
		return pcl_fail(PROCLC_EINVAL, PROCLC_STAGE_ARGUMENTS,
		    "init");
	name = *argc > 0 && (*argv)[0] != NULL ? (*argv)[0] : "";
	if (program == NULL)
		program = strdup(name);
	if (program == NULL)
		return pcl_fail(PROCLC_ENOMEM, PROCLC_STAGE_MEMORY, "init");
	return *argc > 1 ? pcl_reexec_enter((*argv)[1]) : 0;
}
