/*
 * daemon.c - the daemon's own steps, and its word to the launcher.
 *
 * Promise: "ready" is said when the pid file is complete, the descriptors are
 * in order and the program agrees; a step that fails is told with its cause.
 */
#include "launch.h"

#include <stdatomic.h>

#include "atexit.h"
#include "fork.h"

/* The daemon's side, from birth to ready. */
static struct {
	bool known;
	_Atomic uint32_t owner;	/* 0: not a daemon */
	bool foreground;	/* nobody else is there to be told */
	bool said;
	atomic_bool made;	/* this process, or an ancestor */
	void *args;
	size_t args_size;
	intptr_t channel;
	struct pcl_os_file_id channel_id;
} self = { .channel = PCL_NONE };

/* Is it still ours, and not a file of the program under its number? */
enum channel { LOST, OURS, UNKNOWN };

static enum channel
look_at_channel(void)
{
	struct pcl_os_file_id now;
	int rc;

	if (self.channel == PCL_NONE)
		return LOST;
	rc = pcl_os_file_id(self.channel, &now);
	if (rc == PROCLC_EBADF)
		return LOST;
	if (rc < 0)
		return UNKNOWN;
	return now.device == self.channel_id.device &&
	    now.file == self.channel_id.file ? OURS : LOST;
}

static void
close_channel(void)
{
	if (look_at_channel() == OURS)
		pcl_os_close(self.channel);
	self.channel = PCL_NONE;
}

/* The last word to the launcher. */
static int
say(int kind, int exit_code)
{
	int rc = 0;

	/* Where the system does not tell, nothing but a channel takes it. */
	if (!self.foreground)
		rc = look_at_channel() == LOST ? PROCLC_EPIPE :
		    pcl_tell(self.channel, kind, exit_code);
	self.said = true;
	close_channel();
	return rc;
}

/* A child that lives on must not hide from the launcher that we died. */
static void
in_child(void)
{
	close_channel();
	self.owner = 0;
}

static const struct pcl_fork_unit unit = {
	.name = "daemon",
	.child = in_child,
};

static int
step(int rc, enum proclc_stage stage, const char *what)
{
	return rc < 0 ? pcl_fail(rc, stage, "%s", what) : 0;
}

/* In the daemon: all steps but the last word. */
static int
become(struct pcl_plan *p)
{
	int rc = 0;

	pcl_os_umask(p->o.umask & 0777);
	if (p->dir != PCL_NONE)
		rc = step(pcl_os_chdir(p->dir), PROCLC_STAGE_CHDIR,
		    "change directory");
	pcl_os_signals_heed();
	if (rc == 0)
		rc = pcl_daemon_descriptors(p);
	/* Only now: to close another descriptor of the file would drop its
	 * lock. */
	if (rc == 0)
		rc = pcl_daemon_claim(p);
	if (rc == 0)
		rc = pcl_daemon_environment(p);
	/* All that may need more rights is done; no thread is there yet. */
	if (rc == 0)
		rc = pcl_daemon_change_user(p);
	if (rc == 0)
		rc = pcl_move_settle(true);
	return rc;
}

static void
remember(struct pcl_plan *p)
{
	if (!self.known)
		pcl_fork_add_unit(&unit);
	self.known = true;
	self.foreground = p->o.mode == PROCLC_DAEMON_FOREGROUND;
	self.said = false;
	self.channel = p->channel[PCL_DAEMON_END];
	self.channel_id = p->channel_id;
	p->channel[PCL_DAEMON_END] = PCL_NONE;
	self.args = p->args;
	self.args_size = p->o.args_size;
	p->args = NULL;
	pcl_logs_keep(p);
	/* Last: other threads may ask. */
	self.made = true;
	self.owner = pcl_process();
}

/* It is the daemon. */
static int
begin(struct pcl_plan *p)
{
	pcl_plan_release(p);
	if ((p->o.flags & PROCLC_DAEMON_WAIT_READY) == 0)
		proclc_daemon_ready();
	return PROCLC_DAEMON_CHILD;
}

int
pcl_daemon_run(struct pcl_plan *p)
{
	int rc;

	/* A launcher that is gone hears nothing; we go on without it. */
	pcl_tell_born(p->channel[PCL_DAEMON_END], pcl_os_pid());
	rc = become(p);
	if (rc < 0) {
		pcl_fail_in("daemonize");
		pcl_tell(p->channel[PCL_DAEMON_END], PCL_FAILED, 1);
		pcl_os_exit(1);
	}
	remember(p);
	pcl_os_signals_open();
	return begin(p);
}

static int
stay(struct pcl_plan *p)
{
	int rc = pcl_foreground(p);

	if (rc < 0)
		return rc;
	remember(p);
	return begin(p);
}

/* Undo in the caller, which goes on: daemon is ended, or never was. */
static void
undo(struct pcl_plan *p)
{
	struct pcl_failure failure;

	pcl_failure_get(&failure);
	/* The logs while the file is held: the next holder has his own. */
	pcl_plan_undo(p);
	proclc_pidfile_remove(p->pidfile);
	pcl_plan_release(p);
	pcl_failure_set(&failure);
}

static int
daemonize(struct pcl_plan *p, const struct proclc_daemon_options *options,
    bool *forked)
{
	int rc;

	*forked = false;
	if (pcl_is_to_be_daemon())
		return pcl_be_relaunched(p, options);
	rc = pcl_plan_make(p, options);
	if (rc == 0)
		rc = p->o.mode == PROCLC_DAEMON_FOREGROUND ? stay(p) :
		    pcl_launch(p, forked);
	if (rc < 0) {
		undo(p);
		if (!*forked)
			pcl_fail_in("daemonize");
	}
	return rc;
}

int
proclc_daemon_fork(const struct proclc_daemon_options *options)
{
	struct pcl_plan p = { .exit_code = 1 };
	bool forked;

	return daemonize(&p, options, &forked);
}

int
proclc_daemonize(const struct proclc_daemon_options *options)
{
	struct pcl_plan p = { .exit_code = 1 };
	bool forked;
	int rc = daemonize(&p, options, &forked);

	if (rc == PROCLC_DAEMON_CHILD || (rc < 0 && !forked))
		return rc;
	if (rc == PROCLC_DAEMON_LAUNCHER)
		pcl_os_exit(0);
	pcl_os_print_error(proclc_errmsg());
	pcl_os_exit(p.exit_code);
}

PROCLC_NORETURN void
proclc_daemon_launcher_exit(int status)
{
	pcl_os_exit(status);
}

const void *
proclc_daemon_args(size_t *size)
{
	if (size != NULL)
		*size = self.made ? self.args_size : 0;
	return self.made ? self.args : NULL;
}

int
proclc_daemon_is_setup(void)
{
	return !self.made && !pcl_is_relaunched();
}

bool
pcl_daemon_is(void)
{
	return self.owner != 0 && self.owner == pcl_process();
}

int
proclc_daemon_ready(void)
{
	int rc;

	if (!pcl_daemon_is())
		return pcl_fail(PROCLC_EINVAL, PROCLC_STAGE_READY,
		    "ready: not a daemon");
	pcl_enter(PCL_LOCK_DAEMON);
	if (self.said) {
		rc = pcl_fail(PROCLC_EALREADY, PROCLC_STAGE_READY, "ready");
	} else {
		rc = say(PCL_READY, 0);
		if (rc < 0)
			pcl_fail(rc, PROCLC_STAGE_READY, "ready");
	}
	pcl_unlock(PCL_LOCK_DAEMON);
	return rc;
}

PROCLC_NORETURN void
proclc_daemon_fail(int code, const char *message)
{
	/* Whatever the code, a failure is none that reads as 0. */
	int told = (code & 0xff) == 0 ? 1 : code & 0xff;
	bool alone = false;

	if (pcl_daemon_is()) {
		pcl_enter(PCL_LOCK_DAEMON);
		if (message != NULL)
			pcl_fail_pid(PROCLC_ESTARTFAILED, PROCLC_STAGE_READY,
			    pcl_os_pid(), "%s", message);
		else if (*proclc_errmsg() == '\0')
			pcl_fail(PROCLC_ESTARTFAILED, PROCLC_STAGE_READY,
			    "daemonize");
		if (!self.said) {
			say(PCL_FAILED, told);
			alone = self.foreground;
		}
		pcl_unlock(PCL_LOCK_DAEMON);
	}
	/* Who has started us hears of it in no other way. */
	if (alone) {
		pcl_os_print_error(proclc_errmsg());
		code = told;
	}
	proclc_exit(code);
}
