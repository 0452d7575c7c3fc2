/*
 * logs.c - the daemon's logs, opened anew after a rotation.
 *
 * Promise: both are the new ones, or both are the old ones; the paths mean
 * what they meant in the launcher.
 */
#include "launch.h"

#include "fork.h"

/* By descriptor; NULL: not a log. */
static char *paths[3];

void
pcl_logs_keep(struct pcl_plan *p)
{
	for (int i = 1; i < 3; i++) {
		paths[i] = p->logs[i];
		p->logs[i] = NULL;
	}
}

static int
fail(int rc, int i)
{
	return pcl_fail(rc, PROCLC_STAGE_OPEN, "reopen %s", paths[i]);
}

static int
redirect(const intptr_t files[3])
{
	int rc = 0;

	for (int i = 1; i < 3 && rc == 0; i++)
		if (files[i] != PCL_NONE)
			rc = pcl_os_redirect(files[i], i);
	return rc < 0 ? pcl_fail(rc, PROCLC_STAGE_REDIRECT, "reopen") : 0;
}

static int
reopen(void)
{
	intptr_t files[3] = { PCL_NONE, PCL_NONE, PCL_NONE };
	int rc = 0;

	for (int i = 1; i < 3 && rc >= 0; i++) {
		if (paths[i] == NULL)
			continue;
		rc = pcl_os_file_redirect_open(paths[i], PCL_OS_MAKE, NULL,
		    &files[i]);
		if (rc < 0)
			fail(rc, i);
	}
	if (rc >= 0) {
		pcl_os_stdio_flush();
		rc = redirect(files);
	}
	for (int i = 1; i < 3; i++)
		pcl_os_close(files[i]);
	return rc;
}

int
proclc_daemon_reopen_logs(void)
{
	int rc;

	if (!pcl_daemon_is())
		return pcl_fail(PROCLC_EINVAL, PROCLC_STAGE_ARGUMENTS,
		    "reopen logs: not a daemon");
	pcl_enter(PCL_LOCK_DAEMON);
	rc = reopen();
	pcl_unlock(PCL_LOCK_DAEMON);
	return rc;
}
