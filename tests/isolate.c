/*
 * isolate [-n] [-t SECONDS] PROGRAM [ARGUMENT...]
 *
 * Runs a test program so that nothing of it can outlive it: in pid and
 * mount namespaces of its own, below a small init.  Ends with the program's
 * exit status, 128+N when signal N ended it, 124 when it took longer than
 * SECONDS (120; times PROCLC_TEST_MULTIPLIER), and 99 when a process of
 * its was still alive 2 s after it: each is named on stderr, then killed.
 *
 * Where namespaces are refused, the program runs as the child of a
 * subreaper, which finds strays too; where that is not to be had either,
 * strays are not found.  Both are said.  -n does not try namespaces, -nn
 * neither of the two.
 *
 * stdout belongs to the program.
 */
#define _GNU_SOURCE 1

#include "toolkit/clock.h"
#include "toolkit/fds.h"
#include "toolkit/os.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	EXIT_LEAK = 99,
	EXIT_TIMEOUT = 124,
	EXIT_USAGE = 125,
	EXIT_NOT_RUN = 126,
};

struct job {
	char **argv;
	double seconds;
	double multiplier;
};

static sigset_t handled;     /* what the loops take by sigwait() */

static void
say(const char *text, const char *detail)
{
	dprintf(2, "isolate: %s%s\n", text, detail);
}

static void
set_alarm(double seconds)
{
	struct itimerval timer = { { 0, 0 }, { 0, 0 } };

	timer.it_value.tv_sec = (time_t)seconds;
	timer.it_value.tv_usec =
	    (suseconds_t)((seconds - (double)(time_t)seconds) * 1e6);
	setitimer(ITIMER_REAL, &timer, NULL);
}

static void
block_signals(void)
{
	static const int signals[] = {
		SIGCHLD, SIGALRM, SIGTERM, SIGINT, SIGQUIT, SIGHUP,
	};
	size_t i;

	/* Ignored, these two would never come. */
	signal(SIGCHLD, SIG_DFL);
	signal(SIGALRM, SIG_DFL);
	sigemptyset(&handled);
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaddset(&handled, signals[i]);
	sigprocmask(SIG_SETMASK, &handled, NULL);
}

static int
exit_code(int status)
{
	char text[64];

	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	snprintf(text, sizeof(text), "%d (%s)", WTERMSIG(status),
	    strsignal(WTERMSIG(status)));
	say("ended by signal ", text);
	return 128 + WTERMSIG(status);
}

/*
 * Reaps whoever has ended.  True once pid is among them, with its status;
 * pid 0: once there is no child left.
 */
static bool
reap(pid_t pid, int *status)
{
	for (;;) {
		int ended;
		pid_t child = waitpid(-1, &ended, WNOHANG);

		if (child < 0 && errno == EINTR)
			continue;
		if (child <= 0)
			return child < 0 && pid == 0;
		if (child == pid) {
			*status = ended;
			return true;
		}
	}
}

/* Waits for pid as reap() does and hands signals on: false: time is up. */
static bool
await(pid_t pid, int *status)
{
	int signo;

	while (!reap(pid, status)) {
		if (sigwait(&handled, &signo) != 0)
			continue;
		if (signo == SIGALRM)
			return false;
		if (signo != SIGCHLD && pid > 0)
			kill(pid, signo);
	}
	return true;
}

static bool
descends(const struct os_process *list, int n, pid_t pid)
{
	int steps, i;

	for (steps = 0; steps < n; steps++) {
		for (i = 0; i < n && list[i].pid != pid; i++)
			;
		if (i == n || (steps == 0 && list[i].state == 'Z'))
			return false;
		pid = list[i].ppid;
		if (pid == getpid())
			return true;
	}
	return false;
}

/* Names our living descendants if there is a message, and kills them. */
static void
kill_descendants(const char *message)
{
	struct os_process *list;
	char text[600], command[512];
	int n = os_processes(&list);
	int i;

	for (i = 0; i < n; i++) {
		if (!descends(list, n, list[i].pid))
			continue;
		os_command_line(list[i].pid, command, sizeof(command));
		snprintf(text, sizeof(text), " %d: %s", (int)list[i].pid,
		    command);
		if (message != NULL)
			say(message, text);
		kill(list[i].pid, SIGKILL);
	}
	if (n < 0 && message != NULL)
		say(message, "es: this system does not tell which");
	free(list);
}

/*
 * Takes the rest down, so that it is gone when we are: what was a child of
 * a victim becomes ours and falls in the next round.  known: a child to kill
 * even where the system does not list processes, or 0.
 */
static void
end_descendants(const struct job *job, pid_t known, const char *message)
{
	int status, signo;

	set_alarm(2 * job->multiplier);
	kill_descendants(message);
	if (known > 0)
		kill(known, SIGKILL);
	while (!reap(0, &status)) {
		if (sigwait(&handled, &signo) == 0 && signo == SIGALRM)
			return;
		kill_descendants(NULL);
	}
	set_alarm(0);
}

/* The program is over; whoever does not follow soon is a leak. */
static int
finish(const struct job *job, int code)
{
	int status;

	set_alarm(2 * job->multiplier);
	if (await(0, &status)) {
		set_alarm(0);
		return code;
	}
	end_descendants(job, 0, "leaked process");
	return EXIT_LEAK;
}

static void
exec_program(const struct job *job)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	fds_close_on_exec();
	execvp(job->argv[0], job->argv);
	dprintf(2, "isolate: %s: %s\n", job->argv[0], strerror(errno));
	_exit(EXIT_NOT_RUN);
}

/* The init of the namespace, or the subreaper where there is none. */
static int
supervise(void *arg)
{
	const struct job *job = arg;
	char text[64];
	int status;
	pid_t pid = fork();

	if (pid < 0) {
		say("fork: ", strerror(errno));
		return EXIT_NOT_RUN;
	}
	if (pid == 0)
		exec_program(job);
	set_alarm(job->seconds * job->multiplier);
	if (await(pid, &status))
		return finish(job, exit_code(status));
	snprintf(text, sizeof(text), "still running after %g s",
	    job->seconds * job->multiplier);
	say(text, ", killed:");
	end_descendants(job, pid, "running process");
	return EXIT_TIMEOUT;
}

/* tries: 2 with namespaces, 1 with a subreaper at best, 0 without. */
static int
run(struct job *job, int tries)
{
	char why[256] = "not asked for";
	int status;
	pid_t init = OS_UNKNOWN;

	if (tries == 2)
		init = os_run_isolated(supervise, job, why, sizeof(why));
	if (init != OS_UNKNOWN) {
		await(init, &status);
		return exit_code(status);
	}
	dprintf(2, "isolate: no pid namespace (%s)\n", why);
	if (tries == 0 || !os_become_subreaper())
		say("no subreaper either: ", "leaked processes go unseen");
	return supervise(job);
}


int
main(int argc, char **argv)
{
	struct job job = { .seconds = 120, .multiplier = clock_multiplier() };
	int option, tries = 2;

	/* "+": the program's options are its own, with any getopt */
	while ((option = getopt(argc, argv, "+nt:")) != -1) {
		if (option == 'n' && tries > 0)
			tries--;
		else if (option == 't')
			job.seconds = strtod(optarg, NULL);
		else if (option != 'n')
			return EXIT_USAGE;
	}
	if (optind >= argc || !(job.seconds > 0)) {
		say("usage: ", "isolate [-n] [-t SECONDS] PROGRAM ...");
		return EXIT_USAGE;
	}
	job.argv = argv + optind;
	block_signals();
	return run(&job, tries);
}
