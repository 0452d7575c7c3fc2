/* Stories of the units that wait for events, by their other verbs. */
#define _GNU_SOURCE 1

#include "story.h"
#include "post.h"
#include "../toolkit/clock.h"
#include "../toolkit/scn.h"

#include <proclc.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static atomic_int calls;

static void
on_signal(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *user)
{
	(void)handler;
	(void)event;
	(void)user;
	atomic_fetch_add(&calls, 1);
}

/* The mode is chosen once; to say it again is no error. */
static void
dispatch_one(void)
{
	int64_t deadline = clock_deadline(STORY_LATE);

	if (!post_signal(SIGUSR1))
		return;
	while (atomic_load(&calls) == 0 && clock_left_ms(deadline) > 0)
		if (STORY_CALL(proclc_dispatch, STORY_LATE, 100) < 0)
			break;
	/* A call that fails leaves the work for the next. */
	if (atomic_load(&calls) == 0)
		STORY_CALL(proclc_dispatch, STORY_LATE, 1000);
	if (atomic_load(&calls) != 1)
		post_fail("%d calls", atomic_load(&calls));
}

void
story_manual(void)
{
	struct proclc_sighandler *handler = NULL;

	atomic_store(&calls, 0);
	if (STORY_CALL(proclc_set_dispatch_mode, STORY_AT_ONCE,
	    PROCLC_DISPATCH_MANUAL) < 0)
		return;
	STORY_CALL(proclc_dispatch_fd, STORY_AT_ONCE);
	if (STORY_CALL(proclc_sighandler_new, STORY_AT_ONCE, &handler,
	    NULL) < 0)
		return;
	if (STORY_CALL(proclc_sighandler_set, STORY_AT_ONCE, handler, SIGUSR1,
	    on_signal, NULL) == 0 && STORY_CALL(proclc_sighandler_start,
	    STORY_AT_ONCE, handler) == 0)
		dispatch_one();
	STORY_CALL(proclc_sighandler_stop, STORY_AT_ONCE, handler);
	proclc_sighandler_free(handler);
}

void
story_sigwait(void)
{
	struct proclc_sighandler *handler = NULL;
	int rc;

	if (STORY_CALL(proclc_sighandler_new, STORY_AT_ONCE, &handler,
	    NULL) < 0)
		return;
	rc = STORY_CALL(proclc_sighandler_set, STORY_AT_ONCE, handler,
	    SIGUSR1, PROCLC_SIGNAL_WAIT, NULL);
	if (rc == 0)
		rc = STORY_CALL(proclc_sighandler_start, STORY_AT_ONCE,
		    handler);
	if (rc == 0) {
		/* The thread is about to let the signal through. */
		post_before("proclc_sighandler_fd");
		post_spare_threads();
		post_after(proclc_sighandler_fd(handler), STORY_AT_ONCE);
	}
	if (rc == 0 && post_signal(SIGUSR1)) {
		rc = STORY_CALL(proclc_sighandler_wait, STORY_LATE, handler,
		    2000);
		if (rc >= 0 && rc != SIGUSR1)
			post_fail("it told of signal %d", rc);
	}
	STORY_CALL(proclc_sighandler_stop, STORY_AT_ONCE, handler);
	proclc_sighandler_free(handler);
}

/* A watch that is polled, of a parent that lives. */
void
story_watchfd(void)
{
	struct proclc_orphan *watch = NULL;
	struct pollfd p = { .events = POLLIN };

	if (STORY_CALL(proclc_orphan_new, STORY_AT_ONCE, &watch, NULL) < 0)
		return;
	if (STORY_CALL(proclc_orphan_start, STORY_AT_ONCE, watch) == 0) {
		p.fd = STORY_CALL(proclc_orphan_fd, STORY_AT_ONCE, watch);
		if (p.fd >= 0 && poll(&p, 1, 0) > 0)
			post_fail("the parent lives, but looked dead");
		if (STORY_CALL(proclc_orphan_status, STORY_AT_ONCE, watch) !=
		    PROCLC_ORPHAN_WATCHING ||
		    proclc_orphan_backend(watch) == NULL)
			post_fail("it does not watch");
	}
	STORY_CALL(proclc_orphan_stop, STORY_AT_ONCE, watch);
	proclc_orphan_free(watch);
}

/* It stays armed: the second call finds it so. */
void
story_orphaned(void)
{
	post_before("proclc_exit_when_orphaned");
	post_spare_threads();
	post_after(proclc_exit_when_orphaned(), STORY_AT_ONCE);
}

/* The file is held on over an exec that fails; as when it had been done, the
 * descriptor is somebody's, who has an object made for it. */
static void
hold_again(struct proclc_pidfile *file)
{
	struct proclc_pidfile *other = NULL;
	int fd;

	fd = STORY_CALL(proclc_pidfile_keep_over_exec, STORY_PATIENT, file);
	if (fd < 0)
		return;
	/* This program has an object for it. */
	if (proclc_pidfile_adopt(&other, story_path, fd) != PROCLC_EALREADY)
		post_fail("adopted twice");
	if (STORY_CALL(proclc_pidfile_write, STORY_PATIENT, file) == 0 &&
	    fcntl(fd, F_GETFD) >= 0 && (fcntl(fd, F_GETFD) & FD_CLOEXEC) == 0)
		post_fail("it would be held on");
}

void
story_adopt(void)
{
	struct proclc_pidfile *file = NULL;

	post_before("proclc_pidfile_open");
	post_spare_files();
	if (post_after(proclc_pidfile_open(&file, story_path, NULL),
	    STORY_PATIENT) < 0) {
		unlink(story_path);
		return;
	}
	hold_again(file);
	if (proclc_pidfile_remove(file) < 0)
		unlink(story_path);
}

/* A thread's stack for crashes is there as long as the thread. */

static void *
be_thread(void *unused)
{
	STORY_CALL(proclc_crash_thread, STORY_AT_ONCE);
	return unused;
}

static void
ask_for_stack(void)
{
	pthread_t thread;

	die_if(pthread_create(&thread, NULL, be_thread, NULL) != 0, "thread");
	pthread_join(thread, NULL);
}

/* What is told of a thing that fails and has nobody to return it to. */
static void
on_line(const char *line, void *user)
{
	(void)user;
	if (line == NULL || line[0] == '\0' || strchr(line, '\n') != NULL)
		post_fail("no line");
}

void
story_log(void)
{
	proclc_set_log(on_line, NULL);
	story_orphan();
	ask_for_stack();
	proclc_set_log(NULL, NULL);
}

/* A supervisor, which reads all that it is told. */

static int supervisor;
static sem_t reads;

static void *
read_all(void *unused)
{
	char text[300];

	sem_post(&reads);
	while (recv(supervisor, text, sizeof(text), 0) > 0)
		continue;
	return unused;
}

static void
speak(void)
{
	STORY_CALL(proclc_notify_ready, STORY_AT_ONCE);
	STORY_CALL(proclc_notify_reloading, STORY_AT_ONCE);
	STORY_CALL(proclc_notify_status, STORY_AT_ONCE, "well");
	STORY_CALL(proclc_notify_ping, STORY_AT_ONCE);
	STORY_CALL(proclc_notify_barrier, STORY_LATE, 2000);
	STORY_CALL(proclc_notify_take, STORY_AT_ONCE);
	STORY_CALL(proclc_notify_stopping, STORY_AT_ONCE);
}

static void
speak_by_line(void)
{
	char line[8] = "";
	int fds[2], rc;

	die_if(pipe(fds) != 0, "pipe");
	post_before("proclc_notify_ready_fd");
	/* It is closed, whatever comes. */
	post_spare_threads();
	rc = post_after(proclc_notify_ready_fd(fds[1]), STORY_AT_ONCE);
	if (rc == 1 && (read(fds[0], line, sizeof(line)) < 1 ||
	    line[0] != '\n'))
		post_fail("no line");
	close(fds[0]);
}

void
story_notify(void)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	pthread_t thread;
	int sender;

	snprintf(name.sun_path, sizeof(name.sun_path), "%s", story_path);
	unlink(story_path);
	supervisor = socket(AF_UNIX, SOCK_DGRAM, 0);
	die_if(supervisor < 0 || bind(supervisor, (struct sockaddr *)&name,
	    sizeof(name)) != 0, "socket");
	setenv("NOTIFY_SOCKET", story_path, 1);
	sem_init(&reads, 0, 0);
	die_if(pthread_create(&thread, NULL, read_all, NULL) != 0, "thread");
	while (sem_wait(&reads) != 0)
		continue;
	speak();
	speak_by_line();
	/* An empty message is the last. */
	sender = socket(AF_UNIX, SOCK_DGRAM, 0);
	sendto(sender, "", 0, 0, (struct sockaddr *)&name, sizeof(name));
	pthread_join(thread, NULL);
	close(sender);
	close(supervisor);
	unlink(story_path);
}
