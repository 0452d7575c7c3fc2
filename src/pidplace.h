/* pidplace.h - for the files of the pidfile unit (floor 2).  The unit's lock
 * is held for every call. */
#ifndef PCL_PIDPLACE_H
#define PCL_PIDPLACE_H

#include <stdbool.h>

#include "os/os.h"

/* A path, resolved once: a directory that is held open, and a name in it. */
struct pcl_place {
	intptr_t dir;
	struct pcl_os_file_id dir_id;
	char *path;	/* for messages */
	const char *name;	/* its last part */
};

struct proclc_pidfile {
	struct pcl_place place;
	intptr_t file;
	struct pcl_os_file_id id;
	uint32_t owner;
	bool written;
	bool handed;	/* over an exec: held by the name alone */
	struct proclc_pidfile *next;
};

/* How long to wait for a holder to say who it is, in steps. */
enum { PCL_PATIENCE_MS = 500, PCL_STEP_MS = 5 };

/* Ready the unit and take its lock. */
int
pcl_pidfile_enter(void);
/* Give the lock up for a step: a fork must never wait for long. */
void
pcl_pidfile_pause(void);

/* One is open in this process from now on; and is not any more. */
void
pcl_pidfile_list(struct proclc_pidfile *pidfile);
void
pcl_pidfile_unlist(struct proclc_pidfile *pidfile);
/* PROCLC_EINVAL, PROCLC_ENOTOWNER: what was to be done, at which stage. */
int
pcl_pidfile_check(const struct proclc_pidfile *pidfile,
    enum proclc_stage stage, const char *verb);
/* Hold by both locks again what was to go over an exec; write the pid. */
int
pcl_pidfile_take_back(struct proclc_pidfile *pidfile);
int
pcl_pidfile_write(struct proclc_pidfile *pidfile);

bool
pcl_same_file(const struct pcl_os_file_id *a, const struct pcl_os_file_id *b);
/* Close a handle, unless the program did and has reused its number.  Where the
 * system does not tell what it is, it is closed if it looks like ours. */
void
pcl_close_same(intptr_t *handle, const struct pcl_os_file_id *id);

int
pcl_place_open(struct pcl_place *place, const char *path);
void
pcl_place_close(struct pcl_place *place);

/* Remove a new file that cannot be used, if nobody else does.  Only who has the
 * lock may: else somebody holds it by now, or another one that has its name. */
void
pcl_place_discard(const struct pcl_place *place, intptr_t *file);

/*
 * Who holds the file?  The lock tells: 0 and the pid, which is 0 for one
 * outside our pid namespace; or only the text does: PCL_BY_TEXT and the pid.
 * PROCLC_ESTARTING; PROCLC_ENOTRUNNING.  Patiently: waits for a starter to
 * say its pid; then believes the text of one that has lost its name, if that
 * process is older than the text.
 */
enum { PCL_BY_TEXT = 1 };
int
pcl_pid_holder(intptr_t file, int64_t *pid);
int
pcl_pid_holder_patiently(intptr_t file, int64_t *pid);
/* The pid in the text: PROCLC_ESTARTING, it is empty; PROCLC_EMALFORMED. */
int
pcl_pid_content(intptr_t file, int64_t *pid);

/* Has this process any open?  And the one that is this file, or NULL. */
bool
pcl_pidfile_any(void);
struct proclc_pidfile *
pcl_pidfile_find(const struct pcl_os_file_id *id);
/* It has closed a descriptor of the file: the identity may have to be taken
 * again. */
void
pcl_pidfile_reidentify(const struct pcl_os_file_id *id);

#endif
