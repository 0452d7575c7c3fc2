/*
 * fork.c - what the library adds to a fork of the program's own.
 *
 * The child leaves at once by _exit.  A thread of one's own makes each fork
 * dearer, whoever has made it: so the library's is compared with an idle one,
 * too.  Where handlers are shared and signals installed the child gets a
 * thread for them.
 */
#include <config.h>

#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <proclc.h>

#include "bench.h"

enum { LOCKS = 11 };

static struct proclc_sighandler *object;

static void
fork_and_wait(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	bench_libc(pid, "fork");
	if (waitpid(pid, NULL, 0) != pid)
		bench_fatal("waitpid");
}

static void *
sleep_for_ever(void *unused)
{
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, NULL);
	while (pause() < 0)
		continue;
	return unused;
}

static const char *
make_thread(void)
{
	pthread_attr_t attr;
	pthread_t id;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 1 << 20);
	if (pthread_create(&id, &attr, sleep_for_ever, NULL) != 0)
		bench_fatal("no thread");
	pthread_attr_destroy(&attr);
	return NULL;
}

/* What fork handlers must do for a library with locks, and one that knows its
 * process by a page that fork wipes. */
static pthread_mutex_t locks[LOCKS];
static uint32_t *wiped;

static void
take(void)
{
	for (int i = 0; i < LOCKS; i++)
		pthread_mutex_lock(&locks[i]);
}

static void
give(void)
{
	for (int i = LOCKS - 1; i >= 0; i--)
		pthread_mutex_unlock(&locks[i]);
}

static void
begin_anew(void)
{
	for (int i = 0; i < LOCKS; i++)
		locks[i] = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
	*wiped = 1;
}

static const char *
hook_locks(void)
{
	size_t size = (size_t)sysconf(_SC_PAGESIZE);

	wiped = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (wiped == MAP_FAILED || madvise(wiped, size, MADV_WIPEONFORK) != 0)
		return "MADV_WIPEONFORK is refused here";
	begin_anew();
	if (pthread_atfork(take, give, begin_anew) != 0)
		bench_fatal("pthread_atfork");
	return NULL;
}

static const char *
make_object(void)
{
	bench_proclc(proclc_sighandler_new(&object, NULL), "new");
	return NULL;
}

static const char *
start_object(void)
{
	make_object();
	bench_proclc(proclc_sighandler_set(object, SIGUSR1,
	    PROCLC_SIGNAL_IGNORE, NULL), "set");
	bench_proclc(proclc_sighandler_start(object), "start");
	return NULL;
}

static const char *
install(void)
{
	bench_proclc(proclc_atexit_install(NULL), "install");
	return NULL;
}

static void
on_exit_of_parent(void *user, const struct proclc_exit_cause *cause)
{
	(void)user;
	(void)cause;
}

static const char *
register_own(void)
{
	bench_proclc(proclc_atexit_register(on_exit_of_parent, NULL, 0),
	    "register");
	return NULL;
}

static void
register_shared(void)
{
	bench_proclc(proclc_atexit_register(on_exit_of_parent, NULL,
	    PROCLC_ATEXIT_SHARED), "register");
}

static const char *
install_shared(void)
{
	register_shared();
	return install();
}

static const char *
install_without_thread(void)
{
	struct proclc_atexit_options o = PROCLC_ATEXIT_OPTIONS_INIT;

	o.flags = PROCLC_ATEXIT_NO_CHILD_THREAD;
	register_shared();
	bench_proclc(proclc_atexit_install(&o), "install");
	return NULL;
}

static const struct bench_case
plain = { "fork, _exit, waitpid", NULL, fork_and_wait, NULL, NULL },
threaded = { "the same, an idle thread", make_thread, fork_and_wait, NULL,
    NULL },
locked = { "bare: locks, a wiped page", hook_locks, fork_and_wait, NULL, NULL },
known = { "fork handlers alone", make_object, fork_and_wait, NULL, NULL },
handling = { "a handler object runs", start_object, fork_and_wait, NULL,
    NULL },
installed = { "exit handling installed", install, fork_and_wait, NULL, NULL },
own = { "own exit handlers", register_own, fork_and_wait, NULL, NULL },
shared = { "shared ones, installed", install_shared, fork_and_wait, NULL,
    NULL },
threadless = { "the same, NO_CHILD_THREAD", install_without_thread,
    fork_and_wait, NULL, NULL };

enum { N = 10 };

const struct bench_row rows_fork[] = {
	{ "fork", &plain, &known, N, 1.03, BENCH_MINIMA },
	{ "fork", &locked, &known, N, 0, BENCH_MINIMA },
	{ "fork", &plain, &locked, N, 0, BENCH_MINIMA },
	{ "fork", &plain, &threaded, N, 0, BENCH_MINIMA },
	{ "fork", &plain, &handling, N, 0, BENCH_MINIMA },
	{ "fork", &threaded, &handling, N, 0, BENCH_MINIMA },
	{ "fork", &plain, &own, N, 1.03, BENCH_MINIMA },
	{ "fork", &threaded, &installed, N, 0, BENCH_MINIMA },
	{ "fork", &threaded, &threadless, N, 0, BENCH_MINIMA },
	{ "fork", &plain, &shared, N, 2.1, BENCH_MINIMA },
	{ "fork", &threaded, &shared, N, 0, BENCH_MINIMA },
	{ NULL, NULL, NULL, 0, 0, BENCH_MEDIAN }
};
