/*
 * Blocking calls of the main thread, interrupted by SIGUSR1:
 *
 *	call NAME BY HOW     what it returned.  BY: plain, a handler that was
 *	                     installed with SA_RESTART; object.  HOW: open, the
 *	                     signal lands on the caller; blocked
 */
#define _GNU_SOURCE 1

#include "script.h"
#include "../toolkit/clock.h"
#include "../toolkit/os.h"

#include <proclc.h>

#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/wait.h>

static int ends[2];
static sem_t semaphore;
static _Atomic pid_t child;     /* 0: reaped */

/* How long those take that end by themselves, when nobody interrupts. */
static long patience_ms;

static struct timespec
later(struct timespec at, long ms)
{
	at.tv_sec += ms / 1000;
	at.tv_nsec += ms % 1000 * 1000000;
	at.tv_sec += at.tv_nsec / 1000000000;
	at.tv_nsec %= 1000000000;
	return at;
}

static int
call_read(void)
{
	char c;

	return read(ends[0], &c, 1) == 1 ? 0 : -1;
}

static int
call_waitpid(void)
{
	if (waitpid(child, NULL, 0) != child)
		return -1;
	child = 0;
	return 0;
}

static int
call_sem_wait(void)
{
	return sem_wait(&semaphore);
}

static int
call_sem_timedwait(void)
{
	struct timespec at;
	int rc;

	clock_gettime(CLOCK_REALTIME, &at);
	at = later(at, patience_ms);
	rc = sem_timedwait(&semaphore, &at);
	return rc != 0 && errno == ETIMEDOUT ? 0 : rc;
}

static int
call_nanosleep(void)
{
	struct timespec time = later((struct timespec){ 0, 0 }, patience_ms);

	return nanosleep(&time, NULL);
}

static int
call_poll(void)
{
	struct pollfd entry = { .fd = ends[0], .events = POLLIN };
	int rc = poll(&entry, 1, (int)patience_ms);

	return rc < 0 ? -1 : 0;
}

static const struct {
	const char *name;
	int (*call)(void);
} calls[] = {
	{ "read", call_read }, { "waitpid", call_waitpid },
	{ "sem_wait", call_sem_wait },
	{ "sem_timedwait", call_sem_timedwait },
	{ "nanosleep", call_nanosleep }, { "poll", call_poll },
};

static pthread_t caller;
static bool blocked;
static atomic_int handled;
static atomic_bool returned;

static void
on_plain(int signum)
{
	(void)signum;
	atomic_fetch_add(&handled, 1);
}

static void
on_object(struct proclc_sighandler *handler,
    const struct proclc_signal_event *event, void *user)
{
	(void)handler;
	(void)event;
	(void)user;
	atomic_fetch_add(&handled, 1);
}

/* The caller sleeps in its call, or has come out of it. */
static void
await_call(void)
{
	int64_t deadline = clock_deadline(5000);
	struct os_process state;

	while (!atomic_load(&returned) && clock_left_ms(deadline) > 0) {
		if (os_process(getpid(), &state) == 0 && state.state == 'S')
			return;
		sched_yield();
	}
}

/* Once it sleeps again there, it is restarted. */
static void
interrupt_once(void)
{
	int before = atomic_load(&handled);

	await_call();
	if (blocked)
		kill(getpid(), SIGUSR1);
	else
		pthread_kill(caller, SIGUSR1);
	while (atomic_load(&handled) == before)
		sched_yield();
}

static void
finish(void)
{
	if (write(ends[1], "x", 1) != 1 || sem_post(&semaphore) != 0)
		die_if(true, "finish");
	kill(child, SIGKILL);
}

static void *
interrupt(void *unused)
{
	for (int i = 0; i < 10 && !atomic_load(&returned); i++)
		interrupt_once();
	finish();
	return unused;
}

static void
prepare(char **words)
{
	blocked = strcmp(words[2], "blocked") == 0;
	patience_ms = blocked ? 100 : 60000;
	atomic_store(&returned, false);
	caller = pthread_self();
	die_if(os_pipe(ends) != 0 || sem_init(&semaphore, 0, 0) != 0,
	    "prepare");
	child = fork();
	if (child == 0)
		for (;;)
			pause();
}

static void
clean_up(void)
{
	if (child != 0)
		kill(child, SIGKILL);
	while (child != 0 && waitpid(child, NULL, 0) < 0 && errno == EINTR)
		continue;
	sem_destroy(&semaphore);
	close(ends[0]);
	close(ends[1]);
}

static void
install(bool plain, struct proclc_sighandler **h)
{
	struct sigaction action = { .sa_handler = on_plain,
	    .sa_flags = SA_RESTART };

	sigemptyset(&action.sa_mask);
	*h = NULL;
	if (plain)
		sigaction(SIGUSR1, &action, NULL);
	else
		die_if(proclc_sighandler_new(h, NULL) < 0 ||
		    proclc_sighandler_set(*h, SIGUSR1, on_object, NULL) < 0 ||
		    proclc_sighandler_start(*h) < 0, "object");
}

static void
do_call(char **words)
{
	struct proclc_sighandler *h;
	pthread_t thread;
	sigset_t one;
	size_t i = 0;
	int rc, error;

	while (strcmp(calls[i].name, words[0]) != 0)
		i++;
	prepare(words);
	install(strcmp(words[1], "plain") == 0, &h);
	sigemptyset(&one);
	sigaddset(&one, SIGUSR1);
	pthread_sigmask(blocked ? SIG_BLOCK : SIG_UNBLOCK, &one, NULL);
	die_if(pthread_create(&thread, NULL, interrupt, NULL) != 0, "thread");
	rc = calls[i].call();
	error = errno;
	atomic_store(&returned, true);
	pthread_join(thread, NULL);
	proclc_sighandler_free(h);
	clean_up();
	tell("call %s", rc == 0 ? "0" : error == EINTR ? "EINTR" :
	    strerror(error));
}

static const struct command commands[] = {
	{ "call", do_call },
	{ NULL, NULL }
};

int
main(void)
{
	return script_main(commands, NULL);
}
