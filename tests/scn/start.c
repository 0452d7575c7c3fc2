/*
 * start BLOCKED IGNORED CLOSED UID DIR PROGRAM [ARGUMENT...]
 *
 * Becomes PROGRAM in a state that a shell cannot give: signals blocked and
 * ignored (hexadecimal, bit n-1 is signal n), fds of 0-2 closed (bit n is
 * fd n), user and group id UID (0: unchanged), in the directory DIR.
 */
#define _GNU_SOURCE 1

#include "../toolkit/scn.h"

#include <grp.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>

static void
set_signals(uint64_t blocked, uint64_t ignored)
{
	sigset_t mask;
	int signo;

	sigemptyset(&mask);
	for (signo = 1; signo <= 64; signo++) {
		if ((blocked >> (signo - 1) & 1) != 0)
			sigaddset(&mask, signo);
		/* KILL, STOP and libc's own refuse; with "all" they may */
		if ((ignored >> (signo - 1) & 1) != 0)
			signal(signo, SIG_IGN);
	}
	die_if(sigprocmask(SIG_SETMASK, &mask, NULL) < 0, "sigprocmask");
}

static void
become(uid_t uid)
{
	gid_t gid = (gid_t)uid;

	if (uid == 0)
		return;
	die_if(setgroups(1, &gid) < 0, "setgroups");
	die_if(setgid(gid) < 0, "setgid");
	die_if(setuid(uid) < 0, "setuid");
}

int
main(int argc, char **argv)
{
	unsigned long closed;
	int fd;

	die_if(argc < 7, "usage");
	closed = strtoul(argv[3], NULL, 16);
	set_signals(strtoull(argv[1], NULL, 16), strtoull(argv[2], NULL, 16));
	die_if(chdir(argv[5]) < 0, argv[5]);
	become((uid_t)strtoul(argv[4], NULL, 10));
	for (fd = 0; fd < 3; fd++)
		if ((closed >> fd & 1) != 0)
			close(fd);
	execv(argv[6], argv + 6);
	die_if(1, argv[6]);
}
