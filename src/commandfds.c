/*
 * commandfds.c - the descriptors that a command was given.
 *
 * Promise: they are what they were when it was made, whatever becomes of the
 * numbers; and are kept only until no start can need them any more.
 */
#include "command.h"

#include "error.h"
#include "fork.h"

/* Those that have copies, for a forked child to close; PCL_LOCK_TASK. */
static struct pcl_command *with_copies;

const struct proclc_stdio *
pcl_command_standard(const struct pcl_command *c, int number)
{
	const struct proclc_stdio *all[3] = { &c->o.in, &c->o.out, &c->o.err };

	return all[number];
}

int
pcl_command_bad_fd(const struct pcl_command *c, int rc, int number)
{
	static const char *const names[3] = { "stdin", "stdout", "stderr" };
	const char *name = pcl_command_name(c);
	const struct proclc_stdio *s;

	if (number > 2)
		return pcl_fail(rc, PROCLC_STAGE_REDIRECT,
		    "command %s: descriptor %d", name, number);
	s = pcl_command_standard(c, number);
	return s->path == NULL ? pcl_fail(rc, PROCLC_STAGE_REDIRECT,
	    "command %s: %s", name, names[number]) :
	    pcl_fail(rc, PROCLC_STAGE_REDIRECT, "command %s: %s, %s", name,
	    names[number], s->path);
}

/* The first three copies are of 0 to 2, if any. */
static size_t
n_copies(const struct pcl_command *c)
{
	return 3 + c->o.n_fds;
}

static int
number_of(const struct pcl_command *c, size_t i)
{
	return i < 3 ? (int)i : c->passes[i - 3].as;
}

static int
copy(struct pcl_command *c, size_t i)
{
	struct pcl_pipe_end *end = &c->copies[i];
	const struct proclc_stdio *s;
	int rc;

	if (i < 3) {
		s = pcl_command_standard(c, (int)i);
		if (s->kind != PROCLC_STDIO_FD)
			return 0;
		rc = pcl_os_handle_copy(s->fd, &end->handle);
	} else {
		rc = pcl_os_handle_copy(c->passes[i - 3].fd, &end->handle);
		c->passes[i - 3].fd = (int)end->handle;
	}
	if (rc < 0) {
		end->handle = PCL_NONE;
		return rc;
	}
	rc = pcl_os_file_id(end->handle, &end->id);
	if (rc < 0) {
		pcl_os_close(end->handle);
		end->handle = PCL_NONE;
	}
	return rc;
}

int
pcl_command_copy_fds(struct pcl_command *c)
{
	int rc = 0;

	pcl_enter(PCL_LOCK_TASK);
	c->next = with_copies;
	with_copies = c;
	for (size_t i = 0; rc == 0 && i < n_copies(c); i++) {
		rc = copy(c, i);
		if (rc < 0)
			pcl_command_bad_fd(c, rc, number_of(c, i));
	}
	if (rc < 0)
		pcl_command_drop_copies(c);
	pcl_unlock(PCL_LOCK_TASK);
	return rc;
}

int
pcl_command_check_copies(struct pcl_command *c)
{
	for (size_t i = 0; i < n_copies(c); i++)
		if (c->copies[i].handle != PCL_NONE &&
		    !pcl_pipe_end_open(&c->copies[i]))
			return pcl_command_bad_fd(c, PROCLC_EBADF,
			    number_of(c, i));
	return 0;
}

static void
close_copies(struct pcl_command *c)
{
	for (size_t i = 0; i < n_copies(c); i++)
		pcl_pipe_end_close(&c->copies[i]);
}

void
pcl_command_drop_copies(struct pcl_command *c)
{
	struct pcl_command **at = &with_copies;

	/* In a forked child it is not there any more. */
	while (*at != NULL && *at != c)
		at = &(*at)->next;
	if (*at == NULL)
		return;
	*at = c->next;
	close_copies(c);
}

void
pcl_command_over(struct proclc_task *task)
{
	if (pcl_task_command(task) != NULL)
		pcl_command_drop_copies(pcl_task_command(task));
}

void
pcl_command_forget_copies(const struct pcl_command *but)
{
	for (struct pcl_command *c = with_copies; c != NULL; c = c->next)
		if (c != but)
			close_copies(c);
	with_copies = NULL;
}
