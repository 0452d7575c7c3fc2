/* launch.h - one launch of a daemon, for the files of the unit (floor 4). */
#ifndef PCL_LAUNCH_H
#define PCL_LAUNCH_H

#include <proclc/daemon.h>

#include <stdbool.h>

#include "error.h"
#include "os/os.h"
#include "pidfile.h"

/* Ends of the channel. */
enum { PCL_LAUNCHER_END, PCL_DAEMON_END };

/* What one call needs, opened before the first fork. */
struct pcl_plan {
	struct proclc_daemon_options o;
	struct proclc_pidfile *pidfile;
	intptr_t dir;
	intptr_t std[3];
	bool made[3];	/* by us, so that we may take it away again */
	char *logs[3];	/* where they are, whatever the directory */
	struct pcl_os_user *user;
	void *args;
	intptr_t channel[2];
	struct pcl_os_file_id channel_id;	/* of the daemon's end */
	int *keep;
	struct pcl_os_process daemon;
	bool pinned;
	bool ended;	/* when it was pinned it was gone, or another */
	bool gone;	/* and that pid was of our pid namespace */
	int64_t intermediate;	/* the child between, the session's leader */
	int exit_code;
};

/* A record over the channel: first "born" with the pid, then the outcome. */
enum { PCL_BORN = 1, PCL_READY, PCL_FAILED };
struct pcl_record {
	int32_t kind;
	int32_t exit_code;
	int64_t session;	/* of who says "born" */
	struct pcl_failure failure;
};

/* Read the options and open all that can fail; the caller is unchanged, but
 * for what is in the plan. */
int
pcl_plan_make(struct pcl_plan *plan,
    const struct proclc_daemon_options *options);
/* Take away what it has created, when there is no daemon after all. */
void
pcl_plan_undo(const struct pcl_plan *plan);
/* Close and free what is still in it, but the pid file. */
void
pcl_plan_release(struct pcl_plan *plan);

/* Send a record: this thread's failure; or that the daemon is born. */
int
pcl_tell(intptr_t channel, int kind, int exit_code);
int
pcl_tell_born(intptr_t channel, int64_t pid);

/*
 * Both forks.  *forked tells whether there was a first one.
 * Returns a role, or in the caller why there is no daemon; then nothing is
 * left of it.
 */
int
pcl_launch(struct pcl_plan *plan, bool *forked);

/* Of that: wait for its word, and see that nothing of a failed one stays. */
int
pcl_await_daemon(struct pcl_plan *plan);
void
pcl_end_daemon(struct pcl_plan *plan, int rc);

/* relaunch.c: the same where there is no fork; and in the second run, which
 * learns that it is to be the daemon: is it one, is it still to become it, and
 * become it. */
int
pcl_relaunch(struct pcl_plan *plan, bool *forked);
bool
pcl_is_relaunched(void);
bool
pcl_is_to_be_daemon(void);
int
pcl_be_relaunched(struct pcl_plan *plan,
    const struct proclc_daemon_options *options);

/* logs.c: take over the paths of the logs. */
void
pcl_logs_keep(struct pcl_plan *plan);

/* daemon.c: is this process a daemon made here?  And be it: the body of the
 * second child. */
bool
pcl_daemon_is(void);
int
pcl_daemon_run(struct pcl_plan *plan);

/* steps.c: redirect 0 to 2 and close what is not kept; */
int
pcl_daemon_descriptors(struct pcl_plan *plan);
/* write the pid file, and have it removed at exit; that no more, after all,
 * and then without pidfile when it is too late; */
int
pcl_daemon_claim(struct pcl_plan *plan);
void
pcl_daemon_disclaim(struct pcl_plan *plan);
/* the environment; the user. */
int
pcl_daemon_environment(const struct pcl_plan *plan);
int
pcl_daemon_change_user(const struct pcl_plan *plan);

/* foreground.c: do what was asked for in the process as it is; a failure
 * changes nothing but what the plan's own undo mends. */
int
pcl_foreground(struct pcl_plan *plan);
/* Has a supervisor said that it watches this very process? */
bool
pcl_supervised(void);

#endif
