/* sig-posix.c - dispositions, masks, and death by a signal. */
#include <config.h>

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/kin.h"

_Static_assert(sizeof(struct sigaction) <= sizeof(struct pcl_os_disposition),
    "pcl_os_disposition is too small");
_Static_assert(sizeof(sigset_t) <= sizeof(struct pcl_os_sigmask),
    "pcl_os_sigmask is too small");

const int pcl_os_sigcont = SIGCONT;
const int pcl_os_sigchld = SIGCHLD, pcl_os_sigstop = SIGSTOP;

static void (*hook)(const struct pcl_os_arrival *arrival);

/* Was it sent by a process?  Only then pid and uid mean something. */
static bool
has_sender(const siginfo_t *info)
{
#ifdef SI_TKILL
	if (info->si_code == SI_TKILL)
		return true;
#endif
	return info->si_code == SI_USER || info->si_code == SI_QUEUE;
}

static void
handler(int signum, siginfo_t *info, void *context)
{
	int saved = errno;
	struct pcl_os_arrival arrival = {
		.signum = signum,
		.steered = pcl_os_steered(info),
		/* POSIX: 0 or less is for what a process does. */
		.system = info->si_code > 0,
		.info = info,
		.context = context,
	};

	if (has_sender(info)) {
		arrival.pid = info->si_pid;
		arrival.uid = (uint32_t)info->si_uid;
	}
	hook(&arrival);
	errno = saved;
}

void
pcl_os_signal_hook(void (*fn)(const struct pcl_os_arrival *arrival))
{
	hook = fn;
}

bool
pcl_os_signal_valid(int signum)
{
	struct sigaction now;

	if (signum < 1 || signum >= PCL_SIGNALS || signum >= NSIG ||
	    signum == SIGKILL || signum == SIGSTOP)
		return false;
	/* libc refuses those that it keeps for itself. */
	return sigaction(signum, NULL, &now) == 0;
}

bool
pcl_os_signal_terminates(int signum)
{
	switch (signum) {
	case SIGCHLD:
	case SIGCONT:
	case SIGSTOP:
	case SIGTSTP:
	case SIGTTIN:
	case SIGTTOU:
	case SIGURG:
#ifdef SIGWINCH
	case SIGWINCH:
#endif
		return false;
	default:
		return true;
	}
}

bool
pcl_os_signal_faults(int signum)
{
	switch (signum) {
	case SIGSEGV:
	case SIGBUS:
	case SIGFPE:
	case SIGILL:
	case SIGTRAP:
	case SIGSYS:
		return true;
	default:
		return false;
	}
}

bool
pcl_os_signal_crashes(int signum)
{
	return signum == SIGABRT || pcl_os_signal_faults(signum);
}

void
pcl_os_signal_stop_self(int signum)
{
	if (signum == SIGTSTP || signum == SIGTTIN || signum == SIGTTOU)
		kill(getpid(), SIGSTOP);
}

int
pcl_os_signal_catch(int signum, struct pcl_os_disposition *previous)
{
	struct sigaction action = {
		.sa_sigaction = handler,
		.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK,
	};
	struct sigaction old;

	/* One handler at a time in a thread: they share nothing but atomics,
	 * yet a storm must not nest without end. */
	sigfillset(&action.sa_mask);
	if (sigaction(signum, &action, &old) != 0)
		return -errno;
	memcpy(previous, &old, sizeof(old));
	return 0;
}

int
pcl_os_signal_restore(int signum, const struct pcl_os_disposition *previous)
{
	struct sigaction old;

	memcpy(&old, previous, sizeof(old));
	return sigaction(signum, &old, NULL) == 0 ? 0 : -errno;
}

static enum pcl_os_action
action_of(const struct sigaction *action)
{
	if ((action->sa_flags & SA_SIGINFO) != 0)
		return action->sa_sigaction == handler ? PCL_OS_OURS :
		    PCL_OS_FOREIGN;
	if (action->sa_handler == SIG_DFL)
		return PCL_OS_DEFAULT;
	return action->sa_handler == SIG_IGN ? PCL_OS_IGNORED :
	    PCL_OS_FOREIGN;
}

enum pcl_os_action
pcl_os_action_of(const struct pcl_os_disposition *disposition)
{
	struct sigaction action;

	memcpy(&action, disposition, sizeof(action));
	return action_of(&action);
}

enum pcl_os_action
pcl_os_signal_query(int signum)
{
	struct sigaction now;

	if (sigaction(signum, NULL, &now) != 0)
		return PCL_OS_DEFAULT;
	return action_of(&now);
}

void
pcl_os_signal_again(int signum)
{
	kill(getpid(), signum);
}

/* Not by raise(): in a child of a raw clone musl's knows a thread of the
 * parent as this one. */
static void
raise_here(int signum)
{
#ifdef SYS_tgkill
	if (syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), signum) == 0)
		return;
#endif
	raise(signum);
}

void
pcl_os_signal_yield(int signum, const struct pcl_os_disposition *previous)
{
	/* Blocked while its handler runs, it arrives when that returns. */
	pcl_os_signal_restore(signum, previous);
	raise_here(signum);
}

void
pcl_os_signal_chain(const struct pcl_os_arrival *arrival,
    const struct pcl_os_disposition *previous)
{
	struct sigaction old;

	memcpy(&old, previous, sizeof(old));
	if (action_of(&old) != PCL_OS_FOREIGN)
		return;
	if ((old.sa_flags & SA_SIGINFO) != 0)
		old.sa_sigaction(arrival->signum, arrival->info,
		    arrival->context);
	else
		old.sa_handler(arrival->signum);
}

void
pcl_os_signals_block(struct pcl_os_sigmask *saved)
{
	sigset_t all, old;

	/* libc leaves out its own signals here: a thread that blocked them
	 * too would make setuid() of the process hang. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	memcpy(saved, &old, sizeof(old));
}

void
pcl_os_signals_unblock(const struct pcl_os_sigmask *saved)
{
	sigset_t old;

	memcpy(&old, saved, sizeof(old));
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

void
pcl_os_signals_open(void)
{
	sigset_t none;

	sigemptyset(&none);
	pthread_sigmask(SIG_SETMASK, &none, NULL);
}

static void
to_default(int signum)
{
	struct sigaction action = { .sa_handler = SIG_DFL };

	sigemptyset(&action.sa_mask);
	sigaction(signum, &action, NULL);
}

/* For a handler that finds its thread's own stack used up. */
enum { STACK_SIZE = 64 * 1024 };

static pthread_key_t stack_key;
static bool has_stack_key;

/* At the end of its thread, which may have another one by then. */
static void
remove_stack(void *stack)
{
	stack_t now, none = { .ss_flags = SS_DISABLE };

	if (sigaltstack(NULL, &now) == 0 && now.ss_sp == stack)
		sigaltstack(&none, NULL);
	free(stack);
}

static void
make_stack_key(void)
{
	has_stack_key = pthread_key_create(&stack_key, remove_stack) == 0;
}

int
pcl_os_signal_stack(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	stack_t now, own = { .ss_size = STACK_SIZE };

	if (sigaltstack(NULL, &now) != 0)
		return -errno;
	if ((now.ss_flags & SS_DISABLE) == 0)
		return 0;
	pthread_once(&once, make_stack_key);
	own.ss_sp = has_stack_key ? malloc(STACK_SIZE) : NULL;
	if (own.ss_sp == NULL)
		return PROCLC_ENOMEM;
	if (sigaltstack(&own, NULL) == 0 &&
	    pthread_setspecific(stack_key, own.ss_sp) == 0)
		return 0;
	remove_stack(own.ss_sp);
	return PROCLC_ENOMEM;
}

void
pcl_os_signals_forget(void)
{
	for (int signum = 1; signum < NSIG; signum++) {
		enum pcl_os_action action = pcl_os_signal_query(signum);

		if (action == PCL_OS_FOREIGN || action == PCL_OS_OURS)
			to_default(signum);
	}
}

static bool
may_stay_ignored(int signum)
{
	return signum == SIGPIPE || signum == SIGCHLD;
}

void
pcl_os_disposition_heed(int signum, struct pcl_os_disposition *disposition)
{
	struct sigaction action = { .sa_handler = SIG_DFL };

	if (may_stay_ignored(signum) ||
	    pcl_os_action_of(disposition) != PCL_OS_IGNORED)
		return;
	sigemptyset(&action.sa_mask);
	memcpy(disposition, &action, sizeof(action));
}

void
pcl_os_signals_heed(void)
{
	for (int signum = 1; signum < NSIG; signum++)
		if (!may_stay_ignored(signum) &&
		    pcl_os_signal_query(signum) == PCL_OS_IGNORED)
			to_default(signum);
}

_Noreturn void
pcl_os_die(int signum)
{
	sigset_t one;

	to_default(signum);
	sigemptyset(&one);
	sigaddset(&one, signum);
	/* This thread itself gets it, before pthread_sigmask returns. */
	raise_here(signum);
	pthread_sigmask(SIG_UNBLOCK, &one, NULL);
	/* Still here: a pid 1, or a signal that does not end us. */
	_exit(128 + signum);
}
