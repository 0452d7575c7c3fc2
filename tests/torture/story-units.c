/* Stories of the units that make, watch and end processes. */
#define _GNU_SOURCE 1

#include "story.h"
#include "post.h"
#include "../toolkit/clock.h"
#include "../toolkit/scn.h"

#include <proclc.h>

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* A child that holds the pid file, and nobody's business but stop's. */
static pid_t
start_holder(void)
{
	struct proclc_pidfile *file;
	int ready[2];
	pid_t pid;
	char c;

	die_if(pipe(ready) != 0, "pipe");
	pid = fork();
	die_if(pid < 0, "fork");
	if (pid == 0) {
		/* Nobody's business when the story is killed. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(ready[0]);
		die_if(proclc_pidfile_open(&file, story_path, NULL) < 0 ||
		    proclc_pidfile_write(file) < 0, proclc_errmsg());
		close(ready[1]);
		for (;;)
			pause();
	}
	close(ready[1]);
	while (read(ready[0], &c, 1) > 0)
		continue;
	close(ready[0]);
	return pid;
}

/* Is it gone?  A tracer learns of it first, and lets us know then. */
static bool
reap(pid_t pid)
{
	const struct timespec step = { 0, 1000000 };
	int64_t deadline = clock_deadline(STORY_AT_ONCE / 2);

	while (clock_left_ms(deadline) > 0) {
		if (waitpid(pid, NULL, WNOHANG) == pid)
			return true;
		clock_nanosleep(CLOCK_MONOTONIC, 0, &step, NULL);
	}
	return false;
}

void
story_stop(void)
{
	struct proclc_stop_options options = PROCLC_STOP_OPTIONS_INIT;
	pid_t pid = start_holder();
	int rc;

	options.grace_ms = 1000;
	post_before("proclc_stop");
	post_spare_children();
	rc = post_after(proclc_stop(story_path, &options), STORY_LATE);
	if (rc < 0)
		kill(pid, SIGKILL);
	if (!reap(pid)) {
		post_fail("stop said %d, and it lives", rc);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	unlink(story_path);
}

/* Tasks. */

enum { CODE = 7 };

static int
return_code(void *unused)
{
	(void)unused;
	return CODE;
}

static int64_t
stop_loop(void *unused)
{
	(void)unused;
	return PROCLC_LOOP_STOP;
}

/* Its child may end otherwise under torture, but not worse than it says. */
static void
finish(struct proclc_task *task, int code)
{
	struct proclc_status status = PROCLC_STATUS_INIT;
	int rc;

	post_before("proclc_task_wait");
	post_spare_children();
	rc = post_after(proclc_task_wait(task, 2000, &status), STORY_LATE);
	if (rc == 0 && status.kind == PROCLC_STATUS_EXITED &&
	    status.code != code)
		post_say("the task has exited with %d", (int)status.code);
	proclc_task_free(task);
}

void
story_task(void)
{
	static const struct proclc_task_ops ops = {
		.size = sizeof(ops), .name = "task", .run = return_code,
	};
	struct proclc_task *task = NULL;
	int rc;

	post_before("proclc_task_new");
	rc = post_after(proclc_task_new(&task, &ops, NULL, 0, NULL),
	    STORY_LATE);
	if (rc == 0)
		finish(task, CODE);
}

void
story_loop(void)
{
	static const struct proclc_loop_ops ops = {
		.size = sizeof(ops), .name = "loop", .loop = stop_loop,
	};
	struct proclc_task *task = NULL;
	int rc;

	post_before("proclc_loop_new");
	rc = post_after(proclc_loop_new(&task, &ops, NULL, 0, NULL),
	    STORY_LATE);
	if (rc == 0)
		finish(task, 0);
}

/* Three runs, on the dispatcher's thread but for the first: what fails there
 * is one of them.  In the end it has failed, whatever came. */
void
story_restart(void)
{
	static const struct proclc_task_ops ops = {
		.size = sizeof(ops), .name = "again", .run = return_code,
	};
	struct proclc_task_options options = PROCLC_TASK_OPTIONS_INIT;
	struct proclc_restart restart = PROCLC_RESTART_INIT;
	struct proclc_task *task = NULL;
	int rc;

	restart.when = PROCLC_RESTART_ALWAYS;
	restart.min_uptime_ms = 3600000;
	restart.delay_ms = PROCLC_NOW;
	restart.limit = 3;
	options.restart = &restart;
	post_before("proclc_task_new");
	rc = post_after(proclc_task_new(&task, &ops, NULL, 0, &options),
	    STORY_LATE);
	if (rc == 0)
		finish(task, CODE);
}

/* The program's own file stands under all numbers of the objects: whatever
 * fails, nothing is written there, and it is not closed. */

enum { MOST_FDS = 256 };

static struct proclc_pidfile *file;
static struct proclc_orphan *watch_;
static struct proclc_sighandler *handler;

static void
open_all(void)
{
	if (proclc_pidfile_open(&file, story_path, NULL) < 0 ||
	    proclc_sighandler_new(&handler, NULL) < 0 ||
	    proclc_sighandler_set(handler, SIGUSR1, proclc_signal_ignore,
	    NULL) < 0 || proclc_sighandler_start(handler) < 0 ||
	    proclc_sighandler_fd(handler) < 0 ||
	    proclc_orphan_new(&watch_, NULL) < 0 ||
	    proclc_orphan_start(watch_) < 0)
		post_fail("open: %s", proclc_errmsg());
}

static void
close_all(void)
{
	proclc_orphan_free(watch_);
	proclc_sighandler_stop(handler);
	proclc_sighandler_free(handler);
	proclc_pidfile_close(file);
}

/* Returns how many there are. */
static int
replace_all(const bool *before, int own, bool *replaced)
{
	int fd, n = 0;

	for (fd = 3; fd < MOST_FDS; fd++) {
		replaced[fd] = fd != own && !before[fd] &&
		    fcntl(fd, F_GETFD) >= 0;
		if (replaced[fd] && dup2(own, fd) == fd)
			n++;
	}
	return n;
}

void
story_replaced(void)
{
	bool before[MOST_FDS], replaced[MOST_FDS];
	struct stat st, now;
	int fd, own;

	/* The threads have theirs, and make new ones in their own time. */
	open_all();
	close_all();
	for (fd = 0; fd < MOST_FDS; fd++)
		before[fd] = fcntl(fd, F_GETFD) >= 0;
	open_all();
	unlink(story_path);
	own = open(story_path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	if (own < 0 || replace_all(before, own, replaced) < 4)
		post_fail("the library has hardly any descriptor");
	fstat(own, &st);
	post_before("close all");
	close_all();
	post_after(0, STORY_LATE);
	for (fd = 3; fd < MOST_FDS; fd++) {
		if (!replaced[fd])
			continue;
		if (fstat(fd, &now) != 0 || now.st_ino != st.st_ino)
			post_fail("descriptor %d is not what it was", fd);
		close(fd);
	}
	if (fstat(own, &now) != 0 || now.st_size != 0)
		post_fail("the file was written to");
	close(own);
	unlink(story_path);
}

/* The watch of a parent that lives. */

static bool orphaned;

static void
on_orphaned(struct proclc_orphan *watch, void *user)
{
	(void)watch;
	(void)user;
	orphaned = true;
}

void
story_orphan(void)
{
	struct proclc_orphan *watch = NULL;
	int rc;

	post_before("proclc_orphan_new");
	rc = post_after(proclc_orphan_new(&watch, NULL), STORY_AT_ONCE);
	if (rc < 0)
		return;
	post_before("proclc_orphan_add_callback");
	rc = post_after(proclc_orphan_add_callback(watch, on_orphaned, NULL),
	    STORY_AT_ONCE);
	if (rc == 0) {
		post_before("proclc_orphan_start");
		rc = post_after(proclc_orphan_start(watch), STORY_AT_ONCE);
	}
	if (rc == 0)
		post_idle();
	proclc_orphan_stop(watch);
	proclc_orphan_free(watch);
	if (orphaned)
		post_fail("the parent lives, but looked dead");
}

/* Exit handlers, which are not run here. */

static void
on_exit_(void *user, const struct proclc_exit_cause *cause)
{
	(void)user;
	(void)cause;
	post_fail("an exit handler has run");
}

void
story_atexit(void)
{
	int rc, token;

	post_before("proclc_atexit_register");
	token = post_after(proclc_atexit_register(on_exit_, NULL, 0),
	    STORY_AT_ONCE);
	post_before("proclc_atexit_install");
	rc = post_after(proclc_atexit_install(NULL), STORY_AT_ONCE);
	if (rc == 0) {
		post_idle();
		post_before("proclc_atexit_uninstall");
		post_after(proclc_atexit_uninstall(), STORY_AT_ONCE);
	}
	if (token > 0 && proclc_atexit_cancel(token) != 1)
		post_fail("cancel: not registered");
}
