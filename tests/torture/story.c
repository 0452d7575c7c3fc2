/*
 * story NAME PATH: library calls to be tortured, three times: under torture,
 * and then in peace, where all must work.
 *
 *	send, ping   reach who holds the pid file PATH
 *	hold         opens, writes, asks for and removes the pid file
 *	handler      new, set, start, a signal, stop, free
 *	stop         ends a child that holds the pid file
 *	task, loop, restart   new, wait, free
 *	command      new with pipes, talk, free
 *	replaced     stop and close, when the program's file has their numbers
 *	orphan       the watch of a living parent
 *	atexit       register, install, uninstall, cancel
 *	daemon       one that starts, and ends when its launcher has seen it
 *	family       three tasks: started, waited for and stopped together
 *	verbs, result, tree, stopfd, changes   one task, what else it has
 *	manual       as handler, by the program's own thread
 *	sigwait, watchfd, orphaned, log   what else tells of events
 *	notify       what a supervisor is told
 *	foreground   a daemon that stays a child of ours
 *	strays       the reaper of all orphans
 *	descendants  the end of all that is left below
 *	adopt        keeps the pid file over an exec, and takes it back
 *	allocating   the same; the signal is alloc.so's, inside malloc
 */
#define _GNU_SOURCE 1

#include "mark.h"
#include "post.h"
#include "story.h"
#include "../toolkit/clock.h"
#include "../toolkit/os.h"
#include "../toolkit/scn.h"
#include "../toolkit/snapshot.h"

#include <proclc.h>

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>

const char *story_path;

static void
run_send(void)
{
	post_before("proclc_send");
	post_after(proclc_send(story_path, SIGRTMIN), STORY_PATIENT);
}

static void
run_ping(void)
{
	post_before("proclc_ping");
	post_after(proclc_ping(story_path), STORY_PATIENT);
}

/* A file that nobody could lock, or know again, may stay: then it is empty, and
 * the next open has no trouble with it. */
static int
open_file(struct proclc_pidfile **file)
{
	struct stat st;
	int rc;

	if (getenv("TORTURE_LEAVES") != NULL)
		post_spare_files();
	rc = proclc_pidfile_open(file, story_path, NULL);
	if (rc < 0 && stat(story_path, &st) == 0 && st.st_size != 0)
		post_fail("the file holds %ld bytes", (long)st.st_size);
	return rc;
}

static void
run_hold(void)
{
	struct proclc_pidfile *file = NULL;
	int64_t pid = 0;
	int rc;

	post_before("proclc_pidfile_open");
	rc = post_after(open_file(&file), STORY_PATIENT);
	if (rc < 0)
		return;
	post_before("proclc_pidfile_write");
	rc = post_after(proclc_pidfile_write(file), STORY_AT_ONCE);
	if (rc == 0) {
		post_before("proclc_pidfile_status");
		rc = post_after(proclc_pidfile_status(story_path, &pid),
		    STORY_PATIENT);
		if (rc == 0 && pid != getpid())
			post_fail("status says %d", (int)pid);
	}
	post_before("proclc_pidfile_remove");
	rc = proclc_pidfile_remove(file);
	/* It frees the object whatever happens, so "as before" it is not. */
	if (rc < 0)
		unlink(story_path);
	post_after(rc < 0 ? 0 : rc, STORY_AT_ONCE);
}

static atomic_int calls;
static volatile size_t size = 100;

static void
on_signal(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *user)
{
	(void)handler;
	(void)user;
	free(malloc(size));
	if (event->signum == SIGUSR1 && event->pid == getpid())
		atomic_fetch_add(&calls, 1);
}

/* The callback comes, sooner or later. */
static void
await_call(void)
{
	const struct timespec step = { 0, 1000000 };
	int64_t deadline = clock_deadline(STORY_LATE);

	while (atomic_load(&calls) == 0 && clock_left_ms(deadline) > 0)
		clock_nanosleep(CLOCK_MONOTONIC, 0, &step, NULL);
}

/* The signal comes from malloc (ALLOC_RAISE), where there is one such. */
static bool
allocate(void)
{
	static void *volatile block;
	long raised = torture_end();

	errno = 0;
	torture_begin();
	block = malloc(size);
	raised = torture_end() - raised;
	if (block == NULL || errno != 0)
		post_fail("malloc: errno %d", errno);
	free(block);
	post_say("raised %ld", raised);
	return raised > 0;
}

static bool
send_self(void)
{
	return post_signal(SIGUSR1);
}

static void
handle(bool (*cause)(void))
{
	struct proclc_sighandler *handler = NULL;
	bool sent = false;
	int rc;

	atomic_store(&calls, 0);
	post_before("proclc_sighandler_new");
	rc = post_after(proclc_sighandler_new(&handler, NULL), STORY_AT_ONCE);
	if (rc < 0)
		return;
	post_before("proclc_sighandler_set");
	post_after(proclc_sighandler_set(handler, SIGUSR2, on_signal, NULL),
	    STORY_AT_ONCE);
	post_before("proclc_sighandler_start");
	rc = post_after(proclc_sighandler_start(handler), STORY_AT_ONCE);
	if (rc == 0) {
		post_idle();
		/* The dispatcher waits already, and has to learn of it. */
		post_before("proclc_sighandler_set");
		rc = post_after(proclc_sighandler_set(handler, SIGUSR1,
		    on_signal, NULL), STORY_AT_ONCE);
	}
	if (rc == 0) {
		post_before("a signal");
		sent = cause();
		if (sent)
			await_call();
		post_after(0, STORY_LATE);
	}
	post_before("proclc_sighandler_stop");
	post_after(proclc_sighandler_stop(handler), STORY_AT_ONCE);
	if (sent != (atomic_load(&calls) > 0))
		post_fail("%d calls for %d signals", atomic_load(&calls), sent);
	proclc_sighandler_free(handler);
}

static void
run_handler(void)
{
	handle(send_self);
}

static void
run_allocating(void)
{
	/* Nothing else is tortured. */
	post_calm();
	handle(allocate);
}

static const struct {
	const char *name;
	void (*run)(void);
	unsigned own;   /* of snapshot.h: it stays */
} stories[] = {
	{ "send", run_send, 0 },
	{ "ping", run_ping, 0 },
	{ "hold", run_hold, TOOLKIT_FILES },
	{ "handler", run_handler, 0 },
	{ "allocating", run_allocating, 0 },
	{ "stop", story_stop, TOOLKIT_FILES },
	{ "task", story_task, 0 },
	{ "command", story_command, 0 },
	{ "loop", story_loop, 0 },
	{ "restart", story_restart, 0 },
	{ "replaced", story_replaced, TOOLKIT_FILES },
	{ "orphan", story_orphan, 0 },
	{ "atexit", story_atexit, 0 },
	{ "daemon", story_daemon, TOOLKIT_FILES },
	{ "family", story_family, 0 },
	{ "verbs", story_verbs, 0 },
	{ "result", story_result, 0 },
	{ "tree", story_tree, 0 },
	{ "descendants", story_descendants,
	    TOOLKIT_DISPOSITIONS | TOOLKIT_TRAITS },
	{ "stopfd", story_stopfd, 0 },
	{ "changes", story_changes, 0 },
	{ "manual", story_manual, 0 },
	{ "sigwait", story_sigwait, 0 },
	{ "watchfd", story_watchfd, 0 },
	{ "orphaned", story_orphaned, 0 },
	{ "adopt", story_adopt, TOOLKIT_FILES },
	{ "log", story_log, 0 },
	{ "notify", story_notify, TOOLKIT_FILES },
	{ "foreground", story_foreground, TOOLKIT_FILES },
	{ "strays", story_strays, TOOLKIT_DISPOSITIONS | TOOLKIT_TRAITS },
};

int
main(int argc, char **argv)
{
	char dir[1024];
	size_t i;

	die_if(argc != 3, "usage: story NAME PATH");
	story_path = argv[2];
	snprintf(dir, sizeof(dir), "%s", story_path);
	die_if(strrchr(dir, '/') == NULL, story_path);
	*strrchr(dir, '/') = '\0';
	for (i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		if (strcmp(stories[i].name, argv[1]) != 0)
			continue;
		/* A daemon is to become a child of ours, that none is lost. */
		if (stories[i].run == story_daemon)
			die_if(!os_become_subreaper(), "subreaper");
		post_begin(dir, stories[i].own);
		stories[i].run();
		post_calm();
		stories[i].run();
		post_steady();
		stories[i].run();
		return post_end();
	}
	die_if(1, argv[1]);
}
