/* A stranger, and processes with a pid of one's choice. */
#define _GNU_SOURCE 1

#include "stranger.h"
#include "../kernel.h"
#include "../toolkit/process.h"
#include "../toolkit/scenario.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static char why[256];

/* The kernel's struct clone_args with set_tid (Linux 5.5). */
static pid_t
fork_as(pid_t pid)
{
	enum { NR_CLONE3 = 435 };
	uint64_t args[10] = {
		[4] = SIGCHLD, [8] = (uintptr_t)&pid, [9] = 1,
	};

	if (pid == 0)
		return _Fork();
	return (pid_t)syscall(NR_CLONE3, args, sizeof(args));
}

pid_t
reuse_fork(pid_t pid)
{
	pid_t child = fork_as(pid);

	if (child >= 0 || errno == EEXIST || !kernel_next_pid(pid))
		return child;
	/* Somebody else may have been faster: then it is another pid. */
	child = _Fork();
	if (child == 0 && getpid() != pid)
		_exit(0);
	if (child > 0 && child != pid) {
		waitpid(child, NULL, 0);
		errno = EAGAIN;
		return -1;
	}
	return child;
}

const char *
stranger_why(void)
{
	return why;
}

static void
become(const char *program, const char *pid_file, int line)
{
	char *argv[] = { (char *)(uintptr_t)program,
	    (char *)(uintptr_t)pid_file, NULL };

	dup2(line, STDIN_FILENO);
	dup2(line, STDOUT_FILENO);
	execv(program, argv);
	_exit(125);
}

/* Lines up to "over": their number, or -1 when it is not there any more. */
static int
read_answer(struct stranger *self, char *text, size_t size)
{
	size_t used = 0, line = 0;
	int n = 0;
	char c;

	text[0] = '\0';
	while (fd_readable_within(self->out, 2000) &&
	    read(self->out, &c, 1) == 1) {
		if (used + 1 >= size)
			used = line;     /* the last ones are enough */
		text[used++] = c;
		text[used] = '\0';
		if (c != '\n')
			continue;
		if (strcmp(text + line, "over\n") == 0) {
			text[line] = '\0';
			return n;
		}
		line = used;
		n++;
	}
	return -1;
}

bool
stranger_start(struct stranger *self, pid_t pid, const char *pid_file)
{
	char program[1024], text[64];
	sigset_t all, before;
	int ends[2], error;

	scenario_path(program, sizeof(program), "torture/stranger");
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
		abort();
	/* Nothing is lost before it listens. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	self->pid = reuse_fork(pid);
	if (self->pid == 0)
		become(program, pid_file, ends[1]);
	error = errno;
	snprintf(why, sizeof(why), "no process with pid %d: %s", (int)pid,
	    strerror(error));
	sigprocmask(SIG_SETMASK, &before, NULL);
	close(ends[1]);
	self->in = self->out = ends[0];
	if (self->pid > 0 && read_answer(self, text, sizeof(text)) == 0)
		return true;
	if (self->pid > 0) {
		snprintf(why, sizeof(why), "the stranger has not started");
		kill(self->pid, SIGKILL);
		waitpid(self->pid, NULL, 0);
	}
	close(ends[0]);
	errno = error;
	return false;
}

int
stranger_heard(struct stranger *self, char *text, size_t size)
{
	char state = process_state(self->pid);
	int n = -1;

	if (state != 'T' && send(self->in, "\n", 1, MSG_NOSIGNAL) == 1)
		n = read_answer(self, text, size);
	if (n >= 0)
		return n;
	snprintf(text, size, "%s\n", process_state(self->pid) == 'T' ?
	    "stopped" : "dead");
	return 1;
}

void
stranger_end(struct stranger *self)
{
	if (process_state(self->pid) == 'T')
		kill(self->pid, SIGCONT);
	close(self->in);
	waitpid(self->pid, NULL, 0);
}
