/*
 * relaunch.c - a daemon where there is no fork: the program, run again.
 *
 * Promise: as with forks, the launcher learns how it went from the daemon
 * itself, or from its death; of a daemon that failed nothing stays.
 *
 * The second run comes to the same call by the same way, and does what it
 * says; all that it is told is over which channel to report, and the bytes of
 * args.  A lock cannot be handed over, so the launcher only sees that the pid
 * file is free, and the daemon takes it: who comes between is the one that
 * runs.
 */
#include "launch.h"

#include <proclc.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "atexit.h"
#include "fork.h"

/* Before the bytes of args. */
struct greeting {
	char magic[24];	/* and the version */
	uint64_t args_size;
};

static bool taken;

static void
set_magic(char magic[24])
{
	memset(magic, 0, 24);
	snprintf(magic, 24, "proclc daemon %s", proclc_version());
}

bool
pcl_is_relaunched(void)
{
	return pcl_os_relaunched() != PCL_NONE;
}

/* All that it is told lies there before it exists. */
static int
load(const struct pcl_plan *p)
{
	struct greeting g = { .args_size = p->o.args_size };
	intptr_t end = p->channel[PCL_LAUNCHER_END];
	int rc;

	set_magic(g.magic);
	rc = pcl_os_channel_load(end, &g, sizeof(g));
	if (rc == 0 && p->o.args_size > 0)
		rc = pcl_os_channel_load(end, p->args, p->o.args_size);
	return rc < 0 ? pcl_fail(rc, PROCLC_STAGE_PIPE,
	    "arguments of the daemon") : 0;
}

/* It was free; the daemon opens it by itself. */
static int
let_go_of_pidfile(struct pcl_plan *p)
{
	int rc = proclc_pidfile_remove(p->pidfile);

	p->pidfile = NULL;
	return rc;
}

static int
run_again(struct pcl_plan *p)
{
	int rc = pcl_os_relaunch(p->channel[PCL_DAEMON_END],
	    (p->o.flags & PROCLC_DAEMON_STRIP_CMD_ARGS) != 0, &p->daemon);

	if (rc < 0)
		return pcl_fail(rc, PROCLC_STAGE_FORK, "run the program again");
	p->pinned = true;
	pcl_os_close(p->channel[PCL_DAEMON_END]);
	p->channel[PCL_DAEMON_END] = PCL_NONE;
	return 0;
}

/* What one that failed has left, if nobody else has it by now. */
static void
clean_up(const struct pcl_plan *p)
{
	struct proclc_pidfile *pf = NULL;
	struct pcl_failure failure;

	pcl_failure_get(&failure);
	if (p->o.pid_file != NULL &&
	    proclc_pidfile_open(&pf, p->o.pid_file, NULL) == 0)
		proclc_pidfile_remove(pf);
	pcl_failure_set(&failure);
}

int
pcl_relaunch(struct pcl_plan *p, bool *forked)
{
	struct pcl_failure failure;
	int rc;

	pcl_move_leave();
	rc = load(p);
	if (rc == 0)
		rc = let_go_of_pidfile(p);
	if (rc == 0)
		rc = run_again(p);
	*forked = rc == 0;
	if (rc == 0)
		rc = pcl_await_daemon(p);
	if (rc == 0) {
		pcl_move_disown();
		pcl_atexit_forget();
		pcl_move_forget();
		pcl_plan_release(p);
		return PROCLC_DAEMON_LAUNCHER;
	}
	pcl_failure_get(&failure);
	if (*forked) {
		pcl_end_daemon(p, rc);
		clean_up(p);
	}
	pcl_move_settle(false);
	return pcl_failure_set(&failure);
}

static int
receive(intptr_t end, void *data, size_t size)
{
	int rc = size == 0 ? 0 : pcl_os_channel_receive(end, data, size,
	    pcl_os_now());

	return size == 0 || rc == (int)size ? 0 : PROCLC_EINVAL;
}

/* Take args from the channel, whatever this run has made of them. */
static int
take_args(struct pcl_plan *p, intptr_t end)
{
	struct greeting g;
	char magic[24];
	int rc = receive(end, &g, sizeof(g));

	set_magic(magic);
	if (rc == 0 && memcmp(g.magic, magic, sizeof(magic)) != 0)
		rc = PROCLC_EINVAL;
	if (rc < 0)
		return pcl_fail(rc, PROCLC_STAGE_PIPE, "run again");
	free(p->args);
	p->o.args_size = (size_t)g.args_size;
	p->args = g.args_size == 0 ? NULL : malloc((size_t)g.args_size);
	if (g.args_size > 0 && p->args == NULL)
		rc = PROCLC_ENOMEM;
	if (rc == 0)
		rc = receive(end, p->args, (size_t)g.args_size);
	return rc < 0 ? pcl_fail(rc, PROCLC_STAGE_PIPE,
	    "arguments of the daemon") : 0;
}

/* The channel is the one that there is already. */
static int
report_to(struct pcl_plan *p, intptr_t end)
{
	int rc;

	for (int i = 0; i < 2; i++) {
		pcl_os_close(p->channel[i]);
		p->channel[i] = PCL_NONE;
	}
	p->channel[PCL_DAEMON_END] = end;
	rc = pcl_os_file_id(end, &p->channel_id);
	return rc < 0 ? pcl_fail(rc, PROCLC_STAGE_PIPE, "run again") : 0;
}

int
pcl_be_relaunched(struct pcl_plan *p,
    const struct proclc_daemon_options *options)
{
	intptr_t end = pcl_os_relaunched();
	int rc = pcl_plan_make(p, options);

	if (rc == 0)
		rc = take_args(p, end);
	if (rc == 0)
		rc = report_to(p, end);
	if (rc < 0) {
		/* There is nobody else to tell. */
		pcl_fail_in("daemonize");
		pcl_tell(end, PCL_FAILED, 1);
		proclc_pidfile_remove(p->pidfile);
		pcl_os_exit(1);
	}
	taken = true;
	return pcl_daemon_run(p);
}

bool
pcl_is_to_be_daemon(void)
{
	return !taken && pcl_is_relaunched();
}
