/*
 * send.c - to reach a daemon by its pid file.
 *
 * The floor is what scripts do, which reaches whoever has that pid by now.
 * Beside it the calls without which a stranger may be hit, and those without
 * which a hostile file may hang the sender.  The signal is SIGURG, which
 * the receiver ignores by default: it is the sender that is measured.
 */
#include <config.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <proclc.h>

#include "place.h"

static void
hold_raw(void)
{
	int fd = open(place_file, O_RDWR | O_CREAT | O_CLOEXEC, 0644);

	bench_libc(fd, place_file);
	bench_libc(raw_lock_file(fd), "lock the file");
	bench_libc(dprintf(fd, "%d\n", (int)getpid()), place_file);
	bench_libc(raw_lock_process(fd), "lock as this process");
}

static void
hold_ours(void)
{
	struct proclc_pidfile *pf;

	bench_proclc(proclc_pidfile_open(&pf, place_file, NULL), "open");
	bench_proclc(proclc_pidfile_write(pf), "write");
}

static const char *
set_up_raw(void)
{
	int pidfd = raw_pidfd_open(getpid());

	if (pidfd < 0)
		return "pidfd_open is refused here";
	close(pidfd);
	place_make();
	holder_start(hold_raw);
	return NULL;
}

static const char *
set_up_ours(void)
{
	place_make();
	holder_start(hold_ours);
	return NULL;
}

static void
tear_down(void)
{
	holder_stop();
	place_remove();
}

static void
kill_naively(int signum)
{
	char text[32];
	int fd = open(place_file, O_RDONLY);
	ssize_t n = read(fd, text, sizeof(text) - 1);

	bench_libc((int)n, place_file);
	close(fd);
	text[n] = '\0';
	bench_libc(kill((pid_t)atoi(text), signum), "kill");
}

static void
send_naively(void)
{
	kill_naively(SIGURG);
}

static void
ping_naively(void)
{
	kill_naively(0);
}

/* Pin the holder, see that it is the holder still, then act. */
static void
reach(int fd, void (*act)(int pidfd))
{
	pid_t pid = raw_lock_holder(fd);
	int pidfd = raw_pidfd_open(pid);

	bench_libc(pidfd, "pidfd_open");
	if (raw_lock_holder(fd) != pid)
		bench_fatal("another holder");
	act(pidfd);
	close(pidfd);
	close(fd);
}

static int
open_file(void)
{
	return open(place_file, O_RDONLY | O_CLOEXEC);
}

/* Suspicious of what may stand there: a FIFO, a device, a link. */
static int
open_carefully(void)
{
	struct stat st;
	int fd;

	if (lstat(place_file, &st) != 0 || !S_ISREG(st.st_mode))
		bench_fatal("%s: no file", place_file);
	fd = open(place_file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY |
	    O_CLOEXEC);
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		bench_fatal("%s: no file", place_file);
	return fd;
}

static void
send_by(int pidfd)
{
	bench_libc(raw_pidfd_send(pidfd, SIGURG), "pidfd_send_signal");
}

static void
look_at(int pidfd)
{
	struct pollfd entry = { .fd = pidfd, .events = POLLIN };

	if (poll(&entry, 1, 0) != 0)
		bench_fatal("the holder is gone");
}

static void
send_safely(void)
{
	reach(open_file(), send_by);
}

static void
send_carefully(void)
{
	reach(open_carefully(), send_by);
}

static void
ping_carefully(void)
{
	reach(open_carefully(), look_at);
}

static void
send_ours(void)
{
	bench_proclc(proclc_send(place_file, SIGURG), "proclc_send");
}

static void
ping_ours(void)
{
	bench_proclc(proclc_ping(place_file), "proclc_ping");
}

#define RAW(op) set_up_raw, op, NULL, tear_down
#define OURS(op) set_up_ours, op, NULL, tear_down

static const struct bench_case
naive_send = { "open, read, kill", RAW(send_naively) },
naive_ping = { "open, read, kill 0", RAW(ping_naively) },
safe_send = { "bare: pinned, 2 x GETLK", RAW(send_safely) },
careful_send = { "bare: and a wary open", RAW(send_carefully) },
careful_ping = { "bare: wary, pinned, GETLK", RAW(ping_carefully) },
our_send = { "proclc_send", OURS(send_ours) },
our_ping = { "proclc_ping", OURS(ping_ours) };

enum { N = 100 };

const struct bench_row rows_send[] = {
	{ "send", &naive_send, &our_send, N, 2.7, BENCH_MEDIAN },
	{ "send", &safe_send, &our_send, N, 0, BENCH_MEDIAN },
	{ "send", &careful_send, &our_send, N, 0, BENCH_MEDIAN },
	{ "send", &naive_send, &safe_send, N, 0, BENCH_MEDIAN },
	{ "send", &naive_send, &careful_send, N, 0, BENCH_MEDIAN },
	{ "ping", &naive_ping, &our_ping, N, 0, BENCH_MEDIAN },
	{ "ping", &careful_ping, &our_ping, N, 0, BENCH_MEDIAN },
	{ NULL, NULL, NULL, 0, 0, BENCH_MEDIAN }
};
