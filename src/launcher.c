/*
 * launcher.c - both forks, and the word of the one that stays.
 *
 * Promise: the launcher learns how it went from the daemon itself, or from
 * its death; of a daemon that failed nothing stays.  Until ready is said it
 * holds the pid file's lock, too, so that what it cleans up is still ours.
 */
#include "launch.h"

#include <proclc/signals.h>

#include "atexit.h"
#include "fork.h"

enum {
	END_TIMEOUT_MS = 5000,
	PATIENCE_MS = 100,
	BIRTH_TIMEOUT_MS = 1000,
	LOOK_MS = 100
};

int
pcl_tell(intptr_t channel, int kind, int exit_code)
{
	struct pcl_record r = { .kind = kind, .exit_code = exit_code };

	pcl_failure_get(&r.failure);
	return pcl_os_channel_send(channel, &r, sizeof(r));
}

int
pcl_tell_born(intptr_t channel, int64_t pid)
{
	struct pcl_record r = { .kind = PCL_BORN,
	    .session = pcl_os_session_of(0), .failure.pid = pid };

	return pcl_os_channel_send(channel, &r, sizeof(r));
}


/* With our own threads gone, are there others? */
static int
check_threads(const struct pcl_plan *p)
{
	int64_t due = pcl_os_now() + PATIENCE_MS;
	int n;

	if ((p->o.flags & PROCLC_DAEMON_ALLOW_THREADS) != 0)
		return 0;
	/* A thread that was joined may still be listed for a moment. */
	while ((n = pcl_os_thread_count()) > 1 && pcl_os_now() < due)
		pcl_os_pause(1);
	if (n > 1)
		return pcl_fail(PROCLC_ETHREADS, PROCLC_STAGE_THREAD,
		    "%d threads", n);
	return 0;
}

/* The child between: a new session, and a child that does not lead it. */
static int
run_intermediate(struct pcl_plan *p)
{
	int64_t child;
	int rc;

	/* Else the daemon would not see that the launcher is gone. */
	pcl_os_close(p->channel[PCL_LAUNCHER_END]);
	p->channel[PCL_LAUNCHER_END] = PCL_NONE;
	rc = pcl_os_session_new();

	if (rc < 0) {
		pcl_fail(rc, PROCLC_STAGE_SESSION, "daemonize: setsid");
	} else {
		child = pcl_move_fork();
		if (child == 0)
			return pcl_daemon_run(p);
		if (child > 0) {
			pcl_tell_born(p->channel[PCL_DAEMON_END], child);
			pcl_os_exit(0);
		}
		pcl_fail((int)child, PROCLC_STAGE_FORK, "daemonize: fork");
	}
	pcl_tell(p->channel[PCL_DAEMON_END], PCL_FAILED, 1);
	pcl_os_exit(1);
}

/* Pin the daemon by the pid that was told.  It is in the session that the
 * child between has made, whose number is not given out again before we reap
 * that.  Else it has ended, but for its last steps, and another process has
 * the pid, or it was told in another pid namespace: that may be waited for,
 * not killed.  Who tells it from our own calls the session as we do; there it
 * is gone, unless it is still in that, or can have made one itself. */
static void
pin(struct pcl_plan *p, const struct pcl_record *born)
{
	int64_t session, pid = born->failure.pid;
	int rc;

	if (p->pinned || p->gone)
		return;
	rc = pcl_os_process_open(&p->daemon, pid);
	session = pcl_os_session_of(pid);
	p->pinned = rc == 0;
	p->ended = p->pinned && session != p->intermediate;
	p->gone = born->session == p->intermediate &&
	    session != p->intermediate && session != pid &&
	    (rc == PROCLC_ESRCH || p->ended);
}

/* The next record; a child of the daemon that no fork handler saw may hold
 * the other end, so its death counts, too. */
static int
receive(struct pcl_plan *p, struct pcl_record *r, int64_t due)
{
	int64_t look, now;
	bool dead;
	int rc;

	do {
		now = pcl_os_now();
		look = now + LOOK_MS < due ? now + LOOK_MS : due;
		dead = p->gone || (p->pinned &&
		    pcl_os_process_alive(&p->daemon) == 0);
		rc = pcl_os_channel_receive(p->channel[PCL_LAUNCHER_END], r,
		    sizeof(*r), dead ? now : look);
	} while (rc == PROCLC_ETIMEDOUT && !dead && look < due);
	return rc == PROCLC_ETIMEDOUT && dead ? 0 : rc;
}

int
pcl_await_daemon(struct pcl_plan *p)
{
	int64_t due = pcl_due(p->o.ready_timeout_ms);
	struct pcl_record r;
	int rc;

	for (;;) {
		rc = receive(p, &r, due);
		if (rc == 0)
			return pcl_fail(PROCLC_ESTARTFAILED,
			    PROCLC_STAGE_READY, "daemonize");
		if (rc < 0)
			return pcl_fail(rc, PROCLC_STAGE_READY,
			    "daemonize: wait for ready");
		if (r.kind == PCL_READY)
			return 0;
		if (r.kind == PCL_FAILED) {
			p->exit_code = r.exit_code;
			rc = pcl_failure_set(&r.failure);
			return rc < 0 ? rc : PROCLC_ESTARTFAILED;
		}
		pin(p, &r);
	}
}

/* The time was over before a birth was told.  With the child between dead, a
 * daemon there may be tells it at once, or nobody holds the other end. */
static void
learn_birth(struct pcl_plan *p)
{
	int64_t due = pcl_os_now() + BIRTH_TIMEOUT_MS;
	struct pcl_record r;

	while (!p->pinned && !p->gone &&
	    pcl_os_channel_receive(p->channel[PCL_LAUNCHER_END], &r,
	    sizeof(r), due) == (int)sizeof(r))
		if (r.kind == PCL_BORN)
			pin(p, &r);
}

/* Nothing of a daemon that failed may stay. */
void
pcl_end_daemon(struct pcl_plan *p, int rc)
{
	int64_t grace = pcl_due(rc == PROCLC_ETIMEDOUT ? PROCLC_NOW :
	    END_TIMEOUT_MS);

	if (!p->pinned)
		learn_birth(p);
	if (!p->pinned || p->gone)
		return;
	if (pcl_os_process_wait(&p->daemon, grace) != 0 && !p->ended &&
	    pcl_os_process_signal(&p->daemon, PROCLC_SIGKILL) == 0)
		pcl_os_process_wait(&p->daemon, pcl_due(END_TIMEOUT_MS));
}

static int
run_launcher(struct pcl_plan *p, int64_t intermediate)
{
	struct pcl_os_status status;
	int rc;

	pcl_os_close(p->channel[PCL_DAEMON_END]);
	p->channel[PCL_DAEMON_END] = PCL_NONE;
	p->intermediate = intermediate;
	rc = pcl_await_daemon(p);
	if (rc < 0) {
		pcl_os_child_signal(intermediate, PROCLC_SIGKILL);
		pcl_end_daemon(p, rc);
	}
	pcl_os_reap(intermediate, true, &status);
	/* Only now it is our child, if its orphans are ours (pid 1). */
	if (rc < 0 && p->pinned && !p->ended)
		pcl_os_reap(p->daemon.pid, false, &status);
	if (rc == 0) {
		pcl_atexit_forget();
		pcl_move_forget();
		proclc_pidfile_close(p->pidfile);
		pcl_plan_release(p);
		return PROCLC_DAEMON_LAUNCHER;
	}
	return rc;
}

int
pcl_launch(struct pcl_plan *p, bool *forked)
{
	struct pcl_os_sigmask saved;
	struct pcl_failure failure;
	int64_t child = 0;
	int rc;

	if (!pcl_os_forks)
		return pcl_relaunch(p, forked);
	pcl_os_signals_block(&saved);
	pcl_move_leave();
	rc = check_threads(p);
	if (rc == 0) {
		pcl_os_stdio_flush();
		child = pcl_move_fork();
		if (child < 0)
			rc = pcl_fail((int)child, PROCLC_STAGE_FORK, "fork");
	}
	*forked = child > 0;
	if (rc == 0 && child == 0)
		return run_intermediate(p);
	if (rc == 0) {
		/* From here on a signal does to the launcher what it does to
		 * anybody, also one that has come meanwhile. */
		pcl_move_disown();
		pcl_os_signals_unblock(&saved);
		rc = run_launcher(p, child);
		if (rc >= 0)
			return rc;
		pcl_os_signals_block(&saved);
	}
	pcl_failure_get(&failure);
	if (*forked)
		pcl_move_resume();
	pcl_move_settle(false);
	pcl_os_signals_unblock(&saved);
	return pcl_failure_set(&failure);
}
