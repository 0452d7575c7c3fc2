/*
 * plan.c - what a launch needs, made before the first fork.
 *
 * Promise: whatever can be known to be wrong is found here, in the caller's
 * sight, and nothing of it remains.
 */
#include "launch.h"

#include <limits.h>
#include <stdlib.h>

#include "fork.h"

enum { READY_TIMEOUT_MS = 30000, UMASK = 027 };

void
pcl_plan_release(struct pcl_plan *p)
{
	for (int i = 0; i < 3; i++)
		pcl_os_close(p->std[i]);
	for (int i = 0; i < 2; i++)
		pcl_os_close(p->channel[i]);
	pcl_os_close(p->dir);
	free(p->keep);
	if (p->pinned)
		pcl_os_process_close(&p->daemon);
}


static int
read_options(struct pcl_plan *p, const struct proclc_daemon_options *options)
{
	struct proclc_daemon_options *o = &p->o;
	int rc = pcl_options_read(o, sizeof(*o), options);

	if (rc < 0)
		return rc;
	if ((o->flags & ~(uint32_t)(PROCLC_DAEMON_ALLOW_THREADS |
	    PROCLC_DAEMON_WAIT_READY)) != 0 || o->reserved != 0 ||
	    (o->umask & ~(PROCLC_UMASK_SET | 0777u)) != 0 ||
	    (o->umask != 0 && (o->umask & PROCLC_UMASK_SET) == 0) ||
	    o->ready_timeout_ms < PROCLC_FOREVER ||
	    (o->n_keep_fds > 0 && o->keep_fds == NULL) ||
	    o->n_keep_fds > INT_MAX / 2)
		return pcl_fail(PROCLC_EINVAL, PROCLC_STAGE_ARGUMENTS,
		    "options");
	if (o->umask == 0)
		o->umask = UMASK;
	if (o->ready_timeout_ms == 0)
		o->ready_timeout_ms = READY_TIMEOUT_MS;
	return 0;
}

static int
open_files(struct pcl_plan *p)
{
	const char *paths[3] = { p->o.stdin_path, p->o.stdout_path,
	    p->o.stderr_path };
	int rc;

	for (int i = 0; i < 3; i++) {
		rc = pcl_os_file_redirect_open(paths[i], i == 0, &p->std[i]);
		if (rc < 0)
			return pcl_fail(rc, PROCLC_STAGE_OPEN, "open %s",
			    paths[i] == NULL ? "the null device" : paths[i]);
	}
	if (p->o.chdir == NULL)
		return 0;
	rc = pcl_os_dir_open(p->o.chdir, &p->dir);
	if (rc < 0)
		return pcl_fail(rc, PROCLC_STAGE_DIRECTORY, "open %s",
		    p->o.chdir);
	return 0;
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
	if (rc == 0)
		rc = pcl_move_allowed();
	if (rc == 0)
		rc = open_files(p);
	if (rc == 0) {
		rc = pcl_os_channel_open(p->channel);
		if (rc < 0)
			pcl_fail(rc, PROCLC_STAGE_PIPE, "open a channel");
	}
	/* Last: what fails before it has not touched the file. */
	if (rc == 0 && p->o.pid_file != NULL)
		rc = proclc_pidfile_open(&p->pidfile, p->o.pid_file, NULL);
	return rc;
}
