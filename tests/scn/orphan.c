/*
 * orphan PARENT STEP...
 *
 * Forks a child, says "child PID", and does what its first argument names
 * once the child is through with its steps.  The child says "armed", then
 * answers "pong" to each line on stdin, which the parent leaves alone.
 */
#define _GNU_SOURCE 1

#include "posture.h"

#include <proclc/atexit.h>
#include <proclc/error.h>
#include <proclc/orphan.h>
#include <proclc/signals.h>

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

static struct proclc_orphan_options options = PROCLC_ORPHAN_OPTIONS_INIT;
static struct proclc_orphan *watch;
static const char *program;
static int64_t parent;
static int named[2], armed[2], gone[2];     /* end of file: it is so */

/* The child's steps. */

static void
set_grace(const char *value)
{
	options.grace_ms = atoi(value);
}

static void
set_signal(const char *value)
{
	options.signum = atoi(value);
}

static void
set_pid(const char *value)
{
	options.pid = atoi(value);
}

static void
set_interval(const char *value)
{
	options.poll_interval_ms = atoi(value);
}

static void
expect_parent(const char *unused)
{
	(void)unused;
	options.parent = parent;
}

static void
make(const char *unused)
{
	(void)unused;
	die_if(proclc_orphan_new(&watch, &options) < 0, proclc_errmsg());
}

static void
tell(struct proclc_orphan *w, void *user)
{
	const char *what = user;

	say("%s %d", what, w == watch);
	if (strcmp(what, "stop") == 0)
		die_if(proclc_orphan_stop(w) < 0, proclc_errmsg());
	else if (strcmp(what, "free") == 0)
		proclc_orphan_free(w);
	else if (strcmp(what, "hang") == 0)
		rest();
	else if (strcmp(what, "term") == 0)
		kill(getpid(), SIGTERM);
	else if (strcmp(what, "leave") == 0)
		pthread_exit(NULL);
}

static void
add_callback(const char *value)
{
	die_if(proclc_orphan_add_callback(watch, tell,
	    (void *)(uintptr_t)value) < 0, proclc_errmsg());
}

static void
start(const char *unused)
{
	(void)unused;
	if (!refused(proclc_orphan_start(watch)))
		say("backend %s", proclc_orphan_backend(watch));
}

static void
arm(const char *unused)
{
	(void)unused;
	refused(proclc_exit_when_orphaned());
}

static void
await_gone(const char *unused)
{
	(void)unused;
	say("awaiting");
	await_closed(gone);
	/* Its descriptors are closed a moment before it is gone. */
	while (getppid() == parent)
		usleep(100);
}

/* The handler of the ancestor's own test: it stops and frees the watch. */
static void
end_watch(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *user)
{
	(void)handler;
	(void)event;
	(void)user;
	die_if(proclc_orphan_stop(watch) < 0, proclc_errmsg());
	proclc_orphan_free(watch);
	say("freed");
	proclc_exit(9);
}

static void
term_frees(const char *unused)
{
	struct proclc_sighandler *h;

	(void)unused;
	die_if(proclc_sighandler_new(&h, NULL) < 0 ||
	    proclc_sighandler_set(h, PROCLC_SIGTERM, end_watch, NULL) < 0 ||
	    proclc_sighandler_start(h) < 0, proclc_errmsg());
}

/* Two children of the child: one arms anew, one does not. */
static void
fork_two(const char *unused)
{
	int ready[2], i;
	pid_t pid;

	(void)unused;
	for (i = 0; i < 2; i++) {
		die_if(pipe(ready) < 0, "pipe");
		pid = fork();
		if (pid == 0) {
			if (i == 0)
				arm(NULL);
			close(ready[0]);
			close(ready[1]);
			rest();
		}
		await_closed(ready);
		close(ready[0]);
		say("%s %d", i == 0 ? "again" : "never", (int)pid);
	}
}

static const struct step steps[] = {
	{ "grace=", set_grace }, { "signal=", set_signal },
	{ "interval=", set_interval }, { "pid=", set_pid },
	{ "expect", expect_parent }, { "new", make },
	{ "callback=", add_callback }, { "start", start },
	{ "arm", arm }, { "await-gone", await_gone },
	{ "term-frees", term_frees }, { "fork-two", fork_two },
};

static void
be_child(char **words)
{
	char line[64];

	await_closed(named);
	close(armed[0]);
	for (; *words != NULL; words++)
		die_if(!posture_take(*words) && !step_take(steps,
		    sizeof(steps) / sizeof(steps[0]), *words), *words);
	say("armed");
	close(armed[1]);
	posture_last();
	while (hear(line, sizeof(line)) >= 0)
		say("pong");
	proclc_exit(0);
}

/* The parent. */

static void
fork_child(char **words)
{
	pid_t pid;

	parent = getpid();
	pid = fork();
	die_if(pid < 0, "fork");
	if (pid == 0)
		be_child(words);
	close(armed[1]);
	say("child %d", (int)pid);
	close(named[1]);
}

static void
await_armed(void)
{
	char c;

	while (read(armed[0], &c, 1) < 0 && errno == EINTR)
		continue;
}

static void
live(char **words)
{
	fork_child(words);
	rest();
}

static void *
fork_here(void *words)
{
	fork_child(words);
	await_armed();
	return NULL;
}

static void
fork_in_thread(char **words)
{
	pthread_t thread;

	die_if(pthread_create(&thread, NULL, fork_here, words) != 0 ||
	    pthread_join(thread, NULL) != 0, "thread");
	say("thread ended");
	rest();
}

static void *
outlive(void *main_thread)
{
	die_if(pthread_join(*(pthread_t *)main_thread, NULL) != 0, "join");
	say("main ended");
	rest();
}

static void
leave_main(char **words)
{
	static pthread_t self;
	pthread_t thread;

	self = pthread_self();
	fork_child(words);
	await_armed();
	die_if(pthread_create(&thread, NULL, outlive, &self) != 0, "thread");
	pthread_exit(NULL);
}

static void
exec_other(char **words)
{
	fork_child(words);
	await_armed();
	execl(program, "orphan", "execed", NULL);
	die_if(1, program);
}

static void
execed(char **words)
{
	(void)words;
	say("execed");
	rest();
}

/* Not 1, but 0 is the number of a parent outside the namespace. */
static void
fork_into_namespace(char **words)
{
	if (unshare(CLONE_NEWPID) < 0 &&
	    unshare(CLONE_NEWUSER | CLONE_NEWPID) < 0) {
		say("no namespace");
		exit(0);
	}
	live(words);
}

static const struct {
	const char *name;
	void (*fn)(char **words);
} parents[] = {
	{ "lives", live }, { "forks-in-thread", fork_in_thread },
	{ "leaves-main", leave_main }, { "execs", exec_other },
	{ "execed", execed }, { "in-namespace", fork_into_namespace },
};

int
main(int argc, char **argv)
{
	size_t i;

	die_if(argc < 2, "usage");
	program = argv[0];
	die_if(pipe(named) < 0 || pipe(armed) < 0 || pipe(gone) < 0, "pipe");
	for (i = 0; i < sizeof(parents) / sizeof(parents[0]); i++)
		if (strcmp(parents[i].name, argv[1]) == 0)
			parents[i].fn(argv + 2);
	die_if(1, argv[1]);
}
