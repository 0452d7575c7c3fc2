/*
 * chorus [stubborn] [ORPHANS] - a program for proclc run: says its pid, and
 * each signal that it hears.
 *
 * stubborn: it has an orphan in a session of its own, and neither ends by
 * SIGTERM or SIGHUP; said as the second line.  ORPHANS: so many that end at
 * once.
 */
#define _POSIX_C_SOURCE 200809L

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void
make_orphans(int n)
{
	pid_t pid = fork();

	for (int i = 0; pid == 0 && i < n; i++)
		if (fork() == 0)
			_exit(0);
	if (pid == 0)
		_exit(0);
	waitpid(pid, NULL, 0);
}

static void
make_stubborn(void)
{
	int said[2];
	pid_t pid;
	char c;

	if (pipe(said) != 0)
		abort();
	pid = fork();
	if (pid == 0 && fork() == 0) {
		setsid();
		signal(SIGTERM, SIG_IGN);
		signal(SIGHUP, SIG_IGN);
		dprintf(1, "%ld\n", (long)getpid());
		close(said[0]);
		close(said[1]);
		for (;;)
			pause();
	}
	if (pid == 0)
		_exit(0);
	close(said[1]);
	while (read(said[0], &c, 1) > 0)
		continue;
	close(said[0]);
	waitpid(pid, NULL, 0);
}

int
main(int argc, char **argv)
{
	sigset_t all;
	int signum;

	sigfillset(&all);
	sigdelset(&all, SIGTSTP);
	sigprocmask(SIG_SETMASK, &all, NULL);
	dprintf(1, "%ld\n", (long)getpid());
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "stubborn") == 0)
			make_stubborn();
		else
			make_orphans(atoi(argv[i]));
	}
	dprintf(1, "0\n");
	for (;;)
		if (sigwait(&all, &signum) == 0 && signum != SIGCHLD)
			dprintf(1, "%d\n", signum);
}
