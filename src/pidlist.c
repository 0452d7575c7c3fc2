/*
 * pidlist.c - the pid files that are open in this process, when it forks and
 * when it moves.
 *
 * Promise: a forked child holds nothing; a daemon holds what its launcher
 * held, under its own name, and the launcher again when there is no daemon.
 */
#include "pidfile.h"

#include <stdbool.h>

#include "error.h"
#include "fork.h"
#include "pidplace.h"

/* All of them, for the fork child to let go. */
static struct proclc_pidfile *all;
static bool known;

static void
in_child(void)
{
	for (struct proclc_pidfile *pf = all; pf != NULL; pf = pf->next) {
		pcl_close_same(&pf->file, &pf->id);
		pcl_close_same(&pf->place.dir, &pf->place.dir_id);
	}
	all = NULL;
}

static size_t
handles(int *fds, size_t room)
{
	size_t n = 0;

	for (struct proclc_pidfile *pf = all; pf != NULL; pf = pf->next) {
		pcl_handle_put(pf->file, fds, room, &n);
		pcl_handle_put(pf->place.dir, fds, room, &n);
	}
	return n;
}

static bool
is_named(const struct proclc_pidfile *pf)
{
	return pf->written && pf->owner == pcl_process();
}

/* The launcher lives on while the daemon starts, and the name on a lock can
 * only be one's at a time.  The exclusion stays. */
static void
leave(void)
{
	pcl_lock(PCL_LOCK_PIDFILE);
	for (struct proclc_pidfile *pf = all; pf != NULL; pf = pf->next)
		if (is_named(pf) && pcl_os_lock_exclude(pf->file) == 0 &&
		    pcl_pidfile_take_back(pf) == 0)
			pcl_os_lock_unname(pf->file);
	pcl_unlock(PCL_LOCK_PIDFILE);
}

/* What the daemon that failed may have written names nobody. */
static int
name_again(struct proclc_pidfile *pf)
{
	int64_t pid = 0;

	if (pcl_pid_content(pf->file, &pid) == 0 && pid == pcl_os_pid())
		return pcl_os_lock_identify(pf->file);
	return pcl_pidfile_write(pf);
}

/* The threads run again: a signal may end the process and remove one. */
static int
settle(bool moved)
{
	int rc = 0;

	pcl_lock(PCL_LOCK_PIDFILE);
	for (struct proclc_pidfile *pf = all; pf != NULL && rc == 0;
	    pf = pf->next) {
		if (!is_named(pf))
			continue;
		if (moved)
			rc = pcl_pidfile_write(pf);
		else if (name_again(pf) < 0)
			pcl_log("daemonize: %s is not named again",
			    pf->place.path);
	}
	pcl_unlock(PCL_LOCK_PIDFILE);
	return rc;
}

static const struct pcl_fork_unit unit = {
	.name = "pidfile",
	.leave = leave,
	.settle = settle,
	.handles = handles,
	.child = in_child,
};

int
pcl_pidfile_enter(void)
{
	int rc = pcl_fork_init();

	if (rc < 0)
		return rc;
	pcl_enter(PCL_LOCK_PIDFILE);
	if (!known)
		pcl_fork_add_unit(&unit);
	known = true;
	return 0;
}

bool
pcl_pidfile_any(void)
{
	return all != NULL;
}

struct proclc_pidfile *
pcl_pidfile_find(const struct pcl_os_file_id *id)
{
	struct proclc_pidfile *pf = all;

	while (pf != NULL && !pcl_same_file(&pf->id, id))
		pf = pf->next;
	return pf;
}

void
pcl_pidfile_reidentify(const struct pcl_os_file_id *id)
{
	struct proclc_pidfile *own = pcl_pidfile_find(id);

	if (own != NULL && own->written)
		pcl_os_lock_identify(own->file);
}

void
pcl_pidfile_list(struct proclc_pidfile *pf)
{
	pf->next = all;
	all = pf;
}

void
pcl_pidfile_unlist(struct proclc_pidfile *pf)
{
	struct proclc_pidfile **at = &all;

	while (*at != NULL && *at != pf)
		at = &(*at)->next;
	if (*at != NULL)
		*at = pf->next;
}
