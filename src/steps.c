/*
 * steps.c - a daemon's steps, also of one in the foreground: its
 * descriptors, its pid file, its environment, its user.
 */
#include "launch.h"

#include <stdlib.h>

#include "atexit.h"
#include "error.h"
#include "fork.h"

/* All that must stay open: the program's, the library's, the channel. */
static int
list_kept(struct pcl_plan *p, size_t *n)
{
	size_t ours = pcl_fork_handles(NULL, 0);

	p->keep = malloc((p->o.n_keep_fds + ours + 1) * sizeof(*p->keep));
	if (p->keep == NULL)
		return pcl_fail(PROCLC_ENOMEM, PROCLC_STAGE_MEMORY,
		    "list of descriptors");
	*n = 0;
	for (size_t i = 0; i < p->o.n_keep_fds; i++)
		p->keep[(*n)++] = p->o.keep_fds[i];
	*n += pcl_fork_handles(p->keep + *n, ours);
	p->keep[(*n)++] = (int)p->channel[PCL_DAEMON_END];
	return 0;
}

static int
step(int rc, enum proclc_stage stage, const char *what)
{
	return rc < 0 ? pcl_fail(rc, stage, "%s", what) : 0;
}

static void
release(intptr_t *handle)
{
	pcl_os_close(*handle);
	*handle = PCL_NONE;
}

int
pcl_daemon_descriptors(struct pcl_plan *p)
{
	size_t n = 0;
	int rc = list_kept(p, &n);

	for (int i = 0; i < 3 && rc == 0; i++)
		rc = step(pcl_os_redirect(p->std[i], i),
		    PROCLC_STAGE_REDIRECT, "redirect");
	/* By ourselves: a number to be kept that was free may be theirs. */
	for (int i = 0; i < 3; i++)
		release(&p->std[i]);
	release(&p->dir);
	if (rc == 0)
		rc = step(pcl_os_close_others(p->keep, n,
		    p->o.fd_fallback_limit),
		    PROCLC_STAGE_DESCRIPTORS, "close descriptors");
	return rc;
}

static void
remove_pidfile(void *user, const struct proclc_exit_cause *cause)
{
	(void)cause;
	if (proclc_pidfile_remove(user) < 0)
		pcl_log("daemon: %s", proclc_errmsg());
}

int
pcl_daemon_claim(struct pcl_plan *p)
{
	int rc;

	if (p->pidfile == NULL)
		return 0;
	rc = proclc_pidfile_write(p->pidfile);
	if (rc == 0)
		rc = pcl_atexit_register_last(remove_pidfile, p->pidfile);
	return rc < 0 ? rc : 0;
}

void
pcl_daemon_disclaim(struct pcl_plan *p)
{
	/* Another thread ends the process, which takes it away. */
	if (p->pidfile != NULL &&
	    proclc_atexit_unregister(remove_pidfile, p->pidfile) == 0)
		p->pidfile = NULL;
}

/* How a supervisor speaks to the process that it has started, which we are
 * not; and, with a user, what names the launcher's. */
int
pcl_daemon_environment(const struct pcl_plan *p)
{
	static const char *const gone[] = { "NOTIFY_SOCKET", "WATCHDOG_PID",
	    "WATCHDOG_USEC", "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES",
	    "LISTEN_PIDFDID", "HOME", "USER", "LOGNAME", "SHELL" };
	enum { ALL = sizeof(gone) / sizeof(gone[0]), OF_USER = 4 };
	bool other = p->o.user != NULL;

	if ((p->o.flags & PROCLC_DAEMON_KEEP_ENVIRONMENT) != 0)
		return 0;
	return step(pcl_os_environment(gone, other ? ALL : ALL - OF_USER,
	    other ? p->user : NULL), PROCLC_STAGE_ENVIRONMENT, "environment");
}

int
pcl_daemon_change_user(const struct pcl_plan *p)
{
	int rc = p->user == NULL ? 0 : pcl_os_user_become(p->user);

	if (rc < 0)
		return pcl_fail(rc, PROCLC_STAGE_USER, "become %s %s",
		    p->o.user == NULL ? "group" : "user",
		    p->o.user == NULL ? p->o.group : p->o.user);
	return 0;
}
