/*
 * Signals and handler objects, told what to do line by line: see objects.h,
 * and
 *
 *	action SIG; foreign SIG; ignore SIG       what the signal does
 *	vfork SIG; run SIG                        it hits such a child, a shell
 *	storm SIG N; contest A B; spawn; sigwait SIG
 *	at_exit SIG                               it hits a handler of exit()
 */
#define _GNU_SOURCE 1

#include "objects.h"

#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/time.h>
#include <sys/wait.h>

extern char **environ;

static void
on_foreign(int signum)
{
	tell("foreign %d", signum);
}

static void
do_foreign(char **words)
{
	struct sigaction action = { .sa_handler = on_foreign,
	    .sa_flags = SA_RESTART };

	sigaddset(&action.sa_mask, SIGHUP);
	sigaction(script_number(words[0]), &action, NULL);
}

static void
do_ignore(char **words)
{
	signal(script_number(words[0]), SIG_IGN);
}

static void
do_action(char **words)
{
	struct sigaction now;

	sigaction(script_number(words[0]), NULL, &now);
	tell("action %s", now.sa_handler == SIG_DFL ? "default" :
	    now.sa_handler == SIG_IGN ? "ignored" :
	    now.sa_handler == on_foreign ? "foreign" : "library");
}

static int at_exit_signum;

static void
hit_at_exit(void)
{
	char number[16];
	char *words[] = { number, NULL };

	snprintf(number, sizeof(number), "%d", at_exit_signum);
	do_action(words);
	raise(at_exit_signum);
	tell("last");
}

static void
do_at_exit(char **words)
{
	at_exit_signum = script_number(words[0]);
	atexit(hit_at_exit);
}

static void
do_vfork(char **words)
{
	int status, signum = script_number(words[0]);
	pid_t pid = vfork();

	if (pid == 0) {
		kill(getpid(), signum);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	tell("vfork child %d", WIFSIGNALED(status) ? WTERMSIG(status) : 0);
}

/* A shell that sends the signal to itself: what it inherited over exec. */
static void
do_run(char **words)
{
	char command[64];
	char sh[] = "sh", c[] = "-c";
	char *argv[] = { sh, c, command, NULL };
	int status;
	pid_t pid;

	snprintf(command, sizeof(command), "kill -%s $$", words[0]);
	die_if(posix_spawn(&pid, "/bin/sh", NULL, NULL, argv, environ) != 0,
	    "sh");
	waitpid(pid, &status, 0);
	tell("run %d", WIFSIGNALED(status) ? WTERMSIG(status) : 0);
}

/* Four senders, and then one last signal. */
static void
do_storm(char **words)
{
	int signum = script_number(words[0]), n = script_number(words[1]);
	pid_t self = getpid(), senders[4];

	for (int i = 0; i < 4; i++) {
		senders[i] = fork();
		for (int k = 0; senders[i] == 0 && k < n / 4; k++)
			kill(self, signum);
		if (senders[i] == 0)
			_exit(0);
	}
	for (int i = 0; i < 4; i++)
		while (waitpid(senders[i], NULL, 0) < 0)
			die_if(errno != EINTR, "waitpid");
	atomic_store(&objects_last_is_sent, true);
	kill(self, signum);
}

static void *
idle(void *unused)
{
	for (;;)
		pause();
	return unused;
}

/* A thread of the program's that lets all signals in. */
static void
do_spawn(char **words)
{
	pthread_t thread;

	(void)words;
	pthread_create(&thread, NULL, idle, NULL);
	pthread_detach(thread);
}

static void *
work_on_object(void *user)
{
	struct proclc_sighandler *object = objects_get(user);

	for (int k = 0; k < 300; k++) {
		proclc_sighandler_start(object);
		proclc_sighandler_set(object, SIGUSR1,
		    k % 2 == 0 ? objects_count_call : NULL, user);
		kill(getpid(), SIGUSR1);
		proclc_sighandler_stop(object);
	}
	return NULL;
}

/* Two threads at two objects of one signal. */
static void
do_contest(char **words)
{
	pthread_t threads[2];

	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, work_on_object, words[i]);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	tell("contest over");
}

static void
do_sigwait(char **words)
{
	int got, signum = script_number(words[0]);
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, signum);
	kill(getpid(), signum);
	sigwait(&set, &got);
	tell("sigwait %d", got);
}

/* The system sends one. */
static void
do_alarm(char **words)
{
	struct itimerval soon = { .it_value.tv_usec = 1000 };

	(void)words;
	setitimer(ITIMER_REAL, &soon, NULL);
}

static const struct command commands[] = {
	{ "foreign", do_foreign }, { "ignore", do_ignore },
	{ "action", do_action }, { "vfork", do_vfork }, { "run", do_run },
	{ "storm", do_storm }, { "spawn", do_spawn },
	{ "contest", do_contest }, { "sigwait", do_sigwait },
	{ "at_exit", do_at_exit }, { "alarm", do_alarm },
	{ NULL, NULL }
};

int
main(void)
{
	objects_begin();
	return script_main(commands, object_commands);
}
