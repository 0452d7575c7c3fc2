/*
 * The dispatcher, told what to do line by line: see objects.h, and
 *
 *	mode N; fd; poll MS; dispatch MS [took]       MANUAL mode
 *	dispatch_beside; dispatch_background          in another thread
 *	threads                                       names, and what they block
 *	steal_set; stolen_set         its own epoll and timer under the numbers
 *	                              of those of MANUAL mode
 *	steal_pipes FILE N; stolen    a file under their numbers: read ends (1),
 *	                              write ends (2), both (3)
 */
#define _GNU_SOURCE 1

#include "objects.h"
#include "../toolkit/os.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <time.h>

static int64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void
do_mode(char **words)
{
	tell_code("mode", proclc_set_dispatch_mode(
	    (unsigned)script_number(words[0])));
}

static void
do_fd(char **words)
{
	int fd = proclc_dispatch_fd();

	(void)words;
	if (fd < 0)
		tell_code("fd", fd);
	else
		tell("fd %d, %s", fd, fcntl(fd, F_GETFD) == FD_CLOEXEC ?
		    "closed by exec" : "wrong flags");
}

static void
do_poll(char **words)
{
	struct pollfd entry = { .fd = proclc_dispatch_fd(),
	    .events = POLLIN };
	int ready = poll(&entry, 1, script_number(words[0]));

	tell(ready > 0 ? "readable" : "quiet");
}

static void
do_dispatch(char **words)
{
	int64_t start = now_ms();
	int rc = proclc_dispatch(script_number(words[0]));

	tell_code("dispatch", rc);
	if (words[1] != NULL)
		tell("took %ld", (long)(now_ms() - start));
}

static void *
dispatch_now(void *unused)
{
	tell_code("beside", proclc_dispatch(0));
	return unused;
}

static void
do_dispatch_beside(char **words)
{
	pthread_t thread;

	(void)words;
	pthread_create(&thread, NULL, dispatch_now, NULL);
	pthread_join(thread, NULL);
}

static void *
dispatch_long(void *unused)
{
	tell_code("background", proclc_dispatch(PROCLC_FOREVER));
	return unused;
}

/* Not waited for. */
static void
do_dispatch_background(char **words)
{
	pthread_t thread;

	(void)words;
	pthread_create(&thread, NULL, dispatch_long, NULL);
	pthread_detach(thread);
}

static void
do_threads(char **words)
{
	struct os_thread *list;
	int n = os_threads(&list);

	(void)words;
	for (int i = 0; i < n; i++)
		tell("thread %s blocks %llx", list[i].self ? "self" :
		    list[i].name, (unsigned long long)list[i].blocked);
	tell("threads %d", n);
	free(list);
}

/* errno in a thread that a signal interrupts. */
static void
do_errno(char **words)
{
	int signum = script_number(words[0]);
	pid_t self = getpid();

	errno = 4711;
	kill(self, signum);
	tell("errno %d", errno);
}

/* Put a file under the number of each pipe, and look at it after. */
static int stolen = -1;

static void
do_steal_pipes(char **words)
{
	struct stat st;
	int bit;

	stolen = open(words[0], O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	die_if(stolen < 0 || write(stolen, "mine", 4) != 4, words[0]);
	lseek(stolen, 0, SEEK_SET);
	for (int fd = 3; fd < 256; fd++) {
		if (objects_is_gate(fd) || fstat(fd, &st) != 0 ||
		    !S_ISFIFO(st.st_mode))
			continue;
		bit = (fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDONLY ? 1 : 2;
		if ((script_number(words[1]) & bit) != 0)
			die_if(dup2(stolen, fd) < 0, "dup2");
	}
}

static void
do_stolen(char **words)
{
	struct stat st;

	(void)words;
	die_if(fstat(stolen, &st) != 0, "fstat");
	tell("stolen: %ld bytes, read to %ld", (long)st.st_size,
	    (long)lseek(stolen, 0, SEEK_CUR));
}

static int own_epoll, own_timer;

static void
put_under(int fd, int number)
{
	if (fd != number) {
		die_if(dup2(fd, number) < 0, "dup2");
		close(fd);
	}
}

static void
do_steal_set(char **words)
{
	struct itimerspec at = { .it_value.tv_sec = 1000 };
	char path[64], to[64];
	ssize_t n;

	(void)words;
	own_epoll = proclc_dispatch_fd();
	own_timer = -1;
	for (int fd = 3; fd < 256; fd++) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		n = readlink(path, to, sizeof(to) - 1);
		to[n < 0 ? 0 : n] = '\0';
		if (strstr(to, "timerfd") != NULL)
			own_timer = fd;
		if (strstr(to, "timerfd") != NULL ||
		    strstr(to, "eventpoll") != NULL)
			close(fd);
	}
	die_if(own_timer < 0, "no timer");
	put_under(epoll_create1(EPOLL_CLOEXEC), own_epoll);
	put_under(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC), own_timer);
	timerfd_settime(own_timer, 0, &at, NULL);
	tell("set stolen");
}

static void
do_stolen_set(char **words)
{
	struct itimerspec now = { .it_value.tv_sec = 0 };
	char path[64], line[128];
	int members = 0;
	FILE *info;

	(void)words;
	timerfd_gettime(own_timer, &now);
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", own_epoll);
	info = fopen(path, "re");
	die_if(info == NULL, path);
	while (fgets(line, sizeof(line), info) != NULL)
		members += strncmp(line, "tfd:", 4) == 0;
	fclose(info);
	tell("set: %d members, timer %s, fd %s", members,
	    now.it_value.tv_sec > 900 ? "mine" : "changed",
	    proclc_dispatch_fd() == own_epoll ? "the same" : "another");
}

static const struct command commands[] = {
	{ "mode", do_mode }, { "fd", do_fd }, { "poll", do_poll },
	{ "dispatch", do_dispatch }, { "dispatch_beside", do_dispatch_beside },
	{ "dispatch_background", do_dispatch_background },
	{ "steal_set", do_steal_set }, { "stolen_set", do_stolen_set },
	{ "threads", do_threads }, { "errno", do_errno },
	{ "steal_pipes", do_steal_pipes }, { "stolen", do_stolen },
	{ NULL, NULL }
};

int
main(void)
{
	objects_begin();
	return script_main(commands, object_commands);
}
