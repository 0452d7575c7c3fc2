/*
 * plan.c - what a launch needs, made before the first fork.
 *
 * Promise: whatever can be known to be wrong is found here, in the caller's
 * sight, and nothing of it remains.
 */
#include "launch.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "fork.h"

enum { READY_TIMEOUT_MS = 30000, UMASK = 027, FD_FALLBACK = 65536 };

enum {
	KNOWN_FLAGS = PROCLC_DAEMON_ALLOW_THREADS | PROCLC_DAEMON_WAIT_READY |
	    PROCLC_DAEMON_STRIP_CMD_ARGS | PROCLC_DAEMON_KEEP_ENVIRONMENT
};

void
pcl_plan_release(struct pcl_plan *p)
{
	for (int i = 0; i < 3; i++)
		pcl_os_close(p->std[i]);
	for (int i = 0; i < 2; i++)
		pcl_os_close(p->channel[i]);
	pcl_os_close(p->dir);
	free(p->keep);
	for (int i = 0; i < 3; i++)
		free(p->logs[i]);
	free(p->args);
	pcl_os_user_free(p->user);
	if (p->pinned)
		pcl_os_process_close(&p->daemon);
}

void
pcl_plan_undo(const struct pcl_plan *p)
{
	for (int i = 0; i < 3; i++)
		if (p->made[i])
			pcl_os_file_unmake(p->logs[i], p->std[i]);
}

static int
read_options(struct pcl_plan *p, const struct proclc_daemon_options *options)
{
	struct proclc_daemon_options *o = &p->o;
	int rc = pcl_options_read(o, sizeof(*o), options);

	if (rc < 0)
		return rc;
	if ((o->flags & ~(uint32_t)KNOWN_FLAGS) != 0 ||
	    (o->umask & ~(PROCLC_UMASK_SET | 0777u)) != 0 ||
	    (o->umask != 0 && (o->umask & PROCLC_UMASK_SET) == 0) ||
	    o->ready_timeout_ms < PROCLC_FOREVER ||
	    (o->n_keep_fds > 0 && o->keep_fds == NULL) ||
	    o->mode > PROCLC_DAEMON_AUTO || o->reserved != 0 ||
	    o->n_keep_fds > INT_MAX / 2 || o->fd_fallback_limit > INT_MAX ||
	    (o->args_size > 0 && o->args == NULL))
		return pcl_fail(PROCLC_EINVAL, PROCLC_STAGE_ARGUMENTS,
		    "options");
	if (o->fd_fallback_limit == 0)
		o->fd_fallback_limit = FD_FALLBACK;
	if (o->mode == PROCLC_DAEMON_AUTO && pcl_supervised())
		o->mode = PROCLC_DAEMON_FOREGROUND;
	if (o->mode != PROCLC_DAEMON_FOREGROUND)
		o->mode = PROCLC_DAEMON_DETACH;
	/* A supervisor has chosen one. */
	if (o->umask == 0 && o->mode == PROCLC_DAEMON_DETACH)
		o->umask = UMASK;
	if (o->ready_timeout_ms == 0)
		o->ready_timeout_ms = READY_TIMEOUT_MS;
	return 0;
}

static int
copy_args(struct pcl_plan *p)
{
	if (p->o.args_size == 0)
		return 0;
	p->args = malloc(p->o.args_size);
	if (p->args == NULL)
		return pcl_fail(PROCLC_ENOMEM, PROCLC_STAGE_MEMORY,
		    "arguments of the daemon");
	memcpy(p->args, p->o.args, p->o.args_size);
	return 0;
}

/* Asked now, for the answer may need files, servers and descriptors. */
static int
find_user(struct pcl_plan *p)
{
	const char *user = p->o.user, *group = p->o.group;
	int rc;

	if (user == NULL && group == NULL)
		return 0;
	rc = pcl_os_user_find(user, group, &p->user);
	if (rc < 0)
		return pcl_fail(rc, PROCLC_STAGE_USER, "user %s, group %s",
		    user == NULL ? "as before" : user,
		    group == NULL ? "his own" : group);
	return 0;
}

static int
open_file(struct pcl_plan *p, int i, const char *path, enum pcl_os_opening how)
{
	intptr_t old = p->std[i];
	int rc;

	if (path == NULL && p->o.mode == PROCLC_DAEMON_FOREGROUND)
		return 0;
	rc = pcl_os_file_redirect_open(path, how, p->user, &p->std[i]);
	/* To be made later; but not the null device. */
	if (rc == PROCLC_ENOENT && how == PCL_OS_APPEND && path != NULL)
		return 0;
	if (rc < 0)
		return pcl_fail(rc, PROCLC_STAGE_OPEN, "open %s",
		    path == NULL ? "the null device" : path);
	pcl_os_close(old);
	/* Where no pid file keeps them out another start may write to it. */
	p->made[i] = rc > 0 && p->o.pid_file != NULL;
	return 0;
}

static int
open_log(struct pcl_plan *p, int i, const char *path)
{
	int rc = path == NULL ? 0 : pcl_os_path_absolute(path, &p->logs[i]);

	if (rc < 0)
		return pcl_fail(rc, PROCLC_STAGE_DIRECTORY, "place of %s",
		    path);
	return open_file(p, i, path, p->o.pid_file == NULL ? PCL_OS_MAKE :
	    PCL_OS_APPEND);
}

static int
open_files(struct pcl_plan *p)
{
	int rc = open_file(p, 0, p->o.stdin_path, PCL_OS_READ);

	if (rc == 0)
		rc = open_log(p, 1, p->o.stdout_path);
	if (rc == 0)
		rc = open_log(p, 2, p->o.stderr_path);
	if (rc < 0 || p->o.chdir == NULL)
		return rc;
	rc = pcl_os_dir_open(p->o.chdir, &p->dir);
	if (rc < 0)
		return pcl_fail(rc, PROCLC_STAGE_DIRECTORY, "open %s",
		    p->o.chdir);
	return 0;
}

/* What one start has made another one may be writing to, and what it takes
 * away again as well: so logs are made by who holds the pid file, and what
 * was opened before is opened anew. */
static int
make_logs(struct pcl_plan *p)
{
	int rc = 0;

	if (p->logs[1] != NULL)
		rc = open_file(p, 1, p->o.stdout_path, PCL_OS_MAKE);
	if (rc == 0 && p->logs[2] != NULL)
		rc = open_file(p, 2, p->o.stderr_path, PCL_OS_MAKE);
	return rc;
}

static int
open_channel(struct pcl_plan *p)
{
	int rc = pcl_os_channel_open(p->channel);

	if (rc == 0)
		rc = pcl_os_file_id(p->channel[PCL_DAEMON_END],
		    &p->channel_id);
	return rc < 0 ? pcl_fail(rc, PROCLC_STAGE_PIPE, "open a channel") : 0;
}

int
pcl_plan_make(struct pcl_plan *p, const struct proclc_daemon_options *options)
{
	int rc;

	p->dir = p->channel[0] = p->channel[1] = PCL_NONE;
	p->std[0] = p->std[1] = p->std[2] = PCL_NONE;
	rc = read_options(p, options);

	if (rc == 0)
		rc = pcl_fork_init();
	if (rc == 0 && pcl_daemon_is())
		rc = pcl_fail(PROCLC_EALREADY, PROCLC_STAGE_ARGUMENTS,
		    "a daemon already");
	if (rc == 0 && p->o.mode == PROCLC_DAEMON_DETACH)
		rc = pcl_move_allowed();
	if (rc == 0)
		rc = copy_args(p);
	if (rc == 0)
		rc = find_user(p);
	if (rc == 0)
		rc = open_files(p);
	if (rc == 0 && p->o.mode == PROCLC_DAEMON_DETACH)
		rc = open_channel(p);
	if (rc < 0 || p->o.pid_file == NULL)
		return rc;
	/* Late: what fails before it has not touched the file. */
	rc = proclc_pidfile_open(&p->pidfile, p->o.pid_file, NULL);
	return rc < 0 ? rc : make_logs(p);
}
