/*
 * Beside what the program does with signals by itself: see objects.h, and
 *
 *	wait_for SIG HOW      a thread of its own waits for the signal, which is
 *	                      blocked everywhere: sigwait, descriptor; or the
 *	                      program catches it: handler
 *	waited N              until the thread has had it N times
 *	block_threads SIG N   N threads that block it, as the main thread does
 *	hold SIG N            the signal N times, and what is pending after
 *	watch_exit            have the guard thread, too
 *	manual; dispatch      MANUAL mode
 *	ignore SIG
 *	chain SIG; chained    a handler that calls the one of before; and how
 *	                      often it was called since that was asked
 *	exact SIG             a handler with all flags, which tells what it sees
 */
#define _GNU_SOURCE 1

#include "objects.h"
#include "../kernel.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>

/* Threads of the program's that have a signal for themselves. */

static atomic_int waited;
static int awaited;

static void *
wait_by_sigwait(void *unused)
{
	sigset_t set;
	int got;

	sigemptyset(&set);
	sigaddset(&set, awaited);
	for (;;)
		if (sigwait(&set, &got) == 0 && got == awaited)
			atomic_fetch_add(&waited, 1);
	return unused;
}

static void *
wait_by_descriptor(void *unused)
{
	int fd = kernel_signal_fd(awaited);

	die_if(fd < 0, "signalfd");
	for (;;)
		if (kernel_signal_read(fd) == awaited)
			atomic_fetch_add(&waited, 1);
	return unused;
}

static void
on_own(int signum)
{
	if (signum == awaited)
		atomic_fetch_add(&waited, 1);
}

static void
start_detached(void *(*fn)(void *))
{
	pthread_t thread;

	die_if(pthread_create(&thread, NULL, fn, NULL) != 0, "thread");
	pthread_detach(thread);
}

static void
do_wait_for(char **words)
{
	struct sigaction action = { .sa_handler = on_own,
	    .sa_flags = SA_RESTART };
	sigset_t set;

	awaited = script_number(words[0]);
	sigemptyset(&set);
	sigaddset(&set, awaited);
	if (strcmp(words[1], "handler") == 0) {
		sigaction(awaited, &action, NULL);
		return;
	}
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	start_detached(strcmp(words[1], "sigwait") == 0 ? wait_by_sigwait :
	    wait_by_descriptor);
}

static void
do_waited(char **words)
{
	while (atomic_load(&waited) < script_number(words[0]))
		sched_yield();
	tell("waited %d", atomic_load(&waited));
}

static void *
idle(void *unused)
{
	for (;;)
		pause();
	return unused;
}

static void
do_block_threads(char **words)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, script_number(words[0]));
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	for (int i = 0; i < script_number(words[1]); i++)
		start_detached(idle);
	tell("blocked");
}

static void
do_hold(char **words)
{
	int signum = script_number(words[0]);
	sigset_t pending;

	for (int i = 0; i < script_number(words[1]); i++)
		kill(getpid(), signum);
	sigpending(&pending);
	tell("pending %d", sigismember(&pending, signum));
}

static void
on_end(void *user, const struct proclc_exit_cause *cause)
{
	(void)user;
	(void)cause;
}

/* With a deadline for the end there is a guard thread. */
static void
do_watch_exit(char **words)
{
	int rc = proclc_atexit_register(on_end, NULL, 0);

	(void)words;
	tell_code("watch_exit", rc < 0 ? rc : proclc_atexit_install(NULL));
}

static void
do_manual(char **words)
{
	(void)words;
	tell_code("manual", proclc_set_dispatch_mode(PROCLC_DISPATCH_MANUAL));
}

static void
do_dispatch(char **words)
{
	(void)words;
	tell_code("dispatch", proclc_dispatch(0));
}

/* A handler with all that an action can have; and what it finds. */

static char stack[1 << 16];

static void
on_exact(int signum, siginfo_t *info, void *context)
{
	stack_t now;
	sigset_t mask;

	(void)context;
	sigaltstack(NULL, &now);
	pthread_sigmask(SIG_BLOCK, NULL, &mask);
	tell("exact %d: sender %s, stack %s, HUP %s, itself %s", signum,
	    info->si_pid == getpid() ? "known" : "unknown",
	    (now.ss_flags & SS_ONSTACK) != 0 ? "alternate" : "normal",
	    sigismember(&mask, SIGHUP) == 1 ? "blocked" : "open",
	    sigismember(&mask, signum) == 1 ? "blocked" : "open");
}

static void
do_exact(char **words)
{
	struct sigaction action = { .sa_sigaction = on_exact,
	    .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER };
	stack_t alternate = { .ss_sp = stack, .ss_size = sizeof(stack) };

	sigemptyset(&action.sa_mask);
	sigaddset(&action.sa_mask, SIGHUP);
	die_if(sigaltstack(&alternate, NULL) != 0 ||
	    sigaction(script_number(words[0]), &action, NULL) != 0, "exact");
}

/* As many programs and runtimes do it. */
static struct sigaction chained;
static atomic_int chains;

static void
on_chain(int signum, siginfo_t *info, void *context)
{
	atomic_fetch_add(&chains, 1);
	if ((chained.sa_flags & SA_SIGINFO) != 0)
		chained.sa_sigaction(signum, info, context);
}

static void
do_chain(char **words)
{
	struct sigaction action = { .sa_sigaction = on_chain,
	    .sa_flags = SA_SIGINFO };

	sigemptyset(&action.sa_mask);
	sigaction(script_number(words[0]), &action, &chained);
}

static void
do_chained(char **words)
{
	(void)words;
	tell("chained %d", atomic_exchange(&chains, 0));
}

static void
do_ignore(char **words)
{
	signal(script_number(words[0]), SIG_IGN);
}

static const struct command commands[] = {
	{ "wait_for", do_wait_for }, { "waited", do_waited },
	{ "block_threads", do_block_threads }, { "hold", do_hold },
	{ "watch_exit", do_watch_exit }, { "exact", do_exact },
	{ "chain", do_chain }, { "chained", do_chained },
	{ "ignore", do_ignore }, { "manual", do_manual },
	{ "dispatch", do_dispatch },
	{ NULL, NULL }
};

int
main(void)
{
	objects_begin();
	return script_main(commands, object_commands);
}
