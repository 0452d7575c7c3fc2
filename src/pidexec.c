/*
 * pidexec.c - a pid file that goes along when the process becomes another
 * program.
 *
 * Promise: it is held at every moment, by this process and nobody else; a
 * child of the other program does not hold it.
 */
#include "pidfile.h"

#include <stdlib.h>

#include "error.h"
#include "fork.h"
#include "pidplace.h"

static int
hand_over(struct proclc_pidfile *pf)
{
	int rc = pcl_pidfile_write(pf);

	if (rc < 0)
		return rc;
	rc = pcl_os_file_close_on_exec(pf->file, false);
	if (rc == 0)
		rc = pcl_os_lock_hand_over(pf->file);
	if (rc == 0) {
		pf->handed = true;
		return (int)pf->file;
	}
	pcl_os_file_close_on_exec(pf->file, true);
	return pcl_fail(rc, PROCLC_STAGE_LOCK, "hand over %s",
	    pf->place.path);
}

int
proclc_pidfile_keep_over_exec(struct proclc_pidfile *pf)
{
	int rc = pcl_pidfile_check(pf, PROCLC_STAGE_LOCK, "hand over");

	if (rc < 0)
		return rc;
	pcl_enter(PCL_LOCK_PIDFILE);
	rc = hand_over(pf);
	pcl_unlock(PCL_LOCK_PIDFILE);
	return rc;
}

/* Is the descriptor that file, and do we hold it?  Then hold it as ever. */
static int
take(struct proclc_pidfile *pf, int fd)
{
	struct pcl_os_file_id at;
	int64_t pid = 0;
	int rc = pcl_os_file_id_at(pf->place.dir, pf->place.name, &at);

	if (rc == 0)
		rc = pcl_os_file_id(fd, &pf->id);
	if (rc < 0)
		return rc;
	if (!pcl_same_file(&at, &pf->id))
		return PROCLC_ENOENT;
	if (pcl_pidfile_find(&pf->id) != NULL)
		return PROCLC_EALREADY;
	rc = pcl_os_lock_name(fd, &pid);
	if (rc < 0)
		return rc;
	if (rc == PCL_OS_LOCK_UNNAMED ||
	    (rc == PCL_OS_LOCK_NAMED && pid != pcl_os_pid()))
		return PROCLC_ENOTOWNER;
	return 0;
}

/* Somebody who wants to start may be looking, for a moment. */
static int
exclude(int fd)
{
	int64_t due = pcl_os_now() + PCL_PATIENCE_MS;
	int rc;

	while ((rc = pcl_os_lock_exclude(fd)) == PROCLC_EAGAIN &&
	    pcl_os_now() < due)
		pcl_pidfile_pause();
	return rc == PROCLC_EAGAIN ? PROCLC_ENOTOWNER : rc;
}

int
pcl_pidfile_take_back(struct proclc_pidfile *pf)
{
	int rc = pf->handed ? exclude((int)pf->file) : 0;

	if (rc == 0 && pf->handed)
		rc = pcl_os_file_close_on_exec(pf->file, true);
	if (rc < 0)
		return pcl_fail(rc, PROCLC_STAGE_LOCK, "take back %s",
		    pf->place.path);
	pf->handed = false;
	return 0;
}

static int
adopt(struct proclc_pidfile *pf, int fd)
{
	int rc = take(pf, fd);

	if (rc == 0)
		rc = exclude(fd);
	if (rc == 0)
		rc = pcl_os_file_close_on_exec(fd, true);
	if (rc < 0)
		return pcl_fail(rc, PROCLC_STAGE_LOCK, "adopt %s",
		    pf->place.path);
	pf->file = fd;
	return pcl_pidfile_write(pf);
}

static int
adopt_locked(struct proclc_pidfile **out, const char *path, int fd)
{
	struct proclc_pidfile *pf = calloc(1, sizeof(*pf));
	int rc;

	if (pf == NULL)
		return pcl_fail(PROCLC_ENOMEM, PROCLC_STAGE_MEMORY,
		    "adopt %s", path);
	pf->owner = pcl_process();
	rc = pcl_place_open(&pf->place, path);
	if (rc < 0) {
		free(pf);
		return pcl_fail(rc, PROCLC_STAGE_DIRECTORY, "directory of %s",
		    path);
	}
	rc = adopt(pf, fd);
	if (rc < 0) {
		pcl_place_close(&pf->place);
		free(pf);
		return rc;
	}
	pcl_pidfile_list(pf);
	*out = pf;
	return 0;
}

int
proclc_pidfile_adopt(struct proclc_pidfile **pidfile, const char *path, int fd)
{
	int rc;

	if (pidfile == NULL || path == NULL || *path == '\0' || fd < 3)
		return pcl_fail(PROCLC_EINVAL, PROCLC_STAGE_ARGUMENTS,
		    "adopt a pid file");
	rc = pcl_pidfile_enter();
	if (rc < 0)
		return rc;
	rc = adopt_locked(pidfile, path, fd);
	pcl_unlock(PCL_LOCK_PIDFILE);
	return rc;
}
