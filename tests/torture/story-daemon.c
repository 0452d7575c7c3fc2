/* The story of a daemon: launcher, the process between, and the daemon. */
#define _GNU_SOURCE 1

#include "mark.h"
#include "post.h"
#include "story.h"
#include "../toolkit/clock.h"
#include "../toolkit/scn.h"

#include <proclc.h>

#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* We are its parent in the end: is it gone?  A tracer learns of it first. */
static bool
all_gone(int within_ms)
{
	const struct timespec step = { 0, 1000000 };
	int64_t deadline = clock_deadline(within_ms);
	pid_t pid;

	do {
		pid = waitpid(-1, NULL, WNOHANG);
		if (pid < 0)
			return errno == ECHILD;
		if (pid == 0)
			clock_nanosleep(CLOCK_MONOTONIC, 0, &step, NULL);
	} while (clock_left_ms(deadline) > 0);
	return false;
}

/* Until its launcher lets go of the other end, or is gone. */
_Noreturn static void
be_daemon(const int life[2])
{
	char c;

	torture_end();
	while (read(life[0], &c, 1) < 0 && errno == EINTR)
		continue;
	proclc_exit(0);
}

static void
launch(int life[2])
{
	struct proclc_daemon_options o = PROCLC_DAEMON_OPTIONS_INIT;
	char log[1100];
	struct stat st;
	int rc, keep[2] = { life[0], STDERR_FILENO };

	snprintf(log, sizeof(log), "%s.log", story_path);
	o.pid_file = story_path;
	o.chdir = "/";
	o.stdout_path = log;
	o.keep_fds = keep;
	o.n_keep_fds = 2;
	o.ready_timeout_ms = 3000;
	/* Each number is a call to be traced. */
	o.fd_fallback_limit = 50;
	post_before("proclc_daemon_fork");
	post_spare_children();
	/* As in story.c: what nobody could lock may stay, and is empty. */
	if (getenv("TORTURE_LEAVES") != NULL)
		post_spare_files();
	if (getenv("ALLOC_FAIL") != NULL)
		post_spare_cause();
	rc = proclc_daemon_fork(&o);
	if (rc == PROCLC_DAEMON_CHILD)
		be_daemon(life);
	if (rc < 0 && !all_gone(STORY_AT_ONCE / 2))
		post_fail("somebody is left");
	rc = post_after(rc, STORY_LATE);
	if (rc < 0 && stat(story_path, &st) == 0) {
		if (st.st_size != 0 || getenv("TORTURE_LEAVES") == NULL)
			post_fail("the file is left");
		unlink(story_path);
	}
	unlink(log);
}

/* Killed after it had said that it is ready: then its word was true once. */
static bool
has_ended(pid_t pid)
{
	siginfo_t info = { .si_pid = 0 };

	return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG |
	    WNOWAIT) == 0 && info.si_pid == pid;
}

/* What the launcher was told holds at this moment. */
static void
check_daemon(void)
{
	int64_t pid = 0;
	FILE *file = fopen(story_path, "re");
	long written = 0;
	char end = 0;

	if (file == NULL || fscanf(file, "%ld%c", &written, &end) != 2 ||
	    end != '\n')
		post_fail("the file is not complete");
	if (file != NULL)
		fclose(file);
	if (written > 1 && has_ended((pid_t)written))
		return;
	if (proclc_pidfile_status(story_path, &pid) != 0 || pid != written)
		post_fail("it is held by %ld, and has %ld: %s", (long)pid,
		    written, proclc_errmsg());
}

void
story_daemon(void)
{
	int life[2];

	die_if(pipe(life) != 0, "story");
	launch(life);
	close(life[0]);
	if (access(story_path, F_OK) == 0)
		check_daemon();
	close(life[1]);
	if (!all_gone(STORY_AT_ONCE))
		post_fail("it does not end");
	/* One that could not remove its file has emptied it. */
	unlink(story_path);
}
