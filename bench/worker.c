/* worker.c - the process that one case lives in, and how it is told to run. */
#include <config.h>

#include "worker.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <proclc/error.h>

/* No case takes that long: one that does has lost a signal, or hangs. */
enum { PATIENCE_MS = 120000 };

/* A round takes the fastest of so many parts: in the others somebody else may
 * have had the processor.  It begins none when it has taken so long, or its
 * share of it. */
enum { PARTS = 20 };
static const double round_ns = 5e8;

struct order {
	unsigned n;
	bool count;
};

struct answer {
	int64_t value;
	char skipped[sizeof(((struct worker *)0)->skipped)];
};

/* Which case this process is, for its last words. */
static const char *own_name = "bench";

void
bench_fatal(const char *format, ...)
{
	va_list args;

	fprintf(stderr, "bench: %s: ", own_name);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	_exit(1);
}

void
bench_proclc(int rc, const char *what)
{
	if (rc < 0)
		bench_fatal("%s: %s", what, proclc_errmsg());
}

void
bench_libc(int rc, const char *what)
{
	if (rc < 0)
		bench_fatal("%s: %s", what, strerror(errno));
}

int64_t
bench_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* A whole message, or false: the other side is gone. */
static bool
receive(int fd, void *message, size_t size)
{
	ssize_t n;

	do
		n = read(fd, message, size);
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)size;
}

static bool
transmit(int fd, const void *message, size_t size)
{
	ssize_t n;

	do
		n = write(fd, message, size);
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)size;
}

static int64_t
run(const struct bench_case *of, unsigned n)
{
	int64_t start;

	if (of->run != NULL)
		return of->run(n);
	start = bench_now_ns();
	for (unsigned i = 0; i < n; i++)
		of->op();
	return bench_now_ns() - start;
}

static int64_t
obey(const struct bench_case *of, const struct order *order)
{
	int64_t value, start, least = INT64_MAX;

	if (order->count)
		return run(of, order->n);
	run(of, order->n / 8 + 1);
	start = bench_now_ns();
	for (int i = 0; i < PARTS && (i == 0 ||
	    (double)(bench_now_ns() - start) < round_ns * bench_share);
	    i++) {
		value = run(of, order->n);
		if (value < least)
			least = value;
	}
	return least;
}

static _Noreturn void
serve(const struct bench_case *of, int in, int out)
{
	struct answer answer = { .value = 0 };
	struct order order;
	const char *why = NULL;

	own_name = of->name;
	if (of->setup != NULL)
		why = of->setup();
	snprintf(answer.skipped, sizeof(answer.skipped), "%s",
	    why == NULL ? "" : why);
	transmit(out, &answer, sizeof(answer));
	while (receive(in, &order, sizeof(order))) {
		answer.value = obey(of, &order);
		transmit(out, &answer, sizeof(answer));
	}
	if (why == NULL && of->teardown != NULL)
		of->teardown();
	_exit(0);
}

static void
pin(int cpu)
{
	cpu_set_t set;

	if (cpu < 0)
		return;
	CPU_ZERO(&set);
	CPU_SET((size_t)cpu, &set);
	bench_libc(sched_setaffinity(0, sizeof(set), &set), "one cpu");
}

static bool
complain(const struct worker *w, const char *what)
{
	fprintf(stderr, "bench: %s: %s\n", w->of->name, what);
	return false;
}

/* What the worker says next. */
static bool
hear(const struct worker *w, struct answer *answer)
{
	struct pollfd entry = { .fd = w->from, .events = POLLIN };

	if (poll(&entry, 1, PATIENCE_MS) != 1)
		return complain(w, "no answer");
	if (!receive(w->from, answer, sizeof(*answer)))
		return complain(w, "its process is gone");
	return true;
}

bool
worker_start(struct worker *w, int cpu, const struct worker *others,
    size_t n_others)
{
	struct answer hello;
	int down[2], up[2];

	bench_libc(pipe(down), "pipe");
	bench_libc(pipe(up), "pipe");
	fflush(NULL);
	w->pid = fork();
	bench_libc(w->pid, "fork");
	if (w->pid == 0) {
		/* Held open here, they would outlive the one who orders. */
		for (size_t i = 0; i < n_others; i++) {
			close(others[i].to);
			close(others[i].from);
		}
		close(down[1]);
		close(up[0]);
		sigaction(SIGPIPE, &(struct sigaction){
		    .sa_handler = SIG_DFL }, NULL);
		pin(cpu);
		serve(w->of, down[0], up[1]);
	}
	close(down[0]);
	close(up[1]);
	w->to = down[1];
	w->from = up[0];
	if (!hear(w, &hello))
		return false;
	memcpy(w->skipped, hello.skipped, sizeof(w->skipped));
	return true;
}

bool
worker_measure(struct worker *w, bool count, int64_t *value)
{
	struct order order = { .n = w->n, .count = count };
	struct answer answer;

	if (!transmit(w->to, &order, sizeof(order)))
		return complain(w, "its process is gone");
	if (!hear(w, &answer))
		return false;
	*value = answer.value;
	return true;
}

/* Its pipe closed, it ends by itself; one that does not is no case of ours to
 * wait for. */
bool
worker_stop(struct worker *w)
{
	struct pollfd entry = { .fd = w->from, .events = POLLIN };
	bool good = true;
	int status;

	close(w->to);
	if (poll(&entry, 1, PATIENCE_MS) != 1 ||
	    (entry.revents & POLLHUP) == 0) {
		good = complain(w, "does not end");
		kill(w->pid, SIGKILL);
	}
	close(w->from);
	if (waitpid(w->pid, &status, 0) != w->pid || status != 0)
		good = good && complain(w, "has failed");
	w->pid = 0;
	return good;
}
