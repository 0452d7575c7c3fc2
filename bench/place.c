/* place.c - a pid file for one worker, and who holds it. */
#include <config.h>

#include "place.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* The numbers of the kernel, which older headers of libc do not know. */
enum { PIDFD_SEND_SIGNAL = 424, PIDFD_OPEN = 434 };
/* Far from the text. */
enum { OF_THE_FILE = 0x40000000, OF_THE_PROCESS = 0x40000001 };

char place_dir[256];
char place_file[264];
static pid_t holder;

void
place_make(void)
{
	const char *base = getenv("TMPDIR");

	if (base == NULL || *base == '\0')
		base = access("/dev/shm", W_OK | X_OK) == 0 ? "/dev/shm" :
		    "/tmp";
	snprintf(place_dir, sizeof(place_dir), "%.200s/proclc-bench-XXXXXX",
	    base);
	if (mkdtemp(place_dir) == NULL)
		bench_libc(-1, place_dir);
	snprintf(place_file, sizeof(place_file), "%s/pid", place_dir);
}

void
place_remove(void)
{
	unlink(place_file);
	bench_libc(rmdir(place_dir), place_dir);
}

pid_t
raw_fork(void)
{
	pid_t parent = getpid(), pid = fork();

	bench_libc(pid, "fork");
	if (pid == 0) {
		bench_libc(prctl(PR_SET_PDEATHSIG, SIGKILL), "prctl");
		if (getppid() != parent)
			_exit(0);
	}
	return pid;
}

void
holder_start(void (*hold)(void))
{
	int ready[2];
	char byte;

	bench_libc(pipe(ready), "pipe");
	holder = raw_fork();
	if (holder == 0) {
		hold();
		if (write(ready[1], "", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1)
		bench_fatal("the holder of the pid file is gone");
	close(ready[0]);
}

void
holder_stop(void)
{
	kill(holder, SIGKILL);
	waitpid(holder, NULL, 0);
}

static int
lock_byte(int fd, int command, off_t byte, struct flock *lock)
{
	memset(lock, 0, sizeof(*lock));
	lock->l_type = F_WRLCK;
	lock->l_whence = SEEK_SET;
	lock->l_start = byte;
	lock->l_len = 1;
	return fcntl(fd, command, lock);
}

int
raw_lock_file(int fd)
{
	struct flock lock;

	return lock_byte(fd, F_OFD_SETLK, OF_THE_FILE, &lock);
}

int
raw_lock_process(int fd)
{
	struct flock lock;

	return lock_byte(fd, F_SETLK, OF_THE_PROCESS, &lock);
}

pid_t
raw_lock_holder(int fd)
{
	struct flock lock;

	bench_libc(lock_byte(fd, F_OFD_GETLK, OF_THE_PROCESS, &lock),
	    "F_OFD_GETLK");
	return lock.l_type == F_UNLCK ? 0 : lock.l_pid;
}

int
raw_pidfd_open(pid_t pid)
{
	return (int)syscall(PIDFD_OPEN, pid, 0);
}

int
raw_pidfd_send(int pidfd, int signum)
{
	return (int)syscall(PIDFD_SEND_SIGNAL, pidfd, signum, NULL, 0);
}
