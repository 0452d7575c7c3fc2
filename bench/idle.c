/*
 * idle.c - how often a thread of the library wakes up while nothing happens.
 *
 * Counted, not timed: the switches of all threads but the one that counts.
 * None is to be seen.
 */
#include <config.h>

#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <proclc.h>

#include "bench.h"

/* A wait for nothing, at most so often, until the threads are at rest. */
enum { SETTLE_MS = 50, SETTLE_ROUNDS = 100 };

static struct proclc_sighandler *object;

static unsigned long
switches_in(const char *path)
{
	FILE *file = fopen(path, "re");
	unsigned long sum = 0, n;
	char line[256];

	/* A thread that has just ended. */
	if (file == NULL)
		return 0;
	while (fgets(line, sizeof(line), file) != NULL)
		if (sscanf(line, "voluntary_ctxt_switches: %lu", &n) == 1 ||
		    sscanf(line, "nonvoluntary_ctxt_switches: %lu", &n) == 1)
			sum += n;
	fclose(file);
	return sum;
}

static int64_t
switches_of_others(void)
{
	DIR *dir = opendir("/proc/self/task");
	char self[32], path[300];
	struct dirent *entry;
	int64_t sum = 0;

	if (dir == NULL)
		bench_libc(-1, "/proc/self/task");
	snprintf(self, sizeof(self), "%ld", (long)syscall(SYS_gettid));
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.' || strcmp(entry->d_name, self) == 0)
			continue;
		snprintf(path, sizeof(path), "/proc/self/task/%s/status",
		    entry->d_name);
		sum += (int64_t)switches_in(path);
	}
	closedir(dir);
	return sum;
}

static void
wait_ms(unsigned ms)
{
	struct timespec left = {
		.tv_sec = ms / 1000,
		.tv_nsec = (long)(ms % 1000) * 1000000,
	};

	while (nanosleep(&left, &left) != 0)
		continue;
}

/* n: milliseconds. */
static int64_t
count(unsigned n)
{
	int64_t before = -1, now = switches_of_others();

	for (int i = 0; i < SETTLE_ROUNDS && now != before; i++) {
		wait_ms(SETTLE_MS);
		before = now;
		now = switches_of_others();
	}
	wait_ms(n);
	return switches_of_others() - now;
}

static void *
wait_for_signal(void *unused)
{
	sigset_t all;
	siginfo_t info;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, NULL);
	while (sigwaitinfo(&all, &info) != 0)
		continue;
	return unused;
}

static const char *
make_thread(void)
{
	pthread_t id;

	if (pthread_create(&id, NULL, wait_for_signal, NULL) != 0)
		bench_fatal("no thread");
	return NULL;
}

static const char *
start_object(void)
{
	bench_proclc(proclc_sighandler_new(&object, NULL), "new");
	bench_proclc(proclc_sighandler_set(object, SIGUSR1,
	    PROCLC_SIGNAL_IGNORE, NULL), "set");
	bench_proclc(proclc_sighandler_start(object), "start");
	return NULL;
}

/* The deadline of exit handling needs the guard. */
static const char *
start_both(void)
{
	bench_proclc(proclc_atexit_install(NULL), "install");
	return start_object();
}

static void *
dispatch(void *unused)
{
	while (proclc_dispatch(PROCLC_FOREVER) == 0)
		continue;
	bench_fatal("dispatch: %s", proclc_errmsg());
	return unused;
}

static const char *
start_manual(void)
{
	int rc = proclc_set_dispatch_mode(PROCLC_DISPATCH_MANUAL);
	pthread_t id;

	if (rc == PROCLC_ENOTSUP)
		return "MANUAL is not to be had here";
	bench_proclc(rc, "MANUAL");
	start_object();
	if (pthread_create(&id, NULL, dispatch, NULL) != 0)
		bench_fatal("no thread");
	return NULL;
}

static const char *
start_watch(void)
{
	bench_proclc(proclc_exit_when_orphaned(), "exit when orphaned");
	return NULL;
}

static const struct bench_case
raw = { "sigwaitinfo thread", make_thread, NULL, count, NULL },
ours = { "handler object, THREAD", start_object, NULL, count, NULL },
guarded = { "and exit handling: guard", start_both, NULL, count, NULL },
manual = { "handler object, MANUAL", start_manual, NULL, count, NULL },
watch = { "watch of the parent", start_watch, NULL, count, NULL };

enum { N = 10000 };

const struct bench_row rows_idle[] = {
	{ "idle", &raw, &ours, N, 0, BENCH_COUNT },
	{ "idle", &raw, &guarded, N, 0, BENCH_COUNT },
	{ "idle", &raw, &manual, N, 0, BENCH_COUNT },
	{ "idle", &raw, &watch, N, 0, BENCH_COUNT },
	{ NULL, NULL, NULL, 0, 0, BENCH_MEDIAN }
};
