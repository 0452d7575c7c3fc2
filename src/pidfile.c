/*
 * pidfile.c - the held lock is the truth.
 *
 * Promise: of any number of starters exactly one holds the file; who loses
 * has not touched it; a forked child holds nothing.
 *
 * POSIX drops a process's identity lock when it closes any descriptor of
 * that file, so a process does not open again what it holds; where that
 * cannot be helped it takes the lock again.
 */
#include "pidfile.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "error.h"
#include "fork.h"
#include "pidplace.h"

void
pcl_pidfile_pause(void)
{
	pcl_wait(PCL_LOCK_PIDFILE, pcl_os_now() + PCL_STEP_MS);
}

static int
say_running(const struct proclc_pidfile *pf, int rc, int64_t pid)
{
	if (rc >= 0 && pid == 0)
		return pcl_fail_pid(PROCLC_ERUNNING, PROCLC_STAGE_LOCK, 0,
		    "lock %s: held from outside this pid namespace",
		    pf->place.path);
	if (rc >= 0)
		return pcl_fail_pid(PROCLC_ERUNNING, PROCLC_STAGE_LOCK, pid,
		    "lock %s: held by pid %" PRId64, pf->place.path, pid);
	return pcl_fail(rc, PROCLC_STAGE_LOCK, "lock %s", pf->place.path);
}

/* Take the lock, or PROCLC_EAGAIN: start again, something has moved. */
static int
lock(struct proclc_pidfile *pf)
{
	struct pcl_os_file_id at;
	int64_t pid = 0;
	int rc = pcl_os_lock_exclude(pf->file);

	/* One that was handed over an exec is held by its name alone. */
	if (rc == 0) {
		rc = pcl_os_lock_name(pf->file, &pid);
		if (rc == PCL_OS_LOCK_NAMED)
			return say_running(pf, 0, pid);
	}
	if (rc == PROCLC_EAGAIN) {
		rc = pcl_pid_holder_patiently(pf->file, &pid);
		if (rc == PROCLC_ENOTRUNNING)
			return PROCLC_EAGAIN;
		return say_running(pf, rc, pid);
	}
	if (rc < 0)
		return pcl_fail(rc, PROCLC_STAGE_LOCK, "lock %s",
		    pf->place.path);
	/* The last holder may have removed it between our open and lock. */
	rc = pcl_os_file_id_at(pf->place.dir, pf->place.name, &at);
	if (rc == PROCLC_ENOENT || (rc == 0 && !pcl_same_file(&at, &pf->id)))
		return PROCLC_EAGAIN;
	if (rc < 0)
		return pcl_fail(rc, PROCLC_STAGE_CHECK, "check %s",
		    pf->place.path);
	/* An older one's pid must not look like ours. */
	rc = pcl_os_file_cut(pf->file, 0);
	if (rc < 0)
		return pcl_fail(rc, PROCLC_STAGE_WRITE, "empty %s",
		    pf->place.path);
	return 0;
}

/* opened: as pcl_os_file_hold has it. */
static int
lock_opened(struct proclc_pidfile *pf, int opened)
{
	int named = pcl_os_file_id(pf->file, &pf->id);
	int rc = opened < 0 ? opened : named;

	if (rc < 0)
		pcl_fail(rc, PROCLC_STAGE_OPEN, "open %s", pf->place.path);
	else
		rc = lock(pf);
	if (rc == 0)
		return 0;
	if (opened != 0)
		pcl_place_discard(&pf->place, &pf->file);
	if (named < 0)
		pcl_os_close(pf->file);
	else
		pcl_close_same(&pf->file, &pf->id);
	pf->file = PCL_NONE;
	/* Another thread of ours may have become the holder while we waited,
	 * and this close has dropped its name. */
	pcl_pidfile_reidentify(&pf->id);
	return rc;
}

/* One try to open and lock; the lock of the unit is held. */
static int
try_hold(struct proclc_pidfile *pf)
{
	struct pcl_os_file_id at;
	int rc;

	if (pcl_pidfile_any() && pcl_os_file_id_at(pf->place.dir,
	    pf->place.name, &at) == 0 && pcl_pidfile_find(&at) != NULL)
		return say_running(pf, 0, pcl_os_pid());
	rc = pcl_os_file_hold(pf->place.dir, pf->place.name, &pf->file);
	if (pf->file != PCL_NONE)
		return lock_opened(pf, rc);
	return pcl_fail(rc, rc == PROCLC_EUNSAFE ? PROCLC_STAGE_CHECK :
	    PROCLC_STAGE_OPEN, rc == PROCLC_EUNSAFE ? "check %s" : "open %s",
	    pf->place.path);
}

/* The lock of the unit is held. */
static int
hold(struct proclc_pidfile *pf)
{
	int64_t due = pcl_os_now() + PCL_PATIENCE_MS;
	int rc;

	while ((rc = try_hold(pf)) == PROCLC_EAGAIN && pcl_os_now() < due)
		pcl_pidfile_pause();
	if (rc == PROCLC_EAGAIN)
		pcl_fail(rc, PROCLC_STAGE_LOCK, "lock %s", pf->place.path);
	return rc;
}

static void
dispose(struct proclc_pidfile *pf)
{
	pcl_pidfile_unlist(pf);
	pcl_close_same(&pf->file, &pf->id);
	pcl_place_close(&pf->place);
	free(pf);
}

/* Make the object and hold the file; the lock of the unit is held. */
static int
open_locked(struct proclc_pidfile **out, const char *path)
{
	struct proclc_pidfile *pf = calloc(1, sizeof(*pf));
	int rc;

	if (pf == NULL)
		return pcl_fail(PROCLC_ENOMEM, PROCLC_STAGE_MEMORY,
		    "open %s", path);
	pf->file = PCL_NONE;
	pf->owner = pcl_process();
	rc = pcl_place_open(&pf->place, path);
	if (rc < 0) {
		free(pf);
		return pcl_fail(rc, PROCLC_STAGE_DIRECTORY, "directory of %s",
		    path);
	}
	rc = hold(pf);
	if (rc < 0) {
		dispose(pf);
		return rc;
	}
	pcl_pidfile_list(pf);
	*out = pf;
	return 0;
}

int
proclc_pidfile_open(struct proclc_pidfile **pidfile, const char *path,
    const struct proclc_pidfile_options *options)
{
	struct proclc_pidfile_options o;
	int rc = pcl_options_read(&o, sizeof(o), options);

	if (rc < 0)
		return rc;
	if (pidfile == NULL || path == NULL || *path == '\0' || o.flags != 0)
		return pcl_fail(PROCLC_EINVAL, PROCLC_STAGE_ARGUMENTS,
		    "open a pid file");
	rc = pcl_pidfile_enter();
	if (rc < 0)
		return rc;
	rc = open_locked(pidfile, path);
	pcl_unlock(PCL_LOCK_PIDFILE);
	return rc;
}

/* The lock of the unit is held: another thread that closes this file has to
 * know whether its name is to be taken again. */
int
pcl_pidfile_write(struct proclc_pidfile *pf)
{
	char text[32];
	int n, rc;

	n = snprintf(text, sizeof(text), "%" PRId64 "\n", pcl_os_pid());
	rc = pcl_os_file_write(pf->file, text, (size_t)n);
	/* The lock has emptied it, an earlier write may have been longer. */
	if (rc == 0 && pf->written)
		rc = pcl_os_file_cut(pf->file, (size_t)n);
	if (rc < 0) {
		pcl_os_file_cut(pf->file, 0);
		return pcl_fail(rc, PROCLC_STAGE_WRITE, "write %s",
		    pf->place.path);
	}
	/* The name last: whoever learns it can read the file, too. */
	rc = pcl_os_lock_identify(pf->file);
	if (rc < 0)
		return pcl_fail(rc, PROCLC_STAGE_LOCK, "lock %s",
		    pf->place.path);
	pf->written = true;
	return 0;
}

int
pcl_pidfile_check(const struct proclc_pidfile *pf, enum proclc_stage stage,
    const char *verb)
{
	if (pf == NULL)
		return pcl_fail(PROCLC_EINVAL, PROCLC_STAGE_ARGUMENTS,
		    "%s a pid file", verb);
	if (pf->owner != pcl_process())
		return pcl_fail(PROCLC_ENOTOWNER, stage, "%s %s", verb,
		    pf->place.path);
	return 0;
}

int
proclc_pidfile_write(struct proclc_pidfile *pf)
{
	int rc = pcl_pidfile_check(pf, PROCLC_STAGE_WRITE, "write");

	if (rc < 0)
		return rc;
	pcl_enter(PCL_LOCK_PIDFILE);
	/* The program to hand it to has not come about. */
	rc = pcl_pidfile_take_back(pf);
	if (rc == 0)
		rc = pcl_pidfile_write(pf);
	pcl_unlock(PCL_LOCK_PIDFILE);
	return rc;
}

/* Remove the file while the lock is still held: then no starter of ours can
 * have put another one there. */
static int
unlink_own(struct proclc_pidfile *pf)
{
	struct pcl_os_file_id at;
	int rc;

	rc = pcl_os_file_id_at(pf->place.dir, pf->place.name, &at);
	if (rc == 0 && !pcl_same_file(&at, &pf->id))
		rc = PROCLC_ENOENT;
	if (rc == 0) {
		rc = pcl_os_file_remove(pf->place.dir, pf->place.name,
		    &pf->file);
		if (rc < 0 && pf->file != PCL_NONE)
			pcl_os_file_cut(pf->file, 0);
	}
	if (rc < 0)
		pcl_fail(rc, PROCLC_STAGE_REMOVE, "remove %s", pf->place.path);
	return rc;
}

int
proclc_pidfile_remove(struct proclc_pidfile *pf)
{
	int rc;

	if (pf == NULL)
		return 0;
	pcl_enter(PCL_LOCK_PIDFILE);
	if (pf->owner == pcl_process())
		rc = unlink_own(pf);
	else
		rc = pcl_fail(PROCLC_ENOTOWNER, PROCLC_STAGE_REMOVE,
		    "remove %s", pf->place.path);
	dispose(pf);
	pcl_unlock(PCL_LOCK_PIDFILE);
	return rc;
}

void
proclc_pidfile_close(struct proclc_pidfile *pf)
{
	if (pf == NULL)
		return;
	pcl_enter(PCL_LOCK_PIDFILE);
	dispose(pf);
	pcl_unlock(PCL_LOCK_PIDFILE);
}
