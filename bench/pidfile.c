/*
 * pidfile.c - to hold a pid file.
 *
 * Two floors: one lock and no questions asked, which two starters at once get
 * wrong; and the calls that the contract needs: two locks, one that outlives a
 * daemon's forks and one that names the process, and a look whether the name
 * still stands for the file that was locked.
 */
#include <config.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <proclc.h>

#include "place.h"

static const char *
set_up(void)
{
	place_make();
	return NULL;
}

static size_t
own_pid(char *text, size_t size)
{
	return (size_t)snprintf(text, size, "%d\n", (int)getpid());
}

static int
hold_simply(void)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd = open(place_file, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	char text[32];

	bench_libc(fcntl(fd, F_SETLK, &lock), "lock");
	bench_libc(ftruncate(fd, 0), "ftruncate");
	bench_libc((int)write(fd, text, own_pid(text, sizeof(text))), "write");
	return fd;
}

static void
remove_simply(void)
{
	int fd = hold_simply();

	bench_libc(unlink(place_file), "unlink");
	close(fd);
}

static void
close_simply(void)
{
	close(hold_simply());
}

/* Does the name in the directory stand for this file? */
static void
recheck(int dir, const struct stat *file)
{
	struct stat at;

	bench_libc(fstatat(dir, "pid", &at, AT_SYMLINK_NOFOLLOW), "fstatat");
	if (at.st_ino != file->st_ino || at.st_dev != file->st_dev)
		bench_fatal("another file");
}

static int
hold_safely(int dir, int flags, struct stat *file)
{
	int fd = openat(dir, "pid", O_RDWR | O_NOFOLLOW | O_NONBLOCK |
	    O_CLOEXEC | flags, 0644);
	char text[32];

	bench_libc(fd, place_file);
	if (flags != 0)
		bench_libc(fchmod(fd, 0644), "fchmod");
	bench_libc(fstat(fd, file), "fstat");
	bench_libc(raw_lock_file(fd), "lock the file");
	recheck(dir, file);
	bench_libc(ftruncate(fd, 0), "ftruncate");
	bench_libc((int)pwrite(fd, text, own_pid(text, sizeof(text)), 0),
	    "pwrite");
	bench_libc(raw_lock_process(fd), "lock as this process");
	return fd;
}

static int
open_dir(void)
{
	struct stat st;
	int dir = open(place_dir, O_PATH | O_DIRECTORY | O_CLOEXEC);

	bench_libc(fstat(dir, &st), place_dir);
	if (st.st_uid != geteuid())
		bench_fatal("somebody else's directory");
	return dir;
}

static void
remove_safely(void)
{
	struct stat file;
	int dir = open_dir();
	int fd = hold_safely(dir, O_CREAT | O_EXCL, &file);

	recheck(dir, &file);
	bench_libc(unlinkat(dir, "pid", 0), "unlinkat");
	close(fd);
	close(dir);
}

static void
close_safely(void)
{
	struct stat file;
	int dir = open_dir();

	close(hold_safely(dir, 0, &file));
	close(dir);
}

static const char *
set_up_file(void)
{
	int fd;

	place_make();
	fd = open(place_file, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	bench_libc(fd, place_file);
	close(fd);
	return NULL;
}

static struct proclc_pidfile *
hold_ours(void)
{
	struct proclc_pidfile *pf;

	bench_proclc(proclc_pidfile_open(&pf, place_file, NULL), "open");
	bench_proclc(proclc_pidfile_write(pf), "write");
	return pf;
}

static void
remove_ours(void)
{
	bench_proclc(proclc_pidfile_remove(hold_ours()), "remove");
}

static void
close_ours(void)
{
	proclc_pidfile_close(hold_ours());
}

static const struct bench_case
simple_new = { "open, lock, write, unlink", set_up, remove_simply, NULL,
    place_remove },
safe_new = { "bare: two locks, rechecked", set_up, remove_safely, NULL,
    place_remove },
our_new = { "open, write, remove", set_up, remove_ours, NULL, place_remove },
simple_old = { "open, lock, write, close", set_up_file, close_simply, NULL,
    place_remove },
safe_old = { "bare: two locks, rechecked", set_up_file, close_safely, NULL,
    place_remove },
our_old = { "open, write, close", set_up_file, close_ours, NULL,
    place_remove };

enum { N = 50 };

const struct bench_row rows_pidfile[] = {
	{ "pidfile", &simple_new, &our_new, N, 1.35, BENCH_MEDIAN },
	{ "pidfile", &safe_new, &our_new, N, 0, BENCH_MEDIAN },
	{ "pidfile", &simple_new, &safe_new, N, 0, BENCH_MEDIAN },
	{ "pidfile", &simple_old, &our_old, N, 0, BENCH_MEDIAN },
	{ "pidfile", &safe_old, &our_old, N, 0, BENCH_MEDIAN },
	{ NULL, NULL, NULL, 0, 0, BENCH_MEDIAN }
};
