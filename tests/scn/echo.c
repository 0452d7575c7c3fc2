/*
 * The toolkit's own scenario: does what its stdin says, line by line, until
 * EOF; other lines come back.
 */
#define _GNU_SOURCE 1

#include "../toolkit/scn.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

static void
say_state(void)
{
	unsigned long long blocked = 0, ignored = 0;
	struct sigaction act;
	sigset_t mask;
	int signo;

	sigprocmask(SIG_SETMASK, NULL, &mask);
	for (signo = 1; signo <= 64; signo++) {
		if (sigismember(&mask, signo) == 1)
			blocked |= 1ULL << (signo - 1);
		if (sigaction(signo, NULL, &act) == 0 &&
		    act.sa_handler == SIG_IGN)
			ignored |= 1ULL << (signo - 1);
	}
	say("blocked %llx ignored %llx", blocked, ignored);
}

static void
say_ids(void)
{
	gid_t groups[100];
	int n = getgroups(100, groups);

	say("ids %d %d, %d groups, first %d", (int)getuid(), (int)getgid(),
	    n, n > 0 ? (int)groups[0] : -1);
}

/* What a test sees although fd 1 may be closed: the exit code. */
static int
open_fds(void)
{
	int fd, bits = 0;

	for (fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			bits |= 1 << fd;
	for (fd = 3; fd < 64; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			bits |= 8;
	return bits;
}

/* Ends by itself some day, should the test not get there. */
static void
start_daemon(void)
{
	pid_t pid = fork();

	die_if(pid < 0, "fork");
	if (pid > 0) {
		waitpid(pid, NULL, 0);
		return;
	}
	setsid();
	pid = fork();
	if (pid > 0)
		_exit(0);
	alarm(60);
	say("daemon %d", (int)getpid());
	for (;;)
		pause();
}

static void
start_orphan(void)
{
	pid_t pid = fork();

	die_if(pid < 0, "fork");
	if (pid > 0) {
		waitpid(pid, NULL, 0);
		return;
	}
	(void)fork();
	_exit(0);
}

static void
flood_stderr(void)
{
	char block[1000];
	int i;

	memset(block, 'x', sizeof(block));
	for (i = 0; i < 200; i++)
		scn_write(STDERR_FILENO, block, sizeof(block));
	say("flooded");
}

static void *
say_and_wait(void *unused)
{
	char line[16];

	say("second thread");
	die_if(hear(line, sizeof(line)) < 0, "hear");
	_exit(7);
	return unused;
}

/* From here on the process is its second thread alone. */
static void
end_first_thread(void)
{
	pthread_t thread;

	die_if(pthread_create(&thread, NULL, say_and_wait, NULL) != 0,
	    "pthread_create");
	pthread_exit(NULL);
}

static void
obey(const char *line)
{
	char cwd[1000];

	if (strncmp(line, "exit ", 5) == 0)
		_exit(atoi(line + 5));
	else if (strncmp(line, "raise ", 6) == 0)
		raise(atoi(line + 6));
	else if (strncmp(line, "stderr ", 7) == 0)
		scn_write(STDERR_FILENO, line + 7, strlen(line + 7));
	else if (strcmp(line, "state") == 0)
		say_state();
	else if (strcmp(line, "fds") == 0)
		_exit(open_fds());
	else if (strcmp(line, "cwd") == 0)
		say("cwd %s", getcwd(cwd, sizeof(cwd)));
	else if (strcmp(line, "ids") == 0)
		say_ids();
	else if (strcmp(line, "daemon") == 0)
		start_daemon();
	else if (strcmp(line, "orphan") == 0)
		start_orphan();
	else if (strcmp(line, "flood") == 0)
		flood_stderr();
	else if (strcmp(line, "leave") == 0)
		end_first_thread();
	else
		say("%s", line);
}

/* With an argument: does that, for when stdin is closed. */
int
main(int argc, char **argv)
{
	char line[1000];

	if (argc > 1)
		obey(argv[1]);
	while (hear(line, sizeof(line)) >= 0)
		obey(line);
	return 0;
}
