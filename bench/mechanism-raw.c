/* mechanism-raw.c - signals to ordinary code, by bare calls. */
#include <config.h>

#include "mechanism.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bench.h"

/* One mechanism in a process. */
static void (*call)(int signum);
static sigset_t caught;
static int handle, far_end;
static _Atomic uint64_t pending;
static _Atomic pid_t thread;
static pid_t process;

static void
remember(signals of, void (*fn)(int signum))
{
	call = fn;
	process = getpid();
	sigemptyset(&caught);
	for (; *of != 0; of++)
		sigaddset(&caught, *of);
}

static void
start_thread(void *(*body)(void *))
{
	pthread_t id;

	if (pthread_create(&id, NULL, body, NULL) != 0)
		bench_fatal("no thread");
}

static void
install(signals of, void (*handler)(int, siginfo_t *, void *))
{
	struct sigaction action = {
		.sa_sigaction = handler,
		.sa_flags = SA_SIGINFO | SA_RESTART,
	};

	sigfillset(&action.sa_mask);
	for (; *of != 0; of++)
		bench_libc(sigaction(*of, &action, NULL), "sigaction");
}

static void
let_in_here(void)
{
	pthread_sigmask(SIG_UNBLOCK, &caught, NULL);
}

static void
deliver(void)
{
	uint64_t bits = atomic_exchange(&pending, 0);

	for (int signum = 1; bits != 0; signum++, bits >>= 1)
		if ((bits & 1) != 0)
			call(signum);
}

static void
note(int signum)
{
	atomic_fetch_or(&pending, (uint64_t)1 << (signum - 1));
}

/* --- sigwaitinfo --- */

static void *
wait_for_signals(void *unused)
{
	siginfo_t info;

	for (int signum = 0; signum >= 0 || errno == EINTR;) {
		signum = sigwaitinfo(&caught, &info);
		if (signum > 0)
			call(signum);
	}
	return unused;
}

static const char *
start_sigwait(signals of, void (*fn)(int signum))
{
	remember(of, fn);
	start_thread(wait_for_signals);
	return NULL;
}

const struct mechanism mechanism_sigwait = { start_sigwait, NULL };

/* --- the handler itself --- */

static void
call_here(int signum, siginfo_t *info, void *context)
{
	int saved = errno;

	(void)info;
	(void)context;
	call(signum);
	errno = saved;
}

static const char *
start_handler(signals of, void (*fn)(int signum))
{
	remember(of, fn);
	install(of, call_here);
	let_in_here();
	return NULL;
}

const struct mechanism mechanism_handler = { start_handler, NULL };

/* --- signalfd --- */

static void *
poll_signalfd(void *unused)
{
	struct pollfd entry = { .fd = handle, .events = POLLIN };
	struct signalfd_siginfo infos[64];

	while (poll(&entry, 1, -1) == 1) {
		ssize_t n = read(handle, infos, sizeof(infos));

		for (ssize_t i = 0; i < n / (ssize_t)sizeof(infos[0]); i++)
			call((int)infos[i].ssi_signo);
	}
	return unused;
}

static const char *
start_signalfd(signals of, void (*fn)(int signum))
{
	remember(of, fn);
	handle = signalfd(-1, &caught, SFD_CLOEXEC | SFD_NONBLOCK);
	bench_libc(handle, "signalfd");
	start_thread(poll_signalfd);
	return NULL;
}

const struct mechanism mechanism_signalfd = { start_signalfd, NULL };

/* --- a pipe to oneself --- */

static void
write_pipe(int signum, siginfo_t *info, void *context)
{
	int saved = errno;

	(void)info;
	(void)context;
	note(signum);
	while (write(far_end, "", 1) < 0 && errno == EINTR)
		continue;
	errno = saved;
}

static const char *
start_pipe(signals of, void (*fn)(int signum))
{
	int ends[2];

	remember(of, fn);
	bench_libc(pipe2(ends, O_CLOEXEC | O_NONBLOCK), "pipe2");
	handle = ends[0];
	far_end = ends[1];
	install(of, write_pipe);
	let_in_here();
	return NULL;
}

static void
pump_pipe(void)
{
	struct pollfd entry = { .fd = handle, .events = POLLIN };
	char bytes[64];

	if (poll(&entry, 1, -1) == 1 && read(handle, bytes, sizeof(bytes)) > 0)
		deliver();
}

const struct mechanism mechanism_pipe = { start_pipe, pump_pipe };

/* --- handlers on a thread of one's own --- */

static void *
let_in_and_wait(void *unused)
{
	sigset_t mask;

	atomic_store(&thread, (pid_t)syscall(SYS_gettid));
	sigfillset(&mask);
	for (int signum = 1; signum <= SIGRTMAX; signum++)
		if (sigismember(&caught, signum) == 1)
			sigdelset(&mask, signum);
	while (ppoll(NULL, 0, NULL, &mask) < 0)
		deliver();
	return unused;
}

static void
note_here(int signum, siginfo_t *info, void *context)
{
	(void)info;
	(void)context;
	note(signum);
}

static const char *
start_on_thread(signals of, void (*fn)(int signum))
{
	remember(of, fn);
	install(of, note_here);
	start_thread(let_in_and_wait);
	return NULL;
}

const struct mechanism mechanism_thread = { start_on_thread, NULL };

/* Its address tells our wake-up from a signal. */
static const char cookie;

static void
note_or_steer(int signum, siginfo_t *info, void *context)
{
	siginfo_t again;
	int saved = errno;

	(void)context;
	if (info->si_code == SI_QUEUE && info->si_pid == process &&
	    info->si_value.sival_ptr == (void *)(uintptr_t)&cookie)
		return;
	note(signum);
	if (atomic_load(&thread) != (pid_t)syscall(SYS_gettid)) {
		memset(&again, 0, sizeof(again));
		again.si_signo = signum;
		again.si_code = SI_QUEUE;
		again.si_pid = process;
		again.si_value.sival_ptr = (void *)(uintptr_t)&cookie;
		syscall(SYS_rt_tgsigqueueinfo, process, atomic_load(&thread),
		    signum, &again);
	}
	errno = saved;
}

static const char *
start_steer(signals of, void (*fn)(int signum))
{
	remember(of, fn);
	install(of, note_or_steer);
	start_thread(let_in_and_wait);
	while (atomic_load(&thread) == 0)
		sched_yield();
	let_in_here();
	return NULL;
}

const struct mechanism mechanism_steer = { start_steer, NULL };
