/*
 * foreground.c - a daemon that stays where its supervisor has started it.
 *
 * Promise: what was not asked for is not touched; after a failure nothing has
 * changed.  Other threads run all the time.
 */
#include "launch.h"

#include <stdlib.h>

/* The parent's number says nothing: 1 is everybody's who was orphaned, and a
 * supervisor may be any.  What systemd says to a service of every kind says
 * nothing either: one of Type=forking has to go to the background. */
bool
pcl_supervised(void)
{
	const char *notify = getenv("NOTIFY_SOCKET");
	const char *listen = getenv("LISTEN_PID");

	return (notify != NULL && *notify != '\0') ||
	    (listen != NULL && strtoll(listen, NULL, 10) == pcl_os_pid()) ||
	    pcl_os_pid() == 1;
}

/* What has been changed, and was. */
struct before {
	intptr_t std[3];	/* PCL_NONE: it was closed */
	bool close_on_exec[3];
	bool redirected[3];
	intptr_t dir;
	bool left;
	unsigned umask;
	bool masked;
	bool claimed;
};

/* So that the way back needs nothing. */
static int
keep(struct before *b, const struct pcl_plan *p)
{
	int rc = 0;

	for (int i = 0; i < 3 && rc >= 0; i++) {
		if (p->std[i] == PCL_NONE)
			continue;
		rc = pcl_os_standard_keep(i, &b->std[i]);
		b->close_on_exec[i] = rc > 0;
	}
	if (rc < 0)
		return pcl_fail(rc, PROCLC_STAGE_REDIRECT, "redirect");
	rc = p->dir == PCL_NONE ? 0 : pcl_os_dir_open(".", &b->dir);
	return rc < 0 ? pcl_fail(rc, PROCLC_STAGE_DIRECTORY, "open .") : 0;
}

static void
release(const struct before *b)
{
	for (int i = 0; i < 3; i++)
		pcl_os_close(b->std[i]);
	pcl_os_close(b->dir);
}

static int
redirect(struct before *b, const struct pcl_plan *p)
{
	int rc = 0;

	/* What was said so far belongs where it was said. */
	if (p->std[1] != PCL_NONE || p->std[2] != PCL_NONE)
		pcl_os_stdio_flush();
	for (int i = 0; i < 3 && rc == 0; i++) {
		if (p->std[i] == PCL_NONE)
			continue;
		rc = pcl_os_redirect(p->std[i], i);
		b->redirected[i] = rc == 0;
	}
	return rc < 0 ? pcl_fail(rc, PROCLC_STAGE_REDIRECT, "redirect") : 0;
}

static int
change_place(struct before *b, const struct pcl_plan *p)
{
	int rc = p->dir == PCL_NONE ? 0 : pcl_os_chdir(p->dir);

	if (rc < 0)
		return pcl_fail(rc, PROCLC_STAGE_CHDIR, "change directory");
	b->left = p->dir != PCL_NONE;
	b->masked = p->o.umask != 0;
	if (b->masked)
		b->umask = pcl_os_umask(p->o.umask & 0777);
	return 0;
}

static int
change(struct before *b, struct pcl_plan *p)
{
	int rc = redirect(b, p);

	if (rc == 0)
		rc = change_place(b, p);
	if (rc == 0)
		rc = pcl_daemon_claim(p);
	b->claimed = rc == 0;
	/* All that may need more rights is done. */
	if (rc == 0)
		rc = pcl_daemon_change_user(p);
	return rc;
}

static void
undo(const struct before *b, struct pcl_plan *p)
{
	struct pcl_failure failure;

	pcl_failure_get(&failure);
	if (b->claimed)
		pcl_daemon_disclaim(p);
	if (b->masked)
		pcl_os_umask(b->umask);
	if (b->left)
		pcl_os_chdir(b->dir);
	for (int i = 2; i >= 0; i--)
		if (b->redirected[i])
			pcl_os_standard_restore(i, b->std[i],
			    b->close_on_exec[i]);
	pcl_failure_set(&failure);
}

int
pcl_foreground(struct pcl_plan *p)
{
	struct before b = { .std = { PCL_NONE, PCL_NONE, PCL_NONE },
	    .dir = PCL_NONE };
	int rc = keep(&b, p);

	if (rc == 0)
		rc = change(&b, p);
	if (rc < 0)
		undo(&b, p);
	release(&b);
	return rc;
}
