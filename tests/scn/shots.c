/* Senders, and what they hit. */
#define _GNU_SOURCE 1

#include "shots.h"

#include <sched.h>
#include <signal.h>
#include <sys/wait.h>

pid_t shots_senders[MAX_SENDERS];
atomic_int shots_foreign, shots_delivered, shots_wrong;
pid_t shots_owner;

static atomic_bool allowed;

void
shots_start(int signum, int count, int n)
{
	pid_t self = getpid();

	for (int i = 0; i < count; i++) {
		shots_senders[i] = fork();
		die_if(shots_senders[i] < 0, "fork");
		if (shots_senders[i] != 0)
			continue;
		for (int k = 0; n == 0 || k < n; k++)
			if (kill(self, signum) != 0)
				break;
		_exit(0);
	}
}

void
shots_await(int count)
{
	for (int i = 0; i < count; i++)
		while (waitpid(shots_senders[i], NULL, 0) < 0)
			die_if(errno != EINTR, "waitpid");
}

void
shots_end(int count)
{
	for (int i = 0; i < count; i++)
		kill(shots_senders[i], SIGKILL);
	shots_await(count);
}

static void
on_foreign(int signum)
{
	(void)signum;
	atomic_fetch_add(&shots_foreign, 1);
}

void
shots_count(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *user)
{
	(void)handler;
	(void)event;
	(void)user;
	if (!atomic_load(&allowed))
		shots_fault("called after stop");
	if (getpid() != shots_owner)
		shots_fault("called in another process");
	atomic_fetch_add(&shots_delivered, 1);
}

void
shots_begin(int signum)
{
	struct sigaction action = { .sa_handler = on_foreign,
	    .sa_flags = SA_RESTART };

	shots_owner = getpid();
	atomic_store(&shots_wrong, 0);
	atomic_store(&shots_delivered, 0);
	atomic_store(&shots_foreign, 0);
	sigaddset(&action.sa_mask, SIGHUP);
	sigaction(signum, &action, NULL);
}

bool
shots_foreign_is_in(int signum)
{
	struct sigaction now;

	sigaction(signum, NULL, &now);
	return (now.sa_flags & SA_SIGINFO) == 0 &&
	    now.sa_handler == on_foreign;
}

bool
shots_foreign_is_back(int signum)
{
	struct sigaction now;

	sigaction(signum, NULL, &now);
	return now.sa_handler == on_foreign &&
	    (now.sa_flags & (SA_SIGINFO | SA_ONSTACK)) == 0 &&
	    (now.sa_flags & SA_RESTART) != 0 &&
	    sigismember(&now.sa_mask, SIGHUP) == 1 &&
	    sigismember(&now.sa_mask, SIGTERM) == 0;
}

void
shots_await_more(atomic_int *count)
{
	int before = atomic_load(count);

	while (atomic_load(count) == before)
		sched_yield();
}

void
shots_object_start(struct proclc_sighandler *handler)
{
	atomic_store(&allowed, true);
	shots_check(proclc_sighandler_start(handler));
}

void
shots_object_stopped(int signum)
{
	atomic_store(&allowed, false);
	if (!shots_foreign_is_back(signum))
		shots_fault("not restored by stop");
}

void
shots_fault(const char *what)
{
	if (atomic_fetch_add(&shots_wrong, 1) == 0)
		tell("fault: %s", what);
}

void
shots_check(int rc)
{
	if (rc < 0)
		tell("shots: %s", proclc_errmsg());
}
