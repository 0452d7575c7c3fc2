/*
 * command.c - a program as a task: what is to be run, copied.
 */
#include "command.h"

#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "fork.h"

/* Nothing of it runs in a child of ours. */
static const struct proclc_task_ops ops = {
	.size = sizeof(ops),
	.name = "command",
};

const char *
pcl_command_name(const struct pcl_command *command)
{
	return command->o.name;
}

void
pcl_command_free(struct pcl_command *command)
{
	free(command);
}

/* Copies lie behind the struct, in the same piece of memory; base NULL: they
 * are only counted. */
struct copies {
	char *base;
	size_t used;
};

static void *
take(struct copies *to, size_t size, size_t align)
{
	char *at;

	to->used = (to->used + align - 1) / align * align;
	at = to->base == NULL ? NULL : to->base + to->used;
	to->used += size;
	return at;
}

static void *
copy(struct copies *to, const void *from, size_t size, size_t align)
{
	char *at = from == NULL ? NULL : take(to, size, align);

	if (at != NULL)
		memcpy(at, from, size);
	return at;
}

static char *
copy_string(struct copies *to, const char *from)
{
	return copy(to, from, from == NULL ? 0 : strlen(from) + 1, 1);
}

/* Strings, to a NULL. */
static char **
copy_strings(struct copies *to, char *const *from)
{
	size_t n = 0;
	char **list;

	while (from != NULL && from[n] != NULL)
		n++;
	list = copy(to, from, (n + 1) * sizeof(*from), sizeof(*from));
	for (size_t i = 0; i < n; i++) {
		char *string = copy_string(to, from[i]);

		if (list != NULL)
			list[i] = string;
	}
	return list;
}

static struct pcl_os_pass *
copy_passes(struct copies *to, const struct proclc_pass *from, size_t n)
{
	struct pcl_os_pass *list = take(to, n * sizeof(*list),
	    sizeof(list->fd));

	for (size_t i = 0; list != NULL && i < n; i++)
		list[i] = (struct pcl_os_pass){ .fd = from[i].fd,
		    .as = from[i].as };
	return list;
}

static struct pcl_os_limit *
copy_limits(struct copies *to, const struct proclc_limit *from, size_t n)
{
	struct pcl_os_limit *list = take(to, n * sizeof(*list),
	    sizeof(list->soft));

	for (size_t i = 0; list != NULL && i < n; i++)
		list[i] = (struct pcl_os_limit){
		    .resource = from[i].resource, .soft = from[i].soft,
		    .hard = from[i].hard };
	return list;
}

static void
copy_all(struct pcl_command *c, struct copies *to, char *const argv[],
    const struct proclc_command_options *o)
{
	c->argv = copy_strings(to, argv);
	c->o = *o;
	c->o.restart = NULL;
	c->o.env = copy_strings(to, o->env);
	c->o.name = copy_string(to, o->name == NULL ? argv[0] : o->name);
	c->o.path = copy_string(to, o->path == NULL ? argv[0] : o->path);
	c->o.chdir = copy_string(to, o->chdir);
	c->o.in.path = copy_string(to, o->in.path);
	c->o.out.path = copy_string(to, o->out.path);
	c->o.err.path = copy_string(to, o->err.path);
	c->o.user = copy_string(to, o->user);
	c->o.group = copy_string(to, o->group);
	c->passes = copy_passes(to, o->fds, o->n_fds);
	c->copies = take(to, (3 + o->n_fds) * sizeof(*c->copies),
	    sizeof(c->copies->id.device));
	c->limits = copy_limits(to, o->limits, o->n_limits);
}

static struct pcl_command *
describe(char *const argv[], const struct proclc_command_options *o)
{
	struct pcl_command counted = { .run = 0 }, *c;
	struct copies to = { NULL, sizeof(counted) };

	copy_all(&counted, &to, argv, o);
	c = malloc(to.used);
	if (c == NULL)
		return NULL;
	*c = counted;
	to = (struct copies){ (char *)c, sizeof(counted) };
	copy_all(c, &to, argv, o);
	for (int i = 0; i < 3; i++)
		c->ends[i].handle = c->given[i] = PCL_NONE;
	c->channel[0] = c->channel[1] = PCL_NONE;
	for (size_t i = 0; i < 3 + o->n_fds; i++)
		c->copies[i].handle = PCL_NONE;
	return c;
}

static bool
is_stdio(const struct proclc_stdio *s, uint32_t last)
{
	bool file = s->kind == PROCLC_STDIO_FILE ||
	    s->kind == PROCLC_STDIO_APPEND;

	return s->kind <= last && (!file || s->path != NULL) &&
	    (s->kind != PROCLC_STDIO_FD || s->fd >= 0);
}

/* Each number once, and none that in, out and err are for. */
static bool
are_passes(const struct proclc_pass *fds, size_t n)
{
	if (n > 0 && fds == NULL)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (fds[i].fd < 0 || fds[i].as < 3)
			return false;
		for (size_t k = 0; k < i; k++)
			if (fds[k].as == fds[i].as)
				return false;
	}
	return true;
}

static bool
are_limits(const struct proclc_limit *limits, size_t n)
{
	if (n > 0 && limits == NULL)
		return false;
	for (size_t i = 0; i < n; i++)
		if (limits[i].reserved != 0)
			return false;
	return true;
}

static bool
are_flags(uint32_t flags)
{
	const uint32_t known = PROCLC_TASK_WAIT_FOR_CHILD |
	    PROCLC_TASK_EXPLICIT_START |
	    PROCLC_TASK_NO_TERMINATE_ON_SHUTDOWN | PROCLC_TASK_GROUP |
	    PROCLC_TASK_OUTLIVE_PARENT | PROCLC_TASK_TREE |
	    PROCLC_COMMAND_DIE_WITH_PARENT | PROCLC_COMMAND_KEEP_FDS;
	const uint32_t either = PROCLC_TASK_OUTLIVE_PARENT |
	    PROCLC_COMMAND_DIE_WITH_PARENT;

	return (flags & ~known) == 0 && (flags & either) != either;
}

static int
read_options(struct proclc_command_options *o,
    const struct proclc_command_options *options)
{
	int rc = pcl_options_read(o, sizeof(*o), options);
	const char *wrong = NULL;

	if (rc < 0)
		return rc;
	if (!are_flags(o->flags) || o->reserved != 0)
		wrong = "flags";
	else if (!is_stdio(&o->in, PROCLC_STDIO_FD) ||
	    !is_stdio(&o->out, PROCLC_STDIO_FD) ||
	    !is_stdio(&o->err, PROCLC_STDIO_OUT))
		wrong = "stdio";
	else if (!are_passes(o->fds, o->n_fds) || o->n_fds > INT32_MAX)
		wrong = "fds";
	else if (!are_limits(o->limits, o->n_limits) ||
	    o->n_limits > INT32_MAX)
		wrong = "limits";
	else if ((o->umask & ~(PROCLC_UMASK_SET | 0777u)) != 0 ||
	    (o->umask != 0 && (o->umask & PROCLC_UMASK_SET) == 0))
		wrong = "umask";
	return wrong == NULL ? 0 : pcl_fail(PROCLC_EINVAL,
	    PROCLC_STAGE_ARGUMENTS, "command: %s", wrong);
}

/* The start of a command is over when the program is there, so that nobody
 * need wait for more. */
static struct proclc_task *
make(struct pcl_command *command)
{
	struct proclc_task *task = calloc(1, sizeof(*task));

	if (task == NULL || pcl_task_extras(task) == NULL) {
		free(task);
		return NULL;
	}
	task->ops.task = &ops;
	task->flags = command->o.flags & ~(uint32_t)PROCLC_TASK_WAIT_FOR_CHILD;
	task->owner = pcl_process();
	task->extras->command = command;
	return task;
}

int
proclc_command_new(struct proclc_task **task, char *const argv[],
    const struct proclc_command_options *options)
{
	struct proclc_command_options o;
	struct pcl_command *command;
	struct proclc_task *made;
	int rc;

	if (task == NULL || argv == NULL || argv[0] == NULL)
		return pcl_fail(PROCLC_EINVAL, PROCLC_STAGE_ARGUMENTS,
		    "new command");
	rc = read_options(&o, options);
	if (rc == 0)
		rc = pcl_fork_init();
	if (rc < 0)
		return rc;
	command = describe(argv, &o);
	made = command == NULL ? NULL : make(command);
	if (made == NULL) {
		pcl_command_free(command);
		return pcl_fail(PROCLC_ENOMEM, PROCLC_STAGE_MEMORY,
		    "command %s", argv[0]);
	}
	rc = pcl_command_copy_fds(command);
	if (rc == 0 && o.restart != NULL)
		rc = pcl_keep_make(made, o.restart);
	if (rc == 0 && (o.flags & PROCLC_TASK_TREE) != 0)
		rc = pcl_tree_new(made);
	if (rc == 0 && (o.flags & PROCLC_TASK_EXPLICIT_START) == 0)
		rc = proclc_task_start(made);
	if (rc < 0) {
		pcl_task_forget(made);
		return rc;
	}
	*task = made;
	return 0;
}
